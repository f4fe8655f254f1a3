package cronjob

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	batchv1 "k8s.io/api/batch/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"statefulsim/controller/condition"
	"statefulsim/controller/store"
)

// cleanUp deletes the oldest finished Jobs, those that succeeded and those that failed each beyond a number of their own
// (cronjob_controllerv2.go:cleanupFinishedJobs).
func (s *sync) cleanUp() {
	s.keep(batchv1.JobComplete, s.job.Spec.SuccessfulJobsHistoryLimit)
	s.keep(batchv1.JobFailed, s.job.Spec.FailedJobsHistoryLimit)
}

func (s *sync) keep(how batchv1.JobConditionType, limit *int32) {
	if limit == nil {
		return
	}
	var ended []*batchv1.Job
	for _, job := range s.jobs {
		if finished(job) == how {
			ended = append(ended, job)
		}
	}
	slices.SortFunc(ended, func(a, b *batchv1.Job) int {
		return cmp.Or(started(a).Compare(started(b)), cmp.Compare(a.Name, b.Name))
	})
	for _, job := range ended[:max(0, len(ended)-int(*limit))] {
		s.delete(job)
	}
}

// started is when a Job began: one that never did comes last.
func started(job *batchv1.Job) time.Time {
	if job.Status.StartTime == nil {
		return time.Unix(1<<40, 0)
	}
	return job.Status.StartTime.Time
}

// delete deletes a Job, and its pods in the background (injection.go:DeleteJob).
func (s *sync) delete(job *batchv1.Job) bool {
	err := s.api.Delete(store.KeyOf(job), store.DeleteOptions{Propagation: string(metav1.DeletePropagationBackground)})
	if err != nil {
		s.warning("FailedDelete", fmt.Sprintf("Deleted job: %v", err))
		return false
	}
	s.forget(job.UID)
	s.normal("SuccessfulDelete", "Deleted job "+job.Name)
	return true
}

// finished is the type of the condition by which a Job is over, or "".
func finished(job *batchv1.Job) batchv1.JobConditionType {
	if c := condition.JobFinished(job); c != nil {
		return c.Type
	}
	return ""
}
