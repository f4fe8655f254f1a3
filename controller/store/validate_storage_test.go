package store

import (
	"testing"

	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	storagev1 "k8s.io/api/storage/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

func newVolume(name string) *corev1.PersistentVolume {
	return &corev1.PersistentVolume{
		ObjectMeta: metav1.ObjectMeta{Name: name},
		Spec: corev1.PersistentVolumeSpec{
			AccessModes:            []corev1.PersistentVolumeAccessMode{corev1.ReadWriteOnce},
			Capacity:               corev1.ResourceList{corev1.ResourceStorage: resource.MustParse("10Gi")},
			PersistentVolumeSource: corev1.PersistentVolumeSource{CSI: &corev1.CSIPersistentVolumeSource{Driver: "disks.example.com", VolumeHandle: name}},
		},
	}
}

func onHost(name string) *corev1.VolumeNodeAffinity {
	return &corev1.VolumeNodeAffinity{Required: &corev1.NodeSelector{NodeSelectorTerms: []corev1.NodeSelectorTerm{{
		MatchExpressions: []corev1.NodeSelectorRequirement{{Key: corev1.LabelHostname, Operator: corev1.NodeSelectorOpIn, Values: []string{name}}},
	}}}}
}

func TestMessagesOfVolumes(t *testing.T) {
	type spec = corev1.PersistentVolumeSpec
	for name, c := range map[string]struct {
		change func(*spec)
		want   []string
	}{
		"right":    {func(*spec) {}, nil},
		"no modes": {func(s *spec) { s.AccessModes = nil }, []string{"spec.accessModes: Required value"}},
		"mode": {func(s *spec) { s.AccessModes[0] = "Once" },
			[]string{`spec.accessModes: Unsupported value: "Once": supported values: "ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce", "ReadWriteOncePod"`}},
		"modes": {func(s *spec) { s.AccessModes = append(s.AccessModes, corev1.ReadWriteOncePod) },
			[]string{"spec.accessModes: Forbidden: may not use ReadWriteOncePod with other access modes"}},
		"no capacity": {func(s *spec) { s.Capacity = nil },
			[]string{"spec.capacity: Required value", `spec.capacity: Unsupported value: null: supported values: "storage"`}},
		"size": {func(s *spec) { s.Capacity["storage"] = resource.MustParse("0") },
			[]string{`spec.capacity[storage]: Invalid value: "0": must be greater than zero`}},
		"policy": {func(s *spec) { s.PersistentVolumeReclaimPolicy = "Keep" },
			[]string{`spec.persistentVolumeReclaimPolicy: Unsupported value: "Keep": supported values: "Delete", "Recycle", "Retain"`}},
		"affinity": {func(s *spec) { s.NodeAffinity = &corev1.VolumeNodeAffinity{} },
			[]string{"spec.nodeAffinity.required: Required value: must specify required node constraints"}},
		"no terms": {func(s *spec) { s.NodeAffinity = &corev1.VolumeNodeAffinity{Required: &corev1.NodeSelector{}} },
			[]string{"spec.nodeAffinity.required.nodeSelectorTerms: Required value: must have at least one node selector term"}},
		"no source": {func(s *spec) { s.CSI = nil }, []string{"spec: Required value: must specify a volume type"}},
		"sources": {func(s *spec) { s.HostPath = &corev1.HostPathVolumeSource{Path: "/data"} },
			[]string{"spec.csi: Forbidden: may not specify more than 1 volume type"}},
		"csi": {func(s *spec) { s.CSI = &corev1.CSIPersistentVolumeSource{} },
			[]string{"spec.csi.driver: Required value", "spec.csi.volumeHandle: Required value"}},
		"nfs": {func(s *spec) { s.CSI, s.NFS = nil, &corev1.NFSVolumeSource{Server: "a", Path: "b"} },
			[]string{`spec.nfs.path: Invalid value: "b": must be an absolute path`}},
		"local": {func(s *spec) { s.CSI, s.Local = nil, &corev1.LocalVolumeSource{Path: "/mnt/../data"} },
			[]string{`spec.local.path: Invalid value: "/mnt/../data": must not contain '..'`, "spec.nodeAffinity: Required value: Local volume requires node affinity"}},
		"a root to recycle": {func(s *spec) {
			s.CSI, s.HostPath, s.PersistentVolumeReclaimPolicy = nil, &corev1.HostPathVolumeSource{Path: "/./"}, corev1.PersistentVolumeReclaimRecycle
		}, []string{"spec.persistentVolumeReclaimPolicy: Forbidden: may not be 'recycle' for a hostPath mount of '/'"}},
		"mode of use": {func(s *spec) { s.VolumeMode = new(corev1.PersistentVolumeMode("Tape")) },
			[]string{`spec.volumeMode: Unsupported value: "Tape": supported values: "Block", "Filesystem"`}},
	} {
		t.Run(name, func(t *testing.T) {
			require.Equal(t, c.want, told(edited(newVolume("pv-1"), func(v *corev1.PersistentVolume) { c.change(&v.Spec) }), nil))
		})
	}
}

func TestMessagesOfVolumeUpdates(t *testing.T) {
	old := edited(newVolume("pv-1"), func(v *corev1.PersistentVolume) { v.ResourceVersion = "1" })
	Default(old)
	placed := edited(old.DeepCopy(), func(v *corev1.PersistentVolume) { v.Spec.NodeAffinity = onHost("a") })
	for name, c := range map[string]struct {
		old    *corev1.PersistentVolume
		change func(*corev1.PersistentVolume)
		want   []string
	}{
		"another disk": {old, func(v *corev1.PersistentVolume) { v.Spec.CSI.VolumeHandle = "pv-2" },
			[]string{"spec.persistentvolumesource: Forbidden: spec.persistentvolumesource is immutable after creation"}},
		"block": {old, func(v *corev1.PersistentVolume) { v.Spec.VolumeMode = new(corev1.PersistentVolumeBlock) },
			[]string{`volumeMode: Invalid value: "Block": field is immutable`}},
		"a place":       {old, func(v *corev1.PersistentVolume) { v.Spec.NodeAffinity = onHost("a") }, nil},
		"another claim": {old, func(v *corev1.PersistentVolume) { v.Spec.ClaimRef = &corev1.ObjectReference{Name: "data"} }, nil},
		"size":          {old, func(v *corev1.PersistentVolume) { v.Spec.Capacity["storage"] = resource.MustParse("20Gi") }, nil},
		"policy":        {old, func(v *corev1.PersistentVolume) { v.Spec.PersistentVolumeReclaimPolicy = "Delete" }, nil},
	} {
		t.Run(name, func(t *testing.T) { require.Equal(t, c.want, told(edited(c.old.DeepCopy(), c.change), c.old)) })
	}
	moved := told(edited(placed.DeepCopy(), func(v *corev1.PersistentVolume) { v.Spec.NodeAffinity = onHost("b") }), placed)
	require.Len(t, moved, 1)
	require.Contains(t, moved[0], "field is immutable, except for updating from beta label to GA")
}

func TestMessagesOfClasses(t *testing.T) {
	class := func(terms ...corev1.TopologySelectorLabelRequirement) *storagev1.StorageClass {
		return &storagev1.StorageClass{ObjectMeta: metav1.ObjectMeta{Name: "fast"}, Provisioner: "disks.example.com",
			AllowedTopologies: []corev1.TopologySelectorTerm{{MatchLabelExpressions: terms}}}
	}
	type zone = corev1.TopologySelectorLabelRequirement
	require.Empty(t, told(class(zone{Key: "zone", Values: []string{"a", "b"}}), nil))
	require.Equal(t, []string{
		"allowedTopologies[0].matchLabelExpressions[0].values: Required value",
		`allowedTopologies[0].matchLabelExpressions[1].values[1]: Duplicate value: "a"`,
		`allowedTopologies[0].matchLabelExpressions[1].key: Duplicate value: "zone"`,
	}, told(class(zone{Key: "zone"}, zone{Key: "zone", Values: []string{"a", "a"}}), nil))
	old := class()
	Default(old)
	old.ResourceVersion = "1"
	require.Empty(t, told(edited(old.DeepCopy(), func(c *storagev1.StorageClass) { c.AllowVolumeExpansion = new(true) }), old))
	require.Equal(t, []string{
		`parameters: Invalid value: {"type":"ssd"}: field is immutable`,
		`provisioner: Invalid value: "other": field is immutable`,
		`reclaimPolicy: Invalid value: "Retain": field is immutable`,
		`volumeBindingMode: Invalid value: "WaitForFirstConsumer": field is immutable`,
	}, told(edited(old.DeepCopy(), func(c *storagev1.StorageClass) {
		c.Provisioner, c.Parameters = "other", map[string]string{"type": "ssd"}
		c.ReclaimPolicy, c.VolumeBindingMode = new(corev1.PersistentVolumeReclaimRetain), new(storagev1.VolumeBindingWaitForFirstConsumer)
	}), old))
	require.Equal(t, []string{`reclaimPolicy: Unsupported value: "Recycle": supported values: "Delete", "Retain"`},
		told(edited(class(), func(c *storagev1.StorageClass) { c.ReclaimPolicy = new(corev1.PersistentVolumeReclaimRecycle) }), nil))
}

// A claim may be given a class later, and only the one that its older annotation names if it has that.
func TestAClassCanBeGivenLater(t *testing.T) {
	old := edited(newClaim("data"), func(c *corev1.PersistentVolumeClaim) { c.ResourceVersion = "1" })
	Default(old)
	annotated := edited(old.DeepCopy(), func(c *corev1.PersistentVolumeClaim) {
		c.Annotations = map[string]string{corev1.BetaStorageClassAnnotation: "slow"}
	})
	named := func(claim *corev1.PersistentVolumeClaim, class string) *corev1.PersistentVolumeClaim {
		return edited(claim.DeepCopy(), func(c *corev1.PersistentVolumeClaim) { c.Spec.StorageClassName = &class })
	}
	require.Empty(t, told(named(old, "fast"), old))
	require.Empty(t, told(named(annotated, "slow"), annotated))
	require.Len(t, told(named(annotated, "fast"), annotated), 1)
	require.Len(t, told(named(old, "fast"), named(old, "slow")), 1)
}

// A bound claim may grow if its class says so, and shrink back to more than it has.
func TestOnlyClassesThatSayItLetClaimsGrow(t *testing.T) {
	const refused = `persistentvolumeclaims "data" is forbidden: only dynamically provisioned pvc can be resized and the storageclass that provisions the pvc must support resize`
	for name, c := range map[string]struct {
		class string
		allow *bool
		want  string
	}{
		"allowed": {"fast", new(true), ""},
		"denied":  {"fast", new(false), refused},
		"unsaid":  {"fast", nil, refused},
		"gone":    {"slow", new(true), refused},
		"none":    {"", new(true), refused},
	} {
		t.Run(name, func(t *testing.T) {
			s := New()
			api := s.At(start, nil)
			_, err := api.Create(&storagev1.StorageClass{ObjectMeta: metav1.ObjectMeta{Name: "fast"}, Provisioner: "disks.example.com", AllowVolumeExpansion: c.allow})
			require.NoError(t, err)
			created, err := api.Create(edited(newClaim("data"), func(claim *corev1.PersistentVolumeClaim) {
				claim.Spec.StorageClassName, claim.Spec.VolumeName = &c.class, "pv-1"
			}))
			require.NoError(t, err)
			bound, err := api.UpdateStatus(edited(created.(*corev1.PersistentVolumeClaim).DeepCopy(), func(claim *corev1.PersistentVolumeClaim) {
				claim.Status.Phase = corev1.ClaimBound
				claim.Status.Capacity = corev1.ResourceList{"storage": resource.MustParse("10Gi")}
			}))
			require.NoError(t, err)
			resize := func(from Object, size string) (Object, error) {
				return api.Update(edited(from.(*corev1.PersistentVolumeClaim).DeepCopy(), func(claim *corev1.PersistentVolumeClaim) {
					claim.Spec.Resources.Requests["storage"] = resource.MustParse(size)
				}))
			}
			grown, err := resize(bound, "30Gi")
			if c.want != "" {
				require.EqualError(t, err, c.want)
				return
			}
			require.NoError(t, err)
			shrunk, err := resize(grown, "20Gi")
			require.NoError(t, err)
			_, err = resize(shrunk, "10Gi")
			require.ErrorContains(t, err, "spec.resources.requests.storage: Forbidden: field can not be less than status.capacity")
		})
	}
}
