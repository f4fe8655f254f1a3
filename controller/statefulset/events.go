package statefulset

import (
	corev1 "k8s.io/api/core/v1"
)

// podEvent records what came of a write to a pod; verb has a capital ("Create"). The wording is that of
// stateful_pod_control.go:recordPodEvent.
func (r *run) podEvent(verb, pod string, err error) {
	message := verb + " Pod " + pod + " in StatefulSet " + r.set.Name
	if err != nil {
		r.event(corev1.EventTypeWarning, "Failed"+verb, message+" failed error: "+err.Error())
		return
	}
	r.event(corev1.EventTypeNormal, "Successful"+verb, message+" successful")
}

// claimEvent records what came of the creation of a claim (stateful_pod_control.go:recordClaimEvent).
func (r *run) claimEvent(claim string, ordinal int, err error) {
	pod := PodName(r.set.Name, ordinal)
	if err != nil {
		r.event(corev1.EventTypeWarning, "FailedCreate",
			"Create Claim "+claim+" for Pod "+pod+" in StatefulSet "+r.set.Name+" failed error: "+err.Error())
		return
	}
	r.event(corev1.EventTypeNormal, "SuccessfulCreate",
		"Create Claim "+claim+" Pod "+pod+" in StatefulSet "+r.set.Name+" success")
}

// conflictEvent records that somebody else manages a claim.
func (r *run) conflictEvent(claim string) {
	r.event(corev1.EventTypeWarning, "ConflictingController", "PersistentVolumeClaim "+claim+
		" has a conflicting OwnerReference that acts as a manging controller, the retention policy is ignored for this claim")
}

func (r *run) event(eventtype, reason, message string) {
	r.events = append(r.events, Event{eventtype, reason, message})
}
