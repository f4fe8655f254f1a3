package kubelet

import (
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/types"

	"statefulsim/controller/store"
)

// The world is the kubelet's Node: it starts processes, mounts volumes, and writes to the API server.

// act is how the processes of a container behave. Durations count from a process's start.
type act struct {
	ready time.Duration // when it becomes ready
	sick  time.Duration // when it stops being alive; 0: never
	ends  time.Duration // when it ends by itself; 0: never …
	code  int32         // … and with which exit code …
	why   string        // … and reason; "": the one that goes with the code
	stop  time.Duration // how long it takes to end on SIGTERM; negative: for ever
}

// process is one of them.
type process struct {
	world     *world
	pod       *corev1.Pod
	container string
	act       act
	started   time.Time
	dead      bool
}

func (w *world) Start(pod *corev1.Pod, container string, restart int32) Process {
	w.say("start %s #%d", container, restart)
	p := &process{world: w, pod: pod, container: container, act: w.acts[container], started: w.now}
	id := string(pod.UID) + "/" + container
	w.alive[id] = slices.DeleteFunc(w.alive[id], func(p *process) bool { return p.dead })
	w.alive[id] = append(w.alive[id], p)
	require.Len(w.t, w.alive[id], 1, "two processes of one container")
	for _, v := range claimsOf(pod) {
		require.True(w.t, w.mounts[mountOf(pod, v.claim)], "a process starts without its volume")
	}
	if p.act.ends > 0 {
		w.queue = append(w.queue, event{w.now.Add(p.act.ends), func() { p.end(p.act.code) }})
	}
	return p
}

// Hindrance is what the world puts between the process and its probes.
func (p *process) Hindrance(kind ProbeKind) (late time.Duration, fails bool) {
	if p.world.hinder == nil {
		return 0, false
	}
	return p.world.hinder(kind)
}

func mountOf(pod *corev1.Pod, claim string) string { return string(pod.UID) + "/" + claim }

func (w *world) Mount(pod *corev1.Pod, claim string) {
	w.say("mount %s", claim)
	require.False(w.t, w.mounts[mountOf(pod, claim)], "a volume is mounted twice")
	w.mounts[mountOf(pod, claim)] = true
}

func (w *world) Unmount(pod *corev1.Pod, claim string) {
	w.say("unmount %s", claim)
	require.True(w.t, w.mounts[mountOf(pod, claim)], "a volume is unmounted that is not mounted")
	require.Empty(w.t, w.living(pod.UID), "a volume is unmounted under a process")
	delete(w.mounts, mountOf(pod, claim))
}

// living returns the containers of a pod, or of all pods for "", that have a live process.
func (w *world) living(uid types.UID) []string {
	var living []string
	for id, processes := range w.alive {
		if strings.HasPrefix(id, string(uid)) && slices.ContainsFunc(processes, func(p *process) bool { return !p.dead }) {
			living = append(living, id)
		}
	}
	return living
}

func (w *world) PodIP(*corev1.Pod) string { return "10.0.0.1" }

func (w *world) Latency(name, _ string) time.Duration { return w.hops[name] }

func (w *world) Note(_ *corev1.Pod, verb, reason, detail string) {
	if verb != "Mounted" && verb != "Unmounted" {
		w.say("note %s %s: %s", verb, reason, detail)
	}
}

func (w *world) Event(about store.Object, eventtype, reason, message string) {
	on := ""
	if claim, ok := about.(*corev1.PersistentVolumeClaim); ok {
		on = " on claim " + claim.Name
	}
	w.say("event %s %s%s: %s", eventtype, reason, on, strings.ReplaceAll(message, string(about.GetUID()), "uid"))
}

func (w *world) UpdateClaimStatus(claim *corev1.PersistentVolumeClaim, change func(*corev1.PersistentVolumeClaimStatus)) {
	if w.cut {
		return
	}
	stored, ok := store.Get[*corev1.PersistentVolumeClaim](w.store.View(), claim.Namespace, claim.Name)
	if !ok || stored.UID != claim.UID {
		return
	}
	next := *stored
	change(&next.Status)
	_, err := w.api().UpdateStatus(&next)
	require.NoError(w.t, err)
	w.say("claim %s: has %s of %s, %s", next.Name, next.Status.Capacity.Storage(), next.Status.AllocatedResources.Storage(),
		next.Status.AllocatedResourceStatuses[corev1.ResourceStorage])
}

func (w *world) UpdatePodStatus(pod *corev1.Pod, status corev1.PodStatus) {
	if w.cut {
		return
	}
	stored, ok := store.Get[*corev1.Pod](w.store.View(), pod.Namespace, pod.Name)
	if !ok || stored.UID != pod.UID {
		return
	}
	w.noStepBack(stored.Status, status)
	changed := stored.DeepCopy()
	changed.Status = Merge(stored.Status, status)
	_, err := w.api().UpdateStatus(changed)
	require.NoError(w.t, err)
	w.sayPod(changed)
}

// noStepBack holds what must never be reported: fewer restarts than before, or life after the end.
func (w *world) noStepBack(before, after corev1.PodStatus) {
	for i, c := range before.ContainerStatuses {
		require.GreaterOrEqual(w.t, after.ContainerStatuses[i].RestartCount, c.RestartCount, "restartCount fell")
	}
	if terminal(before.Phase) {
		require.Equal(w.t, before.Phase, after.Phase, "a pod lives again")
	}
}

func (w *world) DeletePod(name types.NamespacedName, uid types.UID) {
	if w.cut {
		return
	}
	require.Empty(w.t, w.living(uid), "the pod goes while a process lives")
	w.say("delete %s", name.Name)
	none := int64(0)
	key := store.Key{Kind: store.Pod, Namespace: name.Namespace, Name: name.Name}
	_ = w.api().Delete(key, store.DeleteOptions{GracePeriodSeconds: &none, UID: uid})
}

func (w *world) UpdateNodeStatus(status corev1.NodeStatus) {
	w.say("node %s", nodeLine(status))
	if stored, ok := store.Get[*corev1.Node](w.store.View(), "", "a"); ok && !w.cut {
		changed := stored.DeepCopy()
		changed.Status.Conditions, changed.Status.VolumesInUse = status.Conditions, status.VolumesInUse
		_, err := w.api().UpdateStatus(changed)
		require.NoError(w.t, err)
	}
}

func (w *world) RenewLease() { w.say("lease") }

// answers holds that nobody speaks to a process that has ended.
func (p *process) answers() { require.False(p.world.t, p.dead, "a dead process is asked") }

func (p *process) age() time.Duration { return p.world.now.Sub(p.started) }

func (p *process) Ready() error {
	if p.age() < p.act.ready {
		return errors.New("HTTP probe failed with statuscode: 503")
	}
	return p.Alive()
}

func (p *process) Alive() error {
	p.answers()
	if p.act.sick > 0 && p.age() >= p.act.sick {
		return errors.New("HTTP probe failed with statuscode: 500")
	}
	return nil
}

func (p *process) Stop() {
	p.answers()
	switch stop := p.act.stop; {
	case stop == 0:
		p.end(0)
	case stop > 0:
		p.world.queue = append(p.world.queue, event{p.world.now.Add(stop), func() { p.end(0) }})
	}
}

func (p *process) Kill() {
	p.answers()
	p.dead = true
	p.world.say("SIGKILL %s", p.container)
}

func (p *process) end(code int32) {
	if p.dead {
		return
	}
	p.dead = true
	p.world.kubelet.Exited(p.world.now, p.pod.UID, p.container, code, p.act.why)
	p.world.dirty = append(p.world.dirty, store.KeyOf(p.pod))
}
