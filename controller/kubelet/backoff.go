package kubelet

import "time"

// pace is how the delays grow before a container that ended is started again.
type pace struct{ first, most time.Duration }

// pace returns the kubelet's: pkg/kubelet/kubelet.go:newCrashLoopBackOff.
func (c Config) pace() pace {
	if c.ReduceDefaultCrashLoopBackOffDecay {
		return pace{time.Second, 60 * time.Second}
	}
	return pace{10 * time.Second, 300 * time.Second}
}

// backoffReset is after how long without an end all is forgotten: pkg/kubelet/kubelet.go:NewMainKubelet, HasExpiredFunc.
const backoffReset = 600 * time.Second

// backoff is how long a container has to wait for its next start. The zero value lets it start at once.
type backoff struct {
	delay time.Duration
	since time.Time // of the last start that counted
}

// until returns when a container may start that finished then.
func (b *backoff) until(finished time.Time) time.Time {
	if b.forgotten(finished) {
		return finished
	}
	return finished.Add(b.delay)
}

// started counts a start that follows upon an end: each one doubles the next delay.
func (b *backoff) started(now, finished time.Time, p pace) {
	if b.forgotten(finished) {
		b.delay = p.first
	} else {
		b.delay = min(2*b.delay, p.most)
	}
	b.since = now
}

func (b *backoff) forgotten(finished time.Time) bool { return finished.Sub(b.since) > backoffReset }
