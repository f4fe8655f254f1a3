package battery

import (
	"fmt"
	"strings"

	corev1 "k8s.io/api/core/v1"
)

// client is somebody who uses a Service of the sets.
type client struct {
	name    string
	service *corev1.Service
	verb    string // writes or reads
	stale   bool
}

// pace is how many operations a client begins in a second.
const pace = 2

// takeClients puts a client before each Service that the sets' pods serve. A headless one has a client only if its set has no other.
func (st *stage) takeClients() {
	var headless []*corev1.Service
	for _, m := range st.objects {
		service, is := m.Object.(*corev1.Service)
		switch {
		case !is:
		case service.Spec.ClusterIP == corev1.ClusterIPNone:
			headless = append(headless, service)
		default:
			st.serve(service)
		}
	}
	for _, service := range headless {
		for i := range st.sets {
			if s := &st.sets[i]; s.replicas > 0 && !s.served && selects(service, s, "") {
				st.serve(service)
				break
			}
		}
	}
	for i := range st.sets {
		if s := &st.sets[i]; s.replicas > 0 && !s.served {
			st.assume("no Service leads to %s: what is judged are its pods alone", s.Name)
		}
	}
	if len(st.clients) > 0 {
		st.assume("the clients stand outside the cluster, and each begins %d operations a second: %s", pace, st.list())
	}
}

// serve adds a client of the Service, if the pods of a set serve it.
func (st *stage) serve(service *corev1.Service) {
	for i := range st.sets {
		s := &st.sets[i]
		c := client{name: strings.ReplaceAll(display(service.Namespace, service.Name), "/", "-"), service: service, verb: "reads"}
		switch asIs := selects(service, s, ""); {
		case s.replicas == 0:
			continue
		case asIs && writable(service.Name):
			c.verb = "writes"
		case asIs:
			c.stale = s.leads()
		case s.leads() && selects(service, s, primary):
			c.verb = "writes"
		case s.leads() && selects(service, s, replica) && s.replicas > 1:
			c.stale = true
		default:
			continue
		}
		st.clients = append(st.clients, c)
		s.served = true
		return
	}
}

// writable tells whether a Service is for writers, by the names that people use.
func writable(name string) bool {
	for _, suffix := range []string{"-primary", "-rw", "-write", "-master", "-leader"} {
		if strings.HasSuffix(name, suffix) {
			return true
		}
	}
	return false
}

func (st *stage) list() string {
	all := make([]string, len(st.clients))
	for i, c := range st.clients {
		all[i] = display(c.service.Namespace, c.service.Name) + " (" + c.verb + ")"
	}
	return strings.Join(all, ", ")
}

// line is the client as a scenario writes it.
func (c *client) line() string {
	stale := ""
	if c.stale {
		stale = ", stale: true"
	}
	return fmt.Sprintf("{name: %q, %s: %q, namespace: %q, rate: %d%s}", c.name, c.verb, c.service.Name, c.service.Namespace, pace, stale)
}
