package tui

import (
	"fmt"
	"slices"
	"strings"

	"statefulsim/scenarios"
	"statefulsim/sim/story"
)

// completions are the ways in which a command line can go on, as whole lines, the likeliest first. Each can be done, or goes on to one that can.
func completions(line string, scene *story.Scene, s *scenarios.Scenario) []string {
	t := newTypist(scene, s)
	line = strings.TrimLeft(line, " ")
	if words := strings.Fields(line); len(words) > 0 {
		line = strings.Join(words, " ") + line[len(strings.TrimRight(line, " ")):][:min(1, len(line)-len(strings.TrimRight(line, " ")))]
	}
	return slices.DeleteFunc(t.goOn(line), func(whole string) bool {
		tries := lookAhead
		return !t.leadsOn(whole, &tries)
	})
}

// lookAhead is how many lines are tried at most to find out whether one leads to a command. If any of those after it do, an early one does.
const lookAhead = 4

// leadsOn tells whether a line is a command, or the beginning of one, and takes from the tries that are left.
func (t *typist) leadsOn(line string, tries *int) bool {
	if v, rest := verbOf(strings.Fields(strings.TrimPrefix(line, "kubectl "))); v != nil && len(rest) == 0 {
		return true
	}
	if *tries--; *tries < 0 {
		return false
	}
	return t.canBeDone(line) || slices.ContainsFunc(t.goOn(line+" "), func(next string) bool { return t.leadsOn(next, tries) })
}

// canBeDone tells whether a line is a command.
func (t *typist) canBeDone(line string) bool {
	rest, _, err := cutLength(line)
	if err == nil {
		_, err = t.action(rest)
	}
	return err == nil
}

// isKubectl tells whether a verb is one of kubectl's.
func isKubectl(v *verb) bool { return v.key == "" && v.read == nil }

// goOn finds how a line can go on that begins with one of the verbs.
func (t *typist) goOn(line string) (all []string) {
	rest, kubectls := strings.CutPrefix(line, "kubectl ")
	for i := range verbs {
		v := &verbs[i]
		switch {
		case kubectls && !isKubectl(v):
		case strings.HasPrefix(v.word, rest) && v.word != rest:
			all = append(all, v.word)
		case strings.HasPrefix(rest+" ", v.word+" "):
			all = append(all, t.after(rest, v.word, t.slotsOf(v))...)
		}
	}
	if kubectls {
		return prefixed("kubectl ", all)
	}
	return all
}

// slot is where the next word, or some that belong together, stand in a command line.
type slot struct {
	options func(said []string) []string // what can stand there, after what was said in the slots before; nothing: it is passed over
	free    bool                         // any other word can, too
	again   bool                         // and another one of them after it
}

// after finds how a line can go on of which the beginning is known.
func (t *typist) after(line, begin string, slots []slot, said ...string) (all []string) {
	if strings.HasPrefix(begin, line) && begin != line {
		return []string{begin}
	}
	if !strings.HasPrefix(line+" ", begin+" ") || len(slots) == 0 || slots[0].again && saidHowLong(said) {
		return nil
	}
	options, rest := slots[0].options(said), slots[1:]
	if len(options) == 0 && !slots[0].free {
		return t.after(line, begin, rest, said...)
	}
	if slots[0].again {
		rest = slots
		options = slices.DeleteFunc(slices.Clone(options), func(option string) bool {
			return slices.ContainsFunc(said, func(other string) bool { return onceOf(other) == onceOf(option) })
		})
	}
	consumed := false
	for _, option := range options {
		next := begin + " " + option
		consumed = consumed || strings.HasPrefix(line+" ", next+" ")
		all = append(all, t.after(line, next, rest, append(slices.Clone(said), option)...)...)
	}
	if word, _, _ := strings.Cut(strings.TrimPrefix(line, begin+" "), " "); !consumed && slots[0].free && len(line) > len(begin)+1+len(word) {
		all = append(all, t.after(line, begin+" "+word, rest, append(slices.Clone(said), word)...)...)
	}
	return all
}

// saidHowLong tells whether the last that was said is "for 30s", after which nothing can stand.
func saidHowLong(said []string) bool {
	n := len(said)
	return n > 0 && strings.HasPrefix(said[n-1], "for ") || n > 1 && said[n-2] == "for"
}

// onceOf is what of an option can be said once: "latency" of "latency=100ms", "from" of "from node-a".
func onceOf(option string) string {
	return option[:len(option)-len(strings.TrimLeftFunc(option, isOfKey))]
}

func isOfKey(c rune) bool { return c != '=' && c != ' ' }

// of is a slot in which one of some words stands.
func of(options ...string) slot { return slot{options: func([]string) []string { return options }} }

// also is a slot in which some words can stand, one after the other.
func also(options ...string) slot {
	return slot{options: func([]string) []string { return options }, free: true, again: true}
}

// slotsOf are the slots after a verb.
func (t *typist) slotsOf(v *verb) []slot {
	if v.key != "" {
		return t.faultSlots(kindOf(v.key))
	}
	switch v.word {
	case "force-delete":
		return []slot{of(t.pods()...)}
	case "restart":
		leaders := prefixed("leader of ", t.leading())
		if len(leaders) == 1 {
			leaders = []string{"leader"}
		}
		return []slot{of(slices.Concat(leaders, t.pods(), t.nodes(), t.sets())...)}
	case "start":
		return []slot{of(t.did("stop: ", t.components())...)}
	case "boot":
		return []slot{of(t.did("crash: node ", t.nodes())...)}
	}
	return t.kubectlSlots(v.word)
}

// did are those of the names to which a fault in force does something.
func (t *typist) did(what string, names []string) []string {
	return slices.DeleteFunc(slices.Clone(names), func(name string) bool {
		return !slices.ContainsFunc(t.scene.Faults, func(f story.Fault) bool { return f.Text == what+name })
	})
}

// faultSlots are the slots of an action: what it needs, and then what it can be given.
func (t *typist) faultSlots(kind *scenarios.ActionKind) (slots []slot) {
	var more, places []string
	if kind.Lasts {
		more = append(more, "for 30s")
	}
	a := &assignment{typist: t}
	for i := range kind.Fields {
		f := &kind.Fields[i]
		switch {
		case f.Required:
			slots = append(slots, slot{options: func([]string) []string { return a.options(f) }, free: true})
		case f.Type == "boolean":
			more = append(more, f.Key)
		case f.Key == "to":
			places = prefixed("from ", a.options(f))
		case examples[f.Type] != "":
			more = append(more, f.Key+"="+examples[f.Type])
		case f.Type != "places" && f.Type != "machines":
			more = append(more, prefixed(f.Key+"=", a.options(f))...)
		}
	}
	if more = append(more, places...); len(more) > 0 {
		slots = append(slots, also(more...))
	}
	return slots
}

// examples are values to begin with.
var examples = map[string]string{"duration": "100ms", "probability": "0.1", "bytes": "125k"}

// options are what a field can be.
func (a *assignment) options(f *scenarios.Field) []string {
	switch {
	case f.Type == "pods" || f.Type == "machines" || f.Type == "places":
		return a.targets(f.Type)
	case f.Type == "set":
		return slices.DeleteFunc(a.leading(), func(set string) bool { return a.scenario.Runs[set].Kind != scenarios.Raft })
	case examples[f.Type] != "":
		return []string{f.Key + "=" + examples[f.Type]}
	}
	return a.known(f)
}

// kubectlSlots are the slots of a command of kubectl.
func (t *typist) kubectlSlots(word string) []slot {
	kinds := []string{"pod", "statefulset", "node", "persistentvolumeclaim", "service"}
	switch word {
	case "scale":
		return []slot{of(t.sets()...), {options: t.counts}}
	case "set":
		return []slot{of("image", "partition"), of(t.sets()...), {options: t.settings, free: true}}
	case "rollout":
		return []slot{of("restart", "undo", "status", "history"), of(t.sets()...), also("--to-revision=1")}
	case "drain":
		return []slot{of(t.nodes()...), also("--ignore-daemonsets", "--delete-emptydir-data", "--force", "--timeout=60s", "--disable-eviction", "--grace-period=30", "for 60s")}
	case "cordon", "uncordon":
		return []slot{of(t.nodes()...)}
	case "taint":
		return []slot{of(t.nodes()...), also("node.kubernetes.io/out-of-service=nodeshutdown:NoExecute", "node.kubernetes.io/out-of-service-")}
	case "delete":
		return []slot{of(slices.Concat(t.pods(), kinds)...), {options: t.ofKind}, also("--grace-period=0 --force", "--now", "--cascade=orphan", "--wait=false")}
	case "patch":
		return []slot{of(slices.Concat([]string{"statefulset"}, t.sets())...), {options: t.ofKind}, also(`-p '{"spec":{"replicas":5}}'`)}
	case "label", "annotate", "get", "wait":
		flags := map[string][]string{"label": {"key=value", "key-", "--overwrite"}, "annotate": {"key=value", "key-", "--overwrite"},
			"get": {"-w", "-o wide", "-o yaml"}, "wait": {"--for=condition=Ready --timeout=60s", "--for=delete"}}
		return []slot{of(slices.Concat(kinds, t.pods(), t.sets())...), {options: t.ofKind}, also(flags[word]...)}
	}
	return nil
}

// ofKind are the names of the kind that was said; after a name, nothing more is needed.
func (t *typist) ofKind(said []string) (names []string) {
	for _, o := range t.objects {
		if strings.EqualFold(o.kind, said[0]) {
			names = append(names, o.name)
		}
	}
	return names
}

// counts are the numbers of pods to which a set is likely scaled.
func (t *typist) counts(said []string) (all []string) {
	for _, set := range t.scene.Sets {
		if set.Name != said[0] {
			continue
		}
		for _, n := range []int32{set.Replicas + 1, set.Replicas - 1, set.Replicas + 2, 0} {
			if text := fmt.Sprintf("--replicas=%d", n); n >= 0 && n != set.Replicas && !slices.Contains(all, text) {
				all = append(all, text)
			}
		}
	}
	return all
}

// settings are the images or partitions that a set is likely given.
func (t *typist) settings(said []string) (all []string) {
	for _, set := range t.scene.Sets {
		switch {
		case set.Name != said[1]:
		case said[0] == "image":
			all = append(all, "*="+newer(set.Image))
		default:
			for n := set.Replicas - 1; n >= 0; n-- {
				all = append(all, fmt.Sprint(n))
			}
		}
	}
	return all
}

// newer is the name of an image that could come after another.
func newer(image string) string {
	if slash := strings.LastIndexByte(image, '/'); strings.LastIndexByte(image, ':') > slash {
		return image + ".1"
	}
	return image + ":2"
}
