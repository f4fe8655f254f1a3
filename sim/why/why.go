// Package why answers "why is it stuck?": it looks at one instant of a recorded run and finds what waits for something that
// will not come by itself, or only after long, which rule of Kubernetes or of raft holds it back, what led to that, and which
// command cures it. In a world that is well, or on its way, it finds nothing.
package why

import (
	"time"

	corev1 "k8s.io/api/core/v1"

	"statefulsim/controller/store"
	"statefulsim/sim"
)

// Finding is one thing that is stuck.
type Finding struct {
	Object  string        `json:"object"`  // kind and name, "Pod mysql-1", with its namespace in front of the name unless that is "default"
	State   string        `json:"state"`   // as kubectl shows it
	Since   time.Duration `json:"-"`       // since when it waits, counted from the start of the run
	Rule    string        `json:"rule"`    // what holds it back
	Source  string        `json:"source"`  // where upstream has that rule: a file and its function, or a page of the documentation
	Details []string      `json:"details"` // what was seen that the rule was applied to; may be empty
	Because string        `json:"because"` // the step of the scenario that the chain begins with; "" if it begins with none
	Chain   []Step        `json:"chain"`   // from the first cause to the last event about it
	Cure    []string      `json:"cure"`    // commands, each with what it risks behind a #; the first is the one to try
	Links   []string      `json:"links"`   // where it is known
	Forever bool          `json:"forever"` // nothing that is under way ends it
	Until   string        `json:"until"`   // what ends it, and when; "" if Forever

	from []int         // the events that the chain is read back from
	due  time.Duration // when Until comes; 0 if that is not known
}

// Step is one event of a chain of causes.
type Step struct {
	Seq   int           `json:"seq"` // its number in the trace
	At    time.Duration `json:"-"`   // counted from the start of the run
	Actor string        `json:"actor"`
	What  string        `json:"what"`
}

// patience is how long something may be on its way before it counts as stuck, where the rule alone does not tell that it is:
// longer than a pod of the default latencies needs to start.
const patience = 30 * time.Second

// aboutPods are the rules that can hold up a pod. The first that applies explains it.
var aboutPods = []func(*scene, *corev1.Pod) *Finding{
	keptByFinalizers, keptBySilentNode, overdue,
	volumeElsewhere, noNode, notLookedAt,
	attachedElsewhere, notAttached,
	noImage, killedByProbe, crashLoop,
	onSilentNode, deadlocked, unheardPeers, leaderless, neverReady, notStarted,
}

// aboutTheRest are the rules that hold up anything else. They may build upon what was found before them.
var aboutTheRest = []func(*scene){
	noVolume, claimInUse,
	orderedCreation, brokenRollout, parallelRollout, unavailableYet, scaleDown, claimGoing, unattended, heldByPartition, onDelete,
	noLeader,
	refusedEvictions,
	silentNodes,
	waitingCommands,
}

// At finds what was stuck at an instant of a run; one beyond its end means its end. The findings come in an order in which the
// root of a trouble stands before what waits for it: pods, claims, StatefulSets, evictions, nodes, commands. Namespaces and names order
// those of one kind.
func At(rec *sim.Recording, at time.Duration) []Finding {
	s := newScene(rec, at)
	if s == nil {
		return nil
	}
	for pod := range store.All[*corev1.Pod](s.view) {
		for _, judge := range aboutPods {
			if f := judge(s, pod); f != nil {
				f.from = append(f.from, s.before(pod))
				s.add(objectOf(pod), *f)
				break
			}
		}
	}
	for _, judge := range aboutTheRest {
		judge(s)
	}
	return s.findings
}
