package kubelet

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// A container that runs for a second each time waits, from its end: not at all, 10 s, 20 s and so on to 300 s. With the gate
// for shorter delays it is 1 s to 60 s. After more than ten minutes without an end it starts afresh.
func TestCrashLoopBackOff(t *testing.T) {
	for _, c := range []struct {
		reduced bool
		want    []int
	}{
		{false, []int{0, 10, 20, 40, 80, 160, 300, 300}},
		{true, []int{0, 1, 2, 4, 8, 16, 32, 60, 60}},
	} {
		p := Config{ReduceDefaultCrashLoopBackOffDecay: c.reduced}.pace()
		var b backoff
		finished := time.Unix(946684800, 0)
		for i, want := range c.want {
			start := b.until(finished)
			require.Equal(t, time.Duration(want)*time.Second, start.Sub(finished), "end %d", i+1)
			b.started(start, finished, p)
			finished = start.Add(time.Second)
		}
		finished = finished.Add(backoffReset)
		require.Equal(t, finished, b.until(finished))
	}
}
