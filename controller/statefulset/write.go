package statefulset

import (
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// Verb is what a Write asks of the API server.
type Verb string

// The verbs.
const (
	Create       Verb = "create"
	Update       Verb = "update"       // replaces Object; its resourceVersion, if any, is a precondition
	Delete       Verb = "delete"       // by name alone: neither a UID nor a grace period is given
	Patch        Verb = "patch"        // sets Object's owner references; its UID is a precondition, its resourceVersion is not
	UpdateStatus Verb = "updateStatus" // replaces the status; to be repeated on the newest version after a conflict
)

// Write is one call to the API server. Object is what the server is to hold afterwards, or, for Delete, what was read.
// It may share labels, spec and the like with the objects that were read; whoever applies it changes nothing in it but
// the metadata that a server sets.
type Write struct {
	Verb   Verb
	Object metav1.Object
}

// Kind returns the kind of the written object: Pod, PersistentVolumeClaim, ControllerRevision or StatefulSet.
func (w Write) Kind() string {
	switch w.Object.(type) {
	case *corev1.Pod:
		return "Pod"
	case *corev1.PersistentVolumeClaim:
		return "PersistentVolumeClaim"
	case *appsv1.ControllerRevision:
		return "ControllerRevision"
	}
	return "StatefulSet"
}

// String returns "create Pod web-0".
func (w Write) String() string { return string(w.Verb) + " " + w.Kind() + " " + w.Object.GetName() }

// Apply carries out one write and answers with the object as the server then has it, or with one of the errors of
// k8s.io/apimachinery/pkg/api/errors. Only the answers about claims and revisions are read. A refusal because the name is
// taken (IsAlreadyExists) of a ControllerRevision comes with the object that has the name.
type Apply func(Write) (metav1.Object, error)

// Event is a Kubernetes Event that the controller records about its set.
type Event struct {
	Type, Reason, Message string
}

// Outcome is what a sync came to.
type Outcome struct {
	// Status is what the sync found, and wrote if it differed from the set's; without meaning if Err is not nil.
	Status appsv1.StatefulSetStatus
	// Events in the order in which they were recorded.
	Events []Event
	// Again is after how long another sync has to look whether pods have become available; 0 if there is no need.
	Again time.Duration
	// Err asks for another sync, after a back-off.
	Err error
}
