package sim

import (
	"cmp"
	"errors"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"

	"statefulsim/controller/endpoints"
	"statefulsim/controller/store"
	"statefulsim/network"
	"statefulsim/raftnode"
	"statefulsim/scenarios"
	"statefulsim/sim/check"
)

// client is somebody who uses a Service: at a steady pace it begins operations, each with a few attempts.
type client struct {
	w       *world
	number  int
	spec    scenarios.Client
	place   network.Place
	names   *network.Cache
	routes  store.View // what the proxy where the client stands knows of Services and endpoints
	last    time.Duration
	conn    string // the pod address of the connection that it has, or ""
	begun   uint64
	served  time.Duration // when an operation succeeded last or, before the first does, when the client begins
	outage  time.Duration // the longest time that has lain between two successes
	history []check.Operation
	open    map[string]check.Operation // writes that have no answer yet, by what they write
	result  ClientResult
}

// The pace of a client between two attempts, and how long it waits for a connection to a Service without endpoints.
const clientRetry = 100 * time.Millisecond

func (w *world) addClient(spec scenarios.Client) {
	c := &client{w: w, number: len(w.clients), spec: spec, place: network.Place{Client: spec.Name, Zone: spec.Zone},
		names: network.NewCache(cachedNames), result: ClientResult{Name: spec.Name}, served: spec.From, open: map[string]check.Operation{}}
	w.clients = append(w.clients, c)
	w.loop.Push(spec.From+1, c.tick)
}

func (c *client) actor() string { return "client/" + c.spec.Name }

// watch brings changes of Services and endpoints to the proxy where the client stands.
func (c *client) watch(change store.Change, cause int) {
	if change.Kind != store.EndpointSlice && change.Kind != store.Service {
		return
	}
	w := c.w
	w.because(cause, c.actor(), func() {
		delay := w.latency("watch", c.spec.Name) + w.latency("kubeProxy", c.spec.Name) + w.slowness(apiServer)
		c.last = max(w.loop.Now()+delay, c.last+1)
		w.after(c.last-w.loop.Now(), func() { c.routes.Follow(change) })
	})
}

// tick begins an operation, and the next one a while later: evenly spread around the rate, so that no two clients keep step.
func (c *client) tick() {
	w := c.w
	if c.spec.Until > 0 && w.loop.Now() >= c.spec.Until {
		return
	}
	pace := time.Duration(float64(time.Second) / c.spec.Rate)
	spread := time.Duration(w.dice.Throw("pace", c.spec.Name) % uint64(pace/2+1))
	w.loop.Push(w.loop.Now()+pace*3/4+spread, c.tick)
	c.begun++
	key := "k" + number(w.dice.Throw("key", c.spec.Name)%uint64(c.spec.Keys))
	w.because(0, c.actor(), func() { c.attempt(operation{key: key, name: c.spec.Name + "-" + number(c.begun), begun: w.loop.Now()}) })
}

// operation is what a client wants; each attempt at it counts as an operation of its own in the history, with a value of its
// own, because a repeated write is another write.
type operation struct {
	key, name string
	begun     time.Duration
	attempts  int
	unknown   bool // an earlier attempt may have happened
}

// attempt tries an operation once: over the connection that there is, or a new one.
func (c *client) attempt(op operation) {
	op.attempts++
	if c.conn != "" {
		c.exchange(op, c.conn)
		return
	}
	c.w.resolve(c.place, c.names, c.host(), func(ips []string, err error) {
		if err == nil {
			var ip string
			if ip, err = c.connect(ips); err == nil {
				c.conn = ip
				c.exchange(op, ip)
				return
			}
		}
		c.failed(op, err)
	})
}

func (c *client) host() string { return c.spec.Service + "." + c.spec.Namespace + ".svc.cluster.local" }

// connect picks the pod behind an address: one of a Service's endpoints if it is the Service's own address, as kube-proxy does
// for each new connection, or else the pod itself.
func (c *client) connect(ips []string) (string, error) {
	ip := ips[c.w.dice.Choose("address", c.spec.Name, len(ips))]
	service, ok := store.Get[*corev1.Service](&c.routes, c.spec.Namespace, c.spec.Service)
	if !ok || service.Spec.ClusterIP != ip {
		return ip, nil
	}
	routes := endpoints.Routes(&c.routes, service)
	if len(routes) == 0 {
		return "", errNoServer
	}
	return routes[c.w.dice.Choose("endpoint", c.spec.Name, len(routes))], nil
}

// exchange sends one attempt to a pod and takes its outcome.
func (c *client) exchange(op operation, ip string) {
	w, record := c.w, check.Operation{Client: c.number, Key: c.w.register(ip, op.key), Write: c.spec.Writes, Call: c.w.loop.Now()}
	var body any = read{key: op.key, stale: c.spec.Stale}
	kind := "read"
	if c.spec.Writes {
		record.Value = op.name + "." + strconv.Itoa(op.attempts)
		body, kind = write{key: op.key, value: record.Value}, "write"
	}
	if c.spec.Writes && record.Key != "" {
		record.Outcome = check.Unknown
		c.open[record.Value] = record
	}
	w.request(c.place, ip, kind, body, c.spec.Timeout, func(answer any, err error) {
		delete(c.open, record.Value)
		record.Return, record.Outcome = w.loop.Now(), check.Acknowledged
		if err == nil {
			c.succeeded(op, ip, kind, record, answer)
			return
		}
		if c.conn == ip {
			c.conn = ""
		}
		record.Outcome = check.Failed
		if errors.Is(err, errTimeout) || errors.Is(err, errReset) || errors.Is(err, errMaybe) {
			record.Outcome = check.Unknown
			op.unknown = c.spec.Writes
		}
		c.remember(record)
		c.failed(op, err)
	})
}

func (c *client) succeeded(op operation, ip, kind string, record check.Operation, answer any) {
	w := c.w
	if a, ok := answer.(raftnode.Answer); ok && !c.spec.Writes {
		record.Value = a.Value
	}
	c.remember(record)
	c.result.Acknowledged++
	c.outage, c.served = c.longestOutage(), w.loop.Now()
	w.judge.touch(clients)
	pod := ip
	if s := w.sandboxes[ip]; s != nil {
		pod = s.name()
	}
	seq := w.tell(Event{Verb: "ack", Kind: "Request", Name: op.name, Reason: kind, Detail: op.key + " by " + pod, Level: Detail})
	c.over(op, check.Acknowledged)
	if c.spec.Writes {
		w.because(seq, c.actor(), func() { w.failovers.acknowledged(w, c, pod, seq) })
	}
}

// longestOutage is the longest time without a success so far, with that which goes on now.
func (c *client) longestOutage() time.Duration {
	now := c.w.loop.Now()
	if until := c.spec.Until; until > 0 && now > until {
		now = until
	}
	return max(c.outage, now-c.served)
}

// failed tries again, or gives the operation up.
func (c *client) failed(op operation, err error) {
	w := c.w
	w.tell(Event{Verb: "fail", Kind: "Request", Name: op.name, Reason: "Attempt", Detail: err.Error(), Level: Detail})
	if op.attempts <= c.spec.Retries {
		w.after(clientRetry, func() { c.attempt(op) })
		return
	}
	w.judge.touch(clients)
	if op.unknown {
		c.result.Unknown++
		c.over(op, check.Unknown)
	} else {
		c.result.Failed++
		c.over(op, check.Failed)
	}
}

// over keeps an operation that has come to its end in the recording.
func (c *client) over(op operation, outcome check.Outcome) {
	c.w.rec.Requests = append(c.w.rec.Requests, Request{Client: c.number, From: op.begun, Until: c.w.loop.Now(), Outcome: outcome})
}

// register names a register of the set whose pod has the address, or is "" if that pod keeps none.
func (w *world) register(ip, key string) string {
	s := w.sandboxes[ip]
	if s == nil || s.runs.Kind != scenarios.Raft && s.runs.Kind != scenarios.Replicated {
		return ""
	}
	return registerOf(s.set, key)
}

func registerOf(set store.Key, key string) string { return set.Namespace + "/" + set.Name + "/" + key }

// remember keeps an attempt for the judges. What a follower answers from its own state promises nothing.
func (c *client) remember(record check.Operation) {
	if !c.spec.Stale && record.Key != "" {
		c.history = append(c.history, record)
	}
}

// unanswered are the writes under way, in the order in which they began. They may have taken effect already.
func (c *client) unanswered() []check.Operation {
	return slices.SortedFunc(maps.Values(c.open), func(a, b check.Operation) int {
		return cmp.Or(cmp.Compare(a.Call, b.Call), strings.Compare(a.Value, b.Value))
	})
}
