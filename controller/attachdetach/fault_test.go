package attachdetach

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	"pgregory.net/rapid"

	"statefulsim/controller/internal/rig"
)

// failing lets an operation end with an error, or never.
func (w *world) failing(operation string, err error) {
	w.Note("the storage: " + operation + ": " + err.Error())
	w.disks.fault = func(op, _ string) error {
		if op == operation {
			return err
		}
		return nil
	}
}

func (w *world) well() {
	w.Note("the storage is well")
	w.disks.fault = nil
}

var errInternal = errors.New("rpc error: code = Internal desc = the storage system failed")

// A driver that does not answer is waited for during 15 s, and then called again after 1 s, 2 s, 4 s. A call that was not
// answered stays so when the driver is well again.
func TestAttachHangs(t *testing.T) {
	w := newWorld(t, corev1.ReadWriteOnce)
	w.failing("attach", context.DeadlineExceeded)
	w.run("web-0", "a")
	w.Advance(40 * time.Second)
	w.well()
	w.Advance(20 * time.Second)
	rig.Golden(t, "attach-hangs", w.Transcript())
}

// The pod goes while the driver does not answer: the volume is detached when that call is given up.
func TestAttachHangsAndThePodGoes(t *testing.T) {
	w := newWorld(t, corev1.ReadWriteOnce)
	w.failing("attach", context.DeadlineExceeded)
	w.run("web-0", "a")
	w.Advance(5 * time.Second)
	w.deletePod("web-0", true)
	w.run("web-0", "b")
	w.Advance(2 * time.Minute)
	w.well()
	w.Advance(time.Minute)
	rig.Golden(t, "attach-hangs-move", w.Transcript())
}

// move lets a pod go from node a in good order and its successor come to one two seconds later.
func (w *world) move(to string) {
	w.run("web-0", "a")
	w.Advance(5 * time.Second)
	w.deletePod("web-0", false)
	w.stopped("web-0")
	w.deletePod("web-0", true)
	w.Advance(2 * time.Second)
	w.run("web-0", to)
}

// A volume that cannot be detached keeps the pod waiting on the other node, which may try to attach it as soon as the detaching
// has failed once.
func TestDetachFails(t *testing.T) {
	w := newWorld(t, corev1.ReadWriteOnce)
	w.failing("detach", errInternal)
	w.move("b")
	w.Advance(12 * time.Second)
	w.well()
	w.Advance(30 * time.Second)
	rig.Golden(t, "detach-fails", w.Transcript())
	require.Equal(t, []string{"b"}, w.disks.on["disk-pvc-1"])
}

// The same, where the pod comes back to the node that the volume cannot leave.
func TestDetachHangsAndThePodReturns(t *testing.T) {
	w := newWorld(t, corev1.ReadWriteOnce)
	w.failing("detach", context.DeadlineExceeded)
	w.move("a")
	w.Advance(40 * time.Second)
	w.well()
	w.Advance(40 * time.Second)
	rig.Golden(t, "detach-hangs", w.Transcript())
	require.Equal(t, []string{"a"}, w.disks.on["disk-pvc-1"])
}

// Whatever fails or hangs in between, a ReadWriteOnce volume is never on two nodes, and once the storage is well it comes to
// where a pod needs it.
func TestFaultsOfTheStorageHeal(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		g := &disks{on: map[string][]string{}, note: func(string) {}}
		w := newWorldOn(t, []corev1.PersistentVolumeAccessMode{corev1.ReadWriteOnce}, g, func(name, about string) time.Duration {
			return time.Duration(rapid.IntRange(0, 4000).Draw(rt, name)) * time.Millisecond
		})
		w.disks = g
		g.fault = func(operation, node string) error {
			return []error{nil, errInternal, context.DeadlineExceeded}[rapid.IntRange(0, 2).Draw(rt, operation)]
		}
		for range rapid.IntRange(1, 30).Draw(rt, "steps") {
			w.random(rt)
			w.Advance(time.Duration(rapid.IntRange(0, 9000).Draw(rt, "ms")) * time.Millisecond)
			require.LessOrEqual(rt, len(g.on["disk-pvc-1"]), 1)
		}
		g.fault = nil
		w.comeToRest(rt)
		w.Advance(10 * time.Minute)
		require.Equal(rt, []string{"b"}, g.on["disk-pvc-1"])
	})
}
