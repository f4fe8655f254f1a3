package network

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func TestCacheRemembersForTheTTL(t *testing.T) {
	c := NewCache(10)
	_, known := c.Lookup(epoch, "web-0.web")
	require.False(t, known)

	c.Learn(epoch, "web-0.web", []string{"10.0.0.1"}, 30*time.Second)
	c.Learn(epoch, "web-1.web", nil, 5*time.Second)
	answer, known := c.Lookup(epoch.Add(30*time.Second-1), "web-0.web")
	require.True(t, known)
	require.Equal(t, []string{"10.0.0.1"}, answer)
	_, known = c.Lookup(epoch.Add(30*time.Second), "web-0.web")
	require.False(t, known)

	answer, known = c.Lookup(epoch.Add(5*time.Second-1), "web-1.web")
	require.True(t, known, "that a name does not exist is remembered")
	require.Empty(t, answer)
	_, known = c.Lookup(epoch.Add(5*time.Second), "web-1.web")
	require.False(t, known)
}

func TestCacheForgetsWhatMayNotBeKept(t *testing.T) {
	c := NewCache(10)
	c.Learn(epoch, "web", []string{"10.0.0.1"}, time.Minute)
	c.Learn(epoch, "web", []string{"10.0.0.2"}, 0)
	_, known := c.Lookup(epoch, "web")
	require.False(t, known)
}

func TestCacheMakesRoomForTheNewest(t *testing.T) {
	c := NewCache(2)
	c.Learn(epoch, "long", nil, time.Hour)
	c.Learn(epoch, "short", nil, time.Minute)
	c.Learn(epoch, "new", nil, time.Second)
	_, long := c.Lookup(epoch, "long")
	_, short := c.Lookup(epoch, "short")
	_, newest := c.Lookup(epoch, "new")
	require.Equal(t, []bool{true, false, true}, []bool{long, short, newest})
}

// A cache never answers with anything but the last that was learnt, never after its time, and never holds too much.
func TestCacheAgainstPlainMemory(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		size := rapid.IntRange(1, 4).Draw(t, "size")
		c := NewCache(size)
		learnt := map[string]entry{}
		now := epoch
		for range rapid.IntRange(1, 40).Draw(t, "steps") {
			now = now.Add(time.Duration(rapid.IntRange(0, 5).Draw(t, "pass")) * time.Second)
			name := rapid.SampledFrom([]string{"a", "b", "c", "d", "e"}).Draw(t, "name")
			if rapid.Bool().Draw(t, "learn") {
				answer := rapid.SliceOfN(rapid.SampledFrom([]string{"10.0.0.1", "10.0.0.2"}), 0, 2).Draw(t, "answer")
				ttl := time.Duration(rapid.IntRange(0, 20).Draw(t, "ttl")) * time.Second
				c.Learn(now, name, answer, ttl)
				learnt[name] = entry{answer, now.Add(ttl)}
				if ttl > 0 {
					_, known := c.Lookup(now, name)
					require.True(t, known, "what was just learnt is known")
				}
			}
			require.LessOrEqual(t, len(c.entries), size)
			if answer, known := c.Lookup(now, name); known {
				require.Equal(t, len(learnt[name].answer), len(answer))
				require.Subset(t, learnt[name].answer, answer)
				require.True(t, now.Before(learnt[name].expires))
			} else if len(learnt) <= size {
				require.False(t, now.Before(learnt[name].expires), "nothing was pushed out")
			}
		}
	})
}
