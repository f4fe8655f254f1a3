package sim

import (
	"context"
	"slices"
	"testing"
	"testing/fstest"
	"time"

	"github.com/stretchr/testify/require"

	"statefulsim/scenarios"
)

// meantAt runs a set of three raft peers, and tells what targets mean at an instant, or why they mean nothing.
func meantAt(t *testing.T, steps string, texts ...string) map[string][]string {
	t.Helper()
	const asked = 50 * time.Second
	file := "for: 51s\n" + head("Parallel", 3) + steps
	for _, text := range texts {
		file += "- {when: now > 100.0, optional: true, hold: {from: " + `"` + text + `"` + "}}\n"
	}
	s, err := scenarios.Parse("targets.yaml", []byte(file), fstest.MapFS{})
	require.NoError(t, err)
	found := map[string][]string{}
	_, err = runWith(context.Background(), s, Options{Seed: 1}, func(w *world) {
		w.loop.Push(asked, func() {
			for _, step := range s.Steps[len(s.Steps)-len(texts):] {
				target := step.Do.(scenarios.Hold).From
				m, err := w.meaning(target)
				names := slices.Concat(m.nodes, m.zones, m.clients)
				for _, pod := range m.pods {
					names = append(names, pod.name())
				}
				if err != nil {
					names = []string{err.Error()}
				}
				found[target.Text] = names
			}
			if primary := w.failovers.primaries[w.setNamed("db")]; primary != nil {
				found["primary"] = []string{primary.sandbox.name()}
			}
		})
	})
	require.NoError(t, err)
	return found
}

func TestTargets(t *testing.T) {
	found := meantAt(t, "", "the majority side of db", "the minority side of db", "the pods of db", "the nodes of db", "every node",
		"nodes with topology.kubernetes.io/zone=zone-b", "the zone of db-0", "db-1 and client writer and zone zone-a", "one of the nodes",
		"one of the zones", "one of the pods of db", "one of db-0, db-1")
	require.Len(t, found["the majority side of db"], 2)
	require.Contains(t, found["the majority side of db"], found["primary"][0])
	require.ElementsMatch(t, []string{"db-0", "db-1", "db-2"}, slices.Concat(found["the majority side of db"], found["the minority side of db"]))
	require.Equal(t, []string{"db-0", "db-1", "db-2"}, found["the pods of db"])
	require.Len(t, found["the nodes of db"], 3)
	require.Len(t, found["every node"], 6)
	require.Equal(t, []string{"node-b-1", "node-b-2"}, found["nodes with topology.kubernetes.io/zone=zone-b"])
	require.Len(t, found["the zone of db-0"], 1)
	require.Equal(t, []string{"zone-a", "writer", "db-1"}, found["db-1 and client writer and zone zone-a"])
	for text, among := range map[string][]string{"one of the nodes": found["every node"], "one of the zones": {"zone-a", "zone-b", "zone-c"},
		"one of the pods of db": found["the pods of db"], "one of db-0, db-1": {"db-0", "db-1"}} {
		require.Len(t, found[text], 1, text)
		require.Contains(t, among, found[text][0], text)
	}
}

// Whoever else is on the majority's side, and that changes, the primary is.
func TestMajorityHasThePrimary(t *testing.T) {
	s, err := scenarios.Parse("sides.yaml", []byte("for: 50s\n"+head("Parallel", 3)+"- {at: 1s, heal: all}\n"), fstest.MapFS{})
	require.NoError(t, err)
	sides := map[string]bool{}
	_, err = runWith(context.Background(), s, Options{Seed: 1}, func(w *world) {
		for at := 40 * time.Second; at < 49*time.Second; at += time.Second / 2 {
			w.loop.Push(at, func() {
				majority, minority, err := w.sidesOf("db")
				require.NoError(t, err)
				require.Len(t, majority, 2)
				require.Contains(t, majority, w.failovers.primaries[w.setNamed("db")].sandbox)
				sides[minority[0].name()] = true
			})
		}
	})
	require.NoError(t, err)
	require.Len(t, sides, 2)
}

// What is not there at the moment is not chosen, and a target that needs it says so.
func TestTargetsThatAreNotThere(t *testing.T) {
	found := meantAt(t, "- {at: 48s, crash: the nodes of db}\n", "the majority side of db", "the pods of db", "the nodes of db",
		"one of db-0, client writer", "one of the nodes", "db-0 and client writer", "nodes with a.kubernetes.io/b=c", "the zone of db-1")
	nobody := func(text string) []string { return []string{text + ": there is no such running pod now"} }
	require.Equal(t, []string{"0 of the 0 members of db run, which is no majority"}, found["the majority side of db"])
	require.Equal(t, nobody("the pods of db"), found["the pods of db"])
	require.Equal(t, []string{"the nodes of db: there is no such node now"}, found["the nodes of db"])
	require.Equal(t, []string{"writer"}, found["one of db-0, client writer"])
	require.Equal(t, nobody("db-0"), found["db-0 and client writer"])
	require.Equal(t, []string{"nodes with a.kubernetes.io/b=c: there is no such node now"}, found["nodes with a.kubernetes.io/b=c"])
	require.Equal(t, nobody("db-1"), found["the zone of db-1"])
	require.Len(t, found["one of the nodes"], 1)
}

// Of a set in two halves only the smaller one is cut off: the database goes on without it.
func TestMinorityIsCutOff(t *testing.T) {
	rec := raftWorld(t, "70s", `
- {name: cut, at: 45s, for: 20s, partition: {from: the minority side of db, to: everything else}}
expect:
- {never: failovers.size() > 0}
- {name: the cut peer calls, eventually: 'peers.exists(p, p.state == "Candidate")', after: cut, within: 20s}
`)
	require.True(t, rec.Passed(), "%+v %+v", rec.Violations, rec.Expectations)
}
