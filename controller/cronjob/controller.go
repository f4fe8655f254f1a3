// Package cronjob makes a Job each time that a CronJob's schedule says so, unless the one before is still running and must not
// be disturbed, and keeps the last few of those that have finished.
package cronjob

import (
	"time"

	"github.com/robfig/cron/v3"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"statefulsim/controller/store"
)

// Controller is the CronJob controller of kube-controller-manager (pkg/controller/cronjob/cronjob_controllerv2.go). Its keys
// are CronJobs.
//
// A Job is never made twice for one start, because its name says which one it is. That Forbid and Replace leave no more than one
// Job running depends on the cache: a controller that has not seen yet what it wrote last can start a Job beside another.
type Controller struct {
	asked map[store.Key]bool // keys that were named and not reconciled yet: false if only to find out when the next start is
}

// New returns a controller that has seen nothing yet.
func New() *Controller { return &Controller{asked: map[store.Key]bool{}} }

// Keys names a CronJob that came or changed, and the one whose Job did. One with another schedule than before is not looked at
// at once: it waits for the next start by the new schedule (cronjob_controllerv2.go:updateCronJob).
func (c *Controller) Keys(change store.Change, cache *store.View) []store.Key {
	key := change.Key()
	switch change.Kind {
	case store.CronJob:
		job, ok := change.New.(*batchv1.CronJob)
		if !ok {
			delete(c.asked, key)
			return nil
		}
		old, known := change.Old.(*batchv1.CronJob)
		c.asked[key] = c.asked[key] || !known || sameSchedule(&old.Spec, &job.Spec)
		return []store.Key{key}
	case store.Job:
		owner := metav1.GetControllerOfNoCopy(change.Object())
		if owner == nil || owner.Kind != store.CronJob.String() {
			return nil
		}
		key = store.Key{Kind: store.CronJob, Namespace: key.Namespace, Name: owner.Name}
		if job, ok := cache.Object(key); ok && job.GetUID() == owner.UID {
			c.asked[key] = true
			return []store.Key{key}
		}
	}
	return nil
}

func sameSchedule(a, b *batchv1.CronJobSpec) bool {
	return a.Schedule == b.Schedule && (a.TimeZone == b.TimeZone || a.TimeZone != nil && b.TimeZone != nil && *a.TimeZone == *b.TimeZone)
}

// Reconcile takes note of Jobs that finished, deletes old ones, and makes the Job that is due, if one is. It asks to be called
// again at the next start. Errors are those of the writes; one about a CronJob whose status the cache shows too late is a
// conflict (cronjob_controllerv2.go:sync).
func (c *Controller) Reconcile(key store.Key, cache *store.View, api *store.Client) (again time.Duration, err error) {
	now, named := c.asked[key]
	delete(c.asked, key)
	cached, ok := store.Get[*batchv1.CronJob](cache, key.Namespace, key.Name)
	if !ok {
		return 0, nil
	}
	if named && !now {
		schedule, err := scheduleOf(&cached.Spec)
		if err != nil {
			return 0, nil
		}
		return untilNext(cached, api.Now.UTC(), schedule), nil
	}
	s := &sync{job: cached.DeepCopy(), api: api, now: api.Now.UTC()}
	for job := range store.ControlledBy[*batchv1.Job](cache, cached.UID) {
		s.jobs = append(s.jobs, job)
	}
	s.cleanUp()
	again, err = s.run()
	if s.changed {
		if _, err := api.UpdateStatus(s.job); err != nil {
			return 0, err
		}
	}
	if again > 0 {
		return again, nil
	}
	return 0, err
}

// scheduleOf reads a CronJob's schedule in its time zone. Without one it is UTC, where the controller manager's own would count
// (cronjob_controllerv2.go:formatSchedule).
func scheduleOf(spec *batchv1.CronJobSpec) (cron.Schedule, error) {
	if spec.TimeZone != nil {
		return store.ParseSchedule("TZ=" + *spec.TimeZone + " " + spec.Schedule)
	}
	return store.ParseSchedule(spec.Schedule)
}

// event tells a Kubernetes Event about the CronJob.
func (s *sync) event(eventtype, reason, message string) {
	s.api.Event(s.job, eventtype, reason, message)
}

func (s *sync) normal(reason, message string) { s.event(corev1.EventTypeNormal, reason, message) }

func (s *sync) warning(reason, message string) { s.event(corev1.EventTypeWarning, reason, message) }
