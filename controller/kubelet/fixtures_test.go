package kubelet

import (
	"strings"

	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	storagev1 "k8s.io/api/storage/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"

	"statefulsim/controller/store"
)

var always = corev1.ContainerRestartPolicyAlways

// pod is a pod with one container "app", bound to node a and changed by each of the options.
func pod(name string, options ...func(*corev1.Pod)) *corev1.Pod {
	p := &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: name},
		Spec:       corev1.PodSpec{NodeName: "a", Containers: []corev1.Container{{Name: "app", Image: "app:1"}}},
	}
	for _, option := range options {
		option(p)
	}
	return p
}

func app(change func(*corev1.Container)) func(*corev1.Pod) {
	return func(p *corev1.Pod) { change(&p.Spec.Containers[0]) }
}

func tcp(delay, period, threshold int32) *corev1.Probe {
	return &corev1.Probe{
		ProbeHandler:        corev1.ProbeHandler{TCPSocket: &corev1.TCPSocketAction{Port: intstr.FromInt32(3306)}},
		InitialDelaySeconds: delay, PeriodSeconds: period, FailureThreshold: threshold,
	}
}

func exec(command ...string) *corev1.Lifecycle {
	return &corev1.Lifecycle{PreStop: &corev1.LifecycleHandler{Exec: &corev1.ExecAction{Command: command}}}
}

func beside(containers ...corev1.Container) func(*corev1.Pod) {
	return func(p *corev1.Pod) { p.Spec.Containers = append(p.Spec.Containers, containers...) }
}

func grace(seconds int64) func(*corev1.Pod) {
	return func(p *corev1.Pod) { p.Spec.TerminationGracePeriodSeconds = &seconds }
}

func sidecar(name string) corev1.Container {
	return corev1.Container{Name: name, Image: name + ":1", RestartPolicy: &always}
}

func inits(containers ...corev1.Container) func(*corev1.Pod) {
	return func(p *corev1.Pod) { p.Spec.InitContainers = containers }
}

func restartPolicy(policy corev1.RestartPolicy) func(*corev1.Pod) {
	return func(p *corev1.Pod) { p.Spec.RestartPolicy = policy }
}

func uses(claim string) func(*corev1.Pod) {
	return func(p *corev1.Pod) {
		p.Spec.Volumes = append(p.Spec.Volumes, corev1.Volume{Name: claim[:strings.IndexByte(claim, '-')], VolumeSource: corev1.VolumeSource{
			PersistentVolumeClaim: &corev1.PersistentVolumeClaimVolumeSource{ClaimName: claim}}})
	}
}

func node() *corev1.Node { return &corev1.Node{ObjectMeta: metav1.ObjectMeta{Name: "a"}} }

func (w *world) createClaim(name string, modes ...corev1.PersistentVolumeAccessMode) {
	if modes == nil {
		modes = []corev1.PersistentVolumeAccessMode{corev1.ReadWriteOnce}
	}
	w.create(&corev1.PersistentVolumeClaim{
		ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: name},
		Spec: corev1.PersistentVolumeClaimSpec{
			AccessModes: modes, Resources: corev1.VolumeResourceRequirements{Requests: gibibytes(1)},
		},
	})
}

func gibibytes(n int64) corev1.ResourceList {
	return corev1.ResourceList{corev1.ResourceStorage: *resource.NewQuantity(n<<30, resource.BinarySI)}
}

// bind gives a claim its volume.
func (w *world) bind(claim, pv string) {
	bound := w.claim(claim)
	w.create(&corev1.PersistentVolume{
		ObjectMeta: metav1.ObjectMeta{Name: pv},
		Spec: corev1.PersistentVolumeSpec{
			AccessModes: bound.Spec.AccessModes, Capacity: gibibytes(1),
			ClaimRef: &corev1.ObjectReference{Namespace: "default", Name: claim, UID: bound.UID},
			PersistentVolumeSource: corev1.PersistentVolumeSource{
				CSI: &corev1.CSIPersistentVolumeSource{Driver: "disk.example.com", VolumeHandle: pv}},
		},
	})
	bound.Spec.VolumeName = pv
	updated, err := w.api().Update(bound)
	require.NoError(w.t, err)
	bound = updated.(*corev1.PersistentVolumeClaim).DeepCopy()
	bound.Status.Phase, bound.Status.Capacity = corev1.ClaimBound, gibibytes(1)
	_, err = w.api().UpdateStatus(bound)
	require.NoError(w.t, err)
}

func (w *world) claim(name string) *corev1.PersistentVolumeClaim {
	stored, ok := store.Get[*corev1.PersistentVolumeClaim](w.store.View(), "default", name)
	require.True(w.t, ok)
	return stored.DeepCopy()
}

// grow is what the CSI driver's resizer does: the volume has more, and the rest is left to the node.
func (w *world) grow(claim string, size int64) {
	w.say("resizer: %s has grown to %dGi", claim, size)
	grown := w.claim(claim)
	stored, _ := store.Get[*corev1.PersistentVolume](w.store.View(), "", grown.Spec.VolumeName)
	volume := stored.DeepCopy()
	volume.Spec.Capacity = gibibytes(size)
	updated, err := w.api().Update(volume)
	require.NoError(w.t, err)
	grown.Status.AllocatedResources = gibibytes(size)
	grown.Status.AllocatedResourceStatuses = map[corev1.ResourceName]corev1.ClaimResourceStatus{
		corev1.ResourceStorage: corev1.PersistentVolumeClaimNodeResizePending}
	grown.Status.Conditions = []corev1.PersistentVolumeClaimCondition{{Type: corev1.PersistentVolumeClaimFileSystemResizePending, Status: corev1.ConditionTrue}}
	_, err = w.api().UpdateStatus(grown)
	require.NoError(w.t, err)
	w.dirty = append(w.dirty, w.kubelet.VolumeGrew(w.now, updated.(*corev1.PersistentVolume))...)
}

// attach makes a VolumeAttachment and reports it as attached.
func (w *world) attach(pv string) {
	w.create(&storagev1.VolumeAttachment{
		ObjectMeta: metav1.ObjectMeta{Name: "attach-" + pv},
		Spec: storagev1.VolumeAttachmentSpec{
			Attacher: "disk.example.com", NodeName: "a", Source: storagev1.VolumeAttachmentSource{PersistentVolumeName: &pv}},
	})
	stored, _ := store.Get[*storagev1.VolumeAttachment](w.store.View(), "", "attach-"+pv)
	attached := stored.DeepCopy()
	attached.Status.Attached = true
	_, err := w.api().UpdateStatus(attached)
	require.NoError(w.t, err)
}

// delete is somebody's `kubectl delete pod`; seconds < 0 leaves the grace period to the pod.
func (w *world) delete(name string, seconds int64) {
	w.say("kubectl delete pod %s (grace period %d)", name, seconds)
	var opts store.DeleteOptions
	if seconds >= 0 {
		opts.GracePeriodSeconds = &seconds
	}
	_ = w.api().Delete(store.Key{Kind: store.Pod, Namespace: "default", Name: name}, opts)
}

// markNotReady is what the control plane does to the pods of a node that it does not hear of.
func (w *world) markNotReady() {
	w.say("control plane: pod web-0 is not ready")
	w.setStatus(func(s *corev1.PodStatus) {
		ready := find(s.Conditions, corev1.PodReady)
		ready.Status, ready.LastTransitionTime = corev1.ConditionFalse, metav1.NewTime(w.now)
		s.Conditions = append(s.Conditions,
			corev1.PodCondition{Type: corev1.DisruptionTarget, Status: corev1.ConditionTrue, Reason: "DeletionByTaintManager"})
	})
	w.before = ""
}

// setStatus is somebody else's change of the pod's status.
func (w *world) setStatus(change func(*corev1.PodStatus)) {
	stored, _ := store.Get[*corev1.Pod](w.store.View(), "default", "web-0")
	changed := stored.DeepCopy()
	change(&changed.Status)
	_, err := w.api().UpdateStatus(changed)
	require.NoError(w.t, err)
}

func (w *world) markFailed() {
	w.say("control plane: pod web-0 has failed")
	w.setStatus(func(s *corev1.PodStatus) { s.Phase = corev1.PodFailed })
}

func (w *world) openGate() {
	w.say("control plane: the gate is open")
	w.setStatus(func(s *corev1.PodStatus) {
		s.Conditions = append(s.Conditions, corev1.PodCondition{Type: "example.com/attached", Status: corev1.ConditionTrue})
	})
}

func (w *world) setNodeReady(status corev1.ConditionStatus) {
	w.say("control plane: node is %s", status)
	stored, _ := store.Get[*corev1.Node](w.store.View(), "", "a")
	changed := stored.DeepCopy()
	findNode(changed.Status.Conditions, corev1.NodeReady).Status = status
	_, err := w.api().UpdateStatus(changed)
	require.NoError(w.t, err)
}

func keyOf(name string) store.Key {
	return store.Key{Kind: store.Pod, Namespace: "default", Name: name}
}

// pod is a pod as the API server has it.
func (w *world) pod(name string) *corev1.Pod {
	stored, ok := store.Get[*corev1.Pod](w.store.View(), "default", name)
	require.True(w.t, ok)
	return stored
}

// nodeReady is the node's condition Ready as the API server has it.
func (w *world) nodeReady() *corev1.NodeCondition {
	stored, ok := store.Get[*corev1.Node](w.store.View(), "", "a")
	require.True(w.t, ok)
	return findNode(stored.Status.Conditions, corev1.NodeReady)
}
