package attachdetach

import (
	"context"
	"errors"
	"time"

	"k8s.io/apimachinery/pkg/types"
)

// The external-attacher's patience with one call of the CSI driver (its flag --timeout), and its back-off between two of them
// (its flags --retry-interval-start and -max).
const (
	callTimeout = 15 * time.Second
	minBackOff  = time.Second
	maxBackOff  = 5 * time.Minute
)

// errDeadline is what gRPC makes of a call that nobody answered in time.
var errDeadline = errors.New("rpc error: code = DeadlineExceeded desc = " + context.DeadlineExceeded.Error())

// call is what goes on for one VolumeAttachment.
type call struct {
	uid       types.UID
	handle    string // of the volume that was attached
	detaching bool
	began     time.Time
	due       time.Time // when the driver answers, or when it is called again
	silent    bool      // it will not answer
	failures  int       // in a row
}

// outcome asks the driver now, and returns what came of it. One that does not answer is waited for: then wait is more than
// zero.
func (c *call) outcome(now time.Time, ask func() error) (wait time.Duration, err error) {
	if !c.silent {
		if err = ask(); !errors.Is(err, context.DeadlineExceeded) {
			return 0, err
		}
		c.due = c.began.Add(callTimeout)
		if wait = c.due.Sub(now); wait > 0 {
			c.silent = true
			return wait, nil
		}
	}
	c.silent = false
	return 0, errDeadline
}

// retry plans the next attempt.
func (c *call) retry(now time.Time) time.Duration {
	wait := min(maxBackOff, minBackOff<<min(c.failures, 10))
	c.failures++
	c.began = now.Add(wait)
	c.due = c.began
	return wait
}
