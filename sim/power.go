package sim

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"time"

	corev1 "k8s.io/api/core/v1"

	"statefulsim/controller/store"
	"statefulsim/scenarios"
)

// outage is why a machine is down.
type outage struct {
	step   string // whose end brings it back; "" once that has come
	reboot bool   // it was shut down, and will be back by itself
	seq    int    // the event
}

// down takes the machines of a target down: by a loss of power, or for a reboot.
func (w *world) down(t scenarios.Target, why outage) error {
	machines, err := w.machinesOf(t)
	if err != nil {
		return err
	}
	machines = slices.DeleteFunc(machines, func(m *machine) bool { return m.down != nil })
	if len(machines) == 0 {
		return fmt.Errorf("%s is down already", t.Text)
	}
	for _, m := range machines {
		m.goDown(why)
	}
	return nil
}

// downBy lists the machines that a step took down.
func (w *world) downBy(step string) (machines []*machine) {
	for _, m := range w.machines {
		if m.down != nil && m.down.step == step {
			machines = append(machines, m)
		}
	}
	return machines
}

// goDown ends all that runs on the machine. Before a reboot the connections of its processes are closed. When the power
// fails nobody hears of it: whoever waits for an answer waits until he gives up. What was not synced to a volume is lost
// either way: a write that is acknowledged was synced.
func (m *machine) goDown(why outage) {
	w := m.w
	verb, reason := "crash", "PowerLost"
	if why.reboot {
		verb, reason = "reboot", "Reboot"
	} else {
		m.down = &why
	}
	why.seq = w.tell(Event{Verb: verb, Kind: "Machine", Name: m.place.Node, Reason: reason, Level: Headline})
	w.because(why.seq, "machine/"+m.place.Node, func() {
		for _, p := range m.running() {
			p.end("kill", reason, Normal)
		}
		m.down = &why
		m.silence()
		m.kubelet.Restart(w.now())
	})
}

// running lists the processes on the machine, in the order in which they started.
func (m *machine) running() (all []*process) {
	for _, s := range m.pods {
		all = slices.AppendSeq(all, maps.Values(s.processes))
	}
	slices.SortFunc(all, func(a, b *process) int { return cmp.Compare(a.birth, b.birth) })
	return all
}

// silence forgets what a machine keeps in its memory: what its kubelet was about to do, mounts, and addresses.
func (m *machine) silence() {
	m.life++
	m.beat.Cancel()
	for _, e := range m.syncs {
		e.Cancel()
	}
	clear(m.syncs)
	for _, s := range m.pods {
		delete(m.w.sandboxes, s.ip)
	}
	clear(m.pods)
	m.cache, m.behind = store.View{}, true
}

// restore gives the machine its power back, or ends its reboot. The kubelet runs again a while after the power is back; how
// long a reboot takes is the step's affair.
func (m *machine) restore() {
	w := m.w
	boot := func() {
		seq := w.tell(Event{Verb: "boot", Kind: "Machine", Name: m.place.Node, Reason: "Booted", Level: Headline})
		w.because(seq, m.actor(), m.boot)
	}
	if m.down.reboot {
		boot()
		return
	}
	m.down.step = "" // it is on its way
	w.after(w.latency("nodeBoot", m.place.Node), boot)
}

// boot starts the kubelet of a machine that was down: it registers its node, hears which pods it is to run, and shows that it
// lives (pkg/kubelet/kubelet.go:Run).
func (m *machine) boot() {
	m.down = nil
	m.registered = false
	m.register(firstRegistration)
	m.list()
}

// How long the kubelet waits before it tries to register its node, at first and at most
// (pkg/kubelet/kubelet_node_status.go:registerWithAPIServer).
const (
	firstRegistration = 100 * time.Millisecond
	lastRegistration  = 7 * time.Second
)

// register makes the node known to the API server, and tries again until it has an answer. Only then does the heart beat. A
// kubelet does this once in its life: when its Node object is deleted later, it does not make another.
func (m *machine) register(wait time.Duration) {
	life := m.life
	m.alive(wait, func() {
		if m.registered {
			return
		}
		m.call("registration", func(api *store.Client) {
			m.enroll(api)
			m.w.send(controlPlane, m.place, "registration answer", func() {
				if m.life == life && !m.registered {
					m.registered = true
					m.heartbeat()
				}
			})
		})
		m.register(min(2*wait, lastRegistration))
	})
}

// enroll creates the Node object if there is none. A new one is tainted until the node lifecycle controller has seen that it
// is ready (plugin/pkg/admission/nodetaint/admission.go:Admit). One that is there is told of the reboot
// (pkg/kubelet/nodestatus/setters.go:MachineInfo).
func (m *machine) enroll(api *store.Client) {
	node := nodeObject(m.spec, m.w.scenario.Kubernetes)
	m.w.kubernetesEvent(node, corev1.EventTypeNormal, "Starting", "Starting kubelet.")
	if _, known := store.Get[*corev1.Node](api.View(), "", node.Name); known {
		m.w.kubernetesEvent(node, corev1.EventTypeWarning, "Rebooted",
			"Node "+node.Name+" has been rebooted, boot id: "+m.bootID())
		return
	}
	node.Spec.Taints = append(node.Spec.Taints, corev1.Taint{Key: corev1.TaintNodeNotReady, Effect: corev1.TaintEffectNoSchedule})
	m.write(api.Create(node))
}

// bootID names this life of the machine's kernel.
func (m *machine) bootID() string {
	a, b := m.w.dice.Throw("boot", m.place.Node), m.w.dice.Throw("boot", m.place.Node)
	return fmt.Sprintf("%08x-%04x-4%03x-8%03x-%012x", a>>32, a>>16&0xffff, a&0xfff, b>>48&0xfff, b&0xffffffffffff)
}

// alive queues something for a while later that happens only if the machine has not gone down by then.
func (m *machine) alive(d time.Duration, f func()) {
	life := m.life
	m.w.after(d, func() {
		if m.life == life {
			f()
		}
	})
}
