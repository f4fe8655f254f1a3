package statefulset

import (
	"errors"
	"fmt"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
)

// vectorServer answers writes as the API server of a recording did, and notes them down.
type vectorServer struct {
	faults  []vectorAction
	objects map[string]metav1.Object // by kind and name
	actions []vectorAction
	lastID  int64 // counts UIDs
}

func newVectorServer(input *Input, faults []vectorAction) *vectorServer {
	s := &vectorServer{faults: faults, objects: map[string]metav1.Object{}, actions: []vectorAction{}}
	for _, pod := range input.Pods {
		s.objects["Pod "+pod.Name] = pod
	}
	for _, claim := range input.Claims {
		s.objects["PersistentVolumeClaim "+claim.Name] = claim
	}
	for _, revision := range input.Revisions {
		s.objects["ControllerRevision "+revision.Name] = revision
	}
	return s
}

func (s *vectorServer) apply(w Write) (metav1.Object, error) {
	answer, err := s.answer(w)
	action := vectorAction{Verb: string(w.Verb), Kind: w.Kind(), Name: w.Object.GetName(), Failed: string(apierrors.ReasonForError(err))}
	switch obj := w.Object.(type) {
	case *corev1.Pod:
		if w.Verb == Create || w.Verb == Update {
			action.Template, action.Revision = obj.Spec.Containers[0].Image, obj.Labels[revisionLabel]
		}
	case *appsv1.ControllerRevision:
		action.Number = obj.Revision
		if template, err := templateOf(obj); err == nil {
			action.Template = template.Spec.Containers[0].Image
		}
	case *corev1.PersistentVolumeClaim:
		for _, ref := range obj.OwnerReferences {
			action.Owners = append(action.Owners, vectorOwner{ref.Kind, ref.Name, ref.UID, ref.Controller != nil && *ref.Controller})
		}
	case *appsv1.StatefulSet:
		action.Status = statusOf(&obj.Status)
	}
	s.actions = append(s.actions, action)
	return answer, err
}

func (s *vectorServer) answer(w Write) (metav1.Object, error) {
	kind, name := w.Kind(), w.Object.GetName()
	key, resource := kind+" "+name, schema.GroupResource{Resource: kind}
	held, exists := s.objects[key]
	switch {
	case w.Verb == Create && exists:
		return held, apierrors.NewAlreadyExists(resource, name)
	case w.Verb == Delete && !exists:
		return nil, apierrors.NewNotFound(resource, name)
	case s.refuses(w):
		return nil, apierrors.NewInternalError(errors.New("injected"))
	case w.Verb == UpdateStatus && !plausible(&w.Object.(*appsv1.StatefulSet).Status):
		return nil, apierrors.NewInvalid(setKind.GroupKind(), name, nil)
	case w.Verb == Delete:
		if pod, ok := held.(*corev1.Pod); !ok || pod.Spec.NodeName == "" || podFacts(pod).has(terminal) {
			delete(s.objects, key) // Any other pod terminates first, and that takes longer than a sync.
		}
		return nil, nil
	}
	if w.Verb == Create {
		s.lastID++
		w.Object.SetUID(types.UID(fmt.Sprintf("%s.%d", name, s.lastID)))
	}
	s.objects[key] = w.Object
	return w.Object, nil
}

// refuses tells whether the recording made the server fail at this write.
func (s *vectorServer) refuses(w Write) bool {
	for _, fault := range s.faults {
		if fault.Verb == string(w.Verb) && fault.Kind == w.Kind() && fault.Name == w.Object.GetName() {
			return true
		}
	}
	return false
}

// plausible is the API server's validation of a status.
func plausible(s *appsv1.StatefulSetStatus) bool {
	return min(s.Replicas, s.ReadyReplicas, s.AvailableReplicas, s.CurrentReplicas, s.UpdatedReplicas) >= 0 &&
		max(s.ReadyReplicas, s.CurrentReplicas, s.UpdatedReplicas) <= s.Replicas && s.AvailableReplicas <= s.ReadyReplicas
}
