package store

import (
	"maps"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
)

// defaultPod fills in what only a pod gets, and a pod template does not.
// Source: pkg/apis/core/v1/defaults.go:SetDefaults_Pod.
func defaultPod(pod *corev1.Pod) {
	spec := &pod.Spec
	defaultPodSpec(spec)
	if *spec.TerminationGracePeriodSeconds < 0 {
		spec.TerminationGracePeriodSeconds = new(int64(1))
	}
	spec.Containers = defaultRequests(spec.Containers)
	spec.InitContainers = defaultRequests(spec.InitContainers)
	setDefaultPointer(&spec.EnableServiceLinks, corev1.DefaultEnableServiceLinks)
	setDefault(&pod.Status.Phase, corev1.PodPending)
}

// defaultRequests makes each limit without a request the request too. The containers may be those of a template that others
// read: it copies them before it writes.
func defaultRequests(containers []corev1.Container) []corev1.Container {
	shared := true
	for i := range containers {
		if !limitsWithoutRequests(containers[i].Resources) {
			continue
		}
		if shared {
			containers, shared = slices.Clone(containers), false
		}
		resources := &containers[i].Resources
		requests := maps.Clone(resources.Limits)
		maps.Copy(requests, resources.Requests)
		resources.Requests = requests
	}
	return containers
}

func limitsWithoutRequests(resources corev1.ResourceRequirements) bool {
	for name := range resources.Limits {
		if _, ok := resources.Requests[name]; !ok {
			return true
		}
	}
	return false
}

// Source: pkg/apis/core/v1/defaults.go:SetDefaults_PodSpec.
func defaultPodSpec(spec *corev1.PodSpec) {
	if spec.ServiceAccountName == "" {
		spec.ServiceAccountName = spec.DeprecatedServiceAccount
	}
	spec.DeprecatedServiceAccount = spec.ServiceAccountName
	setDefault(&spec.DNSPolicy, corev1.DNSClusterFirst)
	setDefault(&spec.RestartPolicy, corev1.RestartPolicyAlways)
	setDefaultPointer(&spec.SecurityContext, corev1.PodSecurityContext{})
	setDefaultPointer(&spec.TerminationGracePeriodSeconds, corev1.DefaultTerminationGracePeriodSeconds)
	setDefault(&spec.SchedulerName, corev1.DefaultSchedulerName)
	for i := range spec.InitContainers {
		defaultContainer(&spec.InitContainers[i])
	}
	for i := range spec.Containers {
		defaultContainer(&spec.Containers[i])
	}
	for i := range spec.Volumes {
		defaultVolume(&spec.Volumes[i].VolumeSource)
	}
}

func defaultContainer(container *corev1.Container) {
	if container.ImagePullPolicy == "" {
		container.ImagePullPolicy = corev1.PullIfNotPresent
		if isLatest(container.Image) {
			container.ImagePullPolicy = corev1.PullAlways
		}
	}
	setDefault(&container.TerminationMessagePath, corev1.TerminationMessagePathDefault)
	setDefault(&container.TerminationMessagePolicy, corev1.TerminationMessageReadFile)
	for i := range container.Ports {
		setDefault(&container.Ports[i].Protocol, corev1.ProtocolTCP)
	}
	for i := range container.Env {
		if from := container.Env[i].ValueFrom; from != nil && from.FieldRef != nil {
			setDefault(&from.FieldRef.APIVersion, "v1")
		}
	}
	for _, probe := range []*corev1.Probe{container.StartupProbe, container.LivenessProbe, container.ReadinessProbe} {
		if probe != nil {
			defaultProbe(probe)
		}
	}
	if hooks := container.Lifecycle; hooks != nil {
		for _, hook := range []*corev1.LifecycleHandler{hooks.PostStart, hooks.PreStop} {
			if hook != nil {
				defaultHTTPGet(hook.HTTPGet)
			}
		}
	}
}

// isLatest tells whether an image's tag is "latest", which is also what no tag and no digest mean.
func isLatest(image string) bool {
	if strings.Contains(image, "@") {
		return false
	}
	name := image[strings.LastIndexByte(image, '/')+1:]
	_, tag, tagged := strings.Cut(name, ":")
	return !tagged || tag == "latest"
}

// Source: pkg/apis/core/v1/defaults.go:SetDefaults_Probe.
func defaultProbe(probe *corev1.Probe) {
	setDefault(&probe.TimeoutSeconds, 1)
	setDefault(&probe.PeriodSeconds, 10)
	setDefault(&probe.SuccessThreshold, 1)
	setDefault(&probe.FailureThreshold, 3)
	defaultHTTPGet(probe.HTTPGet)
	if probe.GRPC != nil {
		setDefaultPointer(&probe.GRPC.Service, "")
	}
}

func defaultHTTPGet(action *corev1.HTTPGetAction) {
	if action == nil {
		return
	}
	setDefault(&action.Path, "/")
	setDefault(&action.Scheme, corev1.URISchemeHTTP)
}

func defaultVolume(source *corev1.VolumeSource) {
	switch {
	case source.Secret != nil:
		setDefaultPointer(&source.Secret.DefaultMode, corev1.SecretVolumeSourceDefaultMode)
	case source.ConfigMap != nil:
		setDefaultPointer(&source.ConfigMap.DefaultMode, corev1.ConfigMapVolumeSourceDefaultMode)
	case source.DownwardAPI != nil:
		setDefaultPointer(&source.DownwardAPI.DefaultMode, corev1.DownwardAPIVolumeSourceDefaultMode)
	case source.Projected != nil:
		setDefaultPointer(&source.Projected.DefaultMode, corev1.ProjectedVolumeSourceDefaultMode)
	case *source == corev1.VolumeSource{}:
		source.EmptyDir = &corev1.EmptyDirVolumeSource{}
	}
}
