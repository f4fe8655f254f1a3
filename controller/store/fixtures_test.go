package store

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
)

// start is half a second past a whole one, so that what is cut to seconds shows.
var start = time.Date(2000, 1, 1, 0, 0, 0, 500_000_000, time.UTC)

func newPod(name string) *corev1.Pod {
	return &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: name, Labels: map[string]string{"app": "web"}},
		Spec:       corev1.PodSpec{Containers: []corev1.Container{{Name: "web", Image: "nginx:1.27"}}},
	}
}

func newSet(name string) *appsv1.StatefulSet {
	labels := map[string]string{"app": name}
	return &appsv1.StatefulSet{
		ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: name},
		Spec: appsv1.StatefulSetSpec{
			ServiceName: name,
			Selector:    &metav1.LabelSelector{MatchLabels: labels},
			Template: corev1.PodTemplateSpec{
				ObjectMeta: metav1.ObjectMeta{Labels: labels},
				Spec: corev1.PodSpec{Containers: []corev1.Container{{
					Name: "web", Image: "nginx:1.27", VolumeMounts: []corev1.VolumeMount{{Name: "data", MountPath: "/data"}},
				}}},
			},
			VolumeClaimTemplates: []corev1.PersistentVolumeClaim{*newClaim("data")},
		},
	}
}

func newClaim(name string) *corev1.PersistentVolumeClaim {
	return &corev1.PersistentVolumeClaim{
		ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: name},
		Spec: corev1.PersistentVolumeClaimSpec{
			AccessModes: []corev1.PersistentVolumeAccessMode{corev1.ReadWriteOnce},
			Resources: corev1.VolumeResourceRequirements{
				Requests: corev1.ResourceList{corev1.ResourceStorage: resource.MustParse("10Gi")},
			},
		},
	}
}

func newService(name string) *corev1.Service {
	return &corev1.Service{
		ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: name},
		Spec:       corev1.ServiceSpec{Ports: []corev1.ServicePort{{Port: 80}}},
	}
}

// created stores an object that is right.
func created[T Object](t require.TestingT, api *Client, obj T) T {
	stored, err := api.Create(obj)
	require.NoError(t, err)
	return stored.(T)
}

// changed stores a changed copy.
func changed[T Object](t require.TestingT, api *Client, obj T, change func(T)) T {
	c := obj.DeepCopyObject().(T)
	change(c)
	stored, err := api.Update(c)
	require.NoError(t, err)
	return stored.(T)
}

// withStatus stores a copy with a changed status.
func withStatus[T Object](t require.TestingT, api *Client, obj T, change func(T)) T {
	c := obj.DeepCopyObject().(T)
	change(c)
	stored, err := api.UpdateStatus(c)
	require.NoError(t, err)
	return stored.(T)
}

// watched returns a store that remembers its changes.
func watched() (*Store, *[]Change) {
	var changes []Change
	s := New()
	s.OnChange = func(c Change) { changes = append(changes, c) }
	return s, &changes
}

func get[T Object](t *testing.T, s *Store, name string) T {
	obj, ok := Get[T](s.View(), "default", name)
	require.True(t, ok, "%s is not there", name)
	return obj
}

// ref is a reference to an owner of that UID.
func ref(uid string, controller bool) metav1.OwnerReference {
	return metav1.OwnerReference{APIVersion: "apps/v1", Kind: "StatefulSet", Name: uid, UID: types.UID(uid), Controller: &controller}
}
