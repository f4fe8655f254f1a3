package store

import (
	"testing"

	"github.com/stretchr/testify/require"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
)

func TestMessagesOfStatefulSets(t *testing.T) {
	type set = appsv1.StatefulSet
	for name, c := range map[string]struct {
		change func(*set)
		want   []string
	}{
		"selector": {func(s *set) { s.Spec.Template.Labels = map[string]string{"app": "db"} },
			[]string{"spec.template.metadata.labels: Invalid value: {\"app\":\"db\"}: `selector` does not match template `labels`"}},
		"no selector": {func(s *set) { s.Spec.Selector = nil }, []string{"spec.selector: Required value",
			"spec.template.metadata.labels: Invalid value: {\"app\":\"web\"}: `selector` does not match template `labels`"}},
		"empty selector": {func(s *set) { s.Spec.Selector = &metav1.LabelSelector{} }, []string{"spec.selector: Invalid value: {}: empty selector is invalid for statefulset"}},
		"replicas":       {func(s *set) { s.Spec.Replicas = new(int32(-1)) }, []string{"spec.replicas: Invalid value: -1: must be greater than or equal to 0"}},
		"ordinals": {func(s *set) { s.Spec.Ordinals = &appsv1.StatefulSetOrdinals{Start: -2} },
			[]string{"spec.ordinals.start: Invalid value: -2: must be greater than or equal to 0"}},
		"policy": {func(s *set) { s.Spec.PodManagementPolicy = "Any" },
			[]string{`spec.podManagementPolicy: Invalid value: "Any": must be 'OrderedReady' or 'Parallel'`}},
		"strategy": {func(s *set) { s.Spec.UpdateStrategy.Type = "Recreate" },
			[]string{`spec.updateStrategy: Invalid value: {"Type":"Recreate","RollingUpdate":null}: must be 'RollingUpdate' or 'OnDelete'`}},
		"on delete": {func(s *set) {
			s.Spec.UpdateStrategy = appsv1.StatefulSetUpdateStrategy{Type: "OnDelete", RollingUpdate: &appsv1.RollingUpdateStatefulSetStrategy{}}
		}, []string{`spec.updateStrategy.rollingUpdate: Invalid value: {"Partition":0,"MaxUnavailable":null}: only allowed for updateStrategy 'RollingUpdate'`}},
		"none unavailable": {func(s *set) {
			s.Spec.UpdateStrategy.RollingUpdate = &appsv1.RollingUpdateStatefulSetStrategy{MaxUnavailable: new(intstr.FromString("0%"))}
		}, []string{`spec.updateStrategy.rollingUpdate.maxUnavailable: Invalid value: "0%": cannot be 0`}},
		"all unavailable": {func(s *set) {
			s.Spec.UpdateStrategy.RollingUpdate = &appsv1.RollingUpdateStatefulSetStrategy{MaxUnavailable: new(intstr.FromString("101%"))}
		}, []string{`spec.updateStrategy.rollingUpdate.maxUnavailable: Invalid value: "101%": must not be greater than 100%`}},
		"retention": {func(s *set) {
			s.Spec.PersistentVolumeClaimRetentionPolicy = &appsv1.StatefulSetPersistentVolumeClaimRetentionPolicy{WhenScaled: "Keep"}
		}, []string{`spec.persistentVolumeClaimRetentionPolicy.whenScaled: Unsupported value: "Keep": supported values: "Retain", "Delete"`}},
		"restart policy": {func(s *set) { s.Spec.Template.Spec.RestartPolicy = "Never" },
			[]string{`spec.template.spec.restartPolicy: Unsupported value: "Never": supported values: "Always"`}},
		"service name": {func(s *set) { s.Spec.ServiceName = "Web" },
			[]string{`spec.serviceName: Invalid value: "Web": a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')`}},
		"mount without a volume": {func(s *set) { s.Spec.VolumeClaimTemplates = nil },
			[]string{`spec.template.spec.containers[0].volumeMounts[0].name: Not found: "data"`}},
		"volumes after those of the claims": {func(s *set) { s.Spec.Template.Spec.Volumes = []corev1.Volume{{Name: "x"}, {Name: "x"}} },
			[]string{`spec.template.spec.volumes[2].name: Duplicate value: "x"`}},
		"claim template": {func(s *set) { s.Spec.VolumeClaimTemplates[0].Spec.AccessModes = nil },
			[]string{`spec.volumeClaimTemplates[0].spec.accessModes: Required value: at least 1 access mode is required`}},
		"name": {func(s *set) { s.Name = "web.db" },
			[]string{`metadata.name: Invalid value: "web.db": must not contain dots`, "*"}},
	} {
		t.Run(name, func(t *testing.T) { requireTold(t, c.want, told(edited(newSet("web"), c.change), nil)) })
	}
}

func TestMessagesOfStatefulSetUpdates(t *testing.T) {
	type set = appsv1.StatefulSet
	old := newSet("web")
	Default(old)
	old.ResourceVersion = "1"
	for name, c := range map[string]struct {
		change func(*set)
		want   string
	}{
		"claims":  {func(s *set) { s.Spec.VolumeClaimTemplates[0].Name = "data"; s.Spec.VolumeClaimTemplates = nil }, "spec.volumeClaimTemplates: Invalid value: null: field is immutable"},
		"service": {func(s *set) { s.Spec.ServiceName = "db" }, `spec.serviceName: Invalid value: "db": field is immutable`},
		"policy":  {func(s *set) { s.Spec.PodManagementPolicy = "Parallel" }, `spec.podManagementPolicy: Invalid value: "Parallel": field is immutable`},
	} {
		t.Run(name, func(t *testing.T) { require.Contains(t, told(edited(old.DeepCopy(), c.change), old), c.want) })
	}
	for _, change := range []func(*set){
		func(s *set) { s.Spec.Replicas = new(int32(5)) },
		func(s *set) { s.Spec.Ordinals = &appsv1.StatefulSetOrdinals{Start: 3} },
		func(s *set) { s.Spec.Template.Spec.Containers[0].Image = "nginx:1.28" },
		func(s *set) { s.Spec.UpdateStrategy = appsv1.StatefulSetUpdateStrategy{Type: "OnDelete"} },
		func(s *set) { s.Spec.RevisionHistoryLimit = new(int32(2)) },
		func(s *set) { s.Spec.MinReadySeconds = 5 },
		func(s *set) { s.Spec.PersistentVolumeClaimRetentionPolicy.WhenDeleted = "Delete" },
	} {
		require.Empty(t, told(edited(old.DeepCopy(), change), old))
	}
}

func TestMessagesOfStatefulSetStatus(t *testing.T) {
	type status = appsv1.StatefulSetStatus
	s := New()
	api := s.At(start, nil)
	set := created(t, api, newSet("web"))
	set = withStatus(t, api, set, func(set *appsv1.StatefulSet) {
		set.Status = status{Replicas: 2, ReadyReplicas: 2, AvailableReplicas: 1, CollisionCount: new(int32(3))}
	})
	for want, wrong := range map[string]status{
		"status.currentReplicas: Invalid value: -6: must be greater than or equal to 0":           {CurrentReplicas: -6, CollisionCount: new(int32(3))},
		"status.readyReplicas: Invalid value: 2: cannot be greater than status.replicas":          {Replicas: 1, ReadyReplicas: 2, CollisionCount: new(int32(3))},
		"status.availableReplicas: Invalid value: 1: cannot be greater than status.readyReplicas": {Replicas: 1, AvailableReplicas: 1, CollisionCount: new(int32(3))},
		"status.collisionCount: Invalid value: 2: cannot be decremented":                          {CollisionCount: new(int32(2))},
		"status.updatedReplicas: Invalid value: 3: cannot be greater than status.replicas":        {Replicas: 2, UpdatedReplicas: 3, CollisionCount: new(int32(3))},
		"status.collisionCount: Invalid value: 0: cannot be decremented":                          {},
		"status.observedGeneration: Invalid value: -1: must be greater than or equal to 0":        {ObservedGeneration: -1, CollisionCount: new(int32(3))},
	} {
		c := set.DeepCopy()
		c.Status = wrong
		_, err := api.UpdateStatus(c)
		require.EqualError(t, err, `StatefulSet.apps "web" is invalid: `+want)
	}
}
