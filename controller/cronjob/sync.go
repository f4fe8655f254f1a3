package cronjob

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"time"

	"github.com/robfig/cron/v3"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"statefulsim/controller/store"
)

// sync is one look at a CronJob (cronjob_controllerv2.go:syncCronJob).
type sync struct {
	job     *batchv1.CronJob // a copy, whose status is brought up to date
	jobs    []*batchv1.Job
	api     *store.Client
	now     time.Time
	changed bool // the status is to be written
}

// run brings the list of active Jobs up to date and makes the Job that is due. again is when the next one is, 0 if there is none.
func (s *sync) run() (again time.Duration, err error) {
	s.follow()
	s.dropMissing()
	spec := &s.job.Spec
	if s.job.DeletionTimestamp != nil || *spec.Suspend {
		return 0, nil
	}
	schedule, err := scheduleOf(spec)
	if err != nil {
		s.warning("UnparseableSchedule", fmt.Sprintf("unparseable schedule: %q : %s", spec.Schedule, err))
		return 0, nil
	}
	due, err := recent(s.job, s.now, schedule, true)
	if err != nil {
		s.warning("InvalidSchedule", fmt.Sprintf("invalid schedule: %s : %s", spec.Schedule, err))
		return 0, nil
	}
	if due.missed > manyMissed && !due.latest.IsZero() {
		s.warning("TooManyMissedTimes", "too many missed start times. Set or decrease .spec.startingDeadlineSeconds or check clock skew")
	}
	if due.latest.IsZero() || !s.mayStart(due.latest) {
		return untilNext(s.job, s.now, schedule), nil
	}
	return s.start(due.latest, schedule)
}

// follow takes note of Jobs that finished, and of those that somebody else made in the CronJob's name.
func (s *sync) follow() {
	for _, job := range s.jobs {
		how := finished(job)
		switch active := s.active(job.UID); {
		case how == "" && !active:
			live, ok := store.Get[*batchv1.CronJob](s.api.View(), s.job.Namespace, s.job.Name)
			if ok && listed(live, job.UID) {
				s.job = live.DeepCopy()
				continue
			}
			s.warning("UnexpectedJob", "Saw a job that the controller did not create or forgot: "+job.Name)
		case how != "" && active:
			s.forget(job.UID)
			s.normal("SawCompletedJob", fmt.Sprintf("Saw completed job: %s, condition: %v", job.Name, how))
		}
		if how == batchv1.JobComplete {
			s.succeeded(job.Status.CompletionTime)
		}
	}
}

func (s *sync) succeeded(at *metav1.Time) {
	if last := s.job.Status.LastSuccessfulTime; at != nil && (last == nil || at.After(last.Time)) {
		s.job.Status.LastSuccessfulTime, s.changed = at, true
	}
}

// dropMissing takes Jobs off the list that are gone.
func (s *sync) dropMissing() {
	for _, ref := range s.job.Status.Active {
		if slices.ContainsFunc(s.jobs, func(job *batchv1.Job) bool { return job.UID == ref.UID }) {
			continue
		}
		if _, ok := store.Get[*batchv1.Job](s.api.View(), ref.Namespace, ref.Name); !ok {
			s.normal("MissingJob", "Active job went missing: "+ref.Name)
			s.forget(ref.UID)
		}
	}
}

// mayStart tells whether the Job of a start is to be made: it must not come too late, must not have been made already, and
// must not disturb another one.
func (s *sync) mayStart(at time.Time) bool {
	spec, status := &s.job.Spec, &s.job.Status
	if deadline := spec.StartingDeadlineSeconds; deadline != nil && at.Add(time.Duration(*deadline)*time.Second).Before(s.now) {
		s.warning("MissSchedule", "Missed scheduled time to start a job: "+at.UTC().Format(time.RFC1123Z))
		return false
	}
	name := s.jobName(at)
	if slices.ContainsFunc(status.Active, func(ref corev1.ObjectReference) bool { return ref.Name == name }) ||
		status.LastScheduleTime.Equal(&metav1.Time{Time: at}) {
		return false
	}
	if spec.ConcurrencyPolicy == batchv1.ForbidConcurrent && len(status.Active) > 0 {
		s.normal("JobAlreadyActive", "Not starting job because prior execution is running and concurrency policy is Forbid")
		return false
	}
	return true
}

// start makes the Job of a start, after it deleted those that it takes the place of.
func (s *sync) start(at time.Time, schedule cron.Schedule) (again time.Duration, err error) {
	if s.job.Spec.ConcurrencyPolicy == batchv1.ReplaceConcurrent {
		if err := s.deleteActive(); err != nil {
			return 0, err
		}
	}
	job, err := s.create(at)
	if err != nil || job == nil {
		return 0, err
	}
	s.job.Status.Active = append(s.job.Status.Active, corev1.ObjectReference{
		APIVersion: batchv1.SchemeGroupVersion.String(), Kind: store.Job.String(), Namespace: job.GetNamespace(), Name: job.GetName(),
		UID: job.GetUID(), ResourceVersion: job.GetResourceVersion(),
	})
	s.job.Status.LastScheduleTime, s.changed = &metav1.Time{Time: at}, true
	return untilNext(s.job, s.now, schedule), nil
}

func (s *sync) deleteActive() error {
	for _, ref := range s.job.Status.Active {
		job, ok := store.Get[*batchv1.Job](s.api.View(), ref.Namespace, ref.Name)
		if !ok {
			err := apierrors.NewNotFound(store.Job.GroupResource(), ref.Name)
			s.warning("FailedGet", fmt.Sprintf("Get job: %v", err))
			return err
		}
		if !s.delete(job) {
			return fmt.Errorf("could not replace job %s/%s", job.Namespace, job.Name)
		}
	}
	return nil
}

// create makes a Job, or finds the one of its name that an earlier sync made and could not write down; nil if somebody else did,
// or if it is on the list.
func (s *sync) create(at time.Time) (store.Object, error) {
	job, err := s.api.Create(s.newJob(at))
	switch {
	case apierrors.IsAlreadyExists(err):
		live, ok := store.Get[*batchv1.Job](s.api.View(), s.job.Namespace, s.jobName(at))
		if !ok || !metav1.IsControlledBy(live, s.job) || s.active(live.UID) {
			return nil, nil
		}
		return live, nil
	case err != nil:
		s.warning("FailedCreate", fmt.Sprintf("Error creating job: %v", err))
		return nil, err
	}
	s.normal("SuccessfulCreate", "Created job "+job.GetName())
	return job, nil
}

// newJob is the Job of a start (utils.go:getJobFromTemplate2).
func (s *sync) newJob(at time.Time) *batchv1.Job {
	template := &s.job.Spec.JobTemplate
	annotations := maps.Clone(template.Annotations)
	if annotations == nil {
		annotations = map[string]string{}
	}
	zone := time.UTC
	if name := s.job.Spec.TimeZone; name != nil {
		zone, _ = time.LoadLocation(*name) // the schedule was read with it
	}
	annotations[batchv1.CronJobScheduledTimestampAnnotation] = at.In(zone).Format(time.RFC3339)
	return &batchv1.Job{
		ObjectMeta: metav1.ObjectMeta{
			Namespace: s.job.Namespace, Name: s.jobName(at), Labels: maps.Clone(template.Labels), Annotations: annotations,
			OwnerReferences: []metav1.OwnerReference{*metav1.NewControllerRef(s.job, store.CronJob.GroupVersionKind())},
		},
		Spec: *template.Spec.DeepCopy(),
	}
}

// jobName ends with the minute of the start, counted from 1970 (cronjob_controllerv2.go:getJobName): a second Job for one start
// would have the name of the first.
func (s *sync) jobName(at time.Time) string {
	return s.job.Name + "-" + strconv.FormatInt(at.Unix()/60, 10)
}

func (s *sync) active(uid types.UID) bool { return listed(s.job, uid) }

// listed tells whether a Job is on a CronJob's list of active ones.
func listed(job *batchv1.CronJob, uid types.UID) bool {
	return slices.ContainsFunc(job.Status.Active, func(ref corev1.ObjectReference) bool { return ref.UID == uid })
}

// forget takes a Job off the list of active ones. The list is another one then: whoever walks over it goes on.
func (s *sync) forget(uid types.UID) {
	s.job.Status.Active = slices.DeleteFunc(slices.Clone(s.job.Status.Active), func(ref corev1.ObjectReference) bool { return ref.UID == uid })
	s.changed = true
}
