package attachdetach

import (
	"time"

	"k8s.io/apimachinery/pkg/types"

	"statefulsim/controller/internal/csi"
)

// callTimeout is the external-attacher's patience with one call of the CSI driver (its flag --timeout).
const callTimeout = 15 * time.Second

// call is what goes on for one VolumeAttachment: a call of the driver, or the pause before one.
type call struct {
	csi.Call
	csi.BackOff
	uid       types.UID
	handle    string // of the volume that was attached
	detaching bool
}

// retry plans the next attempt.
func (c *call) retry(now time.Time) time.Duration {
	wait := c.Next()
	c.Began = now.Add(wait)
	c.Due = c.Began
	return wait
}
