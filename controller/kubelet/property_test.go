package kubelet

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	storagev1 "k8s.io/api/storage/v1"
	"pgregory.net/rapid"

	"statefulsim/controller/store"
)

// TestAnyOrder lets pods come and go, processes end, the watch lag, the node be cut off, the kubelet begin anew, images and the
// network be missing, and the power fail, in any order. The
// world itself holds the laws: at most one live process of a container, none without its volumes, no volume unmounted and no
// pod deleted under a live process, restartCount never falls, and an ended pod stays ended. When all is well again and every
// pod is deleted, nothing is left.
func TestAnyOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := newWorld(t)
		w.quiet = true
		w.create(node())
		t.Repeat(map[string]func(*rapid.T){
			"create":    func(t *rapid.T) { w.createAny(t) },
			"provision": func(t *rapid.T) { w.provisionAny(t) },
			"delete":    func(t *rapid.T) { w.deleteAny(t) },
			"end":       func(t *rapid.T) { w.endAny(t) },
			"behave":    func(t *rapid.T) { w.behaveAny(t) },
			"time":      func(t *rapid.T) { w.passes(rapid.Int64Range(1, 40_000).Draw(t, "ms")) },
			"moment":    func(t *rapid.T) { w.passes(rapid.Int64Range(1, 300).Draw(t, "ms")) },
			"late":      func(*rapid.T) { w.late = true },
			"catch up":  func(*rapid.T) { w.catchUp() },
			"cut":       func(*rapid.T) { w.cut = true },
			"heal":      func(*rapid.T) { w.heal() },
			"power":     func(*rapid.T) { w.power() },
			"kubelet":   func(t *rapid.T) { w.restartAny(t) },
			"network":   func(*rapid.T) { w.toggleNetwork() },
			"image":     func(*rapid.T) { w.toggleImages() },
			"evict":     func(t *rapid.T) { w.evictAny(t) },
		})
		w.end()
	})
}

func (w *world) passes(ms int64) { w.run(w.now.Sub(epoch) + time.Duration(ms)*time.Millisecond) }

func (w *world) createAny(t *rapid.T) {
	name := rapid.SampledFrom([]string{"web-0", "web-1"}).Draw(t, "name")
	if _, exists := store.Get[*corev1.Pod](w.store.View(), "default", name); exists {
		t.Skip("there is one")
	}
	p := pod(name, app(func(c *corev1.Container) {
		c.LivenessProbe, c.ReadinessProbe = tcp(0, 3, 2), tcp(1, 2, 1)
		c.Lifecycle = &corev1.Lifecycle{PreStop: &corev1.LifecycleHandler{Sleep: &corev1.SleepAction{Seconds: 2}}}
	}))
	p.Spec.RestartPolicy = rapid.SampledFrom([]corev1.RestartPolicy{"Always", "OnFailure", "Never"}).Draw(t, "policy")
	if rapid.Bool().Draw(t, "inits") {
		inits(corev1.Container{Name: "prepare", Image: "tools:1"},
			corev1.Container{Name: "proxy", Image: "proxy:1", RestartPolicy: &always, StartupProbe: tcp(0, 1, 2)})(p)
	}
	for _, volume := range []string{"data-", "logs-"} {
		if rapid.Bool().Draw(t, volume) {
			uses(volume + name)(p)
		}
	}
	w.create(p)
}

// provisionAny makes and binds a claim, or attaches its volume if that was done before.
func (w *world) provisionAny(t *rapid.T) {
	claim := rapid.SampledFrom([]string{"data-web-0", "logs-web-0", "data-web-1", "logs-web-1"}).Draw(t, "claim")
	view := w.store.View()
	if _, made := store.Get[*corev1.PersistentVolumeClaim](view, "default", claim); !made {
		w.createClaim(claim)
		w.bind(claim, claim)
	} else if _, attached := store.Get[*storagev1.VolumeAttachment](view, "", "attach-"+claim); !attached {
		w.attach(claim)
	}
}

func (w *world) deleteAny(t *rapid.T) {
	name := rapid.SampledFrom([]string{"web-0", "web-1"}).Draw(t, "name")
	w.delete(name, rapid.SampledFrom([]int64{-1, 0, 1, 10}).Draw(t, "grace"))
}

// endAny ends the process of one container.
func (w *world) endAny(t *rapid.T) {
	living := w.living("")
	if len(living) == 0 {
		t.Skip("nothing runs")
	}
	slices.Sort(living)
	id := rapid.SampledFrom(living).Draw(t, "process")
	processes := w.alive[id]
	processes[len(processes)-1].end(rapid.SampledFrom([]int32{0, 1}).Draw(t, "code"))
}

func (w *world) behaveAny(t *rapid.T) {
	container := rapid.SampledFrom([]string{"app", "prepare", "proxy"}).Draw(t, "container")
	ms := func(name string, low int64) time.Duration {
		return time.Duration(rapid.Int64Range(low, 20_000).Draw(t, name)) * time.Millisecond
	}
	w.acts[container] = act{
		ready: ms("ready", 0), sick: ms("sick", 0), ends: ms("ends", 0), stop: ms("stop", -1),
		code: rapid.SampledFrom([]int32{0, 1}).Draw(t, "code"),
	}
}

// restartAny ends the kubelet's process, and it is back at once or after a while.
func (w *world) restartAny(t *rapid.T) {
	if !w.off {
		w.restartKubelet(time.Duration(rapid.Int64Range(0, 5_000).Draw(t, "ms")) * time.Millisecond)
		w.passes(5_000)
	}
}

func (w *world) toggleNetwork() {
	if w.kubelet.networkError == nil {
		w.kubelet.SetNetworkError(errors.New("none"))
	} else {
		w.kubelet.SetNetworkError(nil)
	}
}

func (w *world) toggleImages() {
	if w.kubelet.cfg.PullError == nil {
		w.kubelet.cfg.PullError = func(string) error { return errors.New("not found") }
	} else {
		w.kubelet.cfg.PullError = nil
	}
}

func (w *world) evictAny(t *rapid.T) {
	name := rapid.SampledFrom([]string{"web-0", "web-1"}).Draw(t, "name")
	pod, ok := store.Get[*corev1.Pod](w.store.View(), "default", name)
	if !ok || w.off {
		t.Skip("there is none")
	}
	w.kubelet.Evict(pod.UID, Eviction{Reason: "Evicted", Grace: time.Duration(rapid.Int64Range(0, 10).Draw(t, "grace")) * time.Second})
	w.dirty = append(w.dirty, store.KeyOf(pod))
}

func (w *world) heal() {
	if w.cut && !w.off {
		w.relist()
	}
}

func (w *world) power() {
	if w.off {
		w.powerOn()
	} else {
		w.powerOff()
	}
}

// end makes all well, deletes every pod and expects that nothing is left.
func (w *world) end() {
	if w.off {
		w.powerOn()
	}
	w.relist()
	w.kubelet.SetNetworkError(nil)
	for _, name := range []string{"web-0", "web-1"} {
		w.delete(name, -1)
	}
	w.passes(120_000)
	left := []string{}
	for p := range store.All[*corev1.Pod](w.store.View()) {
		left = append(left, podLine(p))
	}
	require.Empty(w.t, left, "pods are left")
	require.Empty(w.t, w.living(""), "processes are left")
	require.Empty(w.t, w.mounts, "mounts are left")
	require.Empty(w.t, w.kubelet.workers)
	require.Empty(w.t, w.kubelet.named)
	require.Empty(w.t, w.kubelet.waiting)
}

// TestSameAgain holds that one history gives one transcript.
func TestSameAgain(t *testing.T) {
	tell := func() string {
		w := newWorld(t)
		w.create(node())
		for i := range 8 {
			w.create(pod(fmt.Sprintf("web-%d", i), app(func(c *corev1.Container) { c.ReadinessProbe = tcp(0, 5, 3) })))
		}
		w.at(20*time.Second, w.powerOff)
		w.at(30*time.Second, w.powerOn)
		w.run(time.Minute)
		return strings.Join(w.lines, "\n")
	}
	first := tell()
	for range 5 {
		require.Equal(t, first, tell())
	}
}
