package kubelet

import (
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
)

// TestLifeTranscripts are stories of containers that cannot start, of several in a pod, and of how pods end.
func TestLifeTranscripts(t *testing.T) {
	crashing := act{ends: time.Second, code: 1}
	for _, story := range []struct {
		name string
		tell func(*world)
	}{
		{"image-missing", func(w *world) { // until 70 s
			w.kubelet.cfg.PullError = func(string) error {
				if w.now.Sub(epoch) < 70*time.Second {
					return errors.New("app:1: not found")
				}
				return nil
			}
			w.create(pod("web-0"))
			w.run(120 * time.Second)
		}},
		{"image-never", func(w *world) {
			w.kubelet.cfg.PullError = func(string) error { return errors.New("not found") }
			w.create(pod("web-0", app(func(c *corev1.Container) { c.ImagePullPolicy = corev1.PullNever })))
			w.run(30 * time.Second)
		}},
		{"image-of-init-missing", func(w *world) {
			w.kubelet.cfg.PullError = func(image string) error {
				if image == "tools:1" {
					return errors.New("not found")
				}
				return nil
			}
			w.create(pod("web-0", inits(corev1.Container{Name: "prepare", Image: "tools:1"})))
			w.at(20*time.Second, func() { w.delete("web-0", -1) })
			w.run(30 * time.Second)
		}},
		{"out-of-memory", func(w *world) {
			w.acts["app"] = act{ends: 5 * time.Second, code: 137, why: "OOMKilled"}
			w.create(pod("web-0"))
			w.run(30 * time.Second)
		}},
		{"crash-loop-seen-by-probe", func(w *world) { // its change of mind has the pod looked at
			w.acts["app"] = crashing
			w.create(pod("web-0", app(func(c *corev1.Container) { c.ReadinessProbe = tcp(0, 3, 1) })))
			w.run(40 * time.Second)
		}},
		{"crash-loop-by-chance", func(w *world) { // all waits are half as long again
			w.kubelet.cfg.Fraction = func(string) float64 { return 1 }
			w.acts["app"] = crashing
			w.create(pod("web-0"))
			w.run(120 * time.Second)
		}},
		{"liveness-loop", func(w *world) {
			w.acts["app"] = act{sick: 2 * time.Second}
			w.create(pod("web-0", app(func(c *corev1.Container) { c.LivenessProbe = tcp(0, 5, 1) })))
			w.run(80 * time.Second)
		}},
		{"deleted-in-back-off", func(w *world) {
			w.acts["app"] = crashing
			w.create(pod("web-0"))
			w.at(16500*time.Millisecond, func() { w.delete("web-0", -1) })
			w.at(18*time.Second, func() { w.create(pod("web-0")) })
			w.run(22 * time.Second)
		}},
		{"force-delete-pre-stop", func(w *world) { // its hook gets a second
			w.acts["app"] = act{stop: -1}
			w.create(pod("web-0", app(func(c *corev1.Container) { c.Lifecycle = exec("sleep", "5") })))
			w.at(10*time.Second, func() { w.delete("web-0", 0) })
			w.run(20 * time.Second)
		}},
		{"init-fails-for-good", func(w *world) {
			w.acts["prepare"] = act{ends: time.Second, code: 1}
			w.create(pod("job", restartPolicy(corev1.RestartPolicyNever), inits(sidecar("proxy"), corev1.Container{Name: "prepare", Image: "app:1"})))
			w.run(20 * time.Second)
		}},
		{"unhealthy-and-not-restarted", func(w *world) { // it is the last container, so the pod ends
			w.acts["app"] = act{sick: 5 * time.Second, stop: -1}
			w.create(pod("job", grace(6), restartPolicy(corev1.RestartPolicyNever), app(func(c *corev1.Container) {
				own := int64(3)
				c.LivenessProbe = tcp(0, 10, 1)
				c.LivenessProbe.TerminationGracePeriodSeconds = &own
			})))
			w.run(20 * time.Second)
		}},
		{"one-of-two-unhealthy-and-not-restarted", func(w *world) {
			w.acts["app"] = act{sick: 5 * time.Second}
			w.create(pod("job", restartPolicy(corev1.RestartPolicyNever), app(func(c *corev1.Container) { c.LivenessProbe = tcp(0, 10, 1) }),
				beside(corev1.Container{Name: "log", Image: "app:1"})))
			w.run(20 * time.Second)
		}},
		{"two-containers", func(w *world) { // the first is seen when the second has started
			w.acts["app"] = act{stop: time.Second}
			w.acts["log"] = act{stop: 4 * time.Second}
			w.create(pod("web-0", beside(corev1.Container{Name: "log", Image: "log:1"})))
			w.at(20*time.Second, func() { w.delete("web-0", -1) })
			w.run(40 * time.Second)
		}},
		{"one-of-two-killed", func(w *world) { // while it is, the other's end is not seen
			w.acts["app"] = act{sick: 5 * time.Second, stop: -1}
			w.acts["log"] = act{ends: 12 * time.Second, code: 1}
			w.create(pod("web-0", grace(8), app(func(c *corev1.Container) { c.LivenessProbe = tcp(0, 10, 1) }),
				beside(corev1.Container{Name: "log", Image: "app:1"})))
			w.run(30 * time.Second)
		}},
		{"sidecar-crashes", func(w *world) { // while the last init container works, and again beside the main one
			w.acts["proxy"] = act{ends: 4 * time.Second, code: 1}
			w.acts["prepare"] = act{ends: 8 * time.Second}
			w.create(pod("web-0", inits(sidecar("proxy"), corev1.Container{Name: "prepare", Image: "app:1"})))
			w.run(60 * time.Second)
		}},
		{"sidecars-unhealthy", func(w *world) { // one before it has started up, one later
			w.acts["slow"] = act{sick: time.Millisecond}
			w.acts["proxy"] = act{sick: 10 * time.Second}
			slow, proxy := sidecar("slow"), sidecar("proxy")
			slow.StartupProbe, proxy.LivenessProbe = tcp(0, 2, 2), tcp(0, 5, 1)
			w.at(8*time.Second, func() { w.acts["slow"] = act{} })
			w.create(pod("web-0", inits(proxy, slow)))
			w.run(30 * time.Second)
		}},
		{"main-crashes-beside-sidecar", func(w *world) { // which is backing off, and others that crash with it
			w.acts["proxy"] = act{ends: 8 * time.Second, code: 1}
			w.acts["log"] = act{ends: 8 * time.Second, code: 1}
			w.acts["app"] = act{ends: 14 * time.Second, code: 1}
			w.create(pod("web-0", inits(sidecar("proxy"), sidecar("log"))))
			w.run(40 * time.Second)
		}},
		{"sidecars-last", func(w *world) {
			for _, name := range []string{"app", "proxy", "log"} {
				w.acts[name] = act{stop: 3 * time.Second}
			}
			w.acts["stuck"] = act{stop: -1}
			w.create(pod("web-0", grace(12), inits(sidecar("stuck"), sidecar("proxy"), sidecar("log"))))
			w.at(30*time.Second, func() { w.delete("web-0", -1) })
			w.run(60 * time.Second)
		}},
		{"pre-stop-command", func(w *world) {
			w.acts["app"] = act{stop: -1}
			w.create(pod("web-0", app(func(c *corev1.Container) { c.Lifecycle = exec("/bin/sh", "-c", "sleep 5; sync") }), grace(9)))
			w.at(20*time.Second, func() { w.delete("web-0", -1) })
			w.run(40 * time.Second)
		}},
		{"pre-stop-exceeds-grace", func(w *world) {
			w.acts["app"] = act{stop: -1}
			w.create(pod("web-0", app(func(c *corev1.Container) { c.Lifecycle = exec("sleep", "60") }), inits(sidecar("proxy"))))
			w.at(20*time.Second, func() { w.delete("web-0", 6) })
			w.run(40 * time.Second)
		}},
		{"evicted", func(w *world) {
			w.acts["app"] = act{stop: -1}
			w.create(pod("web-0"))
			w.at(10*time.Second, func() { w.evict("Evicted", "The node was low on resource: memory.", 0) })
			w.run(20 * time.Second)
		}},
		{"node-shutdown", func(w *world) {
			w.acts["app"] = act{stop: 3 * time.Second}
			w.create(pod("web-0"))
			w.at(10*time.Second, func() {
				w.evict("Terminated", "Pod was terminated in response to imminent node shutdown.", 20*time.Second)
			})
			w.run(20 * time.Second)
		}},
	} {
		t.Run(story.name, func(t *testing.T) {
			w := newWorld(t)
			story.tell(w)
			w.golden(t, story.name)
		})
	}
}

func (w *world) evict(reason, message string, grace time.Duration) {
	w.say("node: %s", reason)
	stored := w.pod("web-0")
	w.kubelet.Evict(stored.UID, Eviction{Reason: reason, Message: message, Grace: grace})
	w.wake[keyOf("web-0")] = w.now
}

// A pod that the kubelet ended has failed for a reason, unless its containers ended well.
func TestEvictedPodTellsWhy(t *testing.T) {
	for stop, want := range map[time.Duration]corev1.PodPhase{0: corev1.PodSucceeded, -1: corev1.PodFailed} {
		w := newWorld(t)
		w.acts["app"] = act{stop: stop}
		w.create(pod("web-0"))
		w.at(10*time.Second, func() { w.evict("Evicted", "The node was low on resource: memory.", 0) })
		w.at(11*time.Second, func() {
			require.Empty(t, w.pod("web-0").Status.Reason, "not before its containers have ended")
			if stop < 0 {
				require.Nil(t, find(w.pod("web-0").Status.Conditions, corev1.DisruptionTarget))
			}
		})
		w.run(20 * time.Second)
		status := w.pod("web-0").Status
		require.Equal(t, want, status.Phase)
		target := find(status.Conditions, corev1.DisruptionTarget)
		require.Equal(t, "TerminationByKubelet", target.Reason)
		require.Equal(t, "The node was low on resource: memory.", target.Message)
		require.Equal(t, find(status.Conditions, corev1.PodReady).LastTransitionTime, target.LastTransitionTime, "when the pod has ended")
		if want == corev1.PodFailed {
			require.Equal(t, "Evicted", status.Reason)
			require.Equal(t, "The node was low on resource: memory.", status.Message)
			require.InDelta(t, 12, w.times("SIGKILL app")[0], 0.1, "the least that a process gets")
		}
	}
}
