package sim

import (
	batchv1 "k8s.io/api/batch/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"statefulsim/controller/condition"
	"statefulsim/controller/store"
	"statefulsim/scenarios"
)

func (f facts) CronJobs() (all []scenarios.CronJobFact) {
	for job := range store.All[*batchv1.CronJob](f.w.store.View()) {
		all = append(all, scenarios.CronJobFact{Name: job.Name, Namespace: job.Namespace, Active: int64(len(job.Status.Active)),
			LastScheduleSeconds: f.w.secondsAt(job.Status.LastScheduleTime), LastSuccessSeconds: f.w.secondsAt(job.Status.LastSuccessfulTime),
			Suspended: job.Spec.Suspend != nil && *job.Spec.Suspend})
	}
	return all
}

// secondsAt is an instant in seconds since the start of the run, or -1 if there is none.
func (w *world) secondsAt(at *metav1.Time) float64 {
	if at == nil {
		return -1
	}
	return at.Sub(w.loop.Time(0)).Seconds()
}

func (f facts) Jobs() (all []scenarios.JobFact) {
	for job := range store.All[*batchv1.Job](f.w.store.View()) {
		all = append(all, scenarios.JobFact{Name: job.Name, Namespace: job.Namespace,
			Active: int64(job.Status.Active), Succeeded: int64(job.Status.Succeeded), Failed: int64(job.Status.Failed),
			Complete:      condition.Job(&job.Status, batchv1.JobComplete) != nil,
			FailedFinally: condition.Job(&job.Status, batchv1.JobFailed) != nil,
			CronJob:       ownerOf(job, store.CronJob)})
	}
	return all
}
