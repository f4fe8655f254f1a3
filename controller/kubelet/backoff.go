package kubelet

import "time"

// pace is how the delays grow before a container that ended is started again.
type pace struct{ first, most time.Duration }

// pace returns the kubelet's: pkg/kubelet/kubelet.go:newCrashLoopBackOff.
func (c Config) pace() pace {
	p := pace{10 * time.Second, 300 * time.Second}
	if c.ReduceDefaultCrashLoopBackOffDecay {
		p = pace{time.Second, 60 * time.Second}
	}
	if c.MaxContainerRestartPeriod > 0 {
		p.most = c.MaxContainerRestartPeriod
		p.first = min(p.first, p.most)
	}
	return p
}

// pullPace is how the delays grow before an image is pulled again that could not be: pkg/kubelet/kubelet.go:imageBackOffPeriod.
var pullPace = pace{10 * time.Second, 300 * time.Second}

// backoffReset is after how long without another attempt all is forgotten: for containers HasExpiredFunc in
// pkg/kubelet/kubelet.go:NewMainKubelet, which HandlePodCleanups also asks every few seconds, so that a container which runs for
// so long starts afresh; for images twice their longest delay.
const backoffReset = 600 * time.Second

// backoff is how long to wait before something is tried again. The zero value does not wait.
type backoff struct {
	delay time.Duration
	since time.Time // of the last attempt
}

// until returns when the next attempt may be made after one that ended then. It is over if it is not after now.
func (b *backoff) until(now, ended time.Time) time.Time {
	if b.forgotten(now) {
		return now
	}
	return ended.Add(b.delay)
}

// next counts an attempt: each one doubles the delay before the one that follows.
func (b *backoff) next(now time.Time, p pace) {
	if b.forgotten(now) {
		b.delay = p.first
	} else {
		b.delay = min(2*b.delay, p.most)
	}
	b.since = now
}

func (b *backoff) forgotten(now time.Time) bool { return now.Sub(b.since) > backoffReset }
