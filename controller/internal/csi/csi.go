// Package csi is what the sidecars of a CSI driver have in common, which are kubernetes-csi's external-attacher, external-provisioner
// and external-resizer: how long they wait for the driver, and when they call it again.
package csi

import (
	"context"
	"errors"
	"time"
)

// The back-off between two calls, as the sidecars' flags --retry-interval-start and --retry-interval-max have it by default.
const (
	minBackOff = time.Second
	MaxBackOff = 5 * time.Minute
)

// BackOff counts failures in a row. The zero value has none.
type BackOff struct{ failures int }

// Next is how long a sidecar waits after one more failure: twice as long each time.
func (b *BackOff) Next() time.Duration {
	wait := min(MaxBackOff, minBackOff<<min(b.failures, 10))
	b.failures++
	return wait
}

// ErrDeadline is what gRPC makes of a call that nobody answered in time.
var ErrDeadline = errors.New("rpc error: code = DeadlineExceeded desc = " + context.DeadlineExceeded.Error())

// Call is a call of the driver.
type Call struct {
	Began  time.Time
	Due    time.Time // when the driver answers, or the sidecar gives up or begins
	Silent bool      // the driver will not answer
}

// Outcome asks the driver when the call is due, and returns what came of it. For a driver that does not answer, of which ask returns
// context.DeadlineExceeded, wait is how long the sidecar goes on waiting: until timeout is over since the call began. After that the
// error is ErrDeadline.
func (c *Call) Outcome(now time.Time, timeout time.Duration, ask func() error) (wait time.Duration, err error) {
	if !c.Silent {
		if err = ask(); !errors.Is(err, context.DeadlineExceeded) {
			return 0, err
		}
		c.Due = c.Began.Add(timeout)
		if wait = c.Due.Sub(now); wait > 0 {
			c.Silent = true
			return wait, nil
		}
	}
	c.Silent = false
	return 0, ErrDeadline
}
