package sim

import (
	"slices"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	storagev1 "k8s.io/api/storage/v1"

	"statefulsim/controller/condition"
	"statefulsim/controller/kubectl"
	"statefulsim/controller/store"
	"statefulsim/scenarios"
)

// facts is the world as expressions see it. It is scenarios.Facts.
type facts struct{ w *world }

func (f facts) Now() time.Duration { return f.w.loop.Now() }

func (f facts) Pods() (all []scenarios.PodFact) {
	view := f.w.store.View()
	for pod := range store.All[*corev1.Pod](view) {
		all = append(all, f.w.podFact(view, pod))
	}
	return all
}

func (w *world) podFact(view *store.View, pod *corev1.Pod) scenarios.PodFact {
	fact := scenarios.PodFact{
		Name: pod.Name, Namespace: pod.Namespace, Ordinal: -1, Node: pod.Spec.NodeName, Zone: w.zoneOf(view, pod.Spec.NodeName),
		Phase: string(pod.Status.Phase), Reason: kubectl.PodStatus(pod), Ready: condition.PodReady(pod), Restarts: int64(restartsOf(pod)), Revision: revisionOf(pod),
		Volume: volumeOf(view, pod), Role: pod.Labels[roleLabel], IP: pod.Status.PodIP, UID: string(pod.UID),
		Image: pod.Spec.Containers[0].Image, Terminating: pod.DeletionTimestamp != nil,
	}
	if set := ownerOf(pod, store.StatefulSet); set != "" {
		fact.Set, fact.Ordinal = set, int64(ordinalOf(pod))
	}
	return fact
}

func (w *world) zoneOf(view *store.View, name string) string {
	if node, ok := store.Get[*corev1.Node](view, "", name); ok {
		return node.Labels[corev1.LabelTopologyZone]
	}
	return ""
}

func restartsOf(pod *corev1.Pod) (n int32) {
	for i := range pod.Status.ContainerStatuses {
		n += pod.Status.ContainerStatuses[i].RestartCount
	}
	return n
}

// volumeOf names the PersistentVolume behind a pod's first claim.
func volumeOf(view *store.View, pod *corev1.Pod) string {
	if claim, ok := store.Get[*corev1.PersistentVolumeClaim](view, pod.Namespace, firstClaim(pod)); ok {
		return claim.Spec.VolumeName
	}
	return ""
}

func (f facts) Sets() (all []scenarios.SetFact) {
	for set := range store.All[*appsv1.StatefulSet](f.w.store.View()) {
		s := set.Status
		fact := scenarios.SetFact{
			Name: set.Name, Namespace: set.Namespace, Replicas: int64(replicasOf(set)), ReadyReplicas: int64(s.ReadyReplicas),
			AvailableReplicas: int64(s.AvailableReplicas), CurrentReplicas: int64(s.CurrentReplicas), UpdatedReplicas: int64(s.UpdatedReplicas),
			CurrentRevision: s.CurrentRevision, UpdateRevision: s.UpdateRevision,
		}
		if p := f.w.failovers.primaries[store.KeyOf(set)]; p != nil {
			fact.Primary = p.sandbox.pod.Name
		}
		fact.UpdateStrategy = string(set.Spec.UpdateStrategy.Type)
		fact.Writable = int64(len(f.w.writers[store.KeyOf(set)]))
		all = append(all, fact)
	}
	return all
}

func (f facts) Nodes() (all []scenarios.NodeFact) {
	for node := range store.All[*corev1.Node](f.w.store.View()) {
		fact := scenarios.NodeFact{Name: node.Name, Zone: node.Labels[corev1.LabelTopologyZone], Ready: condition.NodeReady(node),
			Unschedulable: node.Spec.Unschedulable}
		for i := range node.Spec.Taints {
			fact.Taints = append(fact.Taints, node.Spec.Taints[i].ToString())
		}
		if m := f.w.machineOf[node.Name]; m != nil {
			fact.Down = m.down != nil
		}
		all = append(all, fact)
	}
	return all
}

func (f facts) Claims() (all []scenarios.ClaimFact) {
	view := f.w.store.View()
	users := map[string]string{}
	for pod := range store.All[*corev1.Pod](view) {
		for i := range pod.Spec.Volumes {
			if claim := pod.Spec.Volumes[i].PersistentVolumeClaim; claim != nil {
				users[pod.Namespace+"/"+claim.ClaimName] = pod.Name
			}
		}
	}
	attached := attachedTo(view)
	for claim := range store.All[*corev1.PersistentVolumeClaim](view) {
		fact := scenarios.ClaimFact{Name: claim.Name, Namespace: claim.Namespace, Phase: string(claim.Status.Phase),
			Volume: claim.Spec.VolumeName, Pod: users[claim.Namespace+"/"+claim.Name], AttachedTo: attached[claim.Spec.VolumeName]}
		if class := claim.Spec.StorageClassName; class != nil {
			fact.StorageClass = *class
		}
		if size, bound := claim.Status.Capacity[corev1.ResourceStorage]; bound {
			fact.Capacity = size.String()
		}
		all = append(all, fact)
	}
	return all
}

// attachedTo lists the nodes to which volumes are attached, by the names of the volumes.
func attachedTo(view *store.View) map[string][]string {
	nodes := map[string][]string{}
	for a := range store.All[*storagev1.VolumeAttachment](view) {
		if volume := a.Spec.Source.PersistentVolumeName; a.Status.Attached && volume != nil {
			nodes[*volume] = append(nodes[*volume], a.Spec.NodeName)
		}
	}
	for _, of := range nodes {
		slices.Sort(of)
	}
	return nodes
}

func (f facts) Services() (all []scenarios.ServiceFact) {
	view := f.w.store.View()
	for service := range store.All[*corev1.Service](view) {
		fact := scenarios.ServiceFact{Name: service.Name, Namespace: service.Namespace}
		for slice := range store.ControlledBy[*discoveryv1.EndpointSlice](view, service.UID) {
			fact.Endpoints = append(fact.Endpoints, readyPods(slice)...)
		}
		all = append(all, fact)
	}
	return all
}

func (f facts) Clients() (all []scenarios.ClientFact) {
	for _, c := range f.w.clients {
		r := c.result
		all = append(all, scenarios.ClientFact{Name: r.Name, Acknowledged: int64(r.Acknowledged), Failed: int64(r.Failed), Unknown: int64(r.Unknown), Lost: int64(r.Lost),
			MaxOutageSeconds: c.longestOutage().Seconds()})
	}
	return all
}

func (f facts) Failovers() (all []scenarios.FailoverFact) {
	for _, r := range f.w.rec.Failovers {
		all = append(all, scenarios.FailoverFact{Set: r.Set, AtSeconds: r.At.Seconds(), RecoverySeconds: (r.end() - r.At).Seconds(), Recovered: r.Recovered,
			OldPrimary: r.OldPrimary, NewPrimary: r.NewPrimary, LostWrites: int64(r.LostWrites)})
	}
	return all
}

func (f facts) Peers() (all []scenarios.PeerFact) {
	for _, r := range f.w.peers {
		pod, s := r.process.sandbox.pod, r.status
		all = append(all, scenarios.PeerFact{Pod: pod.Name, Namespace: pod.Namespace, Set: r.set.Name, State: s.State, Leader: s.LeaderID,
			Term: int64(s.Term), LastIndex: int64(s.LastIndex), Commit: int64(s.Commit), Applied: int64(s.Applied), Voters: int64(len(s.Voters))})
	}
	return all
}
