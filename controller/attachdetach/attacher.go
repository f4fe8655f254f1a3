package attachdetach

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	storagev1 "k8s.io/api/storage/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"statefulsim/controller/internal/csi"
	"statefulsim/controller/store"
)

// errNoVolume says that a VolumeAttachment names a volume that does not exist or has no CSI driver.
var errNoVolume = errors.New("no such CSI volume")

// Driver is the storage system, as the controller service of a CSI driver shows it. An error is what gRPC makes of it, as in
// "rpc error: code = Internal desc = …". context.DeadlineExceeded says that the driver does not answer: whoever called waits
// until his own patience ends.
type Driver interface {
	// Attach makes a volume available on a node. exclusive asks that it is attached nowhere else; if it is, or cannot be
	// attached for another reason, that is the error.
	Attach(volumeHandle, node string, exclusive bool) error
	// Detach takes a volume away from a node, whether or not the node still uses it. A volume that is not attached there
	// stays so.
	Detach(volumeHandle, node string) error
}

// Attacher does what VolumeAttachments ask for and reports back in their status: the external-attacher that runs beside a
// CSI driver (kubernetes-csi/external-attacher pkg/controller/csi_handler.go). Its keys are VolumeAttachments.
type Attacher struct {
	driver  Driver
	latency func(name, about string) time.Duration
	calls   map[store.Key]*call
}

// NewAttacher returns an attacher for a driver. The latencies that it draws are "attach" and "detach", about the volume and
// the node, as in "pvc-1@node-a".
func NewAttacher(driver Driver, latency func(name, about string) time.Duration) *Attacher {
	return &Attacher{driver: driver, latency: latency, calls: map[store.Key]*call{}}
}

// Keys names a VolumeAttachment that came, changed or went.
func (a *Attacher) Keys(change store.Change, _ *store.View) []store.Key {
	if change.Kind == store.VolumeAttachment {
		return []store.Key{change.Key()}
	}
	return nil
}

// Reconcile attaches the volume, or detaches it if the VolumeAttachment is being deleted. It asks to be called again when
// the driver will have answered, or for another attempt.
func (a *Attacher) Reconcile(key store.Key, _ *store.View, api *store.Client) (time.Duration, error) {
	va, ok := store.Get[*storagev1.VolumeAttachment](api.View(), "", key.Name)
	if !ok {
		delete(a.calls, key)
		return 0, nil
	}
	ours := slices.Contains(va.Finalizers, finalizer(va))
	switch {
	case va.DeletionTimestamp != nil && ours:
		return a.detach(key, va, api)
	case va.DeletionTimestamp != nil || va.Status.Attached:
		return 0, nil
	case !ours:
		next := *va
		next.Finalizers = append(slices.Clone(va.Finalizers), finalizer(va))
		updated, err := api.Update(&next)
		if err != nil {
			return 0, err
		}
		va = updated.(*storagev1.VolumeAttachment)
	}
	return a.attach(key, va, api)
}

// finalizer keeps a VolumeAttachment until its volume is detached (external-attacher pkg/controller/util.go:GetFinalizerName).
func finalizer(va *storagev1.VolumeAttachment) string {
	return "external-attacher/" + strings.ReplaceAll(va.Spec.Attacher, "/", "-")
}

// begin returns the call for a VolumeAttachment, and starts it if there is none yet. A call that is not answered is waited for
// before another one starts: the external-attacher works at one VolumeAttachment once at a time.
func (a *Attacher) begin(key store.Key, va *storagev1.VolumeAttachment, detaching bool, now time.Time) *call {
	known := a.calls[key]
	if known != nil && known.uid == va.UID && known.detaching == detaching {
		return known
	}
	started := &call{uid: va.UID, detaching: detaching, Call: csi.Call{Began: now}}
	if known != nil && known.uid == va.UID {
		started.handle, started.BackOff = known.handle, known.BackOff
		if known.Silent {
			started.Began = known.Due
		}
	}
	name := "attach"
	if detaching {
		name = "detach"
	}
	started.Due = started.Began.Add(a.latency(name, volumeName(va)+"@"+va.Spec.NodeName))
	a.calls[key] = started
	return started
}

func volumeName(va *storagev1.VolumeAttachment) string {
	if va.Spec.Source.PersistentVolumeName == nil {
		return ""
	}
	return *va.Spec.Source.PersistentVolumeName
}

// attach has the driver attach the volume and reports how that ended (csi_handler.go:syncAttach).
func (a *Attacher) attach(key store.Key, va *storagev1.VolumeAttachment, api *store.Client) (time.Duration, error) {
	running := a.begin(key, va, false, api.Now)
	if wait := running.Due.Sub(api.Now); wait > 0 {
		return wait, nil
	}
	wait, failure := running.Outcome(api.Now, callTimeout, func() error { return a.call(running, va, api.View()) })
	if wait > 0 {
		return wait, nil
	}
	next := *va
	if failure != nil {
		next.Status.AttachError = &storagev1.VolumeError{Time: metav1.NewTime(api.Now), Message: failure.Error()}
		_, err := api.UpdateStatus(&next)
		return running.retry(api.Now), err
	}
	running.BackOff = csi.BackOff{}
	next.Status = storagev1.VolumeAttachmentStatus{Attached: true}
	_, err := api.UpdateStatus(&next)
	return 0, err
}

// call asks the driver to attach the volume now.
func (a *Attacher) call(running *call, va *storagev1.VolumeAttachment, view *store.View) error {
	pv, ok := store.Get[*corev1.PersistentVolume](view, "", volumeName(va))
	if !ok || pv.Spec.CSI == nil {
		return fmt.Errorf("%w: %q", errNoVolume, volumeName(va))
	}
	running.handle = pv.Spec.CSI.VolumeHandle
	return a.driver.Attach(running.handle, va.Spec.NodeName, !multiAttach(pv))
}

// detach has the driver detach the volume and lets the VolumeAttachment go, or reports why it could not and tries again
// (csi_handler.go:syncDetach). The volume's object may be gone by then: the handle is remembered from when it was attached.
func (a *Attacher) detach(key store.Key, va *storagev1.VolumeAttachment, api *store.Client) (time.Duration, error) {
	running := a.begin(key, va, true, api.Now)
	if wait := running.Due.Sub(api.Now); wait > 0 {
		return wait, nil
	}
	if pv, ok := store.Get[*corev1.PersistentVolume](api.View(), "", volumeName(va)); ok && pv.Spec.CSI != nil {
		running.handle = pv.Spec.CSI.VolumeHandle
	}
	wait, failure := running.Outcome(api.Now, callTimeout, func() error {
		if running.handle == "" {
			return nil
		}
		return a.driver.Detach(running.handle, va.Spec.NodeName)
	})
	if wait > 0 {
		return wait, nil
	}
	next := *va
	if failure != nil {
		next.Status.DetachError = &storagev1.VolumeError{Time: metav1.NewTime(api.Now), Message: failure.Error()}
		_, err := api.UpdateStatus(&next)
		return running.retry(api.Now), err
	}
	next.Finalizers = slices.DeleteFunc(slices.Clone(va.Finalizers), func(f string) bool { return f == finalizer(va) })
	if _, err := api.Update(&next); err != nil {
		return 0, err
	}
	delete(a.calls, key)
	return 0, nil
}
