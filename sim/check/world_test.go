package check

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"statefulsim/controller/store"
)

// world is an API server whose changes go to the judge of one invariant, one step at a time.
type world struct {
	*testing.T
	judge   Judge
	store   *store.Store
	changes []store.Change
	now     time.Duration
}

func newWorld(t *testing.T, invariant Invariant) *world {
	w := &world{T: t, judge: invariant.New(), store: store.New()}
	w.store.OnChange = func(c store.Change) { w.changes = append(w.changes, c) }
	return w
}

// step lets an actor act on the API server, and returns what the judge says.
func (w *world) step(actor string, act func(api *store.Client)) []string {
	w.Helper()
	w.now += time.Second
	before := w.store.View()
	w.changes = nil
	act(w.store.At(time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC).Add(w.now), nil))
	return w.judge(&Step{Now: w.now, Actor: actor, Before: before, After: w.store.View(), Changes: w.changes})
}

// legal is a step that no judge may object to.
func (w *world) legal(actor string, act func(api *store.Client)) {
	w.Helper()
	require.Empty(w, w.step(actor, act))
}

func (w *world) create(obj store.Object) func(*store.Client) {
	return func(api *store.Client) {
		w.Helper()
		_, err := api.Create(obj)
		require.NoError(w, err)
	}
}

func stored[T store.Object](w *world, name string) T {
	w.Helper()
	obj, ok := store.Get[T](w.store.View(), "default", name)
	require.True(w, ok, name)
	return obj
}

// ready sets whether a pod is running and ready.
func (w *world) ready(pod string, ready bool) func(*store.Client) {
	return func(api *store.Client) {
		w.Helper()
		p := stored[*corev1.Pod](w, pod).DeepCopy()
		status := corev1.ConditionFalse
		if ready {
			status = corev1.ConditionTrue
		}
		p.Status = corev1.PodStatus{Phase: corev1.PodRunning, Conditions: []corev1.PodCondition{{Type: corev1.PodReady, Status: status}}}
		_, err := api.UpdateStatus(p)
		require.NoError(w, err)
	}
}

// remove deletes a pod and lets it be gone at once; terminate deletes it gracefully.
func (w *world) remove(pod string) func(*store.Client) { return w.delete(pod, 0) }

func (w *world) terminate(pod string) func(*store.Client) { return w.delete(pod, 30) }

func (w *world) delete(pod string, grace int64) func(*store.Client) {
	return func(api *store.Client) {
		w.Helper()
		key := store.Key{Kind: store.Pod, Namespace: "default", Name: pod}
		require.NoError(w, api.Delete(key, store.DeleteOptions{GracePeriodSeconds: &grace}))
	}
}

// change updates a set's spec; observe then lets its status tell that the controller has seen that.
func (w *world) change(set string, how func(*appsv1.StatefulSetSpec)) func(*store.Client) {
	return func(api *store.Client) {
		w.Helper()
		s := stored[*appsv1.StatefulSet](w, set).DeepCopy()
		how(&s.Spec)
		_, err := api.Update(s)
		require.NoError(w, err)
	}
}

func (w *world) observe(set string) func(*store.Client) {
	return func(api *store.Client) {
		w.Helper()
		s := stored[*appsv1.StatefulSet](w, set).DeepCopy()
		s.Status.ObservedGeneration = s.Generation
		_, err := api.UpdateStatus(s)
		require.NoError(w, err)
	}
}

func replicas(n int32) func(*appsv1.StatefulSetSpec) {
	return func(spec *appsv1.StatefulSetSpec) { spec.Replicas = &n }
}

var webLabels = map[string]string{"app": "web"}

func template() corev1.PodSpec {
	return corev1.PodSpec{
		RestartPolicy: corev1.RestartPolicyAlways,
		Containers:    []corev1.Container{{Name: "web", Image: "web:1", TerminationMessagePolicy: "File", ImagePullPolicy: "IfNotPresent"}},
		DNSPolicy:     corev1.DNSClusterFirst,
	}
}

func newSet(policy appsv1.PodManagementPolicyType) *appsv1.StatefulSet {
	three := int32(3)
	return &appsv1.StatefulSet{
		ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: "web"},
		Spec: appsv1.StatefulSetSpec{
			Replicas: &three, ServiceName: "web", PodManagementPolicy: policy,
			Selector:             &metav1.LabelSelector{MatchLabels: webLabels},
			Template:             corev1.PodTemplateSpec{ObjectMeta: metav1.ObjectMeta{Labels: webLabels}, Spec: template()},
			VolumeClaimTemplates: []corev1.PersistentVolumeClaim{{ObjectMeta: metav1.ObjectMeta{Name: "data"}, Spec: claimSpec()}},
		},
	}
}

func claimSpec() corev1.PersistentVolumeClaimSpec {
	return corev1.PersistentVolumeClaimSpec{
		AccessModes: []corev1.PersistentVolumeAccessMode{corev1.ReadWriteOnce},
		Resources:   corev1.VolumeResourceRequirements{Requests: corev1.ResourceList{corev1.ResourceStorage: resource.MustParse("1Gi")}},
	}
}

// newPod returns a pod of the set that has the UID, on a node, with the claim that its ordinal has.
func newPod(ordinal int, set types.UID) *corev1.Pod {
	yes, name := true, fmt.Sprintf("web-%d", ordinal)
	pod := &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: name, Labels: webLabels}, Spec: template()}
	pod.Spec.NodeName = "a"
	pod.Spec.Volumes = []corev1.Volume{{Name: "data", VolumeSource: corev1.VolumeSource{
		PersistentVolumeClaim: &corev1.PersistentVolumeClaimVolumeSource{ClaimName: "data-" + name},
	}}}
	if set != "" {
		pod.OwnerReferences = []metav1.OwnerReference{{
			APIVersion: "apps/v1", Kind: "StatefulSet", Name: "web", UID: set, Controller: &yes, BlockOwnerDeletion: &yes,
		}}
	}
	return pod
}

// pod creates a pod of the set web as it is now.
func (w *world) pod(ordinal int) func(*store.Client) {
	return func(api *store.Client) {
		w.Helper()
		w.create(newPod(ordinal, stored[*appsv1.StatefulSet](w, "web").UID))(api)
	}
}

func TestInvariantsExplainThemselves(t *testing.T) {
	seen := map[string]bool{}
	for _, invariant := range Invariants() {
		require.Regexp(t, `^[a-z]+(-[a-z]+)+$`, invariant.Name)
		require.False(t, seen[invariant.Name], invariant.Name)
		seen[invariant.Name] = true
		require.Regexp(t, `^[A-Z].*\.$`, invariant.Why)
	}
}

// A step in which nothing changed costs no judge anything.
func TestIdleStepsAreFree(t *testing.T) {
	for _, invariant := range Invariants() {
		judge, idle := invariant.New(), &Step{}
		require.Zero(t, testing.AllocsPerRun(10, func() { require.Nil(t, judge(idle)) }), invariant.Name)
	}
}
