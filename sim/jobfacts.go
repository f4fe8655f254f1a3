package sim

import (
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

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
		fact := scenarios.JobFact{Name: job.Name, Namespace: job.Namespace,
			Active: int64(job.Status.Active), Succeeded: int64(job.Status.Succeeded), Failed: int64(job.Status.Failed)}
		if owner := metav1.GetControllerOfNoCopy(job); owner != nil && owner.Kind == store.CronJob.String() {
			fact.CronJob = owner.Name
		}
		for _, c := range job.Status.Conditions {
			fact.Complete = fact.Complete || c.Type == batchv1.JobComplete && c.Status == corev1.ConditionTrue
			fact.FailedFinally = fact.FailedFinally || c.Type == batchv1.JobFailed && c.Status == corev1.ConditionTrue
		}
		all = append(all, fact)
	}
	return all
}
