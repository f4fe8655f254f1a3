package tui

import "statefulsim/sim/story"

// rule is a rule of Kubernetes that a thing lives by, and where upstream has it: a file and its function, or a page of the documentation.
type rule struct{ text, source string }

// The files that several rules are from.
const (
	setControl    = "pkg/controller/statefulset/stateful_set_control.go:"
	setUtils      = "pkg/controller/statefulset/stateful_set_utils.go:"
	attachControl = "pkg/controller/volume/attachdetach/reconciler/reconciler.go:"
	nodeLifecycle = "pkg/controller/nodelifecycle/node_lifecycle_controller.go:"
)

// podRules are the rules that a pod in its state lives by; node is the one that it has, and set the one that controls it, or they are nil.
func podRules(p *story.Pod, node *story.Node, set *story.Set) (rules []rule) {
	if node != nil && node.Down != "" && node.Ready == "True" {
		rules = append(rules, rule{"What is said of this pod is what its kubelet said last: its machine is down (" + node.Down + "), which the API server learns when it has heard nothing of it for 50 s.",
			nodeLifecycle + "tryUpdateNodeHealth"})
	}
	rules = append(rules, podRule(p))
	if set == nil {
		return rules
	}
	switch {
	case p.Deleting:
		rules = append(rules, rule{"The set makes a successor when this pod's object is gone: both have the same name.", setControl + "processReplica"})
	case set.Policy != "Parallel" && !p.Ready:
		rules = append(rules, rule{"podManagementPolicy OrderedReady: the set does nothing to pods of higher ordinals before this one is Running and Ready.",
			setControl + "processReplica"})
	case set.Policy != "Parallel" && p.Ordinal > 0:
		rules = append(rules, rule{"podManagementPolicy OrderedReady: it was made only once the pods of lower ordinals were Running and Ready.", setControl + "processReplica"})
	}
	if p.Revision != set.Update && set.Update != "" {
		rules = append(rules, updateRule(set))
	}
	return rules
}

// updateRule tells when a pod of the old revision is replaced.
func updateRule(set *story.Set) rule {
	if set.Strategy == "OnDelete" {
		return rule{"OnDelete: it gets the new revision when somebody deletes it.", setUtils + "newVersionedStatefulSetPod"}
	}
	return rule{"RollingUpdate replaces pods from the highest ordinal down, and only those whose ordinal is at least the partition, here " + count(set.Partition) + ".",
		setControl + "updateStatefulSetAfterInvariantEstablished"}
}

// podRule is the rule that a pod's own state comes from.
func podRule(p *story.Pod) rule {
	switch {
	case p.Deleting && p.Node != "":
		return rule{"A pod that is deleted stays, as Terminating, until the kubelet of its node has stopped its containers and says so. If that node is silent it stays for ever, " +
			"unless the pod is deleted by force or its node is deleted.", "pkg/kubelet/status/status_manager.go:canBeDeleted"}
	case p.Node == "":
		return rule{"It waits until the scheduler finds a node that passes all filters: resources, taints, affinity, and the places where its volumes can be.",
			"pkg/scheduler/schedule_one.go:findNodesThatFitPod"}
	case p.Status == "CrashLoopBackOff":
		return rule{"A container that ends is started again at once, and after that 10, 20, 40 seconds later, up to 300, each counted from its end. 600 seconds without a crash forgive.",
			"pkg/kubelet/kuberuntime/kuberuntime_manager.go:doBackOff"}
	case p.Status == "ErrImagePull" || p.Status == "ImagePullBackOff":
		return rule{"The kubelet tries to pull the image again, after longer and longer pauses. Nothing else replaces the pod.", "pkg/kubelet/images/image_manager.go:EnsureImageExists"}
	case p.Status == "ContainerCreating" || p.Status == "Pending":
		return rule{"Its kubelet starts containers once all volumes are attached and mounted.", "pkg/kubelet/volumemanager/volume_manager.go:WaitForAttachAndMount"}
	case p.State == story.Failed && p.Set != "":
		return rule{"A set deletes a pod that has Failed or Succeeded, and makes it anew under the same name.", setControl + "processReplica"}
	case !p.Ready:
		return rule{"A pod is Ready when all its containers are, as their readiness probes say. One that is not gets no traffic from Services that ask for Ready pods.",
			"pkg/kubelet/status/generate.go:GeneratePodReadyCondition"}
	}
	return rule{"A pod stays where it is until somebody deletes it: nothing moves a pod that runs to another node.", "pkg/registry/core/pod/storage/storage.go:setPodNodeAndMetadata"}
}

// nodeRules are the rules that a node in its state lives by.
func nodeRules(n *story.Node) (rules []rule) {
	switch {
	case n.Ready == "Unknown":
		rules = append(rules, rule{"Nobody heard of its kubelet for 50 s, and so its pods count as not Ready. Those that do not tolerate that for longer are deleted after 300 s, " +
			"which is final only when the kubelet is heard of again.", "pkg/controller/tainteviction/taint_eviction.go:processPodOnNode"})
	case n.Down != "" || n.Cut && n.Ready == "True":
		rules = append(rules, rule{"The API server takes a node for Ready until it has heard nothing of its kubelet, no Lease and no status, for 50 s.", nodeLifecycle + "tryUpdateNodeHealth"})
	case n.Ready == "False":
		rules = append(rules, rule{"Its kubelet says that it is not ready. Pods that do not tolerate that for longer are deleted after 300 s.",
			"pkg/controller/tainteviction/taint_eviction.go:processPodOnNode"})
	case n.Ready == "True":
		rules = append(rules, rule{"A node is Ready as long as its kubelet renews its Lease, every 10 s, and says that it is ready.", nodeLifecycle + "tryUpdateNodeHealth"})
	}
	if n.Cordoned {
		rules = append(rules, rule{"Cordoned: no pod is placed here that does not tolerate it, and those that are here stay. kubectl uncordon " + n.Name + " ends that.",
			"pkg/scheduler/framework/plugins/nodeunschedulable/node_unschedulable.go:Filter"})
	}
	return rules
}

// volumeRules are the rules that a claim and its volume live by, seen from the node of the pod that uses it.
func volumeRules(c *story.Volume, node string) (rules []rule) {
	_, state := attachment(c, node)
	switch {
	case c.Deleting:
		rules = append(rules, rule{"A claim that is deleted stays as long as a pod uses it that has a node.", "pkg/controller/volume/pvcprotection/pvc_protection_controller.go:podUsesPVCForDeletion"})
	case c.Phase != "Bound":
		rules = append(rules, rule{"It waits for a volume: one that suits is bound, or made. With WaitForFirstConsumer that happens once the scheduler has chosen a node for a pod that uses it.",
			"pkg/controller/volume/persistentvolume/pv_controller.go:syncUnboundClaim"})
	case state == story.Failed && len(c.Attached) > 0:
		rules = append(rules, rule{"A volume that is not for many nodes is attached to one at a time. It is detached when the node no longer reports it in use; or 6 minutes after no pod needs it there, " +
			"if the node is not Ready; or at once if the node has the taint out-of-service.", attachControl + "reconcile"})
	case len(c.Attached) > 0:
		rules = append(rules, rule{"It stays attached as long as a pod on that node needs it.", "pkg/controller/volume/attachdetach/util/util.go:DetermineVolumeAction"})
	default:
		rules = append(rules, rule{"It is attached when a pod that uses it has a node.", attachControl + "attachDesiredVolumes"})
	}
	return append(rules, rule{"The claim belongs to its ordinal: whichever pod of that name comes next uses it again.", setUtils + "getPersistentVolumeClaims"})
}

// serviceRules are the rules by which a Service finds its pods.
func serviceRules(s *story.Service) []rule {
	text := "It sends traffic to the pods that its selector matches and that are Ready and not Terminating; if there are none, to those that are Ready while they terminate."
	source := "pkg/proxy/topology.go:CategorizeEndpoints"
	if s.Headless {
		text = "Its name resolves to the pods that its selector matches and that are Ready and not Terminating. With publishNotReadyAddresses it takes in the others too."
		source = "staging/src/k8s.io/endpointslice/utils.go:podToEndpoint"
	}
	return []rule{{text, source}}
}

// setRules are the rules by which a set goes on.
func setRules(s *story.Set) (rules []rule) {
	if s.Policy == "Parallel" {
		rules = append(rules, rule{"Parallel: it makes and deletes pods at once, without waiting for others.", setControl + "processReplica"})
	} else {
		rules = append(rules, rule{"OrderedReady: it makes pods from the lowest ordinal up, each once those below it are Running and Ready, and goes down from the highest.",
			setControl + "processReplica, processCondemned"})
	}
	if s.Current != s.Update {
		rules = append(rules, updateRule(s), rule{"The update is complete when all replicas are at the new revision and Ready. With a partition above 0 it stays open.", setUtils + "completeUpdate"})
	}
	return rules
}

// clientRules say how to read what a client counts.
var clientRules = []rule{{"A request that failed was refused for certain. One without an answer may have been done or not. A write is lost that was acknowledged and is missing at the end.",
	"docs/model.md"}}

// componentRules tell what a component of the control plane is for, and what goes on without it.
func componentRules(name string) []rule {
	r, known := components[name]
	if !known {
		return nil
	}
	return []rule{r}
}

var components = map[string]rule{
	"kube-apiserver": {"All objects are read and written here. Without it nobody learns or changes anything, while containers go on.",
		"docs/model.md"},
	"kube-controller-manager": {"Runs the controllers: of sets, nodes, evictions, volumes and Services. Without it no pod is made, replaced or evicted, and Services keep the endpoints that they have.",
		"cmd/kube-controller-manager/app/controllermanager.go:RunControllers"},
	"kube-scheduler": {"Gives pods their nodes. Without it new pods stay Pending; those that have a node go on.", "pkg/scheduler/schedule_one.go:ScheduleOne"},
	"csi-driver":     {"Makes, attaches and resizes volumes. Without it pods wait whose volumes are not where they are.", "docs/model.md"},
	"coredns":        {"Resolves the names of pods and Services. Without it whoever has no answer in its cache finds nobody.", "docs/model.md"},
}
