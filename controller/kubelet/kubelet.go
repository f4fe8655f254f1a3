// Package kubelet is the agent of one node as a deterministic state machine: it brings the pods that are bound to its node to
// life, probes and restarts their containers, ends them, and tells the API server about it.
//
// It runs nothing by itself. Whoever owns the clock calls Sync, Heartbeat and Exited with the present instant; each call does
// all that is due and says when it must be called again. What a machine provides (processes, mounts, latencies, the way to
// the API server) is behind the interface Node.
package kubelet

import (
	"cmp"
	"slices"
	"time"

	corev1 "k8s.io/api/core/v1"
	storagev1 "k8s.io/api/storage/v1"
	"k8s.io/apimachinery/pkg/types"

	"statefulsim/controller/store"
)

// Config is what a kubelet has to be told.
type Config struct {
	Node   string // the name of its node
	HostIP string // the node's address, reported with every pod; may be empty

	// ReduceDefaultCrashLoopBackOffDecay is Kubernetes' feature gate of that name: containers that crash wait from 1 s to 60 s
	// instead of 10 s to 300 s.
	ReduceDefaultCrashLoopBackOffDecay bool
	// MaxContainerRestartPeriod is the longest wait, 1 s to 300 s, as the kubelet's configuration sets it, and goes before the
	// gate's. Zero sets none. With the gate KubeletCrashLoopBackOffMax, on since 1.35, Kubernetes' default is 300 s:
	// pkg/kubelet/apis/config/v1beta1/defaults.go:SetDefaults_KubeletConfiguration.
	MaxContainerRestartPeriod time.Duration
	// PullError says why an image cannot be pulled, or with the policy Never is not there. A nil function, like a nil error, says that
	// it can. It is not asked about an image that is on the node, unless the policy is Always.
	PullError func(image string) error
	// Fraction draws what the kubelet leaves to chance, from 0 up to but not including 1: how much longer than need be it leaves a
	// pod alone in which something failed, and when a probe asks first shortly after the kubelet's start. A nil function is 0.
	Fraction func(about string) float64
}

// Kubelet is the agent of one node.
type Kubelet struct {
	cfg  Config
	node Node

	workers map[types.UID]*worker
	named   map[store.Key][]*worker // the workers of the pods that follow each other under one name, oldest first
	waiting []*worker               // those that wait for their volumes, in the order of their admission

	inUse       []corev1.UniqueVolumeName // what volumesInUse found; nil if it has to look again
	attachments map[string]string         // by PersistentVolume: the name of its VolumeAttachment to this node
	images      images
	heart       heart

	started      time.Time // the first Heartbeat, or the last restart
	networkError error     // why the node has no network; nil: it has
}

// New returns the kubelet of a node that has just been set up: nothing runs, and no image is there.
func New(cfg Config, node Node) *Kubelet {
	return &Kubelet{
		cfg: cfg, node: node,
		workers: map[types.UID]*worker{}, named: map[store.Key][]*worker{},
		attachments: map[string]string{}, images: images{ready: map[string]time.Time{}},
	}
}

// Keys takes in a change and names the pods for which Sync has to be called because of it: a pod of this node, or the pods
// that wait for the claim, the volume or the attachment that changed.
//
// It must hear of every change that the cache takes in, since it remembers which VolumeAttachments belong to this node; when
// the cache was filled in another way, call Relist.
func (k *Kubelet) Keys(change store.Change, _ *store.View) []store.Key {
	switch obj := change.Object().(type) {
	case *corev1.Pod:
		if obj.Spec.NodeName != k.cfg.Node {
			return nil
		}
		if w := k.workers[obj.UID]; w != nil && change.New == nil {
			w.pod = obj // it says how long the containers of a pod may take that is gone
		}
		return []store.Key{store.KeyOf(obj)}
	case *corev1.PersistentVolumeClaim:
		return k.waitingFor(func(w *worker, v *podVolume) bool { return v.claim == obj.Name && w.key.Namespace == obj.Namespace })
	case *corev1.PersistentVolume:
		return k.waitingFor(func(_ *worker, v *podVolume) bool { return v.pv == obj.Name })
	case *storagev1.VolumeAttachment:
		return k.attachmentChanged(obj, change.New == nil)
	}
	return nil
}

// Relist takes in a cache that was filled anew, as after a time in which no changes could be heard, and names all pods for
// which Sync has to be called: those that are bound to this node and those that were.
func (k *Kubelet) Relist(cache *store.View) []store.Key {
	clear(k.attachments)
	for a := range store.All[*storagev1.VolumeAttachment](cache) {
		k.attachmentChanged(a, false)
	}
	var keys []store.Key
	for key := range k.named {
		keys = append(keys, key)
	}
	for pod := range store.PodsOn(cache, k.cfg.Node) {
		keys = append(keys, store.KeyOf(pod))
	}
	slices.SortFunc(keys, func(a, b store.Key) int {
		return cmp.Or(cmp.Compare(a.Namespace, b.Namespace), cmp.Compare(a.Name, b.Name))
	})
	return slices.Compact(keys)
}

// waitingFor returns the keys of the pods that wait for a volume that matches.
func (k *Kubelet) waitingFor(match func(*worker, *podVolume) bool) []store.Key {
	var keys []store.Key
	for _, w := range k.waiting {
		if slices.ContainsFunc(w.volumes, func(v *podVolume) bool { return match(w, v) }) {
			keys = append(keys, w.key)
		}
	}
	return keys
}

// Sync does all that is due for the pod of that name, and for those that had the name before it and are not yet cleaned up.
// It returns when it must be called again; zero means: only when something changed.
func (k *Kubelet) Sync(now time.Time, key store.Key, cache *store.View) (next time.Time) {
	pod, found := store.Get[*corev1.Pod](cache, key.Namespace, key.Name)
	found = found && pod.Spec.NodeName == k.cfg.Node
	workers := k.named[key]
	if found && !slices.ContainsFunc(workers, func(w *worker) bool { return w.pod.UID == pod.UID }) {
		workers = append(workers, k.admit(now, key, pod))
		k.named[key] = workers
	}
	over := false
	for _, w := range workers {
		if found && pod.UID == w.pod.UID {
			w.sync(now, pod, cache)
		} else {
			w.sync(now, nil, cache)
		}
		next = earlier(next, w.wake)
		over = over || w.over()
	}
	if over {
		k.forget(key)
	}
	return next
}

// admit gives a pod its worker.
func (k *Kubelet) admit(now time.Time, key store.Key, pod *corev1.Pod) *worker {
	w := newWorker(k, now, key, pod)
	k.workers[pod.UID] = w
	if len(w.volumes) > 0 {
		k.waiting = append(k.waiting, w)
	}
	return w
}

// forget drops the workers of a name that have nothing left to do.
func (k *Kubelet) forget(key store.Key) {
	workers := slices.DeleteFunc(k.named[key], func(w *worker) bool {
		if w.over() {
			delete(k.workers, w.pod.UID)
		}
		return w.over()
	})
	k.inUse = nil
	if k.named[key] = workers; len(workers) == 0 {
		delete(k.named, key)
	}
}

// Exited tells the kubelet, at the very instant, that the process of a container ended. It is not to be called for a process
// that the kubelet itself killed with Kill. The caller calls Sync for the pod afterwards.
func (k *Kubelet) Exited(now time.Time, pod types.UID, container string, code int32, reason string) {
	if w := k.workers[pod]; w != nil {
		if c := w.container(container); c != nil {
			c.exited(now, code, reason)
		}
	}
}

// SetNetworkError tells why the machine has no network for pods, or with nil that it has again. Until then the node is reported as
// not ready, and no sandbox and no container is started; what runs goes on, and can be ended
// (pkg/kubelet/kubelet.go:updateRuntimeUp, SyncPod).
func (k *Kubelet) SetNetworkError(err error) { k.networkError = err }

// fraction draws from 0 up to but not including 1.
func (k *Kubelet) fraction(about string) float64 {
	if k.cfg.Fraction == nil {
		return 0
	}
	return k.cfg.Fraction(about)
}

// admitted returns all workers in the order in which they came.
func (k *Kubelet) admitted() []*worker {
	all := make([]*worker, 0, len(k.workers))
	for _, w := range k.workers {
		all = append(all, w)
	}
	slices.SortFunc(all, func(a, b *worker) int {
		return cmp.Or(a.admitted.Compare(b.admitted), cmp.Compare(a.pod.UID, b.pod.UID))
	})
	return all
}

// earlier returns the earlier of two instants; zero is no instant.
func earlier(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}
