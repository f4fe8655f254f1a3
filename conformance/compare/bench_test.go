package compare

import (
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"statefulsim/conformance/oracle"
	"statefulsim/conformance/vector"
	"statefulsim/controller/statefulset"
)

// rested is a set of 100 healthy pods, each with its claim, that nothing is left to be done for.
func rested(b *testing.B) *vector.In {
	in := &vector.In{Now: 2000, NextID: 100, Set: vector.Set{
		Name: "web", UID: "set-1", Generation: 1, Replicas: 100, Policy: "OrderedReady", Strategy: "RollingUpdate",
		RollingUpdate: &vector.RollingUpdate{}, WhenDeleted: "Retain", WhenScaled: "Retain", RevisionHistoryLimit: 10, Template: "t1",
		ClaimTemplates: []string{"data"},
	}}
	for range 2000 {
		_, server := oracle.Sync(in, nil)
		after := server.After(in)
		for i := range after.Pods {
			p := &after.Pods[i]
			p.Phase, p.Ready, p.ReadySince, p.Node = "Running", true, 1000, "node-1"
		}
		*in = after
		if out, _ := oracle.Sync(in, nil); len(out.Actions) == 0 {
			return in
		}
	}
	b.Fatal("the set never comes to rest")
	return nil
}

func BenchmarkDecisionUpstream(b *testing.B) {
	decide := oracle.Decider(rested(b))
	b.ReportAllocs()
	for b.Loop() {
		if err := decide(); err != nil {
			b.Fatal(err)
		}
	}
}

func nothing(b *testing.B) statefulset.Apply {
	return func(w statefulset.Write) (metav1.Object, error) {
		b.Fatalf("%s, though there is nothing to do", w)
		return nil, nil
	}
}

// BenchmarkDecisionModel decides on plain values, everything looked at anew.
func BenchmarkDecisionModel(b *testing.B) {
	o := rested(b).Objects()
	apply := nothing(b)
	b.ReportAllocs()
	for b.Loop() {
		statefulset.Decide(statefulset.Input{Set: o.Set, Live: o.Set, Pods: o.Pods, Claims: o.Claims, Revisions: o.Revisions, Now: o.Now}, apply)
	}
}

// BenchmarkDecisionState decides as a controller does that hears of changes: what has not changed is not looked at.
func BenchmarkDecisionState(b *testing.B) {
	o := rested(b).Objects()
	state := statefulset.NewState(o.Set, statefulset.DefaultGates())
	for _, pod := range o.Pods {
		state.PutPod(pod)
	}
	for _, claim := range o.Claims {
		state.PutClaim(claim)
	}
	for _, revision := range o.Revisions {
		state.PutRevision(revision)
	}
	apply := nothing(b)
	b.ReportAllocs()
	for b.Loop() {
		state.Sync(o.Set, o.Now, apply)
	}
}
