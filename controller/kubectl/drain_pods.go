package kubectl

import (
	"errors"
	"maps"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"

	"statefulsim/controller/store"
)

// The reasons for which a pod is not simply evicted.
// Source: k8s.io/kubectl pkg/drain/filters.go.
const (
	daemonSetFatal    = "DaemonSet-managed Pods (use --ignore-daemonsets to ignore)"
	daemonSetWarning  = "ignoring DaemonSet-managed Pods"
	localStorageFatal = "Pods with local storage (use --delete-emptydir-data to override)"
	unmanagedFatal    = "Pods that declare no controller (use --force to override)"
	unmanagedWarning  = "deleting Pods that declare no controller"
)

// verdict says what is to become of a pod.
type verdict struct {
	goes   bool
	reason string // that somebody should hear; may be empty
	fatal  bool   // nothing is evicted because of this pod
}

// choose lists the pods of a node that are to go, and warns of those for which somebody might mind.
// Source: k8s.io/kubectl pkg/drain/drain.go:GetPodsForDeletion, filterPods.
func (d *drain) choose(api *store.Client, node string) (pods []*corev1.Pod, warning string, err error) {
	selector, err := labels.Parse(d.command.PodSelector)
	if err != nil {
		return nil, "", err
	}
	fatal, warnings := map[string][]string{}, map[string][]string{}
	for pod := range store.PodsOn(api.View(), node) {
		if !selector.Matches(labels.Set(pod.Labels)) {
			continue
		}
		v := d.judge(pod)
		name := pod.Namespace + "/" + pod.Name
		switch {
		case v.fatal:
			fatal[v.reason] = append(fatal[v.reason], name)
		case v.reason != "":
			warnings[v.reason] = append(warnings[v.reason], name)
		}
		if v.goes {
			pods = append(pods, pod)
		}
	}
	var all []error
	for _, reason := range listed(fatal) {
		all = append(all, errors.New("cannot delete "+reason))
	}
	return pods, strings.Join(listed(warnings), "; "), errors.Join(all...)
}

// judge asks the filters in their order. The first that keeps the pod decides, and else the last that has a reason to tell.
// Source: k8s.io/kubectl pkg/drain/filters.go:makeFilters. No DaemonSet is simulated, so the owner of such a pod is taken to be
// there.
func (d *drain) judge(pod *corev1.Pod) verdict {
	owner := metav1.GetControllerOfNoCopy(pod)
	ended := pod.Status.Phase == corev1.PodSucceeded || pod.Status.Phase == corev1.PodFailed
	_, mirror := pod.Annotations[corev1.MirrorPodAnnotationKey]
	daemon := owner != nil && owner.Kind == "DaemonSet"
	local := slices.ContainsFunc(pod.Spec.Volumes, func(v corev1.Volume) bool { return v.EmptyDir != nil })
	switch {
	case !ended && daemon && d.command.IgnoreDaemonSets:
		return verdict{reason: daemonSetWarning}
	case !ended && daemon:
		return verdict{reason: daemonSetFatal, fatal: true}
	case mirror:
		return verdict{}
	case ended:
		return verdict{goes: true}
	case local && !d.command.DeleteEmptyDir:
		return verdict{reason: localStorageFatal, fatal: true}
	case owner == nil && !d.command.Force:
		return verdict{reason: unmanagedFatal, fatal: true}
	case owner == nil:
		return verdict{goes: true, reason: unmanagedWarning}
	}
	// A warning of local storage does not last: the filter that follows overrules it.
	return verdict{goes: true}
}

// listed writes reasons with their pods, in the order of the reasons' words: kubectl has none.
func listed(by map[string][]string) (all []string) {
	for _, reason := range slices.Sorted(maps.Keys(by)) {
		all = append(all, reason+": "+strings.Join(by[reason], ", "))
	}
	return all
}
