package kubelet

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// A container that runs for a second each time waits, from its end: not at all, 10 s, 20 s and so on to 300 s. With the gate
// for shorter delays it is 1 s to 60 s, and the kubelet's configuration sets the longest.
func TestCrashLoopBackOff(t *testing.T) {
	for name, c := range map[string]struct {
		config Config
		want   []int
	}{
		"default":                {Config{}, []int{0, 10, 20, 40, 80, 160, 300, 300}},
		"reduced":                {Config{ReduceDefaultCrashLoopBackOffDecay: true}, []int{0, 1, 2, 4, 8, 16, 32, 60, 60}},
		"longest set":            {Config{MaxContainerRestartPeriod: 45 * time.Second}, []int{0, 10, 20, 40, 45, 45}},
		"longest below first":    {Config{MaxContainerRestartPeriod: 5 * time.Second}, []int{0, 5, 5}},
		"longest before reduced": {Config{ReduceDefaultCrashLoopBackOffDecay: true, MaxContainerRestartPeriod: 300 * time.Second}, []int{0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 300}},
	} {
		t.Run(name, func(t *testing.T) {
			var b backoff
			finished := epoch
			for i, want := range c.want {
				start := b.until(finished, finished)
				require.Equal(t, time.Duration(want)*time.Second, start.Sub(finished), "end %d", i+1)
				b.next(start, c.config.pace())
				finished = start.Add(time.Second)
			}
			require.Greater(t, b.until(b.since.Add(backoffReset), finished), finished)
			long := b.since.Add(backoffReset + 1)
			require.Equal(t, long, b.until(long, long), "ten minutes after the last start all is forgotten")
		})
	}
}
