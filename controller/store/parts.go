package store

import (
	"maps"
	"slices"

	appsv1 "k8s.io/api/apps/v1"
	batchv1 "k8s.io/api/batch/v1"
	coordinationv1 "k8s.io/api/coordination/v1"
	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	policyv1 "k8s.io/api/policy/v1"
	storagev1 "k8s.io/api/storage/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

// shallow returns an object that shares everything with obj but its own outermost fields. That is enough for whoever
// replaces fields and writes into none.
func shallow(obj Object) Object {
	switch o := obj.(type) {
	case *corev1.Pod:
		return copied(o)
	case *corev1.Node:
		return copied(o)
	case *coordinationv1.Lease:
		return copied(o)
	case *appsv1.StatefulSet:
		return copied(o)
	case *corev1.PersistentVolumeClaim:
		return copied(o)
	case *corev1.PersistentVolume:
		return copied(o)
	case *storagev1.VolumeAttachment:
		return copied(o)
	case *discoveryv1.EndpointSlice:
		return copied(o)
	case *corev1.Service:
		return copied(o)
	case *appsv1.ControllerRevision:
		return copied(o)
	case *batchv1.CronJob:
		return copied(o)
	case *batchv1.Job:
		return copied(o)
	case *policyv1.PodDisruptionBudget:
		return copied(o)
	case *storagev1.StorageClass:
		return copied(o)
	case *corev1.ConfigMap:
		return copied(o)
	case *corev1.Secret:
		return copied(o)
	case *corev1.ServiceAccount:
		return copied(o)
	case *corev1.Namespace:
		return copied(o)
	}
	panic("store: a kind that is not copied: " + KindOf(obj).String())
}

func copied[T any](o *T) *T {
	c := *o
	return &c
}

// hasStatus tells whether the kind has a status subresource: then Update never writes the status, and UpdateStatus
// nothing else.
func (k Kind) hasStatus() bool { return emptyObjects[k] != nil }

// emptyObjects has one object of each kind with a status subresource: the status of a new object is theirs.
var emptyObjects = [kinds]Object{
	Pod: &corev1.Pod{}, Node: &corev1.Node{}, StatefulSet: &appsv1.StatefulSet{},
	PersistentVolumeClaim: &corev1.PersistentVolumeClaim{}, PersistentVolume: &corev1.PersistentVolume{},
	VolumeAttachment: &storagev1.VolumeAttachment{}, Service: &corev1.Service{},
	PodDisruptionBudget: &policyv1.PodDisruptionBudget{}, Namespace: &corev1.Namespace{},
	CronJob: &batchv1.CronJob{}, Job: &batchv1.Job{},
}

// copyStatus gives an object the status of another one of its kind.
func copyStatus(to, from Object) {
	switch o := to.(type) {
	case *corev1.Pod:
		o.Status = from.(*corev1.Pod).Status
	case *corev1.Node:
		o.Status = from.(*corev1.Node).Status
	case *appsv1.StatefulSet:
		o.Status = from.(*appsv1.StatefulSet).Status
	case *batchv1.CronJob:
		o.Status = from.(*batchv1.CronJob).Status
	case *batchv1.Job:
		o.Status = from.(*batchv1.Job).Status
	case *corev1.PersistentVolumeClaim:
		o.Status = from.(*corev1.PersistentVolumeClaim).Status
	case *corev1.PersistentVolume:
		o.Status = from.(*corev1.PersistentVolume).Status
	case *storagev1.VolumeAttachment:
		o.Status = from.(*storagev1.VolumeAttachment).Status
	case *corev1.Service:
		o.Status = from.(*corev1.Service).Status
	case *policyv1.PodDisruptionBudget:
		o.Status = from.(*policyv1.PodDisruptionBudget).Status
	case *corev1.Namespace:
		o.Status = from.(*corev1.Namespace).Status
	}
}

// sameStatus tells whether two objects of one kind have the same status.
func sameStatus(a, b Object) bool {
	switch o := a.(type) {
	case *corev1.Pod:
		return equal(&o.Status, &b.(*corev1.Pod).Status)
	case *corev1.Node:
		return equal(&o.Status, &b.(*corev1.Node).Status)
	case *appsv1.StatefulSet:
		return equal(&o.Status, &b.(*appsv1.StatefulSet).Status)
	case *batchv1.CronJob:
		return equal(&o.Status, &b.(*batchv1.CronJob).Status)
	case *batchv1.Job:
		return equal(&o.Status, &b.(*batchv1.Job).Status)
	case *corev1.PersistentVolumeClaim:
		return equal(&o.Status, &b.(*corev1.PersistentVolumeClaim).Status)
	case *corev1.PersistentVolume:
		return equal(&o.Status, &b.(*corev1.PersistentVolume).Status)
	case *storagev1.VolumeAttachment:
		return equal(&o.Status, &b.(*storagev1.VolumeAttachment).Status)
	case *corev1.Service:
		return equal(&o.Status, &b.(*corev1.Service).Status)
	case *policyv1.PodDisruptionBudget:
		return equal(&o.Status, &b.(*policyv1.PodDisruptionBudget).Status)
	case *corev1.Namespace:
		return equal(&o.Status, &b.(*corev1.Namespace).Status)
	}
	return true
}

// sameSpec tells whether two objects of one kind ask for the same: everything but metadata and status.
func sameSpec(a, b Object) bool {
	switch o := a.(type) {
	case *corev1.Pod:
		return equal(&o.Spec, &b.(*corev1.Pod).Spec)
	case *corev1.Node:
		return equal(&o.Spec, &b.(*corev1.Node).Spec)
	case *coordinationv1.Lease:
		return sameLease(&o.Spec, &b.(*coordinationv1.Lease).Spec)
	case *appsv1.StatefulSet:
		return equal(&o.Spec, &b.(*appsv1.StatefulSet).Spec)
	case *batchv1.CronJob:
		return equal(&o.Spec, &b.(*batchv1.CronJob).Spec)
	case *batchv1.Job:
		return equal(&o.Spec, &b.(*batchv1.Job).Spec)
	case *corev1.PersistentVolumeClaim:
		return equal(&o.Spec, &b.(*corev1.PersistentVolumeClaim).Spec)
	case *corev1.PersistentVolume:
		return equal(&o.Spec, &b.(*corev1.PersistentVolume).Spec)
	case *storagev1.VolumeAttachment:
		return equal(&o.Spec, &b.(*storagev1.VolumeAttachment).Spec)
	case *corev1.Service:
		return equal(&o.Spec, &b.(*corev1.Service).Spec)
	case *policyv1.PodDisruptionBudget:
		return equal(&o.Spec, &b.(*policyv1.PodDisruptionBudget).Spec)
	case *corev1.Namespace:
		return equal(&o.Spec, &b.(*corev1.Namespace).Spec)
	case *discoveryv1.EndpointSlice:
		p := b.(*discoveryv1.EndpointSlice)
		return o.AddressType == p.AddressType && slices.EqualFunc(o.Endpoints, p.Endpoints, sameEndpoint) && equal(o.Ports, p.Ports)
	}
	return sameBody(a, b)
}

// sameLease compares without reflection: leases change all the time.
func sameLease(a, b *coordinationv1.LeaseSpec) bool {
	return same(a.HolderIdentity, b.HolderIdentity) && same(a.LeaseDurationSeconds, b.LeaseDurationSeconds) &&
		a.AcquireTime.Equal(b.AcquireTime) && a.RenewTime.Equal(b.RenewTime) && same(a.LeaseTransitions, b.LeaseTransitions) &&
		same(a.Strategy, b.Strategy) && same(a.PreferredHolder, b.PreferredHolder)
}

// sameEndpoint compares without reflection: a slice has a hundred endpoints, and one pod's change writes it anew.
func sameEndpoint(a, b discoveryv1.Endpoint) bool {
	return slices.Equal(a.Addresses, b.Addresses) && same(a.Hostname, b.Hostname) && same(a.NodeName, b.NodeName) &&
		same(a.Zone, b.Zone) && same(a.TargetRef, b.TargetRef) && same(a.Conditions.Ready, b.Conditions.Ready) &&
		same(a.Conditions.Serving, b.Conditions.Serving) && same(a.Conditions.Terminating, b.Conditions.Terminating) &&
		(a.Hints == nil && b.Hints == nil || equal(a.Hints, b.Hints)) && maps.Equal(a.DeprecatedTopology, b.DeprecatedTopology)
}

func same[T comparable](p, q *T) bool { return p == q || p != nil && q != nil && *p == *q }

// sameBody is sameSpec for the kinds that have no spec: all that they say stands beside their metadata.
func sameBody(a, b Object) bool {
	c, d := shallow(a), shallow(b)
	for _, obj := range []Object{c, d} {
		obj.GetObjectKind().SetGroupVersionKind(schema.GroupVersionKind{})
		*metaOf(obj) = metav1.ObjectMeta{}
	}
	return equal(c, d)
}

func equal(a, b any) bool { return equality.Semantic.DeepEqual(a, b) }

// metaOf returns the metadata of an object, to be written.
func metaOf(obj Object) *metav1.ObjectMeta {
	return obj.(metav1.ObjectMetaAccessor).GetObjectMeta().(*metav1.ObjectMeta)
}

// sameMetadata tells whether two objects agree in the metadata that a client may write.
func sameMetadata(a, b *metav1.ObjectMeta) bool {
	return maps.Equal(a.Labels, b.Labels) && maps.Equal(a.Annotations, b.Annotations) &&
		slices.Equal(a.Finalizers, b.Finalizers) && slices.EqualFunc(a.OwnerReferences, b.OwnerReferences, sameReference)
}

func sameReference(a, b metav1.OwnerReference) bool {
	return a.UID == b.UID && a.Name == b.Name && a.Kind == b.Kind && a.APIVersion == b.APIVersion &&
		same(a.Controller, b.Controller) && same(a.BlockOwnerDeletion, b.BlockOwnerDeletion)
}
