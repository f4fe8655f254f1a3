package sim

import (
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"statefulsim/controller/store"
	"statefulsim/scenarios"
	"statefulsim/sim/engine"
)

// refusing is a reconciler that fails each time until it is told to succeed.
type refusing struct {
	at   []time.Duration
	w    *world
	stop int
}

func (r *refusing) Keys(store.Change, *store.View) []store.Key { return nil }

func (r *refusing) Reconcile(store.Key, *store.View, *store.Client) (time.Duration, error) {
	r.at = append(r.at, r.w.loop.Now())
	if len(r.at) == r.stop {
		return 0, nil
	}
	return 0, errors.New("refused")
}

// play lets the reconciler fail until it succeeds.
func (r *refusing) play(s *scenarios.Scenario) {
	r.w = newWorld(s, 1, nil)
	i := r.w.addInformer("test")
	i.add("failing", func() reconciler { return r })
	c := i.components[0]
	c.dirty(store.Key{Kind: store.Pod, Name: "a"}, time.Second, 0)
	for len(c.work) > 0 {
		at, _ := r.w.loop.Head()
		r.w.loop.Sleep(at)
		r.w.loop.Apply()
	}
}

// A key that fails waits 5 ms, 10 ms, 20 ms and so on, up to 1000 s, and begins anew once it has succeeded.
func TestRetriesBackOff(t *testing.T) {
	require.Equal(t, 5*time.Millisecond, retryAfter(0))
	require.Equal(t, 655360*time.Millisecond, retryAfter(17))
	require.Equal(t, 1000*time.Second, retryAfter(18))
	require.Equal(t, 1000*time.Second, retryAfter(1000))
	failing := &refusing{stop: 6}
	s := load(t, "ordered-start")
	require.NoError(t, engine.Bubble(1, func() { failing.play(s) }))
	var waits []time.Duration
	for n := 1; n < len(failing.at); n++ {
		waits = append(waits, (failing.at[n] - failing.at[n-1]).Round(time.Millisecond))
	}
	const ms = time.Millisecond
	require.Equal(t, []time.Duration{5 * ms, 10 * ms, 20 * ms, 40 * ms, 80 * ms}, waits)
}
