package scheduler

import (
	"errors"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"statefulsim/controller/condition"
	"statefulsim/controller/store"
	"statefulsim/controller/volumebinding/pv"
)

const (
	// bindPoll is how often the scheduler looks whether the volumes are bound; bindTimeout is how long it waits for them
	// (framework/plugins/volumebinding/binder.go:BindPodVolumes; apis/config/v1/defaults.go: BindTimeoutSeconds).
	bindPoll    = time.Second
	bindTimeout = 600 * time.Second
)

// binding is a pod that has a node and waits for its volumes.
type binding struct {
	pod          *corev1.Pod
	node         string
	promised     []promise
	since, check time.Time
}

// reserve tells the volume controllers what the claims are to get: a volume that exists, or a node to make one for
// (framework/plugins/volumebinding/binder.go:bindAPIUpdate).
func (s *Scheduler) reserve(promised []promise, node string, api *store.Client) error {
	for _, p := range promised {
		var obj store.Object
		if p.volume != nil {
			volume, changed := pv.Bind(p.volume, p.claim)
			if !changed {
				continue
			}
			obj = volume
		} else if p.claim.Annotations[pv.SelectedNode] != node {
			claim := p.claim.DeepCopy()
			metav1.SetMetaDataAnnotation(&claim.ObjectMeta, pv.SelectedNode, node)
			obj = claim
		} else {
			continue
		}
		written, err := api.Update(obj)
		if err != nil {
			return err
		}
		s.written.Keep(written)
	}
	return nil
}

// proceed binds the pod if all its volumes are there by now.
func (s *Scheduler) proceed(key store.Key, b *binding, cache *store.View, api *store.Client) (time.Duration, error) {
	if api.Now.Before(b.check) {
		return b.check.Sub(api.Now), nil
	}
	done, err := s.bound(b, cache)
	if err == nil && !done && api.Now.Sub(b.since) >= bindTimeout {
		err = errors.New("binding volumes: context deadline exceeded")
	}
	if err != nil {
		return s.abandon(key, b.pod, err, api)
	}
	if !done {
		b.check = api.Now.Add(bindPoll)
		return bindPoll, nil
	}
	delete(s.binding, key)
	return 0, s.bind(key, b.pod, b.node, api)
}

// bound tells whether all promises are kept, and with an error that one was broken
// (framework/plugins/volumebinding/binder.go:checkBindings).
func (s *Scheduler) bound(b *binding, cache *store.View) (bool, error) {
	node, ok := store.Get[*corev1.Node](cache, "", b.node)
	if !ok {
		return false, errors.New(`binding volumes: failed to get node "` + b.node + `": node "` + b.node + `" not found`)
	}
	for _, p := range b.promised {
		done, err := s.kept(p, node, cache)
		if !done || err != nil {
			return false, err
		}
	}
	return true, nil
}

func (s *Scheduler) kept(p promise, node *corev1.Node, cache *store.View) (bool, error) {
	claim, ok := pv.Latest[*corev1.PersistentVolumeClaim](s.written, cache, p.claim.Namespace, p.claim.Name)
	if !ok || claim.UID != p.claim.UID {
		return false, errors.New(`binding volumes: failed to check provisioning pvc: persistentvolumeclaim "` + p.claim.Name + `" not found`)
	}
	name := claim.Spec.VolumeName
	if p.volume != nil {
		name = p.volume.Name
	} else if claim.Annotations[pv.SelectedNode] != node.Name {
		return false, errors.New(`binding volumes: provisioning failed for PVC "` + claim.Name + `"`)
	}
	volume, ok := pv.Latest[*corev1.PersistentVolume](s.written, cache, "", name)
	if ok && !pv.Reaches(volume, node) {
		return false, errors.New(`binding volumes: pv "` + name + `" node affinity doesn't match node "` + node.Name + `": no matching NodeSelectorTerms`)
	}
	if p.volume != nil && (!ok || volume.Spec.ClaimRef == nil || volume.Spec.ClaimRef.UID == "") {
		return false, errors.New(`binding volumes: ClaimRef got reset for pv "` + name + `"`)
	}
	return ok && pv.FullyBound(claim), nil
}

// bind assigns the pod to its node. If the server refuses, the node is given up.
func (s *Scheduler) bind(key store.Key, pod *corev1.Pod, node string, api *store.Client) error {
	delete(s.waiting, key)
	live, ok := store.Get[*corev1.Pod](api.View(), key.Namespace, key.Name)
	if !ok || live.UID != pod.UID || live.Spec.NodeName != "" || live.DeletionTimestamp != nil {
		s.cluster.remove(key) // gone or going, or placed by someone else: the cache will tell
		return nil
	}
	bound, err := api.Bind(key, pod.UID, node)
	if err != nil {
		s.cluster.remove(key)
		return err
	}
	api.Event(bound, corev1.EventTypeNormal, "Scheduled", "Successfully assigned "+key.Namespace+"/"+key.Name+" to "+node)
	return nil
}

// report tells why a pod has no node: by an event, and by its PodScheduled condition.
func (s *Scheduler) report(key store.Key, pod *corev1.Pod, reason, message string, api *store.Client) error {
	api.Event(pod, corev1.EventTypeWarning, "FailedScheduling", message)
	live, ok := store.Get[*corev1.Pod](api.View(), key.Namespace, key.Name)
	if !ok || live.UID != pod.UID {
		return nil
	}
	return setCondition(live, corev1.PodCondition{
		Type: corev1.PodScheduled, Status: corev1.ConditionFalse, Reason: reason, Message: message,
	}, api)
}

// setCondition writes a condition of the pod if it says something new.
func setCondition(pod *corev1.Pod, c corev1.PodCondition, api *store.Client) error {
	c.ObservedGeneration = pod.Generation
	changed := *pod
	if !condition.SetPod(&changed.Status, c, api.Now) {
		return nil
	}
	_, err := api.UpdateStatus(&changed)
	return err
}
