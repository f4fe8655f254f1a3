package csi

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestBackOff(t *testing.T) {
	var b BackOff
	for _, want := range []int{1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300, 300} {
		require.Equal(t, time.Duration(want)*time.Second, b.Next())
	}
}

// A driver that answers is believed; one that does not is waited for until the timeout is over, and not asked again meanwhile.
func TestOutcome(t *testing.T) {
	began, internal := time.Unix(1000, 0), errors.New("rpc error: code = Internal desc = out of order")
	c := Call{Began: began, Due: began.Add(2 * time.Second)}
	wait, err := c.Outcome(c.Due, 15*time.Second, func() error { return internal })
	require.Zero(t, wait)
	require.Equal(t, internal, err)

	wait, err = c.Outcome(c.Due, 15*time.Second, func() error { return context.DeadlineExceeded })
	require.NoError(t, err)
	require.Equal(t, 13*time.Second, wait)
	wait, err = c.Outcome(began.Add(15*time.Second), 15*time.Second, func() error { panic("it is asked again") })
	require.Zero(t, wait)
	require.Equal(t, ErrDeadline, err)
	require.False(t, c.Silent)
}
