package scheduler

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	storagev1 "k8s.io/api/storage/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"statefulsim/controller/store"
)

// TestPlacement puts one pod into a small cluster: it has to land on the node named, or to be refused in these words.
func TestPlacement(t *testing.T) {
	unhelpful := ". preemption: 0/3 nodes are available: 3 Preemption is not helpful for scheduling."
	noVictims := ". preemption: 0/3 nodes are available: 3 No preemption victims found for incoming pod."
	exists := func(op corev1.NodeSelectorOperator, key string, values ...string) corev1.NodeSelectorTerm {
		return corev1.NodeSelectorTerm{MatchExpressions: []corev1.NodeSelectorRequirement{{Key: key, Operator: op, Values: values}}}
	}
	named := func(op corev1.NodeSelectorOperator, name string) corev1.NodeSelectorTerm {
		return corev1.NodeSelectorTerm{MatchFields: []corev1.NodeSelectorRequirement{{Key: "metadata.name", Operator: op, Values: []string{name}}}}
	}
	spread := func(key string, skew int32, change ...func(*corev1.TopologySpreadConstraint)) func(*corev1.Pod) {
		return func(pod *corev1.Pod) {
			c := corev1.TopologySpreadConstraint{MaxSkew: skew, TopologyKey: key, WhenUnsatisfiable: corev1.DoNotSchedule,
				LabelSelector: &metav1.LabelSelector{MatchLabels: map[string]string{"app": "web"}}}
			for _, f := range change {
				f(&c)
			}
			pod.Spec.TopologySpreadConstraints = append(pod.Spec.TopologySpreadConstraints, c)
		}
	}
	tests := []struct {
		name  string
		given func(w *world)
		pod   *corev1.Pod
		want  string
	}{
		{"the first by name of equals", threeZones, newPod("p"), "node-a"},
		{"too much cpu for any node", threeZones, newPod("p", asks("5", "1Gi")), "0/3 nodes are available: 3 Insufficient cpu" + unhelpful},
		{"too much of both on a full node", func(w *world) {
			threeZones(w)
			for _, node := range []string{"a", "b", "c"} {
				w.place(newPod("x"+node, asks("3", "7Gi")), "node-"+node)
			}
		}, newPod("p", asks("2", "2Gi")), "0/3 nodes are available: 3 Insufficient cpu, 3 Insufficient memory" + noVictims},
		{"an init container counts if it is larger", threeZones, newPod("p", asks("1", "1Gi"), func(p *corev1.Pod) {
			p.Spec.InitContainers = []corev1.Container{{Name: "init", Image: "init:1", Resources: corev1.ResourceRequirements{Requests: list("5", "1Gi")}}}
		}), "0/3 nodes are available: 3 Insufficient cpu" + unhelpful},
		{"sidecars add up, init containers do not", threeZones, newPod("p", asks("2", "1Gi"), func(p *corev1.Pod) {
			always := corev1.ContainerRestartPolicyAlways
			requests := corev1.ResourceRequirements{Requests: list("2", "1Gi")}
			p.Spec.InitContainers = []corev1.Container{
				{Name: "sidecar", Image: "s:1", RestartPolicy: &always, Resources: requests}, {Name: "init", Image: "i:1", Resources: requests}}
		}), "node-a"},
		{"too many pods", func(w *world) {
			w.create(newNode("node-a", "a", func(n *corev1.Node) { n.Status.Allocatable[corev1.ResourcePods] = *quantity("1") }))
			w.place(newPod("x"), "node-a")
		}, newPod("p"), "0/1 nodes are available: 1 Too many pods. preemption: 0/1 nodes are available: 1 No preemption victims found for incoming pod."},
		{"ended pods hold nothing", func(w *world) {
			w.create(newNode("node-a", "a"))
			w.place(newPod("x", asks("4", "1Gi")), "node-a")
			ended := w.pod("x").DeepCopy()
			ended.Status.Phase = corev1.PodFailed
			_, err := w.api().UpdateStatus(ended)
			require.NoError(w.t, err)
		}, newPod("p", asks("4", "1Gi")), "node-a"},
		{"no nodes at all", func(*world) {}, newPod("p"), "no nodes available to schedule pods"},
		{"mixed reasons, sorted", func(w *world) {
			w.create(newNode("node-a", "a", func(n *corev1.Node) { n.Spec.Unschedulable = true }),
				newNode("node-b", "b", tainted("dedicated", corev1.TaintEffectNoSchedule)), newNode("node-c", "c"))
			w.place(newPod("x", away("web", corev1.LabelHostname)), "node-c")
		}, newPod("p"), "0/3 nodes are available: 1 node(s) didn't satisfy existing pods anti-affinity rules, " +
			"1 node(s) had untolerated taint(s), 1 node(s) were unschedulable. preemption: 0/3 nodes are available: " +
			"1 No preemption victims found for incoming pod, 2 Preemption is not helpful for scheduling."},
		{"one per node, and the fourth is cordoned", func(w *world) {
			threeZones(w)
			w.create(newNode("node-d", "c", tainted(corev1.TaintNodeUnschedulable, corev1.TaintEffectNoSchedule), func(n *corev1.Node) { n.Spec.Unschedulable = true }))
			for _, node := range []string{"a", "b", "c"} {
				w.place(newPod("x"+node), "node-"+node)
			}
		}, newPod("p", away("web", corev1.LabelHostname)), "0/4 nodes are available: 1 node(s) were unschedulable, " +
			"3 node(s) didn't match pod anti-affinity rules. preemption: 0/4 nodes are available: " +
			"1 Preemption is not helpful for scheduling, 3 No preemption victims found for incoming pod."},
		{"a toleration for cordoned nodes", func(w *world) {
			w.create(newNode("node-a", "a", tainted(corev1.TaintNodeUnschedulable, corev1.TaintEffectNoSchedule), func(n *corev1.Node) { n.Spec.Unschedulable = true }))
		}, newPod("p", func(p *corev1.Pod) {
			p.Spec.Tolerations = []corev1.Toleration{{Key: corev1.TaintNodeUnschedulable, Operator: corev1.TolerationOpExists, Effect: corev1.TaintEffectNoSchedule}}
		}), "node-a"},
		{"a toleration for the key", func(w *world) {
			w.create(newNode("node-a", "a", tainted("dedicated", corev1.TaintEffectNoExecute)))
		}, newPod("p", func(p *corev1.Pod) {
			p.Spec.Tolerations = []corev1.Toleration{{Key: "dedicated", Operator: corev1.TolerationOpExists}}
		}), "node-a"},
		{"a toleration for another value", func(w *world) {
			w.create(newNode("node-a", "a", tainted("dedicated", corev1.TaintEffectNoExecute)))
		}, newPod("p", func(p *corev1.Pod) {
			p.Spec.Tolerations = []corev1.Toleration{{Key: "dedicated", Value: "db"}}
		}), "0/1 nodes are available: 1 node(s) had untolerated taint(s). preemption: 0/1 nodes are available: 1 Preemption is not helpful for scheduling."},
		{"PreferNoSchedule only makes a node worse", func(w *world) {
			w.create(newNode("node-a", "a", tainted("busy", corev1.TaintEffectPreferNoSchedule)), newNode("node-b", "b"))
		}, newPod("p"), "node-b"},
		{"node selector", threeZones, newPod("p", func(p *corev1.Pod) {
			p.Spec.NodeSelector = map[string]string{corev1.LabelTopologyZone: "c"}
		}), "node-c"},
		{"node selector of nobody", threeZones, newPod("p", func(p *corev1.Pod) { p.Spec.NodeSelector = map[string]string{"disk": "ssd"} }),
			"0/3 nodes are available: 3 node(s) didn't match Pod's node affinity/selector" + unhelpful},
		{"In", threeZones, newPod("p", onNodes(inZones("x", "b"))), "node-b"},
		{"NotIn", threeZones, newPod("p", onNodes(exists(corev1.NodeSelectorOpNotIn, corev1.LabelTopologyZone, "a", "b"))), "node-c"},
		{"NotIn without the label", threeZones, newPod("p", onNodes(exists(corev1.NodeSelectorOpNotIn, "disk", "ssd"))), "node-a"},
		{"Exists", threeZones, newPod("p", onNodes(exists(corev1.NodeSelectorOpExists, "disk"))),
			"0/3 nodes are available: 3 node(s) didn't match Pod's node affinity/selector" + unhelpful},
		{"DoesNotExist", threeZones, newPod("p", onNodes(exists(corev1.NodeSelectorOpDoesNotExist, "disk"))), "node-a"},
		{"Gt and Lt", func(w *world) {
			w.create(newNode("node-a", "a", func(n *corev1.Node) { n.Labels["rack"] = "3" }), newNode("node-b", "b", func(n *corev1.Node) { n.Labels["rack"] = "7" }))
		}, newPod("p", onNodes(corev1.NodeSelectorTerm{MatchExpressions: []corev1.NodeSelectorRequirement{
			{Key: "rack", Operator: corev1.NodeSelectorOpGt, Values: []string{"3"}}, {Key: "rack", Operator: corev1.NodeSelectorOpLt, Values: []string{"8"}}}})), "node-b"},
		{"by name", threeZones, newPod("p", onNodes(named(corev1.NodeSelectorOpIn, "node-c"))), "node-c"},
		{"by the name of no node", threeZones, newPod("p", onNodes(named(corev1.NodeSelectorOpIn, "node-x"))),
			"0/3 nodes are available: 3 node(s) didn't satisfy plugin(s) [NodeAffinity]" + unhelpful},
		{"by two names at once", threeZones, newPod("p", onNodes(corev1.NodeSelectorTerm{MatchFields: []corev1.NodeSelectorRequirement{
			named(corev1.NodeSelectorOpIn, "node-a").MatchFields[0], named(corev1.NodeSelectorOpIn, "node-b").MatchFields[0]}})),
			"0/3 nodes are available: pod affinity terms conflict" + unhelpful},
		{"by a name that is full", threeZones, newPod("p", asks("5", "1Gi"), onNodes(named(corev1.NodeSelectorOpIn, "node-b"))),
			"0/3 nodes are available: 1 Insufficient cpu, 2 node(s) didn't satisfy plugin(s) [NodeAffinity]" + unhelpful},
		{"by name, not", threeZones, newPod("p", onNodes(named(corev1.NodeSelectorOpNotIn, "node-a"))), "node-b"},
		{"terms are alternatives", threeZones, newPod("p", onNodes(inZones("x"), inZones("c"))), "node-c"},
		{"a term without requirements matches nothing", threeZones, newPod("p", onNodes(corev1.NodeSelectorTerm{}, inZones("c"))), "node-c"},
		{"preferred node affinity", threeZones, newPod("p", func(p *corev1.Pod) {
			p.Spec.Affinity = &corev1.Affinity{NodeAffinity: &corev1.NodeAffinity{PreferredDuringSchedulingIgnoredDuringExecution: []corev1.PreferredSchedulingTerm{
				{Weight: 1, Preference: inZones("b")}, {Weight: 2, Preference: inZones("c")}}}}
		}), "node-c"},
		{"anti-affinity to zones", func(w *world) {
			threeZones(w)
			w.create(newNode("node-a2", "a"))
			w.place(newPod("x"), "node-a")
			w.place(newPod("y"), "node-c")
		}, newPod("p", away("web", corev1.LabelTopologyZone)), "node-b"},
		{"anti-affinity everywhere", func(w *world) {
			threeZones(w)
			for _, node := range []string{"a", "b", "c"} {
				w.place(newPod("x"+node), "node-"+node)
			}
		}, newPod("p", away("web", corev1.LabelHostname)), "0/3 nodes are available: 3 node(s) didn't match pod anti-affinity rules" + noVictims},
		{"anti-affinity to another namespace's pods does not count", func(w *world) {
			w.create(newNode("node-a", "a"))
			w.place(newPod("x", func(p *corev1.Pod) { p.Namespace = "other" }), "node-a")
		}, newPod("p", away("web", corev1.LabelHostname)), "node-a"},
		{"unless a namespace selector takes it in", func(w *world) {
			w.create(newNode("node-a", "a"), newNode("node-b", "b"), &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: "other", Labels: map[string]string{"team": "x"}}})
			w.place(newPod("x", func(p *corev1.Pod) { p.Namespace = "other" }), "node-a")
		}, newPod("p", away("web", corev1.LabelHostname), func(p *corev1.Pod) {
			p.Spec.Affinity.PodAntiAffinity.RequiredDuringSchedulingIgnoredDuringExecution[0].NamespaceSelector = &metav1.LabelSelector{MatchLabels: map[string]string{"team": "x"}}
		}), "node-b"},
		{"a pod that is being deleted still keeps others away", func(w *world) {
			w.create(newNode("node-a", "a"))
			w.place(newPod("x"), "node-a")
			require.NoError(w.t, w.api().Delete(store.Key{Kind: store.Pod, Namespace: "default", Name: "x"}, store.DeleteOptions{}))
		}, newPod("p", away("web", corev1.LabelHostname)), "0/1 nodes are available: 1 node(s) didn't match pod anti-affinity rules. " +
			"preemption: 0/1 nodes are available: 1 No preemption victims found for incoming pod."},
		{"affinity", func(w *world) {
			threeZones(w)
			w.place(newPod("x", withLabel("app", "cache")), "node-b")
		}, newPod("p", near("cache", corev1.LabelTopologyZone)), "node-b"},
		{"affinity to nobody", threeZones, newPod("p", near("cache", corev1.LabelTopologyZone)),
			"0/3 nodes are available: 3 node(s) didn't match pod affinity rules" + unhelpful},
		{"the first of a group that wants to be together", threeZones, newPod("p", near("web", corev1.LabelTopologyZone)), "node-a"},
		{"preferred anti-affinity", func(w *world) {
			threeZones(w)
			w.place(newPod("x"), "node-a")
			w.place(newPod("y", withLabel("app", "cache")), "node-b")
		}, newPod("p", withLabel("app", "db"), func(p *corev1.Pod) {
			p.Spec.Affinity = &corev1.Affinity{PodAntiAffinity: &corev1.PodAntiAffinity{PreferredDuringSchedulingIgnoredDuringExecution: []corev1.WeightedPodAffinityTerm{
				{Weight: 100, PodAffinityTerm: affinityTo("web", corev1.LabelTopologyZone)[0]},
				{Weight: 99, PodAffinityTerm: affinityTo("cache", corev1.LabelTopologyZone)[0]}}}}
		}), "node-c"},
		{"a hard skew over zones", func(w *world) {
			threeZones(w)
			w.place(newPod("x"), "node-a")
			w.place(newPod("y"), "node-c")
		}, newPod("p", spread(corev1.LabelTopologyZone, 1)), "node-b"},
		{"pods that are being deleted do not count for the skew", func(w *world) {
			threeZones(w)
			for _, node := range []string{"a", "b", "c"} {
				w.place(newPod("x"+node, asks("1", "1Gi")), "node-"+node)
			}
			w.place(newPod("y", asks("2", "1Gi")), "node-b")
			require.NoError(w.t, w.api().Delete(store.Key{Kind: store.Pod, Namespace: "default", Name: "xb"}, store.DeleteOptions{}))
			require.NoError(w.t, w.api().Delete(store.Key{Kind: store.Pod, Namespace: "default", Name: "y"}, store.DeleteOptions{}))
		}, newPod("p", spread(corev1.LabelTopologyZone, 1)), "node-b"},
		{"zones that the pod does not want do not count for the skew", func(w *world) {
			threeZones(w)
			w.place(newPod("x"), "node-a")
			w.place(newPod("y"), "node-b")
		}, newPod("p", spread(corev1.LabelTopologyZone, 1), func(p *corev1.Pod) {
			p.Spec.NodeSelector = map[string]string{corev1.LabelHostname: "node-a"}
		}), "node-a"},
		{"nodes without all of the labels do not count for the skew", func(w *world) {
			w.create(newNode("node-a", "a"), newNode("node-b", "b", func(n *corev1.Node) { delete(n.Labels, corev1.LabelHostname) }))
			w.place(newPod("x"), "node-a")
		}, newPod("p", spread(corev1.LabelTopologyZone, 1), spread(corev1.LabelHostname, 5)), "node-a"},
		{"others would rather have it far away", func(w *world) {
			threeZones(w)
			w.place(newPod("x", withLabel("app", "db"), func(p *corev1.Pod) {
				p.Spec.Affinity = &corev1.Affinity{PodAntiAffinity: &corev1.PodAntiAffinity{PreferredDuringSchedulingIgnoredDuringExecution: []corev1.WeightedPodAffinityTerm{
					{Weight: 100, PodAffinityTerm: affinityTo("web", corev1.LabelTopologyZone)[0]}}}}
			}), "node-a")
			w.place(newPod("y", withLabel("app", "db"), asks("3", "6Gi")), "node-b")
			w.place(newPod("z", withLabel("app", "db"), asks("3", "6Gi")), "node-c")
		}, newPod("p"), "node-b"},
		{"no zone may take one more", func(w *world) {
			threeZones(w)
			w.create(newNode("node-d", "", func(n *corev1.Node) { n.Spec.Unschedulable = true }))
			w.place(newPod("x"), "node-a")
		}, newPod("p", spread(corev1.LabelTopologyZone, 1, func(c *corev1.TopologySpreadConstraint) { c.MinDomains = number(4) }), onNodes(inZones("a"))),
			"0/4 nodes are available: 1 node(s) didn't match pod topology spread constraints, 1 node(s) were unschedulable, " +
				"2 node(s) didn't match Pod's node affinity/selector. preemption: 0/4 nodes are available: " +
				"1 No preemption victims found for incoming pod, 3 Preemption is not helpful for scheduling."},
		{"a node outside of all zones", func(w *world) { w.create(newNode("node-a", "")) }, newPod("p", spread(corev1.LabelTopologyZone, 1)),
			"0/1 nodes are available: 1 node(s) didn't match pod topology spread constraints (missing required label). " +
				"preemption: 0/1 nodes are available: 1 Preemption is not helpful for scheduling."},
		{"least allocated", func(w *world) {
			threeZones(w)
			w.place(newPod("x", withLabel("app", "db"), asks("1", "2Gi")), "node-a")
		}, newPod("p", asks("1", "2Gi")), "node-b"},
		{"no claim", threeZones, newPod("p", mounts("data")), `0/3 nodes are available: persistentvolumeclaim "data" not found` + unhelpful},
		{"a claim that binds at once and is not bound", func(w *world) {
			threeZones(w)
			w.create(newClass("fast", storagev1.VolumeBindingImmediate), newClaim("data", "fast"))
		}, newPod("p", mounts("data")), "0/3 nodes are available: pod has unbound immediate PersistentVolumeClaims" + unhelpful},
		{"a bound claim pins the pod", func(w *world) {
			threeZones(w)
			w.create(newVolume("vol", "", "10Gi", "b"))
			w.bound("data", "vol")
		}, newPod("p", mounts("data")), "node-b"},
		{"a bound claim whose zone is gone", func(w *world) {
			threeZones(w)
			w.create(newVolume("vol", "", "10Gi", "x"))
			w.bound("data", "vol")
		}, newPod("p", mounts("data")), "0/3 nodes are available: 3 node(s) didn't match PersistentVolume's node affinity" + unhelpful},
		{"a bound claim whose volume is gone", func(w *world) { threeZones(w); w.bound("data", "vol") }, newPod("p", mounts("data")),
			"0/3 nodes are available: 3 node(s) unavailable due to one or more pvc(s) bound to non-existent pv(s)" + unhelpful},
		{"the class allows no zone that there is", func(w *world) {
			threeZones(w)
			w.create(newClass("late", storagev1.VolumeBindingWaitForFirstConsumer, func(c *storagev1.StorageClass) {
				c.AllowedTopologies = []corev1.TopologySelectorTerm{{MatchLabelExpressions: []corev1.TopologySelectorLabelRequirement{{Key: corev1.LabelTopologyZone, Values: []string{"x"}}}}}
			}), newClaim("data", "late"))
		}, newPod("p", mounts("data")), "0/3 nodes are available: 3 node(s) didn't find available persistent volumes to bind" + unhelpful},
		{"nobody makes volumes", func(w *world) {
			threeZones(w)
			w.create(newClass("local", storagev1.VolumeBindingWaitForFirstConsumer, func(c *storagev1.StorageClass) { c.Provisioner = "kubernetes.io/no-provisioner" }),
				newClaim("data", "local"))
		}, newPod("p", mounts("data")), "0/3 nodes are available: 3 node(s) didn't find available persistent volumes to bind" + unhelpful},
		{"a ReadWriteOncePod claim in use", func(w *world) {
			threeZones(w)
			w.bound("data", "vol", func(c *corev1.PersistentVolumeClaim) {
				c.Spec.AccessModes = []corev1.PersistentVolumeAccessMode{corev1.ReadWriteOncePod}
			})
			w.create(newVolume("vol", "", "10Gi", ""))
			w.place(newPod("x", mounts("data")), "node-a")
		}, newPod("p", mounts("data")), "0/3 nodes are available: 3 node(s) unavailable due to PersistentVolumeClaim with ReadWriteOncePod access mode already in-use by another pod" + noVictims},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			w := newWorld(t, false)
			test.given(w)
			w.create(test.pod)
			w.run(time.Second)
			pod := w.pod("p")
			if got := pod.Spec.NodeName; got != "" {
				require.Equal(t, test.want, got)
				require.Equal(t, []string{"Pod default/p: Scheduled: Successfully assigned default/p to " + got}, w.events)
				require.Equal(t, corev1.ConditionTrue, pod.Status.Conditions[0].Status)
				return
			}
			require.Equal(t, []string{"Pod default/p: FailedScheduling: " + test.want}, w.events)
			condition := pod.Status.Conditions[0]
			require.Equal(t, corev1.PodCondition{Type: corev1.PodScheduled, Status: corev1.ConditionFalse, Reason: "Unschedulable",
				Message: test.want, LastTransitionTime: condition.LastTransitionTime, ObservedGeneration: pod.Generation}, condition)
		})
	}
}
