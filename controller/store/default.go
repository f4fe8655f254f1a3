package store

import (
	"maps"

	appsv1 "k8s.io/api/apps/v1"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	storagev1 "k8s.io/api/storage/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
)

// Default fills in what an object leaves open, in place, as the API server does before it stores it. An object that is
// already defaulted is not written to. It does so with the gates of Kubernetes 1.37; see [Gates.Default] for others.
// Source: pkg/apis/{apps,batch,core,storage,discovery}/v1/defaults.go.
func Default(obj Object) { latest.Default(obj) }

// defaulted is Default without what depends on a gate.
func defaulted(obj Object) {
	switch o := obj.(type) {
	case *appsv1.StatefulSet:
		defaultStatefulSet(&o.Spec)
	case *batchv1.CronJob:
		defaultCronJob(&o.Spec)
	case *batchv1.Job:
		defaultJob(o)
	case *corev1.Pod:
		defaultPod(o)
	case *corev1.PersistentVolumeClaim:
		defaultClaim(o)
	case *corev1.PersistentVolume:
		setDefault(&o.Spec.PersistentVolumeReclaimPolicy, corev1.PersistentVolumeReclaimRetain)
		setDefaultPointer(&o.Spec.VolumeMode, corev1.PersistentVolumeFilesystem)
		setDefault(&o.Status.Phase, corev1.VolumePending)
	case *corev1.Service:
		defaultService(&o.Spec)
	case *storagev1.StorageClass:
		setDefaultPointer(&o.ReclaimPolicy, corev1.PersistentVolumeReclaimDelete)
		setDefaultPointer(&o.VolumeBindingMode, storagev1.VolumeBindingImmediate)
	case *corev1.Secret:
		defaultSecret(o)
	case *corev1.Node:
		if o.Status.Allocatable == nil {
			o.Status.Allocatable = o.Status.Capacity
		}
	case *corev1.Namespace:
		defaultNamespace(o)
	case *discoveryv1.EndpointSlice:
		for i := range o.Ports {
			setDefaultPointer(&o.Ports[i].Name, "")
			setDefaultPointer(&o.Ports[i].Protocol, corev1.ProtocolTCP)
		}
	}
}

// setDefault gives a field a value if it has none.
func setDefault[T comparable](field *T, value T) {
	var zero T
	if *field == zero {
		*field = value
	}
}

// setDefaultPointer gives an optional field a value if it is nil.
func setDefaultPointer[T any](field **T, value T) {
	if *field == nil {
		*field = &value
	}
}

// defaultStatefulSet fills in rollingUpdate only where the strategy's type was left open too: a set that writes the type
// alone keeps it nil, which is not the same as a partition of 0.
// Source: pkg/apis/apps/v1/defaults.go:SetDefaults_StatefulSet.
func defaultStatefulSet(spec *appsv1.StatefulSetSpec) {
	setDefault(&spec.PodManagementPolicy, appsv1.OrderedReadyPodManagement)
	if spec.UpdateStrategy.Type == "" {
		spec.UpdateStrategy.Type = appsv1.RollingUpdateStatefulSetStrategyType
		setDefaultPointer(&spec.UpdateStrategy.RollingUpdate, appsv1.RollingUpdateStatefulSetStrategy{})
	}
	if rolling := spec.UpdateStrategy.RollingUpdate; rolling != nil && spec.UpdateStrategy.Type == appsv1.RollingUpdateStatefulSetStrategyType {
		setDefaultPointer(&rolling.Partition, 0)
	}
	setDefaultPointer(&spec.PersistentVolumeClaimRetentionPolicy, appsv1.StatefulSetPersistentVolumeClaimRetentionPolicy{})
	setDefault(&spec.PersistentVolumeClaimRetentionPolicy.WhenDeleted, appsv1.RetainPersistentVolumeClaimRetentionPolicyType)
	setDefault(&spec.PersistentVolumeClaimRetentionPolicy.WhenScaled, appsv1.RetainPersistentVolumeClaimRetentionPolicyType)
	setDefaultPointer(&spec.Replicas, 1)
	setDefaultPointer(&spec.RevisionHistoryLimit, 10)
	defaultPodSpec(&spec.Template.Spec)
	for i := range spec.VolumeClaimTemplates {
		defaultClaim(&spec.VolumeClaimTemplates[i])
	}
}

// defaultMaxUnavailable lets a rolling update that says nothing replace one pod at a time.
func defaultMaxUnavailable(strategy *appsv1.StatefulSetUpdateStrategy) {
	if strategy.RollingUpdate != nil && strategy.Type == appsv1.RollingUpdateStatefulSetStrategyType {
		setDefaultPointer(&strategy.RollingUpdate.MaxUnavailable, intstr.FromInt32(1))
	}
}

func defaultClaim(claim *corev1.PersistentVolumeClaim) {
	setDefaultPointer(&claim.Spec.VolumeMode, corev1.PersistentVolumeFilesystem)
	setDefault(&claim.Status.Phase, corev1.ClaimPending)
}

// defaultService leaves out node ports and load balancers, which nothing here serves.
// Source: pkg/apis/core/v1/defaults.go:SetDefaults_Service; pkg/registry/core/service/storage/alloc.go for the IP families.
func defaultService(spec *corev1.ServiceSpec) {
	setDefault(&spec.SessionAffinity, corev1.ServiceAffinityNone)
	switch spec.SessionAffinity {
	case corev1.ServiceAffinityNone:
		spec.SessionAffinityConfig = nil
	case corev1.ServiceAffinityClientIP:
		if config := spec.SessionAffinityConfig; config == nil || config.ClientIP == nil || config.ClientIP.TimeoutSeconds == nil {
			spec.SessionAffinityConfig = &corev1.SessionAffinityConfig{
				ClientIP: &corev1.ClientIPConfig{TimeoutSeconds: new(corev1.DefaultClientIPServiceAffinitySeconds)},
			}
		}
	}
	setDefault(&spec.Type, corev1.ServiceTypeClusterIP)
	for i := range spec.Ports {
		port := &spec.Ports[i]
		setDefault(&port.Protocol, corev1.ProtocolTCP)
		if port.TargetPort == intstr.FromInt32(0) || port.TargetPort == intstr.FromString("") {
			port.TargetPort = intstr.FromInt32(port.Port)
		}
	}
	if spec.Type == corev1.ServiceTypeExternalName {
		return
	}
	setDefaultPointer(&spec.InternalTrafficPolicy, corev1.ServiceInternalTrafficPolicyCluster)
	setDefaultPointer(&spec.IPFamilyPolicy, corev1.IPFamilyPolicySingleStack)
	if len(spec.IPFamilies) == 0 {
		spec.IPFamilies = []corev1.IPFamily{corev1.IPv4Protocol}
	}
	if spec.ClusterIP != "" && len(spec.ClusterIPs) == 0 {
		spec.ClusterIPs = []string{spec.ClusterIP}
	}
}

// defaultSecret also moves stringData, which can only be written, to where it is read.
// Source: pkg/apis/core/v1/conversion.go:Convert_v1_Secret_To_core_Secret.
func defaultSecret(secret *corev1.Secret) {
	setDefault(&secret.Type, corev1.SecretTypeOpaque)
	if len(secret.StringData) == 0 {
		return
	}
	data := maps.Clone(secret.Data)
	if data == nil {
		data = make(map[string][]byte, len(secret.StringData))
	}
	for key, value := range secret.StringData {
		data[key] = []byte(value)
	}
	secret.Data, secret.StringData = data, nil
}

func defaultNamespace(namespace *corev1.Namespace) {
	setDefault(&namespace.Status.Phase, corev1.NamespaceActive)
	if namespace.Name == "" || namespace.Labels[corev1.LabelMetadataName] == namespace.Name {
		return
	}
	labels := maps.Clone(namespace.Labels)
	if labels == nil {
		labels = make(map[string]string, 1)
	}
	labels[corev1.LabelMetadataName] = namespace.Name
	namespace.Labels = labels
}
