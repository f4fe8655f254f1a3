package compare

import (
	"slices"

	"statefulsim/conformance/model"
	"statefulsim/conformance/oracle"
	"statefulsim/conformance/vector"
	"statefulsim/controller/statefulset"
)

// Shrink makes a difference as small as it can be made by leaving things out and by making values plain, as long as upstream
// and the model differ. It looks at the model's decision on the whole state, not at the incremental one.
func Shrink(d *Difference, gates statefulset.Gates) *Difference {
	best, found := again(d.Line, gates)
	if !found {
		return d
	}
	for smaller := true; smaller; {
		smaller = false
		for _, line := range simpler(best.Line) {
			if next, found := again(line, gates); found {
				best, smaller = next, true
				break
			}
		}
	}
	return best
}

// again asks both about a sync.
func again(line vector.Line, gates statefulset.Gates) (*Difference, bool) {
	out, theirs := oracle.Sync(&line.In, line.Faults)
	got, ours := model.Decide(&line.In, line.Faults, gates)
	line.Out = out
	said := differences(out, got, theirs, ours, "")
	return &Difference{line, said}, len(said) > 0
}

// simpler lists what a line can be reduced to in one step.
func simpler(line vector.Line) (all []vector.Line) {
	add := func(change func(*vector.Line)) {
		next := line
		change(&next)
		all = append(all, next)
	}
	for i := range line.In.Pods {
		add(func(l *vector.Line) { l.In.Pods = slices.Delete(slices.Clone(l.In.Pods), i, i+1) })
	}
	for i := range line.In.Claims {
		add(func(l *vector.Line) { l.In.Claims = slices.Delete(slices.Clone(l.In.Claims), i, i+1) })
	}
	for i := range line.In.Revisions {
		add(func(l *vector.Line) { l.In.Revisions = slices.Delete(slices.Clone(l.In.Revisions), i, i+1) })
	}
	for i := range line.Faults {
		add(func(l *vector.Line) { l.Faults = slices.Delete(slices.Clone(l.Faults), i, i+1) })
	}
	for _, change := range plainer(line.In.Set) {
		add(func(l *vector.Line) { change(&l.In.Set) })
	}
	return all
}

// plainer lists the changes that make a set plainer, those left out that change nothing.
func plainer(set vector.Set) (changes []func(*vector.Set)) {
	add := func(changes_ bool, change func(*vector.Set)) {
		if changes_ {
			changes = append(changes, change)
		}
	}
	add(set.Replicas > 0, func(s *vector.Set) { s.Replicas-- })
	add(set.Start != 0, func(s *vector.Set) { s.Start = 0 })
	add(set.Policy == "Parallel", func(s *vector.Set) { s.Policy = "OrderedReady" })
	add(set.MinReadySeconds != 0, func(s *vector.Set) { s.MinReadySeconds = 0 })
	add(len(set.ClaimTemplates) > 0, func(s *vector.Set) { s.ClaimTemplates = s.ClaimTemplates[:len(s.ClaimTemplates)-1] })
	add(set.WhenDeleted == "Delete", func(s *vector.Set) { s.WhenDeleted = "Retain" })
	add(set.WhenScaled == "Delete", func(s *vector.Set) { s.WhenScaled = "Retain" })
	add(set.RevisionHistoryLimit != 10, func(s *vector.Set) { s.RevisionHistoryLimit = 10 })
	add(set.Deleting, func(s *vector.Set) { s.Deleting = false })
	if r := set.RollingUpdate; r != nil {
		add(r.Partition != 0, func(s *vector.Set) { s.RollingUpdate = &vector.RollingUpdate{MaxUnavailable: r.MaxUnavailable} })
		add(r.MaxUnavailable != "", func(s *vector.Set) { s.RollingUpdate = &vector.RollingUpdate{Partition: r.Partition} })
	}
	return changes
}
