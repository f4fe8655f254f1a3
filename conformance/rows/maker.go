package main

import (
	"fmt"
	"math/rand/v2"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
)

// kinds are what is recorded.
var kinds = []struct {
	name string
	new  func(maker) runtime.Object
}{
	{"Pod", maker.pod}, {"StatefulSet", maker.set}, {"ControllerRevision", maker.revision}, {"PodDisruptionBudget", maker.budget},
	{"Node", maker.node}, {"Namespace", maker.namespace}, {"Lease", maker.lease}, {"ConfigMap", maker.config}, {"Secret", maker.secret},
	{"ServiceAccount", maker.account}, {"PersistentVolumeClaim", maker.claim}, {"PersistentVolume", maker.volume},
	{"StorageClass", maker.class}, {"VolumeAttachment", maker.attachment}, {"Service", maker.service}, {"EndpointSlice", maker.slice},
	{"CronJob", maker.cronJob}, {"Job", maker.job},
}

// maker makes up objects.
type maker struct {
	*rand.Rand
	now time.Time
}

// often is true with a probability of p.
func (m maker) often(p float64) bool { return m.Float64() < p }

// one draws one of several.
func one[T any](m maker, of ...T) T { return of[m.IntN(len(of))] }

// maybe draws one of several, or the zero value.
func maybe[T any](m maker, of ...T) (t T) {
	if m.often(0.5) {
		return one(m, of...)
	}
	return t
}

// or draws a pointer to one of several, or nil.
func or[T any](m maker, of ...T) *T {
	if m.often(0.4) {
		return nil
	}
	t := one(m, of...)
	return &t
}

// some draws a list of up to most.
func some[T any](m maker, most int, draw func(i int) T) (list []T) {
	for i := range m.IntN(most + 1) {
		list = append(list, draw(i))
	}
	return list
}

// time draws an instant: seconds, minutes, hours, days or years ago, a little ahead, or none.
func (m maker) time() metav1.Time {
	if m.often(0.05) {
		return metav1.Time{}
	}
	unit := one(m, 1, 1, 60, 3600, 86400, 86400*365)
	return metav1.NewTime(m.now.Add(-time.Duration(m.IntN(200*unit)/one(m, 1, 10, 100)-m.IntN(3)) * time.Second).UTC())
}

func (m maker) meta(name string) metav1.ObjectMeta {
	meta := metav1.ObjectMeta{
		Name: fmt.Sprintf("%s-%d", name, m.IntN(20)), Namespace: "default", CreationTimestamp: m.time(),
		Labels: maybe(m, map[string]string{"app": "web"}, map[string]string{"app": "web", "a.io/b": "c", "z": ""}),
	}
	if m.often(0.2) {
		gone := metav1.NewTime(m.now)
		meta.DeletionTimestamp = &gone
	}
	return meta
}
