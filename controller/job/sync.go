package job

import (
	"errors"
	"slices"
	"time"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"statefulsim/controller/condition"
	"statefulsim/controller/store"
)

// sync is one look at a Job and its pods, and what is done about them (job_controller.go:syncJob).
type sync struct {
	job    *batchv1.Job // a copy, whose status is brought up to date
	pods   []*corev1.Pod
	active []*corev1.Pod
	memory *memory
	api    *store.Client

	ready, terminating int32
	succeeded, failed  int32 // all that ended, those included that the status does not count yet
	backoff            backoff
	finished           *batchv1.JobCondition // why the Job ends, if it does
	changed            bool                  // the status is to be written
}

// newSync reads the pods of a Job from the cache, and counts them.
func newSync(job *batchv1.Job, cache *store.View, m *memory, api *store.Client) *sync {
	s := &sync{job: job.DeepCopy(), memory: m, api: api}
	if s.job.Status.UncountedTerminatedPods == nil {
		s.job.Status.UncountedTerminatedPods = &batchv1.UncountedTerminatedPods{}
	}
	var succeeded, failed []*corev1.Pod
	for pod := range store.ControlledBy[*corev1.Pod](cache, job.UID) {
		s.pods = append(s.pods, pod)
		switch {
		case condition.PodTerminal(pod):
		case pod.DeletionTimestamp != nil:
			s.terminating++
		default:
			s.active = append(s.active, pod)
			if condition.PodReady(pod) {
				s.ready++
			}
		}
		switch {
		case !isTracked(pod) || s.uncounted(pod):
		case pod.Status.Phase == corev1.PodSucceeded:
			succeeded = append(succeeded, pod)
		case s.podFailed(pod):
			failed = append(failed, pod)
		}
	}
	status := &s.job.Status
	s.succeeded = status.Succeeded + int32(len(succeeded)+len(status.UncountedTerminatedPods.Succeeded))
	s.failed = status.Failed + int32(len(failed)+len(status.UncountedTerminatedPods.Failed))
	s.backoff = m.backoff.after(succeeded, failed)
	return s
}

// uncounted tells whether the status names a pod already, as one that is to be counted.
func (s *sync) uncounted(pod *corev1.Pod) bool {
	to := s.job.Status.UncountedTerminatedPods
	return slices.Contains(to.Succeeded, pod.UID) || slices.Contains(to.Failed, pod.UID)
}

// podFailed tells whether a pod counts as failed. One that is being deleted does, unless only failed pods are replaced
// (job_controller.go:isPodFailed).
func (s *sync) podFailed(pod *corev1.Pod) bool {
	if pod.Status.Phase == corev1.PodFailed || s.onlyReplacesFailed() {
		return pod.Status.Phase == corev1.PodFailed
	}
	return pod.DeletionTimestamp != nil && pod.Status.Phase != corev1.PodSucceeded
}

func (s *sync) onlyReplacesFailed() bool { return *s.job.Spec.PodReplacementPolicy == batchv1.Failed }

func (s *sync) suspended() bool { return *s.job.Spec.Suspend }

// run does what the Job needs now, and brings its status up to date.
func (s *sync) run() error {
	status := &s.job.Status
	if status.StartTime == nil && !s.suspended() {
		status.StartTime = s.stamp()
	}
	s.judge()
	active := int32(len(s.active))
	var err error
	if s.finished != nil {
		var deleted int32
		deleted, err = s.deletePods(s.active)
		if deleted != active {
			s.finished = nil
		}
		active -= deleted
	} else if active, err = s.goOn(active); s.finished == nil && s.job.DeletionTimestamp == nil {
		s.markSuspension()
	}
	s.changed = s.changed || active != status.Active || !is(status.Ready, s.ready) || !is(status.Terminating, s.terminating)
	status.Active, status.Ready, status.Terminating = active, &s.ready, &s.terminating
	return errors.Join(s.count(), err)
}

// goOn sees to the number of pods, and declares the Job a success once enough have succeeded.
func (s *sync) goOn(active int32) (int32, error) {
	var err error
	if s.job.DeletionTimestamp == nil {
		active, err = s.manage(active)
	}
	enough := s.succeeded > 0
	if s.job.Spec.Completions != nil {
		enough = s.succeeded >= *s.job.Spec.Completions
	}
	if enough && active == 0 {
		s.finished = s.condition(batchv1.JobSuccessCriteriaMet, batchv1.JobReasonCompletionsReached, "Reached expected number of succeeded pods")
	}
	return active, err
}

// markSuspension keeps the condition Suspended. A Job that goes on begins anew, as far as its deadline is concerned.
func (s *sync) markSuspension() {
	status := &s.job.Status
	if s.suspended() {
		if s.ensure(s.condition(batchv1.JobSuspended, "JobSuspended", "Job suspended")) {
			status.StartTime = nil
			s.api.Event(s.job, corev1.EventTypeNormal, "Suspended", "Job suspended")
		}
		return
	}
	resumed := s.condition(batchv1.JobSuspended, "JobResumed", "Job resumed")
	resumed.Status = corev1.ConditionFalse
	if s.ensure(resumed) {
		status.StartTime = s.stamp()
		s.api.Event(s.job, corev1.EventTypeNormal, "Resumed", "Job resumed")
	}
}

// is tells whether an optional count is there and has that value.
func is(count *int32, value int32) bool { return count != nil && *count == value }

// stamp is the present instant as the API server stores it.
func (s *sync) stamp() *metav1.Time { return &metav1.Time{Time: s.api.Now.Truncate(time.Second)} }
