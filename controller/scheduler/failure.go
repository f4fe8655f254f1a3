package scheduler

import (
	"slices"
	"strconv"
	"strings"
)

// failure is why an attempt found no node.
type failure struct {
	message string
	by      plugin // the plugins that refused: what may help comes from what they look at
}

// diagnosis collects the reasons over the nodes.
type diagnosis struct {
	reasons map[string]int
	curable int // nodes that would do if other pods were not there
	by      plugin
}

func (d *diagnosis) add(v verdict, by plugin) {
	for _, reason := range v.reasons {
		d.reasons[reason]++
	}
	if v.curable {
		d.curable++
	}
	d.by |= by
}

// failure words the diagnosis as Kubernetes does: every reason with the number of its nodes, sorted as text, and what
// preemption came to (pkg/scheduler/framework/types.go:FitError.Error).
func (d *diagnosis) failure(nodes int) *failure {
	message := available(nodes) + " " + histogram(d.reasons) + ". " + preemption(nodes, d.curable)
	return &failure{message: message, by: d.by}
}

// nowhere is the failure of a pod that no node can help.
func nowhere(nodes int, reason string, by plugin) *failure {
	return &failure{message: available(nodes) + " " + reason + ". " + preemption(nodes, 0), by: by}
}

func available(nodes int) string { return "0/" + strconv.Itoa(nodes) + " nodes are available:" }

// preemption words that no pod is evicted for this one. There are no priorities here, so there are never victims: on a
// node that other pods occupy none is found, and on any other preemption would not help
// (pkg/scheduler/framework/preemption/preemption.go, plugins/defaultpreemption/default_preemption.go).
func preemption(nodes, curable int) string {
	outcome := map[string]int{}
	if curable > 0 {
		outcome["No preemption victims found for incoming pod"] = curable
	}
	if nodes > curable {
		outcome["Preemption is not helpful for scheduling"] = nodes - curable
	}
	return "preemption: " + available(nodes) + " " + histogram(outcome) + "."
}

func histogram(reasons map[string]int) string {
	lines := make([]string, 0, len(reasons))
	for reason, nodes := range reasons {
		lines = append(lines, strconv.Itoa(nodes)+" "+reason)
	}
	slices.Sort(lines)
	return strings.Join(lines, ", ")
}
