package why

import (
	"fmt"
	"slices"
	"strings"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"

	"statefulsim/controller/condition"
	"statefulsim/controller/store"
	"statefulsim/scenarios"
	"statefulsim/sim"
)

// group is the raft group in a set's pods.
type group struct {
	set    *appsv1.StatefulSet
	voters []string        // the pods that have ever belonged to it and are wanted or there, by ordinal
	live   []sim.PeerState // those of them whose process runs
	leader string          // "" for none
	since  time.Duration   // for how long there has been no leader
	seq    int             // the event that tells of that
}

func (s *scene) runsRaft(set *appsv1.StatefulSet) bool {
	return s.rec.Scenario.Runs[set.Name].Kind == scenarios.Raft
}

// group is nil for a set that runs no raft, or whose group was never founded.
func (s *scene) group(set *appsv1.StatefulSet) *group {
	if set == nil || !s.runsRaft(set) {
		return nil
	}
	g := &group{set: set}
	opened := map[string]bool{}
	for i := range s.events {
		e := &s.events[i]
		switch {
		case e.Kind == "Peer" && (e.Verb == "bootstrap" || e.Verb == "open"):
			opened[e.Name] = true
		case e.Kind == "Primary" && e.Verb == "lose" && e.Name == nameOf(set):
			g.since, g.seq = e.At, e.Seq
		}
	}
	for i := range replicas(set) {
		if name := nameOf(set) + "-" + count(start(set)+int(i)); opened[name] {
			g.voters = append(g.voters, name)
		}
	}
	for _, p := range s.frame.Raft {
		if slices.Contains(g.voters, p.Pod) {
			g.live = append(g.live, p)
		}
		if slices.Contains(g.voters, p.Pod) && p.Role == "Leader" {
			g.leader = p.Pod
		}
	}
	if len(g.voters) == 0 {
		return nil
	}
	return g
}

func (g *group) quorum() int { return len(g.voters)/2 + 1 }

// missing are the voters whose processes do not run.
func (g *group) missing() []string {
	return slices.DeleteFunc(slices.Clone(g.voters), func(name string) bool {
		return slices.ContainsFunc(g.live, func(p sim.PeerState) bool { return p.Pod == name })
	})
}

// trouble words why there is no leader.
func (s *scene) trouble(g *group) string {
	have := fmt.Sprintf("%d of %d voters run, and %d are needed", len(g.live), len(g.voters), g.quorum())
	if gone := g.missing(); len(g.live) < g.quorum() {
		return "the quorum is lost: " + have + "; missing: " + strings.Join(gone, ", ")
	}
	for _, f := range s.doing("partition", "hold", "degrade", "dns") {
		return have + ", but they do not reach or resolve each other: " + f.words() + " lasts"
	}
	return have + ", but none gets a majority of the votes: they cannot reach or resolve each other, or their candidates split the vote again and again"
}

const quorumSource = "github.com/hashicorp/raft raft.go:runCandidate, quorumSize"

// noLeader tells of raft groups that have no leader, and get none.
func noLeader(s *scene) {
	for set := range store.All[*appsv1.StatefulSet](s.view) {
		g := s.group(set)
		if g == nil || g.leader != "" || g.seq == 0 || !s.impatient(g.since) {
			continue
		}
		f := Finding{
			State: "no leader", Since: g.since, Forever: true, from: append(s.blamed("dns"), g.seq), Source: quorumSource,
			Rule: "A raft group elects a leader, and commits anything, only with a majority of its voters, the dead ones counted: " + s.trouble(g) + ".",
		}
		for _, name := range g.missing() {
			if b := s.about("Pod " + name); b != nil {
				f.from = append(f.from, b.from...)
				f.Cure = append(f.Cure, "# cure Pod "+name+" first ("+b.State+")")
			} else {
				f.Cure = append(f.Cure, "# bring back "+name+", with its volume")
			}
			if e := s.lastAbout("Pod", name, "delete", ""); e != nil {
				f.from = append(f.from, e.Seq)
			}
		}
		if len(g.live) < g.quorum() {
			f.Cure = append(f.Cure, "# only if a majority is lost for good: recover from one peer with peers.json; acknowledged writes may be lost")
		} else {
			f.Cure = append(f.Cure, "# mend the network or the names between the voters: they elect by themselves")
		}
		s.add(objectOf(set), f)
	}
}

// deadlocked explains a pod whose readiness asks for a quorum, in a set that makes the other voters only when it is Ready.
func deadlocked(s *scene, pod *corev1.Pod) *Finding {
	set := s.setOf(pod)
	f, _ := s.notReady(pod)
	if f == nil || set == nil || parallel(set) {
		return nil
	}
	g := s.group(set)
	if g == nil || g.leader != "" || len(g.live) >= g.quorum() {
		return nil
	}
	var absent []string
	for _, name := range g.missing() {
		if _, there := store.Get[*corev1.Pod](s.view, set.Namespace, name[strings.LastIndex(name, "/")+1:]); !there {
			absent = append(absent, name)
		}
	}
	if len(absent) == 0 || s.lowestUnready(set) != pod {
		return nil
	}
	f.Rule = fmt.Sprintf("A deadlock: %s is Ready only with a leader, a leader needs %d of %d voters, and under OrderedReady the set makes %s only when %s is Ready.",
		pod.Name, g.quorum(), len(g.voters), strings.Join(absent, ", "), pod.Name)
	f.Source = "pkg/controller/statefulset/stateful_set_control.go:processReplica; " + quorumSource
	f.Links = []string{"https://github.com/bitnami/charts/pull/25931", "https://github.com/cockroachdb/cockroach-operator/issues/470", "https://github.com/kubernetes/kubernetes/issues/38418"}
	f.Cure = []string{
		"kubectl delete statefulset " + flagged(set) + " --cascade=orphan   # the pods stay; podManagementPolicy cannot be changed in place",
		"# apply the StatefulSet again with podManagementPolicy: Parallel, and with publishNotReadyAddresses: true on its Service: all voters start at once",
		"# or let the readiness probe ask whether the process serves, not whether the group has a leader",
	}
	return f
}

// leaderless explains any other raft peer that is not Ready because it has no leader.
func leaderless(s *scene, pod *corev1.Pod) *Finding {
	f, _ := s.notReady(pod)
	g := s.group(s.setOf(pod))
	if f == nil || g == nil {
		return nil
	}
	i := slices.IndexFunc(g.live, func(p sim.PeerState) bool { return p.Pod == nameOf(pod) })
	if i < 0 || g.live[i].Leader != "" {
		return nil
	}
	f.Source = quorumSource
	if g.leader != "" {
		f.Rule = "A raft peer is Ready when it hears of a leader, and " + pod.Name + " does not hear of " + g.leader + ", which leads the others."
		f.Cure = []string{"# mend the network between " + pod.Name + " and " + g.leader + ": it follows by itself"}
		return f
	}
	f.Rule = "A raft peer is Ready when it has a leader, and the group has none: " + s.trouble(g) + "."
	f.from = append(append(f.from, g.seq), s.blamed("dns")...)
	for _, name := range g.missing() {
		f.Cure = append(f.Cure, "# bring back "+name+", with its volume")
	}
	if len(f.Cure) == 0 {
		f.Cure = []string{"# mend the network or the names between the voters: they elect by themselves"}
	}
	return f
}

// unheardPeers explains raft peers that do not find each other in DNS.
func unheardPeers(s *scene, pod *corev1.Pod) *Finding {
	f, _ := s.notReady(pod)
	set := s.setOf(pod)
	if f == nil || set == nil || !s.runsRaft(set) {
		return nil
	}
	if g := s.group(set); g != nil && (g.leader != "" && slices.ContainsFunc(g.live, func(p sim.PeerState) bool { return p.Pod == nameOf(pod) }) || g.leader == "" && len(g.live) < g.quorum()) {
		return nil
	}
	service, there := store.Get[*corev1.Service](s.view, set.Namespace, set.Spec.ServiceName)
	switch {
	case there && service.Spec.PublishNotReadyAddresses:
		return nil
	case there && slices.ContainsFunc(s.podsOf(set), condition.PodReady):
		return nil
	case there:
		f.Rule = "The DNS names of a headless Service lead to Ready pods alone, unless it publishes the others; a peer of " + set.Name +
			" gets Ready only when it has found the others by those names."
		f.Cure = []string{"kubectl patch service " + flagged(service) + ` -p '{"spec":{"publishNotReadyAddresses":true}}'   # harmless for a Service that only gives names`}
	default:
		f.Rule = "The pods' names in DNS come from the Service that the set's serviceName names, and there is no Service " + set.Spec.ServiceName + ": the peers of " +
			set.Name + " have no names, and do not find each other."
		f.Cure = []string{"kubectl apply -f SERVICE.yaml   # a headless Service (clusterIP: None) named " + set.Spec.ServiceName + " with publishNotReadyAddresses: true and the pods' selector"}
	}
	f.Source = "pkg/controller/endpointslice (ready or publishNotReadyAddresses); kubernetes.io/docs/concepts/workloads/controllers/statefulset/#stable-network-id"
	f.Links = []string{"https://github.com/nats-io/k8s/issues/441", "https://github.com/kubernetes/kubernetes/issues/92559", "https://github.com/qdrant/qdrant-helm/pull/115"}
	f.Details = append(f.Details, fmt.Sprintf("who has asked keeps the answer that there is no such name for %v (dns.negative)", s.rec.Scenario.Cluster.DNS.Negative))
	return f
}
