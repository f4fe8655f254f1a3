package scenarios

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	appsv1 "k8s.io/api/apps/v1"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"

	"statefulsim/scenarios/kubectl"
	"statefulsim/scenarios/words"
)

// names is what a scenario has, for checking what its steps, clients and expectations name.
type names struct {
	sets       map[string]*appsv1.StatefulSet
	last       map[string]int            // the highest ordinal that a set ever has, by its manifest and what the steps make of it; -1: none
	runs       map[string]Process        // by set
	pods       []string                  // those with a manifest of their own
	claims     []string                  // likewise
	services   map[string][]string       // by namespace
	homes      map[kubectl.Name][]string // the namespaces in which there is, at some time, an object of the manifests
	cronJobs   []string
	clients    []string
	nodes      []string
	nodeLabels []string // as key=value
	zones      []string
	steps      []string
	plans      map[string]*stepPlan // what each of the steps is
	waits      []wait               // which steps follow others
}

// collect takes in the cluster and the manifests.
func (k *names) collect(s *Scenario) {
	k.sets, k.last, k.services = map[string]*appsv1.StatefulSet{}, map[string]int{}, map[string][]string{}
	k.homes, k.plans = map[kubectl.Name][]string{}, map[string]*stepPlan{}
	for _, m := range s.Objects {
		k.manifest(m, m.Object.GetNamespace())
	}
	for _, n := range s.Cluster.Nodes {
		k.nodes = append(k.nodes, n.Name)
		for _, key := range sortedKeys(n.Labels) {
			k.nodeLabels = append(k.nodeLabels, key+"="+n.Labels[key])
		}
		if n.Zone != "" && !slices.Contains(k.zones, n.Zone) {
			k.zones = append(k.zones, n.Zone)
		}
	}
}

// manifest takes in an object that there is from the beginning, or that a step brings or changes.
func (k *names) manifest(m Manifest, namespace string) {
	kind := ""
	switch o := m.Object.(type) {
	case *appsv1.StatefulSet:
		last := lastOrdinal(o, o.Spec.Replicas)
		if was, is := k.last[o.Name]; is {
			last = max(last, was)
		}
		kind, k.sets[o.Name], k.last[o.Name] = "StatefulSet", o, last
	case *corev1.Pod:
		kind, k.pods = "Pod", append(k.pods, o.Name)
	case *corev1.PersistentVolumeClaim:
		kind, k.claims = "PersistentVolumeClaim", append(k.claims, o.Name)
	case *batchv1.CronJob:
		kind, k.cronJobs = "CronJob", append(k.cronJobs, o.Name)
	case *corev1.Service:
		kind, k.services[namespace] = "Service", append(k.services[namespace], o.Name)
	}
	if kind != "" {
		name := kubectl.Name{Kind: kind, Name: m.Object.GetName()}
		k.homes[name] = append(k.homes[name], namespace)
	}
}

// homeOfSet is the namespace of a set.
func (k *names) homeOfSet(name string) (namespace string, known bool) {
	homes := k.homes[kubectl.Name{Kind: "StatefulSet", Name: name}]
	if len(homes) == 0 {
		return "", false
	}
	return homes[0], true
}

// lastOrdinal is the highest that a set has with so many replicas, which are 1 if nothing is said of them.
func lastOrdinal(set *appsv1.StatefulSet, replicas *int32) int {
	last := 0
	if replicas != nil {
		last = int(*replicas) - 1
	}
	if o := set.Spec.Ordinals; o != nil {
		last += int(o.Start)
	}
	return last
}

// target says what is wrong with a target that is well-formed: "" if it names something that there is or can be.
func (k *names) target(t Target) (problem, cure string) {
	switch t.Kind {
	case TargetPod:
		return k.podTarget(t.Name)
	case TargetPrimary, TargetReplica, TargetMajority, TargetMinority:
		return k.peers(t.Set)
	case TargetPodsOf, TargetNodesOf:
		return k.set(t.Set)
	case TargetNode:
		return missing("node", t.Name, k.nodes)
	case TargetZone:
		return missing("zone", t.Name, k.zones)
	case TargetClient:
		return missing("client", t.Name, k.clients)
	case TargetNodeOf, TargetZoneOf:
		return k.target(*t.Of)
	case TargetLabelled:
		return k.labelled(t.Labels)
	case TargetNodesWith:
		return k.nodesWith(t.Labels)
	}
	for _, of := range t.Among {
		if problem, cure = k.target(of); problem != "" {
			return problem, cure
		}
	}
	return "", ""
}

// missing says that a name is not among the known ones, if it is not.
func missing(kind, name string, known []string) (problem, cure string) {
	if slices.Contains(known, name) {
		return "", ""
	}
	cure = words.DidYouMean(name, known)
	if len(known) == 0 {
		cure = "the scenario has none"
	}
	return "no " + kind + " is named " + words.Quoted(name), cure
}

func (k *names) set(name string) (problem, cure string) {
	return missing("StatefulSet", name, sortedKeys(k.sets))
}

// peers accepts the sets that have a primary and replicas.
func (k *names) peers(set string) (problem, cure string) {
	if problem, cure = k.set(set); problem == "" && !k.runs[set].Leads() {
		return "the pods of " + words.Quoted(set) + " run neither raft nor replicated, so that none is its primary or a replica", "runs: {" + set + ": raft}"
	}
	return problem, cure
}

// raftSet accepts the sets whose pods run raft.
func (k *names) raftSet(name string) (problem, cure string) {
	if problem, cure = k.set(name); problem == "" && k.runs[name].Kind != Raft {
		return "the pods of " + words.Quoted(name) + " do not run raft, so that they have no election timers", "runs: {" + name + ": raft}"
	}
	return problem, cure
}

// peerPod accepts the pods in which raft runs.
func (k *names) peerPod(name string) (problem, cure string) {
	set, _, _ := cutOrdinal(name)
	if problem, cure = k.pod(name); problem == "" && k.runs[set].Kind != Raft {
		return "the pod " + words.Quoted(name) + " does not run raft, so that it is no peer", "runs: {" + set + ": raft}"
	}
	return problem, cure
}

// podTarget is pod for a target, in which a bare name is that of a pod and not of a node, a zone or a client.
func (k *names) podTarget(name string) (problem, cure string) {
	if problem, cure = k.pod(name); problem == "" {
		return "", ""
	}
	for _, other := range []struct {
		kind  string
		known []string
	}{{"node", k.nodes}, {"zone", k.zones}, {"client", k.clients}} {
		if slices.Contains(other.known, name) {
			return problem, "did you mean " + words.Quoted(other.kind+" "+name) + "?"
		}
	}
	return problem, cure
}

// pod accepts the pods of the manifests and those that a set has at some time.
func (k *names) pod(name string) (problem, cure string) {
	set, ordinal, found := cutOrdinal(name)
	if found && k.sets[set] != nil {
		if ordinal <= k.last[set] {
			return "", ""
		}
		return "no pod is ever named " + words.Quoted(name), fmt.Sprintf("%s has ordinals below %d; scale it in a step, or name another pod", set, k.last[set]+1)
	}
	known := slices.Clone(k.pods)
	for _, set := range sortedKeys(k.sets) {
		known = append(known, set+"-"+strconv.Itoa(ordinal))
	}
	return missing("pod", name, known)
}

// claim accepts the claims of the manifests and those that a set makes of its templates.
func (k *names) claim(name string) (problem, cure string) {
	known := slices.Clone(k.claims)
	_, ordinal, _ := cutOrdinal(name)
	for _, set := range sortedKeys(k.sets) {
		for _, template := range k.sets[set].Spec.VolumeClaimTemplates {
			known = append(known, template.Name+"-"+set+"-"+strconv.Itoa(ordinal))
		}
	}
	return missing("claim", name, known)
}

// cutOrdinal divides the name of a set's pod or claim. The ordinal is 0 if there is none.
func cutOrdinal(name string) (set string, ordinal int, found bool) {
	i := strings.LastIndexByte(name, '-')
	if i <= 0 {
		return name, 0, false
	}
	ordinal, err := strconv.Atoi(name[i+1:])
	if err != nil || ordinal < 0 || strconv.Itoa(ordinal) != name[i+1:] {
		return name, 0, false
	}
	return name[:i], ordinal, true
}

// labelled accepts labels that some pod of the manifests has, and those that only come with a running pod: its role, and
// what Kubernetes itself writes.
func (k *names) labelled(labels map[string]string) (problem, cure string) {
	for _, key := range sortedKeys(labels) {
		if key == "role" || strings.Contains(key, "kubernetes.io/") || key == appsv1.ControllerRevisionHashLabelKey {
			continue
		}
		known := []string{"role=primary", "role=replica"}
		for _, set := range sortedKeys(k.sets) {
			template := k.sets[set].Spec.Template.Labels
			for _, has := range sortedKeys(template) {
				known = append(known, has+"="+template[has])
			}
		}
		if wanted := key + "=" + labels[key]; !slices.Contains(known, wanted) {
			return "no pod of the manifests has the label " + words.Quoted(wanted), words.DidYouMean(wanted, known)
		}
	}
	return "", ""
}

// nodesWith accepts labels that one of the nodes has, or is given.
func (k *names) nodesWith(labels map[string]string) (problem, cure string) {
	for _, key := range sortedKeys(labels) {
		wanted := key + "=" + labels[key]
		if !slices.Contains(k.nodeLabels, wanted) && !strings.Contains(key, "kubernetes.io/") {
			return "no node of the cluster has the label " + words.Quoted(wanted), words.DidYouMean(wanted, k.nodeLabels)
		}
	}
	return "", ""
}

// containers are the names of the containers of a set's pods.
func containers(set *appsv1.StatefulSet) []string {
	if set == nil {
		return nil
	}
	found := make([]string, len(set.Spec.Template.Spec.Containers))
	for i := range found {
		found[i] = set.Spec.Template.Spec.Containers[i].Name
	}
	return found
}

// components are the parts of the control plane that this scenario has.
func (k *names) components() []string {
	all := Components()
	for _, runs := range k.runs {
		if runs.Kind == Replicated {
			return append(all, DatabaseOperator)
		}
	}
	return all
}
