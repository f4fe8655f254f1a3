package story

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"statefulsim/sim"
	"statefulsim/sim/check"
)

// From one mark to the next, and back, all are visited that are apart in time.
func TestNextVisitsAllMarks(t *testing.T) {
	s := Of(record(t, "isolated-primary-keeps-writing bug"))
	var instants, there, back []time.Duration
	for _, m := range s.Marks {
		instants = append(instants, m.At)
	}
	instants = slices.Compact(instants)
	require.Greater(t, len(instants), 5)
	for m, ok := s.Next(-1, false); ok; m, ok = s.Next(m.At, false) {
		there = append(there, m.At)
	}
	for m, ok := s.Next(s.Rec.Virtual+1, true); ok; m, ok = s.Next(m.At, true) {
		back = append(back, m.At)
	}
	slices.Reverse(back)
	require.Equal(t, instants, there)
	require.Equal(t, instants, back)

	lost, ok := s.Next(0, false, LossMark, RecoverMark)
	require.True(t, ok)
	require.Equal(t, LossMark, lost.Kind)
	recovered, ok := s.Next(s.Rec.Virtual, true, LossMark, RecoverMark)
	require.True(t, ok)
	require.Equal(t, RecoverMark, recovered.Kind)
	_, ok = s.Next(recovered.At, false, LossMark, RecoverMark)
	require.False(t, ok)
}

// A chain leads from a beginning to the event, each of it being an effect of the one before; and all effects name their cause.
func TestChainsAreMadeOfEffects(t *testing.T) {
	s := Of(record(t, "primary-crash"))
	require.Nil(t, s.Chain(0))
	require.Nil(t, s.Effects(0))
	require.Nil(t, s.Effects(len(s.Rec.Events)+1))
	caused, led := 0, 0
	for seq := range s.Rec.Events {
		effects := s.Effects(seq + 1)
		led += len(effects)
		require.True(t, slices.IsSortedFunc(effects, func(a, b *sim.Event) int { return a.Seq - b.Seq }))
		for _, e := range effects {
			require.Equal(t, seq+1, e.Cause)
		}
	}
	for i := range s.Rec.Events {
		if s.Rec.Events[i].Cause != 0 {
			caused++
		}
	}
	require.Equal(t, caused, led)

	recovered, _ := s.Next(0, false, RecoverMark)
	chain := s.Chain(recovered.Seq)
	require.Zero(t, chain[0].Cause)
	require.Equal(t, recovered.Seq, chain[len(chain)-1].Seq)
	for i := range chain[1:] {
		require.Contains(t, s.Effects(chain[i].Seq), chain[i+1])
	}
}

// However the time is divided, each request and each lost write is in one bucket, that of its instant, and the whole run's one bucket
// has what the recording counts.
func TestBucketsHoldEachRequestOnce(t *testing.T) {
	rec := record(t, "isolated-primary-keeps-writing bug")
	s := Of(rec)
	require.NotEmpty(t, rec.Lost)
	for i, c := range s.Clients(0, rec.Virtual, 1) {
		want, b := rec.Clients[i], c.Buckets[0]
		require.Equal(t, want, sim.ClientResult{Name: c.Name, Acknowledged: b.OK, Failed: b.Failed, Unknown: b.Unknown, Lost: b.Lost})
	}
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 50).Draw(t, "n")
		each := time.Duration(rapid.Int64Range(1, int64(rec.Virtual)/int64(n)).Draw(t, "each"))
		from := time.Duration(rapid.Int64Range(0, int64(rec.Virtual-each*time.Duration(n))).Draw(t, "from"))
		if rapid.Bool().Draw(t, "from a request") {
			from = min(from, rapid.SampledFrom(rec.Requests).Draw(t, "request").Until)
		}
		for i, c := range s.Clients(from, from+each*time.Duration(n), n) {
			require.Len(t, c.Buckets, n)
			for j, got := range c.Buckets {
				begin := from + each*time.Duration(j)
				require.Equal(t, bucketOf(rec, i, begin, begin+each), got)
			}
		}
	})
}

// bucketOf counts the plain way.
func bucketOf(rec *sim.Recording, client int, from, until time.Duration) (b Bucket) {
	in := func(at time.Duration) bool {
		return from <= at && (at < until || at == until && until == rec.Virtual)
	}
	var took []time.Duration
	for _, r := range rec.Requests {
		if r.Client != client || !in(r.Until) {
			continue
		}
		switch r.Outcome {
		case check.Acknowledged:
			b.OK++
			took = append(took, r.Until-r.From)
		case check.Failed:
			b.Failed++
		case check.Unknown:
			b.Unknown++
		}
	}
	for _, w := range rec.Lost {
		if w.Client == client && in(w.At) {
			b.Lost++
		}
	}
	if slices.Sort(took); len(took) > 0 {
		b.Worst = took[len(took)-1]
		b.Median = (took[(len(took)-1)/2] + took[len(took)/2]) / 2
	}
	return b
}
