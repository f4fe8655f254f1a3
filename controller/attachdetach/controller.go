// Package attachdetach decides on which nodes volumes are to be attached, and has them attached and detached.
//
// It holds two components that speak through VolumeAttachment objects, as in a cluster: the Controller, which makes and
// deletes these objects by what pods need, and the Attacher, which has the storage system do it and reports back.
// Volumes of CSI drivers are attached; those of other kinds (local, hostPath, NFS) need no attaching.
package attachdetach

import (
	"maps"
	"slices"
	"time"

	corev1 "k8s.io/api/core/v1"
	storagev1 "k8s.io/api/storage/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"statefulsim/controller/condition"
	"statefulsim/controller/store"
)

// maxWaitForUnmount is how long the controller waits for a node that is not Ready to stop using a volume that nobody needs
// there, counted from when it found that (pkg/controller/volume/attachdetach/attach_detach_controller.go:DefaultTimerConfig).
const maxWaitForUnmount = 6 * time.Minute

// Controller is the attach/detach controller (pkg/controller/volume/attachdetach). Its keys are PersistentVolumes: whether
// a volume may be attached to a node depends on where else it is. It follows changes and needs no loop; upstream's loop
// would see them up to 100 ms later.
type Controller struct {
	options Options

	volumes map[string]*volume                   // by the PersistentVolume's name
	pods    map[store.Key]map[string]struct{}    // the names of the pods that mount a claim
	onNode  map[string]map[string]struct{}       // the volumes with a VolumeAttachment for a node
	gone    map[string][]corev1.UniqueVolumeName // what nodes that are gone had in use last
}

// volume is what the controller remembers of a volume.
type volume struct {
	attached map[string]*attachment // by node
	told     map[string]bool        // the nodes whose pods were told that they have to wait for another node
}

// attachment is a volume's VolumeAttachment for one node.
type attachment struct {
	name     string                            // of the VolumeAttachment
	csi      *corev1.CSIPersistentVolumeSource // kept for the time when the PersistentVolume is gone; nil if it was never seen
	reported bool                              // that the attaching succeeded
	failed   metav1.Time                       // when the attaching, or detaching, that was last told of failed
	unneeded time.Time                         // since when no pod needs it; zero while one does

	uncertain bool // the detaching has failed, and is tried again: the volume may still be attached, or not
}

// Options are what differs between clusters. The zero value is Kubernetes 1.37 with its own defaults.
type Options struct {
	// DisableForceDetachOnTimeout is the flag --disable-force-detach-on-timeout of kube-controller-manager: a volume that a
	// node reports in use stays there however long the node is not Ready.
	DisableForceDetachOnTimeout bool
	// MultiAttachError words the event about a volume that is attached elsewhere as Kubernetes does up to 1.36: "Multi-Attach
	// error" where 1.37 says "Waiting for detach".
	MultiAttachError bool
}

// New returns a controller that knows no volumes.
func New(options Options) *Controller {
	return &Controller{
		options: options,
		volumes: map[string]*volume{},
		pods:    map[store.Key]map[string]struct{}{},
		onNode:  map[string]map[string]struct{}{},
		gone:    map[string][]corev1.UniqueVolumeName{},
	}
}

// Keys names the volumes that a change of a pod, claim, volume, attachment or node is about.
func (c *Controller) Keys(change store.Change, cache *store.View) []store.Key {
	switch change.Kind {
	case store.Pod:
		return c.podKeys(change, cache)
	case store.PersistentVolumeClaim:
		if name := change.Object().(*corev1.PersistentVolumeClaim).Spec.VolumeName; name != "" {
			return []store.Key{volumeKey(name)}
		}
	case store.PersistentVolume:
		return []store.Key{change.Key()}
	case store.VolumeAttachment:
		return c.attachmentKeys(change, cache)
	case store.Node:
		return c.nodeKeys(change, cache)
	}
	return nil
}

func (c *Controller) podKeys(change store.Change, cache *store.View) []store.Key {
	before, _ := change.Old.(*corev1.Pod)
	after, _ := change.New.(*corev1.Pod)
	pod := change.Object().(*corev1.Pod)
	mounted := claims(pod)
	for _, claim := range mounted {
		if after == nil {
			delete(c.pods[claim], pod.Name)
			if len(c.pods[claim]) == 0 {
				delete(c.pods, claim)
			}
		} else if before == nil {
			if c.pods[claim] == nil {
				c.pods[claim] = map[string]struct{}{}
			}
			c.pods[claim][pod.Name] = struct{}{}
		}
	}
	if before != nil && after != nil && before.Spec.NodeName == after.Spec.NodeName && done(before) == done(after) {
		return nil
	}
	if pod.Spec.NodeName == "" {
		return nil
	}
	return boundVolumes(mounted, cache)
}

func boundVolumes(claims []store.Key, cache *store.View) []store.Key {
	var keys []store.Key
	for _, claim := range claims {
		if name := boundTo(claim, cache); name != "" {
			keys = append(keys, volumeKey(name))
		}
	}
	return keys
}

// attachmentKeys takes note of a VolumeAttachment that came or went.
func (c *Controller) attachmentKeys(change store.Change, cache *store.View) []store.Key {
	va := change.Object().(*storagev1.VolumeAttachment)
	if va.Spec.Source.PersistentVolumeName == nil {
		return nil
	}
	name := *va.Spec.Source.PersistentVolumeName
	if change.New != nil {
		pv, _ := store.Get[*corev1.PersistentVolume](cache, "", name)
		c.attachment(name, va.Spec.NodeName, va.Name, pv)
	}
	return []store.Key{volumeKey(name)}
}

// attachment takes note of a volume's VolumeAttachment for a node. The volume may be nil.
func (c *Controller) attachment(name, node, attachmentName string, pv *corev1.PersistentVolume) {
	v := c.volume(name)
	if v.attached[node] == nil {
		v.attached[node] = &attachment{name: attachmentName}
	}
	if pv != nil {
		v.attached[node].csi = pv.Spec.CSI
	}
	if c.onNode[node] == nil {
		c.onNode[node] = map[string]struct{}{}
	}
	c.onNode[node][name] = struct{}{}
}

func (c *Controller) volume(name string) *volume {
	if c.volumes[name] == nil {
		c.volumes[name] = &volume{attached: map[string]*attachment{}, told: map[string]bool{}}
	}
	return c.volumes[name]
}

// forget drops a VolumeAttachment that is gone.
func (c *Controller) forget(pv, node string) {
	delete(c.volumes[pv].attached, node)
	delete(c.onNode[node], pv)
}

// nodeKeys names the volumes attached to a node that stopped using one, changed its readiness or its out-of-service taint,
// came or went. What a node that went had in use last stays in use until the volumes are detached by force
// (attach_detach_controller.go:nodeDelete).
func (c *Controller) nodeKeys(change store.Change, cache *store.View) []store.Key {
	before, _ := change.Old.(*corev1.Node)
	after, _ := change.New.(*corev1.Node)
	name := change.Object().GetName()
	switch {
	case after == nil:
		c.gone[name] = before.Status.VolumesInUse
	case before == nil:
		delete(c.gone, name)
		return append(c.volumesOn(name), c.wantedOn(name, cache)...)
	case condition.NodeReady(before) == condition.NodeReady(after) && outOfService(before) == outOfService(after):
		return c.released(name, before.Status.VolumesInUse, after.Status.VolumesInUse)
	}
	return c.volumesOn(name)
}

// released names the volumes attached to a node that it used before and does not use any more.
func (c *Controller) released(node string, before, after []corev1.UniqueVolumeName) (keys []store.Key) {
	left := slices.DeleteFunc(slices.Clone(before), func(v corev1.UniqueVolumeName) bool { _, still := slices.BinarySearch(after, v); return still })
	if len(left) == 0 {
		return nil
	}
	for _, key := range c.volumesOn(node) {
		if csi := c.volumes[key.Name].attached[node].csi; csi == nil || slices.Contains(left, uniqueName(csi)) {
			keys = append(keys, key)
		}
	}
	return keys
}

func (c *Controller) volumesOn(node string) []store.Key {
	var keys []store.Key
	for _, name := range slices.Sorted(maps.Keys(c.onNode[node])) {
		keys = append(keys, volumeKey(name))
	}
	return keys
}

// wantedOn names the volumes of pods that were bound to a node before it was known.
func (c *Controller) wantedOn(node string, cache *store.View) []store.Key {
	var keys []store.Key
	for pod := range store.PodsOn(cache, node) {
		keys = append(keys, boundVolumes(claims(pod), cache)...)
	}
	return keys
}

func outOfService(node *corev1.Node) bool {
	return slices.ContainsFunc(node.Spec.Taints, func(t corev1.Taint) bool { return t.Key == corev1.TaintNodeOutOfService })
}
