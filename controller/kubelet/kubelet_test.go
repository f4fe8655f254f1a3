package kubelet

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"

	"statefulsim/controller/store"
)

// TestTranscripts tells a story each: what the kubelet does, second by second, is kept in testdata.
func TestTranscripts(t *testing.T) {
	stories := []struct {
		name string
		tell func(*world)
	}{
		{"start", func(w *world) {
			w.create(pod("web-0"))
			w.run(time.Minute)
		}},
		{"two-pods-one-image", func(w *world) {
			w.create(pod("web-0"))
			w.create(pod("web-1"))
			w.run(time.Minute)
		}},
		{"probes", func(w *world) {
			w.acts["app"] = act{ready: 12 * time.Second, sick: 60 * time.Second}
			w.create(pod("web-0", app(func(c *corev1.Container) {
				c.StartupProbe = tcp(3, 2, 30)
				c.ReadinessProbe = tcp(5, 5, 2)
				c.LivenessProbe = tcp(20, 10, 3)
			})))
			w.run(100 * time.Second)
		}},
		{"startup-fails", func(w *world) {
			w.acts["app"] = act{sick: time.Millisecond, stop: -1}
			w.create(pod("web-0", app(func(c *corev1.Container) {
				grace := int64(5)
				c.StartupProbe = tcp(0, 2, 3)
				c.StartupProbe.TerminationGracePeriodSeconds = &grace
			})))
			w.run(25 * time.Second)
		}},
		{"crash-loop", func(w *world) {
			w.acts["app"] = act{ends: time.Second, code: 1}
			w.create(pod("web-0"))
			w.at(700*time.Second, func() { w.acts["app"] = act{ends: 601 * time.Second, code: 2} })
			w.run(2600 * time.Second)
		}},
		{"init-and-sidecar", func(w *world) {
			w.acts["prepare"] = act{ends: 3 * time.Second}
			w.acts["proxy"] = act{stop: time.Second}
			w.acts["flaky"] = act{ends: time.Second, code: 1}
			w.acts["app"] = act{stop: 4 * time.Second}
			w.at(11500*time.Millisecond, func() { w.acts["flaky"] = act{ends: time.Second} })
			w.create(pod("web-0", inits(
				corev1.Container{Name: "prepare", Image: "tools:1"},
				corev1.Container{Name: "proxy", Image: "proxy:1", RestartPolicy: &always, StartupProbe: tcp(2, 1, 3)},
				corev1.Container{Name: "flaky", Image: "tools:1"},
			)))
			w.at(40*time.Second, func() { w.delete("web-0", -1) })
			w.run(60 * time.Second)
		}},
		{"graceful-stop", func(w *world) {
			w.acts["app"] = act{stop: 5 * time.Second}
			w.create(pod("web-0", app(func(c *corev1.Container) {
				c.ReadinessProbe = tcp(0, 3, 1)
				c.LivenessProbe = tcp(0, 3, 1)
				c.Lifecycle = &corev1.Lifecycle{PreStop: &corev1.LifecycleHandler{Sleep: &corev1.SleepAction{Seconds: 4}}}
			})))
			w.at(20*time.Second, func() { w.delete("web-0", -1) })
			w.run(time.Minute)
		}},
		{"stop-exceeds-grace", func(w *world) {
			w.acts["app"] = act{stop: -1}
			w.create(pod("web-0"))
			w.at(10*time.Second, func() { w.delete("web-0", 15) })
			w.run(time.Minute)
		}},
		{"grace-shortened", func(w *world) {
			w.acts["app"] = act{stop: -1}
			w.create(pod("web-0"))
			w.at(10*time.Second, func() { w.delete("web-0", 30) })
			w.at(15*time.Second, func() { w.delete("web-0", 3) })
			w.run(time.Minute)
		}},
		{"force-delete", func(w *world) {
			w.acts["app"] = act{stop: -1}
			w.create(pod("web-0"))
			w.at(10*time.Second, func() {
				w.delete("web-0", 0)
				w.create(pod("web-0"))
			})
			w.run(time.Minute)
		}},
		{"deleted-while-pulling", func(w *world) {
			w.create(pod("web-0"))
			w.at(time.Second, func() { w.delete("web-0", -1) })
			w.run(time.Minute)
		}},
		{"volumes", func(w *world) {
			w.create(node())
			w.createClaim("data-web-0")
			w.create(pod("web-0", uses("data-web-0")))
			w.at(5*time.Second, func() { w.bind("data-web-0", "pv-1") })
			w.at(130*time.Second, func() { w.attach("pv-1") })
			w.at(150*time.Second, func() { w.delete("web-0", -1) })
			w.run(200 * time.Second)
		}},
		{"two-volumes", func(w *world) {
			for _, claim := range []string{"data-web-0", "logs-web-0"} {
				w.createClaim(claim)
				w.bind(claim, claim)
			}
			w.attach("logs-web-0")
			w.create(pod("web-0", uses("data-web-0"), uses("logs-web-0")))
			w.at(5*time.Second, func() { w.attach("data-web-0") })
			w.run(20 * time.Second)
		}},
		{"reboot", func(w *world) {
			w.create(node())
			w.createClaim("data-web-0")
			w.bind("data-web-0", "pv-1")
			w.attach("pv-1")
			w.acts["prepare"] = act{ends: time.Second}
			w.create(pod("web-0", uses("data-web-0"), inits(corev1.Container{Name: "prepare", Image: "tools:1"})))
			w.at(20*time.Second, w.powerOff)
			w.at(50*time.Second, w.powerOn)
			w.run(80 * time.Second)
		}},
		{"on-failure", func(w *world) {
			w.acts["app"] = act{ends: 2 * time.Second, code: 1}
			w.at(3*time.Second, func() { w.acts["app"] = act{ends: 2 * time.Second} })
			w.create(pod("job", restartPolicy(corev1.RestartPolicyOnFailure)))
			w.at(20*time.Second, func() { w.delete("job", -1) })
			w.run(time.Minute)
		}},
		{"never", func(w *world) {
			w.acts["app"] = act{ends: 2 * time.Second, code: 3}
			w.create(pod("job", restartPolicy(corev1.RestartPolicyNever),
				inits(corev1.Container{Name: "proxy", Image: "proxy:1", RestartPolicy: &always})))
			w.run(time.Minute)
		}},
		{"marked-failed", func(w *world) {
			w.acts["app"] = act{stop: time.Second}
			w.create(pod("web-0"))
			w.at(10*time.Second, w.markFailed)
			w.run(20 * time.Second)
		}},
		{"deleted-before-noticed", func(w *world) {
			w.acts["app"] = act{ends: 10 * time.Second, code: 1}
			w.create(pod("web-0"))
			w.at(12600*time.Millisecond, func() { w.delete("web-0", -1) })
			w.run(20 * time.Second)
		}},
		{"pull-always", func(w *world) {
			w.acts["app"] = act{ends: 10 * time.Second, code: 1}
			w.create(pod("web-0", app(func(c *corev1.Container) { c.ImagePullPolicy = corev1.PullAlways })))
			w.run(20 * time.Second)
		}},
		{"probe-timeout", func(w *world) {
			w.hops["probe"] = 3 * time.Second
			w.create(pod("web-0", app(func(c *corev1.Container) { c.ReadinessProbe = tcp(0, 10, 3) })))
			w.at(20*time.Second, func() { w.hops["probe"] = time.Second })
			w.run(30 * time.Second)
		}},
		{"readiness-gate", func(w *world) {
			w.create(pod("web-0", func(p *corev1.Pod) {
				p.Spec.ReadinessGates = []corev1.PodReadinessGate{{ConditionType: "example.com/attached"}}
			}))
			w.at(10*time.Second, w.openGate)
			w.run(20 * time.Second)
		}},
		{"cut-off", func(w *world) {
			w.create(node())
			w.create(pod("web-0"))
			w.at(20*time.Second, func() { w.cut = true })
			w.at(60*time.Second, w.markNotReady)
			w.at(90*time.Second, w.relist)
			w.run(110 * time.Second)
		}},
		{"heartbeat", func(w *world) {
			w.create(node())
			w.beat = epoch
			w.at(42*time.Second, func() { w.setNodeReady(corev1.ConditionUnknown) })
			w.run(352 * time.Second)
		}},
	}
	for _, story := range stories {
		t.Run(story.name, func(t *testing.T) {
			w := newWorld(t)
			story.tell(w)
			w.golden(t, story.name)
		})
	}
}

// TestKeysAreFew holds that a kubelet is woken by nothing that is another's.
func TestKeysAreFew(t *testing.T) {
	w := newWorld(t)
	w.createClaim("data-web-0")
	w.createClaim("data-web-1")
	w.create(pod("web-0", uses("data-web-0")))
	require.Equal(t, []store.Key{{Kind: store.Pod, Namespace: "default", Name: "web-0"}}, w.dirty)
	w.settle()

	elsewhere := pod("web-1", uses("data-web-1"))
	elsewhere.Spec.NodeName = "b"
	w.create(elsewhere)
	w.bind("data-web-1", "pv-1")
	w.attach("pv-1")
	require.Empty(t, w.dirty)

	w.bind("data-web-0", "pv-0")
	require.Len(t, w.dirty, 2, "the claim changed twice, and it is the pod's")
	w.settle()
	w.attach("pv-0")
	require.NotEmpty(t, w.dirty)
}

// TestIdleSyncIsFree holds that a pod that needs nothing costs nothing when it is looked at.
func TestIdleSyncIsFree(t *testing.T) {
	w := newWorld(t)
	w.create(pod("web-0"))
	w.run(time.Minute)
	key := store.Key{Kind: store.Pod, Namespace: "default", Name: "web-0"}
	allocs := testing.AllocsPerRun(100, func() { w.kubelet.Sync(w.now, key, w.cache) })
	require.Zero(t, allocs)
}

func BenchmarkIdleSync(b *testing.B) {
	w := newWorld(b)
	w.create(pod("web-0"))
	w.run(time.Minute)
	key := store.Key{Kind: store.Pod, Namespace: "default", Name: "web-0"}
	for b.Loop() {
		w.kubelet.Sync(w.now, key, w.cache)
	}
}

// BenchmarkStart is a node that gets 50 pods, each with a readiness probe and a volume.
func BenchmarkStart(b *testing.B) {
	for b.Loop() {
		w := newWorld(b)
		w.quiet = true
		w.create(node())
		for i := range 50 {
			claim := fmt.Sprintf("data-web-%d", i)
			w.createClaim(claim)
			w.bind(claim, claim)
			w.attach(claim)
			w.create(pod(fmt.Sprintf("web-%d", i), uses(claim), app(func(c *corev1.Container) { c.ReadinessProbe = tcp(0, 10, 3) })))
		}
		w.run(30 * time.Second)
	}
}

// BenchmarkPodLife is one pod from its start to its end.
func BenchmarkPodLife(b *testing.B) {
	w := newWorld(b)
	w.quiet = true
	for b.Loop() {
		start := w.now.Sub(epoch)
		w.create(pod("web-0", app(func(c *corev1.Container) { c.ReadinessProbe = tcp(0, 10, 3) })))
		w.run(start + 20*time.Second)
		w.delete("web-0", -1)
		w.run(start + 40*time.Second)
	}
}
