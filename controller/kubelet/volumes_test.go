package kubelet

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
)

// TestVolumeTranscripts are stories of volumes that come late, never, or grow.
func TestVolumeTranscripts(t *testing.T) {
	mounted := func(w *world) {
		w.create(node())
		w.createClaim("data-web-0")
		w.bind("data-web-0", "pv-1")
		w.attach("pv-1")
		w.create(pod("web-0", uses("data-web-0")))
	}
	for _, story := range []struct {
		name string
		tell func(*world)
	}{
		{"attached-late", func(w *world) { // between two attempts, so that nobody looks at once
			w.create(node())
			w.createClaim("data-web-0")
			w.bind("data-web-0", "pv-1")
			w.create(pod("web-0", uses("data-web-0")))
			w.at(125*time.Second, func() { w.attach("pv-1") })
			w.run(140 * time.Second)
		}},
		{"no-claim", func(w *world) {
			w.create(node())
			w.create(pod("web-0", uses("data-web-0")))
			w.at(12*time.Second, func() { w.createClaim("data-web-0"); w.bind("data-web-0", "pv-1"); w.attach("pv-1") })
			w.run(30 * time.Second)
		}},
		{"volume-grows", func(w *world) {
			mounted(w)
			w.at(30*time.Second, func() { w.grow("data-web-0", 2) })
			w.run(200 * time.Second)
		}},
		{"volume-grew-unmounted", func(w *world) {
			w.create(node())
			w.createClaim("data-web-0")
			w.bind("data-web-0", "pv-1")
			w.attach("pv-1")
			w.grow("data-web-0", 2)
			w.create(pod("web-0", uses("data-web-0")))
			w.run(30 * time.Second)
		}},
		{"volume-grows-while-cut-off", func(w *world) {
			mounted(w)
			w.at(30*time.Second, func() { w.cut = true; w.grow("data-web-0", 2) })
			w.at(150*time.Second, func() { w.relist() })
			w.run(400 * time.Second)
		}},
		{"volume-grows-and-the-word-is-lost", func(w *world) {
			mounted(w)
			w.at(30*time.Second, func() { w.grow("data-web-0", 2) })
			w.at(100500*time.Millisecond, func() { w.cut = true })
			w.at(110*time.Second, func() { w.relist() })
			w.run(400 * time.Second)
		}},
		{"two-pods-one-growing-volume", func(w *world) {
			mounted(w)
			w.create(pod("web-1", uses("data-web-0")))
			w.at(30*time.Second, func() { w.grow("data-web-0", 2) })
			w.run(300 * time.Second)
		}},
	} {
		t.Run(story.name, func(t *testing.T) {
			w := newWorld(t)
			story.tell(w)
			w.golden(t, story.name)
		})
	}
}

// A shared volume grows on each node that has it, though the claim has its size already.
func TestSharedVolumeGrowsOnEachNode(t *testing.T) {
	for mode, want := range map[corev1.PersistentVolumeAccessMode]int{corev1.ReadWriteMany: 1, corev1.ReadWriteOnce: 0} {
		w := newWorld(t)
		w.create(node())
		w.createClaim("data-web-0", mode)
		w.bind("data-web-0", "pv-1")
		w.attach("pv-1")
		w.create(pod("web-0", uses("data-web-0")))
		w.run(20 * time.Second)
		w.grow("data-web-0", 2)
		elsewhere := w.claim("data-web-0")
		elsewhere.Status.Capacity, elsewhere.Status.AllocatedResourceStatuses, elsewhere.Status.Conditions = gibibytes(2), nil, nil
		_, err := w.api().UpdateStatus(elsewhere)
		require.NoError(t, err)
		w.run(300 * time.Second)
		require.Equal(t, want, w.told("event Normal FileSystemResizeSuccessful:"), mode)
		require.Equal(t, want, w.told("event Normal FileSystemResizeSuccessful on claim data-web-0:"), mode)
		require.Zero(t, w.told("claim data-web-0:"), "its status says it already")
	}
}

// told counts the lines that begin with that after their time.
func (w *world) told(what string) (times int) {
	for _, line := range w.lines {
		if len(line) > 12 && len(line) >= 12+len(what) && line[12:12+len(what)] == what {
			times++
		}
	}
	return times
}
