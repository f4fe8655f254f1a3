package job

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"pgregory.net/rapid"

	"statefulsim/controller/condition"
	"statefulsim/controller/garbagecollector"
	"statefulsim/controller/internal/rig"
	"statefulsim/controller/store"
)

var key = store.Key{Kind: store.Job, Namespace: "default", Name: "backup"}

func newJob(change func(*batchv1.JobSpec)) *batchv1.Job {
	job := &batchv1.Job{
		ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: "backup"},
		Spec: batchv1.JobSpec{Template: corev1.PodTemplateSpec{Spec: corev1.PodSpec{
			RestartPolicy: corev1.RestartPolicyNever, Containers: []corev1.Container{{Name: "dump", Image: "mysql:8"}},
		}}},
	}
	if change != nil {
		change(&job.Spec)
	}
	return job
}

// newWorld runs Jobs whose pods take so long and end so.
func newWorld(takes func(*corev1.Pod) (time.Duration, int32)) *rig.Rig {
	r := rig.New(New(), NewCleaner(), garbagecollector.New(), &rig.Runner{Takes: takes, Stops: 5 * time.Second})
	r.Lag = 20 * time.Millisecond
	r.Watch = watch
	return r
}

func ends(after time.Duration, code int32) func(*corev1.Pod) (time.Duration, int32) {
	return func(*corev1.Pod) (time.Duration, int32) { return after, code }
}

// watch tells of the status of Jobs, and of pods that end and go.
func watch(change store.Change) string {
	switch obj := change.Object().(type) {
	case *batchv1.Job:
		if change.New == nil {
			return "the Job is gone"
		}
		return jobLine(&obj.Status)
	case *corev1.Pod:
		switch {
		case change.New == nil:
			return obj.Name + " is gone"
		case change.Old != nil && change.Old.(*corev1.Pod).Status.Phase != obj.Status.Phase:
			return obj.Name + " " + string(obj.Status.Phase)
		}
	}
	return ""
}

func jobLine(status *batchv1.JobStatus) string {
	line := fmt.Sprintf("status: active %d, succeeded %d, failed %d", status.Active, status.Succeeded, status.Failed)
	if status.Terminating != nil && *status.Terminating > 0 {
		line += fmt.Sprintf(", terminating %d", *status.Terminating)
	}
	if u := status.UncountedTerminatedPods; u != nil && len(u.Succeeded)+len(u.Failed) > 0 {
		line += fmt.Sprintf(", to be counted %d + %d", len(u.Succeeded), len(u.Failed))
	}
	var conditions []string
	for _, c := range status.Conditions {
		conditions = append(conditions, fmt.Sprintf("%s=%s (%s)", c.Type, c.Status, c.Reason))
	}
	if len(conditions) > 0 {
		line += ": " + strings.Join(conditions, ", ")
	}
	return line
}

func TestTranscripts(t *testing.T) {
	for _, c := range []struct {
		name  string
		takes func(*corev1.Pod) (time.Duration, int32)
		spec  func(*batchv1.JobSpec)
		then  func(*rig.Rig)
	}{
		{"completes", ends(20*time.Second, 0), func(s *batchv1.JobSpec) { s.TTLSecondsAfterFinished = new(int32(100)) },
			func(r *rig.Rig) { r.Advance(3 * time.Minute) }},
		{"backoff", ends(5*time.Second, 1), func(s *batchv1.JobSpec) { s.BackoffLimit = new(int32(3)) },
			func(r *rig.Rig) { r.Advance(5 * time.Minute) }},
		{"deadline", ends(-1, 0), func(s *batchv1.JobSpec) { s.ActiveDeadlineSeconds = new(int64(60)) },
			func(r *rig.Rig) { r.Advance(2 * time.Minute) }},
		{"suspended", ends(30*time.Second, 0), nil, func(r *rig.Rig) {
			r.Advance(10 * time.Second)
			suspend(t, r, true)
			r.Advance(10 * time.Second)
			suspend(t, r, false)
			r.Advance(time.Minute)
		}},
		{"deleted", ends(-1, 0), nil, func(r *rig.Rig) {
			r.Advance(10 * time.Second)
			require.NoError(t, r.API().Delete(key, store.DeleteOptions{Propagation: "Background"}))
			r.Advance(10 * time.Second)
		}},
		{"pod-deleted", ends(30*time.Second, 0), nil, deletePod},
		{"pod-deleted-failed-only", ends(30*time.Second, 0), func(s *batchv1.JobSpec) { s.PodReplacementPolicy = new(batchv1.Failed) }, deletePod},
		{"parallel", ends(10*time.Second, 0), func(s *batchv1.JobSpec) { s.Completions, s.Parallelism = new(int32(3)), new(int32(2)) },
			func(r *rig.Rig) { r.Advance(time.Minute) }},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := newWorld(c.takes)
			r.Create(t, newJob(c.spec))
			c.then(r)
			rig.Golden(t, c.name, r.Transcript())
		})
	}
}

func deletePod(r *rig.Rig) {
	r.Advance(12 * time.Second)
	for pod := range store.All[*corev1.Pod](r.API().View()) {
		r.Note(pod.Name + " is deleted")
		_ = r.API().Delete(store.KeyOf(pod), store.DeleteOptions{})
	}
	r.Advance(time.Minute)
}

func suspend(t require.TestingT, r *rig.Rig, suspended bool) {
	r.Note(fmt.Sprintf("suspend: %t", suspended))
	job, _ := store.Get[*batchv1.Job](r.API().View(), key.Namespace, key.Name)
	next := job.DeepCopy()
	next.Spec.Suspend = &suspended
	_, err := r.API().Update(next)
	require.NoError(t, err)
}

func activePods(view *store.View) (n int) {
	for pod := range store.All[*corev1.Pod](view) {
		if !condition.PodTerminal(pod) && pod.DeletionTimestamp == nil {
			n++
		}
	}
	return n
}

// Containers of a pod with the policy OnFailure start again by themselves; too many starts end the Job.
func TestTooManyRestarts(t *testing.T) {
	r := newWorld(ends(-1, 0))
	r.Create(t, newJob(func(s *batchv1.JobSpec) {
		s.Template.Spec.RestartPolicy, s.BackoffLimit = corev1.RestartPolicyOnFailure, new(int32(2))
	}))
	r.Advance(time.Second)
	for restarts := range int32(3) {
		for pod := range store.All[*corev1.Pod](r.API().View()) {
			again := pod.DeepCopy()
			again.Status.Phase = corev1.PodRunning
			again.Status.ContainerStatuses = []corev1.ContainerStatus{{Name: "dump", RestartCount: restarts}}
			_, err := r.API().UpdateStatus(again)
			require.NoError(t, err)
		}
		r.Advance(10 * time.Second)
	}
	job, _ := store.Get[*batchv1.Job](r.API().View(), key.Namespace, key.Name)
	require.Equal(t, "BackoffLimitExceeded", condition.JobFinished(job).Reason)
	require.EqualValues(t, 1, job.Status.Failed)
}

// Whatever the pods do and whoever deletes them: every pod is counted once, no more are active than may be, a Job that is over has
// nothing left that is active, and it ends as the counts say.
func TestEveryPodIsCountedOnce(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		completions, parallelism := rapid.Int32Range(1, 4).Draw(t, "completions"), rapid.Int32Range(1, 3).Draw(t, "parallelism")
		limit := rapid.Int32Range(0, 3).Draw(t, "backoffLimit")
		made, r := map[string]bool{}, (*rig.Rig)(nil)
		r = newWorld(func(pod *corev1.Pod) (time.Duration, int32) {
			seed := int32(pod.Name[len(pod.Name)-1])
			return time.Duration(seed%40) * time.Second, max(0, seed%3-1)
		})
		r.Lag = time.Duration(rapid.IntRange(0, 5000).Draw(t, "lag")) * time.Millisecond
		r.Watch = func(change store.Change) string {
			if pod, ok := change.New.(*corev1.Pod); ok {
				made[string(pod.UID)] = true
				require.LessOrEqual(t, activePods(change.After), int(parallelism))
			}
			return ""
		}
		r.Create(t, newJob(func(s *batchv1.JobSpec) {
			s.Completions, s.Parallelism, s.BackoffLimit = &completions, &parallelism, &limit
		}))
		for range rapid.IntRange(1, 12).Draw(t, "steps") {
			r.Advance(time.Duration(rapid.IntRange(0, 30).Draw(t, "seconds")) * time.Second)
			for pod := range store.All[*corev1.Pod](r.API().View()) {
				if rapid.IntRange(0, 4).Draw(t, "delete") == 0 {
					require.NoError(t, r.API().Delete(store.KeyOf(pod), store.DeleteOptions{}))
				}
			}
		}
		r.Advance(2 * time.Hour)
		job, _ := store.Get[*batchv1.Job](r.API().View(), key.Namespace, key.Name)
		end := condition.JobFinished(job)
		require.NotNil(t, end, "%v", job.Status)
		require.EqualValues(t, len(made), job.Status.Succeeded+job.Status.Failed)
		require.Equal(t, end.Type == batchv1.JobComplete, job.Status.Succeeded >= completions)
		require.Equal(t, end.Type == batchv1.JobFailed, job.Status.Failed > limit && job.Status.Succeeded < completions)
		require.Zero(t, job.Status.Active)
		for pod := range store.All[*corev1.Pod](r.API().View()) {
			require.False(t, isTracked(pod))
		}
	})
}
