package main

import (
	"fmt"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
)

func (m maker) job() runtime.Object {
	job := &batchv1.Job{ObjectMeta: m.meta("backup-15778140"), Spec: m.jobSpec()}
	job.Status.Succeeded = int32(m.IntN(4))
	job.Status.Conditions = some(m, 3, func(int) batchv1.JobCondition {
		return batchv1.JobCondition{
			Type:   one(m, batchv1.JobComplete, batchv1.JobFailed, batchv1.JobSuspended, batchv1.JobFailureTarget, batchv1.JobSuccessCriteriaMet),
			Status: one(m, corev1.ConditionTrue, corev1.ConditionTrue, corev1.ConditionFalse),
		}
	})
	if began := m.time(); !began.IsZero() && m.often(0.8) {
		job.Status.StartTime = &began
		if end := m.time(); m.often(0.5) && !end.Before(&began) {
			job.Status.CompletionTime = &end
		}
	}
	return job
}

func (m maker) jobSpec() batchv1.JobSpec {
	spec := batchv1.JobSpec{
		Completions: or(m, int32(1), 3), Parallelism: or(m, int32(1), 2),
		Selector: maybe(m, &metav1.LabelSelector{MatchLabels: map[string]string{batchv1.ControllerUidLabel: "5f8c"}}, &metav1.LabelSelector{}),
	}
	spec.Template.Spec.Containers = some(m, 2, func(i int) corev1.Container {
		return corev1.Container{Name: fmt.Sprintf("c-%d", i), Image: one(m, "mysql:8.4", "registry.k8s.io/backup:1")}
	})
	return spec
}

func (m maker) cronJob() runtime.Object {
	job := &batchv1.CronJob{ObjectMeta: m.meta("backup"), Spec: batchv1.CronJobSpec{
		Schedule: one(m, "0 * * * *", "@daily"), TimeZone: or(m, "Europe/Berlin"), Suspend: or(m, true, false),
		JobTemplate: batchv1.JobTemplateSpec{Spec: m.jobSpec()},
	}}
	job.Status.Active = some(m, 2, func(i int) corev1.ObjectReference { return corev1.ObjectReference{Name: fmt.Sprintf("backup-%d", i)} })
	if last := m.time(); !last.IsZero() && m.often(0.7) {
		job.Status.LastScheduleTime = &last
	}
	return job
}
