package sim

import (
	"context"
	"testing"
	"testing/fstest"
	"time"

	"github.com/stretchr/testify/require"

	"statefulsim/scenarios"
)

// alive runs a scenario that is to recover within a minute.
func alive(t *testing.T, steps string, o Options) *Recording {
	t.Helper()
	text := "for: 230s\nrecovers: 1m\n" + head("OrderedReady", 3) + steps
	s, err := scenarios.Parse("alive.yaml", []byte(text), fstest.MapFS{})
	require.NoError(t, err)
	o.Seed = 3
	rec, err := Run(context.Background(), s, o)
	require.NoError(t, err)
	return rec
}

func violationsOf(rec *Recording, invariant string) (messages []string) {
	for _, v := range rec.Violations {
		if v.Invariant == invariant {
			messages = append(messages, v.Message)
		}
	}
	return messages
}

func TestRecovers(t *testing.T) {
	const steps = "- {at: 60s, for: 30s, crash: the node of the primary of db}\n"
	rec := alive(t, steps, Options{})
	require.Empty(t, rec.Violations)
	require.Greater(t, rec.RecoveredAt, 90*time.Second)
	require.Less(t, rec.RecoveredAt, 150*time.Second)
	var told []Event
	for _, e := range rec.Events {
		if e.Kind == "World" {
			told = append(told, e)
		}
	}
	require.Len(t, told, 2)
	require.Less(t, told[0].At, 60*time.Second)
	require.NotContains(t, told[0].Detail, "fault", "nothing had been done to the world by then")
	require.Equal(t, "Recovered", told[1].Reason)
	require.GreaterOrEqual(t, told[1].At, rec.RecoveredAt+steadyOnce)

	short := alive(t, steps, Options{StopWhenDecided: true})
	require.Equal(t, rec.RecoveredAt, short.RecoveredAt)
	require.Equal(t, rec.RecoveredAt+steadyOnce, short.Virtual.Truncate(time.Nanosecond))
	require.Empty(t, short.Violations)
}

func TestDoesNotRecover(t *testing.T) {
	for _, c := range []struct{ steps, message string }{
		{"- {at: 60s, partition: {from: client writer, to: everything else}}\n",
			"60.000 s after the last fault was over, client writer has not succeeded since 59."},
		{"- {at: 60s, partition: {from: client writer, to: everything else}}\n- {when: now > 150, heal: all}\n", ""},
		{"- {at: 60s, crash: the node of the primary of db}\n- {at: 62s, crash: the node of a replica of db}\n",
			"60.000 s after the last fault was over, pod db-"},
		{"- {at: 60s, kubectl: set image statefulset/db db=db:2}\n- {at: 66s, partition: {from: db-2, to: everything else}}\n",
			"; pod db-2 is not Ready"},
	} {
		rec := alive(t, c.steps, Options{})
		messages := violationsOf(rec, recovers)
		if c.message == "" {
			require.Empty(t, messages, "a step that may come later may mend it")
			require.Greater(t, rec.RecoveredAt, 150*time.Second)
			continue
		}
		require.Zero(t, rec.RecoveredAt, "%s %v", c.steps, messages)
		require.Len(t, messages, 1, "%s", c.steps)
		require.Contains(t, messages[0], c.message)
	}
}

// What is done to the world later changes nothing of what was told before: neither that it was well, nor that it was not.
func TestVerdictsDoNotKnowWhatComes(t *testing.T) {
	const cut = "- {at: 60s, partition: {from: client writer, to: everything else}}\n"
	rec := alive(t, cut, Options{})
	for _, later := range []time.Duration{61 * time.Second, 229 * time.Second} {
		forked := alive(t, cut+"- {at: "+later.String()+", heal: all}\n", Options{})
		for i, e := range rec.Events {
			if e.At >= later {
				break
			}
			require.Equal(t, e, forked.Events[i], "%v", later)
		}
	}
	decided := alive(t, cut, Options{StopWhenDecided: true})
	require.Equal(t, decided.Virtual, decided.Violations[0].At, "it is not waited for what cannot come")
	require.Less(t, decided.Virtual, 121*time.Second)
}
