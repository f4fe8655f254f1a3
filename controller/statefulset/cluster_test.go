package statefulset

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
)

// cluster is an API server for one set, with a kubelet that does as it is told. A State follows it, each change being
// handed over once the sync that made it is over.
type cluster struct {
	set     *appsv1.StatefulSet
	objects map[string]metav1.Object // pods, claims and revisions by kind and name
	now     time.Time
	created int
	state   *State
	late    []string    // keys of what changed and was not handed to the state yet
	log     []string    // the writes of the last sync
	onWrite func(Write) // sees each write before it is carried out; may be nil
}

func newCluster(set *appsv1.StatefulSet) *cluster {
	return &cluster{set: set, objects: map[string]metav1.Object{}, now: time.Unix(1000, 0), state: NewState(set, DefaultGates())}
}

// newSet returns a set of that many replicas that mounts the given claims.
func newSet(replicas int32, claims ...string) *appsv1.StatefulSet {
	set := &appsv1.StatefulSet{
		ObjectMeta: metav1.ObjectMeta{Name: "web", Namespace: "default", UID: "set-1", Generation: 1},
		Spec: appsv1.StatefulSetSpec{
			Replicas: &replicas, ServiceName: "web", Selector: &metav1.LabelSelector{MatchLabels: selects},
			Template: vectorTemplate("t1"), PodManagementPolicy: appsv1.OrderedReadyPodManagement,
			UpdateStrategy: appsv1.StatefulSetUpdateStrategy{
				Type:          appsv1.RollingUpdateStatefulSetStrategyType,
				RollingUpdate: &appsv1.RollingUpdateStatefulSetStrategy{Partition: new(int32)},
			},
		},
	}
	for _, name := range claims {
		set.Spec.VolumeClaimTemplates = append(set.Spec.VolumeClaimTemplates,
			corev1.PersistentVolumeClaim{ObjectMeta: metav1.ObjectMeta{Name: name}})
	}
	return set
}

// edit changes the set's spec.
func (c *cluster) edit(change func(*appsv1.StatefulSet)) {
	set := c.set.DeepCopy()
	change(set)
	set.Generation++
	c.set = set
	c.state.PutSet(set)
}

// put makes obj what the server holds under its name.
func (c *cluster) put(obj metav1.Object) {
	key := Write{Object: obj}.Kind() + " " + obj.GetName()
	c.objects[key] = obj
	c.late = append(c.late, key)
}

func (c *cluster) drop(obj metav1.Object) {
	key := Write{Object: obj}.Kind() + " " + obj.GetName()
	delete(c.objects, key)
	c.late = append(c.late, key)
}

// deliver hands the state what has changed.
func (c *cluster) deliver() {
	for _, key := range c.late {
		var kind, name string
		fmt.Sscan(key, &kind, &name)
		switch obj := c.objects[key].(type) {
		case *corev1.Pod:
			c.state.PutPod(obj)
		case *corev1.PersistentVolumeClaim:
			c.state.PutClaim(obj)
		case *appsv1.ControllerRevision:
			c.state.PutRevision(obj)
		default:
			meta := metav1.ObjectMeta{Name: name, Namespace: "default"}
			switch kind {
			case "Pod":
				c.state.RemovePod(name)
			case "PersistentVolumeClaim":
				c.state.RemoveClaim(&corev1.PersistentVolumeClaim{ObjectMeta: meta})
			case "ControllerRevision":
				c.state.RemoveRevision(&appsv1.ControllerRevision{ObjectMeta: meta})
			}
		}
	}
	c.late = nil
}

// sync runs one sync of the state.
func (c *cluster) sync() Outcome {
	c.log = nil
	outcome := c.state.Sync(c.set, c.now, c.apply)
	c.state.PutSet(c.set)
	c.deliver()
	return outcome
}

func (c *cluster) apply(w Write) (metav1.Object, error) {
	if c.onWrite != nil {
		c.onWrite(w)
	}
	answer, err := c.answer(w)
	c.log = append(c.log, w.String())
	return answer, err
}

func (c *cluster) answer(w Write) (metav1.Object, error) {
	kind, name := w.Kind(), w.Object.GetName()
	held, exists := c.objects[kind+" "+name]
	switch w.Verb {
	case UpdateStatus:
		if !plausible(&w.Object.(*appsv1.StatefulSet).Status) {
			return nil, apierrors.NewInvalid(setKind.GroupKind(), name, nil)
		}
		c.set = w.Object.(*appsv1.StatefulSet)
		return w.Object, nil
	case Create:
		if exists {
			return held, apierrors.NewAlreadyExists(schema.GroupResource{Resource: kind}, name)
		}
		c.created++
		w.Object.SetUID(types.UID(name + "." + strconv.Itoa(c.created)))
		w.Object.SetCreationTimestamp(metav1.NewTime(c.now))
		if pod, ok := w.Object.(*corev1.Pod); ok {
			pod.Status.Phase = corev1.PodPending
		}
	case Delete:
		if !exists {
			return nil, apierrors.NewNotFound(schema.GroupResource{Resource: kind}, name)
		}
		pod, ok := held.(*corev1.Pod)
		if !ok || pod.Spec.NodeName == "" || podFacts(pod).has(terminal) {
			c.drop(held)
			return nil, nil
		}
		pod = pod.DeepCopy()
		pod.DeletionTimestamp = new(metav1.NewTime(c.now))
		c.put(pod)
		return nil, nil
	}
	c.put(w.Object)
	return w.Object, nil
}

// list returns the objects of one type, by name.
func list[T metav1.Object](c *cluster) []T {
	var all []T
	for _, key := range slices.Sorted(maps.Keys(c.objects)) {
		if obj, ok := c.objects[key].(T); ok {
			all = append(all, obj)
		}
	}
	return all
}

// pod returns the pod of an ordinal, or nil.
func (c *cluster) pod(ordinal int) *corev1.Pod {
	pod, _ := c.objects["Pod "+PodName(c.set.Name, ordinal)].(*corev1.Pod)
	return pod
}

// input is what a sync reads, all at once.
func (c *cluster) input() Input {
	return Input{
		Set: c.set, Live: c.set, Now: c.now,
		Pods: list[*corev1.Pod](c), Claims: list[*corev1.PersistentVolumeClaim](c), Revisions: list[*appsv1.ControllerRevision](c),
	}
}

// change replaces a pod by a changed copy.
func (c *cluster) change(pod *corev1.Pod, change func(*corev1.Pod)) {
	pod = pod.DeepCopy()
	change(pod)
	c.put(pod)
	c.deliver()
}

// start makes a pod Running and Ready on a node.
func (c *cluster) start(pod *corev1.Pod) {
	c.change(pod, func(pod *corev1.Pod) {
		pod.Spec.NodeName = "node"
		pod.Status.Phase = corev1.PodRunning
		pod.Status.Conditions = []corev1.PodCondition{{Type: corev1.PodReady, Status: corev1.ConditionTrue, LastTransitionTime: metav1.NewTime(c.now)}}
	})
}

// settle lets the kubelet do its work once: pods start, and end if they are terminating.
func (c *cluster) settle() {
	for _, pod := range list[*corev1.Pod](c) {
		switch is := podFacts(pod); {
		case is.has(terminating):
			c.drop(pod)
			c.deliver()
		case !is.has(healthy) && !is.has(terminal):
			c.start(pod)
		}
	}
}
