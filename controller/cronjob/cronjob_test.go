package cronjob

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"pgregory.net/rapid"

	"statefulsim/controller/garbagecollector"
	"statefulsim/controller/internal/rig"
	"statefulsim/controller/job"
	"statefulsim/controller/store"
)

func newCronJob(schedule string, change func(*batchv1.CronJobSpec)) *batchv1.CronJob {
	c := &batchv1.CronJob{
		ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: "backup"},
		Spec: batchv1.CronJobSpec{Schedule: schedule, JobTemplate: batchv1.JobTemplateSpec{Spec: batchv1.JobSpec{
			BackoffLimit: new(int32),
			Template: corev1.PodTemplateSpec{Spec: corev1.PodSpec{
				RestartPolicy: corev1.RestartPolicyNever, Containers: []corev1.Container{{Name: "dump", Image: "mysql:8"}},
			}},
		}}},
	}
	if change != nil {
		change(&c.Spec)
	}
	return c
}

type takes = func(*corev1.Pod) (time.Duration, int32)

func newWorld(lag time.Duration, runs takes) *rig.Rig {
	r := rig.New(New(), job.New(), garbagecollector.New(), &rig.Runner{Takes: runs})
	r.Lag, r.Watch = lag, watch
	return r
}

// watch tells of the CronJob's status, and of Jobs that come and go.
func watch(change store.Change) string {
	switch obj := change.Object().(type) {
	case *batchv1.CronJob:
		line := "status: active ["
		for i, ref := range obj.Status.Active {
			if i > 0 {
				line += " "
			}
			line += ref.Name
		}
		line += "]"
		if last := obj.Status.LastScheduleTime; last != nil {
			line += ", last start " + last.UTC().Format("Jan 2 15:04")
		}
		if last := obj.Status.LastSuccessfulTime; last != nil {
			line += ", last success " + last.UTC().Format("Jan 2 15:04:05")
		}
		return line
	case *batchv1.Job:
		if change.New == nil {
			return obj.Name + " is gone"
		}
	}
	return ""
}

func ends(after time.Duration, code int32) takes {
	return func(*corev1.Pod) (time.Duration, int32) { return after, code }
}

func change(t require.TestingT, r *rig.Rig, note string, change func(*batchv1.CronJobSpec)) {
	r.Note(note)
	live, _ := store.Get[*batchv1.CronJob](r.API().View(), "default", "backup")
	next := live.DeepCopy()
	change(&next.Spec)
	_, err := r.API().Update(next)
	require.NoError(t, err)
}

func suspend(suspended bool) func(*batchv1.CronJobSpec) {
	return func(s *batchv1.CronJobSpec) { s.Suspend = &suspended }
}

func TestTranscripts(t *testing.T) {
	policy := func(p batchv1.ConcurrencyPolicy) func(*batchv1.CronJobSpec) {
		return func(s *batchv1.CronJobSpec) { s.ConcurrencyPolicy = p }
	}
	for _, c := range []struct {
		name, schedule string
		runs           takes
		spec           func(*batchv1.CronJobSpec)
		then           func(*rig.Rig)
	}{
		{"hourly", "0 * * * *", ends(20*time.Second, 0), nil, func(r *rig.Rig) { r.Advance(5*time.Hour + time.Minute) }},
		{"fails", "@hourly", ends(20*time.Second, 1), nil, func(r *rig.Rig) { r.Advance(3*time.Hour + time.Minute) }},
		{"forbid", "0 * * * *", ends(-1, 0), policy(batchv1.ForbidConcurrent), func(r *rig.Rig) { r.Advance(4*time.Hour + time.Minute) }},
		{"replace", "0 * * * *", ends(-1, 0), policy(batchv1.ReplaceConcurrent), func(r *rig.Rig) { r.Advance(3*time.Hour + time.Minute) }},
		{"allow", "0 * * * *", ends(-1, 0), nil, func(r *rig.Rig) { r.Advance(3*time.Hour + time.Minute) }},
		{"many-missed", "*/10 * * * *", ends(20*time.Second, 0), suspend(true), func(r *rig.Rig) {
			r.Advance(24*time.Hour + 5*time.Minute)
			change(t, r, "resumed after 144 starts that were missed", suspend(false))
			r.Advance(6 * time.Minute)
		}},
		{"late", "0 * * * *", ends(20*time.Second, 0), func(s *batchv1.CronJobSpec) {
			s.Suspend, s.StartingDeadlineSeconds = new(true), new(int64(600))
		}, func(r *rig.Rig) {
			r.Advance(70*time.Minute - time.Second)
			change(t, r, "resumed within the deadline", suspend(false))
			r.Advance(time.Minute)
			change(t, r, "suspended", suspend(true))
			r.Advance(time.Hour)
			change(t, r, "resumed after the deadline", suspend(false))
			r.Advance(50 * time.Minute)
		}},
		{"time-zone", "30 2 * * *", ends(20*time.Second, 0), func(s *batchv1.CronJobSpec) { s.TimeZone = new("America/New_York") },
			func(r *rig.Rig) { r.Advance(8 * time.Hour) }},
		{"rescheduled", "0 12 * * *", ends(20*time.Second, 0), nil, func(r *rig.Rig) {
			r.Advance(13 * time.Hour)
			change(t, r, "every two hours from now on", func(s *batchv1.CronJobSpec) { s.Schedule = "0 */2 * * *" })
			r.Advance(2 * time.Hour)
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := newWorld(20*time.Millisecond, c.runs)
			r.Create(t, newCronJob(c.schedule, c.spec))
			c.then(r)
			rig.Golden(t, c.name, r.Transcript())
		})
	}
}

// A day in February that does not exist reads well, and is told once something is due by it: never.
func TestNoSuchDay(t *testing.T) {
	schedule, err := store.ParseSchedule("59 23 31 2 *")
	require.NoError(t, err)
	c := newCronJob("", nil)
	c.CreationTimestamp = metav1.NewTime(time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC))
	_, err = recent(c, c.CreationTimestamp.Add(time.Hour), schedule, true)
	require.Equal(t, errNoSchedule, err)
}

// Whatever the Jobs do, with caches that lag and a CronJob that is suspended now and then: no start has two Jobs, and no more
// finished Jobs stay than may. With Forbid and Replace one Job at most is not over; that is promised, by upstream too, only if the
// cache shows what was written before the next start.
func TestJobsOfACronJob(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		policy := rapid.SampledFrom([]batchv1.ConcurrencyPolicy{
			batchv1.AllowConcurrent, batchv1.ForbidConcurrent, batchv1.ReplaceConcurrent,
		}).Draw(t, "policy")
		good, bad := rapid.Int32Range(0, 3).Draw(t, "successful"), rapid.Int32Range(0, 2).Draw(t, "failed")
		lag := time.Duration(max(0, rapid.IntRange(-3000, 3000).Draw(t, "lag"))) * time.Millisecond
		r := newWorld(lag, func(pod *corev1.Pod) (time.Duration, int32) {
			seed := int32(pod.Name[len(pod.Name)-1])
			return time.Duration(seed%40-1) * time.Minute, seed % 2
		})
		made := map[string]int{}
		r.Watch = func(change store.Change) string {
			if change.Kind == store.Job && change.Old == nil {
				made[change.New.GetName()]++
			}
			if policy != batchv1.AllowConcurrent && lag == 0 && change.Kind == store.Job {
				require.LessOrEqual(t, tally(change.After)[""], 1)
			}
			return ""
		}
		r.Create(t, newCronJob(rapid.SampledFrom([]string{"*/5 * * * *", "@every 7m", "3,4 * * * *", "@hourly"}).Draw(t, "schedule"),
			func(s *batchv1.CronJobSpec) {
				s.ConcurrencyPolicy, s.SuccessfulJobsHistoryLimit, s.FailedJobsHistoryLimit = policy, &good, &bad
				if rapid.Bool().Draw(t, "deadline") {
					s.StartingDeadlineSeconds = new(int64(rapid.IntRange(10, 600).Draw(t, "starting deadline")))
				}
			}))
		r.Advance(30 * time.Second)
		for range rapid.IntRange(1, 10).Draw(t, "steps") {
			r.Advance(time.Duration(rapid.IntRange(1, 60).Draw(t, "minutes")) * time.Minute)
			kept := tally(r.API().View())
			require.LessOrEqual(t, kept[batchv1.JobComplete], int(good))
			require.LessOrEqual(t, kept[batchv1.JobFailed], int(bad))
			for name, times := range made {
				require.Equal(t, 1, times, name)
			}
			change(t, r, "", suspend(rapid.IntRange(0, 3).Draw(t, "suspended") == 0))
		}
	})
}

// tally counts the Jobs by how they ended; those that are being deleted are over too.
func tally(view *store.View) map[batchv1.JobConditionType]int {
	n := map[batchv1.JobConditionType]int{}
	for job := range store.All[*batchv1.Job](view) {
		if job.DeletionTimestamp == nil {
			n[finished(job)]++
		}
	}
	return n
}

func ExampleController() {
	r := newWorld(0, ends(time.Minute, 0))
	_, err := r.API().Create(newCronJob("@daily", nil))
	r.Advance(24*time.Hour + time.Second)
	for job := range store.All[*batchv1.Job](r.API().View()) {
		fmt.Println(err, job.Name, job.Status.Active)
	}
	// Output: <nil> backup-15779520 1
}
