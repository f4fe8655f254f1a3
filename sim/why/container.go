package why

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"

	"statefulsim/controller/condition"
	"statefulsim/sim"
)

// imageTrouble are the reasons for which a container waits for its image (pkg/kubelet/images/types.go).
var imageTrouble = []string{"ErrImagePull", "ImagePullBackOff", "ErrImageNeverPull", "InvalidImageName"}

// waiting returns a container of a pod that waits for one of these reasons.
func waiting(pod *corev1.Pod, reasons ...string) (spec *corev1.Container, status *corev1.ContainerStatus) {
	for _, list := range [][]corev1.ContainerStatus{pod.Status.InitContainerStatuses, pod.Status.ContainerStatuses} {
		for i := range list {
			if w := list[i].State.Waiting; w != nil && slices.Contains(reasons, w.Reason) {
				return container(pod, list[i].Name), &list[i]
			}
		}
	}
	return nil, nil
}

func container(pod *corev1.Pod, name string) *corev1.Container {
	for _, list := range [][]corev1.Container{pod.Spec.InitContainers, pod.Spec.Containers} {
		for i := range list {
			if list[i].Name == name {
				return &list[i]
			}
		}
	}
	return nil
}

// noImage explains a pod with an image that cannot be pulled.
func noImage(s *scene, pod *corev1.Pod) *Finding {
	spec, status := waiting(pod, imageTrouble...)
	if spec == nil || pod.DeletionTimestamp != nil {
		return nil
	}
	first, _ := s.told(pod, "Failed")
	if first == nil {
		first = s.unready(pod)
	}
	f := &Finding{
		State: stateOf(pod), Forever: true,
		Rule:    "A container starts when the node has its image; the kubelet asks for it again after a back-off that doubles from 10 s up to 5 minutes, and for as long as the pod exists.",
		Source:  "pkg/kubelet/images/image_manager.go:EnsureImageExists",
		Details: []string{status.State.Waiting.Message},
	}
	if first != nil {
		f.Since, f.from = first.At, append(s.blamed("failPull"), first.Seq)
	}
	if set := s.setOf(pod); set != nil && len(s.renewal(pod)) == 0 {
		f.Cure = []string{"kubectl set image statefulset/" + flagged(set) + " " + spec.Name + "=IMAGE   # an image that is there; or kubectl rollout undo statefulset/" + flagged(set),
			"kubectl delete pod " + flagged(pod) + "   # after that, too: a set does not replace a pod that was never Ready (OrderedReady)"}
	}
	f.Cure = append(s.renewal(pod), f.Cure...)
	return f
}

// killedByProbe explains a pod whose containers are killed again and again before they have ever been ready.
func killedByProbe(s *scene, pod *corev1.Pod) *Finding {
	if condition.PodReady(pod) || pod.DeletionTimestamp != nil {
		return nil
	}
	kills := s.kills(pod)
	if len(kills) < 2 {
		return nil
	}
	last := kills[len(kills)-1]
	name, kind, ok := strings.Cut(strings.TrimPrefix(last.Detail, "Container "), " failed ")
	kind, _, _ = strings.Cut(kind, " ")
	spec := container(pod, name)
	if !ok || spec == nil {
		return nil
	}
	probe := map[string]*corev1.Probe{"liveness": spec.LivenessProbe, "startup": spec.StartupProbe}[kind]
	if probe == nil {
		return nil
	}
	f := &Finding{
		State: stateOf(pod), Since: kills[0].At, Forever: true, from: append(s.blamed(slowing...), last.Seq),
		Rule: fmt.Sprintf("A container whose %s probe has failed failureThreshold times in a row is killed and begins anew. %s takes longer to start than the probe "+
			"allows, and begins its start from the beginning each time.", kind, name),
		Source: "pkg/kubelet/prober/worker.go:doProbe; pkg/kubelet/kuberuntime/kuberuntime_manager.go:computePodActions",
		Links:  []string{"https://github.com/helm/charts/issues/5762", "https://github.com/percona/percona-server-mysql-operator/issues/1467"},
		Details: []string{
			fmt.Sprintf("the probe allows %s: initialDelaySeconds %d + periodSeconds %d × failureThreshold %d", allowance(probe), probe.InitialDelaySeconds, probe.PeriodSeconds, probe.FailureThreshold),
			fmt.Sprintf("a start takes %v (the latency processStart)%s", s.rec.Scenario.Latency("processStart"), s.slowed()),
			fmt.Sprintf("killed %d times since %s, the last time at %s", len(kills), clock(kills[0].At), clock(last.At)),
		},
	}
	f.Cure = append(s.renewal(pod), s.probeCure(pod, spec, kind)...)
	return f
}

// kills are the ends that probes brought to the pod's containers since it was Ready last.
func (s *scene) kills(pod *corev1.Pod) (kills []*sim.Event) {
	name, life := nameOf(pod), s.life(pod)
	for i := range life {
		e := &life[i]
		switch {
		case e.Kind != "Pod" || e.Name != name:
		case e.Verb == "update" && e.Reason == "Ready":
			kills = nil
		case e.Reason == "Killing" && strings.Contains(e.Detail, " probe, will be restarted"):
			kills = append(kills, e)
		}
	}
	return kills
}

// allowance is how long a probe lets a container be before it is killed, but for the part of a period in which it begins.
func allowance(probe *corev1.Probe) time.Duration {
	return time.Duration(probe.InitialDelaySeconds+probe.PeriodSeconds*probe.FailureThreshold) * time.Second
}

// slowing are the faults that make a start slower, or its probe's answers.
var slowing = []string{"slowStart", "slowProbe", "failProbe"}

// slowed names the faults that make starts slower.
func (s *scene) slowed() (names string) {
	for _, f := range s.doing(slowing...) {
		names += ", and more by " + f.words()
	}
	return names
}

func (s *scene) probeCure(pod *corev1.Pod, spec *corev1.Container, kind string) []string {
	set := s.setOf(pod)
	if set == nil {
		return []string{"# give the container a startupProbe that allows for its longest start"}
	}
	index := slices.IndexFunc(set.Spec.Template.Spec.Containers, func(c corev1.Container) bool { return c.Name == spec.Name })
	patch := fmt.Sprintf(`[{"op":"replace","path":"/spec/template/spec/containers/%d/startupProbe/failureThreshold","value":600}]`, index)
	kindOf := " --type=json -p '"
	if kind == "liveness" {
		patch = fmt.Sprintf(`{"spec":{"template":{"spec":{"containers":[{"name":"%s","startupProbe":{"tcpSocket":{"port":%d},"periodSeconds":1,"failureThreshold":600}}]}}}}`, spec.Name, port(spec))
		kindOf = " -p '"
	}
	return []string{"kubectl patch statefulset " + flagged(set) + kindOf + patch + "'   # allows 600 s for a start; the liveness probe waits for it",
		"kubectl delete pod " + flagged(pod) + "   # after that, too: a set does not replace a pod that was never Ready (OrderedReady)"}
}

// port is the first that a container names.
func port(spec *corev1.Container) int32 {
	if len(spec.Ports) > 0 {
		return spec.Ports[0].ContainerPort
	}
	return 80
}

// crashing returns a container of a pod that has been waiting between one end and the next start since the pod was Ready last.
func (s *scene) crashing(pod *corev1.Pod) *corev1.ContainerStatus {
	_, last := s.told(pod, "BackOff")
	for i := range pod.Status.ContainerStatuses {
		c := &pod.Status.ContainerStatuses[i]
		if w := c.State.Waiting; w != nil && w.Reason == "CrashLoopBackOff" || last != nil && strings.HasPrefix(last.Detail, "Back-off restarting failed container "+c.Name+" ") {
			return c
		}
	}
	return nil
}

// crashLoop explains a pod whose container ends by itself again and again.
func crashLoop(s *scene, pod *corev1.Pod) *Finding {
	status, since := s.crashing(pod), s.unready(pod)
	if status == nil || since == nil || pod.DeletionTimestamp != nil || condition.PodReady(pod) {
		return nil
	}
	f := &Finding{
		State: stateOf(pod), Since: since.At, Forever: true, from: append(s.blamed("crashLoop"), since.Seq),
		Rule:   "A container that ended is started again after a back-off that doubles from 10 s up to 5 minutes, for as long as the pod exists; it ends each time.",
		Source: "pkg/kubelet/kuberuntime/kuberuntime_manager.go:doBackOff",
		Cure:   append(s.renewal(pod), "# mend what ends it: its log and its last state say what that is"),
	}
	if _, last := s.told(pod, "BackOff"); last != nil {
		f.from = append(f.from, last.Seq)
	}
	f.Details = s.lastEnd(status)
	if set := s.setOf(pod); set != nil {
		f.Cure = append(f.Cure, "kubectl rollout undo statefulset/"+flagged(set)+"   # if a new template did it",
			"kubectl delete pod "+flagged(pod)+"   # begins the back-off anew, and takes the set's template as it is now")
	}
	return f
}

// lastEnd tells how a container ended the last time, and when it is started again.
func (s *scene) lastEnd(status *corev1.ContainerStatus) (details []string) {
	ended := cmp.Or(status.State.Terminated, status.LastTerminationState.Terminated)
	if ended == nil {
		return nil
	}
	at := s.since(ended.FinishedAt.Time)
	details = append(details, fmt.Sprintf("container %s has been started %d times, and ended the last time at %s with exit code %d (%s)", status.Name,
		status.RestartCount+1, clock(at), ended.ExitCode, ended.Reason))
	if w := status.State.Waiting; w != nil {
		if delay, ok := backOff(w.Message); ok {
			details = append(details, "the next try is at "+clock(at+delay))
		}
	}
	return details
}

// backOff reads the delay from the message of a container that waits: "back-off 40s restarting failed container=…".
func backOff(message string) (time.Duration, bool) {
	words := strings.Fields(message)
	if len(words) < 2 || words[0] != "back-off" {
		return 0, false
	}
	delay, err := time.ParseDuration(words[1])
	return delay, err == nil
}
