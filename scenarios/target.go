package scenarios

import (
	"regexp"
	"slices"
	"strings"

	"statefulsim/scenarios/words"
)

// objectName is what Kubernetes takes for most names: a DNS subdomain.
var objectName = regexp.MustCompile(`^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$`)

const targetCure = `"mysql-0", "the primary of mysql", "a replica of mysql", "the pods of mysql", "pods with role=replica", ` +
	`"the minority side of mysql", "node node-a", "the node of mysql-0", "the nodes of mysql", "nodes with disk=ssd", "every node", ` +
	`"zone zone-a", "the zone of mysql-0", "client writer", "the control plane", "everything else", "one of the nodes" or "mysql-0 and client writer"`

// targetForms are the words of targets that consist of a beginning and a name.
var targetForms = []struct {
	prefix string
	kind   TargetKind
	set    bool // the name is that of a set
}{
	{"the primary of ", TargetPrimary, true},
	{"a replica of ", TargetReplica, true},
	{"the majority side of ", TargetMajority, true},
	{"the minority side of ", TargetMinority, true},
	{"the pods of ", TargetPodsOf, true},
	{"the nodes of ", TargetNodesOf, true},
	{"pod ", TargetPod, false},
	{"node ", TargetNode, false},
	{"zone ", TargetZone, false},
	{"client ", TargetClient, false},
	{"", TargetPod, false},
}

// targetWords are the targets that are always the same words.
var targetWords = map[string]TargetKind{
	"the control plane": TargetControlPlane, "everything else": TargetRest, "every node": TargetEveryNode,
}

// manyWords are the targets that only stand after "one of".
var manyWords = map[string]TargetKind{"the nodes": TargetEveryNode, "the zones": TargetEveryZone}

// parseTarget reads a target's words. problem is "" if they are understood; cure may be.
func parseTarget(line string) (t Target, problem, cure string) {
	t.Text = strings.Join(strings.Fields(line), " ")
	if t.Text == "" {
		return t, "the target is empty", targetCure
	}
	if kind, is := targetWords[t.Text]; is {
		t.Kind = kind
		return t, "", ""
	}
	if rest, found := strings.CutPrefix(t.Text, "one of "); found {
		return oneOfTargets(t, rest)
	}
	if strings.Contains(t.Text, " and ") {
		return union(t)
	}
	for _, form := range []struct {
		prefix string
		kind   TargetKind
		parse  func(Target, TargetKind, string) (Target, string, string)
	}{
		{"the node of ", TargetNodeOf, nearPod}, {"the zone of ", TargetZoneOf, nearPod},
		{"pods with ", TargetLabelled, labelled}, {"nodes with ", TargetNodesWith, labelled},
	} {
		if rest, found := strings.CutPrefix(t.Text, form.prefix); found {
			return form.parse(t, form.kind, rest)
		}
	}
	for _, form := range targetForms {
		if rest, found := strings.CutPrefix(t.Text, form.prefix); found && objectName.MatchString(rest) {
			t.Kind = form.kind
			if form.set {
				t.Set = rest
			} else {
				t.Name = rest
			}
			return t, "", ""
		}
	}
	return t, words.Quoted(t.Text) + " is no target", nearTarget(t.Text)
}

// nearTarget is the cure for words that are no target: the form that was probably meant, or all of them.
func nearTarget(text string) string {
	if i := strings.LastIndexByte(text, ' '); i > 0 {
		var forms []string
		for _, form := range targetForms {
			forms = append(forms, strings.TrimSpace(form.prefix))
		}
		forms = append(forms, "the node of", "the zone of", "pods with", "nodes with")
		if best := words.Nearest(text[:i], forms); best != "" {
			return "did you mean " + words.Quoted(best+text[i:]) + "?"
		}
	}
	if best := words.Nearest(text, sortedKeys(targetWords)); best != "" {
		return "did you mean " + words.Quoted(best) + "?"
	}
	return targetCure
}

// nearPod reads "the node of mysql-0" and "the zone of mysql-0", whose rest is one pod.
func nearPod(t Target, kind TargetKind, rest string) (Target, string, string) {
	of, problem, cure := parseTarget(rest)
	if problem != "" {
		return t, problem, cure
	}
	switch of.Kind {
	case TargetPod, TargetPrimary, TargetReplica:
	default:
		place, _, _ := strings.Cut(t.Text, " of ")
		place = strings.TrimPrefix(place, "the ")
		return t, words.Quoted(rest) + " has no " + place + " of its own", `"the ` + place + ` of mysql-0" or "the ` + place + ` of the primary of mysql"`
	}
	t.Kind, t.Of = kind, &of
	return t, "", ""
}

func labelled(t Target, kind TargetKind, rest string) (Target, string, string) {
	t.Kind, t.Labels = kind, map[string]string{}
	for pair := range strings.SplitSeq(rest, ",") {
		key, value, found := strings.Cut(strings.TrimSpace(pair), "=")
		if !found || !labelKey.MatchString(key) || !labelValue.MatchString(value) {
			return t, words.Quoted(pair) + " is not a label", `"pods with role=replica" or "pods with app=mysql,role=replica"`
		}
		t.Labels[key] = value
	}
	return t, "", ""
}

// union reads "mysql-0 and client writer".
func union(t Target) (Target, string, string) {
	t.Kind = TargetUnion
	for part := range strings.SplitSeq(t.Text, " and ") {
		of, problem, cure := parseTarget(part)
		switch {
		case problem != "":
			return t, problem, cure
		case of.Kind == TargetRest:
			return t, words.Quoted(part) + " cannot be joined with others", "name what is meant"
		case of.Kind == TargetOneOf:
			return t, words.Quoted(part) + " cannot be joined with others: it is not clear how far the choice goes", "make two steps of it"
		}
		t.Among = append(t.Among, of)
	}
	return t, "", ""
}

// oneOfTargets reads "one of mysql-0, mysql-1" and "one of the nodes".
func oneOfTargets(t Target, rest string) (Target, string, string) {
	t.Kind = TargetOneOf
	if kind, is := manyWords[rest]; is {
		t.Among = []Target{{Kind: kind, Text: rest}}
		return t, "", ""
	}
	if strings.Contains(rest, " and ") {
		return t, "it is not clear how far the choice goes in " + words.Quoted(t.Text), `divide what is chosen from with commas: "one of mysql-0, mysql-1, mysql-2"`
	}
	for _, item := range choices(rest) {
		of, problem, cure := parseTarget(item)
		switch {
		case problem != "":
			return t, problem, cure
		case of.Kind == TargetRest || of.Kind == TargetOneOf:
			return t, words.Quoted(item) + " cannot be chosen", "name what is meant"
		}
		t.Among = append(t.Among, of)
	}
	if len(t.Among) == 1 && !slices.Contains(manyTargets, t.Among[0].Kind) {
		return t, words.Quoted(rest) + " is one already", `"one of mysql-0, mysql-1", "one of the pods of mysql", "one of the nodes" or "one of the zones"`
	}
	return t, "", ""
}

// manyTargets are the kinds of targets of which one can be chosen.
var manyTargets = []TargetKind{TargetLabelled, TargetPodsOf, TargetMajority, TargetMinority, TargetEveryNode, TargetNodesWith, TargetNodesOf, TargetEveryZone}

// choices divides a list at its commas, but not those between labels.
func choices(list string) (items []string) {
	for item := range strings.SplitSeq(list, ",") {
		item = strings.TrimSpace(item)
		if last := len(items) - 1; last >= 0 && strings.Contains(item, "=") && !strings.Contains(item, " ") {
			items[last] += "," + item
			continue
		}
		items = append(items, item)
	}
	return items
}

// target reads a target and checks that there is such a thing in the scenario. allowed are the kinds that make sense.
func (r *reader) target(n *node, allowed ...TargetKind) Target {
	t, problem, cure := parseTarget(r.str(n))
	t.Pos = n.pos()
	if t.Of != nil {
		t.Of.Pos = t.Pos
	}
	if problem == "" {
		if wrong := t.notAllowed(allowed); wrong != nil {
			problem, cure = words.Quoted(wrong.Text)+" cannot be meant here", otherTarget(*wrong, allowed)
		}
	}
	if problem == "" {
		problem, cure = r.known.target(t)
	}
	if problem != "" {
		r.wrong(n, problem, cure)
	}
	return t
}

// notAllowed returns the target, or that part of it, that is of none of the kinds; nil if there is none.
func (t *Target) notAllowed(kinds []TargetKind) *Target {
	if len(t.Among) == 0 && !slices.Contains(kinds, t.Kind) {
		return t
	}
	for i := range t.Among {
		if wrong := t.Among[i].notAllowed(kinds); wrong != nil {
			return wrong
		}
	}
	return nil
}

// otherTarget is the cure for a target of a kind that makes no sense.
func otherTarget(t Target, allowed []TargetKind) string {
	switch {
	case slices.Contains(allowed, TargetPod):
		return `what can is a pod: "mysql-0", "the primary of mysql", "a replica of mysql", "pods with role=replica"`
	case slices.Contains([]TargetKind{TargetPod, TargetPrimary, TargetReplica}, t.Kind):
		return "did you mean " + words.Quoted("the node of "+t.Text) + "?"
	case t.Kind == TargetPodsOf:
		return "did you mean " + words.Quoted("the nodes of "+t.Set) + "?"
	}
	return `what can is a machine, or some: "node node-a", "the node of the primary of mysql", "zone zone-a"`
}

// The kinds of targets that are pods, those that are machines, and those that are places in the network.
var (
	machines = []TargetKind{TargetNode, TargetNodeOf, TargetZone, TargetZoneOf, TargetEveryNode, TargetEveryZone, TargetNodesWith, TargetNodesOf}

	podTargets = []TargetKind{TargetPod, TargetPrimary, TargetReplica, TargetLabelled, TargetPodsOf, TargetMajority, TargetMinority}
	places     = slices.Concat(machines, []TargetKind{TargetClient, TargetControlPlane, TargetRest}, podTargets)
)
