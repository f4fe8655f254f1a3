package condition

import (
	"slices"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
)

// Job returns the first condition in a Job's status that is of one of these types and True, or nil. It points into the status.
func Job(status *batchv1.JobStatus, types ...batchv1.JobConditionType) *batchv1.JobCondition {
	for i := range status.Conditions {
		if c := &status.Conditions[i]; c.Status == corev1.ConditionTrue && slices.Contains(types, c.Type) {
			return c
		}
	}
	return nil
}

// JobFinished is the condition by which a Job is over, or nil (pkg/controller/job/util/utils.go:FinishedCondition).
func JobFinished(job *batchv1.Job) *batchv1.JobCondition {
	return Job(&job.Status, batchv1.JobComplete, batchv1.JobFailed)
}
