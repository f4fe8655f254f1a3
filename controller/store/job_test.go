package store

import (
	"testing"

	"github.com/stretchr/testify/require"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

func newJob(name string) *batchv1.Job {
	return &batchv1.Job{ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: name}, Spec: newJobSpec()}
}

func newJobSpec() batchv1.JobSpec {
	return batchv1.JobSpec{Template: corev1.PodTemplateSpec{Spec: corev1.PodSpec{
		RestartPolicy: corev1.RestartPolicyNever, Containers: []corev1.Container{{Name: "dump", Image: "mysql:8"}},
	}}}
}

func newCronJob(name string) *batchv1.CronJob {
	return &batchv1.CronJob{
		ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: name},
		Spec:       batchv1.CronJobSpec{Schedule: "@hourly", JobTemplate: batchv1.JobTemplateSpec{Spec: newJobSpec()}},
	}
}

func TestJobsAreDefaulted(t *testing.T) {
	api := New().At(start, nil)
	job := created(t, api, edited(newJob("backup"), func(j *batchv1.Job) { j.Spec.Template.Labels = map[string]string{"app": "backup"} }))
	spec := job.Spec
	require.EqualValues(t, []int32{1, 1, 6}, []int32{*spec.Completions, *spec.Parallelism, *spec.BackoffLimit})
	require.Equal(t, batchv1.TerminatingOrFailed, *spec.PodReplacementPolicy)
	require.Equal(t, map[string]string{batchv1.ControllerUidLabel: string(job.UID)}, spec.Selector.MatchLabels)
	require.Equal(t, map[string]string{
		"app": "backup", "job-name": "backup", "controller-uid": string(job.UID),
		batchv1.JobNameLabel: "backup", batchv1.ControllerUidLabel: string(job.UID),
	}, spec.Template.Labels)
	require.Equal(t, spec.Template.Labels, job.Labels)
	require.EqualValues(t, 1, job.Generation)

	queue := created(t, api, edited(newJob("queue"), func(j *batchv1.Job) { j.Spec.Parallelism = new(int32(2)) }))
	require.Nil(t, queue.Spec.Completions, "a queue of work ends when its pods say so")

	cron := created(t, api, newCronJob("backup")).Spec
	require.Equal(t, batchv1.AllowConcurrent, cron.ConcurrencyPolicy)
	require.EqualValues(t, []int32{3, 1}, []int32{*cron.SuccessfulJobsHistoryLimit, *cron.FailedJobsHistoryLimit})
	require.Nil(t, cron.JobTemplate.Spec.BackoffLimit)
}

func TestMessagesOfJobs(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*batchv1.JobSpec)
		want   []string
	}{
		"good":          {func(*batchv1.JobSpec) {}, nil},
		"no policy":     {func(s *batchv1.JobSpec) { s.Template.Spec.RestartPolicy = "" }, []string{`spec.template.spec.restartPolicy: Required value: valid values: "OnFailure", "Never"`}},
		"always":        {func(s *batchv1.JobSpec) { s.Template.Spec.RestartPolicy = "Always" }, []string{`spec.template.spec.restartPolicy: Required value: valid values: "OnFailure", "Never"`}},
		"backoff limit": {func(s *batchv1.JobSpec) { s.BackoffLimit = new(int32(-1)) }, []string{"spec.backoffLimit: Invalid value: -1: must be greater than or equal to 0"}},
		"deadline":      {func(s *batchv1.JobSpec) { s.ActiveDeadlineSeconds = new(int64(-1)) }, []string{"spec.activeDeadlineSeconds: Invalid value: -1: must be greater than or equal to 0"}},
		"mode":          {func(s *batchv1.JobSpec) { s.CompletionMode = new(batchv1.CompletionMode("Some")) }, []string{`spec.completionMode: Unsupported value: "Some": supported values: "NonIndexed", "Indexed"`}},
		"indexed": {func(s *batchv1.JobSpec) {
			s.CompletionMode, s.Parallelism = new(batchv1.IndexedCompletion), new(int32(2))
		}, []string{"spec.completions: Required value: when completion mode is Indexed"}},
		"replacement": {func(s *batchv1.JobSpec) { s.PodReplacementPolicy = new(batchv1.PodReplacementPolicy("None")) }, []string{`spec.podReplacementPolicy: Unsupported value: "None": supported values: "Failed", "TerminatingOrFailed"`}},
		"failure policy": {func(s *batchv1.JobSpec) {
			s.PodFailurePolicy, s.Template.Spec.RestartPolicy = &batchv1.PodFailurePolicy{}, "OnFailure"
		}, []string{`spec.template.spec.restartPolicy: Invalid value: "OnFailure": only "Never" is supported when podFailurePolicy is specified`}},
	} {
		t.Run(name, func(t *testing.T) {
			requireTold(t, c.want, told(edited(newJob("backup"), func(j *batchv1.Job) { c.change(&j.Spec) }), nil))
		})
	}
}

func TestJobsKeepTheirSelector(t *testing.T) {
	api := New().At(start, nil)
	_, err := api.Create(edited(newJob("backup"), func(j *batchv1.Job) { j.Spec.Template.Labels = map[string]string{"job-name": "other"} }))
	require.ErrorContains(t, err, `spec.template.metadata.labels[job-name]: Invalid value`)
	require.ErrorContains(t, err, `must be 'backup'`)

	job := created(t, api, newJob("backup"))
	require.NoError(t, updating(api, job, func(s *batchv1.JobSpec) { s.Parallelism = new(int32(0)) }))
	require.ErrorContains(t, updating(api, job, func(s *batchv1.JobSpec) { s.Completions = new(int32(2)) }), "spec.completions: Invalid value: 2: field is immutable")
	image := func(s *batchv1.JobSpec) { s.Template.Spec.Containers[0].Image = "mysql:9" }
	require.ErrorContains(t, updating(api, job, image), "field is immutable")

	require.NoError(t, updating(api, job, func(s *batchv1.JobSpec) { s.Suspend = new(true) }))
	require.ErrorContains(t, updating(api, job, image), "field is immutable")
	require.NoError(t, updating(api, job, func(s *batchv1.JobSpec) { s.Template.Spec.NodeSelector = map[string]string{"disk": "ssd"} }))
}

// updating changes what is stored under a Job's name.
func updating(api *Client, job *batchv1.Job, change func(*batchv1.JobSpec)) error {
	live, _ := Get[*batchv1.Job](api.View(), job.Namespace, job.Name)
	next := live.DeepCopy()
	change(&next.Spec)
	_, err := api.Update(next)
	return err
}

func TestMessagesOfCronJobs(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*batchv1.CronJobSpec)
		want   []string
	}{
		"good":        {func(s *batchv1.CronJobSpec) { s.TimeZone = new("Europe/Berlin") }, nil},
		"no schedule": {func(s *batchv1.CronJobSpec) { s.Schedule = "" }, []string{"spec.schedule: Required value"}},
		"seconds":     {func(s *batchv1.CronJobSpec) { s.Schedule = "0 0 * * * *" }, []string{`spec.schedule: Invalid value: "0 0 * * * *": expected exactly 5 fields, found 6: [0 0 * * * *]`}},
		"hour":        {func(s *batchv1.CronJobSpec) { s.Schedule = "0 25 * * *" }, []string{`spec.schedule: Invalid value: "0 25 * * *": end of range (25) above maximum (23): 25`}},
		"zone inside": {func(s *batchv1.CronJobSpec) { s.Schedule = "TZ=UTC 0 * * * *" }, []string{`spec.schedule: Invalid value: "TZ=UTC 0 * * * *": cannot use TZ or CRON_TZ in schedule, use timeZone field instead`}},
		"only a zone": {func(s *batchv1.CronJobSpec) { s.Schedule = "TZ=0" }, []string{`spec.schedule: Invalid value: "TZ=0": invalid schedule format: runtime error: slice bounds out of range [:-1]`,
			`spec.schedule: Invalid value: "TZ=0": cannot use TZ or CRON_TZ in schedule, use timeZone field instead`}},
		"unknown zone":   {func(s *batchv1.CronJobSpec) { s.TimeZone = new("Mars/Base") }, []string{`spec.timeZone: Invalid value: "Mars/Base": unknown time zone Mars/Base`}},
		"zone with dots": {func(s *batchv1.CronJobSpec) { s.TimeZone = new("../UTC") }, []string{`spec.timeZone: Invalid value: "../UTC": unknown time zone ../UTC`}},
		"local":          {func(s *batchv1.CronJobSpec) { s.TimeZone = new("local") }, []string{`spec.timeZone: Invalid value: "local": timeZone must be an explicit time zone as defined in https://www.iana.org/time-zones`, "*"}},
		"policy":         {func(s *batchv1.CronJobSpec) { s.ConcurrencyPolicy = "Never" }, []string{`spec.concurrencyPolicy: Unsupported value: "Never": supported values: "Allow", "Forbid", "Replace"`}},
		"limit":          {func(s *batchv1.CronJobSpec) { s.FailedJobsHistoryLimit = new(int32(-1)) }, []string{"spec.failedJobsHistoryLimit: Invalid value: -1: must be greater than or equal to 0"}},
		"selector": {func(s *batchv1.CronJobSpec) { s.JobTemplate.Spec.ManualSelector = new(true) },
			[]string{`spec.jobTemplate.spec.manualSelector: Unsupported value: true: supported values: "nil", "false"`}},
		"template": {func(s *batchv1.CronJobSpec) { s.JobTemplate.Spec.Template.Spec.RestartPolicy = "" },
			[]string{`spec.jobTemplate.spec.template.spec.restartPolicy: Required value: valid values: "OnFailure", "Never"`}},
	} {
		t.Run(name, func(t *testing.T) {
			requireTold(t, c.want, told(edited(newCronJob("backup"), func(j *batchv1.CronJob) { c.change(&j.Spec) }), nil))
		})
	}
	long := "a-name-of-fifty-three-characters-which-is-one-too-many"
	require.Equal(t, []string{`metadata.name: Invalid value: "` + long + `": must be no more than 52 characters`}, told(newCronJob(long), nil))
}
