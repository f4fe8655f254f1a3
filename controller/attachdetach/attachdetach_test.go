package attachdetach

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	storagev1 "k8s.io/api/storage/v1"

	"statefulsim/controller/condition"
	"statefulsim/controller/internal/rig"
	"statefulsim/controller/store"
)

// disks is a storage system: which nodes have a volume.
type disks struct {
	on     map[string][]string
	broken map[string]bool // volumes that cannot be attached
	fault  func(operation, node string) error
	note   func(string)
}

func (d *disks) fails(operation, node string) error {
	if d.fault == nil {
		return nil
	}
	return d.fault(operation, node)
}

func (d *disks) Attach(handle, node string, exclusive bool) error {
	switch err := d.fails("attach", node); {
	case err != nil:
		return err
	case d.broken[handle]:
		return errors.New("rpc error: code = Internal desc = no such disk")
	case slices.Contains(d.on[handle], node):
	case exclusive && len(d.on[handle]) > 0:
		return fmt.Errorf("rpc error: code = FailedPrecondition desc = %s is attached to %s", handle, d.on[handle][0])
	default:
		d.on[handle] = append(d.on[handle], node)
	}
	d.note(fmt.Sprintf("disk %s is on %s", handle, strings.Join(d.on[handle], " and ")))
	return nil
}

func (d *disks) Detach(handle, node string) error {
	if err := d.fails("detach", node); err != nil {
		return err
	}
	d.on[handle] = slices.DeleteFunc(d.on[handle], func(n string) bool { return n == node })
	d.note(fmt.Sprintf("disk %s leaves %s", handle, node))
	return nil
}

type world struct {
	*rig.Rig
	t          *testing.T
	controller *Controller
	disks      *disks
}

// newWorld has nodes a and b, and the claim data with its volume pvc-1.
func newWorld(t *testing.T, modes ...corev1.PersistentVolumeAccessMode) *world {
	d := &disks{on: map[string][]string{}, broken: map[string]bool{}}
	w := newWorldOn(t, modes, d, func(name, about string) time.Duration {
		return map[string]time.Duration{"attach": 2 * time.Second, "detach": time.Second}[name]
	})
	w.disks, d.note = d, w.Note
	return w
}

func newWorldOn(t *testing.T, modes []corev1.PersistentVolumeAccessMode, driver Driver, latency func(name, about string) time.Duration) *world {
	w := &world{controller: New(Options{}), t: t}
	w.Rig = rig.New(w.controller, NewAttacher(driver, latency))
	for _, name := range []string{"a", "b"} {
		w.Create(t, rig.Node(name, "zone-"+name))
	}
	claim, volume := rig.Volume("data", "pvc-1", modes[0])
	claim.Spec.AccessModes, volume.Spec.AccessModes = modes, modes
	claim = w.Create(t, claim).(*corev1.PersistentVolumeClaim)
	volume.Spec.ClaimRef.UID = claim.UID
	w.Create(t, volume)
	w.Watch = describe
	return w
}

// describe shows VolumeAttachments, the volumes that nodes may mount, and pods that go.
func describe(change store.Change) string {
	switch now := change.Object().(type) {
	case *storagev1.VolumeAttachment:
		line := fmt.Sprintf("VolumeAttachment of %s for %s", *now.Spec.Source.PersistentVolumeName, now.Spec.NodeName)
		switch {
		case change.New == nil:
			return line + " is gone"
		case now.Status.DetachError != nil:
			return line + " cannot be detached: " + now.Status.DetachError.Message
		case now.DeletionTimestamp != nil:
			return line + " is being deleted"
		case change.Old == nil:
			return line + " is wanted"
		case now.Status.Attached:
			return line + " is attached"
		}
	case *corev1.Node:
		before, ok := change.Old.(*corev1.Node)
		if ok && change.New != nil && !slices.Equal(before.Status.VolumesAttached, now.Status.VolumesAttached) {
			return fmt.Sprintf("node %s: attached %v", now.Name, now.Status.VolumesAttached)
		}
	}
	return ""
}

// run makes a pod that runs on a node, uses the claim, and whose kubelet reports the volume in use.
func (w *world) run(name, node string) {
	pod := rig.Mount(rig.Pod(name, node), "data")
	pod.Status.ContainerStatuses = []corev1.ContainerStatus{{Name: "db", State: corev1.ContainerState{Running: &corev1.ContainerStateRunning{}}}}
	w.Note(fmt.Sprintf("%s is bound to %s", name, node))
	w.Create(w.t, pod)
}

func (w *world) inUse(node string, used bool) {
	w.Note(fmt.Sprintf("kubelet of %s: in use %v", node, used))
	rig.Change(w.t, w.Rig, "", node, func(n *corev1.Node) {
		n.Status.VolumesInUse = nil
		if used {
			n.Status.VolumesInUse = []corev1.UniqueVolumeName{"kubernetes.io/csi/disks.example^disk-pvc-1"}
		}
	})
}

func (w *world) setNode(name string, ready corev1.ConditionStatus, taints ...corev1.Taint) {
	w.Note(fmt.Sprintf("node %s: Ready=%s, %d taints", name, ready, len(taints)))
	rig.Change(w.t, w.Rig, "", name, func(n *corev1.Node) {
		condition.Node(&n.Status, corev1.NodeReady).Status = ready
		n.Spec.Taints = taints
	})
}

func (w *world) deletePod(name string, force bool) {
	w.Note(fmt.Sprintf("delete %s, force %v", name, force))
	opts := store.DeleteOptions{}
	if force {
		opts.GracePeriodSeconds = new(int64)
	}
	require.NoError(w.t, w.API().Delete(store.Key{Kind: store.Pod, Namespace: "default", Name: name}, opts))
}

// stopped lets a pod's status say that its container has ended.
func (w *world) stopped(name string) {
	w.Note(name + " has stopped, says its kubelet")
	rig.Change(w.t, w.Rig, "default", name, func(pod *corev1.Pod) {
		pod.Status.ContainerStatuses[0].State = corev1.ContainerState{Terminated: &corev1.ContainerStateTerminated{}}
	})
}

// A pod is deleted in good order and replaced on another node.
func TestMove(t *testing.T) {
	w := newWorld(t, corev1.ReadWriteOnce)
	w.run("web-0", "a")
	w.Advance(5 * time.Second)
	w.inUse("a", true)
	w.Advance(5 * time.Second)
	w.deletePod("web-0", false)
	w.Advance(3 * time.Second)
	w.stopped("web-0")
	w.Advance(time.Second)
	w.inUse("a", false)
	w.Advance(time.Second)
	w.deletePod("web-0", true)
	w.run("web-0", "b")
	w.Advance(10 * time.Second)
	rig.Golden(t, "move", w.Transcript())
}

// The node dies; the pod is deleted by force and its successor waits for six minutes from then.
func TestForceDetach(t *testing.T) {
	w := newWorld(t, corev1.ReadWriteOnce)
	w.run("web-0", "a")
	w.Advance(5 * time.Second)
	w.inUse("a", true)
	w.Advance(55 * time.Second)
	w.setNode("a", corev1.ConditionUnknown)
	w.Advance(10 * time.Minute)
	w.deletePod("web-0", true)
	w.run("web-0", "b")
	w.Advance(10 * time.Minute)
	rig.Golden(t, "force-detach", w.Transcript())
}

// A node that is Ready is never detached by force, however long it says that it uses the volume.
func TestNoForceOnAHealthyNode(t *testing.T) {
	w := newWorld(t, corev1.ReadWriteOnce)
	w.run("web-0", "a")
	w.Advance(5 * time.Second)
	w.inUse("a", true)
	w.deletePod("web-0", true)
	w.Advance(time.Hour)
	require.Equal(t, []string{"a"}, w.disks.on["disk-pvc-1"])
	w.setNode("a", corev1.ConditionFalse)
	w.Advance(2 * time.Second)
	require.Empty(t, w.disks.on["disk-pvc-1"])
}

// The six minutes begin anew when a pod needed the volume in between.
func TestNeededAgain(t *testing.T) {
	w := newWorld(t, corev1.ReadWriteOnce)
	w.run("web-0", "a")
	w.Advance(5 * time.Second)
	w.inUse("a", true)
	w.setNode("a", corev1.ConditionUnknown)
	w.deletePod("web-0", true)
	w.Advance(4 * time.Minute)
	w.run("web-0", "a")
	w.Advance(time.Minute)
	w.deletePod("web-0", true)
	w.Advance(5 * time.Minute)
	require.Equal(t, []string{"a"}, w.disks.on["disk-pvc-1"])
	w.Advance(time.Minute + 2*time.Second)
	require.Empty(t, w.disks.on["disk-pvc-1"])
}

// The API server knows that the node uses the volume, the cache does not yet.
func TestStaleNode(t *testing.T) {
	w := newWorld(t, corev1.ReadWriteOnce)
	w.run("web-0", "a")
	w.Advance(5 * time.Second)
	w.deletePod("web-0", true)
	cache := w.API().View()
	w.inUse("a", true)
	again, err := w.controller.Reconcile(volumeKey("pvc-1"), cache, w.API())
	require.NoError(t, err)
	require.Equal(t, maxWaitForUnmount, again)
	require.NotContains(t, w.Transcript(), "being deleted")
}

func TestOutOfService(t *testing.T) {
	w := newWorld(t, corev1.ReadWriteOnce)
	w.run("web-0", "a")
	w.Advance(5 * time.Second)
	w.inUse("a", true)
	w.setNode("a", corev1.ConditionUnknown)
	w.deletePod("web-0", true)
	w.run("web-0", "b")
	w.Advance(20 * time.Second)
	w.setNode("a", corev1.ConditionUnknown, corev1.Taint{Key: corev1.TaintNodeOutOfService, Effect: corev1.TaintEffectNoExecute})
	w.Advance(20 * time.Second)
	rig.Golden(t, "out-of-service", w.Transcript())
}

// The node object is deleted: what it had in use stays in use for six minutes.
func TestNodeDeleted(t *testing.T) {
	w := newWorld(t, corev1.ReadWriteOnce)
	w.run("web-0", "a")
	w.Advance(5 * time.Second)
	w.inUse("a", true)
	w.Advance(time.Second)
	w.Note("delete node a")
	require.NoError(t, w.API().Delete(store.Key{Kind: store.Node, Name: "a"}, store.DeleteOptions{}))
	w.Advance(time.Minute)
	w.deletePod("web-0", true)
	w.Advance(7 * time.Minute)
	rig.Golden(t, "node-deleted", w.Transcript())
}

// Two pods on one node share a volume, and pods on another node wait for it; the first of them is told.
func TestMultiAttach(t *testing.T) {
	w := newWorld(t, corev1.ReadWriteOnce)
	w.run("one", "a")
	w.run("two", "a")
	w.run("three", "b")
	w.Advance(time.Minute)
	w.run("four", "b")
	w.Advance(time.Minute)
	for _, pod := range []string{"three", "four"} {
		w.deletePod(pod, true)
	}
	w.Advance(time.Minute)
	w.run("five", "b")
	w.Advance(time.Minute)
	rig.Golden(t, "multi-attach", w.Transcript())
}

// Up to 1.36 Kubernetes had other words for it.
func TestMultiAttachInOlderWords(t *testing.T) {
	w := newWorld(t, corev1.ReadWriteOnce)
	w.controller.options.MultiAttachError = true
	w.run("one", "a")
	w.run("two", "b")
	w.Advance(time.Minute)
	require.Contains(t, w.Transcript(), `Warning FailedAttachVolume on Pod default/two: Multi-Attach error for volume "pvc-1" Volume is already used by pod(s) one`)
	w.inUse("a", true)
	w.deletePod("one", true)
	w.deletePod("two", true)
	w.Advance(time.Second)
	w.run("three", "b")
	w.Advance(time.Minute)
	require.Contains(t, w.Transcript(), `Warning FailedAttachVolume on Pod default/three: Multi-Attach error for volume "pvc-1" `+
		"Volume is already exclusively attached to one node and can't be attached to another")
}

// Each combination of modes, and to how many of two nodes a volume with it comes.
func TestAccessModes(t *testing.T) {
	const once, many, read, pod = corev1.ReadWriteOnce, corev1.ReadWriteMany, corev1.ReadOnlyMany, corev1.ReadWriteOncePod
	for _, test := range []struct {
		modes []corev1.PersistentVolumeAccessMode
		want  []string
	}{
		{[]corev1.PersistentVolumeAccessMode{once}, []string{"a"}},
		{[]corev1.PersistentVolumeAccessMode{pod}, []string{"a"}},
		{[]corev1.PersistentVolumeAccessMode{many}, []string{"a", "b"}},
		{[]corev1.PersistentVolumeAccessMode{read}, []string{"a", "b"}},
		{[]corev1.PersistentVolumeAccessMode{once, read}, []string{"a", "b"}},
	} {
		w := newWorld(t, test.modes...)
		w.run("one", "a")
		w.run("two", "b")
		w.Advance(time.Minute)
		require.Equal(t, test.want, w.disks.on["disk-pvc-1"], test.modes)
	}
}

// With the flag against it nothing is detached by force, except from a node that is out of service.
func TestForceDetachDisabled(t *testing.T) {
	w := newWorld(t, corev1.ReadWriteOnce)
	w.controller.options.DisableForceDetachOnTimeout = true
	w.run("web-0", "a")
	w.Advance(5 * time.Second)
	w.inUse("a", true)
	w.setNode("a", corev1.ConditionUnknown)
	w.deletePod("web-0", true)
	w.Advance(time.Hour)
	require.Equal(t, []string{"a"}, w.disks.on["disk-pvc-1"])
	w.setNode("a", corev1.ConditionUnknown, corev1.Taint{Key: corev1.TaintNodeOutOfService, Effect: corev1.TaintEffectNoExecute})
	w.Advance(2 * time.Second)
	require.Empty(t, w.disks.on["disk-pvc-1"])
}

// A disk that cannot be attached is tried again after 1 s, 2 s, 4 s.
func TestAttachFails(t *testing.T) {
	w := newWorld(t, corev1.ReadWriteOnce)
	w.disks.broken["disk-pvc-1"] = true
	w.run("web-0", "a")
	w.Advance(6 * time.Second)
	w.disks.broken["disk-pvc-1"] = false
	w.Advance(5 * time.Second)
	rig.Golden(t, "attach-fails", w.Transcript())
}

func TestUnattachable(t *testing.T) {
	w := newWorld(t, corev1.ReadWriteOnce)
	claim, volume := rig.Volume("local", "local-1", corev1.ReadWriteOnce)
	claim = w.Create(t, claim).(*corev1.PersistentVolumeClaim)
	volume.Spec.CSI, volume.Spec.HostPath = nil, &corev1.HostPathVolumeSource{Path: "/data"}
	volume.Spec.ClaimRef.UID = claim.UID
	w.Create(t, volume)
	w.Create(t, rig.Mount(rig.Pod("web-0", "a"), "local"))
	w.Advance(time.Minute)
	require.Empty(t, w.Transcript())
}

func TestDone(t *testing.T) {
	running := corev1.ContainerState{Running: &corev1.ContainerStateRunning{}}
	ended := corev1.ContainerState{Terminated: &corev1.ContainerStateTerminated{}}
	waiting := corev1.ContainerState{Waiting: &corev1.ContainerStateWaiting{}}
	for _, test := range []struct {
		phase       corev1.PodPhase
		terminating bool
		states      []corev1.ContainerState
		want        bool
	}{
		{corev1.PodRunning, false, []corev1.ContainerState{ended}, false},
		{corev1.PodFailed, false, []corev1.ContainerState{running}, true},
		{corev1.PodSucceeded, false, nil, true},
		{corev1.PodRunning, true, []corev1.ContainerState{running, ended}, false},
		{corev1.PodRunning, true, []corev1.ContainerState{{}}, false}, // unknown
		{corev1.PodRunning, true, []corev1.ContainerState{ended, waiting}, true},
		{corev1.PodPending, true, nil, true},
	} {
		pod := rig.Pod("p", "a")
		pod.Status.Phase = test.phase
		if test.terminating {
			pod.DeletionTimestamp = &pod.CreationTimestamp
		}
		for _, state := range test.states {
			pod.Status.ContainerStatuses = append(pod.Status.ContainerStatuses, corev1.ContainerStatus{State: state})
		}
		require.Equal(t, test.want, done(pod), test)
	}
}
