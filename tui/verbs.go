package tui

import (
	"slices"
	"strings"

	"statefulsim/scenarios"
	"statefulsim/scenarios/words"
)

// verb is a first word, or two, of a command line.
type verb struct {
	word string
	doc  string                                                   // what it does, in one line
	key  string                                                   // of the action of the scenario language that it is; "" for a command of kubectl
	read func(t *typist, rest []string) (scenarios.Action, error) // for what is neither; may be nil
}

// verbs are all verbs, the likeliest first.
var verbs []verb

func init() {
	verbs = []verb{
		{word: "kill", key: "kill", doc: "kill the process of a pod: SIGKILL from nowhere"},
		{word: "delete", doc: "delete an object, and wait until it is gone"},
		{word: "force-delete", doc: "delete a pod without waiting for its kubelet", read: (*typist).forceDelete},
		{word: "cut", key: "partition", doc: "lose all messages between two sides, or between one and everything else"},
		{word: "crash", key: "crash", doc: "take the power from a node or a zone"},
		{word: "heal", key: "heal", doc: "end a fault, or all of them"},
		{word: "scale", doc: "change the number of a set's pods"},
		{word: "set", doc: "set the image of a set, or the partition of its rolling update"},
		{word: "drain", doc: "cordon a node and evict its pods"},
		{word: "evict", key: "evict", doc: "ask for a pod's eviction, which a disruption budget can refuse"},
		{word: "hang", key: "hang", doc: "stop a process without ending it"},
		{word: "degrade", key: "degrade", doc: "make links slow or lossy"},
		{word: "hold", key: "hold", doc: "keep messages back until it is healed"},
		{word: "disk", key: "disk", doc: "fill, slow or spoil the volumes of a pod"},
		{word: "restart", doc: "restart a leader, a pod, a node, a kubelet, or all pods of a set", read: (*typist).restart},
		{word: "transfer", key: "transferLeadership", doc: "have the primary hand over to a pod"},
		{word: "timers", key: "timers", doc: "line up the election timers of raft, or spread them"},
		{word: "stop", key: "stop", doc: "stop a component of the control plane"},
		{word: "start", doc: "start a component that was stopped", read: (*typist).start},
		{word: "boot", doc: "give a node that crashed its power back", read: (*typist).boot},
		{word: "rollout", doc: "restart, undo or watch the rollout of a set"},
		{word: "cordon", doc: "keep new pods from a node"},
		{word: "uncordon", doc: "let new pods onto a node again"},
		{word: "reboot", key: "reboot", doc: "shut a node down and have it back after a minute"},
		{word: "dns", key: "dns", doc: "spoil the answers of DNS"},
		{word: "oom-kill", key: "oomKill", doc: "have the kernel kill a process for its memory"},
		{word: "crash-loop", key: "crashLoop", doc: "end a process, and again whenever it starts"},
		{word: "node-pressure-evict", key: "nodePressureEvict", doc: "have a kubelet evict a pod, whatever budgets say"},
		{word: "slow", key: "slow", doc: "slow down a component of the control plane"},
		{word: "stale", key: "stale", doc: "keep news from a component of the control plane"},
		{word: "storage", key: "storage", doc: "let volumes fail to attach, detach or be made"},
		{word: "fail-probe", key: "failProbe", doc: "let probes fail, whatever the process does"},
		{word: "slow-probe", key: "slowProbe", doc: "make answers to probes late"},
		{word: "slow-start", key: "slowStart", doc: "make processes start slowly"},
		{word: "fail-pull", key: "failPull", doc: "let images not be pulled"},
		{word: "restart-kubelet", key: "restartKubelet", doc: "restart the kubelet of a node alone"},
		{word: "label", doc: "set or take away labels"},
		{word: "taint", doc: "set or take away taints of a node"},
		{word: "patch", doc: "change fields of an object"},
		{word: "annotate", doc: "set or take away annotations"},
		{word: "get", doc: "show objects, in the events"},
		{word: "wait", doc: "wait for a condition"},
		{word: "apply", doc: "apply files: not from here"},
		{word: "create", doc: "create from files: not from here"},
		{word: "replace", doc: "replace by files: not from here"},
	}
	verbs = slices.DeleteFunc(verbs, func(v verb) bool { return v.key != "" && kindOf(v.key) == nil })
	verbs = append(verbs, otherKinds()...)
}

// otherKinds are verbs for the actions that have none yet, by their own names.
func otherKinds() (more []verb) {
	for _, kind := range scenarios.Actions() {
		if !slices.ContainsFunc(verbs, func(v verb) bool { return v.key == kind.Key }) {
			first, _, _ := strings.Cut(kind.Models, ":")
			more = append(more, verb{word: kind.Key, key: kind.Key, doc: first})
		}
	}
	return more
}

// verbOf finds the verb with which the words of a line begin, which may be two words or the name of an action, in whatever case, and returns the
// other words. It is nil if there is none.
func verbOf(all []string) (v *verb, rest []string) {
	for n := min(3, len(all)); n > 0; n-- {
		said := squeezed(strings.Join(all[:n], ""))
		for i := range verbs {
			if said == squeezed(verbs[i].word) || said == squeezed(verbs[i].key) {
				return &verbs[i], all[n:]
			}
		}
	}
	return nil, nil
}

// squeezed is a word as it is compared: in lower case, without dashes.
func squeezed(word string) string { return strings.ToLower(strings.ReplaceAll(word, "-", "")) }

// verbWords are the verbs as they are typed.
func verbWords() []string {
	all := make([]string, len(verbs))
	for i := range verbs {
		all[i] = verbs[i].word
	}
	return all
}

// described says in one line what a verb does, or "".
func described(word string) string {
	if v, _ := verbOf([]string{word}); v != nil {
		return v.doc
	}
	return ""
}

// forceDelete reads "force-delete mysql-0".
func (t *typist) forceDelete(rest []string) (scenarios.Action, error) {
	return t.kubectl("delete pod " + strings.Join(rest, " ") + " --grace-period=0 --force")
}

// restart reads "restart leader", and "restart" with the name of what there is: pods are killed, nodes reboot, sets are rolled out.
func (t *typist) restart(rest []string) (scenarios.Action, error) {
	what := strings.Join(rest, " ")
	switch {
	case what == "":
		return nil, mistake("restart needs to know what", "restart leader, or the name of a pod, a node or a set")
	case slices.Contains(t.nodes(), what):
		return t.fault("reboot", rest)
	case slices.Contains(t.sets(), what):
		return t.kubectl("rollout restart statefulset " + what)
	case slices.Contains(t.components(), what):
		return nil, mistake("a component is stopped, and is back after a while", "stop "+what+" for 1s")
	}
	if (what == "leader" || what == "primary") && len(t.leading()) > 1 {
		return nil, mistake("several sets have a leader", words.OneOf(prefixed("restart leader of ", t.leading())))
	}
	return t.fault("kill", rest)
}

// start reads "start kube-scheduler": it heals the step that stopped it.
func (t *typist) start(rest []string) (scenarios.Action, error) {
	return t.healWhat("stop: ", strings.Join(rest, " "), "stopped", t.components())
}

// boot reads "boot node-a": it heals the step that took its power.
func (t *typist) boot(rest []string) (scenarios.Action, error) {
	return t.healWhat("crash: node ", strings.Join(rest, " "), "crashed by a command", t.nodes())
}

// healWhat heals the fault that did something to a thing.
func (t *typist) healWhat(did, name, done string, known []string) (scenarios.Action, error) {
	if !slices.Contains(known, name) {
		return nil, mistake("nothing is named "+words.Quoted(name), words.DidYouMean(name, known))
	}
	for _, f := range t.scene.Faults {
		if f.Text == did+name {
			return scenarios.Heal{Step: f.Step}, nil
		}
	}
	return nil, mistake(name+" was not "+done, "heal NAME, with one of "+words.OneOf(t.healable()))
}
