package sim

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	appsv1 "k8s.io/api/apps/v1"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	policyv1 "k8s.io/api/policy/v1"
	storagev1 "k8s.io/api/storage/v1"

	"statefulsim/controller/condition"
	"statefulsim/controller/store"
)

// describe puts a change of the API server's content into the words of an event: everything but when, who and why.
func describe(c store.Change) Event {
	key := c.Key()
	e := Event{Kind: key.Kind.String(), Name: DisplayName(key.Namespace, key.Name), Level: Normal}
	switch {
	case c.Old == nil:
		e.Verb, e.Detail = "create", creation(c.New)
		if key.Kind == store.Pod {
			e.Level = Headline
		}
	case c.New == nil:
		e.Verb = "remove"
		if key.Kind == store.Pod {
			e.Level = Headline
		}
	case c.Old.GetDeletionTimestamp() == nil && c.New.GetDeletionTimestamp() != nil:
		e.Verb = "delete"
		if grace := c.New.GetDeletionGracePeriodSeconds(); grace != nil {
			e.Detail = "grace period " + strconv.FormatInt(*grace, 10) + "s"
		}
		if key.Kind == store.Pod {
			e.Level = Headline
		}
	default:
		e.Verb = "update"
		d := differences{event: &e}
		d.compare(c.Old, c.New)
		e.Detail = strings.Join(d.words, ", ")
		if e.Detail == "" {
			e.Level = Detail
		}
	}
	return e
}

// DisplayName is the name of an object as events have it: with its namespace in front unless that is "default", where everybody is.
func DisplayName(namespace, name string) string {
	if namespace == "" || namespace == corev1.NamespaceDefault {
		return name
	}
	return namespace + "/" + name
}

func creation(obj store.Object) string {
	switch obj := obj.(type) {
	case *corev1.Pod:
		if revision := obj.Labels[appsv1.ControllerRevisionHashLabelKey]; revision != "" {
			return "revision " + revision
		}
	case *appsv1.StatefulSet:
		return fmt.Sprintf("replicas %d", replicasOf(obj))
	case *corev1.PersistentVolume:
		if ref := obj.Spec.ClaimRef; ref != nil {
			return "for claim " + DisplayName(ref.Namespace, ref.Name)
		}
	case *storagev1.VolumeAttachment:
		if pv := obj.Spec.Source.PersistentVolumeName; pv != nil {
			return "volume " + *pv + " to node " + obj.Spec.NodeName
		}
	}
	return ""
}

func replicasOf(set *appsv1.StatefulSet) int32 {
	if set.Spec.Replicas == nil {
		return 1
	}
	return *set.Spec.Replicas
}

// differences collects what a reader wants to know of an update.
type differences struct {
	event *Event
	words []string
}

func (d *differences) add(format string, args ...any) {
	d.words = append(d.words, fmt.Sprintf(format, args...))
}

func (d *differences) changed(what string, was, is any) {
	switch {
	case was == is:
	case was == "":
		d.add("%s %v", what, is)
	default:
		d.add("%s %v → %v", what, was, is)
	}
}

func (d *differences) headline(reason string) { d.event.Level, d.event.Reason = Headline, reason }

func (d *differences) compare(old, obj store.Object) {
	switch obj := obj.(type) {
	case *corev1.Pod:
		d.pod(old.(*corev1.Pod), obj)
	case *appsv1.StatefulSet:
		d.set(old.(*appsv1.StatefulSet), obj)
	case *corev1.PersistentVolumeClaim:
		was := old.(*corev1.PersistentVolumeClaim)
		d.changed("phase", was.Status.Phase, obj.Status.Phase)
		if was.Spec.VolumeName != obj.Spec.VolumeName {
			d.add("volume %s", obj.Spec.VolumeName)
		}
		if node := obj.Annotations["volume.kubernetes.io/selected-node"]; node != was.Annotations["volume.kubernetes.io/selected-node"] {
			d.add("for node %s", node)
		}
		d.changed("owners", len(was.OwnerReferences), len(obj.OwnerReferences))
	case *corev1.PersistentVolume:
		d.changed("phase", old.(*corev1.PersistentVolume).Status.Phase, obj.Status.Phase)
	case *storagev1.VolumeAttachment:
		d.changed("attached", old.(*storagev1.VolumeAttachment).Status.Attached, obj.Status.Attached)
	case *discoveryv1.EndpointSlice:
		d.changed("ready endpoints", fmt.Sprint(readyPods(old.(*discoveryv1.EndpointSlice))), fmt.Sprint(readyPods(obj)))
	case *corev1.Node:
		d.node(old.(*corev1.Node), obj)
	case *batchv1.Job:
		d.job(&old.(*batchv1.Job).Status, &obj.Status)
	case *batchv1.CronJob:
		d.cronJob(&old.(*batchv1.CronJob).Status, &obj.Status)
	case *policyv1.PodDisruptionBudget:
		was := old.(*policyv1.PodDisruptionBudget).Status
		d.changed("healthy", was.CurrentHealthy, obj.Status.CurrentHealthy)
		d.changed("disruptions allowed", was.DisruptionsAllowed, obj.Status.DisruptionsAllowed)
	}
}

func (d *differences) pod(was, is *corev1.Pod) {
	if was.Spec.NodeName != is.Spec.NodeName {
		d.add("bound to node %s", is.Spec.NodeName)
	}
	d.changed("phase", string(was.Status.Phase), string(is.Status.Phase))
	if was.Status.PodIP != is.Status.PodIP {
		d.add("IP %s", is.Status.PodIP)
	}
	d.labels(was.Labels, is.Labels)
	for i := range is.Status.ContainerStatuses {
		now := &is.Status.ContainerStatuses[i]
		before := containerStatus(was, now.Name)
		if a, b := containerState(before), containerState(now); a != b {
			d.add("container %s %s", now.Name, b)
		}
		if before != nil && before.RestartCount != now.RestartCount {
			d.add("restarts %d", now.RestartCount)
		}
	}
	for _, now := range is.Status.Conditions {
		before := condition.Pod(&was.Status, now.Type)
		if !implied[now.Type] && (before == nil || before.Status != now.Status) {
			d.add("%s %s", now.Type, now.Status)
		}
	}
	if ready := condition.PodReady(is); condition.PodReady(was) != ready {
		reason := map[bool]string{true: "Ready", false: "NotReady"}[ready]
		d.headline(reason)
		d.add("is %s", map[bool]string{true: "Ready", false: "not Ready"}[ready])
	}
}

// implied are the conditions that a change of a pod's readiness, address or phase tells already.
var implied = map[corev1.PodConditionType]bool{
	corev1.PodReady: true, corev1.ContainersReady: true, corev1.PodReadyToStartContainers: true,
}

func (d *differences) labels(was, is map[string]string) {
	var names []string
	for name := range is {
		names = append(names, name)
	}
	for name := range was {
		if _, ok := is[name]; !ok {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	for _, name := range names {
		if was[name] == is[name] {
			continue
		}
		if name == roleLabel {
			d.headline("Role")
		}
		switch "" {
		case was[name]:
			d.add("label %s=%s", name, is[name])
		case is[name]:
			d.add("label %s removed", name)
		default:
			d.add("label %s=%s → %s", name, was[name], is[name])
		}
	}
}

func containerStatus(pod *corev1.Pod, name string) *corev1.ContainerStatus {
	for i := range pod.Status.ContainerStatuses {
		if pod.Status.ContainerStatuses[i].Name == name {
			return &pod.Status.ContainerStatuses[i]
		}
	}
	return nil
}

func containerState(s *corev1.ContainerStatus) string {
	switch {
	case s == nil:
		return ""
	case s.State.Waiting != nil:
		return "waiting: " + s.State.Waiting.Reason
	case s.State.Running != nil:
		return "running"
	case s.State.Terminated != nil:
		return fmt.Sprintf("terminated: %s, exit code %d", s.State.Terminated.Reason, s.State.Terminated.ExitCode)
	}
	return ""
}

func (d *differences) set(was, is *appsv1.StatefulSet) {
	d.changed("replicas", replicasOf(was), replicasOf(is))
	d.changed("ready", was.Status.ReadyReplicas, is.Status.ReadyReplicas)
	d.changed("current", was.Status.CurrentReplicas, is.Status.CurrentReplicas)
	d.changed("updated", was.Status.UpdatedReplicas, is.Status.UpdatedReplicas)
	d.changed("current revision", was.Status.CurrentRevision, is.Status.CurrentRevision)
	d.changed("update revision", was.Status.UpdateRevision, is.Status.UpdateRevision)
	d.changed("partition", partitionOf(was), partitionOf(is))
	for i := range is.Spec.Template.Spec.Containers {
		if c := is.Spec.Template.Spec.Containers[i]; i < len(was.Spec.Template.Spec.Containers) {
			d.changed("image", was.Spec.Template.Spec.Containers[i].Image, c.Image)
		}
	}
}

func partitionOf(set *appsv1.StatefulSet) int32 {
	if ru := set.Spec.UpdateStrategy.RollingUpdate; ru != nil && ru.Partition != nil {
		return *ru.Partition
	}
	return 0
}

func (d *differences) node(was, is *corev1.Node) {
	status := func(n *corev1.Node) string {
		for _, c := range n.Status.Conditions {
			if c.Type == corev1.NodeReady {
				return string(c.Status)
			}
		}
		return "none"
	}
	if a, b := status(was), status(is); a != b {
		d.headline("NodeReady")
		d.add("Ready %s → %s", a, b)
	}
	taints := func(n *corev1.Node) string {
		var all []string
		for i := range n.Spec.Taints {
			all = append(all, n.Spec.Taints[i].ToString())
		}
		return "[" + strings.Join(all, " ") + "]"
	}
	d.changed("taints", taints(was), taints(is))
}

// readyPods names the pods that an EndpointSlice sends traffic to.
func readyPods(slice *discoveryv1.EndpointSlice) (names []string) {
	for i := range slice.Endpoints {
		if e := &slice.Endpoints[i]; e.Conditions.Ready != nil && *e.Conditions.Ready && e.TargetRef != nil {
			names = append(names, e.TargetRef.Name)
		}
	}
	return names
}
