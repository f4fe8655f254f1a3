package story

import (
	"strings"
	"unicode"

	"statefulsim/sim"
)

// Sentence puts an event into words that go on from the name of its actor or speak for themselves: "pod mysql-0 is Ready".
// With level Headline it leaves out what only somebody who reads every line wants to know.
func Sentence(e *sim.Event, level sim.Level) string {
	switch e.Kind {
	case "Step", "Expectation", "Invariant", "Primary", "World":
		return storyline(e)
	case "Peer":
		return peer(e)
	case "Instance":
		return instance(e)
	case "Terminal":
		return map[string]string{"type": "$ ", "print": ""}[e.Verb] + e.Detail
	case "Message", "Request", "Name":
		return traffic(e)
	}
	if e.Kind == "Machine" {
		return power(e)
	}
	what := noun(e.Kind) + " " + e.Name
	switch e.Verb {
	case "create":
		if level == sim.Headline {
			return "creates " + what
		}
		return "creates " + what + also(e.Detail)
	case "delete":
		return "deletes " + what + also(e.Detail)
	case "remove":
		return what + " is gone"
	case "update":
		return changed(e, what, level)
	case "event":
		return what + because(e.Reason) + because(e.Detail)
	case "retry":
		return "will try " + what + " again" + because(e.Detail)
	case "kill":
		return kill(e, what)
	case "start":
		return "starts " + what + also(e.Detail)
	case "exit":
		return what + " has ended"
	case "ProbeSucceeded", "ProbeFailed":
		return what + because(strings.ToLower(e.Reason)) + " " + inWords(e.Verb) + also(e.Detail)
	}
	return what + because(inWords(e.Verb)) + aside(e.Reason) + because(e.Detail)
}

// changed says what of an API object changed. A pod that turned Ready, or is no longer, is what most people wait for.
func changed(e *sim.Event, what string, level sim.Level) string {
	if e.Detail == "" {
		return what + " changes"
	}
	switch e.Kind + " " + e.Reason {
	case "Pod Ready":
		rest := without(e.Detail, "is Ready")
		if level == sim.Headline {
			rest = ""
		}
		return what + " is Ready" + because(rest)
	case "Pod NotReady":
		return what + " is not Ready" + because(without(e.Detail, "is not Ready"))
	}
	return what + because(e.Detail)
}

// kill tells a step of the scenario, which kills a pod's container, from the end that the container comes to.
func kill(e *sim.Event, what string) string {
	if e.Kind == "Pod" {
		return "kills " + e.Detail + " of " + what
	}
	return what + " is killed" + also(e.Detail)
}

// power words how a machine goes down and comes back.
func power(e *sim.Event) string {
	switch e.Verb {
	case "crash":
		return "the machine of " + e.Name + " loses its power"
	case "reboot":
		return "the machine of " + e.Name + " shuts down, to boot again"
	case "boot":
		return "the machine of " + e.Name + " is up again, and its kubelet starts"
	}
	return "the machine of " + e.Name + because(inWords(e.Verb)) + because(e.Detail)
}

// storyline words what only a simulator has: steps, judgements and failovers.
func storyline(e *sim.Event) string {
	switch e.Verb {
	case "begin":
		return e.Name + " begins" + aside(e.Detail)
	case "heal":
		return e.Name + " is over: what it broke is healed"
	case "fail":
		return e.Name + " cannot be done" + because(e.Detail)
	case "judge":
		if e.Reason == "Passed" {
			return "holds: " + e.Name
		}
		return "FAILED: " + e.Name + aside(e.Detail)
	case "violate":
		return "BROKEN: invariant " + e.Name + because(e.Detail)
	case "restore":
		return "invariant " + e.Name + " holds again" + because(e.Detail)
	case "lose":
		return e.Name + " has lost its primary" + also(e.Detail)
	case "recover", "unite":
		return e.Detail
	case "split":
		return "TWO PRIMARIES: " + e.Detail
	case "miss":
		return "takes the primary of " + e.Name + " for lost" + because(e.Detail)
	case "promote":
		return "makes " + e.Detail + " the primary of " + e.Name
	case "refuse":
		return "has nobody to make the primary of " + e.Name + because(e.Detail)
	}
	return e.Name + because(inWords(e.Verb)) + because(e.Detail)
}

// peer words what a raft peer does; its actor has its name already.
func peer(e *sim.Event) string {
	who := ""
	if e.Actor != "raft/"+e.Name {
		who = "peer " + e.Name + " "
	}
	switch e.Verb {
	case "become":
		return who + "becomes " + e.Reason + also(e.Detail)
	case "follow":
		return who + "follows " + e.Detail
	case "serve":
		return who + "serves as primary" + also(e.Detail)
	case "catchup":
		return who + "has caught up" + also(e.Detail)
	case "bootstrap":
		return who + "founds its group" + also(e.Detail)
	case "open":
		return who + "opens its volume" + also(e.Detail)
	}
	return who + inWords(e.Verb) + also(e.Reason) + because(e.Detail)
}

// instance words what an instance of a replicated database does; its actor has its name already.
func instance(e *sim.Event) string {
	who := ""
	if e.Actor != "database/"+e.Name {
		who = "instance " + e.Name + " "
	}
	switch e.Verb {
	case "open":
		return who + "opens its volume" + also(e.Detail)
	case "serve":
		return who + "is the primary" + also(e.Detail)
	case "follow":
		return who + "follows " + e.Detail
	case "close":
		return who + "takes no more writes" + because(e.Detail)
	case "rewind":
		return who + "rewinds its log" + because(e.Detail)
	case "relax":
		return who + "goes on asynchronously" + because(e.Detail)
	case "halt":
		return who + "cannot go on" + because(e.Detail)
	}
	return who + inWords(e.Verb) + because(e.Detail)
}

// traffic words what goes over the network.
func traffic(e *sim.Event) string {
	what := e.Reason + " " + e.Name
	switch e.Verb + " " + e.Kind {
	case "deliver Message":
		return what + because(e.Detail)
	case "answer Message":
		return "answer to " + what + because(e.Detail)
	case "lose Message":
		return what + " is lost" + because(e.Detail)
	case "ack Request":
		return e.Reason + " " + e.Name + " succeeds" + because(e.Detail)
	case "fail Request":
		return e.Name + ": an attempt fails" + because(e.Detail)
	case "resolve Name":
		return "resolves " + e.Name + because(e.Detail)
	}
	return e.Name + because(inWords(e.Verb)) + also(e.Reason) + because(e.Detail)
}

// because adds what explains a sentence, and also what completes it, if there is anything.
func because(s string) string { return after(": ", s, "") }
func also(s string) string    { return after(", ", s, "") }
func aside(s string) string   { return after(" (", s, ")") }

func after(before, s, behind string) string {
	if s == "" {
		return ""
	}
	return before + s + behind
}

// without leaves one item out of a list with commas.
func without(list, item string) string {
	var rest []string
	for part := range strings.SplitSeq(list, ", ") {
		if part != item {
			rest = append(rest, part)
		}
	}
	return strings.Join(rest, ", ")
}

// noun writes a kind as people do within a sentence: "pod", but "StatefulSet".
func noun(kind string) string {
	if strings.IndexFunc(kind[min(1, len(kind)):], unicode.IsUpper) >= 0 {
		return kind
	}
	return strings.ToLower(kind)
}

// inWords takes a name in CamelCase apart: "probe failed".
func inWords(camel string) string {
	var b strings.Builder
	for i, r := range camel {
		if i > 0 && unicode.IsUpper(r) {
			b.WriteByte(' ')
		}
		b.WriteRune(unicode.ToLower(r))
	}
	return b.String()
}
