package kubelet

import (
	"testing"

	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
)

// The phase follows from what is seen of the containers, from the restart policy, and from whether the pod has ended.
func TestPhase(t *testing.T) {
	const pending, alive, succeeded, failed = corev1.PodPending, corev1.PodRunning, corev1.PodSucceeded, corev1.PodFailed
	never := view{}
	runs := view{run: 1, here: true, running: true}
	ends := func(code int32) view {
		return view{run: 1, here: true, exit: &corev1.ContainerStateTerminated{ExitCode: code}}
	}
	lost := func(code int32) view { v := ends(code); v.here = false; return v }
	backsOff := view{run: 1, here: true, exit: ends(1).exit, waiting: &corev1.ContainerStateWaiting{Reason: "CrashLoopBackOff"}}
	always, onFailure, once := corev1.RestartPolicyAlways, corev1.RestartPolicyOnFailure, corev1.RestartPolicyNever

	for _, c := range []struct {
		name                 string
		policy               corev1.RestartPolicy
		init, sidecar        *view // nil: it has none
		mains                []view
		stage                stage
		want                 corev1.PodPhase
		unstarted, recovered bool // the sidecar has not started up; the pod's phase is Failed already
	}{
		{name: "nothing ran", policy: always, mains: []view{never}, stage: running, want: pending},
		{name: "one of two ran", policy: always, mains: []view{runs, never}, stage: running, want: pending},
		{name: "all run", policy: always, mains: []view{runs, runs}, stage: running, want: alive},
		{name: "all ended, always", policy: always, mains: []view{ends(0), ends(1)}, stage: running, want: alive},
		{name: "crash loop", policy: always, mains: []view{backsOff}, stage: running, want: alive},
		{name: "one failed, on failure", policy: onFailure, mains: []view{ends(0), ends(1)}, stage: running, want: alive},
		{name: "init runs", policy: always, init: &runs, mains: []view{never}, stage: running, want: pending},
		{name: "init failed, and is tried again", policy: always, init: &backsOff, mains: []view{never}, stage: running, want: pending},
		{name: "init runs again", policy: always, init: &runs, mains: []view{lost(255)}, stage: running, want: pending},
		{name: "all lost in a reboot", policy: always, mains: []view{lost(255)}, stage: mounting, want: alive},
		{name: "sidecar not started", policy: always, sidecar: &runs, unstarted: true, mains: []view{lost(255)}, stage: running, want: pending},
		{name: "sidecar starts again", policy: always, sidecar: &runs, unstarted: true, mains: []view{runs}, stage: running, want: alive},
		{name: "sidecar backs off", policy: always, sidecar: &backsOff, mains: []view{runs}, stage: running, want: alive},
		{name: "sidecar never ran", policy: always, sidecar: &never, mains: []view{lost(255)}, stage: running, want: pending},
		{name: "deleted, and still ends", policy: always, mains: []view{runs}, stage: stopping, want: alive},
		{name: "deleted, ended well", policy: always, mains: []view{ends(0), ends(0)}, stage: unmounting, want: succeeded},
		{name: "deleted, ended badly", policy: always, mains: []view{ends(0), ends(137)}, stage: unmounting, want: failed},
		{name: "deleted, sidecar ended badly", policy: always, sidecar: ptr(ends(137)), mains: []view{ends(0)}, stage: unmounting, want: succeeded},
		{name: "deleted, never ran", policy: always, mains: []view{never}, stage: unmounting, want: pending},
		{name: "nothing left, never ran", policy: always, mains: []view{never}, stage: ended, want: failed},
		{name: "init never ran again", policy: onFailure, init: &never, mains: []view{lost(0)}, stage: unmounting, want: pending},
		{name: "init failed for good", policy: once, init: ptr(ends(1)), mains: []view{never}, stage: unmounting, want: failed},
		{name: "init failed for good, main was done", policy: once, init: ptr(ends(1)), mains: []view{lost(0)}, stage: unmounting, want: failed},
		{name: "failed stays failed", policy: always, mains: []view{runs}, stage: running, recovered: true, want: failed},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := pod("web-0", restartPolicy(c.policy))
			if c.recovered {
				p.Status.Phase = failed
			}
			w := &worker{pod: p, stage: c.stage}
			add := func(v view, spec corev1.Container, init bool) {
				it := newContainer(w, &spec, init)
				it.seen = v
				w.containers = append(w.containers, it)
			}
			if c.init != nil {
				add(*c.init, corev1.Container{}, true)
			}
			if c.sidecar != nil {
				spec := sidecar("proxy")
				if c.unstarted {
					spec.StartupProbe = tcp(0, 1, 1)
				}
				add(*c.sidecar, spec, true)
			}
			for _, v := range c.mains {
				add(v, corev1.Container{}, false)
			}
			require.Equal(t, c.want, w.phase())
		})
	}
}

func ptr[T any](v T) *T { return &v }
