package scheduler

import (
	"slices"

	corev1 "k8s.io/api/core/v1"

	"statefulsim/controller/volumebinding/pv"
)

// verdict is what a filter says of a node: nothing if the pod may go there, else why not.
type verdict struct {
	reasons []string
	curable bool // other pods would have to go: Kubernetes would think of preemption
}

func (v verdict) passes() bool { return len(v.reasons) == 0 }

// The reasons, in Kubernetes' words.
var (
	unschedulable     = verdict{reasons: []string{"node(s) were unschedulable"}}
	untolerated       = verdict{reasons: []string{"node(s) had untolerated taint(s)"}}
	unwantedNode      = verdict{reasons: []string{"node(s) didn't match Pod's node affinity/selector"}}
	claimInUse        = verdict{reasons: []string{"node(s) unavailable due to PersistentVolumeClaim with ReadWriteOncePod access mode already in-use by another pod"}, curable: true}
	wrongDomain       = verdict{reasons: []string{"node(s) didn't match pod topology spread constraints"}, curable: true}
	noDomain          = verdict{reasons: []string{"node(s) didn't match pod topology spread constraints (missing required label)"}}
	affinityUnmet     = verdict{reasons: []string{"node(s) didn't match pod affinity rules"}}
	antiAffinityUnmet = verdict{reasons: []string{"node(s) didn't match pod anti-affinity rules"}, curable: true}
	forbiddenByOthers = verdict{reasons: []string{"node(s) didn't satisfy existing pods anti-affinity rules"}, curable: true}
)

// filter asks the plugins one after the other, in their default order; the first that refuses decides
// (pkg/scheduler/apis/config/v1/default_plugins.go).
func (c *cycle) filter(n *nodeInfo) (verdict, plugin) {
	pod := c.pod.pod
	switch {
	case n.node.Spec.Unschedulable && !tolerates(pod, &cordoned):
		return unschedulable, nodeUnschedulable
	case !toleratesAll(pod, n.node):
		return untolerated, taintToleration
	case !wantsNode(pod, n.node):
		return unwantedNode, nodeAffinity
	}
	if v := fits(c.pod.requested, n); !v.passes() {
		return v, nodeResourcesFit
	}
	if c.taken {
		return claimInUse, volumeRestrictions
	}
	if v := c.volumes.on(c, n); !v.passes() {
		return v, volumeBinding
	}
	if v := c.spreads(n); !v.passes() {
		return v, podTopologySpread
	}
	return c.suits(n), interPodAffinity
}

var cordoned = corev1.Taint{Key: corev1.TaintNodeUnschedulable, Effect: corev1.TaintEffectNoSchedule}

func toleratesAll(pod *corev1.Pod, node *corev1.Node) bool {
	for i := range node.Spec.Taints {
		taint := &node.Spec.Taints[i]
		if taint.Effect != corev1.TaintEffectPreferNoSchedule && !tolerates(pod, taint) {
			return false
		}
	}
	return true
}

func tolerates(pod *corev1.Pod, taint *corev1.Taint) bool {
	return slices.ContainsFunc(pod.Spec.Tolerations, func(t corev1.Toleration) bool { return tolerated(&t, taint) })
}

// tolerated knows the operators Equal and Exists; the comparing ones are behind a gate that is off.
func tolerated(t *corev1.Toleration, taint *corev1.Taint) bool {
	if t.Effect != "" && t.Effect != taint.Effect || t.Key != "" && t.Key != taint.Key {
		return false
	}
	switch t.Operator {
	case "", corev1.TolerationOpEqual:
		return t.Value == taint.Value
	}
	return t.Operator == corev1.TolerationOpExists
}

// wantsNode judges the node selector and the required node affinity.
func wantsNode(pod *corev1.Pod, node *corev1.Node) bool {
	for key, value := range pod.Spec.NodeSelector {
		if own, ok := node.Labels[key]; !ok || own != value {
			return false
		}
	}
	if pod.Spec.Affinity == nil || pod.Spec.Affinity.NodeAffinity == nil {
		return true
	}
	required := pod.Spec.Affinity.NodeAffinity.RequiredDuringSchedulingIgnoredDuringExecution
	return required == nil || pv.MatchesNode(required, node)
}

// fits compares what the pod asks for with what is left (framework/plugins/noderesources/fit.go:fitsRequest).
func fits(asked resources, n *nodeInfo) verdict {
	v := verdict{curable: true}
	if n.pods+1 > n.maxPods {
		v.reasons = append(v.reasons, "Too many pods")
	}
	short := func(asked, used, allocatable int64, reason string) {
		if asked > 0 && asked > allocatable-used {
			v.reasons = append(v.reasons, reason)
			v.curable = v.curable && asked <= allocatable
		}
	}
	short(asked.milliCPU, n.requested.milliCPU, n.allocatable.milliCPU, "Insufficient cpu")
	short(asked.memory, n.requested.memory, n.allocatable.memory, "Insufficient memory")
	return v
}

// suits judges the required pod affinity and anti-affinity, in both directions. Pods that are being deleted count until
// they are gone (framework/plugins/interpodaffinity/filtering.go:Filter).
func (c *cycle) suits(n *nodeInfo) verdict {
	if !c.hasCompany(n) {
		return affinityUnmet
	}
	for _, d := range c.antiAffinity {
		if count, _ := d.at(n); count > 0 {
			return antiAffinityUnmet
		}
	}
	for _, d := range c.forbidden {
		if count, _ := d.at(n); count > 0 {
			return forbiddenByOthers
		}
	}
	return verdict{}
}

// hasCompany tells whether the pods that this one wants to be with are around. The first of a group that wants to be
// with itself may go anywhere, or it could never start.
func (c *cycle) hasCompany(n *nodeInfo) bool {
	company := true
	for _, d := range c.affinity {
		count, ok := d.at(n)
		if !ok {
			return false
		}
		company = company && count > 0
	}
	return company || c.nobody && c.matchesItself()
}

func (c *cycle) matchesItself() bool {
	for i := range c.pod.terms.affinity {
		if !c.pod.terms.affinity[i].matches(c.pod.pod, c.view) {
			return false
		}
	}
	return true
}
