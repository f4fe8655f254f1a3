package kubectl

import (
	"fmt"
	"strconv"
	"time"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/duration"

	"statefulsim/controller/store"
)

var (
	jobColumns = columns{
		store.Job, []string{"NAME", "STATUS", "COMPLETIONS", "DURATION", "AGE", "CONTAINERS", "IMAGES", "SELECTOR"}, 3, cellsOf(jobCells),
	}
	cronJobColumns = columns{
		store.CronJob,
		[]string{"NAME", "SCHEDULE", "TIMEZONE", "SUSPEND", "ACTIVE", "LAST SCHEDULE", "AGE", "CONTAINERS", "IMAGES", "SELECTOR"}, 3,
		cellsOf(cronJobCells),
	}
)

// Source: pkg/printers/internalversion/printers.go:printJob.
func jobCells(job *batchv1.Job, now time.Time) []string {
	completions := fmt.Sprintf("%d/1", job.Status.Succeeded)
	switch spec := &job.Spec; {
	case spec.Completions != nil:
		completions = fmt.Sprintf("%d/%d", job.Status.Succeeded, *spec.Completions)
	case spec.Parallelism != nil && *spec.Parallelism > 1:
		completions = fmt.Sprintf("%d/1 of %d", job.Status.Succeeded, *spec.Parallelism)
	}
	took := ""
	if began := job.Status.StartTime; began != nil {
		end := now
		if job.Status.CompletionTime != nil {
			end = job.Status.CompletionTime.Time
		}
		took = duration.HumanDuration(end.Sub(began.Time))
	}
	names, images := namesAndImages(job.Spec.Template.Spec.Containers)
	return []string{job.Name, jobStatus(job), completions, took, age(job.CreationTimestamp, now), names, images, metav1.FormatLabelSelector(job.Spec.Selector)}
}

// jobStatus is what a Job is in, in one word: the first condition of these that it has.
func jobStatus(job *batchv1.Job) string {
	has := func(t batchv1.JobConditionType) bool {
		for i := range job.Status.Conditions {
			if c := &job.Status.Conditions[i]; c.Type == t {
				return c.Status == corev1.ConditionTrue
			}
		}
		return false
	}
	switch {
	case has(batchv1.JobComplete):
		return "Complete"
	case has(batchv1.JobFailed):
		return "Failed"
	case job.DeletionTimestamp != nil:
		return "Terminating"
	}
	for _, t := range []batchv1.JobConditionType{batchv1.JobSuspended, batchv1.JobFailureTarget, batchv1.JobSuccessCriteriaMet} {
		if has(t) {
			return string(t)
		}
	}
	return "Running"
}

// Source: pkg/printers/internalversion/printers.go:printCronJob.
func cronJobCells(job *batchv1.CronJob, now time.Time) []string {
	last, zone, suspended := "<none>", "<none>", "<unset>"
	if at := job.Status.LastScheduleTime; at != nil {
		last = age(*at, now)
	}
	if job.Spec.TimeZone != nil {
		zone = *job.Spec.TimeZone
	}
	if job.Spec.Suspend != nil {
		suspended = map[bool]string{true: "True", false: "False"}[*job.Spec.Suspend]
	}
	names, images := namesAndImages(job.Spec.JobTemplate.Spec.Template.Spec.Containers)
	return []string{job.Name, job.Spec.Schedule, zone, suspended, strconv.Itoa(len(job.Status.Active)), last,
		age(job.CreationTimestamp, now), names, images, metav1.FormatLabelSelector(job.Spec.JobTemplate.Spec.Selector)}
}
