// Package job runs Jobs: it makes their pods, counts how they end, makes new ones in place of those that fail, with growing
// pauses between them, and declares the Job complete or failed. Its second controller takes finished Jobs away.
//
// Every pod of a Job carries the finalizer batch.kubernetes.io/job-tracking until it is counted, so that none is missed that
// somebody deletes: that is modelled, with the counts in between (status.uncountedTerminatedPods). Left out are Jobs whose
// pods have indexes (they are run as if they had none), podFailurePolicy, successPolicy, managedBy, and the adoption of pods
// that are nobody's.
package job

import (
	"slices"
	"strconv"
	"time"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"statefulsim/controller/condition"
	"statefulsim/controller/store"
)

const (
	batchPeriod  = time.Second // changes of pods and of a Job's status are gathered so long (job_controller.go:SyncJobBatchPeriod)
	firstRetry   = time.Second // after a sync that failed or came too early (job_controller.go:DefaultJobApiBackOff)
	longestRetry = time.Minute // likewise (job_controller.go:MaxJobApiBackOff)
)

// Controller is the Job controller of kube-controller-manager (pkg/controller/job/job_controller.go). Its keys are Jobs, and
// pods that have lost their Job.
type Controller struct {
	jobs map[store.Key]*memory
	read versions
}

// versions say how far a cache has come, or what was written last, for each of the kinds that a sync reads. A cache takes in all
// changes in their order, so that one that shows a Job's status shows the pods that went before it was written, too.
type versions struct{ job, pod int64 }

// memory is what the controller knows of an unfinished Job beyond what the cache shows.
type memory struct {
	due       time.Time // when the next sync is; zero: no time was asked for
	immediate bool      // something happened that is not gathered with others
	gathering bool      // something happened that is
	failures  int       // syncs in a row that failed or came too early
	wrote     versions
	backoff   backoff
}

// New returns a controller that has seen nothing yet.
func New() *Controller { return &Controller{jobs: map[store.Key]*memory{}} }

// Keys names the Job of a pod that came, changed or went, a Job that came or changed, and the pods that are to be let go of
// because their Job is gone or finished (job_controller.go:addPod, updatePod, deletePod, updateJob, deleteJob).
func (c *Controller) Keys(change store.Change, cache *store.View) []store.Key {
	switch change.Kind {
	case store.Job:
		c.read.job = change.Revision
		return c.jobChanged(change, cache)
	case store.Pod:
		c.read.pod = change.Revision
		return c.podChanged(change, cache)
	}
	return nil
}

func (c *Controller) jobChanged(change store.Change, cache *store.View) []store.Key {
	key := change.Key()
	job, ok := change.New.(*batchv1.Job)
	if !ok || condition.JobFinished(job) != nil {
		delete(c.jobs, key)
		return trackedPods(change.Object().(*batchv1.Job), cache)
	}
	m := c.jobs[key]
	if m == nil {
		m = &memory{}
		c.jobs[key] = m
	}
	if change.Old == nil || change.Old.GetGeneration() != job.Generation {
		m.immediate = true
	} else {
		m.gathering = true
	}
	return []store.Key{key}
}

// trackedPods names the pods of a Job that still wait to be counted by it.
func trackedPods(job *batchv1.Job, cache *store.View) (keys []store.Key) {
	for pod := range store.ControlledBy[*corev1.Pod](cache, job.UID) {
		if isTracked(pod) {
			keys = append(keys, store.KeyOf(pod))
		}
	}
	return keys
}

func (c *Controller) podChanged(change store.Change, cache *store.View) []store.Key {
	pod := change.Object().(*corev1.Pod)
	owner := metav1.GetControllerOfNoCopy(pod)
	if owner != nil && owner.Kind == store.Job.String() {
		key := store.Key{Kind: store.Job, Namespace: pod.Namespace, Name: owner.Name}
		job, ok := store.Get[*batchv1.Job](cache, key.Namespace, key.Name)
		m := c.jobs[key]
		if ok && job.UID == owner.UID && m != nil {
			m.gathering = true
			return []store.Key{key}
		}
	} else if owner != nil {
		return nil
	}
	if change.New != nil && isTracked(pod) && (owner == nil || pod.DeletionTimestamp != nil) {
		return []store.Key{change.Key()}
	}
	return nil
}

// Reconcile runs one sync of a Job, or lets a pod go whose Job is gone. Changes are gathered for a second first, except those of
// the Job's spec; and a sync waits until the cache shows what the one before it wrote (pkg/controller/util/consistency, on by
// default since 1.36: earlier versions wait for their pods alone, which comes to the same here). Errors are those of the writes.
func (c *Controller) Reconcile(key store.Key, cache *store.View, api *store.Client) (again time.Duration, err error) {
	if key.Kind == store.Pod {
		return 0, releaseOrphan(key, cache, api)
	}
	m := c.jobs[key]
	job, ok := store.Get[*batchv1.Job](cache, key.Namespace, key.Name)
	if m == nil || !ok || condition.JobFinished(job) != nil {
		return 0, nil
	}
	m.take(api.Now)
	if m.due.After(api.Now) {
		return m.due.Sub(api.Now), nil
	}
	m.due = time.Time{}
	if !m.wrote.seenBy(c.read) {
		return m.retry(api.Now), nil
	}
	if err := newSync(job, cache, m, api).run(); err != nil {
		m.retry(api.Now)
		return 0, err
	}
	m.failures = 0
	if m.due.IsZero() {
		return 0, nil
	}
	return m.due.Sub(api.Now), nil
}

// take makes a time of what has happened since the last call.
func (m *memory) take(now time.Time) {
	if m.gathering {
		m.later(now.Add(batchPeriod))
	}
	if m.immediate {
		m.later(now)
	}
	m.gathering, m.immediate = false, false
}

// later asks for a sync at an instant: the earliest one that is asked for counts, as in upstream's queue.
func (m *memory) later(at time.Time) {
	if m.due.IsZero() || at.Before(m.due) {
		m.due = at
	}
}

// retry asks for another try, later each time.
func (m *memory) retry(now time.Time) time.Duration {
	wait := min(firstRetry<<min(m.failures, 10), longestRetry)
	m.failures++
	m.later(now.Add(wait))
	return m.due.Sub(now)
}

func (v versions) seenBy(read versions) bool { return v.job <= read.job && v.pod <= read.pod }

// remember notes a write, as the server answered it: the next sync waits for it.
func (v *versions) remember(obj store.Object) {
	version, _ := strconv.ParseInt(obj.GetResourceVersion(), 10, 64)
	if store.KindOf(obj) == store.Job {
		v.job = max(v.job, version)
	} else {
		v.pod = max(v.pod, version)
	}
}

func isTracked(pod *corev1.Pod) bool {
	return slices.Contains(pod.Finalizers, batchv1.JobTrackingFinalizer)
}

// releaseOrphan takes the finalizer off a pod that no Job is going to count (job_controller.go:handleSingleOrphanPod).
func releaseOrphan(key store.Key, cache *store.View, api *store.Client) error {
	pod, ok := store.Get[*corev1.Pod](cache, key.Namespace, key.Name)
	if !ok || !isTracked(pod) {
		return nil
	}
	if owner := metav1.GetControllerOfNoCopy(pod); owner != nil {
		job, ok := store.Get[*batchv1.Job](cache, pod.Namespace, owner.Name)
		if owner.Kind != store.Job.String() || ok && job.UID == owner.UID && condition.JobFinished(job) == nil {
			return nil
		}
	}
	_, err := release(pod, api)
	return err
}
