package store

import (
	"math"

	batchv1 "k8s.io/api/batch/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// Source: pkg/apis/batch/v1/defaults.go:SetDefaults_Job.
func defaultJob(job *batchv1.Job) {
	spec := &job.Spec
	if spec.Completions == nil && spec.Parallelism == nil {
		spec.Completions = new(int32(1))
	}
	setDefaultPointer(&spec.Parallelism, 1)
	limit := int32(6)
	if spec.BackoffLimitPerIndex != nil {
		limit = math.MaxInt32
	}
	setDefaultPointer(&spec.BackoffLimit, limit)
	if len(job.Labels) == 0 {
		job.Labels = spec.Template.Labels
	}
	setDefaultPointer(&spec.CompletionMode, batchv1.NonIndexedCompletion)
	setDefaultPointer(&spec.Suspend, false)
	replaced := batchv1.TerminatingOrFailed
	if spec.PodFailurePolicy != nil {
		replaced = batchv1.Failed
	}
	setDefaultPointer(&spec.PodReplacementPolicy, replaced)
	setDefaultPointer(&spec.ManualSelector, false)
	defaultPodSpec(&spec.Template.Spec)
}

// defaultCronJob leaves the Jobs' own fields open: they are filled in when a Job is made.
// Source: pkg/apis/batch/v1/defaults.go:SetDefaults_CronJob.
func defaultCronJob(spec *batchv1.CronJobSpec) {
	setDefault(&spec.ConcurrencyPolicy, batchv1.AllowConcurrent)
	setDefaultPointer(&spec.Suspend, false)
	setDefaultPointer(&spec.SuccessfulJobsHistoryLimit, 3)
	setDefaultPointer(&spec.FailedJobsHistoryLimit, 1)
	defaultPodSpec(&spec.JobTemplate.Spec.Template.Spec)
}

// identify gives a new Job's pods the labels by which they are its own, and makes them its selector, unless the Job brings one
// itself. A Job without labels of its own shares those of its pods.
// Source: pkg/registry/batch/job/strategy.go:generateSelector.
func identify(job *batchv1.Job) {
	if *job.Spec.ManualSelector {
		return
	}
	template := &job.Spec.Template
	if template.Labels == nil {
		template.Labels = map[string]string{}
	}
	for name, value := range generatedLabels(job) {
		if _, has := template.Labels[name]; !has {
			template.Labels[name] = value
		}
	}
	if len(job.Labels) == 0 {
		job.Labels = template.Labels
	}
	if job.Spec.Selector == nil {
		job.Spec.Selector = &metav1.LabelSelector{}
	}
	if job.Spec.Selector.MatchLabels == nil {
		job.Spec.Selector.MatchLabels = map[string]string{}
	}
	if _, has := job.Spec.Selector.MatchLabels[batchv1.ControllerUidLabel]; !has {
		job.Spec.Selector.MatchLabels[batchv1.ControllerUidLabel] = string(job.UID)
	}
}

// The two labels of a Job's pods as they were called before Kubernetes' own labels had a prefix
// (pkg/apis/batch/types.go:LegacyJobNameLabel, LegacyControllerUidLabel).
const (
	legacyJobNameLabel       = "job-name"
	legacyControllerUIDLabel = "controller-uid"
)

// generatedLabels are those that every pod of a Job has.
func generatedLabels(job *batchv1.Job) map[string]string {
	return map[string]string{
		batchv1.ControllerUidLabel: string(job.UID), batchv1.JobNameLabel: job.Name,
		legacyControllerUIDLabel: string(job.UID), legacyJobNameLabel: job.Name,
	}
}
