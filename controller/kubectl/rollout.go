package kubectl

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/equality"

	"statefulsim/controller/store"
	"statefulsim/scenarios/kubectl"
)

// rollout is `rollout` but for its verb status.
// Source: k8s.io/kubectl pkg/cmd/rollout, pkg/polymorphichelpers.
func rollout(api *store.Client, t Terminal, c kubectl.Rollout) error {
	found, err := objects(api, t, c.Objects)
	all := []error{err}
	for _, obj := range found {
		all = append(all, rollOne(api, t, c, obj.(*appsv1.StatefulSet)))
	}
	if edits := c.Verb != "undo" && c.Verb != "history"; edits && len(found) == 0 && err == nil {
		t.Print("No resources found in " + cmp.Or(c.Namespace, t.Namespace) + " namespace.")
	}
	return errors.Join(all...)
}

func rollOne(api *store.Client, t Terminal, c kubectl.Rollout, set *appsv1.StatefulSet) error {
	switch c.Verb {
	case "restart":
		return restart(api, t, set)
	case "undo":
		return undo(api, t, set, c.Revision)
	case "history":
		return showHistory(api, t, set, c.Revision)
	case "pause":
		return fmt.Errorf("error: statefulsets.apps %q pausing is not supported", set.Name)
	}
	return fmt.Errorf("error: statefulsets.apps %q resuming is not supported", set.Name)
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
		return fmt.Errorf("failed to patch: %v", err)
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
	if _, applied := set.Annotations[corev1.LastAppliedConfigAnnotation]; applied {
		t.Print("Warning: resource " + resourcePath(set) + " was previously managed with 'kubectl apply'. Rolling back will not update the " +
			corev1.LastAppliedConfigAnnotation + " annotation, which may cause unexpected behavior on future 'kubectl apply' operations. " +
			"Consider using 'kubectl apply' with your previous configuration file instead.")
	}
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
		return fmt.Errorf("failed restoring revision %d: %v", number, err)
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

// showRevision describes the template of a revision.
func showRevision(t Terminal, set *appsv1.StatefulSet, revision *appsv1.ControllerRevision, number int64) error {
	if revision == nil {
		return errors.New("unable to find the specified revision")
	}
	restored, err := patched(set, "strategic", revision.Data.Raw)
	if err != nil {
		return fmt.Errorf("unable to parse history %s", revision.Name)
	}
	t.done(set, fmt.Sprintf("with revision #%d", number))
	for _, line := range describeTemplate(&restored.(*appsv1.StatefulSet).Spec.Template) {
		t.Print(line)
	}
	t.Print("")
	return nil
}
