package statefulset

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
	"pgregory.net/rapid"
)

// drawOne draws one of a few values.
func drawOne[T any](t *rapid.T, what string, values ...T) T {
	return rapid.SampledFrom(values).Draw(t, what)
}

// drawCluster draws an empty cluster with a set of any policies.
func drawCluster(t *rapid.T, policies ...appsv1.PodManagementPolicyType) *cluster {
	claims := drawOne(t, "claims", nil, []string{"data"}, []string{"wal", "data"})
	set := newSet(int32(rapid.IntRange(0, 5).Draw(t, "replicas")), claims...)
	set.Spec.PodManagementPolicy = drawOne(t, "policy", policies...)
	set.Spec.MinReadySeconds = drawOne[int32](t, "minReadySeconds", 0, 0, 10)
	const retain, remove = appsv1.RetainPersistentVolumeClaimRetentionPolicyType, appsv1.DeletePersistentVolumeClaimRetentionPolicyType
	set.Spec.PersistentVolumeClaimRetentionPolicy = &appsv1.StatefulSetPersistentVolumeClaimRetentionPolicy{
		WhenDeleted: drawOne(t, "whenDeleted", retain, remove), WhenScaled: drawOne(t, "whenScaled", retain, remove),
	}
	set.Spec.RevisionHistoryLimit = new(drawOne[int32](t, "history", 0, 2))
	return newCluster(set)
}

// edits are the changes that a user makes to a set.
func edits(c *cluster) map[string]func(*rapid.T) {
	return map[string]func(*rapid.T){
		"scale": func(t *rapid.T) {
			n := int32(rapid.IntRange(0, 6).Draw(t, "replicas"))
			c.edit(func(set *appsv1.StatefulSet) { set.Spec.Replicas = &n })
		},
		"template": func(t *rapid.T) {
			template := vectorTemplate(drawOne(t, "template", "t1", "t2", "t3"))
			c.edit(func(set *appsv1.StatefulSet) { set.Spec.Template = template })
		},
		"strategy": func(t *rapid.T) {
			rolling := &appsv1.RollingUpdateStatefulSetStrategy{Partition: new(drawOne[int32](t, "partition", 0, 0, 2))}
			if unavailable := drawOne(t, "maxUnavailable", "", "2", "50%"); unavailable != "" {
				rolling.MaxUnavailable = new(intstr.Parse(unavailable))
			}
			c.edit(func(set *appsv1.StatefulSet) { set.Spec.UpdateStrategy.RollingUpdate = rolling })
		},
		"ordinals": func(t *rapid.T) {
			start := drawOne[int32](t, "start", 0, 1, 3)
			c.edit(func(set *appsv1.StatefulSet) { set.Spec.Ordinals = &appsv1.StatefulSetOrdinals{Start: start} })
		},
	}
}

// kubelets are what happens to a pod on its node.
func kubelets(c *cluster) map[string]func(*rapid.T) {
	onPod := func(do func(pod *corev1.Pod)) func(*rapid.T) {
		return func(t *rapid.T) {
			if pod := drawPod(t, c); pod != nil {
				do(pod)
			}
		}
	}
	return map[string]func(*rapid.T){
		"start":  onPod(c.start),
		"settle": func(*rapid.T) { c.settle() },
		"unready": onPod(func(pod *corev1.Pod) {
			c.change(pod, func(pod *corev1.Pod) { pod.Status.Conditions = nil })
		}),
		"fail": onPod(func(pod *corev1.Pod) {
			c.change(pod, func(pod *corev1.Pod) { pod.Status.Phase, pod.Status.Conditions = corev1.PodFailed, nil })
		}),
		"evict": onPod(func(pod *corev1.Pod) {
			c.change(pod, func(pod *corev1.Pod) { pod.DeletionTimestamp = new(metav1.NewTime(c.now)) })
		}),
		"vanish": onPod(func(pod *corev1.Pod) { c.drop(pod); c.deliver() }),
		"wait": func(t *rapid.T) {
			c.now = c.now.Add(time.Duration(rapid.IntRange(1, 12).Draw(t, "seconds")) * time.Second)
		},
	}
}

// drawPod draws one of the pods; nil if there are none.
func drawPod(t *rapid.T, c *cluster) *corev1.Pod {
	pods := list[*corev1.Pod](c)
	if len(pods) == 0 {
		return nil
	}
	return pods[rapid.IntRange(0, len(pods)-1).Draw(t, "pod")]
}

// accidents are what happens rarely: labels and claims lost, pods orphaned, names that only look right.
func accidents(c *cluster) map[string]func(*rapid.T) {
	onPod := func(change func(pod *corev1.Pod)) func(*rapid.T) {
		return func(t *rapid.T) {
			if pod := drawPod(t, c); pod != nil {
				c.change(pod, change)
			}
		}
	}
	return map[string]func(*rapid.T){
		"unlabel":     onPod(func(pod *corev1.Pod) { delete(pod.Labels, "app") }),
		"unname":      onPod(func(pod *corev1.Pod) { delete(pod.Labels, appsv1.StatefulSetPodNameLabel) }),
		"orphan":      onPod(func(pod *corev1.Pod) { pod.OwnerReferences = nil }),
		"unmount":     onPod(func(pod *corev1.Pod) { pod.Spec.Volumes = nil }),
		"look-alike":  onPod(func(pod *corev1.Pod) { pod.Name, pod.UID = "web-0"+pod.Name[len("web-"):], "twin" }),
		"no ordinal":  onPod(func(pod *corev1.Pod) { pod.Name, pod.UID = "web-9999999999", "giant" }),
		"lose claim":  onClaim(c, func(claim *corev1.PersistentVolumeClaim) { c.drop(claim); c.deliver() }),
		"claim going": onClaim(c, changeClaim(c, func(claim *corev1.PersistentVolumeClaim) { claim.DeletionTimestamp = new(metav1.NewTime(c.now)) })),
		"stale owner": onClaim(c, changeClaim(c, func(claim *corev1.PersistentVolumeClaim) {
			claim.OwnerReferences = []metav1.OwnerReference{ownerPod("web-0", "gone").reference()}
		})),
		"other owner": onClaim(c, changeClaim(c, func(claim *corev1.PersistentVolumeClaim) {
			claim.OwnerReferences = append(claim.OwnerReferences, owner{"v1", "Thing", "thing", "thing-1"}.reference())
		})),
	}
}

func onClaim(c *cluster, do func(*corev1.PersistentVolumeClaim)) func(*rapid.T) {
	return func(t *rapid.T) {
		if claims := list[*corev1.PersistentVolumeClaim](c); len(claims) > 0 {
			do(claims[rapid.IntRange(0, len(claims)-1).Draw(t, "claim")])
		}
	}
}

func changeClaim(c *cluster, change func(*corev1.PersistentVolumeClaim)) func(*corev1.PersistentVolumeClaim) {
	return func(claim *corev1.PersistentVolumeClaim) {
		claim = claim.DeepCopy()
		change(claim)
		c.put(claim)
		c.deliver()
	}
}

func merged(sets ...map[string]func(*rapid.T)) map[string]func(*rapid.T) {
	all := map[string]func(*rapid.T){}
	for _, set := range sets {
		for name, action := range set {
			all[name] = action
		}
	}
	return all
}

// What is kept up to date change by change decides as what is read anew.
func TestStateDecidesAsFromScratch(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := drawCluster(t, appsv1.OrderedReadyPodManagement, appsv1.ParallelPodManagement)
		t.Repeat(merged(edits(c), kubelets(c), accidents(c), map[string]func(*rapid.T){"": func(t *rapid.T) {
			input := c.input()
			scratch := newVectorServer(&input, nil)
			want := Decide(input, scratch.apply)
			kept := newVectorServer(&input, nil)
			got := c.state.Sync(c.set, c.now, kept.apply)
			for _, pod := range input.Pods {
				c.state.PutPod(pod) // What was adopted just now is an orphan still: the server wasn't this cluster.
			}
			require.Equal(t, scratch.actions, kept.actions)
			require.Equal(t, want.Err, got.Err)
			require.Equal(t, want.Events, got.Events)
			require.Equal(t, want.Again, got.Again)
			if want.Err == nil {
				require.Equal(t, want.Status, got.Status)
			}
			c.sync()
		}}))
	})
}

// Under OrderedReady a pod is made only if every lower one is there and well, one in a sync, and one above the wanted count
// is deleted only if none above it is left.
func TestOrderedReadyKeepsTheOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := drawCluster(t, appsv1.OrderedReadyPodManagement)
		c.onWrite = func(w Write) {
			if _, ordinal := ParentAndOrdinal(w.Object.GetName()); w.Kind() == "Pod" {
				requireOrder(t, c, w.Verb, ordinal)
			}
		}
		t.Repeat(merged(edits(c), kubelets(c), map[string]func(*rapid.T){"": func(t *rapid.T) {
			c.sync()
			made := slices.DeleteFunc(c.log, func(write string) bool { return write[:min(len(write), 10)] != "create Pod" })
			require.LessOrEqual(t, len(made), 1)
		}}))
	})
}

func requireOrder(t *rapid.T, c *cluster, verb Verb, ordinal int) {
	first, count := startOrdinal(c.set), replicaCount(c.set)
	if verb == Create {
		for lower := first; lower < ordinal; lower++ {
			pod := c.pod(lower)
			require.NotNil(t, pod, "pod %d was made before pod %d", ordinal, lower)
			require.True(t, podFacts(pod).has(created|healthy) && !podFacts(pod).has(terminating),
				"pod %d was made while pod %d was not ready", ordinal, lower)
		}
	}
	if verb == Delete && ordinal >= first+count {
		for _, other := range list[*corev1.Pod](c) {
			_, higher := ParentAndOrdinal(other.Name)
			require.LessOrEqual(t, higher, ordinal, "pod %d was deleted before %s", ordinal, other.Name)
		}
	}
}

// Once nodes are well and nobody interferes, the set comes to what its spec asks for.
func TestComesToWhatIsWanted(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := drawCluster(t, appsv1.OrderedReadyPodManagement, appsv1.ParallelPodManagement)
		t.Repeat(merged(edits(c), kubelets(c), map[string]func(*rapid.T){"": func(*rapid.T) { c.sync() }}))
		c.edit(func(set *appsv1.StatefulSet) { set.Spec.UpdateStrategy.RollingUpdate.Partition = new(int32) })
		for range 200 {
			c.now = c.now.Add(10 * time.Second)
			c.sync()
			c.settle()
			c.clear()
		}
		outcome := c.sync()
		require.NoError(t, outcome.Err)
		require.Empty(t, c.log)
		wanted := int32(replicaCount(c.set))
		require.Equal(t, wanted, outcome.Status.AvailableReplicas)
		require.Equal(t, wanted, outcome.Status.UpdatedReplicas)
		require.Equal(t, wanted, outcome.Status.CurrentReplicas)
		require.Equal(t, outcome.Status.UpdateRevision, outcome.Status.CurrentRevision)
		require.Len(t, list[*corev1.Pod](c), int(wanted))
		for i := range int(wanted) {
			require.NotNil(t, c.pod(startOrdinal(c.set)+i))
		}
	})
}

// clear does what the controller leaves to others: failed pods above the wanted count block each other for good, and claims
// of pods that are gone are the garbage collector's.
func (c *cluster) clear() {
	for _, pod := range list[*corev1.Pod](c) {
		if podFacts(pod).has(terminal) {
			c.drop(pod)
		}
	}
	for _, claim := range list[*corev1.PersistentVolumeClaim](c) {
		for _, ref := range claim.OwnerReferences {
			if pod, ok := c.objects["Pod "+ref.Name]; ref.Kind == "Pod" && (!ok || pod.GetUID() != ref.UID) {
				c.drop(claim)
			}
		}
	}
	c.deliver()
}
