package statefulset

import (
	"bytes"
	"cmp"
	"slices"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
)

// history is what was worked out about revisions of one generation of the set. Revisions are immutable, so their address
// stands for their content.
type history struct {
	patch     []byte                     // of the set's template
	same      *appsv1.ControllerRevision // a latest revision that means what the set's template means
	different *appsv1.ControllerRevision // a latest revision that does not
	decoded   []decoded
}

type decoded struct {
	revision *appsv1.ControllerRevision
	template *corev1.PodTemplateSpec
}

// PutRevision takes in a ControllerRevision of any owner, new or changed.
func (s *State) PutRevision(revision *appsv1.ControllerRevision) {
	s.RemoveRevision(revision)
	owner := metav1.GetControllerOfNoCopy(revision)
	if s.selector == nil || revision.Namespace != s.set.Namespace || owner != nil && owner.UID != s.set.UID ||
		!s.selector.Matches(labels.Set(revision.Labels)) {
		return
	}
	at, _ := slices.BinarySearchFunc(s.revisions, revision, byRevision)
	s.revisions = slices.Insert(s.revisions, at, revision)
}

// RemoveRevision forgets the ControllerRevision of that name.
func (s *State) RemoveRevision(revision *appsv1.ControllerRevision) {
	s.revisions = slices.DeleteFunc(s.revisions, func(r *appsv1.ControllerRevision) bool { return r.Name == revision.Name })
}

// byRevision is the order of age (controller_history.go:byRevision).
func byRevision(a, b *appsv1.ControllerRevision) int {
	return cmp.Or(
		cmp.Compare(a.Revision, b.Revision),
		a.CreationTimestamp.Compare(b.CreationTimestamp.Time),
		cmp.Compare(a.Name, b.Name),
	)
}

// template returns the pod template of a revision.
func (h *history) template(revision *appsv1.ControllerRevision) (*corev1.PodTemplateSpec, error) {
	for _, d := range h.decoded {
		if d.revision == revision {
			return d.template, nil
		}
	}
	template, err := templateOf(revision)
	if err != nil {
		return nil, err
	}
	const kept = 4 // the current and the update revision, before and after a change
	if len(h.decoded) == kept {
		h.decoded = slices.Delete(h.decoded, 0, 1)
	}
	h.decoded = append(h.decoded, decoded{revision, template})
	return template, nil
}

// means tells whether putting back the revision would give the template that the patch holds, even though their bytes
// differ (stateful_set_control.go:setMatchesLatestExistingRevision).
func (h *history) means(revision *appsv1.ControllerRevision, defaults func(*appsv1.StatefulSet)) bool {
	if revision == h.same || revision == h.different {
		return revision == h.same
	}
	template, err := templateOf(revision)
	if err == nil {
		set := &appsv1.StatefulSet{Spec: appsv1.StatefulSetSpec{Template: *template}}
		if defaults != nil {
			defaults(set)
		}
		var patch []byte
		if patch, err = patchOf(&set.Spec.Template); err == nil && bytes.Equal(patch, h.patch) {
			h.same = revision
			return true
		}
	}
	h.different = revision
	return false
}

// adoptRevisions takes the revisions that match the set and belong to nobody (stateful_set.go:adoptOrphanRevisions).
func (r *run) adoptRevisions() error {
	for i, revision := range r.revisions {
		if metav1.GetControllerOfNoCopy(revision) != nil {
			continue
		}
		if err := r.canAdopt(); err != nil {
			return err
		}
		adopted := *revision
		adopted.OwnerReferences = append(slices.Clone(revision.OwnerReferences), ownerSet(r.set).reference())
		answer, err := r.apply(Write{Patch, &adopted})
		if err != nil {
			return err
		}
		if held, ok := answer.(*appsv1.ControllerRevision); ok {
			r.revisions[i] = held
		}
	}
	return nil
}

// chooseRevisions finds the current and the update revision, and makes the latter if it does not exist
// (stateful_set_control.go:getStatefulSetRevisions).
func (r *run) chooseRevisions() (err error) {
	if r.set.Status.CollisionCount != nil {
		r.collisions = *r.set.Status.CollisionCount
	}
	if r.history.patch == nil {
		if r.history.patch, err = patchOf(&r.set.Spec.Template); err != nil {
			return err
		}
	}
	update, err := r.updateRevision()
	if err != nil {
		return err
	}
	r.current, r.update = update, update
	for _, revision := range r.revisions {
		if revision.Name == r.set.Status.CurrentRevision {
			r.current = revision
			break
		}
	}
	return nil
}

func (r *run) updateRevision() (*appsv1.ControllerRevision, error) {
	patch, n := r.history.patch, len(r.revisions)
	if n == 0 {
		return r.createRevision(1)
	}
	latest := r.revisions[n-1]
	if bytes.Equal(latest.Data.Raw, patch) {
		return latest, nil
	}
	for i := n - 2; i >= 0; i-- {
		if bytes.Equal(r.revisions[i].Data.Raw, patch) {
			return r.renumber(r.revisions[i], latest.Revision+1)
		}
	}
	if r.gates.StatefulSetSemanticRevisionComparison && r.history.means(latest, r.Defaults) {
		return latest, nil
	}
	return r.createRevision(latest.Revision + 1)
}

// renumber makes an older revision the latest: that is a rollback (controller_history.go:UpdateControllerRevision).
func (r *run) renumber(revision *appsv1.ControllerRevision, number int64) (*appsv1.ControllerRevision, error) {
	renumbered := *revision
	renumbered.Revision = number
	answer, err := r.apply(Write{Update, &renumbered})
	if err != nil {
		return nil, err
	}
	return answer.(*appsv1.ControllerRevision), nil
}

// createRevision makes a revision of the set's template. If its name is taken by the same content, whoever owns it, that
// one will do; if it is taken by another content, the next name is tried (controller_history.go:CreateControllerRevision).
// The label with the hash stays that of the first name.
func (r *run) createRevision(number int64) (*appsv1.ControllerRevision, error) {
	revision := newRevision(r.set, r.history.patch, number, r.collisions)
	for {
		attempt := *revision
		attempt.Name = revisionName(r.set.Name, hashOf(r.history.patch, r.collisions))
		answer, err := r.apply(Write{Create, &attempt})
		if err == nil {
			return answer.(*appsv1.ControllerRevision), nil
		}
		if !apierrors.IsAlreadyExists(err) {
			return nil, err
		}
		if taken, ok := answer.(*appsv1.ControllerRevision); !ok {
			return nil, err
		} else if bytes.Equal(taken.Data.Raw, r.history.patch) {
			return taken, nil
		}
		r.collisions++
	}
}

// truncate deletes the oldest revisions beyond the limit that neither the set nor a pod refers to. It works on the revisions
// as they were when the sync began (stateful_set_control.go:truncateHistory).
func (r *run) truncate() error {
	limit := 10 // the API server's default
	if r.set.Spec.RevisionHistoryLimit != nil {
		limit = int(*r.set.Spec.RevisionHistoryLimit)
	}
	if limit < 0 || len(r.revisions) <= limit {
		return nil
	}
	var dead []*appsv1.ControllerRevision
	for _, revision := range r.revisions {
		if !r.lives(revision.Name) {
			dead = append(dead, revision)
		}
	}
	for i := 0; i < len(dead)-limit; i++ {
		if _, err := r.apply(Write{Delete, dead[i]}); err != nil {
			return err
		}
	}
	return nil
}

// lives tells whether the set or one of its pods refers to a revision.
func (r *run) lives(revision string) bool {
	if r.current != nil && revision == r.current.Name || r.update != nil && revision == r.update.Name {
		return true
	}
	return r.tallyOf(revision).all > 0
}
