package kubectl

import (
	"cmp"
	"errors"
	"fmt"
	"time"

	appsv1 "k8s.io/api/apps/v1"

	"statefulsim/controller/store"
	"statefulsim/scenarios/kubectl"
)

// rolloutStatus is `rollout status`: it tells how far the rollout of a set is, and again after each change of it, until it is
// complete; then it goes on to the next set.
// Source: k8s.io/kubectl pkg/cmd/rollout/rollout_status.go:Run.
type rolloutStatus struct {
	terminal Terminal
	command  kubectl.Rollout
	begun    bool
	vigil    vigil
	deadline deadline // of the set under way
	missing  error
}

// Hear takes in what the watch on the set delivers.
func (r *rolloutStatus) Hear(change store.Change) { r.vigil.hear(change) }

// Proceed tells of what was heard.
func (r *rolloutStatus) Proceed(api *store.Client) (again time.Duration, done bool, err error) {
	if !r.begun {
		r.begin(api)
	}
	for len(r.vigil.left) > 0 {
		complete, err := r.tell(api)
		switch {
		case err != nil:
			return 0, true, worded(err)
		case complete:
			r.vigil.next()
			r.deadline = within(api.Now, r.command.Timeout)
		case r.deadline.over(api.Now):
			return 0, true, worded(errTimeout)
		default:
			return r.deadline.left(api.Now), false, nil
		}
	}
	return 0, true, worded(r.missing)
}

func (r *rolloutStatus) begin(api *store.Client) {
	found, missing := objects(api, r.terminal, r.command.Objects)
	for _, obj := range found {
		r.vigil.left = append(r.vigil.left, store.KeyOf(obj))
	}
	r.begun, r.missing, r.deadline = true, missing, within(api.Now, r.command.Timeout)
	if len(found) == 0 && missing == nil {
		r.terminal.Print("No resources found in " + cmp.Or(r.command.Namespace, r.terminal.Namespace) + " namespace.")
	}
}

// tell prints a line for each state that the first set has had, up to the one with which its rollout is complete.
func (r *rolloutStatus) tell(api *store.Client) (complete bool, err error) {
	states, _ := r.vigil.news(api.View())
	for _, state := range states {
		if state == nil {
			return false, errors.New("object has been deleted")
		}
		text, complete, err := status(state.(*appsv1.StatefulSet))
		if err != nil {
			return false, err
		}
		r.terminal.Print(text)
		if complete || !r.command.Watch {
			return true, nil
		}
	}
	return false, nil
}

// status says how far a set's rollout is.
// Source: k8s.io/kubectl pkg/polymorphichelpers/rollout_status.go:StatefulSetStatusViewer.Status.
func status(set *appsv1.StatefulSet) (text string, complete bool, err error) {
	strategy, s := set.Spec.UpdateStrategy, set.Status
	switch {
	case strategy.Type != appsv1.RollingUpdateStatefulSetStrategyType:
		return "", true, fmt.Errorf("rollout status is only available for %s strategy type", appsv1.RollingUpdateStatefulSetStrategyType)
	case s.ObservedGeneration == 0 || set.Generation > s.ObservedGeneration:
		return "Waiting for statefulset spec update to be observed...", false, nil
	case s.ReadyReplicas < *set.Spec.Replicas:
		return fmt.Sprintf("Waiting for %d pods to be ready...", *set.Spec.Replicas-s.ReadyReplicas), false, nil
	case strategy.RollingUpdate != nil:
		return partitioned(set)
	case s.UpdateRevision != s.CurrentRevision:
		return fmt.Sprintf("waiting for statefulset rolling update to complete %d pods at revision %s...", s.UpdatedReplicas, s.UpdateRevision), false, nil
	}
	return fmt.Sprintf("statefulset rolling update complete %d pods at revision %s...", s.CurrentReplicas, s.CurrentRevision), true, nil
}

func partitioned(set *appsv1.StatefulSet) (text string, complete bool, err error) {
	updated := set.Status.UpdatedReplicas
	if partition := set.Spec.UpdateStrategy.RollingUpdate.Partition; partition != nil {
		if wanted := *set.Spec.Replicas - *partition; updated < wanted {
			return fmt.Sprintf("Waiting for partitioned roll out to finish: %d out of %d new pods have been updated...", updated, wanted), false, nil
		}
	}
	return fmt.Sprintf("partitioned roll out complete: %d new pods have been updated...", updated), true, nil
}
