package tainteviction

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	policyv1 "k8s.io/api/policy/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"

	"statefulsim/controller/condition"
	"statefulsim/controller/internal/rig"
	"statefulsim/controller/store"
)

func taint(key, value string) corev1.Taint {
	return corev1.Taint{Key: key, Value: value, Effect: corev1.TaintEffectNoExecute}
}

func setTaints(t *testing.T, r *rig.Rig, taints ...corev1.Taint) {
	r.Note(fmt.Sprintf("node a gets %d taints", len(taints)))
	rig.Change(t, r, "", "a", func(node *corev1.Node) { node.Spec.Taints = taints })
}

func tolerating(name string, tolerations ...corev1.Toleration) *corev1.Pod {
	pod := rig.Pod(name, "a")
	pod.Spec.Tolerations = tolerations
	return pod
}

func toleration(key string, seconds int64) corev1.Toleration {
	return corev1.Toleration{Key: key, Operator: corev1.TolerationOpExists, Effect: corev1.TaintEffectNoExecute, TolerationSeconds: &seconds}
}

func newWorld(t *testing.T) *rig.Rig {
	r := rig.New(New())
	r.Watch = func(change store.Change) string {
		pod, ok := change.Object().(*corev1.Pod)
		switch {
		case !ok || change.Old == nil:
			return ""
		case change.New == nil:
			return pod.Name + " is gone"
		case pod.DeletionTimestamp != nil:
			c := condition.Pod(&pod.Status, corev1.DisruptionTarget)
			return fmt.Sprintf("%s is terminating: %s %s", pod.Name, c.Type, c.Reason)
		}
		return ""
	}
	r.Create(t, rig.Node("a", "zone-1"))
	return r
}

func TestTranscript(t *testing.T) {
	r := newWorld(t)
	forever := corev1.Toleration{Key: "dedicated", Operator: corev1.TolerationOpExists}
	r.Create(t, tolerating("default-tolerations"))
	r.Create(t, tolerating("short", toleration(corev1.TaintNodeUnreachable, 20)))
	r.Create(t, tolerating("stays", corev1.Toleration{Operator: corev1.TolerationOpExists}))
	r.Create(t, tolerating("dedicated", forever))
	r.Advance(time.Second)

	setTaints(t, r, taint(corev1.TaintNodeUnreachable, ""))
	r.Advance(10 * time.Second)
	setTaints(t, r)
	r.Advance(time.Minute)
	setTaints(t, r, taint(corev1.TaintNodeUnreachable, ""))
	r.Advance(30 * time.Second)
	r.Note("late is bound to the node")
	r.Create(t, tolerating("late"))
	r.Advance(400 * time.Second)
	setTaints(t, r, taint("dedicated", "yes"))
	r.Advance(time.Second)
	rig.Golden(t, "evictions", r.Transcript())
}

// A second taint with a shorter toleration does not bring the eviction forward.
func TestPlannedEvictionKeepsItsTime(t *testing.T) {
	r := newWorld(t)
	r.Create(t, tolerating("p", toleration("slow", 100), toleration("fast", 10)))
	r.Advance(0)
	setTaints(t, r, taint("slow", ""))
	r.Advance(50 * time.Second)
	setTaints(t, r, taint("slow", ""), taint("fast", ""))
	r.Advance(49 * time.Second)
	require.NotContains(t, r.Transcript(), "Marking")
	r.Advance(time.Second)
	require.Contains(t, r.Transcript(), "Marking")
}

func TestPlanSurvivesTheNodeObject(t *testing.T) {
	r := newWorld(t)
	r.Create(t, tolerating("p", toleration("slow", 100)))
	r.Advance(0)
	setTaints(t, r, taint("slow", ""))
	r.Advance(50 * time.Second)
	require.NoError(t, r.API().Delete(store.Key{Kind: store.Node, Name: "a"}, store.DeleteOptions{}))
	r.Advance(50 * time.Second)
	require.Contains(t, r.Transcript(), "p is terminating")
}

func TestMinTolerationTime(t *testing.T) {
	endless := corev1.Toleration{Key: "x"}
	for _, test := range []struct {
		of   []corev1.Toleration
		want time.Duration
		ends bool
	}{
		{nil, 0, false},
		{[]corev1.Toleration{endless}, 0, false},
		{[]corev1.Toleration{endless, toleration("x", 300), toleration("y", 20)}, 20 * time.Second, true},
		{[]corev1.Toleration{toleration("x", 300), toleration("y", 0)}, 0, true},
		{[]corev1.Toleration{toleration("x", -5)}, 0, true},
	} {
		got, ends := minTolerationTime(test.of)
		require.Equal(t, test.want, got)
		require.Equal(t, test.ends, ends)
	}
}

// A disruption budget that allows nothing does not keep a pod from being evicted.
func TestBudgetsAreNotAsked(t *testing.T) {
	r := newWorld(t)
	none := intstr.FromInt32(0)
	pod := tolerating("p")
	pod.Labels = map[string]string{"app": "db"}
	r.Create(t, &policyv1.PodDisruptionBudget{
		ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: "none"},
		Spec:       policyv1.PodDisruptionBudgetSpec{MaxUnavailable: &none, Selector: &metav1.LabelSelector{MatchLabels: pod.Labels}},
	})
	r.Create(t, pod)
	r.Advance(0)
	setTaints(t, r, taint("dedicated", ""))
	r.Advance(time.Second)
	require.Contains(t, r.Transcript(), "p is terminating: DisruptionTarget DeletionByTaintManager")
}
