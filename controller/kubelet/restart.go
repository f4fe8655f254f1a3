package kubelet

import "time"

// Restart is the loss of all that a machine keeps in its memory: every process is killed, mounts and sandboxes are gone. What
// is on its disk stays: images, and the record of the containers that ran. The pods are the same as before, and their
// containers start once more.
//
// It is called when the power fails. Every Process that the kubelet knows to be alive gets Kill; a caller that ended it already
// lets Kill do nothing, and calls Exited for none of them. The kubelet does not call Unmount: the caller forgets by itself what
// was mounted, the pods' addresses, and when Sync and Heartbeat were to be called. While the machine is off, nothing of the
// kubelet is called. When it is back, first Heartbeat is called, then Relist with the cache filled anew, then Sync for the pods
// that Relist names: each pod gets Mount, PodIP and Start again.
func (k *Kubelet) Restart(now time.Time) {
	k.forgetMemory(now)
	k.waiting = k.waiting[:0]
	for _, w := range k.admitted() {
		w.restart(now)
		if w.stage == mounting && len(w.volumes) > 0 {
			k.waiting = append(k.waiting, w)
		}
	}
}

// RestartKubelet ends the kubelet's own process and begins it again, while the machine and the containers on it go on. What it
// kept in its memory is forgotten: back-offs, what its probes heard last, and which containers it was about to start or to end. A
// container that was ready stays so until its probes say otherwise (pkg/kubelet/prober/prober_manager.go,
// setReadyStateOnKubeletRestart).
//
// It is called when the process ends. Until it is back, Exited alone is called, for processes that end meanwhile; then, as after
// Restart, Heartbeat, Relist, and Sync.
func (k *Kubelet) RestartKubelet(now time.Time) {
	k.forgetMemory(now)
	k.started = now
	for _, w := range k.workers {
		w.begunAnew(now)
	}
}

// forgetMemory is what any end of the kubelet's process costs.
func (k *Kubelet) forgetMemory(now time.Time) {
	k.images.interrupt(now)
	k.heart = heart{}
}

// restart is what a loss of power leaves of a pod.
func (w *worker) restart(now time.Time) {
	for _, c := range w.containers {
		if c.process != nil {
			c.kill(now, 255, "Unknown")
		}
		c.look()
		c.inSandbox, c.seen.here = false, false
	}
	for _, v := range w.volumes {
		v.until, v.mounted, v.growth = time.Time{}, false, growth{}
	}
	w.begunAnew(now)
	w.rebooted = w.rebooted || w.podIP != ""
	w.podIP = ""
	w.relist, w.resync, w.sandbox = time.Time{}, time.Time{}, time.Time{}
	if w.stage < stopping {
		w.stage = mounting
		w.mountBy = now.Add(mountTimeout)
	}
}

// begunAnew is what a kubelet knows of a pod that begins with what its machine and the API hold.
func (w *worker) begunAnew(now time.Time) {
	w.busy, w.acted, w.probing = false, false, false
	w.queue, w.launch, w.pulls = w.queue[:0], launch{}, nil
	w.failed, w.backedOff = false, time.Time{}
	w.relist, w.resync = now, now
	w.report = report{changed: true, status: w.report.status}
	w.deleteSent = time.Time{}
	for _, c := range w.containers {
		c.stop, c.failure, c.backoff = nil, nil, backoff{}
		for _, p := range c.probes() {
			if p != nil {
				p.forget()
			}
		}
	}
}

// forget is what the end of the kubelet's process leaves of a probe: nothing but that a container was started or ready, which its
// status says. A failure that was to end the container counts no more, and has to be found anew
// (pkg/kubelet/prober/worker.go:doProbe, where a container that ran before the kubelet has no result at first).
func (p *probe) forget() {
	p.answer, p.repeat = time.Time{}, time.Time{}
	p.last, p.count, p.held = unknown, 0, false
	switch {
	case p.result != failure:
	case p.kind == LivenessProbe:
		p.result = success
	case p.kind == StartupProbe:
		p.result = unknown
	}
}

// resume takes up a pod that ran before the kubelet did: its probes begin to tick, and if it is to end, that begins anew.
func (w *worker) resume(now time.Time) {
	w.startProbes(now)
	if w.stage == stopping {
		w.stopAll(now)
	}
}
