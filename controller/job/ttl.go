package job

import (
	"time"

	batchv1 "k8s.io/api/batch/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"statefulsim/controller/condition"
	"statefulsim/controller/store"
)

// Cleaner is the TTL-after-finished controller (pkg/controller/ttlafterfinished): it deletes Jobs some time after they ended,
// with their pods. Its keys are finished Jobs.
type Cleaner struct{}

// NewCleaner returns a controller that deletes Jobs whose spec.ttlSecondsAfterFinished has passed.
func NewCleaner() Cleaner { return Cleaner{} }

// Keys names a Job that is over and is not to stay.
func (Cleaner) Keys(change store.Change, _ *store.View) []store.Key {
	if job, ok := change.New.(*batchv1.Job); ok {
		if _, expires := expiry(job); expires {
			return []store.Key{change.Key()}
		}
	}
	return nil
}

// Reconcile deletes a Job in the foreground once its time has come, by what the API server says of it then
// (ttlafterfinished_controller.go:processJob).
func (Cleaner) Reconcile(key store.Key, _ *store.View, api *store.Client) (time.Duration, error) {
	job, ok := store.Get[*batchv1.Job](api.View(), key.Namespace, key.Name)
	if !ok {
		return 0, nil
	}
	at, expires := expiry(job)
	switch wait := at.Sub(api.Now); {
	case !expires:
		return 0, nil
	case wait > 0:
		return wait, nil
	}
	err := api.Delete(key, store.DeleteOptions{UID: job.UID, Propagation: string(metav1.DeletePropagationForeground)})
	if apierrors.IsNotFound(err) {
		return 0, nil
	}
	return 0, err
}

// expiry is when a Job is to be deleted, if it ever is.
func expiry(job *batchv1.Job) (at time.Time, expires bool) {
	end := condition.JobFinished(job)
	if end == nil || job.DeletionTimestamp != nil || job.Spec.TTLSecondsAfterFinished == nil {
		return time.Time{}, false
	}
	return end.LastTransitionTime.Add(time.Duration(*job.Spec.TTLSecondsAfterFinished) * time.Second), true
}
