package store

import (
	"encoding/binary"
	"fmt"
	"hash/fnv"
	"net/netip"
	"slices"

	corev1 "k8s.io/api/core/v1"
	storagev1 "k8s.io/api/storage/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/validation/field"
)

// What keeps storage in use from vanishing: PVCProtectionFinalizer a claim for as long as a pod uses it, and
// PVProtectionFinalizer a volume for as long as it is bound.
// Source: pkg/volume/util/finalizer.go.
const (
	PVCProtectionFinalizer = "kubernetes.io/pvc-protection"
	PVProtectionFinalizer  = "kubernetes.io/pv-protection"
)

// admit changes a new object as the admission plugins do that are on by default, and gives a Service its address.
func (s *Store) admit(obj Object) error {
	switch o := obj.(type) {
	case *corev1.Pod:
		addTolerations(o)
		if s.Gates.PodTopologyLabelsAdmission && o.Spec.NodeName != "" {
			s.copyTopology(o)
		}
	case *corev1.PersistentVolumeClaim:
		s.chooseStorageClass(o)
		protect(&o.ObjectMeta, PVCProtectionFinalizer)
	case *corev1.PersistentVolume:
		protect(&o.ObjectMeta, PVProtectionFinalizer)
	case *corev1.Service:
		return s.allocateClusterIP(o)
	}
	return nil
}

// protect gives a new object a finalizer that it does not have yet.
// Source: plugin/pkg/admission/storage/storageobjectinuseprotection/admission.go.
func protect(meta *metav1.ObjectMeta, finalizer string) {
	if !slices.Contains(meta.Finalizers, finalizer) {
		meta.Finalizers = append(slices.Clip(meta.Finalizers), finalizer)
	}
}

// tolerationSeconds is how long a pod stays on a node that is not ready or cannot be reached, unless it says otherwise.
const tolerationSeconds = 300

// addTolerations lets a pod stay on a failing node for a while.
// Source: plugin/pkg/admission/defaulttolerationseconds/admission.go.
func addTolerations(pod *corev1.Pod) {
	for _, taint := range []string{corev1.TaintNodeNotReady, corev1.TaintNodeUnreachable} {
		tolerated := slices.ContainsFunc(pod.Spec.Tolerations, func(t corev1.Toleration) bool {
			return (t.Key == taint || t.Key == "") && (t.Effect == corev1.TaintEffectNoExecute || t.Effect == "")
		})
		if !tolerated {
			pod.Spec.Tolerations = append(slices.Clip(pod.Spec.Tolerations), corev1.Toleration{
				Key: taint, Operator: corev1.TolerationOpExists, Effect: corev1.TaintEffectNoExecute, TolerationSeconds: new(int64(tolerationSeconds)),
			})
		}
	}
}

// The annotations that make a storage class the default one.
const (
	defaultClassAnnotation     = "storageclass.kubernetes.io/is-default-class"
	defaultClassAnnotationBeta = "storageclass.beta.kubernetes.io/is-default-class"
)

// chooseStorageClass gives a claim that names no class the default one: the newest if there are several, and the first by
// name of those.
// Source: plugin/pkg/admission/storage/storageclass/setdefault/admission.go, pkg/volume/util/storageclass.go:GetDefaultClass.
func (s *Store) chooseStorageClass(claim *corev1.PersistentVolumeClaim) {
	if _, ok := claim.Annotations[corev1.BetaStorageClassAnnotation]; ok || claim.Spec.StorageClassName != nil {
		return
	}
	var chosen *storagev1.StorageClass
	for class := range All[*storagev1.StorageClass](s.view) {
		if class.Annotations[defaultClassAnnotation] != "true" && class.Annotations[defaultClassAnnotationBeta] != "true" {
			continue
		}
		if chosen == nil || class.CreationTimestamp.After(chosen.CreationTimestamp.Time) {
			chosen = class
		}
	}
	if chosen != nil {
		claim.Spec.StorageClassName = new(chosen.Name)
	}
}

// The addresses of Services: 10.96.0.0/16, of which the first 256 are left to those who name their own.
const (
	serviceNetwork  = 10<<24 | 96<<16
	reservedAddress = 256
	lastAddress     = 1<<16 - 2
)

// allocateClusterIP gives a Service an address of its own, unless it wants none. The address comes from the Service's name,
// so that one more Service does not move the others; when it is taken, the next free one is used.
// Source: pkg/registry/core/service/storage/alloc.go.
func (s *Store) allocateClusterIP(service *corev1.Service) error {
	spec := &service.Spec
	switch {
	case spec.Type == corev1.ServiceTypeExternalName || spec.ClusterIP == corev1.ClusterIPNone:
		return nil
	case spec.ClusterIP != "":
		if !s.addressTaken(spec.ClusterIP) {
			return nil
		}
		return invalid(service, field.ErrorList{field.Invalid(field.NewPath("spec", "clusterIPs"), spec.ClusterIPs,
			fmt.Sprintf("failed to allocate IP %s: provided IP is already allocated", spec.ClusterIP))})
	}
	h := fnv.New32a()
	h.Write(nameKey(service.Namespace, service.Name))
	const many = lastAddress - reservedAddress + 1
	for i, first := uint32(0), h.Sum32()%many; i < many; i++ {
		var address [4]byte
		binary.BigEndian.PutUint32(address[:], serviceNetwork+reservedAddress+(first+i)%many)
		ip := netip.AddrFrom4(address).String()
		if !s.addressTaken(ip) {
			spec.ClusterIP, spec.ClusterIPs = ip, []string{ip}
			return nil
		}
	}
	return invalid(service, field.ErrorList{field.InternalError(field.NewPath("spec", "clusterIPs"),
		fmt.Errorf("failed to allocate a serviceIP: range is full"))})
}

func (s *Store) addressTaken(ip string) bool {
	for range walk[Object](s.view.tables[Service].index, indexPrefix(byClusterIP, ip)) {
		return true
	}
	return false
}

// admitUpdate changes the new version of an object as the admission plugins do, and lets it leave out what the API server
// chose when the object was made.
// Source: pkg/registry/core/service/storage/storage.go:patchAllocatedValues, normalizeClusterIPs.
func admitUpdate(obj, old Object) {
	switch o := obj.(type) {
	case *corev1.Pod:
		addTolerations(o)
	case *corev1.Service:
		spec, was := &o.Spec, &old.(*corev1.Service).Spec
		if spec.Type != corev1.ServiceTypeExternalName && spec.ClusterIP == "" && len(spec.ClusterIPs) == 0 {
			spec.ClusterIP, spec.ClusterIPs = was.ClusterIP, was.ClusterIPs
		}
		if spec.ClusterIP != "" && spec.ClusterIP != was.ClusterIP && slices.Equal(spec.ClusterIPs, was.ClusterIPs) {
			spec.ClusterIPs = []string{spec.ClusterIP} // who changes the one means the other too
		}
	}
}
