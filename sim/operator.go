package sim

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	coordinationv1 "k8s.io/api/coordination/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"statefulsim/controller/condition"
	"statefulsim/controller/store"
	"statefulsim/scenarios"
)

// operatorName is the operator's as an actor, and as a component of the control plane.
const operatorName = scenarios.DatabaseOperator

// operator fails replicated databases over: it decides which instance is the primary, writes that into the set's Lease, tells
// the instances, and labels their pods. What it knows of the cluster is what its watches have brought into its cache. It is a
// reconciler, and its keys are those of StatefulSets.
type operator struct {
	w        *world
	informer *informer
	care     map[store.Key]*care
}

// care is what the operator remembers of a set.
type care struct {
	known    bool                 // its Lease has been seen
	founded  bool                 // the set has had a primary with data: another may not begin without
	lost     bool                 // the primary is lost, by what the operator goes by …
	since    time.Duration        // … since then without interruption
	noticed  bool                 // it has told so
	electing bool                 // it is asking the instances how far they are
	refusal  string               // why nobody was promoted when it last tried
	wrote    uint64               // the latest timeline that it wrote into the Lease
	promised uint64               // the latest timeline that it asked instances to promise
	renewed  time.Duration        // what the Lease says, …
	sight    time.Duration        // … and when it was first seen to say so
	obeys    map[types.UID]uint64 // the timeline in which an instance is what it was told to be, by its pod
	asking   map[types.UID]bool   // an order is on its way
	empty    types.UID            // the pod that was to be the primary and has no data
	position int                  // how many entries the primary had when it was last asked
	asked    time.Duration        // when that was
}

// addOperator starts the operator if the scenario has databases for it. What one that is started anew has to know, it finds in the
// cluster.
func (w *world) addOperator() {
	for _, runs := range w.scenario.Runs {
		if runs.Kind == scenarios.Replicated {
			informer := w.addInformer(operatorName, store.EndpointSlice, store.ControllerRevision, store.PersistentVolumeClaim)
			informer.add(operatorName, func() reconciler {
				w.operator = &operator{w: w, informer: informer, care: map[store.Key]*care{}}
				return w.operator
			})
			return
		}
	}
}

// gone tells whether the operator's process has ended: what it was waiting for is nobody's then.
func (o *operator) gone() bool { return o.w.operator != o || o.informer.down }

// Keys names the set whose pod, Lease or spec changed, and all sets when a node becomes Ready or is no longer.
func (o *operator) Keys(change store.Change, cache *store.View) (keys []store.Key) {
	set := store.Key{Kind: store.StatefulSet, Namespace: change.Object().GetNamespace()}
	switch change.Kind {
	case store.Pod:
		set.Name = ownerOf(change.Object(), store.StatefulSet)
	case store.StatefulSet:
		set.Name = change.Object().GetName()
	case store.Lease:
		set.Name, _ = strings.CutSuffix(change.Object().GetName(), leaseName(""))
	case store.Node:
		before, _ := change.Old.(*corev1.Node)
		after, _ := change.New.(*corev1.Node)
		if before == nil || after == nil || condition.NodeReady(before) != condition.NodeReady(after) {
			for set := range store.All[*appsv1.StatefulSet](cache) {
				keys = append(keys, store.KeyOf(set))
			}
		}
	}
	if set.Name != "" {
		keys = append(keys, set)
	}
	return slices.DeleteFunc(keys, func(k store.Key) bool { return o.w.scenario.Runs[k.Name].Kind != scenarios.Replicated })
}

// view is a set as the operator sees it.
type view struct {
	key     store.Key
	set     *appsv1.StatefulSet
	options scenarios.Replication
	now     leadership
	pods    []*corev1.Pod // by ordinal
	cache   *store.View
	heir    string // the pod to promote if none is farther; "" is any
	*care
}

// Reconcile sees to the primary of a set, and to its pods' labels.
func (o *operator) Reconcile(key store.Key, cache *store.View, api *store.Client) (time.Duration, error) {
	set, ok := store.Get[*appsv1.StatefulSet](cache, key.Namespace, key.Name)
	if !ok || set.DeletionTimestamp != nil {
		return 0, nil
	}
	v := &view{key: key, set: set, options: o.w.scenario.Runs[key.Name].Replication, pods: podsOf(cache, set), cache: cache, care: o.caresFor(key)}
	lease, ok := o.w.leaseOf(cache, key)
	if !ok {
		return 0, o.found(v, api)
	}
	if v.now = o.w.leadershipOf(lease); v.now.timeline < v.wrote {
		return 0, nil // the cache will show what it wrote
	}
	o.observe(v)
	again := o.instruct(v)
	next := o.watchOver(v)
	if again == 0 || next > 0 && next < again {
		again = next
	}
	return again, o.label(v, api)
}

func (o *operator) caresFor(set store.Key) *care {
	c := o.care[set]
	if c == nil {
		c = &care{obeys: map[types.UID]uint64{}, asking: map[types.UID]bool{}, sight: o.w.loop.Now()}
		o.care[set] = c
	}
	return c
}

// podsOf lists the pods of a set, by their ordinals.
func podsOf(cache *store.View, set *appsv1.StatefulSet) []*corev1.Pod {
	pods := slices.Collect(store.ControlledBy[*corev1.Pod](cache, set.UID))
	slices.SortFunc(pods, func(a, b *corev1.Pod) int { return cmp.Compare(ordinalOf(a), ordinalOf(b)) })
	return pods
}

// holder is the pod of the primary, or nil.
func (v *view) holder() *corev1.Pod {
	for _, pod := range v.pods {
		if pod.Name == v.now.holder {
			return pod
		}
	}
	return nil
}

// found makes the first ordinal of a set the primary that has none yet.
func (o *operator) found(v *view, api *store.Client) error {
	if len(v.pods) == 0 || ordinalOf(v.pods[0]) != firstOrdinal(v.set) {
		return nil
	}
	_, err := api.Create(&coordinationv1.Lease{
		ObjectMeta: metav1.ObjectMeta{Namespace: v.key.Namespace, Name: leaseName(v.key.Name),
			Annotations: map[string]string{replicasAnnotation: strconv.Itoa(int(replicasOf(v.set)))}},
		Spec: coordinationv1.LeaseSpec{HolderIdentity: &v.pods[0].Name, LeaseTransitions: new(int32(1)),
			LeaseDurationSeconds: new(max(1, int32(v.options.LeaseDuration.Seconds()))),
			AcquireTime:          &metav1.MicroTime{Time: o.w.now()}, RenewTime: &metav1.MicroTime{Time: o.w.now()}},
	})
	return err
}

// observe takes notice of what the cache shows.
func (o *operator) observe(v *view) {
	if v.now.renewed != v.renewed {
		v.renewed, v.sight = v.now.renewed, o.w.loop.Now()
	}
	if pod := v.holder(); pod != nil && condition.PodReady(pod) && v.obeys[pod.UID] == v.now.timeline {
		v.founded = true
	}
	if !v.known {
		v.known = true
		v.founded = v.now.timeline > 1 || slices.ContainsFunc(v.pods, func(pod *corev1.Pod) bool { return pod.Labels[roleLabel] != "" })
	}
}

// instruct tells the instances who is the primary that are not yet what they are to be, as far as it knows. It returns when to do so
// again, if any of them may not hear of it.
func (o *operator) instruct(v *view) (again time.Duration) {
	for _, pod := range v.pods {
		if pod.Status.PodIP == "" {
			continue
		}
		heard := v.obeys[pod.UID] == v.now.timeline
		if heard && condition.PodReady(pod) {
			continue
		}
		again = agentRetry
		if v.asking[pod.UID] {
			continue
		}
		v.asking[pod.UID] = true
		uid, timeline := pod.UID, v.now.timeline
		o.w.request(controlPlane, pod.Status.PodIP, "order", order{v.now, !v.founded}, agentTimeout, func(_ any, err error) {
			delete(v.asking, uid)
			switch {
			case o.gone():
			case err == errStale:
				v.promised = max(v.promised, timeline+1)
			case err == errNoData:
				v.empty = uid
			case err == nil && !heard:
				v.obeys[uid] = timeline
				o.wake(v.key)
			}
		})
	}
	return again
}

// wake has the operator look at a set, because of what is being applied.
func (o *operator) wake(set store.Key) {
	o.informer.components[0].dirty(set, o.w.latency("apiCall", operatorName), o.w.cause)
}

// label gives the pods their roles: primary to the one that has become it. When the old primary's goes depends on the scenario.
func (o *operator) label(v *view, api *store.Client) error {
	for _, pod := range v.pods {
		obeys, want := v.obeys[pod.UID] == v.now.timeline, replicaRole
		switch was := pod.Labels[roleLabel]; {
		case pod.Status.PodIP == "" || condition.PodTerminal(pod):
			continue
		case pod.Name == v.now.holder && !obeys:
			continue
		case pod.Name == v.now.holder:
			want = primaryRole
		case was == primaryRole && v.options.Relabels == scenarios.RelabelsLate && !obeys && runs(pod):
			continue
		}
		if pod.Labels[roleLabel] == want {
			continue
		}
		update := pod.DeepCopy()
		update.Labels[roleLabel] = want
		if _, err := api.Update(update); err != nil {
			return err
		}
	}
	return nil
}

// runs tells whether a container of the pod runs, as far as its kubelet has told.
func runs(pod *corev1.Pod) bool {
	return slices.ContainsFunc(pod.Status.ContainerStatuses, func(s corev1.ContainerStatus) bool { return s.State.Running != nil })
}
