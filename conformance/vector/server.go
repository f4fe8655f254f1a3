package vector

import (
	"errors"
	"fmt"
	"sync"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
)

// Server stands in for the API server during one sync: it holds the objects, answers writes, and notes them down. There are
// no resource versions, since nobody else writes during a sync. It may be asked by several goroutines at once: upstream's
// controller does so under the Parallel policy.
type Server struct {
	lock    sync.Mutex
	faults  []Fault
	from    *Objects
	held    map[key]metav1.Object
	actions []Action
}

type key struct{ kind, name string }

// The kinds.
const (
	KindPod      = "Pod"
	KindClaim    = "PersistentVolumeClaim"
	KindRevision = "ControllerRevision"
	KindSet      = "StatefulSet"
)

// NewServer returns a server that holds the objects and refuses what the faults name.
func NewServer(objects *Objects, faults []Fault) *Server {
	s := &Server{faults: faults, from: objects, held: make(map[key]metav1.Object, 2*len(objects.Pods)+8), actions: []Action{}}
	for _, pod := range objects.Pods {
		s.held[key{KindPod, pod.Name}] = pod
	}
	for _, claim := range objects.Claims {
		s.held[key{KindClaim, claim.Name}] = claim
	}
	for _, revision := range objects.Revisions {
		s.held[key{KindRevision, revision.Name}] = revision
	}
	s.held[key{KindSet, objects.Set.Name}] = objects.Set
	return s
}

// Kind returns the kind of an object.
func Kind(obj metav1.Object) string {
	switch obj.(type) {
	case *corev1.Pod:
		return KindPod
	case *corev1.PersistentVolumeClaim:
		return KindClaim
	case *appsv1.ControllerRevision:
		return KindRevision
	}
	return KindSet
}

// Get returns an object as it is now; the error is NotFound if there is none.
func (s *Server) Get(kind, name string) (metav1.Object, error) {
	s.lock.Lock()
	defer s.lock.Unlock()
	if obj := s.held[key{kind, name}]; obj != nil {
		return obj, nil
	}
	return nil, apierrors.NewNotFound(resource(kind), name)
}

// Create takes in a new object, to which it gives a UID, a time and, if it is a pod, a phase. If the name is taken, the
// object that has it comes with the error.
func (s *Server) Create(obj metav1.Object) (metav1.Object, error) {
	return s.write("create", obj, func(held metav1.Object) (metav1.Object, error) {
		created := copyOf(obj)
		created.SetUID(types.UID(fmt.Sprintf("%s.%d", obj.GetName(), s.from.NextID+1)))
		if created.GetNamespace() == "" {
			created.SetNamespace(Namespace)
		}
		if _, isClaim := created.(*corev1.PersistentVolumeClaim); !isClaim {
			created.SetCreationTimestamp(metav1.NewTime(s.from.Now))
		}
		if pod, ok := created.(*corev1.Pod); ok {
			pod.Status.Phase = corev1.PodPending
		}
		return created, nil
	})
}

// Update replaces an object, but for what only the server sets: UID, time and status.
func (s *Server) Update(obj metav1.Object) (metav1.Object, error) {
	return s.write("update", obj, func(held metav1.Object) (metav1.Object, error) {
		updated := copyOf(obj)
		updated.SetUID(held.GetUID())
		updated.SetCreationTimestamp(held.GetCreationTimestamp())
		if pod, ok := updated.(*corev1.Pod); ok {
			pod.Status = held.(*corev1.Pod).Status
		}
		return updated, nil
	})
}

// Patch replaces an object's owners by those of the given one.
func (s *Server) Patch(obj metav1.Object) (metav1.Object, error) {
	return s.write("patch", obj, func(held metav1.Object) (metav1.Object, error) {
		patched := copyOf(held)
		patched.SetOwnerReferences(obj.GetOwnerReferences())
		return patched, nil
	})
}

// UpdateStatus replaces the set's status, if it is plausible.
func (s *Server) UpdateStatus(set *appsv1.StatefulSet) (metav1.Object, error) {
	return s.write("updateStatus", set, func(metav1.Object) (metav1.Object, error) {
		if !plausible(&set.Status) {
			return nil, apierrors.NewInvalid(appsv1.SchemeGroupVersion.WithKind(KindSet).GroupKind(), set.Name, nil)
		}
		return copyOf(set), nil
	})
}

// Delete deletes what has the object's name. A pod that has a node and is not over is only marked: it takes its grace period
// to stop.
func (s *Server) Delete(obj metav1.Object) error {
	_, err := s.write("delete", obj, func(held metav1.Object) (metav1.Object, error) {
		if pod, ok := held.(*corev1.Pod); ok && pod.Spec.NodeName != "" && !over(pod) {
			marked := *pod
			if marked.DeletionTimestamp == nil {
				marked.DeletionTimestamp = new(at(s.from.Now.Unix() + 30))
			}
			return &marked, nil
		}
		return nil, nil
	})
	return err
}

// write answers one write and notes it down. The answer of do is what is held from now on.
func (s *Server) write(verb string, obj metav1.Object, do func(held metav1.Object) (metav1.Object, error)) (metav1.Object, error) {
	s.lock.Lock()
	defer s.lock.Unlock()
	kind, name := Kind(obj), obj.GetName()
	answer, err := s.answer(verb, kind, name, do)
	s.actions = append(s.actions, actionOf(verb, obj, err))
	return answer, err
}

func (s *Server) answer(verb, kind, name string, do func(held metav1.Object) (metav1.Object, error)) (metav1.Object, error) {
	held, exists := s.held[key{kind, name}]
	switch {
	case verb == "create" && exists:
		return held, apierrors.NewAlreadyExists(resource(kind), name)
	case verb != "create" && !exists:
		return nil, apierrors.NewNotFound(resource(kind), name)
	}
	for _, fault := range s.faults {
		if fault == (Fault{verb, kind, name}) {
			return nil, apierrors.NewInternalError(errors.New("injected: " + verb + " " + kind + " " + name))
		}
	}
	answer, err := do(held)
	switch {
	case err != nil:
		return nil, err
	case answer == nil:
		delete(s.held, key{kind, name})
	default:
		s.held[key{kind, name}] = answer
	}
	return answer, nil
}

// plausible is the API server's validation of a status (pkg/apis/apps/validation/validation.go:ValidateStatefulSetStatus).
func plausible(s *appsv1.StatefulSetStatus) bool {
	return min(s.Replicas, s.ReadyReplicas, s.AvailableReplicas, s.CurrentReplicas, s.UpdatedReplicas) >= 0 &&
		max(s.ReadyReplicas, s.CurrentReplicas, s.UpdatedReplicas) <= s.Replicas && s.AvailableReplicas <= s.ReadyReplicas
}

func over(pod *corev1.Pod) bool {
	return pod.Status.Phase == corev1.PodFailed || pod.Status.Phase == corev1.PodSucceeded
}

func resource(kind string) schema.GroupResource { return schema.GroupResource{Resource: kind} }

// copyOf returns a copy whose metadata and status can be set without touching the original.
func copyOf(obj metav1.Object) metav1.Object {
	switch obj := obj.(type) {
	case *corev1.Pod:
		return new(*obj)
	case *corev1.PersistentVolumeClaim:
		return new(*obj)
	case *appsv1.ControllerRevision:
		return new(*obj)
	}
	return new(*obj.(*appsv1.StatefulSet))
}

// actionOf describes a write.
func actionOf(verb string, obj metav1.Object, err error) Action {
	action := Action{Verb: verb, Kind: Kind(obj), Name: obj.GetName(), Failed: string(apierrors.ReasonForError(err))}
	switch obj := obj.(type) {
	case *corev1.Pod:
		if verb == "create" || verb == "update" {
			action.Template, action.Revision = obj.Spec.Containers[0].Image, obj.Labels[appsv1.StatefulSetRevisionLabel]
		}
	case *appsv1.ControllerRevision:
		action.Number, action.Template = obj.Revision, templateIn(obj.Data.Raw)
	case *corev1.PersistentVolumeClaim:
		action.Owners = ownersOf(obj.OwnerReferences)
	case *appsv1.StatefulSet:
		action.Status = new(statusOf(&obj.Status))
	}
	return action
}
