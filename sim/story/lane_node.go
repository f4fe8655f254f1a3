package story

import (
	corev1 "k8s.io/api/core/v1"

	"statefulsim/controller/condition"
	"statefulsim/controller/store"
	"statefulsim/sim"
)

// outages are what ends a machine, by the verb of the event.
var outages = map[string]string{"crash": "no power", "reboot": "reboots"}

// machine takes in that a machine went down or came back.
func (l *loom) machine(e *sim.Event) {
	l.down[e.Name] = outages[e.Verb]
	l.node(e.Name)
}

// node takes in that something happened to a node or its machine.
func (l *loom) node(name string) {
	if down := l.down[name]; down != "" {
		l.become(l.nodes, name, Failed, down)
		return
	}
	node, ok := store.Get[*corev1.Node](l.view, "", name)
	if !ok {
		l.end(l.nodes, name)
		return
	}
	state, text := nodeState(node)
	l.become(l.nodes, name, state, text)
}

// nodeState sorts a node whose machine runs.
func nodeState(node *corev1.Node) (state State, text string) {
	state, text = Serving, "Ready"
	switch ready := condition.Node(&node.Status, corev1.NodeReady); {
	case ready == nil:
		state, text = Unready, "not Ready"
	case ready.Status != corev1.ConditionTrue:
		state, text = Unready, "not Ready: "+string(ready.Status)
	case node.Spec.Unschedulable:
		state = Apart
	}
	if node.Spec.Unschedulable {
		text += ", cordoned"
	}
	return state, text
}
