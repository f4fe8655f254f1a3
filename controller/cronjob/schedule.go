package cronjob

import (
	"errors"
	"time"

	"github.com/robfig/cron/v3"
	batchv1 "k8s.io/api/batch/v1"
)

const (
	startDelta = 100 * time.Millisecond // a look at a CronJob comes so long after the start (cronjob_controllerv2.go:nextScheduleDelta)
	manyMissed = 100                    // more starts than these that were missed are warned of (utils.go:mostRecentScheduleTime)
)

// errNoSchedule says that a schedule makes no sense although it reads well: the 31st of February.
var errNoSchedule = errors.New("time difference between two schedules is less than 1 second")

// starts is what a schedule makes of the time since the last start.
type starts struct {
	since  time.Time // the last start, or the CronJob's creation, or the earliest that a start may still be late
	latest time.Time // the latest that is due and was not made; zero: none
	missed int64     // how many were due in the meantime, about: upstream counts with the distance of the first two
}

// recent finds the latest start that is due. However many were missed, the latest alone is made up for, and more than a hundred
// do no more than a warning: the CronJob goes on. (Up to 1.20 the first controller gave up for good there.)
// Source: pkg/controller/cronjob/utils.go:mostRecentScheduleTime, nextScheduleTime.
func recent(job *batchv1.CronJob, now time.Time, schedule cron.Schedule, withDeadline bool) (starts, error) {
	s := starts{since: job.CreationTimestamp.UTC()}
	if last := job.Status.LastScheduleTime; last != nil {
		s.since = last.UTC()
	}
	if deadline := job.Spec.StartingDeadlineSeconds; withDeadline && deadline != nil {
		if earliest := now.Add(-time.Duration(*deadline) * time.Second); earliest.After(s.since) {
			s.since = earliest
		}
	}
	first := schedule.Next(s.since)
	second := schedule.Next(first)
	switch {
	case now.Before(first):
		return s, nil
	case now.Before(second):
		s.latest = first
		return s, nil
	}
	between := int64(second.Sub(first).Round(time.Second) / time.Second)
	if between < 1 {
		return s, errNoSchedule
	}
	s.missed = int64(now.Sub(first)/time.Second)/between + 1
	near := first.Add(time.Duration((s.missed-2)*between) * time.Second)
	for t := schedule.Next(near); !t.After(now); t = schedule.Next(t) {
		s.latest = t
	}
	return s, nil
}

// untilNext is how long it is until the next start after the latest that was due (utils.go:nextScheduleTimeDuration).
func untilNext(job *batchv1.CronJob, now time.Time, schedule cron.Schedule) time.Duration {
	s, err := recent(job, now, schedule, false)
	from := s.latest
	switch {
	case err != nil:
		from = now
	case !s.latest.IsZero():
	case s.missed == 0:
		from = s.since
	default:
		from = now
	}
	return schedule.Next(from).Add(startDelta).Sub(now)
}
