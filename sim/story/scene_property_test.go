package story

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	storagev1 "k8s.io/api/storage/v1"
	"pgregory.net/rapid"

	"statefulsim/controller/store"
	"statefulsim/scenarios"
	"statefulsim/sim"
)

// Scenarios of all kinds of trouble: a scene can be drawn at any instant of them, before the beginning and after the end too.
var troubles = []string{
	"primary-crash", "partial-partition bridge", "multi-attach-six-minutes bug", "rolling-update-partition", "replicated-mysql",
	"force-delete-split-brain raft", "node-reboot",
}

func TestSceneAtAnyInstant(t *testing.T) {
	stories := map[string]*Story{}
	for _, name := range troubles {
		stories[name] = Of(record(t, name))
	}
	rapid.Check(t, func(t *rapid.T) {
		story := stories[rapid.SampledFrom(troubles).Draw(t, "scenario")]
		at := time.Duration(rapid.Int64Range(-int64(time.Minute), int64(story.Rec.Virtual+time.Minute)).Draw(t, "at"))
		if i := rapid.IntRange(-len(story.Rec.Events), len(story.Rec.Events)-1).Draw(t, "event"); i >= 0 {
			at = story.Rec.Events[i].At
		}
		scene := story.At(at)
		at = max(0, min(at, story.Rec.Virtual))
		require.Equal(t, at, scene.At)
		checkSeq(t, story.Rec, scene)
		view := &store.View{}
		for i := range story.Rec.Frames {
			if story.Rec.Frames[i].At <= at {
				view = story.Rec.Frames[i].Store
			}
		}
		checkPods(t, view, scene)
		checkVolumes(t, view, scene)
		checkServices(t, scene)
		checkGroups(t, scene)
	})
}

func checkSeq(t *rapid.T, rec *sim.Recording, scene *Scene) {
	require.True(t, scene.Seq == 0 || rec.Events[scene.Seq-1].At <= scene.At)
	require.True(t, scene.Seq == len(rec.Events) || rec.Events[scene.Seq].At > scene.At)
}

// Every pod is there once, on its node.
func checkPods(t *rapid.T, view *store.View, scene *Scene) {
	want, got := []string{}, []string{}
	for pod := range store.All[*corev1.Pod](view) {
		want = append(want, sim.DisplayName(pod.Namespace, pod.Name)+" on "+pod.Spec.NodeName)
	}
	for pod := range scene.Pods() {
		name := sim.DisplayName(pod.Namespace, pod.Name)
		got = append(got, name+" on "+pod.Node)
		require.Same(t, pod, scene.Pod(name))
	}
	slices.Sort(want)
	slices.Sort(got)
	require.Equal(t, want, got)
	for node := range scene.Nodes() {
		require.Same(t, node, scene.Node(node.Name))
		for i := range node.Pods {
			require.Equal(t, node.Name, node.Pods[i].Node)
		}
	}
}

// Every claim is there once, and attached as the VolumeAttachments say; a pod shows it as the list of claims does.
func checkVolumes(t *rapid.T, view *store.View, scene *Scene) {
	require.Len(t, scene.Claims, view.Len(store.PersistentVolumeClaim))
	want, got := []string{}, []string{}
	for a := range store.All[*storagev1.VolumeAttachment](view) {
		how := either(a.DeletionTimestamp != nil, "detaching", either(a.Status.Attached, "attached", "attaching"))
		pv, bound := store.Get[*corev1.PersistentVolume](view, "", *a.Spec.Source.PersistentVolumeName)
		if bound && scene.Claim(sim.DisplayName(pv.Spec.ClaimRef.Namespace, pv.Spec.ClaimRef.Name)) != nil {
			want = append(want, fmt.Sprint(pv.Name, " ", how, " ", a.Spec.NodeName))
		}
	}
	for i := range scene.Claims {
		v := &scene.Claims[i]
		for how, nodes := range map[string][]string{"attached": v.Attached, "attaching": v.Attaching, "detaching": v.Detaching} {
			for _, node := range nodes {
				got = append(got, fmt.Sprint(v.Name, " ", how, " ", node))
			}
		}
	}
	slices.Sort(want)
	slices.Sort(got)
	require.Equal(t, want, got)
	for pod := range scene.Pods() {
		for i := range pod.Volumes {
			if claim := scene.Claim(sim.DisplayName(pod.Namespace, pod.Volumes[i].Claim)); claim != nil {
				require.Equal(t, *claim, pod.Volumes[i])
			}
		}
	}
}

// A pod names the Services that reach it.
func checkServices(t *rapid.T, scene *Scene) {
	for i := range scene.Services {
		service := &scene.Services[i]
		for pod := range scene.Pods() {
			reached := pod.Namespace == service.Namespace && slices.Contains(service.Reaches, pod.Name)
			require.Equal(t, reached, slices.Contains(pod.Services, service.Name), "%s and %s", service.Name, pod.Name)
		}
	}
}

// Nobody knows of more than the group, and all votes are of one term.
func checkGroups(t *rapid.T, scene *Scene) {
	for _, g := range scene.Groups {
		for _, p := range g.Peers {
			require.LessOrEqual(t, p.Term, g.Term)
			require.LessOrEqual(t, p.LastIndex, g.Last)
			require.LessOrEqual(t, p.Commit, g.Commit)
		}
		for _, v := range g.Votes {
			require.Equal(t, g.Votes[0].Term, v.Term)
			require.LessOrEqual(t, v.At, scene.At)
			require.LessOrEqual(t, v.Seq, scene.Seq)
			require.True(t, v.Answered || !v.Granted)
		}
	}
}

func BenchmarkAt(b *testing.B) {
	for name, story := range map[string]*Story{"primary-crash": Of(record(b, "primary-crash")), "200 pods": Of(crowd(b, 200))} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				story.At(story.Rec.Virtual * 2 / 3)
			}
		})
	}
}

// crowd is a world of so many plain pods with volumes.
func crowd(b *testing.B, pods int) *sim.Recording {
	manifest, err := os.ReadFile("../../scenarios/manifests/web.yaml")
	require.NoError(b, err)
	text := strings.Replace(string(manifest), "replicas: 5", fmt.Sprintf("replicas: %d\n  podManagementPolicy: Parallel", pods), 1)
	s, err := scenarios.Parse("crowd.yaml", []byte(fmt.Sprintf(`
for: 2m
cluster: {zones: [a, b, c, d], nodesPerZone: 5, node: {cpu: "64", memory: 256Gi, pods: 110}}
manifests:
- |
  %s
expect: [{name: all are ready, finally: set.web.readyReplicas == %d}]
`, strings.ReplaceAll(text, "\n", "\n  "), pods)), nil)
	require.NoError(b, err)
	rec, err := sim.Run(b.Context(), s, sim.Options{Seed: 1})
	require.NoError(b, err)
	return rec
}
