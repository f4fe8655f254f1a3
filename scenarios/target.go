package scenarios

import (
	"regexp"
	"slices"
	"strings"

	"statefulsim/scenarios/words"
)

// objectName is what Kubernetes takes for most names: a DNS subdomain.
var objectName = regexp.MustCompile(`^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$`)

const targetCure = `"mysql-0", "the primary of mysql", "a replica of mysql", "pods with role=replica", "node node-a", ` +
	`"the node of mysql-0", "zone zone-a", "client writer", "the control plane" or "everything else"`

// parseTarget reads a target's words. problem is "" if they are understood; cure may be.
func parseTarget(line string) (t Target, problem, cure string) {
	t.Text = strings.Join(strings.Fields(line), " ")
	switch t.Text {
	case "":
		return t, "the target is empty", targetCure
	case "the control plane":
		t.Kind = TargetControlPlane
		return t, "", ""
	case "everything else":
		t.Kind = TargetRest
		return t, "", ""
	}
	if rest, found := strings.CutPrefix(t.Text, "the node of "); found {
		return nodeOf(t, rest)
	}
	if rest, found := strings.CutPrefix(t.Text, "pods with "); found {
		return labelled(t, rest)
	}
	for _, form := range []struct {
		prefix string
		kind   TargetKind
		to     *string
	}{
		{"the primary of ", TargetPrimary, &t.Set},
		{"a replica of ", TargetReplica, &t.Set},
		{"pod ", TargetPod, &t.Name},
		{"node ", TargetNode, &t.Name},
		{"zone ", TargetZone, &t.Name},
		{"client ", TargetClient, &t.Name},
		{"", TargetPod, &t.Name},
	} {
		if rest, found := strings.CutPrefix(t.Text, form.prefix); found && objectName.MatchString(rest) {
			t.Kind, *form.to = form.kind, rest
			return t, "", ""
		}
	}
	return t, words.Quoted(t.Text) + " is no target", nearTarget(t.Text)
}

// nearTarget is the cure for words that are no target: the form that was probably meant, or all of them.
func nearTarget(text string) string {
	if i := strings.LastIndexByte(text, ' '); i > 0 {
		forms := []string{"the primary of", "a replica of", "the node of", "pods with", "pod", "node", "zone", "client"}
		if best := words.Nearest(text[:i], forms); best != "" {
			return "did you mean " + words.Quoted(best+text[i:]) + "?"
		}
	}
	if best := words.Nearest(text, []string{"the control plane", "everything else"}); best != "" {
		return "did you mean " + words.Quoted(best) + "?"
	}
	return targetCure
}

func nodeOf(t Target, rest string) (Target, string, string) {
	of, problem, cure := parseTarget(rest)
	if problem != "" {
		return t, problem, cure
	}
	switch of.Kind {
	case TargetPod, TargetPrimary, TargetReplica:
	default:
		return t, words.Quoted(rest) + " has no node of its own", `"the node of mysql-0" or "the node of the primary of mysql"`
	}
	t.Kind, t.Of = TargetNodeOf, &of
	return t, "", ""
}

func labelled(t Target, rest string) (Target, string, string) {
	t.Kind, t.Labels = TargetLabelled, map[string]string{}
	for pair := range strings.SplitSeq(rest, ",") {
		key, value, found := strings.Cut(strings.TrimSpace(pair), "=")
		if !found || !labelKey.MatchString(key) || !labelValue.MatchString(value) {
			return t, words.Quoted(pair) + " is not a label", `"pods with role=replica" or "pods with app=mysql,role=replica"`
		}
		t.Labels[key] = value
	}
	return t, "", ""
}

// target reads a target and checks that there is such a thing in the scenario. allowed are the kinds that make sense.
func (r *reader) target(n *node, allowed ...TargetKind) Target {
	t, problem, cure := parseTarget(r.str(n))
	t.Pos = r.pos(n)
	if t.Of != nil {
		t.Of.Pos = t.Pos
	}
	if problem == "" && !slices.Contains(allowed, t.Kind) {
		problem, cure = words.Quoted(t.Text)+" cannot be meant here", otherTarget(t, allowed)
	}
	if problem == "" {
		problem, cure = r.known.target(t)
	}
	if problem != "" {
		r.wrong(n, problem, cure)
	}
	return t
}

// otherTarget is the cure for a target of a kind that makes no sense.
func otherTarget(t Target, allowed []TargetKind) string {
	switch {
	case slices.Contains(allowed, TargetPod):
		return `what can is a pod: "mysql-0", "the primary of mysql", "a replica of mysql", "pods with role=replica"`
	case slices.Contains([]TargetKind{TargetPod, TargetPrimary, TargetReplica}, t.Kind):
		return "did you mean " + words.Quoted("the node of "+t.Text) + "?"
	}
	return `what can is a machine, or some: "node node-a", "the node of the primary of mysql", "zone zone-a"`
}

// The kinds of targets that are pods, those that are machines, and those that are places in the network.
var (
	machines   = []TargetKind{TargetNode, TargetNodeOf, TargetZone}
	podTargets = []TargetKind{TargetPod, TargetPrimary, TargetReplica, TargetLabelled}
	places     = append([]TargetKind{TargetNode, TargetNodeOf, TargetZone, TargetClient, TargetControlPlane, TargetRest}, podTargets...)
)
