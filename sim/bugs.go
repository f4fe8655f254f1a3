package sim

import (
	"fmt"
	"slices"
	"strings"

	"statefulsim/controller/store"
	"statefulsim/raftnode"
	"statefulsim/scenarios/words"
)

// Bug is a deliberate fault of the simulator itself. It shows that the judges and the search would find a real one.
type Bug struct {
	Name     string // in lower case with hyphens
	Doc      string // what is wrong, in a full sentence
	CaughtBy string // the invariant that it breaks first, usually

	plant func(*world)
}

// Bugs lists the deliberate bugs by their names.
func Bugs() []Bug { return bugs }

// BugNamed returns the deliberate bug of that name. The error names those that a misspelt name may mean.
func BugNamed(name string) (Bug, error) {
	var names []string
	for _, b := range bugs {
		if b.Name == name {
			return b, nil
		}
		names = append(names, b.Name)
	}
	return Bug{}, fmt.Errorf("no deliberate bug is named %s: %s", words.Quoted(name), words.DidYouMean(name, names))
}

// plantBug puts the bug of that name into a world that has not begun; "" is none.
func plantBug(name string) (func(*world), error) {
	if name == "" {
		return func(*world) {}, nil
	}
	b, err := BugNamed(name)
	return b.plant, err
}

var bugs = sorted(slices.Concat(controllerBugs, kubeletBugs, storageBugs, raftBugs, networkBugs, informerBugs))

func sorted(all []Bug) []Bug {
	slices.SortFunc(all, func(a, b Bug) int { return strings.Compare(a.Name, b.Name) })
	return all
}

// seams are where a deliberate bug gets between the parts of a world. Those of a sound world are nil.
type seams struct {
	// write sees each write to the API server, whoever acts, and may change it.
	write func(api *store.Client, write *store.Write)
	// stores is asked, when a raft peer starts, for what stands between it and its stores.
	stores func(*raftPeer) func(raftnode.Stores) raftnode.Stores
	// serve sees each request to a raft peer, and may change what is asked and who hears the answer.
	serve func(r *raftPeer, body any, answer reply) (any, reply)
}

// wrap puts something around the reconciler of a component of the control plane, and around those of its later lives.
func (w *world) wrap(name string, around func(*component, reconciler) reconciler) {
	for _, i := range w.informers {
		for _, c := range i.components {
			if c.name == name {
				fresh := c.fresh
				c.fresh = func() reconciler { return around(c, fresh()) }
				c.reconciler = around(c, c.reconciler)
			}
		}
	}
}
