package scheduler

import (
	"cmp"
	"slices"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/types"

	"statefulsim/controller/store"
)

const (
	// flush is how long a pod waits at most before it is tried again without any reason
	// (pkg/scheduler/backend/queue/scheduling_queue.go: DefaultPodMaxInUnschedulablePodsDuration).
	flush = 5 * time.Minute
	// After an error a pod is tried again after 1 s, 2 s, 4 s, 8 s and then every 10 s
	// (pkg/scheduler/backend/queue/backoff_queue.go:calculateBackoffDuration).
	initialBackoff, maxBackoff = time.Second, 10 * time.Second
)

// attempted is a pod that was tried and has to be tried again.
type attempted struct {
	uid    types.UID
	order  int64     // among all that ever waited
	by     plugin    // who refused it
	errors int       // attempts in a row that ended in an error
	retry  time.Time // when it is tried again though nothing woke it
	woken  bool      // something changed that may help it
}

// wait notes the outcome of an attempt.
func (s *Scheduler) wait(key store.Key, pod *corev1.Pod, by plugin) *attempted {
	w, ok := s.waiting[key]
	if !ok || w.uid != pod.UID {
		s.queued++
		w = &attempted{uid: pod.UID, order: s.queued}
		s.waiting[key] = w
	}
	w.by, w.woken = by, false
	return w
}

func backoff(errors int) time.Duration {
	if errors > 4 {
		return maxBackoff
	}
	return initialBackoff << (errors - 1)
}

// postpone makes a pod wait that found no node.
func (s *Scheduler) postpone(key store.Key, pod *corev1.Pod, f *failure, api *store.Client) (time.Duration, error) {
	w := s.wait(key, pod, f.by)
	w.errors, w.retry = 0, api.Now.Add(flush)
	return flush, s.report(key, pod, corev1.PodReasonUnschedulable, f.message, api)
}

// abandon gives up a pod's node after an error.
func (s *Scheduler) abandon(key store.Key, pod *corev1.Pod, cause error, api *store.Client) (time.Duration, error) {
	delete(s.binding, key)
	s.cluster.remove(key)
	w := s.wait(key, pod, 0)
	w.errors++
	w.retry = api.Now.Add(backoff(w.errors))
	message := `running PreBind plugin "VolumeBinding": ` + cause.Error()
	return backoff(w.errors), s.report(key, pod, corev1.PodReasonSchedulerError, message, api)
}

// wake returns the keys of the waiting pods that one of these plugins refused and that may be helped, the longest waiting
// first, and lets them be tried again.
func (s *Scheduler) wake(by plugin, helps func(store.Key) bool) []store.Key {
	var keys []store.Key
	for key, w := range s.waiting {
		if w.by&by != 0 && helps(key) {
			w.woken = true
			keys = append(keys, key)
		}
	}
	slices.SortFunc(keys, func(a, b store.Key) int { return cmp.Compare(s.waiting[a].order, s.waiting[b].order) })
	return keys
}

func anyPod(store.Key) bool { return true }
