package statefulset

import utilerrors "k8s.io/apimachinery/pkg/util/errors"

// settleCondemned gives the claims of the pods that are to go the owners that the policy wants, before any of them goes.
func (r *run) settleCondemned() error {
	if r.owed == 0 {
		return nil
	}
	return r.eachCondemned(func(m *member) error {
		keep := retentionOf(r.set, ownerPod(m.pod.Name, m.pod.UID), false)
		if r.ownersSettled(m.ordinal, &keep) {
			return nil
		}
		return r.settleOwners(m.ordinal, &keep)
	})
}

// passCondemned deletes pods whose ordinal is not wanted: all of them under Parallel; under OrderedReady the highest, once it
// is healthy or nobody below it is in trouble (stateful_set_control.go:processCondemned).
func (r *run) passCondemned() (end bool, err error) {
	if len(r.condemned) == 0 {
		return false, nil
	}
	if !r.parallel() {
		highest := r.condemned[len(r.condemned)-1]
		if highest.is.has(terminating) || !highest.is.has(healthy|available) && highest != r.firstUnavailable() {
			return true, nil
		}
		return true, r.deletePod(highest.pod)
	}
	if r.doomed == 0 {
		return false, nil
	}
	err = r.eachCondemned(func(m *member) error {
		if m.is.has(terminating) {
			return nil
		}
		return r.deletePod(m.pod)
	})
	return err != nil, err
}

// firstUnavailable returns the lowest of the condemned that is unavailable. It is asked for under OrderedReady when every
// replica is available, so that no replica can be the first.
func (r *run) firstUnavailable() *member {
	for _, m := range r.condemned {
		if !m.is.has(available) || m.is.has(terminating) {
			return m
		}
	}
	return nil
}

// eachCondemned gives each condemned pod a turn, by descending ordinal. Under OrderedReady the first error ends the pass,
// under Parallel the rest of the batch follows.
func (r *run) eachCondemned(turn func(*member) error) error {
	var errs []error
	last := len(r.condemned) - 1
	stop := len(r.condemned)
	for i := 0; i < stop; i++ {
		err := turn(r.condemned[last-i])
		if err == nil {
			continue
		}
		if !r.parallel() {
			return err
		}
		stop = min(stop, batchEnd(i))
		errs = append(errs, err)
	}
	return utilerrors.NewAggregate(errs)
}
