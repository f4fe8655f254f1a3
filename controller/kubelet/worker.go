package kubelet

import (
	"slices"
	"time"

	corev1 "k8s.io/api/core/v1"

	"statefulsim/controller/store"
)

// stage is how far a pod's life on the node has come. It only grows, but for a restart of the machine.
type stage uint8

const (
	mounting   stage = iota // the volumes are attached and mounted
	sandboxing              // the sandbox is made
	running                 // containers are started, probed and restarted
	stopping                // containers are ended
	unmounting              // volumes are unmounted
	ended                   // nothing of the pod is left on the node
)

// worker leads one pod, known by its UID, through its life.
type worker struct {
	kubelet *Kubelet
	key     store.Key
	about   string // "namespace/name", to name draws of latencies

	pod      *corev1.Pod // as last seen
	gone     bool        // no longer in the API
	admitted time.Time
	wake     time.Time // when sync is due again; zero: on a change

	stage      stage
	volumes    []*podVolume
	mountBy    time.Time // when the present attempt to mount is given up
	sandbox    time.Time // when the sandbox will be there
	podIP      string
	rebooted   bool         // the sandbox was lost with the machine
	containers []*container // init containers in their order, then the others in theirs
	evicted    *Eviction    // why the kubelet ends the pod by itself; nil: it does not

	probing   bool         // its probes tick
	busy      bool         // a pass over the pod is under way
	queue     []*container // what that pass has yet to start
	launch    launch       // what it is starting
	acted     bool         // it has changed something on the machine
	failed    bool         // something could not be started in it …
	backedOff time.Time    // … because of a back-off, the first of which is over then
	relist    time.Time    // when what happened on the machine is seen next; zero: nothing happened
	resync    time.Time    // when the next pass is due without that; zero: none is
	pulls     map[string]*failedPull

	report     report
	deleteSent time.Time
}

func newWorker(k *Kubelet, now time.Time, key store.Key, pod *corev1.Pod) *worker {
	w := &worker{
		kubelet: k, key: key, about: key.Namespace + "/" + key.Name, pod: pod, admitted: now,
		volumes: claimsOf(pod), mountBy: now.Add(mountTimeout), report: report{changed: true},
	}
	for i := range pod.Spec.InitContainers {
		w.containers = append(w.containers, newContainer(w, &pod.Spec.InitContainers[i], true))
	}
	for i := range pod.Spec.Containers {
		w.containers = append(w.containers, newContainer(w, &pod.Spec.Containers[i], false))
	}
	return w
}

// sync does what is due. pod is nil when it is no longer in the API.
func (w *worker) sync(now time.Time, pod *corev1.Pod, cache *store.View) {
	w.wake = time.Time{}
	w.see(now, pod)
	if w.stage == mounting && w.mountVolumes(now, cache) && w.due(now, w.resync) && w.networkReady(now) {
		w.beginSandbox(now)
	}
	if w.stage == sandboxing && w.due(now, w.sandbox) {
		w.makeSandbox(now)
	}
	if !w.probing && w.stage > mounting && w.stage < unmounting {
		w.resume(now)
	}
	if w.stage == running {
		w.run(now)
	}
	if w.stage > mounting && w.stage < unmounting {
		w.growVolumes(now, cache)
	}
	if w.stage == stopping && w.stopContainers(now) {
		w.beginUnmount(now)
	}
	if w.stage == unmounting && w.unmountVolumes(now, cache) && w.due(now, w.relist) {
		w.stage, w.report.changed = ended, true
	}
	if w.stage == ended {
		w.deletePod(now)
	}
	w.tell(now)
}

// see takes in the pod as the API shows it, and begins its end if that is wanted. Before the pod's sandbox is being made, that is
// at once; afterwards the present pass over the pod comes first.
func (w *worker) see(now time.Time, pod *corev1.Pod) {
	switch {
	case pod == nil:
		w.gone = true
	case pod != w.pod:
		w.pod = pod
		w.report.changed = true
	}
	if w.stage == mounting && (w.leaving() || w.rebooted && w.count().finished) {
		w.end(now)
	}
}

// leaving tells whether the pod is to end.
func (w *worker) leaving() bool {
	return w.gone || w.pod.DeletionTimestamp != nil || terminal(w.pod.Status.Phase) || w.evicted != nil
}

func (w *worker) beginSandbox(now time.Time) {
	if w.stranded() {
		return
	}
	w.startProbes(now)
	w.stage = sandboxing
	w.sandbox = now.Add(w.latency("sandbox", ""))
}

// stranded tells of a pod that is not to be restarted and lost its sandbox before its main containers ran: it gets no other, and
// stays as it is (pkg/kubelet/kuberuntime/kuberuntime_manager.go:computePodActions).
func (w *worker) stranded() bool {
	return w.rebooted && w.pod.Spec.RestartPolicy == corev1.RestartPolicyNever &&
		slices.ContainsFunc(w.containers, func(c *container) bool { return c.starts > 0 })
}

// makeSandbox gives the pod its sandbox. The pass over the pod that began with that goes on to its first containers.
func (w *worker) makeSandbox(now time.Time) {
	node := w.kubelet.node
	if w.rebooted {
		node.Event(w.pod, corev1.EventTypeNormal, "SandboxChanged", "Pod sandbox changed, it will be killed and re-created.")
	}
	w.podIP = node.PodIP(w.pod)
	node.Note(w.pod, "SandboxCreated", "PodSandbox", "the pod has the address "+w.podIP)
	w.stage = running
	w.report.changed, w.acted = true, true
	w.plan(now)
}

// over tells whether the worker can be forgotten.
func (w *worker) over() bool { return w.gone && w.stage == ended }

// container returns the container of that name, or nil.
func (w *worker) container(name string) *container {
	for _, c := range w.containers {
		if c.spec.Name == name {
			return c
		}
	}
	return nil
}

// due tells whether an instant has come; if not, the worker is woken then.
func (w *worker) due(now, at time.Time) bool {
	if now.Before(at) {
		w.wake = earlier(w.wake, at)
		return false
	}
	return true
}

// comes is due for an instant that may be none: zero never comes.
func (w *worker) comes(now, at time.Time) bool { return !at.IsZero() && w.due(now, at) }

// latency draws how long a hop takes for this pod, or for a part of it.
func (w *worker) latency(name, part string) time.Duration {
	about := w.about
	if part != "" {
		about += "/" + part
	}
	return w.kubelet.node.Latency(name, about)
}

// fullName is the pod as the kubelet's messages write it: name_namespace(uid).
func (w *worker) fullName() string {
	return w.pod.Name + "_" + w.pod.Namespace + "(" + string(w.pod.UID) + ")"
}

func terminal(phase corev1.PodPhase) bool {
	return phase == corev1.PodFailed || phase == corev1.PodSucceeded
}
