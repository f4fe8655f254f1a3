package engine_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"statefulsim/sim/engine"
)

// A queue gives back exactly what was pushed and not cancelled, in the order of time, and never two of one instant.
func TestQueueOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var q engine.Queue
		var pending []*engine.Event
		var happened []int
		due := map[int]*engine.Event{}
		last := time.Duration(-1)
		t.Repeat(map[string]func(*rapid.T){
			"push": func(t *rapid.T) {
				n := len(pending)
				at := last + 1 + time.Duration(rapid.IntRange(0, 5).Draw(t, "at"))
				e := q.Push(at, func() { happened = append(happened, n) })
				require.GreaterOrEqual(t, e.At, at)
				pending = append(pending, e)
				due[n] = e
			},
			"cancel": func(t *rapid.T) {
				if len(pending) == 0 {
					t.Skip("nothing was pushed")
				}
				n := rapid.IntRange(0, len(pending)-1).Draw(t, "which")
				pending[n].Cancel()
				delete(due, n)
			},
			"apply": func(t *rapid.T) {
				at, ok := q.Head()
				require.Equal(t, len(due) > 0, ok)
				if !ok {
					return
				}
				require.Greater(t, at, last)
				last = at
				q.Apply()
				n := happened[len(happened)-1]
				require.Equal(t, due[n].At, at)
				delete(due, n)
				for _, other := range due {
					require.Greater(t, other.At, at)
				}
			},
		})
	})
}

// A choice depends on its name and number alone, whatever else is drawn in between.
func TestDiceAreIndependent(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		seed := rapid.Uint64().Draw(t, "seed")
		lone, busy := engine.NewDice(seed), engine.NewDice(seed)
		for i := range 10 {
			for range rapid.IntRange(0, 3).Draw(t, "others") {
				busy.Throw("other", "thing")
			}
			want := lone.Throw("latency", "web-0")
			require.Equal(t, want, busy.Throw("latency", "web-0"))
			require.Equal(t, want, busy.At("latency", "web-0", uint64(i)))
		}
		require.NotEqual(t, engine.NewDice(seed).At("a", "bc", 0), engine.NewDice(seed).At("ab", "c", 0))
		require.NotEqual(t, engine.NewDice(seed).At("a", "b", 0), engine.NewDice(seed+1).At("a", "b", 0))
	})
}

func TestBubbleTimeIsVirtual(t *testing.T) {
	var seen []time.Duration
	err := engine.Bubble(1, func() {
		loop := engine.NewLoop()
		letters := engine.NewMailbox[string](loop)
		go func() {
			time.Sleep(30 * time.Minute)
			letters.Put("half past")
		}()
		loop.Sleep(time.Hour)
		seen = append(seen, loop.Now())
		loop.Settle()
		require.Equal(t, []string{"half past"}, slices.Clone(letters.Take()))
		loop.Sleep(time.Hour)
		seen = append(seen, loop.Now())
	})
	require.NoError(t, err)
	require.Equal(t, []time.Duration{30 * time.Minute, time.Hour}, seen)
}

func TestBubbleHandsOutPanics(t *testing.T) {
	err := engine.Bubble(1, func() { panic("out of cheese") })
	var panicked *engine.Panic
	require.ErrorAs(t, err, &panicked)
	require.Equal(t, "out of cheese", panicked.Value)
	require.True(t, strings.Contains(err.Error(), "engine_test.go"))
}

func TestRepeatableEnv(t *testing.T) {
	for settings, want := range map[string]string{
		"":                  "asyncpreemptoff=1",
		"gctrace=1":         "gctrace=1,asyncpreemptoff=1",
		"asyncpreemptoff=0": "asyncpreemptoff=0,asyncpreemptoff=1",
	} {
		again := engine.RepeatableEnv([]string{"GODEBUG=" + settings, "HOME=/"})
		require.Equal(t, []string{"HOME=/", "GODEBUG=" + want}, again)
		require.Nil(t, engine.RepeatableEnv(again))
	}
}
