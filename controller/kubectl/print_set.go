package kubectl

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	policyv1 "k8s.io/api/policy/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/intstr"

	"statefulsim/controller/store"
)

var (
	setColumns = columns{
		store.StatefulSet, []string{"NAME", "READY", "AGE", "CONTAINERS", "IMAGES"}, 2, cellsOf(setCells),
	}
	revisionColumns = columns{
		store.ControllerRevision, []string{"NAME", "CONTROLLER", "REVISION", "AGE"}, 0, cellsOf(revisionCells),
	}
	budgetColumns = columns{
		store.PodDisruptionBudget, []string{"NAME", "MIN AVAILABLE", "MAX UNAVAILABLE", "ALLOWED DISRUPTIONS", "AGE"}, 0,
		cellsOf(budgetCells),
	}
)

// Source: pkg/printers/internalversion/printers.go:printStatefulSet.
func setCells(set *appsv1.StatefulSet, now time.Time) []string {
	names, images := namesAndImages(set.Spec.Template.Spec.Containers)
	ready := fmt.Sprintf("%d/%d", set.Status.ReadyReplicas, replicas(set))
	return []string{set.Name, ready, age(set.CreationTimestamp, now), names, images}
}

// replicas is a set's spec.replicas, which the API server always fills in.
func replicas(set *appsv1.StatefulSet) int32 {
	if set.Spec.Replicas == nil {
		return 1
	}
	return *set.Spec.Replicas
}

func namesAndImages(containers []corev1.Container) (string, string) {
	var names, images []string
	for i := range containers {
		names, images = append(names, containers[i].Name), append(images, containers[i].Image)
	}
	return strings.Join(names, ","), strings.Join(images, ",")
}

// Source: pkg/printers/internalversion/printers.go:printControllerRevision.
func revisionCells(revision *appsv1.ControllerRevision, now time.Time) []string {
	owner := "<none>"
	if ref := metav1.GetControllerOfNoCopy(revision); ref != nil {
		kind := schema.FromAPIVersionAndKind(ref.APIVersion, ref.Kind).GroupKind()
		owner = strings.ToLower(kind.String()) + "/" + ref.Name
	}
	return []string{revision.Name, owner, strconv.FormatInt(revision.Revision, 10), age(revision.CreationTimestamp, now)}
}

// Source: pkg/printers/internalversion/printers.go:printPodDisruptionBudget.
func budgetCells(budget *policyv1.PodDisruptionBudget, now time.Time) []string {
	return []string{
		budget.Name, bound(budget.Spec.MinAvailable), bound(budget.Spec.MaxUnavailable),
		strconv.Itoa(int(budget.Status.DisruptionsAllowed)), age(budget.CreationTimestamp, now),
	}
}

func bound(n *intstr.IntOrString) string {
	if n == nil {
		return "N/A"
	}
	return n.String()
}
