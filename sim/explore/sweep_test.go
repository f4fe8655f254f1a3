package explore

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"statefulsim/scenarios"
	"statefulsim/sim"
)

// The primary of a sound database can die at any event: it is survived, or nobody led yet.
func TestSweep(t *testing.T) {
	base, err := scenarios.Single(scenarios.Load("search-ground", scenarios.Choice{}))
	require.NoError(t, err)
	sweep, err := NewSweep(context.Background(), base, 1, "kill", "the primary of db", sim.Headline)
	require.NoError(t, err)
	require.Greater(t, sweep.Len(), 5)
	verdicts := map[string]int{}
	last := 0.0
	for i := range sweep.Len() {
		p, err := sweep.Point(context.Background(), i)
		require.NoError(t, err)
		require.False(t, p.Bad(), "%+v", p)
		require.Greater(t, p.At, last)
		last = p.At
		verdicts[p.Verdict]++
	}
	require.Positive(t, verdicts[Survived])
	require.Positive(t, verdicts[NoTarget], "the first pod is created before anybody leads")
}

// A pod that is deleted at the wrong instant by force, with its node cut off, is two pods: the sweep tells at which events.
func TestSweepFinds(t *testing.T) {
	base, err := scenarios.Single(scenarios.Load("force-delete-split-brain", scenarios.Choice{Variants: []string{"bug"}}))
	require.NoError(t, err)
	base.Breaks = nil
	sweep, err := NewSweep(context.Background(), base, 1, "kill", "mysql-1", sim.Headline)
	require.NoError(t, err)
	p, err := sweep.Point(context.Background(), sweep.Len()-1)
	require.NoError(t, err)
	require.True(t, p.Bad(), "%+v", p)
	require.Contains(t, p.Message, "one-process-per-identity")
}

func TestSweepRefuses(t *testing.T) {
	base, err := scenarios.Single(scenarios.Load("search-ground", scenarios.Choice{}))
	require.NoError(t, err)
	for _, c := range []struct{ fault, target, told string }{
		{"kil", "db-0", `did you mean "kill"?`},
		{"kill", "db-9", "db has ordinals below 3"},
		{"kill", "the primari of db", "is no target"},
		{"crash", "db-0", "cannot be meant here"},
	} {
		_, err := NewSweep(context.Background(), base, 1, c.fault, c.target, sim.Headline)
		require.ErrorContains(t, err, c.told)
	}
}

func TestRanges(t *testing.T) {
	var points []Point
	for i, verdict := range []string{Survived, Lost, Lost, NoTarget, Stuck, Lost} {
		points = append(points, Point{Seq: i, Verdict: verdict})
	}
	ranges := Ranges(points)
	require.Len(t, ranges, 3)
	require.Equal(t, Range{points[1], points[2], 2}, ranges[0])
	require.Equal(t, Range{points[4], points[4], 1}, ranges[1])
}
