package tui

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"statefulsim/scenarios"
	"statefulsim/sim"
	"statefulsim/sim/story"
)

// load reads a run of an embedded scenario.
func load(t testing.TB, name, variant string) *scenarios.Scenario {
	t.Helper()
	var c scenarios.Choice
	if variant != "" {
		c.Variants = []string{variant}
	}
	s, err := scenarios.Single(scenarios.Load(name, c))
	require.NoError(t, err)
	return s
}

func simulate(t testing.TB, s *scenarios.Scenario) *sim.Recording {
	t.Helper()
	rec, err := sim.Run(context.Background(), s, sim.Options{Seed: 1})
	require.NoError(t, err)
	return rec
}

// made makes an action of the texts of its fields.
func made(t testing.TB, key string, texts map[string]string) scenarios.Action {
	t.Helper()
	for _, kind := range scenarios.Actions() {
		if kind.Key == key {
			do, err := kind.Make(texts)
			require.NoError(t, err)
			return do
		}
	}
	require.Fail(t, "no action "+key)
	return nil
}

// before are the events of a trace until just before an instant, one a line.
func before(rec *sim.Recording, at time.Duration) []string {
	var lines []string
	for _, e := range rec.Events {
		if e.At < at {
			lines = append(lines, fmt.Sprintf("%+v", e))
		}
	}
	return lines
}

// What is done at an instant changes nothing that was before it, and a session that is written replays to the same trace.
func TestForksLeaveThePastAlone(t *testing.T) {
	deeds := []deed{
		{line: "kill mysql-0", do: made(t, "kill", map[string]string{"target": "mysql-0"})},
		{line: "cut node-a", do: made(t, "partition", map[string]string{"from": "node node-a"}), last: 20 * time.Second},
		{line: "crash node-b", do: made(t, "crash", map[string]string{"target": "node node-b"})},
	}
	for _, of := range [][2]string{{"primary-crash", ""}, {"partial-partition", "held"}, {"rolling-update-partition", ""}} {
		t.Run(of[0], func(t *testing.T) {
			base := load(t, of[0], of[1])
			s := newSession(base)
			unforked := simulate(t, s.scenario())
			random := rand.New(rand.NewPCG(7, uint64(len(of[0]))))
			for _, d := range deeds {
				d.at = time.Duration(random.Int64N(int64(base.For)))
				require.Zero(t, s.act(d))
				forked := simulate(t, s.scenario())
				require.Equal(t, before(unforked, d.at), before(forked, d.at), "%v at %v", d.line, d.at)
				require.NotEqual(t, unforked.Hash, forked.Hash)
				replays(t, s, forked.Hash)
				s.undo()
			}
		})
	}
}

// Acting at the very instant at which a fault is healed leaves even that as it was seen.
func TestWhatWasSeenStays(t *testing.T) {
	s := newSession(load(t, "partial-partition", "held"))
	seen := simulate(t, s.scenario())
	healed := slices.IndexFunc(seen.Events, func(e sim.Event) bool { return e.Verb == "heal" })
	scene := story.Of(seen).At(seen.Events[healed].At)
	d, err := parseCommand("cut node-b", scene, s.scenario())
	require.NoError(t, err)
	s.act(d)
	require.Equal(t, before(seen, scene.At+1), before(simulate(t, s.scenario()), scene.At+1))

	scene.At = s.base.For - 1
	_, err = parseCommand("cut node-b", scene, s.scenario())
	require.ErrorContains(t, err, "the run ends at")
}

// replays writes a session, and finds that the file gives the same run.
func replays(t testing.TB, s *session, hash string) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "mine.yaml")
	var text strings.Builder
	require.NoError(t, s.write(&text, 1, "abc"))
	require.NoError(t, os.WriteFile(file, []byte(text.String()), 0o600))
	again, err := scenarios.Single(scenarios.Load(file, scenarios.Choice{}))
	require.NoError(t, err, text.String())
	require.Equal(t, hash, simulate(t, again).Hash, text.String())
}

func TestActingIsAForkThatIsUndone(t *testing.T) {
	base := load(t, "primary-crash", "")
	steps := len(base.Steps)
	s := newSession(base)
	kill := made(t, "kill", map[string]string{"target": "mysql-0"})
	at := func(seconds int) deed {
		return deed{at: time.Duration(seconds) * time.Second, line: fmt.Sprint("kill mysql-", seconds), do: kill}
	}

	require.Equal(t, []int{0, 0, 0}, []int{s.act(at(10)), s.act(at(30)), s.act(at(30))})
	require.Equal(t, 2, s.act(at(20)), "what came later is left")
	require.Equal(t, []deed{at(10), at(20)}, s.deeds())
	require.Len(t, base.Steps, steps)
	require.Len(t, s.scenario().Steps, steps+2)

	back, ok := s.undo()
	require.True(t, ok)
	require.Equal(t, 20*time.Second, back)
	require.Equal(t, []deed{at(10), at(30), at(30)}, s.deeds(), "one undo takes the fork back")
	_, ok = s.redo()
	require.True(t, ok)
	require.Equal(t, []deed{at(10), at(20)}, s.deeds())
	s.undo()
	require.Zero(t, s.act(at(40)))
	_, ok = s.redo()
	require.False(t, ok, "what was taken back is forgotten when something else is done")
	for range 4 {
		s.undo()
	}
	require.Empty(t, s.deeds())
	_, ok = s.undo()
	require.False(t, ok)
}

// Steps are named after what was typed, each by its own name; steps that the file gives no name have one that a command can heal.
func TestStepsHaveNames(t *testing.T) {
	base := load(t, "primary-crash", "")
	base.Steps[0].Name = "step 1"
	s := newSession(base)
	kill := made(t, "kill", map[string]string{"target": "mysql-0"})
	for _, line := range []string{"kill mysql-0", "kubectl  Delete pod/mysql-0", "kill mysql-0", "!!", strings.Repeat("kill ", 40)} {
		s.act(deed{line: line, do: kill})
	}
	s.act(deed{line: "heal step-1", do: made(t, "heal", map[string]string{"step": "step-1"})})
	var names []string
	for _, step := range s.scenario().Steps {
		names = append(names, step.Name)
	}
	require.Equal(t, []string{"step-1", "kill-mysql-0", "delete-pod-mysql-0", "kill-mysql-0-2", "you", "kill-kill-kill-kill-kill-kill-kill-kill", "heal-step-1"}, names)
	require.Equal(t, "step 1", base.Steps[0].Name)
	replays(t, s, simulate(t, s.scenario()).Hash)
}
