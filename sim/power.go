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

// doToMachines takes the machines of a target down, by a loss of power or for a reboot, or restarts their kubelets.
func (w *world) doToMachines(action scenarios.Action, step string) (undo func(), err error) {
	switch a := action.(type) {
	case scenarios.Crash:
		return w.down(a.Target, outage{step: step})
	case scenarios.Reboot:
		return w.down(a.Target, outage{step: step, reboot: true})
	}
	return nil, w.restartKubelets(action.(scenarios.RestartKubelet).Target)
}

// down takes the machines of a target down. undo brings those back that are still down because of it.
func (w *world) down(t scenarios.Target, why outage) (undo func(), err error) {
	machines, err := w.machinesOf(t)
	if err != nil {
		return nil, err
	}
	machines = slices.DeleteFunc(machines, func(m *machine) bool { return m.down != nil })
	if len(machines) == 0 {
		return nil, fmt.Errorf("%s is down already", t.Text)
	}
	for _, m := range machines {
		m.goDown(why)
	}
	return func() {
		for _, m := range machines {
			m.restore()
		}
	}, nil
}

// goDown ends all that runs on the machine. Before a reboot the connections of its processes are closed. When the power
// fails nobody hears of it: whoever waits for an answer waits until he gives up. What was not synced to a volume is lost
// then; a write that is acknowledged was synced, unless the disk lied.
func (m *machine) goDown(why outage) {
	w := m.w
	verb, reason := "crash", "PowerLost"
	if why.reboot {
		verb, reason = "reboot", "Reboot"
	} else {
		m.down = &why
	}
	w.judge.touch(nodes)
	why.seq = w.tell(Event{Verb: verb, Kind: "Machine", Name: m.place.Node, Reason: reason, Level: Headline})
	w.because(why.seq, "machine/"+m.place.Node, func() {
		for _, p := range m.running() {
			p.end("kill", reason, Normal)
		}
		m.powerless(why.reboot)
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
	m.forgetPlans()
	for _, s := range m.pods {
		delete(m.w.sandboxes, s.ip)
	}
	clear(m.pods)
}

// forgetPlans forgets what the kubelet knew and was about to do. Until it has listed again it works at nothing.
func (m *machine) forgetPlans() {
	m.life++
	m.beat.Cancel()
	for _, e := range m.syncs {
		e.Cancel()
	}
	clear(m.syncs)
	m.cache, m.behind, m.listing = store.View{}, true, true
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

// boot starts the kubelet of a machine that was down.
func (m *machine) boot() {
	m.down, m.rebooted = nil, true
	m.w.judge.touch(nodes)
	m.begin()
}

// begin is the start of the kubelet: it registers its node, hears which pods it is to run, and shows that it lives
// (pkg/kubelet/kubelet.go:Run).
func (m *machine) begin() {
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
					m.registered, m.rebooted = true, false
					m.heartbeat()
				}
			})
		})
		m.register(min(2*wait, lastRegistration))
	})
}

// enroll creates the Node object if there is none. A new one is tainted until the node lifecycle controller has seen that it
// is ready (plugin/pkg/admission/nodetaint/admission.go:Admit). One that is there is told of a reboot
// (pkg/kubelet/nodestatus/setters.go:MachineInfo).
func (m *machine) enroll(api *store.Client) {
	node := nodeObject(m.spec, m.w.scenario.Kubernetes)
	m.w.kubernetesEvent(node, corev1.EventTypeNormal, "Starting", "Starting kubelet.")
	if _, known := store.Get[*corev1.Node](api.View(), "", node.Name); known {
		if !m.rebooted {
			return
		}
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
