package kubelet

import "time"

// The delays before a container that ended is started again: pkg/kubelet/kubelet.go:newCrashLoopBackOff.
const (
	backoffInitial = 10 * time.Second
	backoffMax     = 300 * time.Second
	backoffReset   = 600 * time.Second // after so long without an end, all is forgotten
)

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
func (b *backoff) started(now, finished time.Time) {
	if b.forgotten(finished) {
		b.delay = backoffInitial
	} else {
		b.delay = min(2*b.delay, backoffMax)
	}
	b.since = now
}

func (b *backoff) forgotten(finished time.Time) bool { return finished.Sub(b.since) > backoffReset }
