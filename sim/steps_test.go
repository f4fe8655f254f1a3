package sim

import (
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/stretchr/testify/require"

	"statefulsim/scenarios"
)

// stepEvents tells what became of the scenario's steps: "12.0 begin cut", in tenths of a second.
func stepEvents(rec *Recording) (told []string) {
	for _, e := range rec.Events {
		if e.Kind == "Step" {
			told = append(told, tenths(e.At)+" "+e.Verb+" "+e.Name)
		}
	}
	return told
}

func tenths(d time.Duration) string {
	text, _, _ := strings.Cut(seconds(d.Round(100*time.Millisecond)), " ")
	return text[:len(text)-2]
}

// A step begins when those that it follows are over: a fault when it is healed, by its own time or by another step, and what takes no
// time at once.
func TestStepsFollow(t *testing.T) {
	rec := outages(t, "60s",
		"- {name: cut, at: 30s, for: 5s, partition: {from: node node-a-1}}",
		"- {name: held, at: 31s, hold: {from: node node-b-1}}",
		"- {name: both, follows: [cut, held], after: 2s, kubectl: get pods}",
		"- {name: end, follows: cut, after: 4s, heal: held}",
		"- {name: last, follows: both, heal: all}")
	require.Equal(t, []string{"30.0 begin cut", "31.0 begin held", "35.0 heal cut", "39.0 begin end", "39.0 heal held",
		"41.0 begin both", "41.0 begin last"}, stepEvents(rec))
	require.True(t, rec.Passed(), "%+v", rec.Violations)
	last := find(rec, 0, "begin", "Step", "last")
	require.Equal(t, []string{"begin Step", "heal Step", "begin Step", "heal Step", "begin Step", "begin Step"}, chain(rec, last.Seq))
}

// A command is over when it has ended, or was broken off.
func TestStepsFollowCommands(t *testing.T) {
	rec := outages(t, "70s",
		"- {name: watch, at: 30s, for: 3s, kubectl: get pods --watch}",
		"- {name: gone, follows: watch, kubectl: delete pod db-2 --wait=false}",
		"- {name: back, follows: gone, kubectl: wait pod/db-2 --for=delete --timeout=30s}",
		"- {name: last, follows: back, heal: all}")
	require.True(t, rec.Passed(), "%+v", rec.Violations)
	require.Equal(t, 33*time.Second, find(rec, 0, "begin", "Step", "gone").At.Truncate(time.Second))
	require.Greater(t, find(rec, 0, "begin", "Step", "last").At, find(rec, 0, "begin", "Step", "back").At+100*time.Millisecond)
}

// A step that comes again and again does so until its time is over, or it is healed, and is over then.
func TestStepsRepeat(t *testing.T) {
	rec := outages(t, "60s",
		"- {name: flap, at: 30s, for: 2s, every: 5s, until: 42s, partition: {from: node node-a-1}}",
		"- {name: next, follows: flap, heal: all}",
		"- {name: ever, at: 46s, for: 1s, every: 2s, hold: {from: node node-a-1}}",
		"- {name: end, at: 49.5s, heal: all}",
		"- {name: last, follows: ever, heal: all}")
	require.Equal(t, []string{"30.0 begin flap", "32.0 heal flap", "35.0 begin flap", "37.0 heal flap", "40.0 begin flap", "42.0 heal flap",
		"42.0 begin next", "46.0 begin ever", "47.0 heal ever", "48.0 begin ever", "49.0 heal ever", "49.5 begin end", "49.5 begin last"}, stepEvents(rec))
	require.True(t, rec.Passed(), "%+v", rec.Violations)
}

// A repetition whose target is not there is skipped; the first time it must be there.
func TestRepetitionsAreSkipped(t *testing.T) {
	rec := outages(t, "60s",
		"- {name: kills, at: 30s, every: 3s, until: 35s, kill: db-2}",
		"- {at: 31s, crash: the node of db-2}",
		"- {name: kill, at: 40s, kill: db-2}")
	require.Equal(t, []string{"30.0 begin kills", "31.0 begin step 2", "33.0 begin kills", "33.0 skip kills", "40.0 begin kill", "40.0 fail kill"}, stepEvents(rec))
	require.Len(t, rec.Violations, 1)
	require.Equal(t, stepRefused, rec.Violations[0].Invariant)
	require.Contains(t, rec.Violations[0].Message, "could not be done: db-2: there is no such running pod now")
}

// A step that never begins fails the run, and says what it waited for; an optional one does not.
func TestStepsThatNeverBegin(t *testing.T) {
	rec := outages(t, "40s",
		"- {name: held, at: 30s, hold: {from: node node-b-1}}",
		"- {name: cut, follows: held, for: 1s, partition: {from: node node-b-1}}",
		"- {follows: [held, cut], kill: db-0}",
		"- {when: now > 100, kill: db-0}",
		"- {when: now > 100, optional: true, kill: db-0}",
		"- {name: perhaps, at: 1ms, optional: true, kill: db-0}",
		"- {at: 30s, optional: true, kubectl: delete pod db-1 --grace-period=-3}")
	var messages []string
	for _, v := range rec.Violations {
		_, message, _ := strings.Cut(v.Message, " never began: ")
		messages = append(messages, message)
	}
	require.Equal(t, []string{"held was not over early enough", "held and cut was not over early enough", "now > 100 did not hold early enough"}, messages)
	require.NotNil(t, find(rec, 0, "skip", "Step", "perhaps"))
}

// raftWorld runs a set of three raft peers, with what is given as its steps and expectations.
func raftWorld(t *testing.T, length, rest string) *Recording {
	t.Helper()
	s, err := scenarios.Parse("raft.yaml", []byte("for: "+length+"\n"+head("Parallel", 3)+rest), fstest.MapFS{})
	require.NoError(t, err)
	return run(t, s, 1)
}

// Steps that stand in a sequence or side by side are one story.
func TestComposedSteps(t *testing.T) {
	rec := raftWorld(t, "80s", `
- name: outage
  when: set.db.readyReplicas == 3
  after: 1s
  sequence:
    - {for: 4s, partition: {from: the minority side of db, to: the majority side of db}}
    - parallel:
      - {name: long, for: 5s, hold: {from: client writer}}
      - {name: short, after: 1s, for: 1s, hold: {from: client reader}}
    - {name: dies, kill: the primary of db}
- {name: last, follows: outage, heal: outage}
expect:
- {name: in this order, inOrder: [set.db.primary == "", set.db.primary != ""], after: dies, within: 20s}
`)
	require.True(t, rec.Passed(), "%+v %+v", rec.Violations, rec.Expectations)
	var verbs []string
	first := find(rec, 0, "begin", "Step", "step 1.1").At
	for _, line := range stepEvents(rec) {
		_, told, _ := strings.Cut(line, " ")
		verbs = append(verbs, told)
	}
	require.Equal(t, []string{"begin step 1.1", "heal step 1.1", "begin long", "begin short", "heal short", "heal long", "begin dies",
		"begin step 2.1", "begin step 2.2", "begin step 2.3", "begin step 2.4"}, verbs)
	require.Equal(t, 9*time.Second, (find(rec, 0, "begin", "Step", "dies").At - first).Round(time.Second))
}
