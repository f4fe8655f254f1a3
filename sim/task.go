package sim

import (
	"slices"

	corev1 "k8s.io/api/core/v1"

	"statefulsim/controller/store"
)

// task is the program of a Job's container: it works for a while and ends by itself. Nothing is written or read: what a backup
// holds is not modelled.
type task struct{ plain }

func (t task) boot() {
	w := t.p.world()
	w.after(w.latency("jobRun", t.p.name()), t.p.complete)
}

// stop gives up what was not finished: a program that does nothing about SIGTERM ends with 128 and the number of the signal.
func (t task) stop(func()) {
	w := t.p.world()
	w.after(w.latency("processStop", t.p.name()), func() {
		if !t.p.ended {
			t.p.end("exit", "Terminated", Normal)
			t.p.sandbox.machine.exited(t.p, 128+15, "Error")
		}
	})
}

// hasTask tells whether a container has the work of a Job to do: it is one of the main ones of a Job's pod.
func (s *sandbox) hasTask(name string) bool {
	return ownerOf(s.pod, store.Job) != "" &&
		slices.ContainsFunc(s.pod.Spec.Containers, func(c corev1.Container) bool { return c.Name == name })
}
