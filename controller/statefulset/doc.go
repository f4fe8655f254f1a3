// Package statefulset decides what Kubernetes' StatefulSet controller does, write by write, without a cluster.
//
// One sync is a function of plain values: the set, the pods, claims and revisions that can be seen, and the time. What it
// wants goes out as a sequence of Writes through a function of the caller, whose answers (the object as the server has it
// now, or a refusal) are inputs of the same standing. There is no clock, no goroutine and no client in here, and nothing but
// the API types is imported: an operator's author can hold a fleet of pods in any state up to it and see what the real
// controller would do.
//
//	outcome := statefulset.Decide(statefulset.Input{Set: set, Pods: pods, Now: now}, func(w statefulset.Write) (metav1.Object, error) {
//		fmt.Println(w)
//		return w.Object, nil
//	})
//
// The behaviour is that of Kubernetes 1.37, by default or with other feature gates (see Gates), oddities included:
//
//   - Two unhealthy pods above the wanted count stop an ordered scale-down for good: the higher waits for the lower, and the
//     lower's turn never comes.
//   - An ordered rollout to a revision that never becomes Ready is not healed by reverting the template.
//   - Status.CurrentReplicas falls with every pod deleted for an update, whatever that pod's revision, and may fall below
//     zero; the API server then refuses the status and the sync fails.
//   - With a nil rollingUpdate and the Parallel policy a pod may be made and deleted in one sync.
//   - A pod may be deleted twice in one sync under the Parallel policy; the second refusal is ignored.
//   - A released pod keeps its name, and each sync fails on it.
//   - A claim that still refers to a pod of the past stops the creation of that pod's successor without an error.
//
// Where Kubernetes leaves an order to chance it is fixed here: claims and volumes by name, pods of one parallel batch by
// ordinal, orphans by name.
//
// State is the same decision for a caller who hears of changes one by one: a sync then costs in proportion to what needs
// attention, and next to nothing when nothing does.
package statefulset
