package tui

import (
	"fmt"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/api/resource"

	"statefulsim/scenarios"
	"statefulsim/sim/story"
)

// choice is an entry of a menu: a command line with words for it.
type choice struct{ title, line string }

// menu lists what can be done with a thing.
func menu(t thing, scene *story.Scene, s *scenarios.Scenario) []choice {
	m := &offer{typist: newTypist(scene, s)}
	m.namespace, m.name = "default", t.name
	if namespace, name, has := strings.Cut(t.name, "/"); has {
		m.namespace, m.name = namespace, name
	}
	if t.kind != "fault" {
		m.heals(t)
	}
	if of := offers[t.kind]; of != nil {
		of(m)
	}
	return m.choices
}

// offer is a menu that is being made, for a thing of that name.
type offer struct {
	*typist
	namespace, name string
	choices         []choice
}

// offers make the menus of the kinds of things.
var offers = map[string]func(*offer){
	"pod": (*offer).forPod, "node": (*offer).forNode, "zone": (*offer).forZone, "volume": (*offer).forVolume, "statefulset": (*offer).forSet,
	"service": (*offer).forService, "client": (*offer).forClient, "fault": (*offer).forFault, "component": (*offer).forComponent,
}

// can adds an entry, whose line is a format.
func (m *offer) can(title, line string, args ...any) {
	m.choices = append(m.choices, choice{title, fmt.Sprintf(line, args...)})
}

// kubectlCan adds an entry with a command of kubectl that is about the thing's namespace.
func (m *offer) kubectlCan(title, line string, args ...any) {
	if m.namespace != "default" {
		line += " -n " + m.namespace
	}
	m.can(title, line, args...)
}

// heals offers to end what faults do to the thing.
func (m *offer) heals(t thing) {
	for _, f := range m.scene.Faults {
		names := strings.FieldsFunc(f.Text, func(c rune) bool { return strings.ContainsRune(" ,:{}\"", c) })
		if slices.Contains(names, m.name) {
			m.can("heal "+f.Text, "heal %s", quotedName(f.Step))
		}
	}
}

// quotedName is a step's name as one word of a command line: one that stands in a sequence can be named "step 2.1".
func quotedName(name string) string {
	if strings.Contains(name, " ") {
		return `"` + name + `"`
	}
	return name
}

// pod finds the pod that the menu is about.
func (m *offer) pod() *story.Pod {
	all := podsOf(m.scene)
	for i := range all {
		if all[i].Name == m.name && all[i].Namespace == m.namespace {
			return &all[i]
		}
	}
	return nil
}

func (m *offer) forPod() {
	pod := m.pod()
	if pod == nil {
		return
	}
	leads := m.scenario.Runs[pod.Set].Leads()
	if pod.Node != "" {
		m.can("kill its process", "kill %s", m.name)
	}
	m.kubectlCan("delete it", "delete pod %s", m.name)
	m.kubectlCan("force delete it", "delete pod %s --grace-period=0 --force", m.name)
	if pod.Node == "" {
		return
	}
	m.can("evict it, if its budget allows", "evict %s", m.name)
	m.can("cut it off from everything else", "cut %s", m.name)
	m.can("hang its process", "hang %s", m.name)
	m.can("let it crash in a loop", "crash-loop %s", m.name)
	if leads && pod.Role == "replica" {
		m.can("let it lead", "transfer leadership to %s", m.name)
	}
	if leads && len(pod.Volumes) > 0 {
		m.disks(m.name)
	}
	m.can("let its readiness probe fail", "fail-probe %s readiness", m.name)
	m.can("crash its node "+pod.Node, "crash %s", pod.Node)
}

// disks offers what can be wrong with the volumes of a pod.
func (m *offer) disks(pod string) {
	m.can("fill its disk", "disk %s full", pod)
	m.can("slow its disk down", "disk %s slow by=200ms", pod)
	m.can("make its disk read-only", "disk %s readOnly", pod)
	m.can("let its disk lie about what is synced", "disk %s lyingFsync", pod)
}

func (m *offer) forNode() {
	all := nodesOf(m.scene)
	i := slices.IndexFunc(all, func(n story.Node) bool { return n.Name == m.name })
	if i < 0 {
		return
	}
	node := all[i]
	if node.Down == "" {
		m.can("take its power", "crash %s", m.name)
		m.can("reboot it", "reboot %s", m.name)
		m.can("cut it off from everything else", "cut %s", m.name)
		m.can("make its links slow and lossy", "degrade %s latency=100ms loss=0.1", m.name)
		m.can("restart its kubelet", "restart-kubelet %s", m.name)
	}
	m.can("drain it", "drain %s --ignore-daemonsets --delete-emptydir-data", m.name)
	if node.Cordoned {
		m.can("uncordon it", "uncordon %s", m.name)
	} else {
		m.can("cordon it", "cordon %s", m.name)
	}
	const outOfService = "node.kubernetes.io/out-of-service"
	if slices.ContainsFunc(node.Taints, func(taint string) bool { return strings.HasPrefix(taint, outOfService) }) {
		m.can("say that it is in service again", "taint node %s %s-", m.name, outOfService)
	} else if node.Down != "" {
		m.can("say that it is out of service, so that its pods can go", "taint node %s %s=nodeshutdown:NoExecute", m.name, outOfService)
	}
}

func (m *offer) forZone() {
	if m.name == "" {
		return
	}
	m.can("take its power", "crash zone %s", m.name)
	m.can("cut it off from everything else", "cut zone %s", m.name)
	m.can("make its links slow and lossy", "degrade zone %s latency=100ms loss=0.1", m.name)
}

func (m *offer) forVolume() {
	i := slices.IndexFunc(m.scene.Claims, func(v story.Volume) bool { return v.Claim == m.name && v.Namespace == m.namespace })
	if i < 0 {
		return
	}
	claim := m.scene.Claims[i]
	for _, pod := range podsOf(m.scene) {
		if pod.Name == claim.Pod && pod.Namespace == m.namespace && pod.Node != "" && m.scenario.Runs[pod.Set].Leads() {
			m.disks(pod.Name)
		}
	}
	if size, err := resource.ParseQuantity(claim.Size); err == nil && claim.Phase == "Bound" {
		size.Add(size)
		m.kubectlCan("grow it to "+size.String(), `patch persistentvolumeclaim %s -p '{"spec":{"resources":{"requests":{"storage":"%s"}}}}'`, m.name, size.String())
	}
	if claim.Phase != "" {
		m.kubectlCan("delete the claim", "delete persistentvolumeclaim %s", m.name)
	}
}

func (m *offer) forSet() {
	i := slices.IndexFunc(m.scene.Sets, func(s story.Set) bool { return s.Name == m.name && s.Namespace == m.namespace })
	if i < 0 {
		return
	}
	set := m.scene.Sets[i]
	m.kubectlCan("one pod more", "scale statefulset %s --replicas=%d", m.name, set.Replicas+1)
	if set.Replicas > 0 {
		m.kubectlCan("one pod fewer", "scale statefulset %s --replicas=%d", m.name, set.Replicas-1)
	}
	m.kubectlCan("set another image", "set image statefulset %s *=%s", m.name, newer(set.Image))
	switch {
	case set.Strategy == "OnDelete":
	case set.Partition > 0:
		m.kubectlCan("let its rollout go on to all pods", "set partition %s 0", m.name)
	default:
		m.kubectlCan("let updates reach the highest ordinal alone", "set partition %s %d", m.name, max(set.Replicas-1, 0))
	}
	m.kubectlCan("restart all its pods", "rollout restart statefulset %s", m.name)
	m.kubectlCan("undo its rollout", "rollout undo statefulset %s", m.name)
	runs := m.scenario.Runs[m.name]
	if !runs.Leads() {
		return
	}
	m.can("kill its primary", "kill the primary of %s", m.name)
	m.can("cut its primary off", "cut the primary of %s", m.name)
	if runs.Kind == scenarios.Raft && kindOf("timers") != nil {
		m.can("line up its election timers", "timers %s together", m.name)
		m.can("spread its election timers", "timers %s apart", m.name)
	}
}

func (m *offer) forService() {
	m.can("let DNS deny its names", "dns nxdomain *%s.*", m.name)
	m.can("let DNS fail for its names", "dns error *%s.*", m.name)
}

func (m *offer) forClient() {
	m.can("cut it off", "cut client %s", m.name)
	m.can("make its links slow and lossy", "degrade client %s latency=100ms loss=0.1", m.name)
}

func (m *offer) forFault() { m.can("heal it", "heal %s", quotedName(m.name)) }

func (m *offer) forComponent() {
	if len(m.did("stop: ", []string{m.name})) > 0 {
		m.can("start it", "start %s", m.name)
		return
	}
	m.can("stop it", "stop %s", m.name)
	m.can("slow it down", "slow %s 2s", m.name)
	m.can("keep news from it", "stale %s", m.name)
}
