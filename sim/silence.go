package sim

import (
	corev1 "k8s.io/api/core/v1"

	"statefulsim/controller/condition"
	"statefulsim/controller/store"
)

// nodeLifecycle is the actor that calls nodes Unknown.
const nodeLifecycle = "node-lifecycle-controller"

// told tells a change of the API server's content. What the node lifecycle controller does to a node that fell silent, and to
// its pods, it does because of what silenced the node, of which it cannot know.
func (w *world) told(c store.Change) (seq int) {
	m, cause := w.machineOf[nodeOf(c.Object())], w.cause
	if m == nil {
		return w.tell(describe(c))
	}
	fell := false
	if node, ok := c.New.(*corev1.Node); ok {
		ready := condition.Node(&node.Status, corev1.NodeReady)
		fell = m.unheard == 0 && ready != nil && ready.Status == corev1.ConditionUnknown
		if ready != nil && ready.Status != corev1.ConditionUnknown {
			m.unheard = 0
		}
	}
	if w.actor == nodeLifecycle {
		cause = max(cause, m.unheard)
		if fell {
			cause = max(cause, m.silencedBy())
		}
	}
	w.because(cause, w.actor, func() { seq = w.tell(describe(c)) })
	if fell {
		m.unheard = seq
	}
	return seq
}

// silencedBy is the event because of which nothing is heard of a machine: it went down, or was cut off. It is 0 if there is none.
func (m *machine) silencedBy() int {
	if m.down != nil {
		return m.down.seq
	}
	for _, cut := range m.w.cuts {
		if cut.touches(m.place) {
			return cut.seq
		}
	}
	return 0
}
