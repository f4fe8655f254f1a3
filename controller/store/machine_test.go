package store

import (
	"fmt"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/types"
	"pgregory.net/rapid"
)

// machine drives a store of pods at random, beside what is known of them, and judges after every step.
type machine struct {
	store    *Store
	now      time.Time
	known    map[string]*corev1.Pod // what the store has to hold
	replayed map[Key]Object         // what the changes say that it holds
	last     int64                  // the last revision
	pictures []picture
}

// picture is a view and what it answered when it was taken.
type picture struct {
	view *View
	told string
}

func newMachine(t *rapid.T) *machine {
	m := &machine{store: New(), now: start, known: map[string]*corev1.Pod{}, replayed: map[Key]Object{}}
	m.store.OnChange = func(c Change) { m.hear(t, c) }
	return m
}

// hear replays a change and judges it against the state before.
func (m *machine) hear(t *rapid.T, c Change) {
	require.Equal(t, m.last+1, c.Revision, "revisions grow one by one")
	m.last = c.Revision
	require.True(t, m.replayed[c.Key()] == c.Old, "a change follows the one before")
	if c.New == nil {
		delete(m.replayed, c.Key())
		return
	}
	m.replayed[c.Key()] = c.New
	require.Equal(t, strconv.FormatInt(c.Revision, 10), c.New.GetResourceVersion())
	if c.Old == nil {
		return
	}
	old, pod := c.Old.(*corev1.Pod), c.New.(*corev1.Pod)
	require.Equal(t, old.UID, pod.UID)
	grown := !equal(&old.Spec, &pod.Spec) || old.DeletionTimestamp == nil && pod.DeletionTimestamp != nil
	require.Equal(t, grown, pod.Generation == old.Generation+1, "the generation grows with the spec, and with the deletion")
	require.True(t, grown || pod.Generation == old.Generation)
	if old.DeletionTimestamp != nil {
		require.NotNil(t, pod.DeletionTimestamp, "a deletion is not taken back")
		require.False(t, pod.DeletionTimestamp.After(old.DeletionTimestamp.Time), "nor put off")
	}
}

func (m *machine) client() *Client { return m.store.At(m.now, nil) }

func (m *machine) name(t *rapid.T) string {
	return rapid.SampledFrom([]string{"a", "b", "c"}).Draw(t, "name")
}

// Create makes a pod that may be there already.
func (m *machine) Create(t *rapid.T) {
	pod := newPod(m.name(t))
	if rapid.Bool().Draw(t, "held") {
		pod.Finalizers = []string{"example.com/held"}
	}
	_, had := m.known[pod.Name]
	stored, err := m.client().Create(pod)
	if had {
		require.True(t, apierrors.IsAlreadyExists(err))
		return
	}
	require.NoError(t, err)
	m.known[pod.Name] = stored.(*corev1.Pod)
}

// Update changes spec or metadata, from the stored pod or from a stale one.
func (m *machine) Update(t *rapid.T) {
	m.write(t, rapid.SampledFrom([]func(*corev1.Pod){
		func(pod *corev1.Pod) { pod.Annotations = map[string]string{"n": "1"} },
		func(pod *corev1.Pod) { pod.Spec.Containers[0].Image = "nginx:2" },
		func(pod *corev1.Pod) { pod.Labels["n"] = "1" },
		func(pod *corev1.Pod) { pod.Finalizers = nil },
		func(pod *corev1.Pod) {
			pod.Status.Phase, pod.DeletionTimestamp, pod.Generation = corev1.PodFailed, nil, 0
		},
	}).Draw(t, "change"), (*Client).Update)
}

// UpdateStatus changes the phase; what else it tries is ignored.
func (m *machine) UpdateStatus(t *rapid.T) {
	phase := rapid.SampledFrom([]corev1.PodPhase{corev1.PodPending, corev1.PodRunning, corev1.PodFailed}).Draw(t, "phase")
	m.write(t, func(pod *corev1.Pod) {
		pod.Status.Phase, pod.Labels, pod.Finalizers, pod.Spec.NodeName = phase, nil, nil, "elsewhere"
	}, (*Client).UpdateStatus)
}

func (m *machine) write(t *rapid.T, change func(*corev1.Pod), write func(*Client, Object) (Object, error)) {
	name := m.name(t)
	known, ok := m.known[name]
	if !ok {
		_, err := write(m.client(), newPod(name))
		require.True(t, apierrors.IsNotFound(err))
		return
	}
	pod := known.DeepCopy()
	change(pod)
	if rapid.Bool().Draw(t, "stale") {
		pod.ResourceVersion = "999999"
		_, err := write(m.client(), pod)
		require.True(t, apierrors.IsConflict(err))
		return
	}
	before := m.last
	stored, err := write(m.client(), pod)
	require.NoError(t, err)
	if len(stored.GetFinalizers()) > 0 {
		require.Contains(t, m.replayed, KeyOf(known), "finalizers hold")
	}
	if stored == Object(known) {
		require.Equal(t, before, m.last, "nothing changed, and yet a change")
	} else {
		require.Equal(t, before+1, m.last)
	}
	m.settle(name)
}

// Delete deletes a pod with some grace.
func (m *machine) Delete(t *rapid.T) {
	name := m.name(t)
	var opts DeleteOptions
	if seconds := rapid.Int64Range(-2, 40).Draw(t, "grace"); seconds > -2 {
		opts.GracePeriodSeconds = &seconds
	}
	err := m.client().Delete(Key{Pod, "default", name}, opts)
	if known, ok := m.known[name]; !ok {
		require.True(t, apierrors.IsNotFound(err))
	} else if require.NoError(t, err); len(known.Finalizers) > 0 {
		require.Contains(t, m.replayed, KeyOf(known), "finalizers hold")
	}
	m.settle(name)
}

// settle takes over what the store says of a pod that was just written to, having judged the way there.
func (m *machine) settle(name string) {
	if pod, ok := Get[*corev1.Pod](m.store.View(), "default", name); ok {
		m.known[name] = pod
	} else {
		delete(m.known, name)
	}
}

// Wait lets time pass.
func (m *machine) Wait(t *rapid.T) {
	m.now = m.now.Add(time.Duration(rapid.IntRange(1, 20_000).Draw(t, "milliseconds")) * time.Millisecond)
}

// Picture keeps a view, to look at it again later.
func (m *machine) Picture(*rapid.T) {
	view := m.store.View()
	m.pictures = append(m.pictures, picture{view, tell(view)})
}

// Check compares the store with what is known, with the replayed changes, and old views with what they answered.
func (m *machine) Check(t *rapid.T) {
	view := m.store.View()
	require.Equal(t, len(m.known), view.Len(Pod))
	require.Equal(t, len(m.known), len(m.replayed))
	for name, pod := range m.known {
		stored, ok := view.Object(Key{Pod, "default", name})
		require.True(t, ok && stored == Object(pod) && m.replayed[KeyOf(pod)] == stored)
	}
	for _, p := range m.pictures {
		require.Equal(t, p.told, tell(p.view), "a view changed")
	}
}

// tell says all that a view answers about pods.
func tell(view *View) string {
	var told []string
	for pod := range All[*corev1.Pod](view) {
		told = append(told, pod.String())
	}
	for pod := range PodsOn(view, "n") {
		told = append(told, pod.Name)
	}
	return fmt.Sprint(told)
}

func TestStoreAgainstAModel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) { t.Repeat(rapid.StateMachineActions(newMachine(t))) })
}

// The index has to say what a walk over everything says, however owners and nodes change.
func TestIndexAgainstAWalk(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := New()
		api := s.At(start, nil)
		owners := []string{"u1", "u2"}
		for range rapid.IntRange(1, 12).Draw(t, "writes") {
			pod := newPod(rapid.SampledFrom([]string{"a", "ab", "b"}).Draw(t, "pod"))
			pod.Spec.NodeName = rapid.SampledFrom([]string{"", "n", "nn"}).Draw(t, "node")
			for _, owner := range owners {
				if rapid.Bool().Draw(t, owner) {
					pod.OwnerReferences = append(pod.OwnerReferences, ref(owner, len(pod.OwnerReferences) == 0))
				}
			}
			if _, err := api.Create(pod); apierrors.IsAlreadyExists(err) {
				if _, err := api.Update(pod); err != nil { // another node
					require.NoError(t, api.Delete(KeyOf(pod), DeleteOptions{GracePeriodSeconds: new(int64(0))}))
				}
			}
			requireIndexed(t, s.View(), owners)
		}
	})
}

func requireIndexed(t *rapid.T, view *View, owners []string) {
	pods := slices.Collect(All[*corev1.Pod](view))
	for _, node := range []string{"n", "nn"} {
		want := slices.DeleteFunc(slices.Clone(pods), func(pod *corev1.Pod) bool { return pod.Spec.NodeName != node })
		require.Equal(t, names(want), names(slices.Collect(PodsOn(view, node))))
	}
	for _, owner := range owners {
		var owned, controlled []*corev1.Pod
		for _, pod := range pods {
			for _, ref := range pod.OwnerReferences {
				if string(ref.UID) == owner {
					owned = append(owned, pod)
					if *ref.Controller {
						controlled = append(controlled, pod)
					}
				}
			}
		}
		var dependents []string
		for obj := range Dependents(view, types.UID(owner)) {
			dependents = append(dependents, obj.GetName())
		}
		require.Equal(t, names(owned), dependents)
		require.Equal(t, names(controlled), names(slices.Collect(ControlledBy[*corev1.Pod](view, types.UID(owner)))))
	}
}

func names(pods []*corev1.Pod) (result []string) {
	for _, pod := range pods {
		result = append(result, pod.Name)
	}
	return result
}
