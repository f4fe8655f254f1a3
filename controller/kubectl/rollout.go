package kubectl

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	"k8s.io/apimachinery/pkg/api/equality"

	"statefulsim/controller/store"
	"statefulsim/scenarios/kubectl"
)

// rollout is `rollout` but for its verb status.
// Source: k8s.io/kubectl pkg/cmd/rollout, pkg/polymorphichelpers.
func rollout(api *store.Client, t Terminal, c kubectl.Rollout) error {
	return each(api, t, c.Objects, func(obj store.Object) error {
		set := obj.(*appsv1.StatefulSet)
		switch c.Verb {
		case "restart":
			return restart(api, t, set)
		case "undo":
			return undo(api, t, set, c.Revision)
		case "history":
			return showHistory(api, t, set, c.Revision)
		case "pause":
			return fmt.Errorf("statefulsets.apps %q pausing is not supported; a partition pauses a StatefulSet's rollout: "+
				`patch statefulset %s -p '{"spec": {"updateStrategy": {"rollingUpdate": {"partition": %d}}}}'`, set.Name, set.Name, *set.Spec.Replicas)
		}
		return fmt.Errorf("statefulsets.apps %q resuming is not supported; set the partition to 0", set.Name)
	})
}

const restartedAt = "kubectl.kubernetes.io/restartedAt"

// restart changes an annotation of the template, so that every pod is of an old revision.
// Source: k8s.io/kubectl pkg/polymorphichelpers/objectrestarter.go:defaultObjectRestarter.
func restart(api *store.Client, t Terminal, set *appsv1.StatefulSet) error {
	update := set.DeepCopy()
	if update.Spec.Template.Annotations == nil {
		update.Spec.Template.Annotations = map[string]string{}
	}
	update.Spec.Template.Annotations[restartedAt] = api.Now.Format(time.RFC3339)
	updated, err := api.Update(update)
	switch {
	case err != nil:
		return err
	case updated.GetResourceVersion() == set.ResourceVersion:
		return fmt.Errorf("failed to create patch for %s: if restart has already been triggered within the past second, please wait before attempting to trigger another", set.Name)
	}
	t.done(set, "restarted")
	return nil
}

// historyOf lists a set's revisions, oldest first.
func historyOf(api *store.Client, set *appsv1.StatefulSet) []*appsv1.ControllerRevision {
	all := slices.Collect(store.ControlledBy[*appsv1.ControllerRevision](api.View(), set.UID))
	slices.SortFunc(all, func(a, b *appsv1.ControllerRevision) int { return cmp.Compare(a.Revision, b.Revision) })
	return all
}

// undo brings the template of an earlier revision back; 0 is the one before the last.
// Source: k8s.io/kubectl pkg/polymorphichelpers/rollback.go:StatefulSetRollbacker.Rollback.
func undo(api *store.Client, t Terminal, set *appsv1.StatefulSet, number int64) error {
	history := historyOf(api, set)
	if number == 0 && len(history) <= 1 {
		return errors.New("no last revision to roll back to")
	}
	revision := find(history, number)
	if revision == nil {
		return fmt.Errorf("unable to find specified revision %d in history", number)
	}
	update, err := patched(set, "strategic", revision.Data.Raw)
	if err != nil {
		return err
	}
	if equality.Semantic.DeepEqual(update.(*appsv1.StatefulSet).Spec.Template, set.Spec.Template) {
		t.done(set, fmt.Sprintf("skipped rollback (current template already matches revision %d)", number))
		return nil
	}
	if _, err := api.Update(update); err != nil {
		return fmt.Errorf("failed restoring revision %d: %w", number, err)
	}
	t.done(set, "rolled back")
	return nil
}

func find(history []*appsv1.ControllerRevision, number int64) *appsv1.ControllerRevision {
	if number == 0 {
		return history[len(history)-2]
	}
	for _, revision := range history {
		if revision.Revision == number {
			return revision
		}
	}
	return nil
}

const changeCause = "kubernetes.io/change-cause"

// showHistory lists the revisions, or shows the template of one.
// Source: k8s.io/kubectl pkg/polymorphichelpers/history.go:printHistory.
func showHistory(api *store.Client, t Terminal, set *appsv1.StatefulSet, number int64) error {
	history := historyOf(api, set)
	if len(history) == 0 {
		t.done(set, "")
		t.Print("No rollout history found.")
		return nil
	}
	if number > 0 {
		return showRevision(t, set, find(history, number), number)
	}
	t.done(set, "")
	t.Print("REVISION  CHANGE-CAUSE")
	for _, revision := range history {
		cause := cmp.Or(revision.Annotations[changeCause], "<none>")
		t.Print(fmt.Sprintf("%-10d%s", revision.Revision, cause))
	}
	t.Print("")
	return nil
}

// showRevision shows what a revision's template has that people look for: its labels, annotations, containers and images.
func showRevision(t Terminal, set *appsv1.StatefulSet, revision *appsv1.ControllerRevision, number int64) error {
	if revision == nil {
		return errors.New("unable to find the specified revision")
	}
	restored, err := patched(set, "strategic", revision.Data.Raw)
	if err != nil {
		return err
	}
	template := restored.(*appsv1.StatefulSet).Spec.Template
	t.done(set, "with revision #"+strconv.FormatInt(number, 10))
	t.Print("Pod Template:")
	for _, pairs := range []struct {
		title string
		of    map[string]string
	}{{"  Labels:\t", template.Labels}, {"  Annotations:\t", template.Annotations}} {
		var lines []string
		for key, value := range pairs.of {
			lines = append(lines, key+"="+value)
		}
		slices.Sort(lines)
		for i, line := range lines {
			t.Print(strings.Repeat("\t", min(i, 1)) + map[bool]string{true: pairs.title, false: "\t"}[i == 0] + line)
		}
	}
	t.Print("  Containers:")
	for _, c := range template.Spec.Containers {
		t.Print("   " + c.Name + ":")
		t.Print("    Image:\t" + c.Image)
	}
	return nil
}

// rolloutStatus is `rollout status`: it prints how far the rollout is after each change of the set, until it is complete.
// Source: k8s.io/kubectl pkg/cmd/rollout/rollout_status.go:Run.
type rolloutStatus struct {
	terminal Terminal
	command  kubectl.Rollout
	waiting  map[store.Key]bool // nil until the first call
	heard    []*appsv1.StatefulSet
	deadline time.Time // zero: none
}

// Hear keeps the states of sets that have to be told of.
func (r *rolloutStatus) Hear(change store.Change) {
	if set, is := change.New.(*appsv1.StatefulSet); is && r.waiting[change.Key()] {
		r.heard = append(r.heard, set)
	}
}

// Proceed tells of what was heard.
func (r *rolloutStatus) Proceed(api *store.Client) (again time.Duration, done bool, err error) {
	if r.waiting == nil {
		if err := r.begin(api); err != nil {
			return 0, true, worded(err)
		}
	}
	for _, set := range r.heard {
		if !r.waiting[store.KeyOf(set)] {
			continue
		}
		text, complete, err := status(set, r.command.Revision)
		if err != nil {
			return 0, true, worded(err)
		}
		r.terminal.Print(text)
		if complete || !r.command.Watch {
			delete(r.waiting, store.KeyOf(set))
		}
	}
	r.heard = nil
	switch {
	case len(r.waiting) == 0:
		return 0, true, nil
	case r.deadline.IsZero():
		return 0, false, nil
	case !api.Now.Before(r.deadline):
		return 0, true, worded(errors.New("timed out waiting for the condition"))
	}
	return r.deadline.Sub(api.Now), false, nil
}

func (r *rolloutStatus) begin(api *store.Client) error {
	found, err := objects(api, r.terminal, r.command.Objects)
	if err != nil {
		return err
	}
	r.waiting = map[store.Key]bool{}
	for _, obj := range found {
		r.waiting[store.KeyOf(obj)] = true
		r.heard = append(r.heard, obj.(*appsv1.StatefulSet))
	}
	if r.command.Timeout > 0 {
		r.deadline = api.Now.Add(r.command.Timeout)
	}
	return nil
}

// status says how far a set's rollout is.
// Source: k8s.io/kubectl pkg/polymorphichelpers/rollout_status.go:StatefulSetStatusViewer.Status.
func status(set *appsv1.StatefulSet, revision int64) (text string, complete bool, err error) {
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
