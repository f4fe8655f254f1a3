package kubelet

import (
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
	starting   *container   // the one whose image is pulled or which is created: one at a time
	grace      time.Duration

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
	if w.stage == mounting && w.mountVolumes(now, cache) {
		w.stage = sandboxing
		w.sandbox = now.Add(w.latency("sandbox", ""))
	}
	if w.stage == sandboxing && w.due(now, w.sandbox) {
		w.makeSandbox()
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
	if w.stage == unmounting && w.unmountVolumes(now, cache) {
		w.stage = ended
	}
	if w.stage == ended {
		w.deletePod(now)
	}
	w.tell(now)
}

// see takes in the pod as the API shows it, and begins its end if that is wanted.
func (w *worker) see(now time.Time, pod *corev1.Pod) {
	switch {
	case pod == nil:
		w.gone = true
	case pod != w.pod:
		w.pod = pod
		w.report.changed = true
	}
	if w.gone || w.pod.DeletionTimestamp != nil || terminal(w.pod.Status.Phase) {
		w.end(now)
	}
}

func (w *worker) makeSandbox() {
	node := w.kubelet.node
	if w.rebooted {
		node.Event(w.pod, corev1.EventTypeNormal, "SandboxChanged", "Pod sandbox changed, it will be killed and re-created.")
	}
	w.podIP = node.PodIP(w.pod)
	node.Note(w.pod, "SandboxCreated", "PodSandbox", "the pod has the address "+w.podIP)
	w.stage = running
	w.report.changed = true
}

// run lets the containers do what is due, and starts what has to be started, until nothing more happens at this instant.
func (w *worker) run(now time.Time) {
	for changed := true; changed; {
		changed = false
		for _, c := range w.containers {
			changed = c.step(now) || changed
		}
		if w.count().finished {
			w.end(now)
			return
		}
		changed = w.startNext(now) || changed
	}
}

// over tells whether the worker can be forgotten.
func (w *worker) over() bool { return w.gone && w.stage == ended }

// restart is what a loss of power leaves of a pod.
func (w *worker) restart(now time.Time) {
	for _, c := range w.containers {
		c.restart(now)
	}
	for _, v := range w.volumes {
		v.until, v.mounted, v.growth = time.Time{}, false, growth{}
	}
	w.rebooted = w.rebooted || w.podIP != ""
	w.starting, w.podIP, w.sandbox = nil, "", time.Time{}
	w.report = report{changed: true, status: w.report.status}
	w.deleteSent = time.Time{}
	if w.stage < stopping {
		w.stage = mounting
		w.mountBy = now.Add(mountTimeout)
	}
}

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
