package kubelet

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
)

// sickly is a container that never becomes ready and falls ill when it is so old.
func sickly(after time.Duration) act { return act{ready: time.Hour, sick: after} }

// probed runs one pod whose container has the image at once, starts at 0.5 s and is probed so, and returns when probes failed.
func probed(t *testing.T, until time.Duration, behaviour act, change func(*corev1.Container), settings ...func(*world)) *world {
	w := newWorld(t)
	w.kubelet.images.ready["app:1"] = epoch
	w.kubelet.started = epoch.Add(-time.Hour)
	for _, set := range settings {
		set(w)
	}
	w.acts["app"] = behaviour
	w.create(pod("web-0", app(change)))
	w.run(until)
	return w
}

// Probes tick from when the pod's volumes are there, which is at 0 s here, and ask at ticks that do not come before the initial
// delay, counted from the whole second of the start, which is 0 s too. An answer takes 5 ms.
func TestLivenessTicks(t *testing.T) {
	for name, c := range map[string]struct {
		delay, period, threshold int32
		want                     []float64
	}{
		"no delay":                 {0, 10, 3, []float64{10.005, 20.005, 30.005}},
		"delay between two ticks":  {14, 10, 3, []float64{20.005, 30.005, 40.005}},
		"delay that ends at one":   {20, 10, 2, []float64{20.005, 30.005}},
		"delay of a whole number":  {1, 1, 4, []float64{1.005, 2.005, 3.005, 4.005}},
		"one failure is too many":  {0, 7, 1, []float64{7.005}},
		"fields that nobody set":   {0, 0, 0, []float64{10.005, 20.005, 30.005}},
		"long delay, short period": {9, 2, 2, []float64{10.005, 12.005}},
	} {
		t.Run(name, func(t *testing.T) {
			w := probed(t, 45*time.Second, sickly(time.Millisecond), func(app *corev1.Container) {
				app.LivenessProbe = tcp(c.delay, c.period, c.threshold)
			})
			require.Equal(t, c.want, w.times("event Warning Unhealthy: Liveness")[:len(c.want)])
			last := c.want[len(c.want)-1]
			require.Equal(t, last, w.times("event Normal Killing: Container app failed liveness probe, will be restarted")[0])
		})
	}
}

// A readiness probe is asked at once when its container has started, and ticks from there; its first word has the pod looked at
// again (0.5 s later here), so that it asks again and ticks from there.
func TestReadinessIsAskedAtOnce(t *testing.T) {
	w := probed(t, 25*time.Second, sickly(0), func(c *corev1.Container) { c.ReadinessProbe = tcp(0, 10, 3) })
	require.Equal(t, []float64{0.505, 1.005, 11.005, 21.005}, w.times("event Warning Unhealthy: Readiness"))
	w = probed(t, 25*time.Second, sickly(0), func(c *corev1.Container) { c.ReadinessProbe = tcp(5, 10, 3) })
	require.Equal(t, []float64{11.005, 21.005}, w.times("event Warning Unhealthy: Readiness"))
	w = probed(t, 5*time.Second, act{}, func(c *corev1.Container) { c.ReadinessProbe = tcp(0, 10, 3) })
	require.Equal(t, []float64{0.505}, w.times("note ProbeSucceeded Readiness"))
}

// A ready container becomes unready after so many failures, and is asked once more at once.
func TestReadinessThresholds(t *testing.T) {
	w := probed(t, 90*time.Second, act{sick: 20 * time.Second}, func(c *corev1.Container) {
		c.ReadinessProbe = tcp(0, 5, 3)
		c.ReadinessProbe.SuccessThreshold = 2
	}, func(w *world) { w.at(60*time.Second, func() { w.alive[w.living("")[0]][0].act.sick = 0 }) })
	require.Equal(t, []float64{1.005, 66.01}, w.times("note ProbeSucceeded Readiness"))
	require.Equal(t, []float64{31.005}, w.times("note ProbeFailed Readiness"))
	require.Equal(t, []float64{21.005, 26.005, 31.005, 31.01, 36.01}, w.times("event Warning Unhealthy: Readiness")[:5])
}

// Liveness and readiness wait for the startup probe. When that has succeeded it is silent, readiness asks at once, and liveness at
// its next tick.
func TestOthersWaitForStartup(t *testing.T) {
	w := probed(t, 30*time.Second, sickly(12*time.Second), func(c *corev1.Container) {
		c.StartupProbe, c.LivenessProbe, c.ReadinessProbe = tcp(7, 2, 9), tcp(0, 10, 2), tcp(0, 10, 1)
	})
	require.Equal(t, []float64{8.005}, w.times("note ProbeSucceeded Startup"))
	require.Empty(t, w.times("event Warning Unhealthy: Startup"), "it stops with its success")
	require.Equal(t, []float64{8.01, 8.51, 18.51}, w.times("event Warning Unhealthy: Readiness")[:3])
	require.Equal(t, []float64{20.005}, w.times("event Warning Unhealthy: Liveness")[:1])
}

// Nobody asks a container that has not started up anything else.
func TestNothingElseIsAskedBeforeStartup(t *testing.T) {
	w := probed(t, 60*time.Second, sickly(time.Millisecond), func(c *corev1.Container) {
		c.StartupProbe, c.LivenessProbe, c.ReadinessProbe = tcp(0, 10, 30), tcp(0, 5, 2), tcp(0, 5, 2)
	})
	require.Len(t, w.times("event Warning Unhealthy: Startup"), 5)
	require.Len(t, w.times("event Warning Unhealthy"), 5)
}

// A tick that comes while an answer is awaited is not lost, and neither is a question out of turn.
func TestTicksDuringAnAnswer(t *testing.T) {
	w := probed(t, 9*time.Second, sickly(time.Millisecond), func(c *corev1.Container) {
		c.LivenessProbe = tcp(0, 1, 30)
		c.LivenessProbe.TimeoutSeconds = 5
	}, func(w *world) { w.hops["probe"] = 2500 * time.Millisecond })
	require.Equal(t, []float64{3.5, 6, 8.5}, w.times("event Warning Unhealthy: Liveness"))

	w = probed(t, 13*time.Second, sickly(0), func(c *corev1.Container) { c.ReadinessProbe = tcp(0, 10, 3) },
		func(w *world) { w.hops["probe"] = 800 * time.Millisecond })
	require.Equal(t, []float64{1.3, 2.1, 12.1}, w.times("event Warning Unhealthy: Readiness"))

	w = newWorld(t) // the other container's end has the pod looked at, while an answer is awaited
	w.hops["probe"] = 800 * time.Millisecond
	w.acts["app"], w.acts["log"] = sickly(0), act{ends: 11 * time.Second, code: 1}
	w.create(pod("web-0", app(func(c *corev1.Container) { c.ReadinessProbe = tcp(0, 10, 3) }), beside(corev1.Container{Name: "log", Image: "app:1"})))
	w.run(25 * time.Second) // both have started at 2.6 s, and log ends at 13.6 s
	require.Equal(t, []float64{3.4, 4.2, 14.2, 15, 15.8}, w.times("event Warning Unhealthy: Readiness")[:5])
}

// A liveness or startup probe that has failed is silent until the container runs anew, though killing it takes a while.
func TestFailedProbeIsHeld(t *testing.T) {
	for kind, set := range map[string]func(*corev1.Container){
		"Liveness": func(c *corev1.Container) { c.LivenessProbe = tcp(0, 5, 2) },
		"Startup":  func(c *corev1.Container) { c.StartupProbe = tcp(0, 5, 2) },
	} {
		t.Run(kind, func(t *testing.T) {
			behaviour := sickly(time.Millisecond)
			behaviour.stop = -1
			w := probed(t, 55*time.Second, behaviour, set)
			require.Equal(t, []float64{5.005, 10.005, 45.005, 50.005}, w.times("event Warning Unhealthy: "+kind))
			require.Equal(t, []float64{40.005}, w.times("SIGKILL app")[:1], "30 s after SIGTERM")
		})
	}
}

// How often in a row a probe failed goes on counting when the container ends by itself and runs anew.
func TestFailuresAreCountedOverRuns(t *testing.T) {
	behaviour := sickly(time.Millisecond)
	behaviour.ends, behaviour.code = 23*time.Second, 1
	w := probed(t, 40*time.Second, behaviour, func(c *corev1.Container) { c.LivenessProbe = tcp(0, 10, 3) })
	require.Equal(t, []float64{10.005, 20.005, 30.005}, w.times("event Warning Unhealthy: Liveness"))
	require.Equal(t, []float64{30.005}, w.times("event Normal Killing: Container app failed liveness probe"))
}

// A probe's own grace period is for what the probe kills alone: a pod that is deleted has its own.
func TestProbesOwnGracePeriod(t *testing.T) {
	own := int64(3)
	change := func(c *corev1.Container) {
		c.LivenessProbe = tcp(0, 10, 1)
		c.LivenessProbe.TerminationGracePeriodSeconds = &own
	}
	behaviour := act{sick: 5 * time.Second, stop: -1}
	w := probed(t, 20*time.Second, behaviour, change)
	require.Equal(t, []float64{13.005}, w.times("SIGKILL app"))
	w = probed(t, 60*time.Second, behaviour, change, func(w *world) { w.at(9*time.Second, func() { w.delete("web-0", 20) }) })
	require.Equal(t, []float64{29}, w.times("SIGKILL app"))
}

// When the pod is deleted, readiness goes on, and so do, without a consequence, the probes of sidecars; all else is silent.
func TestProbesWhileTerminating(t *testing.T) {
	w := probed(t, 60*time.Second, act{sick: 11 * time.Second, stop: -1}, func(c *corev1.Container) {
		c.ReadinessProbe, c.LivenessProbe = tcp(0, 5, 1), tcp(0, 5, 1)
	}, func(w *world) { w.at(10*time.Second, func() { w.delete("web-0", 30) }) })
	require.Equal(t, []float64{15.505}, w.times("note ProbeFailed Readiness"))
	require.Empty(t, w.times("event Warning Unhealthy: Liveness"))

	w = newWorld(t)
	w.acts["app"], w.acts["proxy"] = act{stop: -1}, act{sick: 13 * time.Second}
	proxy := sidecar("proxy")
	proxy.LivenessProbe = tcp(0, 5, 1)
	w.create(pod("web-0", inits(proxy)))
	w.at(15500*time.Millisecond, func() { w.delete("web-0", 12) })
	w.run(time.Minute)
	require.Len(t, w.times("event Warning Unhealthy: Liveness"), 1)
	require.Len(t, w.times("event Normal Killing: Stopping container proxy"), 1)
	require.Empty(t, w.times("event Normal Killing: Init container"))
}

// Shortly after the kubelet's start a probe waits for a random part of its period first; later it does not.
func TestProbesAreSpreadAfterTheKubeletsStart(t *testing.T) {
	for ago, want := range map[time.Duration]float64{3 * time.Second: 4.005, 10 * time.Second: 10.005, time.Hour: 10.005} {
		w := probed(t, 20*time.Second, sickly(time.Millisecond), func(c *corev1.Container) { c.LivenessProbe = tcp(1, 10, 1) }, func(w *world) {
			w.kubelet.started = epoch.Add(-ago)
			w.kubelet.cfg.Fraction = func(about string) float64 {
				require.Equal(t, "probe/default/web-0/app/Liveness", about)
				return 0.4
			}
		})
		require.Equal(t, want, w.times("event Warning Unhealthy: Liveness")[0], ago)
	}
}

// After a restart of the kubelet its probes begin anew, at a random part of their periods, and have heard nothing.
func TestProbesAfterARestartOfTheKubelet(t *testing.T) {
	w := probed(t, 80*time.Second, sickly(15*time.Second), func(c *corev1.Container) { c.LivenessProbe = tcp(0, 10, 3) },
		func(w *world) {
			w.kubelet.cfg.Fraction = func(string) float64 { return 0.5 }
			w.at(35*time.Second, func() { w.restartKubelet(time.Second) })
		})
	require.Equal(t, []float64{20.005, 30.005, 41.005, 51.005, 61.005}, w.times("event Warning Unhealthy: Liveness")[:5])
	require.Equal(t, 61.005, w.times("event Normal Killing")[0])
}

// times returns when, in seconds, the lines were told that begin so.
func (w *world) times(what string) (at []float64) {
	for _, line := range w.lines {
		if len(line) >= 12+len(what) && line[12:12+len(what)] == what {
			at = append(at, seconds64(line))
		}
	}
	return at
}
