package sim

import (
	"strconv"
	"strings"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	policyv1 "k8s.io/api/policy/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"statefulsim/controller/condition"
	"statefulsim/controller/statefulset"
	"statefulsim/controller/store"
	"statefulsim/sim/check"
)

var controllerBugs = []Bug{
	{"set-takes-running-for-ready", "The StatefulSet controller goes on as soon as a pod runs, and does not wait until it is Ready.",
		"ordered-creation", plantRosyView},
	{"set-takes-neighbours-claim", "A pod that the StatefulSet controller makes again gets the claim of the ordinal below.",
		"pod-keeps-claims", plantNeighboursClaim},
	{"set-shrinks-from-below", "A StatefulSet that is scaled down gives up the lowest of the ordinals that are too many first.",
		"ordered-scale-down", plantShrinkingFromBelow},
	{"set-updates-two-at-once", "A rolling update takes the next pod down together with the one whose turn it is.",
		"ordered-update", plantUpdateOfTwo},
	{"set-deletes-by-force", "The StatefulSet controller removes a pod by force that has been terminating for two seconds.",
		"one-process-per-identity", plantForce},
	{"budget-allows-one-always", "The disruption controller allows one disruption when none is left.",
		"budget-respected", plantGenerousBudget},
}

func plantRosyView(w *world) {
	w.wrap(check.StatefulSetController, func(_ *component, r reconciler) reconciler { return rosy{r} })
}

// rosy is a controller that sees each pod as Ready that runs.
type rosy struct{ reconciler }

func (r rosy) Keys(change store.Change, cache *store.View) []store.Key {
	change.Old, change.New = seenReady(change.Old), seenReady(change.New)
	return r.reconciler.Keys(change, cache)
}

func seenReady(obj store.Object) store.Object {
	pod, ok := obj.(*corev1.Pod)
	if !ok || pod.Status.Phase != corev1.PodRunning || condition.PodReady(pod) {
		return obj
	}
	seen := *pod
	condition.SetPod(&seen.Status, corev1.PodCondition{Type: corev1.PodReady, Status: corev1.ConditionTrue}, pod.CreationTimestamp.Time)
	return &seen
}

// memberOf finds the pod of a write that deletes one of a set's, and the set; ok is false if it is none.
func memberOf(w *store.Write, view *store.View) (pod *corev1.Pod, set *appsv1.StatefulSet, ok bool) {
	if w.Verb != "delete" || w.Key.Kind != store.Pod {
		return nil, nil, false
	}
	pod, ok = store.Get[*corev1.Pod](view, w.Key.Namespace, w.Key.Name)
	if !ok {
		return nil, nil, false
	}
	owner := metav1.GetControllerOfNoCopy(pod)
	if owner == nil {
		return nil, nil, false
	}
	set, ok = store.Get[*appsv1.StatefulSet](view, pod.Namespace, owner.Name)
	return pod, set, ok
}

func plantNeighboursClaim(w *world) {
	w.seams.write = func(api *store.Client, write *store.Write) {
		pod, ok := write.Object.(*corev1.Pod)
		if !ok || write.Verb != "create" || w.actor != check.StatefulSetController {
			return
		}
		own, ordinal := firstClaim(pod), ordinalOf(pod)
		claim, known := store.Get[*corev1.PersistentVolumeClaim](api.View(), pod.Namespace, own)
		if !known || claim.Status.Phase != corev1.ClaimBound || ordinal == 0 {
			return
		}
		for i := range pod.Spec.Volumes {
			if source := pod.Spec.Volumes[i].PersistentVolumeClaim; source != nil && source.ClaimName == own {
				source.ClaimName = strings.TrimSuffix(own, strconv.Itoa(ordinal)) + strconv.Itoa(ordinal-1)
			}
		}
	}
}

func plantShrinkingFromBelow(w *world) {
	w.seams.write = func(api *store.Client, write *store.Write) {
		pod, set, ok := memberOf(write, api.View())
		end := 0
		if ok {
			end = firstOrdinal(set) + int(replicasOf(set))
		}
		if !ok || w.actor != check.StatefulSetController || ordinalOf(pod) < end {
			return
		}
		for i := end; i < ordinalOf(pod); i++ {
			if _, there := store.Get[*corev1.Pod](api.View(), set.Namespace, statefulset.PodName(set.Name, i)); there {
				write.Key.Name = statefulset.PodName(set.Name, i)
				return
			}
		}
	}
}

func plantUpdateOfTwo(w *world) {
	second := false
	w.seams.write = func(api *store.Client, write *store.Write) {
		pod, set, ok := memberOf(write, api.View())
		if second || !ok || w.actor != check.StatefulSetController || revisionOf(pod) == set.Status.UpdateRevision || ordinalOf(pod) == firstOrdinal(set) {
			return
		}
		second = true
		if err := api.Delete(write.Key, write.Options); err != nil {
			w.fail("delete pod "+pod.Name, err)
		}
		second = false
		write.Key.Name = statefulset.PodName(set.Name, ordinalOf(pod)-1)
	}
}

func plantGenerousBudget(w *world) {
	w.seams.write = func(_ *store.Client, write *store.Write) {
		if budget, ok := write.Object.(*policyv1.PodDisruptionBudget); ok && w.actor == check.DisruptionController {
			budget.Status.DisruptionsAllowed = max(budget.Status.DisruptionsAllowed, 1)
		}
	}
}

func plantForce(w *world) {
	w.wrap(check.StatefulSetController, func(_ *component, r reconciler) reconciler { return impatient{r} })
}

// impatient is a StatefulSet controller that removes pods by force.
type impatient struct{ reconciler }

func (i impatient) Reconcile(key store.Key, cache *store.View, api *store.Client) (time.Duration, error) {
	const patience = 2 * time.Second
	again, err := i.reconciler.Reconcile(key, cache, api)
	for pod := range store.In[*corev1.Pod](cache, key.Namespace) {
		owner := metav1.GetControllerOfNoCopy(pod)
		if owner == nil || owner.Name != key.Name || pod.DeletionTimestamp == nil || pod.DeletionGracePeriodSeconds == nil {
			continue
		}
		until := pod.DeletionTimestamp.Add(patience - time.Duration(*pod.DeletionGracePeriodSeconds)*time.Second)
		if wait := until.Sub(api.Now); wait > 0 {
			again = wait
			continue
		}
		_ = api.Delete(store.KeyOf(pod), store.DeleteOptions{GracePeriodSeconds: new(int64(0)), UID: pod.UID}) // it may have gone by now
	}
	return again, err
}
