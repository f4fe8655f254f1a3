package statefulset

import (
	"strconv"
	"strings"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

var (
	setKind = appsv1.SchemeGroupVersion.WithKind("StatefulSet")
	podKind = corev1.SchemeGroupVersion.WithKind("Pod")

	setResource = appsv1.Resource("statefulsets")
)

// ParentAndOrdinal splits a pod's name into the name of the set it would belong to and its ordinal. The parent is empty if
// the name does not end in a dash and digits; the ordinal is -1 then, and also if the digits exceed an int32
// (stateful_set_utils.go:getParentNameAndOrdinal).
func ParentAndOrdinal(podName string) (parent string, ordinal int) {
	digits := len(podName)
	for digits > 0 && '0' <= podName[digits-1] && podName[digits-1] <= '9' {
		digits--
	}
	if digits == len(podName) || digits == 0 || podName[digits-1] != '-' {
		return "", -1
	}
	n, err := strconv.ParseInt(podName[digits:], 10, 32)
	if err != nil {
		n = -1
	}
	return podName[:digits-1], int(n)
}

// PodName returns the name of a set's pod.
func PodName(set string, ordinal int) string { return set + "-" + strconv.Itoa(ordinal) }

// ClaimName returns the name of the claim that a pod of a set mounts for a claim template
// (stateful_set_utils.go:getPersistentVolumeClaimName).
func ClaimName(template, set string, ordinal int) string {
	return string(appendClaimName(nil, template, set, ordinal))
}

func appendClaimName(b []byte, template, set string, ordinal int) []byte {
	b = append(append(b, template...), '-')
	b = append(append(b, set...), '-')
	return strconv.AppendInt(b, int64(ordinal), 10)
}

// startOrdinal returns the ordinal of the set's first pod.
func startOrdinal(set *appsv1.StatefulSet) int {
	if set.Spec.Ordinals == nil {
		return 0
	}
	return int(set.Spec.Ordinals.Start)
}

// replicaCount returns how many pods the set wants; the API server's default stands in for a missing number.
func replicaCount(set *appsv1.StatefulSet) int {
	if set.Spec.Replicas == nil {
		return 1
	}
	return int(*set.Spec.Replicas)
}

// partition returns the partition of a rolling update that has one.
func partition(set *appsv1.StatefulSet) int {
	rolling := set.Spec.UpdateStrategy.RollingUpdate
	if rolling == nil || rolling.Partition == nil {
		return 0
	}
	return int(*rolling.Partition)
}

// hasIdentity tells whether the pod is named and labelled as the set's pod of that ordinal. The label that holds the ordinal
// is not looked at (stateful_set_utils.go:identityMatches).
func hasIdentity(set *appsv1.StatefulSet, pod *corev1.Pod, ordinal int) bool {
	// A name with leading zeros parses to the ordinal, but is not the name that the ordinal stands for.
	suffix := pod.Name[strings.LastIndexByte(pod.Name, '-')+1:]
	return ordinal >= 0 && (len(suffix) == 1 || suffix[0] != '0') && pod.Namespace == set.Namespace &&
		pod.Labels[appsv1.StatefulSetPodNameLabel] == pod.Name
}

// hasStorage tells whether the pod mounts the claim of each template under the template's name
// (stateful_set_utils.go:storageMatches).
func hasStorage(set *appsv1.StatefulSet, pod *corev1.Pod, ordinal int) bool {
	var name [128]byte
	for i := range set.Spec.VolumeClaimTemplates {
		template := set.Spec.VolumeClaimTemplates[i].Name
		source := mounted(pod, template)
		if source == nil || source.ClaimName != string(appendClaimName(name[:0], template, set.Name, ordinal)) {
			return false
		}
	}
	return true
}

// mounted returns the claim that is the pod's volume of that name. Of several volumes of one name the last counts.
func mounted(pod *corev1.Pod, volume string) *corev1.PersistentVolumeClaimVolumeSource {
	for i := len(pod.Spec.Volumes) - 1; i >= 0; i-- {
		if pod.Spec.Volumes[i].Name == volume {
			return pod.Spec.Volumes[i].PersistentVolumeClaim
		}
	}
	return nil
}

// newPod returns the pod of an ordinal as the set makes it from a template of the given revision
// (stateful_set_utils.go:newStatefulSetPod).
func newPod(set *appsv1.StatefulSet, template *corev1.PodTemplateSpec, revision string, ordinal int) *corev1.Pod {
	pod := &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{
			Name:            PodName(set.Name, ordinal),
			Namespace:       set.Namespace,
			GenerateName:    set.Name + "-",
			Labels:          copyOf(template.Labels, 3),
			Annotations:     copyOf(template.Annotations, 0),
			Finalizers:      append([]string(nil), template.Finalizers...),
			OwnerReferences: []metav1.OwnerReference{*metav1.NewControllerRef(set, setKind)},
		},
	}
	template.Spec.DeepCopyInto(&pod.Spec)
	setIdentity(pod, ordinal)
	pod.Labels[appsv1.StatefulSetRevisionLabel] = revision
	pod.Spec.Hostname = pod.Name
	pod.Spec.Subdomain = set.Spec.ServiceName
	pod.Spec.Volumes = volumes(set, pod.Spec.Volumes, ordinal)
	return pod
}

// setIdentity writes the labels that tell a pod's name and ordinal (stateful_set_utils.go:updateIdentity).
func setIdentity(pod *corev1.Pod, ordinal int) {
	pod.Labels[appsv1.StatefulSetPodNameLabel] = pod.Name
	pod.Labels[appsv1.PodIndexLabel] = strconv.Itoa(ordinal)
}

// repaired returns the pod with the identity and the volumes that the set asks for.
func repaired(set *appsv1.StatefulSet, pod *corev1.Pod, ordinal int) *corev1.Pod {
	fixed := *pod
	if !hasIdentity(set, pod, ordinal) {
		fixed.Name = PodName(set.Name, ordinal)
		fixed.Namespace = set.Namespace
		fixed.Labels = copyOf(pod.Labels, 2)
		setIdentity(&fixed, ordinal)
	}
	if !hasStorage(set, &fixed, ordinal) {
		fixed.Spec.Volumes = volumes(set, pod.Spec.Volumes, ordinal)
	}
	return &fixed
}

// volumes returns a pod's volumes with those named like a claim template replaced by the claim, claims first
// (stateful_set_utils.go:updateStorage).
func volumes(set *appsv1.StatefulSet, old []corev1.Volume, ordinal int) []corev1.Volume {
	templates := set.Spec.VolumeClaimTemplates
	if len(templates) == 0 {
		return old
	}
	all := make([]corev1.Volume, 0, len(templates)+len(old))
	for _, i := range byName(templates) {
		claim := &corev1.PersistentVolumeClaimVolumeSource{ClaimName: ClaimName(templates[i].Name, set.Name, ordinal)}
		all = append(all, corev1.Volume{Name: templates[i].Name, VolumeSource: corev1.VolumeSource{PersistentVolumeClaim: claim}})
	}
	for i := range old {
		if !isTemplate(templates, old[i].Name) {
			all = append(all, old[i])
		}
	}
	return all
}

func isTemplate(templates []corev1.PersistentVolumeClaim, name string) bool {
	for i := range templates {
		if templates[i].Name == name {
			return true
		}
	}
	return false
}

// copyOf returns a copy of a map with room for more entries; nil if there are none of either.
func copyOf(m map[string]string, more int) map[string]string {
	if len(m)+more == 0 {
		return nil
	}
	c := make(map[string]string, len(m)+more)
	for k, v := range m {
		c[k] = v
	}
	return c
}
