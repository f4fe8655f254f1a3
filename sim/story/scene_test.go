package story

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"
)

// shown are scenarios, by name and variant, with the instants at which they are looked at.
var shown = map[string][]time.Duration{
	// before the crash, before anybody noticed, in the election, after it, and with the old primary back
	"primary-crash": {sec(60), sec(77), sec(78.302), sec(78.4), sec(110)},
	// before the partition, in an election that fails, later in it, and after it
	"partial-partition bridge": {sec(60), sec(72.2705), sec(100), sec(125)},
	"partial-partition deaf":   {sec(75)},
	"partial-partition held":   {sec(75)},
	// without a scheduler, with a slow one, and with a slow network
	"control-plane-away scheduler":      {sec(70)},
	"control-plane-away slow-scheduler": {sec(70)},
	"slow-network bug":                  {sec(95)},
	// with the canary on its way, with it alone, and with the primary on its way
	"rolling-update-partition": {sec(45.9), sec(46.5), sec(80), sec(102.007), sec(110), sec(230)},
	// without power but not noticed, noticed, with the new pod waiting, with the volume on its way, and with all well
	"multi-attach-six-minutes bug": {sec(95), sec(146), sec(155), sec(510.5), sec(512), sec(590)},
}

func sec(s float64) time.Duration { return time.Duration(s * float64(time.Second)) }

// TestScenes shows the world at chosen instants of scenarios.
func TestScenes(t *testing.T) {
	for name, instants := range shown {
		t.Run(name, func(t *testing.T) {
			var text bytes.Buffer
			story := Of(record(t, name))
			for _, at := range instants {
				printScene(&text, story.At(at))
			}
			golden(t, "scene/"+name, text.String())
		})
	}
}

func printScene(w *bytes.Buffer, s *Scene) {
	line := func(indent int, words ...any) {
		text := strings.Join(strings.Fields(fmt.Sprintln(words...)), " ")
		fmt.Fprintln(w, strings.Repeat("  ", indent)+text)
	}
	line(0, "==", s.At, "after event", s.Seq)
	for _, zone := range s.Zones {
		line(0, "zone", zone.Name)
		for i := range zone.Nodes {
			n := &zone.Nodes[i]
			line(1, n.Name, either(n.Ready == "", "no Node object", "Ready="+n.Ready), n.Down, flagged(n.Cordoned, "cordoned"), flagged(n.Cut, "cut"), listed("taints", n.Taints))
			printPods(line, n.Pods)
		}
	}
	if len(s.Unbound) > 0 {
		line(0, "unbound")
		printPods(line, s.Unbound)
	}
	for _, c := range s.Claims {
		if c.Pod == "" {
			line(0, append([]any{"claim"}, words(&c)...)...)
		}
	}
	for _, set := range s.Sets {
		line(0, "set", set.Name, fmt.Sprintf("ready %d/%d updated %d", set.Ready, set.Replicas, set.Updated), set.Policy, set.Strategy, "partition", set.Partition,
			set.Current, either(set.Update != set.Current, "→ "+set.Update, ""), set.Image)
	}
	for _, svc := range s.Services {
		line(0, "service", svc.Name, flagged(svc.Headless, "headless"), svc.Selector, "→", strings.Join(svc.Reaches, " "))
	}
	for _, f := range s.Faults {
		line(0, "fault", f.Step, "since", f.Since, f.Text)
	}
	for _, l := range s.Links {
		line(0, "link", l.Text)
	}
	for _, a := range s.Absent {
		line(0, "absent", a)
	}
	for _, g := range s.Groups {
		line(0, "raft", g.Set, "term", g.Term, either(g.Leader == "", "no leader", "leader "+g.Leader), "last", g.Last, "commit", g.Commit)
		for _, p := range g.Peers {
			line(1, p.Pod, p.Role, "term", p.Term, either(p.Leader == "", "", "follows "+p.Leader), "last", p.LastIndex, "commit", p.Commit, "applied", p.Applied,
				flagged(!p.Runs, "ended"), counted("behind", p.Behind), counted("lag", p.Lag))
		}
		for _, v := range g.Votes {
			line(1, either(v.Pre, "pre-vote", "vote"), "term", v.Term, v.From, "→", v.To, "at", v.At, flagged(v.Answered, either(v.Granted, "granted", "denied")),
				flagged(v.Lost, "lost"), "event", v.Seq)
		}
	}
}

func printPods(line func(int, ...any), pods []Pod) {
	for i := range pods {
		p := &pods[i]
		line(2, p.Name, p.Status, "("+p.State+")", p.Role, p.Revision, flagged(p.Update, "updated"), counted("restarts", uint64(p.Restarts)), flagged(p.Deleting, "deleting"),
			flagged(p.Cut, "cut"), listed("from", p.Services))
		for j := range p.Volumes {
			line(3, words(&p.Volumes[j])...)
		}
	}
}

func words(v *Volume) []any {
	return []any{v.Claim, v.Phase, v.Class, v.Size, listed("attached to", v.Attached), listed("attaching to", v.Attaching), listed("detaching from", v.Detaching)}
}

func either(is bool, yes, no string) string {
	if is {
		return yes
	}
	return no
}

func flagged(is bool, word string) string { return either(is, word, "") }

func listed(word string, names []string) string {
	return flagged(len(names) > 0, word+" "+strings.Join(names, " "))
}

func counted(word string, n uint64) string { return flagged(n > 0, fmt.Sprint(word, " ", n)) }
