package statefulset

import (
	"encoding/json"
	"hash/fnv"
	"strconv"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/rand"
)

const (
	revisionLabel = appsv1.ControllerRevisionHashLabelKey // on pods: the revision's name
	hashLabel     = "controller.kubernetes.io/hash"       // on revisions: the hash alone
)

// patchOf returns what a ControllerRevision stores of a set: a strategic merge patch that puts the whole pod template back,
// with the keys of every object in order (stateful_set_utils.go:getPatch).
func patchOf(template *corev1.PodTemplateSpec) ([]byte, error) {
	data, err := json.Marshal(template)
	if err != nil {
		return nil, err
	}
	const begin, end = `{"spec":{"template":{"$patch":"replace",`, `}}`
	whole := append(append(append(make([]byte, 0, len(begin)+len(data)+len(end)), begin...), data[1:]...), end...)
	return appendOrdered(make([]byte, 0, len(whole)), whole), nil
}

// templateOf returns the pod template that a ControllerRevision stores (stateful_set_utils.go:ApplyRevision).
func templateOf(revision *appsv1.ControllerRevision) (*corev1.PodTemplateSpec, error) {
	var content struct {
		Spec struct {
			Template corev1.PodTemplateSpec `json:"template"`
		} `json:"spec"`
	}
	if err := json.Unmarshal(revision.Data.Raw, &content); err != nil {
		return nil, err
	}
	return &content.Spec.Template, nil
}

// newRevision returns the revision that holds a set's present template, named by the hash of its content
// (stateful_set_utils.go:newRevision, pkg/controller/history/controller_history.go:NewControllerRevision).
func newRevision(set *appsv1.StatefulSet, patch []byte, number int64, collisions int32) *appsv1.ControllerRevision {
	hash := hashOf(patch, collisions)
	labels := copyOf(set.Spec.Template.Labels, 1)
	labels[hashLabel] = hash
	return &appsv1.ControllerRevision{
		ObjectMeta: metav1.ObjectMeta{
			Name:            revisionName(set.Name, hash),
			Namespace:       set.Namespace,
			Labels:          labels,
			Annotations:     copyOf(set.Annotations, 0),
			OwnerReferences: []metav1.OwnerReference{*metav1.NewControllerRef(set, setKind)},
		},
		Data:     runtime.RawExtension{Raw: patch},
		Revision: number,
	}
}

// hashOf hashes a revision's content together with the number of collisions so far, in letters and digits that form no words
// (controller_history.go:HashControllerRevision).
func hashOf(patch []byte, collisions int32) string {
	h := fnv.New32()
	h.Write(patch)
	h.Write(strconv.AppendInt(nil, int64(collisions), 10))
	return rand.SafeEncodeString(strconv.FormatUint(uint64(h.Sum32()), 10))
}

// revisionName joins a set's name, cut short if need be, and a hash (controller_history.go:ControllerRevisionName).
func revisionName(set, hash string) string {
	const longest = 223
	if len(set) > longest {
		set = set[:longest]
	}
	return set + "-" + hash
}
