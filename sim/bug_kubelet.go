package sim

import (
	"time"

	corev1 "k8s.io/api/core/v1"

	"statefulsim/controller/kubelet"
)

var kubeletBugs = []Bug{
	{"kubelet-does-not-wait-for-the-end", "The kubelet takes a container for ended when it has sent SIGTERM: it lets the pod go while its process still runs.",
		"one-process-per-identity", onMachines(func(m *machine) kubelet.Node { return hasty{machine: m} })},
	{"kubelet-does-not-wait-for-sigkill", "The kubelet starts a container anew as soon as it has sent SIGKILL to the old one, which ends two seconds later.",
		"one-process-per-identity", onMachines(func(m *machine) kubelet.Node { return hasty{machine: m, kills: true} })},
	{"kubelet-forgets-what-runs", "A kubelet that is started anew takes the containers that run for ended, and starts each once more.",
		"one-process-per-identity", onMachines(func(m *machine) kubelet.Node { return &forgetful{machine: m} })},
}

// onMachines has each kubelet work on something that stands before its machine.
func onMachines(around func(*machine) kubelet.Node) func(*world) {
	return func(w *world) {
		for _, m := range w.machines {
			m.kubelet = kubelet.New(m.config(), around(m))
		}
	}
}

// hasty is a machine whose kubelet does not wait for the end of what it has sent a signal.
type hasty struct {
	*machine
	kills bool // the signal is SIGKILL, and else SIGTERM
}

func (h hasty) Start(pod *corev1.Pod, container string, restart int32) kubelet.Process {
	p := h.sandbox(pod).start(container, restart)
	if h.kills {
		return lingering{p}
	}
	return dismissed{p}
}

// dismissed is a process that counts as ended when it has SIGTERM.
type dismissed struct{ *process }

func (d dismissed) Stop() {
	d.process.Stop()
	m := d.sandbox.machine
	m.w.after(2, func() {
		if !d.ended {
			m.exited(d.process, 0, "Completed")
		}
	})
}

// lingering is a process that ends a while after SIGKILL.
type lingering struct{ *process }

func (l lingering) Kill() {
	m := l.sandbox.machine
	if m.down != nil {
		l.process.Kill()
		return
	}
	m.w.after(2*time.Second, l.process.Kill)
}

// forgetful is a machine whose kubelet does not know, when it is started anew, what runs there.
type forgetful struct {
	*machine
	known int // the machine's life that it has seen
}

func (f *forgetful) RenewLease() {
	f.machine.RenewLease()
	if f.known == f.life {
		return
	}
	f.known = f.life
	for _, p := range f.running() {
		f.w.after(1, func() {
			if !p.ended {
				f.exited(p, 137, "Error")
			}
		})
	}
}
