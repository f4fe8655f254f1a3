package volumebinding

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	storagev1 "k8s.io/api/storage/v1"
	"k8s.io/apimachinery/pkg/types"
	"pgregory.net/rapid"

	"statefulsim/controller/store"
	"statefulsim/controller/volumebinding/pv"
)

// TestRandomBindings lets claims, volumes and selected nodes come and go while the binder's cache lags behind by as much
// as it likes. After every step a claim that was bound has the volume that it had, and no volume belongs to two claims.
// When everything has settled, both sides of each binding agree.
func TestRandomBindings(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		w := newWorld(rt)
		w.create(newNode("node-a", "a"), newNode("node-b", "b"),
			newClass("fast", storagev1.VolumeBindingImmediate), newClass("late", storagev1.VolumeBindingWaitForFirstConsumer))
		d := &disorder{w: w, rt: rt, had: map[types.UID]string{}}
		rt.Repeat(map[string]func(*rapid.T){
			"claim": func(*rapid.T) { d.addClaim() }, "volume": func(*rapid.T) { d.addVolume() },
			"select": func(*rapid.T) { d.selectNode() }, "go": func(*rapid.T) { d.removeSome() },
			"deliver": func(*rapid.T) { w.deliver(rapid.IntRange(0, len(w.changes)).Draw(rt, "changes")) },
			"step":    func(*rapid.T) { w.step(w.now.Add(3 * time.Second)) },
			"":        func(*rapid.T) { d.check() },
		})
		w.run(time.Minute)
		d.check()
		d.checkSettled()
	})
}

// disorder draws what happens to a world.
type disorder struct {
	w       *world
	rt      *rapid.T
	created int
	had     map[types.UID]string // the volume of each claim that was ever bound
}

// names are few, so that they are used again.
func (d *disorder) name() string {
	return rapid.SampledFrom([]string{"x", "y", "z"}).Draw(d.rt, "name")
}

func (d *disorder) addClaim() {
	name := d.name()
	if _, ok := d.w.server.View().Object(claimKey(name)); !ok {
		class := rapid.SampledFrom([]string{"", "fast", "late"}).Draw(d.rt, "class")
		d.w.create(newClaim(name, class, rapid.SampledFrom([]string{"5Gi", "10Gi"}).Draw(d.rt, "size")))
	}
}

func (d *disorder) addVolume() {
	d.created++
	name := "pv-" + string(rune('a'+d.created%26)) + d.name()
	if _, ok := d.w.server.View().Object(volumeKey(name)); ok {
		return
	}
	policy := rapid.SampledFrom([]corev1.PersistentVolumeReclaimPolicy{corev1.PersistentVolumeReclaimRetain, corev1.PersistentVolumeReclaimDelete}).Draw(d.rt, "policy")
	volume := newPV(name, rapid.SampledFrom([]string{"", "fast"}).Draw(d.rt, "class"), "10Gi", reclaim(policy))
	if rapid.Bool().Draw(d.rt, "aside") {
		setAside(d.name())(volume)
	}
	d.w.create(volume)
}

// selectNode does what the scheduler does.
func (d *disorder) selectNode() {
	claim, ok := store.Get[*corev1.PersistentVolumeClaim](d.w.server.View(), "default", d.name())
	if ok && claim.Spec.VolumeName == "" && claim.Annotations[pv.SelectedNode] == "" && pv.ClassOf(claim) == "late" {
		selected := claim.DeepCopy()
		if selected.Annotations == nil {
			selected.Annotations = map[string]string{}
		}
		selected.Annotations[pv.SelectedNode] = "node-b"
		d.w.update(selected)
	}
}

func (d *disorder) removeSome() {
	key := claimKey(d.name())
	if rapid.IntRange(0, 3).Draw(d.rt, "volume") == 0 {
		for volume := range store.All[*corev1.PersistentVolume](d.w.server.View()) {
			key = store.KeyOf(volume)
		}
	}
	if _, ok := d.w.server.View().Object(key); ok {
		d.w.remove(key)
	}
}

func (d *disorder) check() {
	owners := map[string]string{}
	for claim := range store.All[*corev1.PersistentVolumeClaim](d.w.server.View()) {
		volume := claim.Spec.VolumeName
		if volume == "" {
			require.NotContains(d.rt, d.had, claim.UID, "%s lost its volume", claim.Name)
			continue
		}
		if had, ok := d.had[claim.UID]; ok {
			require.Equal(d.rt, had, volume, claim.Name)
		}
		d.had[claim.UID] = volume
		require.NotContains(d.rt, owners, volume, "%s is another's", volume)
		owners[volume] = claim.Name
	}
}

func (d *disorder) checkSettled() {
	view := d.w.server.View()
	for claim := range store.All[*corev1.PersistentVolumeClaim](view) {
		volume, ok := store.Get[*corev1.PersistentVolume](view, "", claim.Spec.VolumeName)
		switch {
		case claim.Spec.VolumeName == "":
			require.Equal(d.rt, corev1.ClaimPending, claim.Status.Phase, claim.Name)
			waits := pv.ClassOf(claim) == "" || pv.ClassOf(claim) == "late" && claim.Annotations[pv.SelectedNode] == ""
			require.True(d.rt, waits, "%s is stuck", claim.Name)
		case !ok:
			require.Equal(d.rt, corev1.ClaimLost, claim.Status.Phase, claim.Name)
		default:
			require.Equal(d.rt, corev1.ClaimBound, claim.Status.Phase, claim.Name)
			require.Equal(d.rt, claim.UID, volume.Spec.ClaimRef.UID)
			require.Equal(d.rt, corev1.VolumeBound, volume.Status.Phase)
		}
	}
	indexed := 0
	for volume := range store.All[*corev1.PersistentVolume](view) {
		ref := volume.Spec.ClaimRef
		bound := ref != nil && ref.UID != ""
		require.Equal(d.rt, bound, volume.Status.Phase != corev1.VolumeAvailable, volume.Name)
		require.Equal(d.rt, pv.Unused(volume), slices.Contains(d.w.binder.unused[keeper(volume)], volume.Name), volume.Name)
		if pv.Unused(volume) {
			indexed++
		}
	}
	for _, names := range d.w.binder.unused {
		indexed -= len(names)
	}
	require.Zero(d.rt, indexed, "no volume is kept under a claim that it is not set aside for")
	require.Empty(d.rt, d.w.binder.orders)
	require.Empty(d.rt, d.w.binder.written)
}
