package kubelet

import (
	"fmt"
	"time"

	corev1 "k8s.io/api/core/v1"
)

// images is what the node knows of container images. It pulls one at a time, as serializeImagePulls, the default, asks.
type images struct {
	ready map[string]time.Time // when an image is, or will be, on the node
	free  time.Time            // when the last pull that was asked for ends
}

// interrupt gives up all pulls under way.
func (i *images) interrupt(now time.Time) {
	for image, at := range i.ready {
		if at.After(now) {
			delete(i.ready, image)
		}
	}
	i.free = now
}

// pull makes sure that the container's image is on the node; c.until is when it is.
// The wording is that of pkg/kubelet/images/image_manager.go:EnsureImageExists. An image that is missing from its registry
// cannot be known here, so that no pull fails.
func (c *container) pull(now time.Time) {
	images, image := &c.worker.kubelet.images, c.spec.Image
	c.state = pulling
	c.pullBegan = time.Time{}
	ready, known := images.ready[image]
	switch {
	case c.spec.ImagePullPolicy == corev1.PullNever:
		c.until = now
	case known && c.spec.ImagePullPolicy != corev1.PullAlways:
		c.until = ready
	default:
		c.event(corev1.EventTypeNormal, "Pulling", fmt.Sprintf("Pulling image %q", image))
		c.pullBegan = now
		if images.free.Before(now) {
			images.free = now
		}
		c.pullWaited = images.free.Sub(now)
		images.free = images.free.Add(c.worker.kubelet.node.Latency("imagePull", image))
		c.until = images.free
		if !known {
			images.ready[image] = c.until
		}
	}
}

// pulled tells how the image came to be there.
func (c *container) pulled(now time.Time) {
	if c.pullBegan.IsZero() {
		c.event(corev1.EventTypeNormal, "Pulled",
			fmt.Sprintf("Container image %q already present on machine and can be accessed by the pod", c.spec.Image))
		return
	}
	whole := now.Sub(c.pullBegan)
	c.event(corev1.EventTypeNormal, "Pulled", fmt.Sprintf("Successfully pulled image %q in %v (%v including waiting).",
		c.spec.Image, (whole-c.pullWaited).Truncate(time.Millisecond), whole.Truncate(time.Millisecond)))
}
