// Package histories makes up the life of a StatefulSet: what users, kubelets and bad luck do to it between two syncs of its
// controller. The same seed makes the same history, given the same answers of the controller.
package histories

import (
	"fmt"
	"math/rand/v2"
	"slices"

	"k8s.io/apimachinery/pkg/types"

	"statefulsim/conformance/vector"
)

// History is one life. State is what the next sync reads.
type History struct {
	State vector.In

	number    int
	step      int
	chance    *rand.Rand
	templates int // how many there have been
	recreate  bool
}

// New begins a history. recreate lets the set use the alpha strategy Recreate.
func New(seed uint64, number int, recreate bool) *History {
	h := &History{number: number, chance: rand.New(rand.NewPCG(seed, uint64(number))), templates: 1, recreate: recreate}
	h.State = vector.In{Now: 1000, NextID: 100, Set: vector.Set{
		Name: "web", UID: types.UID(fmt.Sprintf("set-%d", 1+h.chance.IntN(3))), Generation: 1, Replicas: int32(h.chance.IntN(6)),
		Policy: pick(h, "OrderedReady", "OrderedReady", "Parallel"), Strategy: "RollingUpdate",
		RollingUpdate: &vector.RollingUpdate{}, WhenDeleted: "Retain", WhenScaled: "Retain", RevisionHistoryLimit: 10, Template: "t1",
		ClaimTemplates: pick(h, nil, []string{"data"}, []string{"data", "wal"}),
	}}
	if h.one(4) {
		h.State.Set.Start = int32(h.chance.IntN(4))
	}
	return h
}

// Line lets something happen and returns the sync that is due after it, without what the sync did.
func (h *History) Line() *vector.Line {
	line := &vector.Line{History: h.number, Step: h.step, Op: h.happen()}
	for h.one(3) {
		line.Op += "; " + h.happen()
	}
	h.step++
	h.settle()
	line.In = h.State
	if h.one(12) {
		line.Faults = append(line.Faults, h.fault())
	}
	return line
}

// settle gives an orphaned revision back to the set if the set is about to go back to it. To adopt it and to give it a new
// number in one sync is a race upstream: the second write carries what the cache had before the first, and whether the API
// server takes it depends on how far the cache has come.
func (h *History) settle() {
	for i, revision := range h.State.Revisions {
		if revision.Owner == "" && revision.Template == h.State.Set.Template {
			h.State.Revisions = slices.Clone(h.State.Revisions)
			h.State.Revisions[i].Owner = h.State.Set.UID
		}
	}
}

// Synced takes in what the sync left behind.
func (h *History) Synced(server *vector.Server) {
	set := h.State.Set
	h.State = server.After(&h.State)
	set.Status = h.State.Set.Status
	h.State.Set = set
	h.State.NextID++
}

// one is true once in n times.
func (h *History) one(n int) bool { return h.chance.IntN(n) == 0 }

func pick[T any](h *History, of ...T) T { return of[h.chance.IntN(len(of))] }

// fault is a write that the API server is going to refuse.
func (h *History) fault() vector.Fault {
	ordinal := int(h.State.Set.Start) + h.chance.IntN(6)
	pod := fmt.Sprintf("web-%d", ordinal)
	switch h.chance.IntN(7) {
	case 0:
		return vector.Fault{Verb: "create", Kind: vector.KindPod, Name: pod}
	case 1:
		return vector.Fault{Verb: "update", Kind: vector.KindPod, Name: pod}
	case 2:
		return vector.Fault{Verb: "delete", Kind: vector.KindPod, Name: pod}
	case 3:
		return vector.Fault{Verb: "create", Kind: vector.KindClaim, Name: "data-" + pod}
	case 4:
		return vector.Fault{Verb: "update", Kind: vector.KindClaim, Name: "data-" + pod}
	case 5:
		return vector.Fault{Verb: "create", Kind: vector.KindRevision, Name: vector.RevisionName("web", h.State.Set.Template, 0)}
	}
	return vector.Fault{Verb: "updateStatus", Kind: vector.KindSet, Name: "web"}
}
