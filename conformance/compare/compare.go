// Package compare holds the model beside Kubernetes' controller: sync by sync, over made-up histories.
package compare

import (
	"fmt"
	"strings"

	"statefulsim/conformance/histories"
	"statefulsim/conformance/model"
	"statefulsim/conformance/oracle"
	"statefulsim/conformance/vector"
	"statefulsim/controller/statefulset"
)

// Run says what is compared.
type Run struct {
	Seed  uint64
	Syncs int // how many
	Steps int // of each history

	// Closed lets the model drive each history: its writes make the next state, and upstream is asked about each state that
	// the model reached. Otherwise upstream drives.
	Closed bool
	Gates  statefulset.Gates // the model's; the oracle's are those of the process
}

// Result is what came of it.
type Result struct {
	Syncs       int
	Differences int
	First       *Difference
}

// Difference is a sync that the two do not do alike.
type Difference struct {
	Line vector.Line // with what upstream did
	Said []string    // where they differ
}

// String tells of a difference so that it can be replayed.
func (d *Difference) String() string {
	return fmt.Sprintf("history %d, step %d (%s)\n  %s", d.Line.History, d.Line.Step, d.Line.Op, strings.Join(d.Said, "\n  "))
}

// Do compares. progress hears of the number of syncs now and then; it may be nil.
func (r Run) Do(progress func(syncs int)) Result {
	var result Result
	for number := 0; result.Syncs < r.Syncs; number++ {
		h := histories.New(r.Seed, number, r.Gates.StatefulSetRecreateStrategy)
		follower := model.NewFollower(&h.State, r.Gates)
		for step := 0; step < r.Steps && result.Syncs < r.Syncs; step++ {
			line := h.Line()
			said, server := r.sync(line, follower)
			result.Syncs++
			if len(said) > 0 {
				result.Differences++
				if result.First == nil {
					result.First = &Difference{*line, said}
				}
			}
			h.Synced(server)
			if progress != nil && result.Syncs%1000 == 0 {
				progress(result.Syncs)
			}
		}
	}
	return result
}

// sync asks everybody about one sync, and returns where they differ and the server of the one who drives.
func (r Run) sync(line *vector.Line, follower *model.Follower) (said []string, drives *vector.Server) {
	var theirs *vector.Server
	line.Out, theirs = oracle.Sync(&line.In, line.Faults)
	whole, ours := model.Decide(&line.In, line.Faults, r.Gates)
	said = differences(line.Out, whole, theirs, ours, "")
	followed, followers := follower.Sync(&line.In, line.Faults)
	said = append(said, differences(line.Out, followed, theirs, followers, "incremental: ")...)
	if r.Closed {
		return said, ours
	}
	return said, theirs
}

func differences(want, got vector.Out, theirs, ours *vector.Server, who string) (said []string) {
	for _, d := range vector.Differences(want, got) {
		said = append(said, who+d)
	}
	for _, name := range vector.Apart(theirs, ours) {
		said = append(said, who+name+" is not left alike")
	}
	return said
}
