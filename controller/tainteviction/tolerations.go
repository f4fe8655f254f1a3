package tainteviction

import (
	"slices"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/klog/v2"

	"statefulsim/controller/store"
)

// noExecute returns the taints of a node that concern pods already running there.
func noExecute(node *corev1.Node) []corev1.Taint {
	var taints []corev1.Taint
	for _, taint := range node.Spec.Taints {
		if taint.Effect == corev1.TaintEffectNoExecute {
			taints = append(taints, taint)
		}
	}
	return taints
}

// sameNoExecute tells whether a change of a node left its NoExecute taints as they were.
func sameNoExecute(change store.Change) bool {
	before, _ := change.Old.(*corev1.Node)
	after, _ := change.New.(*corev1.Node)
	if before == nil || after == nil {
		return false
	}
	return slices.EqualFunc(noExecute(before), noExecute(after), func(a, b corev1.Taint) bool {
		return a.MatchTaint(&b) && a.Value == b.Value && a.TimeAdded.Equal(b.TimeAdded)
	})
}

func sameToleration(a, b corev1.Toleration) bool {
	if (a.TolerationSeconds == nil) != (b.TolerationSeconds == nil) {
		return false
	}
	return a.MatchToleration(&b) && (a.TolerationSeconds == nil || *a.TolerationSeconds == *b.TolerationSeconds)
}

// matching returns for each taint the first toleration that tolerates it, and whether there is one for all of them
// (component-helpers scheduling/corev1/helpers.go:GetMatchingTolerations).
func matching(taints []corev1.Taint, tolerations []corev1.Toleration) (used []corev1.Toleration, all bool) {
	for i := range taints {
		at := slices.IndexFunc(tolerations, func(t corev1.Toleration) bool {
			return t.ToleratesTaint(klog.Logger{}, &taints[i], false)
		})
		if at < 0 {
			return nil, false
		}
		used = append(used, tolerations[at])
	}
	return used, true
}

// minTolerationTime returns the shortest time that one of the tolerations grants; ends is false if none of them ends.
// Zero and less mean at once (taint_eviction.go:getMinTolerationTime).
func minTolerationTime(tolerations []corev1.Toleration) (shortest time.Duration, ends bool) {
	for _, t := range tolerations {
		if t.TolerationSeconds == nil {
			continue
		}
		if d := time.Duration(max(0, *t.TolerationSeconds)) * time.Second; !ends || d < shortest {
			shortest, ends = d, true
		}
	}
	return shortest, ends
}
