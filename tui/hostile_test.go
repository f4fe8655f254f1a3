package tui

import (
	"strings"
	"testing"
	"time"

	"github.com/charmbracelet/x/ansi"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"statefulsim/scenarios"
	"statefulsim/sim"
	"statefulsim/sim/check"
	"statefulsim/sim/story"
)

// Whatever a scenario calls its things, and however small the pane: lines fit, what can be clicked lies within them, and no character
// reaches the terminal that it would obey.
func TestPanesFit(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		v := drawnView(t)
		width, height := rapid.IntRange(0, 130).Draw(t, "width"), rapid.IntRange(0, 45).Draw(t, "height")
		for _, p := range panesByName {
			requireFits(t, p.draw(v, width, height), width, height)
		}
	})
}

func requireFits(t require.TestingT, d drawing, width, height int) {
	require.LessOrEqual(t, len(d.lines), height)
	for _, line := range d.lines {
		text := ansi.Strip(line)
		require.LessOrEqual(t, ansi.StringWidth(text), width, "%q", text)
		require.NotContains(t, text, "\x1b")
		require.False(t, strings.ContainsFunc(text, func(r rune) bool { return r < ' ' || r == 0x7f || r == 0x202e }), "%q", text)
	}
	for _, s := range d.spots {
		require.True(t, s.x >= 0 && s.width > 0 && s.x+s.width <= width && s.y >= 0 && s.y < len(d.lines), "%+v", s)
	}
}

var (
	texts = rapid.OneOf(rapid.SampledFrom([]string{
		"", "mysql-0", strings.Repeat("a-very-long-name", 4) + "-0", "数据库-0", "データベース", "🐬🐬🐬-1", "👨‍👩‍👧‍👦", "e\u0301te\u0301", "\x1b[31mred\x1b[m", "a\nb\tc", "\u202eright", "\xff\xfe",
	}), rapid.String())
	numbers = rapid.IntRange(0, 12)
	states  = rapid.SampledFrom([]story.State{
		story.Waiting, story.Starting, story.Serving, story.Primary, story.Unready, story.Ending, story.Failed, story.Apart, story.Broken,
	})
	logs = rapid.Uint64Range(0, 1<<40)
)

func drawnView(t *rapid.T) *view {
	scene := &story.Scene{Seq: 3, Unbound: drawnPods(t, ""), Claims: drawnVolumes(t)}
	for range rapid.IntRange(0, 4).Draw(t, "zones") {
		z := story.Zone{Name: texts.Draw(t, "zone")}
		for range rapid.IntRange(0, 5).Draw(t, "nodes") {
			n := story.Node{
				Name: texts.Draw(t, "node"), Zone: z.Name, Down: texts.Draw(t, "down"), Ready: rapid.SampledFrom([]string{"True", "False", "Unknown", ""}).Draw(t, "ready"),
				Cordoned: rapid.Bool().Draw(t, "cordoned"), Cut: rapid.Bool().Draw(t, "cut"), Taints: rapid.SliceOfN(texts, 0, 2).Draw(t, "taints"),
			}
			n.Pods = drawnPods(t, n.Name)
			z.Nodes = append(z.Nodes, n)
		}
		scene.Zones = append(scene.Zones, z)
	}
	for range rapid.IntRange(0, 3).Draw(t, "sets") {
		scene.Sets = append(scene.Sets, story.Set{
			Name: texts.Draw(t, "set"), Replicas: 3, Ready: 2, Partition: 1, Current: texts.Draw(t, "current"), Update: texts.Draw(t, "update"), Image: texts.Draw(t, "image"),
		})
		scene.Services = append(scene.Services, story.Service{Name: texts.Draw(t, "service"), Reaches: rapid.SliceOfN(texts, 0, 4).Draw(t, "reaches")})
		scene.Faults = append(scene.Faults, story.Fault{Step: texts.Draw(t, "step"), Text: texts.Draw(t, "fault")})
		scene.Absent = append(scene.Absent, texts.Draw(t, "absent"))
		scene.Groups = append(scene.Groups, drawnGroup(t))
	}
	rec := drawnRecording(t)
	at := time.Duration(rapid.IntRange(-1, 70).Draw(t, "at")) * time.Second
	return &view{
		story: story.Of(rec), scene: scene, at: at, seq: rapid.IntRange(0, 4).Draw(t, "seq"), selected: drawnThing(t, scene),
		theme: newTheme(rapid.Bool().Draw(t, "dark"), rapid.Bool().Draw(t, "colours")),
	}
}

func drawnPods(t *rapid.T, node string) (pods []story.Pod) {
	for range rapid.IntRange(0, 3).Draw(t, "pods") {
		pods = append(pods, story.Pod{
			Namespace: rapid.SampledFrom([]string{"default", "db"}).Draw(t, "namespace"), Name: texts.Draw(t, "pod"), Node: node, Status: texts.Draw(t, "status"),
			State: states.Draw(t, "state"), Ready: rapid.Bool().Draw(t, "ready"), Role: rapid.SampledFrom([]string{"", "primary", "replica"}).Draw(t, "role"),
			Revision: texts.Draw(t, "revision"), Restarts: int32(numbers.Draw(t, "restarts")), Set: "mysql", Volumes: drawnVolumes(t), Cut: rapid.Bool().Draw(t, "cut"),
		})
	}
	return pods
}

func drawnVolumes(t *rapid.T) (volumes []story.Volume) {
	for range rapid.IntRange(0, 2).Draw(t, "volumes") {
		volumes = append(volumes, story.Volume{
			Claim: texts.Draw(t, "claim"), Phase: rapid.SampledFrom([]string{"", "Pending", "Bound"}).Draw(t, "phase"), Attached: rapid.SliceOfN(texts, 0, 2).Draw(t, "attached"),
			Attaching: rapid.SliceOfN(texts, 0, 1).Draw(t, "attaching"), Pod: texts.Draw(t, "pod"),
		})
	}
	return volumes
}

func drawnGroup(t *rapid.T) story.Group {
	g := story.Group{Set: texts.Draw(t, "set"), Leader: texts.Draw(t, "leader"), Term: logs.Draw(t, "term"), Last: logs.Draw(t, "last"), Commit: logs.Draw(t, "commit")}
	for range rapid.IntRange(0, 4).Draw(t, "peers") {
		g.Peers = append(g.Peers, story.Peer{
			PeerState: sim.PeerState{
				Pod: texts.Draw(t, "peer"), Role: rapid.SampledFrom([]string{"Leader", "Follower", "Candidate"}).Draw(t, "role"), Term: logs.Draw(t, "term"),
				LastIndex: logs.Draw(t, "last"), Commit: logs.Draw(t, "commit"), Applied: logs.Draw(t, "applied"),
			}, Runs: rapid.Bool().Draw(t, "runs"), Behind: logs.Draw(t, "behind"),
		})
		g.Votes = append(g.Votes, story.Vote{From: texts.Draw(t, "from"), To: texts.Draw(t, "to"), Pre: rapid.Bool().Draw(t, "pre"), Answered: rapid.Bool().Draw(t, "answered")})
	}
	return g
}

func drawnRecording(t *rapid.T) *sim.Recording {
	rec := &sim.Recording{Scenario: &scenarios.Scenario{}, Virtual: time.Duration(numbers.Draw(t, "length")) * 5 * time.Second}
	for i := range rapid.IntRange(0, 3).Draw(t, "clients") {
		rec.Scenario.Clients = append(rec.Scenario.Clients, scenarios.Client{Name: texts.Draw(t, "client"), Service: texts.Draw(t, "service"), Rate: float64(numbers.Draw(t, "rate"))})
		rec.Clients = append(rec.Clients, sim.ClientResult{Name: rec.Scenario.Clients[i].Name, Failed: numbers.Draw(t, "failed"), Lost: numbers.Draw(t, "lost")})
		rec.Lost = append(rec.Lost, sim.LostWrite{Client: i, Key: texts.Draw(t, "key"), Value: texts.Draw(t, "value")})
		rec.Requests = append(rec.Requests, sim.Request{Client: i, Outcome: rapid.SampledFrom([]check.Outcome{check.Acknowledged, check.Failed, check.Unknown}).Draw(t, "outcome")})
	}
	for i := range 3 {
		rec.Events = append(rec.Events, sim.Event{Seq: i + 1, Cause: i, Actor: texts.Draw(t, "actor"), Verb: "update", Kind: "Pod", Name: texts.Draw(t, "pod"), Detail: texts.Draw(t, "detail")})
	}
	return rec
}

func drawnThing(t *rapid.T, scene *story.Scene) thing {
	kind := rapid.SampledFrom([]string{"", "pod", "node", "zone", "volume", "service", "statefulset", "client", "fault", "component"}).Draw(t, "kind")
	names := []string{texts.Draw(t, "selected")}
	for _, p := range scene.Unbound {
		names = append(names, p.Name)
	}
	for i := range scene.Sets {
		names = append(names, scene.Sets[i].Name, scene.Services[i].Name, scene.Faults[i].Step)
	}
	for _, z := range scene.Zones {
		names = append(names, z.Name)
		for _, n := range z.Nodes {
			names = append(names, n.Name)
		}
	}
	return thing{kind, rapid.SampledFrom(names).Draw(t, "name")}
}

// crowd is a scene of so many nodes in three zones, with pods on each.
func crowd(nodes, podsEach int) *story.Scene {
	scene := &story.Scene{Zones: []story.Zone{{Name: "zone-a"}, {Name: "zone-b"}, {Name: "zone-c"}}, Sets: []story.Set{{Namespace: "default", Name: "web", Replicas: int32(nodes * podsEach)}}}
	ordinal := 0
	for i := range nodes {
		z := &scene.Zones[i%3]
		n := story.Node{Name: "node-" + count(i), Zone: z.Name, Ready: "True"}
		for range podsEach {
			p := story.Pod{Namespace: "default", Name: "web-" + count(ordinal), Node: n.Name, Status: "Running", Ready: true, State: story.Serving, Set: "web", Ordinal: ordinal}
			if ordinal%17 == 5 {
				p.Status, p.Ready, p.State = "CrashLoopBackOff", false, story.Failed
			}
			n.Pods = append(n.Pods, p)
			ordinal++
		}
		z.Nodes = append(z.Nodes, n)
	}
	return scene
}

// A large cluster is a grid of signs, with every pod in it to be clicked; one that is too large even for that counts what is left out.
func TestCrowds(t *testing.T) {
	empty := story.Of(&sim.Recording{Scenario: &scenarios.Scenario{}})
	for _, c := range []struct{ nodes, pods, width, height, seen int }{{30, 4, 100, 35, 120}, {30, 4, 40, 14, 120}, {250, 4, 200, 60, 1000}, {250, 4, 40, 12, 0}} {
		v := &view{story: empty, scene: crowd(c.nodes, c.pods), theme: newTheme(true, true)}
		d := drawCluster(v, c.width, c.height)
		requireFits(t, d, c.width, c.height)
		seen := 0
		for _, s := range d.spots {
			if s.kind == "pod" {
				seen++
			}
		}
		require.GreaterOrEqual(t, seen, c.seen, "%+v\n%s", c, ansi.Strip(strings.Join(d.lines, "\n")))
		if seen < c.nodes*c.pods {
			require.Contains(t, ansi.Strip(strings.Join(d.lines, "\n")), " more")
		}
	}
}

// Drawing takes no longer than an eye blinks at, in every pane together, while the instant moves.
func BenchmarkPanes(b *testing.B) {
	s := story.Of(simulate(b, load(b, "primary-crash", "")))
	for _, p := range panesByName {
		b.Run(p.name, func(b *testing.B) {
			v := seenAt(s, 80*time.Second, thing{"pod", "mysql-0"})
			b.ReportAllocs()
			for b.Loop() {
				p.draw(v, 200, 60)
			}
		})
	}
	b.Run("crowd", func(b *testing.B) {
		v := &view{story: s, scene: crowd(250, 4), theme: newTheme(true, true)}
		for b.Loop() {
			drawCluster(v, 200, 60)
		}
	})
	b.Run("stuck", func(b *testing.B) {
		v := seenAt(s, 80*time.Second, thing{"pod", "mysql-0"})
		v.memo = nil
		for b.Loop() {
			drawInspector(v, 200, 60)
		}
	})
}
