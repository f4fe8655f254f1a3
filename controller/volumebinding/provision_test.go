package volumebinding

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	storagev1 "k8s.io/api/storage/v1"

	"statefulsim/controller/volumebinding/pv"
)

// with gives a class a parameter.
func with(name, value string) func(*storagev1.StorageClass) {
	return func(c *storagev1.StorageClass) { c.Parameters = map[string]string{name: value} }
}

// failures are the instants, after the start, at which provisioning failed, and the last message.
func (w *world) failures(from time.Time, d time.Duration) (at []time.Duration, message string) {
	for until := from.Add(d); w.now.Before(until); {
		w.events = nil
		w.run(500 * time.Millisecond)
		for _, event := range w.events {
			if text, ok := strings.CutPrefix(event, "data: ProvisioningFailed: "); ok {
				at, message = append(at, w.now.Sub(from)), text
			}
		}
	}
	return at, message
}

// TestProvisioningFails tries again after 1, 2, 4 s and so on; each attempt takes its 2 s.
func TestProvisioningFails(t *testing.T) {
	w := newWorld(t)
	w.create(newClass("fast", storagev1.VolumeBindingImmediate, with(pv.MaxSize, "5Gi")), newClaim("data", "fast", "10Gi"))
	at, message := w.failures(w.now, 25*time.Second)
	require.Equal(t, []time.Duration{2 * time.Second, 5 * time.Second, 9 * time.Second, 15 * time.Second, 25 * time.Second}, at)
	require.Equal(t, "rpc error: code = OutOfRange desc = size 10Gi exceeds the limit of 5Gi", message)
	require.Equal(t, corev1.ClaimPending, w.claim("data").Status.Phase)
}

// TestStorageFails tries again as long as the storage fails, and then has the volume. One that does not answer is waited for
// during 10 s; the claim stays with its node.
func TestStorageFails(t *testing.T) {
	for _, c := range []struct {
		broken  error
		message string
		at      []time.Duration
	}{
		{errors.New("rpc error: code = Internal desc = down"), "rpc error: code = Internal desc = down",
			[]time.Duration{2 * time.Second, 5 * time.Second, 9 * time.Second, 15 * time.Second}},
		{context.DeadlineExceeded, "rpc error: code = DeadlineExceeded desc = context deadline exceeded",
			[]time.Duration{10 * time.Second, 21 * time.Second}},
	} {
		w := newWorld(t)
		w.broken = c.broken
		w.create(newNode("node-a", "a"), newClass("late", storagev1.VolumeBindingWaitForFirstConsumer), newClaim("data", "late", "1Gi",
			func(claim *corev1.PersistentVolumeClaim) {
				claim.Annotations = map[string]string{pv.SelectedNode: "node-a"}
			}))
		at, message := w.failures(w.now, 22*time.Second)
		require.Equal(t, c.at, at)
		require.Equal(t, c.message, message)
		require.Contains(t, w.claim("data").Annotations, pv.SelectedNode)
		w.broken = nil
		w.run(20 * time.Second)
		require.Equal(t, corev1.ClaimBound, w.claim("data").Status.Phase)
	}
}

// TestInfeasible leaves a claim alone for five minutes if its class can never be provisioned, unless the class is another one.
func TestInfeasible(t *testing.T) {
	w := newWorld(t)
	w.create(newClass("fast", storagev1.VolumeBindingImmediate, with(pv.MaxSize, "lots")), newClaim("data", "fast", "10Gi"))
	from := w.now
	at, message := w.failures(from, 5*time.Minute)
	require.Equal(t, []time.Duration{2 * time.Second}, at)
	require.Contains(t, message, "Volume provisioning failed with infeasible error. Retries will be delayed. rpc error: code = InvalidArgument desc = parameter maxSize: ")
	at, _ = w.failures(w.now, 10*time.Minute)
	require.Equal(t, []time.Duration{3*time.Minute + 35*time.Second, 8*time.Minute + 37*time.Second}, at, "with the back-off that it had meanwhile")

	w = newWorld(t)
	w.create(newClass("fast", storagev1.VolumeBindingImmediate, with(pv.MaxSize, "lots")), newClaim("data", "fast", "10Gi"))
	w.run(3 * time.Second)
	w.remove(classKey("fast"))
	w.create(newClass("fast", storagev1.VolumeBindingImmediate))
	w.run(10 * time.Second)
	require.Equal(t, corev1.ClaimBound, w.claim("data").Status.Phase)
}

// TestNoRoom hands a claim back to the scheduler when the zone of its node is full.
func TestNoRoom(t *testing.T) {
	w := newWorld(t)
	w.create(newNode("node-a", "a"), newNode("node-b", "b"), newClass("late", storagev1.VolumeBindingWaitForFirstConsumer, with(pv.ZoneCapacity, "15Gi")))
	on := func(name, node string) {
		w.create(newClaim(name, "late", "10Gi", func(c *corev1.PersistentVolumeClaim) { c.Annotations = map[string]string{pv.SelectedNode: node} }))
		w.run(3 * time.Second)
	}
	on("first", "node-a")
	on("second", "node-b")
	require.Equal(t, corev1.ClaimBound, w.claim("first").Status.Phase)
	require.Equal(t, corev1.ClaimBound, w.claim("second").Status.Phase)
	on("data", "node-a")
	require.Contains(t, w.events, "data: ProvisioningFailed: rpc error: code = ResourceExhausted desc = zone a has no room for 10Gi")
	require.NotContains(t, w.claim("data").Annotations, pv.SelectedNode)
	require.Empty(t, w.binder.orders)
}

// TestSetsGoRound spreads the volumes of a set over the zones by its ordinals; all claims of one ordinal have one zone.
func TestSetsGoRound(t *testing.T) {
	w := newWorld(t)
	w.create(newNode("node-a", "a"), newNode("node-b", "b"), newNode("node-c", "c"), newClass("fast", storagev1.VolumeBindingImmediate))
	zone := func(claim string) string {
		w.create(newClaim(claim, "fast", "1Gi"))
		w.run(3 * time.Second)
		return zoneOf(w.volume(w.claim(claim).Spec.VolumeName))
	}
	first := zone("data-db-0")
	next := map[string]string{"a": "b", "b": "c", "c": "a"}
	require.Equal(t, next[first], zone("data-db-1"))
	require.Equal(t, next[next[first]], zone("data-db-2"))
	require.Equal(t, first, zone("data-db-3"))
	require.Equal(t, first, zone("wal-db-0"))
}
