package oracle

import (
	"context"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/labels"
	listersappsv1 "k8s.io/client-go/listers/apps/v1"

	"statefulsim/conformance/vector"
)

// manager lets upstream's control of pods reach the server. Claims and pods are read as they are now, so that a claim made in
// a sync is seen by the same sync.
type manager struct{ server *vector.Server }

func (m manager) CreatePod(_ context.Context, pod *corev1.Pod, _ *appsv1.StatefulSet) error {
	_, err := m.server.Create(pod)
	return err
}

func (m manager) GetPod(_, name string) (*corev1.Pod, error) {
	return typed[*corev1.Pod](m.server.Get(vector.KindPod, name))
}

func (m manager) UpdatePod(pod *corev1.Pod, _ *appsv1.StatefulSet) error {
	_, err := m.server.Update(pod)
	return err
}

func (m manager) DeletePod(pod *corev1.Pod) error { return m.server.Delete(pod) }

func (m manager) CreateClaim(claim *corev1.PersistentVolumeClaim, _ *appsv1.StatefulSet) error {
	_, err := m.server.Create(claim)
	return err
}

func (m manager) GetClaim(_, name string) (*corev1.PersistentVolumeClaim, error) {
	return typed[*corev1.PersistentVolumeClaim](m.server.Get(vector.KindClaim, name))
}

func (m manager) UpdateClaim(claim *corev1.PersistentVolumeClaim, _ *appsv1.StatefulSet) error {
	_, err := m.server.Update(claim)
	return err
}

// revisions is the controller's cache of revisions, as it was when the sync began.
type revisions []*appsv1.ControllerRevision

func (r revisions) List(selector labels.Selector) ([]*appsv1.ControllerRevision, error) {
	var matching []*appsv1.ControllerRevision
	for _, revision := range r {
		if selector.Matches(labels.Set(revision.Labels)) {
			matching = append(matching, revision)
		}
	}
	return matching, nil
}

func (r revisions) ControllerRevisions(string) listersappsv1.ControllerRevisionNamespaceLister {
	return r
}

func (r revisions) Get(name string) (*appsv1.ControllerRevision, error) {
	for _, revision := range r {
		if revision.Name == name {
			return revision, nil
		}
	}
	return nil, apierrors.NewNotFound(appsv1.Resource("controllerrevisions"), name)
}

// sets is the controller's cache of sets: it holds one.
type sets struct {
	listersappsv1.StatefulSetLister
	listersappsv1.StatefulSetNamespaceLister
	set *appsv1.StatefulSet
}

func (s sets) List(labels.Selector) ([]*appsv1.StatefulSet, error) {
	return []*appsv1.StatefulSet{s.set}, nil
}

func (s sets) StatefulSets(string) listersappsv1.StatefulSetNamespaceLister { return s }

func (s sets) Get(string) (*appsv1.StatefulSet, error) { return s.set, nil }
