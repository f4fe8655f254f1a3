package store

import (
	"fmt"

	appsv1 "k8s.io/api/apps/v1"
	batchv1 "k8s.io/api/batch/v1"
	coordinationv1 "k8s.io/api/coordination/v1"
	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	policyv1 "k8s.io/api/policy/v1"
	storagev1 "k8s.io/api/storage/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

// Object is any API object that the store holds.
type Object interface {
	metav1.Object
	runtime.Object
}

// Kind is one of the API kinds that the store holds.
type Kind uint8

// The kinds, in the order in which a listing of the world shows them.
const (
	Node Kind = iota
	Namespace
	StorageClass
	ConfigMap
	Secret
	ServiceAccount
	Service
	PodDisruptionBudget
	StatefulSet
	ControllerRevision
	CronJob
	Job
	Pod
	PersistentVolumeClaim
	PersistentVolume
	VolumeAttachment
	EndpointSlice
	Lease
	kinds // how many there are
)

var kindNames = [kinds]string{
	Node: "Node", Namespace: "Namespace", StorageClass: "StorageClass", ConfigMap: "ConfigMap", Secret: "Secret",
	ServiceAccount: "ServiceAccount", Service: "Service", PodDisruptionBudget: "PodDisruptionBudget", StatefulSet: "StatefulSet",
	ControllerRevision: "ControllerRevision", CronJob: "CronJob", Job: "Job", Pod: "Pod", PersistentVolumeClaim: "PersistentVolumeClaim",
	PersistentVolume: "PersistentVolume", VolumeAttachment: "VolumeAttachment", EndpointSlice: "EndpointSlice", Lease: "Lease",
}

var kindResources = [kinds]string{
	Node: "nodes", Namespace: "namespaces", StorageClass: "storageclasses", ConfigMap: "configmaps", Secret: "secrets",
	ServiceAccount: "serviceaccounts", Service: "services", PodDisruptionBudget: "poddisruptionbudgets",
	StatefulSet: "statefulsets", ControllerRevision: "controllerrevisions", CronJob: "cronjobs", Job: "jobs", Pod: "pods",
	PersistentVolumeClaim: "persistentvolumeclaims", PersistentVolume: "persistentvolumes",
	VolumeAttachment: "volumeattachments", EndpointSlice: "endpointslices", Lease: "leases",
}

// String returns the kind's name as manifests write it.
func (k Kind) String() string { return kindNames[k] }

// GroupVersion returns the API group and version of the kind, the one that manifests name as apiVersion.
func (k Kind) GroupVersion() schema.GroupVersion {
	switch k {
	case StatefulSet, ControllerRevision:
		return appsv1.SchemeGroupVersion
	case CronJob, Job:
		return batchv1.SchemeGroupVersion
	case PodDisruptionBudget:
		return policyv1.SchemeGroupVersion
	case StorageClass, VolumeAttachment:
		return storagev1.SchemeGroupVersion
	case EndpointSlice:
		return discoveryv1.SchemeGroupVersion
	case Lease:
		return coordinationv1.SchemeGroupVersion
	}
	return corev1.SchemeGroupVersion
}

// GroupVersionKind returns the kind's full name, as an owner reference spells it.
func (k Kind) GroupVersionKind() schema.GroupVersionKind {
	return k.GroupVersion().WithKind(kindNames[k])
}

// GroupResource returns the name that the API server's errors use: "pods", "statefulsets.apps".
func (k Kind) GroupResource() schema.GroupResource {
	return schema.GroupResource{Group: k.GroupVersion().Group, Resource: kindResources[k]}
}

// KindFor returns the kind that a manifest or an owner reference names; false if the store does not hold it.
func KindFor(apiVersion, kind string) (Kind, bool) {
	for k, name := range kindNames {
		if name == kind {
			return Kind(k), Kind(k).GroupVersion().String() == apiVersion
		}
	}
	return 0, false
}

// Namespaced tells whether objects of this kind live in a namespace.
func (k Kind) Namespaced() bool {
	switch k {
	case Node, Namespace, StorageClass, PersistentVolume, VolumeAttachment:
		return false
	}
	return true
}

// KindOf returns the kind of an object. It panics for a type that the store does not hold: that is a bug of the caller.
func KindOf(obj Object) Kind {
	switch obj.(type) {
	case *corev1.Pod:
		return Pod
	case *corev1.Node:
		return Node
	case *coordinationv1.Lease:
		return Lease
	case *appsv1.StatefulSet:
		return StatefulSet
	case *corev1.PersistentVolumeClaim:
		return PersistentVolumeClaim
	case *corev1.PersistentVolume:
		return PersistentVolume
	case *storagev1.VolumeAttachment:
		return VolumeAttachment
	case *discoveryv1.EndpointSlice:
		return EndpointSlice
	case *corev1.Service:
		return Service
	case *appsv1.ControllerRevision:
		return ControllerRevision
	case *batchv1.CronJob:
		return CronJob
	case *batchv1.Job:
		return Job
	case *policyv1.PodDisruptionBudget:
		return PodDisruptionBudget
	case *storagev1.StorageClass:
		return StorageClass
	case *corev1.ConfigMap:
		return ConfigMap
	case *corev1.Secret:
		return Secret
	case *corev1.ServiceAccount:
		return ServiceAccount
	case *corev1.Namespace:
		return Namespace
	}
	panic(fmt.Sprintf("store: no kind for %T", obj))
}

// Key names one object: what it is, where, and how it is called. It says nothing of the object's UID: two objects that
// follow each other under one name have one key.
type Key struct {
	Kind      Kind
	Namespace string // empty for a kind that is not namespaced
	Name      string
}

// KeyOf returns the key of an object.
func KeyOf(obj Object) Key {
	return Key{Kind: KindOf(obj), Namespace: obj.GetNamespace(), Name: obj.GetName()}
}

// String returns "Pod default/web-0", or "Node a" for a kind without namespaces.
func (k Key) String() string {
	if k.Namespace == "" {
		return k.Kind.String() + " " + k.Name
	}
	return k.Kind.String() + " " + k.Namespace + "/" + k.Name
}

// Kinds lists all kinds, in the order in which a listing of the world shows them.
func Kinds() []Kind {
	all := make([]Kind, kinds)
	for i := range all {
		all[i] = Kind(i)
	}
	return all
}
