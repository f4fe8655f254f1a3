package kubelet

import (
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/types"

	"statefulsim/controller/store"
)

// Process is what runs in a container. The node's runtime starts it; the kubelet drives it and asks how it is.
//
// A process that ends by itself, or because it was told to stop, is reported to the kubelet with Exited, at that instant; that
// may be during the call of Stop. After its end none of its methods is called.
type Process interface {
	// Ready is what a readiness probe finds now: nil is success, an error's text is the probe's output.
	Ready() error
	// Alive is what a liveness or a startup probe finds now.
	Alive() error
	// Stop is SIGTERM: the process begins to end, in its own time.
	Stop()
	// Kill is SIGKILL: the process is gone when Kill returns.
	Kill()
}

// Steady is a Process that promises more, so that a healthy container costs nothing while it stays healthy.
type Steady interface {
	// Steady tells that Ready and Alive answer in time, and that whoever changes their answers has Sync called for the pod
	// right then. A probe that has succeeded rests until that happens, and then asks at the instant at which it would have
	// asked next.
	Steady() bool
}

// Hindered is a Process of which some probes find something else than Ready and Alive say: the probe itself is wrong, or what
// answers it is slow. Whoever changes that has Sync called for the pod right then.
type Hindered interface {
	// Hindrance tells how much later than usual a probe of that kind has its answer, and whether it fails whatever the process
	// would say.
	Hindrance(kind ProbeKind) (late time.Duration, fails bool)
}

// Node is what a kubelet finds on its machine: the container runtime, the mounts, the dice, and the way to the API server.
type Node interface {
	// Start creates and starts a container. restart counts the starts of this container in this pod before: 0 is the first.
	Start(pod *corev1.Pod, container string, restart int32) Process
	// Mount makes a claim's attached volume usable by the pod; Unmount ends that.
	Mount(pod *corev1.Pod, claim string)
	Unmount(pod *corev1.Pod, claim string)
	// PodIP gives a new pod sandbox its address.
	PodIP(pod *corev1.Pod) string
	// Latency draws how long a hop takes: one of the names in the scenarios' table of latencies. about tells draws of one
	// name apart, for instance by pod and container, so that a new draw moves no other.
	Latency(name, about string) time.Duration
	// Note tells of something that happened on the node and that no API object shows, for the trace: verb and reason are
	// single words in CamelCase ("Pulled", "Mounted", "ProbeFailed"), detail is prose.
	Note(pod *corev1.Pod, verb, reason, detail string)

	API
}

// API is the kubelet's way to the API server. A call crosses the network: it may arrive late or never, and the kubelet
// sees from its cache whether it took effect, and repeats it until then.
type API interface {
	// UpdatePodStatus replaces the status of the pod with that UID; what the API server then keeps is Merge(stored, status).
	// The status is shared with the kubelet: whoever changes it copies it first.
	UpdatePodStatus(pod *corev1.Pod, status corev1.PodStatus)
	// DeletePod removes the pod with that UID at once: grace period 0 with the UID as a precondition.
	DeletePod(name types.NamespacedName, uid types.UID)
	// UpdateNodeStatus reports the conditions and the volumes in use; the rest of the node's status is not the kubelet's.
	UpdateNodeStatus(status corev1.NodeStatus)
	// RenewLease renews the node's lease.
	RenewLease()
	// UpdateClaimStatus changes the status of the claim with that UID. The function gets a copy whose maps and slices are shared:
	// it replaces what it changes.
	UpdateClaimStatus(claim *corev1.PersistentVolumeClaim, change func(*corev1.PersistentVolumeClaimStatus))
	// Event tells a Kubernetes Event about a pod or a claim.
	Event(about store.Object, eventtype, reason, message string)
}
