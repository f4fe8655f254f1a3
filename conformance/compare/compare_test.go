package compare

import (
	"testing"

	"statefulsim/controller/statefulset"
)

// The model and upstream agree on every sync of made-up histories, whoever drives.
func TestAgrees(t *testing.T) {
	for name, run := range map[string]Run{
		"step by step": {Seed: 1, Syncs: 2000, Steps: 40, Gates: statefulset.DefaultGates()},
		"closed loop":  {Seed: 2, Syncs: 2000, Steps: 40, Gates: statefulset.DefaultGates(), Closed: true},
	} {
		t.Run(name, func(t *testing.T) {
			result := run.Do(nil)
			if result.First != nil {
				t.Fatalf("%d of %d syncs differ\n%s", result.Differences, result.Syncs, Shrink(result.First, run.Gates))
			}
		})
	}
}

// A difference shrinks to what it is made of: here the model is asked with a gate off that upstream has on, so that all but
// an old pod and a budget of two is left out.
func TestShrink(t *testing.T) {
	gates := statefulset.DefaultGates()
	gates.MaxUnavailableStatefulSet = false
	result := Run{Seed: 3, Syncs: 4000, Steps: 40, Gates: gates}.Do(nil)
	if result.First == nil {
		t.Fatal("a gate that is off makes no difference")
	}
	small := Shrink(result.First, gates)
	if pods := len(small.Line.In.Pods); pods > 3 {
		t.Errorf("%d pods are left: %s", pods, small)
	}
	if len(small.Said) == 0 || len(small.Line.Faults) > 0 {
		t.Errorf("%s", small)
	}
}
