package kubelet

import (
	"time"

	corev1 "k8s.io/api/core/v1"
)

// How long a pod is left alone after a pass over it in which something failed: pkg/kubelet/pod_workers.go:completeWork.
const (
	resyncInterval = time.Minute // at most, while a container backs off
	networkBackOff = time.Second // while the node has no network
)

// run lets the pod go on until nothing more happens at this instant.
func (w *worker) run(now time.Time) {
	others := w.wake
	for again := true; again && w.stage == running; {
		w.wake = others
		again = w.goOn(now)
	}
}

// goOn does one thing, and tells whether there may be another. A pass over the pod is not interrupted: while containers are killed
// or started in it, nothing else that happened is seen, and the end of the pod has to wait
// (pkg/kubelet/pod_workers.go:podWorkerLoop, kubelet.go:SyncPod with its uncancelled context).
func (w *worker) goOn(now time.Time) (again bool) {
	for _, c := range w.containers {
		again = c.step(now) || again
	}
	switch {
	case w.busy:
		return w.proceed(now) || again
	case w.leaving():
		w.end(now)
	case w.comes(now, w.relist), w.comes(now, w.resync):
		w.syncPod(now)
	default:
		return again
	}
	return true
}

// syncPod begins a pass over the pod: it sees what happened, and decides which containers are killed and which are started
// (pkg/kubelet/kubelet.go:SyncPod).
func (w *worker) syncPod(now time.Time) {
	w.resync = time.Time{}
	if !w.relist.After(now) {
		w.relist = time.Time{}
		w.look()
	}
	for _, c := range w.containers {
		w.report.changed = c.explain() || w.report.changed
		c.trigger(now)
	}
	switch {
	case w.count().finished:
		w.end(now)
	case w.networkReady(now):
		w.plan(now)
	}
}

// look lets the kubelet see what the containers are doing.
func (w *worker) look() {
	for _, c := range w.containers {
		w.report.changed = c.look() || w.report.changed
	}
}

// relistSoon has the kubelet look at the pod when its list of what runs is made next: pkg/kubelet/pleg/generic.go:Relist.
func (w *worker) relistSoon(now time.Time) {
	if w.relist.IsZero() {
		w.relist = now.Add(w.latency("pleg", ""))
	}
}

// networkReady tells whether containers can be started: not while the node has no network.
func (w *worker) networkReady(now time.Time) bool {
	err := w.kubelet.networkError
	if err == nil {
		return true
	}
	w.kubelet.node.Event(w.pod, corev1.EventTypeWarning, "NetworkNotReady", "network is not ready: "+err.Error())
	w.resync = now.Add(w.jitter(networkBackOff))
	w.due(now, w.resync)
	return false
}

// plan decides what the pass does: pkg/kubelet/kuberuntime/kuberuntime_manager.go:computePodActions. A pod of which nothing runs
// and nothing is started any more is ended.
func (w *worker) plan(now time.Time) {
	initialized := w.planInits()
	if initialized && !w.planMains() {
		w.end(now)
		return
	}
	w.busy = true
	for _, c := range w.containers {
		if c.unhealthy() {
			c.killUnhealthy(now)
		}
	}
}

// planMains queues the main containers that are to be started, and tells whether one is to be or is kept.
func (w *worker) planMains() (alive bool) {
	for _, c := range w.containers {
		switch {
		case c.init:
		case c.seen.running && !c.unhealthy():
			alive = true
		case c.seen.running && c.policy() != corev1.ContainerRestartPolicyNever, c.wanted():
			alive = true
			w.queue = append(w.queue, c)
		}
	}
	return alive
}

// proceed goes on with the pass, and tells whether anything changed: first what is to be killed ends, then one container after
// the other is started.
func (w *worker) proceed(now time.Time) (changed bool) {
	for _, c := range w.containers {
		if c.stop != nil {
			return false
		}
	}
	switch {
	case w.launch.container != nil:
		return w.launchOn(now)
	case len(w.queue) > 0:
		c := w.queue[0]
		w.queue = append(w.queue[:0], w.queue[1:]...)
		w.start(now, c)
	default:
		w.endPass(now)
	}
	return true
}

// endPass ends the pass. If it went well, what it did is seen at once (gate PLEGOnDemandRelist); otherwise, and for what happened
// meanwhile, that takes until the next list.
func (w *worker) endPass(now time.Time) {
	switch {
	case w.acted && !w.failed:
		w.relist = now
	case w.acted, !w.relist.IsZero() && !w.relist.After(now):
		w.relist = time.Time{}
		w.relistSoon(now)
	}
	w.busy, w.acted = false, false
	w.retry(now)
}

// retry plans the next pass over a pod in which something could not be started.
func (w *worker) retry(now time.Time) {
	wait := syncBackOff
	switch {
	case !w.backedOff.IsZero():
		wait = min(max(w.backedOff.Sub(now), 0), resyncInterval)
	case !w.failed:
		return
	}
	w.resync = now.Add(w.jitter(wait))
	w.backedOff, w.failed = time.Time{}, false
}

// jitter makes a wait up to half as long again.
func (w *worker) jitter(wait time.Duration) time.Duration {
	return wait + time.Duration(w.kubelet.fraction("sync/"+w.about)*float64(wait)/2)
}
