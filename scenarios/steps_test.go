package scenarios

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

const beforeSteps = "for: 1h\nmanifests: [manifests/mysql.yaml]\nruns: {mysql: raft}\nclients: [{name: writer, writes: mysql-primary}]\nsteps:\n"

// stepsOf reads steps and prints what they have become.
func stepsOf(t *testing.T, text string) (printed []string) {
	t.Helper()
	s, err := Parse("test.yaml", []byte(beforeSteps+text), embedded)
	require.NoError(t, err)
	for _, step := range s.Steps {
		printed = append(printed, step.String())
	}
	return printed
}

// A step that holds others becomes plain steps, whose times say the same.
func TestComposedSteps(t *testing.T) {
	for _, test := range []struct {
		name, text string
		want       []string
	}{
		{"a sequence begins at its instant, and each step after the one before", `
- at: 20s
  sequence:
    - {after: 5s, kill: mysql-0}
    - {name: cut, for: 10s, partition: {from: mysql-1}}
    - {after: 3s, kill: mysql-2}
`, []string{
			"{name: step 1.1, at: 25s, kill: mysql-0}",
			"{name: cut, follows: step 1.1, for: 10s, partition: {from: mysql-1, to: everything else}}",
			"{name: step 1.3, follows: cut, after: 3s, kill: mysql-2}",
		}},
		{"side by side", `
- {name: first, when: now > 5, after: 2s, optional: true, parallel: [{kill: mysql-0}, {after: 1s, kill: mysql-1}]}
- {follows: first, kill: mysql-2}
`, []string{
			`{name: step 1.1, when: "now > 5", after: 2s, optional: true, kill: mysql-0}`,
			`{name: step 1.2, when: "now > 5", after: 3s, optional: true, kill: mysql-1}`,
			"{follows: [step 1.1, step 1.2], kill: mysql-2}",
		}},
		{"within each other", `
- at: 1s
  sequence:
    - parallel:
      - {kill: mysql-0}
      - sequence: [{kill: mysql-1}, {kill: mysql-2}]
    - {name: last, kill: mysql-0}
`, []string{
			"{name: step 1.1.1, at: 1s, kill: mysql-0}",
			"{name: step 1.1.2.1, at: 1s, kill: mysql-1}",
			"{name: step 1.1.2.2, follows: step 1.1.2.1, kill: mysql-2}",
			"{name: last, follows: [step 1.1.1, step 1.1.2.1, step 1.1.2.2], kill: mysql-0}",
		}},
		{"healed together", `
- {name: both, at: 1s, parallel: [{hold: {from: mysql-0}}, {name: cut, partition: {from: mysql-1}}]}
- {name: end, follows: last, after: 1s, heal: both}
- {name: last, at: 9s, kill: mysql-0}
- {follows: end, kill: mysql-1}
`, []string{
			"{name: step 1.1, at: 1s, hold: {from: mysql-0, to: everything else}}",
			"{name: cut, at: 1s, partition: {from: mysql-1, to: everything else}}",
			"{name: step 2.1, follows: last, after: 1s, heal: step 1.1}",
			"{name: step 2.2, follows: last, after: 1s, heal: cut}",
			"{name: last, at: 9s, kill: mysql-0}",
			"{follows: [step 2.1, step 2.2], kill: mysql-1}",
		}},
		{"again and again", `
- {name: flap, at: 1s, for: 2s, every: 10s, until: 50s, hang: mysql-0}
- {follows: flap, kubectl: delete pod mysql-0, fails: not found}
`, []string{
			"{name: flap, at: 1s, for: 2s, every: 10s, until: 50s, hang: mysql-0}",
			"{follows: flap, fails: not found, kubectl: delete pod mysql-0}",
		}},
	} {
		t.Run(test.name, func(t *testing.T) { require.Equal(t, test.want, stepsOf(t, test.text)) })
	}
}

func drawStep(t *rapid.T) Step {
	s := Step{Name: rapid.SampledFrom([]string{"step 3", "mine", "step 4.2"}).Draw(t, "name"), Do: drawAction(t), Optional: rapid.Bool().Draw(t, "optional")}
	some := func(name string) time.Duration {
		return time.Duration(rapid.SampledFrom([]int{0, 1, 90}).Draw(t, name)) * time.Second
	}
	switch rapid.SampledFrom([]string{"at", "when", "follows"}).Draw(t, "time") {
	case "at":
		s.At = some("at")
	case "when":
		s.When, s.After = &Expr{text: "set.mysql.readyReplicas == 3"}, some("after")
	default:
		s.Follows, s.After = rapid.SampledFrom([][]string{{"cut"}, {"cut", "other"}}).Draw(t, "follows"), some("after")
	}
	kind := kindOfAction(s.Do)
	if kind == nil || kind.Lasts {
		s.For = some("for")
	}
	if _, is := s.Do.(Reboot); is && s.For == 0 {
		s.For = usualReboot
	}
	if kind == nil && rapid.Bool().Draw(t, "fails") {
		s.Fails = "not found"
	}
	if rapid.Bool().Draw(t, "again") {
		s.Every = s.For + some("every") + 1*time.Second
		s.Until = rapid.SampledFrom([]time.Duration{0, time.Hour}).Draw(t, "until")
	}
	return s
}

func TestStepsPrintAndParseBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		step := drawStep(t)
		text := beforeSteps + "- {name: cut, at: 1s, hold: {from: mysql-0}}\n- {name: other, at: 1s, kill: mysql-0}\n- " + step.String() + "\n"
		s, err := Parse("test.yaml", []byte(text), embedded)
		require.NoError(t, err, "%s", text)
		got := s.Steps[2]
		got.Pos, got.Do = Pos{}, unplaced(got.Do)
		if got.When != nil {
			require.Equal(t, step.When.String(), got.When.String())
			got.When = step.When
		}
		require.Equal(t, step, got)
	})
}

func TestTargetsPrintAndParseBack(t *testing.T) {
	for _, text := range []string{"the majority side of mysql", "the minority side of mysql", "the pods of mysql", "the nodes of mysql",
		"every node", "nodes with disk=ssd,size=big", "the zone of mysql-0", "the zone of the primary of mysql", "one of the nodes",
		"one of the zones", "one of the pods of mysql", "one of mysql-0, mysql-1", "one of pods with a=b,c=d, mysql-0",
		"mysql-0 and client writer and the node of a replica of mysql", "one of nodes with a=b"} {
		first, problem, _ := parseTarget("  " + strings.ReplaceAll(text, " ", "  "))
		require.Empty(t, problem, text)
		require.Equal(t, text, first.String())
		again, _, _ := parseTarget(first.String())
		require.Equal(t, first, again)
	}
	chosen, _, _ := parseTarget("one of pods with a=b,c=d, mysql-0")
	require.Len(t, chosen.Among, 2)
	require.Equal(t, map[string]string{"a": "b", "c": "d"}, chosen.Among[0].Labels)
}
