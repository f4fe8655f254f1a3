package battery

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"statefulsim/scenarios/words"
)

// Drill is one kind of trouble. It is run once for each thing that it can hit.
type Drill struct {
	ID   string
	What string // what happens, as one clause
	Why  string // why it matters, as a sentence

	hits   func(*Battery) []target
	steps  func(*Battery, target) []string // as a scenario writes them
	length time.Duration                   // from the first step until the last fault is over or the last command has ended, at most
}

// target is what a run of a drill hits.
type target struct {
	name string // for people: "mysql-0", "node-a-1 (mysql-0)"; "" if there is only one
	what string // its name in a step
	set  *set   // that it is, or belongs to; nil for what belongs to none
}

// run is one run of a drill.
type run struct {
	drill            *Drill
	target, set      string // for people
	steps            []string
	at               time.Duration // when the drill begins
	length, patience time.Duration
}

// starting is the drill in which nothing goes wrong. All others begin where it ends.
var starting = Drill{ID: "start", What: "everything is created in an empty cluster, and nothing goes wrong",
	Why: "What never starts cannot be tried: the other drills are run only if all pods become Ready and all clients are served."}

func (d *Drill) runs(b *Battery) []run {
	var all []run
	for _, t := range d.hits(b) {
		r := run{drill: d, target: t.name, steps: d.steps(b, t), at: b.began, length: d.length, patience: b.stage.patience()}
		if t.set != nil {
			r.set = display(t.set.Namespace, t.set.Name)
		}
		all = append(all, r)
	}
	return all
}

// chosen finds drills by their ids.
func chosen(ids []string) (found []*Drill, err error) {
	known := make([]string, len(drills))
	for i := range drills {
		known[i] = drills[i].ID
		if ids == nil {
			found = append(found, &drills[i])
		}
	}
	for _, id := range ids {
		i := slices.Index(known, id)
		if i < 0 {
			return nil, fmt.Errorf("there is no drill %s: %s", words.Quoted(id), words.DidYouMean(id, known))
		}
		found = append(found, &drills[i])
	}
	return found, nil
}

// step writes one that begins so long after the drill does. what is its action, with other keys before it where it has any.
func (b *Battery) step(later time.Duration, what string) string {
	return fmt.Sprintf("{at: %v, optional: true, %s}", b.began+later, what)
}

// kubectl writes a command for the namespace of the target's set.
func (b *Battery) kubectl(later time.Duration, t target, command string) string {
	return b.step(later, fmt.Sprintf("kubectl: %q", command+" -n "+t.set.Namespace))
}

// members are the pods of a set that drills hit one by one: all of a small one, or else the first, the middle and the last.
func (s *set) members() []int {
	const most = 3
	if s.replicas > most {
		return []int{0, s.replicas / 2, s.replicas - 1}
	}
	all := make([]int, s.replicas)
	for i := range all {
		all[i] = i
	}
	return all
}

// eachPod hits the pods.
func eachPod(b *Battery) (targets []target) {
	for i := range b.stage.sets {
		s := &b.stage.sets[i]
		for _, m := range s.members() {
			targets = append(targets, target{display(s.Namespace, s.pod(m)), s.pod(m), s})
		}
	}
	return targets
}

// eachDisk hits the pods that keep something on a volume.
func eachDisk(b *Battery) (targets []target) {
	for _, t := range eachPod(b) {
		if t.set.leads() && len(t.set.Spec.VolumeClaimTemplates) > 0 {
			targets = append(targets, t)
		}
	}
	return targets
}

// eachNode hits the nodes of those pods, and eachZone their zones.
func eachNode(b *Battery) []target { return b.under(func(p place) string { return p.node }) }
func eachZone(b *Battery) []target { return b.under(func(p place) string { return p.zone }) }

// under lists the places in which the pods run that drills hit, each once, with the pods there.
func (b *Battery) under(where func(place) string) (targets []target) {
	pods := map[string][]string{}
	for _, t := range eachPod(b) {
		at := where(b.places[t.set.Namespace+"/"+t.what])
		if pods[at] == nil {
			targets = append(targets, target{what: at})
		}
		pods[at] = append(pods[at], t.name)
	}
	for i := range targets {
		targets[i].name = targets[i].what + " (" + strings.Join(pods[targets[i].what], ", ") + ")"
	}
	return targets
}

// eachSet hits the sets that have pods, and eachLargeSet those that have several.
func eachSet(b *Battery) []target      { return b.setsOf(1) }
func eachLargeSet(b *Battery) []target { return b.setsOf(2) }

func (b *Battery) setsOf(least int) (targets []target) {
	for i := range b.stage.sets {
		if s := &b.stage.sets[i]; s.replicas >= least {
			targets = append(targets, target{display(s.Namespace, s.Name), s.Name, s})
		}
	}
	return targets
}

// everything is hit once.
func everything(*Battery) []target { return []target{{}} }

// allPods names the pods of all sets, for a step.
func (b *Battery) allPods() string {
	var all []string
	for i := range b.stage.sets {
		s := &b.stage.sets[i]
		for m := range s.replicas {
			all = append(all, s.pod(m))
		}
	}
	return strings.Join(all, " and ")
}
