package sim

import (
	"net/netip"
	"time"

	coordinationv1 "k8s.io/api/coordination/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"statefulsim/controller/kubelet"
	"statefulsim/controller/store"
)

// What follows is kubelet.Node: what a kubelet can do to its machine, and its calls to the API server.

// Start creates and starts a container.
func (m *machine) Start(pod *corev1.Pod, container string, restart int32) kubelet.Process {
	return m.sandbox(pod).start(container, restart)
}

// Mount makes a claim's volume usable by the pod.
func (m *machine) Mount(pod *corev1.Pod, claim string) {
	m.sandbox(pod).volumes[claim] = m.disk(pod, claim)
}

// Unmount ends that.
func (m *machine) Unmount(pod *corev1.Pod, claim string) {
	delete(m.sandbox(pod).volumes, claim)
	m.forget(m.sandbox(pod))
}

// disk names the disk behind a claim.
func (m *machine) disk(pod *corev1.Pod, claim string) string {
	pvc, ok := store.Get[*corev1.PersistentVolumeClaim](&m.cache, pod.Namespace, claim)
	if !ok {
		m.w.fail("mounting claim "+claim+" of pod "+pod.Name, errNoSuch)
	}
	pv, ok := store.Get[*corev1.PersistentVolume](&m.cache, "", pvc.Spec.VolumeName)
	if !ok {
		m.w.fail("mounting volume "+pvc.Spec.VolumeName+" of pod "+pod.Name, errNoSuch)
	}
	return diskOf(pv)
}

// PodIP gives a pod sandbox its address, from the node's own range.
func (m *machine) PodIP(pod *corev1.Pod) string {
	s := m.sandbox(pod)
	if s.ip != "" {
		delete(m.w.sandboxes, s.ip)
	}
	for taken := true; taken; taken = m.w.sandboxes[s.ip] != nil {
		m.ips++
		s.ip = m.address(1 + m.ips%(addresses-1))
	}
	m.w.sandboxes[s.ip] = s
	return s.ip
}

// addresses is how many addresses each node has. The nodes' ranges follow each other from 10.128.0.0 on, away from the
// addresses of Services.
const addresses = 1 << 12

// address is the n-th address of the node's range; 0 is the node's own.
func (m *machine) address(n int) string {
	bits := 10<<24 | 128<<16 + m.index*addresses + n
	return netip.AddrFrom4([4]byte{byte(bits >> 24), byte(bits >> 16), byte(bits >> 8), byte(bits)}).String()
}

// Latency draws how long a hop takes.
func (m *machine) Latency(name, about string) time.Duration { return m.w.latency(name, about) }

// Note tells of something that no API object shows.
func (m *machine) Note(pod *corev1.Pod, verb, reason, detail string) {
	if m.down != nil {
		return // it finds out when it is back
	}
	m.w.tell(Event{Verb: verb, Kind: "Pod", Name: DisplayName(pod.Namespace, pod.Name), Reason: reason, Detail: detail, Level: Normal})
}

// call sends the kubelet's call to the API server.
func (m *machine) call(kind string, apply func(api *store.Client)) {
	m.w.call(m.place, kind, apply)
}

// UpdatePodStatus replaces the status of the pod with that UID.
func (m *machine) UpdatePodStatus(pod *corev1.Pod, status corev1.PodStatus) {
	m.call("pod status", func(api *store.Client) {
		live, ok := store.Get[*corev1.Pod](api.View(), pod.Namespace, pod.Name)
		if !ok || live.UID != pod.UID {
			return
		}
		update := *live
		update.Status = kubelet.Merge(live.Status, status)
		m.write(api.UpdateStatus(&update))
	})
}

// DeletePod removes the pod with that UID at once.
func (m *machine) DeletePod(name types.NamespacedName, uid types.UID) {
	m.call("pod delete", func(api *store.Client) {
		now := int64(0)
		err := api.Delete(store.Key{Kind: store.Pod, Namespace: name.Namespace, Name: name.Name},
			store.DeleteOptions{GracePeriodSeconds: &now, UID: uid})
		m.write(nil, err)
	})
}

// UpdateNodeStatus reports the conditions and the volumes in use.
func (m *machine) UpdateNodeStatus(status corev1.NodeStatus) {
	m.call("node status", func(api *store.Client) {
		live, ok := store.Get[*corev1.Node](api.View(), "", m.place.Node)
		if !ok {
			m.write(nil, noNode(m.place.Node))
			return
		}
		update := live.DeepCopy()
		update.Status.Conditions, update.Status.VolumesInUse = status.Conditions, status.VolumesInUse
		m.write(api.UpdateStatus(update))
	})
}

// leaseSeconds is how long a node's lease lasts (pkg/kubelet/apis/config/v1beta1/defaults.go).
const leaseSeconds = 40

// RenewLease renews the node's lease. The node owns its lease: while there is no Node object, none is made
// (pkg/kubelet/util/nodelease.go:SetNodeOwnerFunc).
func (m *machine) RenewLease() {
	m.call("lease", func(api *store.Client) {
		now := metav1.NewMicroTime(api.Now)
		live, ok := store.Get[*coordinationv1.Lease](api.View(), corev1.NamespaceNodeLease, m.place.Node)
		if !ok {
			m.createLease(&now, api)
			return
		}
		update := *live
		update.Spec.RenewTime = &now
		m.write(api.Update(&update))
	})
}

func (m *machine) createLease(now *metav1.MicroTime, api *store.Client) {
	node, ok := store.Get[*corev1.Node](api.View(), "", m.place.Node)
	if !ok {
		m.write(nil, noNode(m.place.Node))
		return
	}
	duration := int32(leaseSeconds)
	m.write(api.Create(&coordinationv1.Lease{
		ObjectMeta: metav1.ObjectMeta{Namespace: corev1.NamespaceNodeLease, Name: m.place.Node,
			OwnerReferences: []metav1.OwnerReference{{APIVersion: "v1", Kind: "Node", Name: node.Name, UID: node.UID}}},
		Spec: coordinationv1.LeaseSpec{HolderIdentity: &m.place.Node, LeaseDurationSeconds: &duration, RenewTime: now}}))
}

func noNode(name string) error { return apierrors.NewNotFound(corev1.Resource("nodes"), name) }

// UpdateClaimStatus changes the status of the claim with that UID.
func (m *machine) UpdateClaimStatus(claim *corev1.PersistentVolumeClaim, change func(*corev1.PersistentVolumeClaimStatus)) {
	m.call("claim status", func(api *store.Client) {
		live, ok := store.Get[*corev1.PersistentVolumeClaim](api.View(), claim.Namespace, claim.Name)
		if !ok || live.UID != claim.UID {
			return
		}
		update := *live
		change(&update.Status)
		m.write(api.UpdateStatus(&update))
	})
}

// Event tells a Kubernetes Event.
func (m *machine) Event(about store.Object, eventtype, reason, message string) {
	m.w.kubernetesEvent(about, eventtype, reason, message)
}

// write takes the answer to a write that a kubelet does not wait for: it sees in its cache whether it took effect.
func (m *machine) write(_ store.Object, err error) {
	if err != nil {
		m.w.tell(Event{Verb: "fail", Kind: "Node", Name: m.place.Node, Reason: "Refused", Detail: err.Error(), Level: Detail})
	}
}
