package store

import (
	"encoding/hex"
	"errors"
	"fmt"
	"hash/fnv"
	"net/http"
	"strconv"
	"time"

	batchv1 "k8s.io/api/batch/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/validation/field"
)

// The API server's own words: those of errors that k8s.io/apimachinery has no constructor for.
var (
	errVersionOnCreate = errors.New("resourceVersion should not be set on objects to be created")
	errModified        = errors.New("the object has been modified; please apply your changes to the latest version and try again")
)

// uidMismatch is an update of an object that has been replaced by another one of its name.
type uidMismatch struct{ asked, stored types.UID }

func (m uidMismatch) Error() string {
	return fmt.Sprintf("Precondition failed: UID in precondition: %v, UID in object meta: %v", m.asked, m.stored)
}

func (s *Store) create(now time.Time, obj Object) (Object, error) {
	meta, kind := metaOf(obj), KindOf(obj)
	if meta.ResourceVersion != "" {
		return nil, errVersionOnCreate
	}
	if meta.Name == "" && meta.GenerateName != "" {
		meta.Name = generatedName(meta.GenerateName, s.created+1)
	}
	if _, ok := s.view.Object(KeyOf(obj)); ok {
		return nil, apierrors.NewAlreadyExists(kind.GroupResource(), meta.Name)
	}
	clearOnCreate(obj)
	s.Gates.Default(obj)
	meta.UID = uid(s.created+1, KeyOf(obj))
	if job, ok := obj.(*batchv1.Job); ok {
		identify(job)
	}
	s.Gates.drop(obj, nil)
	if err := s.admit(obj); err != nil {
		return nil, err
	}
	if errs := s.Gates.Validate(obj, nil); len(errs) > 0 {
		return nil, invalid(obj, errs)
	}
	s.created++
	meta.CreationTimestamp = wholeSeconds(now)
	s.commit(kind, nil, obj)
	return obj, nil
}

// clearOnCreate takes away what a client cannot say when it creates an object.
// Source: the PrepareForCreate of each kind in pkg/registry, and rest.BeforeCreate of k8s.io/apiserver.
func clearOnCreate(obj Object) {
	meta := metaOf(obj)
	meta.DeletionTimestamp, meta.DeletionGracePeriodSeconds, meta.Generation = nil, nil, 0
	kind := KindOf(obj)
	if kind.hasGeneration() {
		meta.Generation = 1
	}
	if kind.hasStatus() && kind != Node {
		copyStatus(obj, emptyObjects[kind])
	}
}

// hasGeneration tells whether the API server counts the versions of this kind's spec.
func (k Kind) hasGeneration() bool {
	switch k {
	case Pod, StatefulSet, PodDisruptionBudget, EndpointSlice, CronJob, Job:
		return true
	}
	return false
}

func (s *Store) update(obj Object) (Object, error) {
	old, err := s.stored(obj)
	if err != nil {
		return nil, err
	}
	meta, oldMeta, kind := metaOf(obj), metaOf(old), KindOf(obj)
	keepSystemMetadata(meta, oldMeta)
	if kind.hasStatus() {
		copyStatus(obj, old)
	}
	s.Gates.Default(obj)
	s.Gates.drop(obj, old)
	admitUpdate(obj, old)
	respecified := !sameSpec(obj, old)
	if !respecified && sameMetadata(meta, oldMeta) {
		return old, nil
	}
	if kind.hasGeneration() && respecified {
		meta.Generation++
	}
	if errs := s.Gates.validateUpdate(obj, old, respecified); len(errs) > 0 {
		return nil, invalid(obj, errs)
	}
	if err := s.checkExpansion(obj, old); err != nil {
		return nil, err
	}
	if deletionCompletes(meta, oldMeta) {
		s.commit(kind, old, nil)
		return obj, nil
	}
	s.commit(kind, old, obj)
	return obj, nil
}

// keepSystemMetadata takes over the metadata that only the API server writes.
func keepSystemMetadata(meta, old *metav1.ObjectMeta) {
	meta.ResourceVersion, meta.UID, meta.Generation = old.ResourceVersion, old.UID, old.Generation
	meta.CreationTimestamp, meta.DeletionTimestamp = old.CreationTimestamp, old.DeletionTimestamp
	meta.DeletionGracePeriodSeconds, meta.GenerateName = old.DeletionGracePeriodSeconds, old.GenerateName
}

func (s *Store) updateStatus(obj Object) (Object, error) {
	kind := KindOf(obj)
	if !kind.hasStatus() {
		return nil, apierrors.NewGenericServerResponse(http.StatusNotFound, "put", kind.GroupResource(), obj.GetName(), "", 0, true)
	}
	old, err := s.stored(obj)
	if err != nil {
		return nil, err
	}
	if sameStatus(obj, old) {
		return old, nil
	}
	if errs := validateStatus(obj, old); len(errs) > 0 {
		return nil, invalid(obj, errs)
	}
	updated := shallow(old)
	copyStatus(updated, obj)
	s.commit(kind, old, updated)
	return updated, nil
}

// stored returns the object that an update replaces, if the update may: it must exist, and have the UID and the resource
// version that the update names, if it names any.
// Source: k8s.io/apiserver pkg/registry/generic/registry/store.go:Update.
func (s *Store) stored(obj Object) (Object, error) {
	key := KeyOf(obj)
	resource := key.Kind.GroupResource()
	old, ok := s.view.Object(key)
	if !ok {
		return nil, apierrors.NewNotFound(resource, key.Name)
	}
	if uid := obj.GetUID(); uid != "" && uid != old.GetUID() {
		return nil, apierrors.NewConflict(resource, key.Name, uidMismatch{uid, old.GetUID()})
	}
	if version := obj.GetResourceVersion(); version != "" && version != old.GetResourceVersion() {
		return nil, apierrors.NewConflict(resource, key.Name, errModified)
	}
	return old, nil
}

// commit makes one change visible and tells of it. A new object must not be anybody else's.
func (s *Store) commit(kind Kind, old, obj Object) {
	s.revision++
	if obj != nil {
		obj.SetResourceVersion(strconv.FormatInt(s.revision, 10))
	}
	next := *s.view
	next.tables[kind] = next.tables[kind].put(old, obj)
	s.view = &next
	if s.OnChange != nil {
		s.OnChange(Change{Kind: kind, Old: old, New: obj, Revision: s.revision, After: s.view})
	}
}

func invalid(obj Object, errs field.ErrorList) error {
	return apierrors.NewInvalid(KindOf(obj).GroupVersionKind().GroupKind(), obj.GetName(), errs)
}

// wholeSeconds is a time as it comes out of the API server, which stores no fractions in metadata.
func wholeSeconds(t time.Time) metav1.Time { return metav1.NewTime(t.Truncate(time.Second)) }

// uid returns a UID in the form of a random UUID, made from how many objects there were and what the object is called, so
// that a run gives the same UIDs again.
func uid(count int64, key Key) types.UID {
	h := fnv.New128a()
	h.Write(strconv.AppendInt(nil, count, 10))
	h.Write([]byte(key.String()))
	sum := h.Sum(nil)
	sum[6] = sum[6]&0x0f | 0x40 // version 4
	sum[8] = sum[8]&0x3f | 0x80 // the variant of RFC 9562
	b := make([]byte, 0, 36)
	for i, part := range [][]byte{sum[:4], sum[4:6], sum[6:8], sum[8:10], sum[10:]} {
		if i > 0 {
			b = append(b, '-')
		}
		b = hex.AppendEncode(b, part)
	}
	return types.UID(b)
}

// The suffix of a generated name: so many letters, from those that spell no words.
// Source: k8s.io/apiserver pkg/storage/names, k8s.io/apimachinery pkg/util/rand.
const (
	suffixLength  = 5
	suffixLetters = "bcdfghjklmnpqrstvwxz2456789"
	maxBaseLength = 63 - suffixLength
)

func generatedName(base string, count int64) string {
	h := fnv.New64a()
	h.Write([]byte(base))
	h.Write(strconv.AppendInt(nil, count, 10))
	if len(base) > maxBaseLength {
		base = base[:maxBaseLength]
	}
	b := []byte(base)
	for sum := h.Sum64(); len(b) < len(base)+suffixLength; sum /= uint64(len(suffixLetters)) {
		b = append(b, suffixLetters[sum%uint64(len(suffixLetters))])
	}
	return string(b)
}
