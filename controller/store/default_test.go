package store

import (
	"testing"

	"github.com/stretchr/testify/require"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	storagev1 "k8s.io/api/storage/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
)

func TestDefaultStatefulSet(t *testing.T) {
	set := newSet("web")
	Default(set)
	spec := set.Spec
	require.EqualValues(t, 1, *spec.Replicas)
	require.EqualValues(t, 10, *spec.RevisionHistoryLimit)
	require.Equal(t, appsv1.OrderedReadyPodManagement, spec.PodManagementPolicy)
	require.Equal(t, appsv1.StatefulSetUpdateStrategy{
		Type:          appsv1.RollingUpdateStatefulSetStrategyType,
		RollingUpdate: &appsv1.RollingUpdateStatefulSetStrategy{Partition: new(int32(0)), MaxUnavailable: new(intstr.FromInt32(1))},
	}, spec.UpdateStrategy)
	require.Equal(t, &appsv1.StatefulSetPersistentVolumeClaimRetentionPolicy{WhenDeleted: "Retain", WhenScaled: "Retain"}, spec.PersistentVolumeClaimRetentionPolicy)
	require.Equal(t, corev1.PersistentVolumeFilesystem, *spec.VolumeClaimTemplates[0].Spec.VolumeMode)
	require.Equal(t, corev1.DNSClusterFirst, spec.Template.Spec.DNSPolicy)
	require.Nil(t, spec.Template.Spec.EnableServiceLinks, "a pod's alone")
	require.Nil(t, spec.Ordinals)
}

// A strategy whose type is written and whose rollingUpdate is not keeps it nil.
func TestDefaultKeepsAnOpenRollingUpdate(t *testing.T) {
	set := newSet("web")
	set.Spec.UpdateStrategy.Type = appsv1.RollingUpdateStatefulSetStrategyType
	Default(set)
	require.Nil(t, set.Spec.UpdateStrategy.RollingUpdate)
}

func TestDefaultPod(t *testing.T) {
	pod := newPod("web-0")
	limits := corev1.ResourceList{corev1.ResourceCPU: resource.MustParse("2"), corev1.ResourceMemory: resource.MustParse("1Gi")}
	pod.Spec.Containers[0].Resources = corev1.ResourceRequirements{
		Limits:   limits,
		Requests: corev1.ResourceList{corev1.ResourceCPU: resource.MustParse("1")},
	}
	pod.Spec.Containers[0].Ports = []corev1.ContainerPort{{ContainerPort: 80}}
	pod.Spec.Containers[0].ReadinessProbe = &corev1.Probe{ProbeHandler: corev1.ProbeHandler{HTTPGet: &corev1.HTTPGetAction{}}}
	pod.Spec.Volumes = []corev1.Volume{{Name: "tmp"}}
	shared := pod.Spec.Containers
	Default(pod)
	container := pod.Spec.Containers[0]
	require.Equal(t, corev1.ProtocolTCP, container.Ports[0].Protocol)
	require.Equal(t, "/", container.ReadinessProbe.HTTPGet.Path)
	require.Equal(t, corev1.URISchemeHTTP, container.ReadinessProbe.HTTPGet.Scheme)
	require.Equal(t, [4]int32{1, 10, 1, 3}, [4]int32{container.ReadinessProbe.TimeoutSeconds, container.ReadinessProbe.PeriodSeconds,
		container.ReadinessProbe.SuccessThreshold, container.ReadinessProbe.FailureThreshold})
	require.True(t, container.Resources.Requests.Cpu().Equal(resource.MustParse("1")))
	require.True(t, container.Resources.Requests.Memory().Equal(resource.MustParse("1Gi")), "the limit")
	require.Len(t, shared[0].Resources.Requests, 1, "a template's containers are not written to")
	require.EqualValues(t, 30, *pod.Spec.TerminationGracePeriodSeconds)
	require.NotNil(t, pod.Spec.Volumes[0].EmptyDir)
	require.True(t, *pod.Spec.EnableServiceLinks)

	negative := newPod("web-1")
	negative.Spec.TerminationGracePeriodSeconds = new(int64(-1))
	Default(negative)
	require.EqualValues(t, 1, *negative.Spec.TerminationGracePeriodSeconds)
}

func TestImagePullPolicyFollowsTheTag(t *testing.T) {
	for image, want := range map[string]corev1.PullPolicy{
		"nginx": corev1.PullAlways, "nginx:latest": corev1.PullAlways, "registry:5000/nginx": corev1.PullAlways,
		"nginx:1.27": corev1.PullIfNotPresent, "registry:5000/nginx:1.27": corev1.PullIfNotPresent,
		"nginx@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef": corev1.PullIfNotPresent,
	} {
		pod := newPod("web-0")
		pod.Spec.Containers[0].Image = image
		Default(pod)
		require.Equal(t, want, pod.Spec.Containers[0].ImagePullPolicy, image)
	}
}

func TestDefaultIsIdempotent(t *testing.T) {
	secret := &corev1.Secret{StringData: map[string]string{"password": "x"}}
	for _, obj := range []Object{
		newSet("web"), newPod("web-0"), newClaim("data"), newService("web"), secret, &corev1.PersistentVolume{}, &storagev1.StorageClass{},
		&corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: "default"}},
		&corev1.Node{Status: corev1.NodeStatus{Capacity: corev1.ResourceList{corev1.ResourcePods: resource.MustParse("110")}}},
	} {
		Default(obj)
		once := obj.DeepCopyObject()
		Default(obj)
		require.Equal(t, once, obj)
	}
	require.Equal(t, map[string][]byte{"password": []byte("x")}, secret.Data)
}

func TestServicesGetAddresses(t *testing.T) {
	s := New()
	api := s.At(start, nil)
	web := created(t, api, newService("web"))
	require.Regexp(t, `^10\.96\.\d+\.\d+$`, web.Spec.ClusterIP)
	require.Equal(t, []string{web.Spec.ClusterIP}, web.Spec.ClusterIPs)

	headless := newService("headless")
	headless.Spec.ClusterIP = corev1.ClusterIPNone
	require.Equal(t, []string{"None"}, created(t, api, headless).Spec.ClusterIPs)
	other := newService("web")
	other.Namespace = "other"
	require.NotEqual(t, web.Spec.ClusterIP, created(t, api, other).Spec.ClusterIP)

	same := newService("thief")
	same.Spec.ClusterIP = web.Spec.ClusterIP
	_, err := api.Create(same)
	require.EqualError(t, err, `Service "thief" is invalid: spec.clusterIPs: Invalid value: ["`+web.Spec.ClusterIP+`"]: failed to allocate IP `+web.Spec.ClusterIP+`: provided IP is already allocated`)

	applied, err := api.Update(newService("web"))
	require.NoError(t, err)
	require.Same(t, web, applied, "an update that names no address keeps it")
	moved := web.DeepCopy()
	moved.Spec.ClusterIP = "10.96.0.9" // clusterIPs follows
	_, err = api.Update(moved)
	require.ErrorContains(t, err, `spec.clusterIPs[0]: Invalid value: ["10.96.0.9"]: may not change once set`)

	require.NoError(t, api.Delete(KeyOf(web), DeleteOptions{}))
	thief := newService("thief")
	thief.Spec.ClusterIP = web.Spec.ClusterIP
	created(t, api, thief)
	require.NotEqual(t, web.Spec.ClusterIP, created(t, api, newService("web")).Spec.ClusterIP, "taken")
}

func TestAdmission(t *testing.T) {
	s := New()
	api := s.At(start, nil)
	require.Nil(t, created(t, api, newClaim("early")).Spec.StorageClassName, "there is no default class yet")
	for _, class := range []string{"standard", "default-b", "default-a"} {
		annotations := map[string]string{"storageclass.kubernetes.io/is-default-class": "true"}
		if class == "standard" {
			annotations = nil
		}
		created(t, api, &storagev1.StorageClass{ObjectMeta: metav1.ObjectMeta{Name: class, Annotations: annotations}, Provisioner: "x.y/z"})
	}
	claim := created(t, api, newClaim("data"))
	require.Equal(t, "default-a", *claim.Spec.StorageClassName)
	require.Equal(t, []string{"kubernetes.io/pvc-protection"}, claim.Finalizers)
	none := newClaim("none")
	none.Spec.StorageClassName = new("")
	require.Equal(t, "", *created(t, api, none).Spec.StorageClassName)

	pod := newPod("web-0")
	pod.Spec.Tolerations = []corev1.Toleration{{Key: corev1.TaintNodeUnreachable, Operator: corev1.TolerationOpExists, Effect: corev1.TaintEffectNoExecute, TolerationSeconds: new(int64(5))}}
	tolerations := created(t, api, pod).Spec.Tolerations
	require.Len(t, tolerations, 2)
	require.EqualValues(t, 5, *tolerations[0].TolerationSeconds)
	require.Equal(t, corev1.TaintNodeNotReady, tolerations[1].Key)
	require.EqualValues(t, 300, *tolerations[1].TolerationSeconds)
}
