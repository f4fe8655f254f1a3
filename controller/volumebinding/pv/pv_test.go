package pv

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"

	"statefulsim/controller/store"
)

// TestWritten follows one claim: the component sees its own write at once, a later write of another through its cache,
// and nothing of what was deleted.
func TestWritten(t *testing.T) {
	server, written := store.New(), Written{}
	cache := server.View()
	var changes []store.Change
	server.OnChange = func(c store.Change) { changes = append(changes, c) }
	deliver := func() {
		cache.Follow(changes[0])
		written.Forget(changes[0])
		changes = changes[1:]
	}
	api := server.At(time.Unix(0, 0), nil)
	note := func() string {
		claim, ok := Latest[*corev1.PersistentVolumeClaim](written, cache, "default", "data")
		if !ok {
			return "none"
		}
		return claim.Annotations["note"]
	}
	write := func(text string) store.Object {
		claim, _ := store.Get[*corev1.PersistentVolumeClaim](server.View(), "default", "data")
		next := claim.DeepCopy()
		next.Annotations, next.Finalizers = map[string]string{"note": text}, nil
		obj, err := api.Update(next)
		require.NoError(t, err)
		return obj
	}
	claim := &corev1.PersistentVolumeClaim{}
	claim.Namespace, claim.Name = "default", "data"
	claim.Spec.AccessModes = []corev1.PersistentVolumeAccessMode{corev1.ReadWriteOnce}
	claim.Spec.Resources.Requests = corev1.ResourceList{corev1.ResourceStorage: resource.MustParse("1Gi")}
	_, err := api.Create(claim)
	require.NoError(t, err)
	require.Equal(t, "none", note())
	deliver()
	require.Equal(t, "", note())

	written.Keep(write("mine"))
	require.Equal(t, "mine", note(), "before the cache has it")
	write("another's")
	deliver()
	require.Equal(t, "mine", note())
	require.Empty(t, written)
	deliver()
	require.Equal(t, "another's", note())

	written.Keep(write("mine again"))
	require.NoError(t, api.Delete(store.KeyOf(claim), store.DeleteOptions{}))
	require.Equal(t, "mine again", note())
	deliver()
	deliver()
	require.Equal(t, "none", note())

	written.Keep(claim) // the deletion is delivered to a component that wrote in between
	written.Forget(store.Change{Kind: store.PersistentVolumeClaim, Old: claim})
	require.Empty(t, written)
}
