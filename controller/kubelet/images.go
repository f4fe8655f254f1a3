package kubelet

import (
	"fmt"
	"strconv"
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

// failedPull is an image that a pod could not get.
type failedPull struct {
	backoff
	message string // of the last attempt
}

// pull makes sure that the container's image is on the node, or fails.
// The wording is that of pkg/kubelet/images/image_manager.go:EnsureImageExists.
func (w *worker) pull(now time.Time, c *container) {
	images, image := &w.kubelet.images, c.spec.Image
	w.launch = launch{container: c, pulling: true, until: now}
	ready, known := images.ready[image]
	switch {
	case c.spec.ImagePullPolicy == corev1.PullNever:
	case known && c.spec.ImagePullPolicy != corev1.PullAlways:
		w.launch.until = ready
	case w.pullBackedOff(now, c):
		w.launch = launch{}
	default:
		c.event(corev1.EventTypeNormal, "Pulling", "Pulling image "+strconv.Quote(image))
		w.launch.asked = now
		if images.free.Before(now) {
			images.free = now
		}
		w.launch.waited = images.free.Sub(now)
		images.free = images.free.Add(w.kubelet.node.Latency("imagePull", image))
		w.launch.until = images.free
		if !known {
			images.ready[image] = images.free
		}
	}
}

// pullBackedOff tells whether the image could not be pulled a short while ago. Then the container is not started.
func (w *worker) pullBackedOff(now time.Time, c *container) bool {
	before := w.pulls[c.spec.Image]
	if before == nil || !before.until(now, before.since).After(now) {
		return false
	}
	message := fmt.Sprintf("Back-off pulling image %q", c.spec.Image)
	c.event(corev1.EventTypeNormal, "BackOff", message)
	c.event(corev1.EventTypeWarning, "Failed", "Error: ImagePullBackOff")
	w.fail(c, "ImagePullBackOff", message+": ErrImagePull: "+before.message)
	return true
}

// pulled tells how the image came to be there, or that it did not.
func (w *worker) pulled(now time.Time, c *container) bool {
	image, asked := c.spec.Image, w.launch.asked
	if !w.here(c) {
		if err := w.kubelet.pullError(image); err != nil {
			w.pullFailed(now, c, err)
			return false
		}
	}
	message := "Container image " + strconv.Quote(image) + " already present on machine and can be accessed by the pod"
	if !asked.IsZero() {
		whole := now.Sub(asked).Truncate(time.Millisecond)
		pull := (now.Sub(asked) - w.launch.waited).Truncate(time.Millisecond)
		message = "Successfully pulled image " + strconv.Quote(image) + " in " + pull.String() + " (" + whole.String() + " including waiting)."
	}
	c.event(corev1.EventTypeNormal, "Pulled", message)
	return true
}

// here tells whether the image of the container that is being started is on the node, so that nothing had to be pulled. A pull of
// another pod that it waited for may have failed.
func (w *worker) here(c *container) bool {
	_, ready := w.kubelet.images.ready[c.spec.Image]
	return ready && w.launch.asked.IsZero() && c.spec.ImagePullPolicy != corev1.PullNever
}

// pullFailed tells why a container's image is not there: pkg/kubelet/images/image_manager.go:pullImage.
func (w *worker) pullFailed(now time.Time, c *container, err error) {
	image := c.spec.Image
	if w.kubelet.images.ready[image].Equal(w.launch.until) {
		delete(w.kubelet.images.ready, image) // it was this pull that was to bring it
	}
	if c.spec.ImagePullPolicy == corev1.PullNever {
		message := fmt.Sprintf("Container image %q is not present with pull policy of Never", image)
		c.event(corev1.EventTypeWarning, "ErrImageNeverPull", message)
		c.event(corev1.EventTypeWarning, "Failed", "Error: ErrImageNeverPull")
		w.fail(c, "ErrImageNeverPull", message)
		return
	}
	c.event(corev1.EventTypeWarning, "Failed", fmt.Sprintf("Failed to pull image %q: %v", image, err))
	c.event(corev1.EventTypeWarning, "Failed", "Error: ErrImagePull")
	if w.pulls == nil {
		w.pulls = map[string]*failedPull{}
	}
	if w.pulls[image] == nil {
		w.pulls[image] = &failedPull{}
	}
	w.pulls[image].message = err.Error()
	w.pulls[image].next(now, pullPace)
	w.fail(c, "ErrImagePull", err.Error())
}

// pullError is why an image cannot be had, or nil.
func (k *Kubelet) pullError(image string) error {
	if k.cfg.PullError == nil {
		return nil
	}
	return k.cfg.PullError(image)
}
