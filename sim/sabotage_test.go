package sim

import (
	"context"
	"os"
	"slices"
	"testing"
	"testing/fstest"
	"time"

	"github.com/stretchr/testify/require"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	policyv1 "k8s.io/api/policy/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"

	"statefulsim/controller/store"
	"statefulsim/scenarios"
	"statefulsim/sim/check"
)

// sabotage is a deliberate fault of the simulator itself, and the invariant that has to catch it.
type sabotage struct {
	caughtBy string
	at       time.Duration // zero: before the set is created
	do       func(w *world)
}

// Each of these breaks one rule in a world that is otherwise well. An invariant that catches nothing here guards nothing.
var sabotages = map[string]sabotage{
	"a node starts a pod's container a second time": {"one-process-per-identity", 40 * time.Second, func(w *world) {
		s := w.podNamed("db-0")
		s.start(s.main, 1)
	}},
	"a node runs a pod that is bound elsewhere": {"process-of-bound-pod", 40 * time.Second, func(w *world) {
		s := w.podNamed("db-0")
		for _, m := range w.machines {
			if m != s.machine {
				m.sandbox(s.pod).start(s.main, 0)
				return
			}
		}
	}},
	"the controller creates the last ordinal first": {"ordered-creation", time.Second, func(w *world) {
		pod := w.copyOf("db-0")
		pod.Name, pod.Labels[appsv1.PodIndexLabel] = "db-2", "2"
		w.must(w.api().Create(pod))
	}},
	"the controller takes the lowest ordinal away when it scales down": {"ordered-scale-down", 40 * time.Second, func(w *world) {
		set, _ := store.Get[*appsv1.StatefulSet](w.store.View(), "default", "db")
		scaled := set.DeepCopy()
		scaled.Spec.Replicas = new(int32(1))
		live, err := w.api().Update(scaled)
		w.must(nil, err)
		seen := live.(*appsv1.StatefulSet).DeepCopy()
		seen.Status.ObservedGeneration = seen.Generation
		w.must(w.api().UpdateStatus(seen))
		w.loop.Push(w.loop.Now()+1, func() {
			w.judge.step.Actor = check.StatefulSetController
			w.must(nil, w.api().Delete(store.Key{Kind: store.Pod, Namespace: "default", Name: "db-1"}, store.DeleteOptions{}))
		})
	}},
	"the controller updates the lowest ordinal first": {"ordered-update", 40 * time.Second, func(w *world) {
		w.judge.step.Actor = check.StatefulSetController
		w.must(nil, w.api().Delete(store.Key{Kind: store.Pod, Namespace: "default", Name: "db-0"}, store.DeleteOptions{}))
	}},
	"an endpoint has an address that is another pod's": {"identity-in-dns", 40 * time.Second, func(w *world) {
		w.judge.step.Actor = check.EndpointSliceController
		for slice := range store.In[*discoveryv1.EndpointSlice](w.store.View(), "default") {
			if len(slice.Endpoints) < 2 {
				continue
			}
			swapped := slice.DeepCopy()
			swapped.Endpoints[0].Addresses = swapped.Endpoints[1].Addresses
			w.must(w.api().Update(swapped))
		}
	}},
	"an eviction asks no budget": {"budget-respected", 40 * time.Second, func(w *world) {
		w.must(w.api().Create(&policyv1.PodDisruptionBudget{
			ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: "db"},
			Spec:       policyv1.PodDisruptionBudgetSpec{MinAvailable: new(intstr.FromInt32(3)), Selector: &metav1.LabelSelector{}},
		}))
		w.loop.Push(w.loop.Now()+time.Second, func() {
			live, _ := store.Get[*corev1.Pod](w.store.View(), "default", "db-0")
			marked := live.DeepCopy()
			marked.Status.Conditions = append(marked.Status.Conditions, corev1.PodCondition{
				Type: corev1.DisruptionTarget, Status: corev1.ConditionTrue, Reason: "EvictionByEvictionAPI"})
			w.must(w.api().UpdateStatus(marked))
			w.must(nil, w.api().Delete(store.KeyOf(live), store.DeleteOptions{}))
		})
	}},
	"the storage attaches a volume to a second node": {"exclusive-volume", 40 * time.Second, func(w *world) {
		s := w.podNamed("db-0")
		for _, m := range w.machines {
			if m != s.machine {
				w.must(nil, storage{w}.Attach(s.volumes["data-db-0"], m.place.Node, false))
				return
			}
		}
	}},
	"a claim is bound to another volume": {"claim-keeps-volume", 40 * time.Second, func(w *world) {
		was, _ := store.Get[*corev1.PersistentVolumeClaim](w.store.View(), "default", "data-db-0")
		is := was.DeepCopy()
		is.Spec.VolumeName = "somebody-elses"
		w.judge.changed(store.Change{Kind: store.PersistentVolumeClaim, Old: was, New: is, After: w.store.View()})
	}},
	"a pod comes back with another ordinal's claim": {"pod-keeps-claims", 40 * time.Second, func(w *world) {
		pod := w.copyOf("db-0")
		pod.Name, pod.Labels[appsv1.PodIndexLabel] = "db-9", "9"
		w.must(w.api().Create(pod))
	}},
	"a peer that lost its log founds the cluster again": {"one-leader-per-term", 40 * time.Second, func(w *world) {
		for _, r := range slices.Clone(w.peers) {
			if r.id == "db-0" {
				continue
			}
			r.process.end("kill", "Killed", Normal)
			w.emptyDisk(r)
			p := r.process.sandbox.start(r.process.container, 1)
			p.program = founder{p.program.(*raftPeer), true}
		}
	}},
	"a follower keeps something else than it was sent": {"log-matching", 40 * time.Second, func(w *world) {
		w.judge.step.Peers = w.peerFacts()
		w.judge.step.Peers[1].Log = forged{w.judge.step.Peers[1].Log}
		w.judge.peers = false
	}},
	"a leader has forgotten what was committed": {"leader-completeness", 40 * time.Second, func(w *world) {
		w.judge.step.Peers = w.peerFacts()
		for i := range w.judge.step.Peers {
			if p := &w.judge.step.Peers[i]; p.State == "Leader" {
				p.LastIndex, p.Term = p.LastIndex-1, p.Term+1
			}
		}
		w.judge.peers = false
	}},
	"a peer's commit index goes back": {"commit-never-falls", 40 * time.Second, func(w *world) {
		w.judge.step.Peers = w.peerFacts()
		w.judge.step.Peers[0].Commit -= 2
		w.judge.peers = false
	}},
	"a state machine takes in something else": {"state-machines-agree", 40 * time.Second, func(w *world) {
		w.judge.step.Peers = w.peerFacts()
		for i := range w.judge.step.Peers {
			w.judge.step.Peers[i].Applied += 1000
			w.judge.step.Peers[i].Digest += uint64(i)
		}
		w.judge.peers = false
	}},
	"a majority of volumes is emptied": {"no-acknowledged-write-lost", 40 * time.Second, func(w *world) {
		for _, r := range slices.Clone(w.peers) {
			r.process.end("kill", "Killed", Normal)
			w.emptyDisk(r)
			p := r.process.sandbox.start(r.process.container, 1)
			p.program = founder{p.program.(*raftPeer), r.id == "db-0"}
		}
	}},
	"a replica answers as if it were the primary": {"linearizable", 40 * time.Second, func(w *world) {
		w.clients[1].spec.Service = "db"
		w.clients[1].conn = ""
		for _, r := range w.peers {
			r.process.program = lagging{r, map[string]reply{}}
		}
	}},
}

// forged is a log whose latest entry is not what it is.
type forged struct{ check.Log }

func (f forged) Writes() uint64 { return f.Log.Writes() + 1 }

func (f forged) At(index uint64) (term, sum uint64) {
	term, sum = f.Log.At(index)
	if _, last := f.Span(); index == last {
		sum++
	}
	return term, sum
}

// founder is a peer that founds a cluster, or joins none, whatever others there are.
type founder struct {
	*raftPeer
	founds bool
}

func (f founder) boot() {
	f.process.program = f.raftPeer
	f.open(f.founds)
}

// lagging is a peer that answers each read with what it knew at the first.
type lagging struct {
	*raftPeer
	first map[string]reply
}

func (l lagging) serve(kind string, body any, answer reply) {
	question, ok := body.(read)
	if !ok {
		l.raftPeer.serve(kind, body, answer)
		return
	}
	question.key, question.stale = "k0", true
	l.raftPeer.serve(kind, question, answer)
}

func TestSabotage(t *testing.T) {
	text := "for: 70s\n" + head("OrderedReady", 3) + "- {at: 1s, heal: all}\n"
	for name, sabotage := range sabotages {
		t.Run(name, func(t *testing.T) {
			s, err := scenarios.Parse("sabotage.yaml", []byte(text), fstest.MapFS{})
			require.NoError(t, err)
			s.Clients = s.Clients[:2]
			rec, err := runWith(context.Background(), s, Options{Seed: 3}, func(w *world) {
				w.loop.Push(sabotage.at, func() { w.because(0, "saboteur", func() { sabotage.do(w) }) })
			})
			require.NoError(t, err)
			var caught []string
			for _, v := range rec.Violations {
				caught = append(caught, v.Invariant)
			}
			require.Contains(t, caught, sabotage.caughtBy)
		})
	}
}

// Without sabotage the same world breaks nothing.
func TestNoSabotage(t *testing.T) {
	s, err := scenarios.Parse("sabotage.yaml", []byte("for: 70s\n"+head("OrderedReady", 3)+"- {at: 1s, heal: all}\n"), fstest.MapFS{})
	require.NoError(t, err)
	rec := run(t, s, 3)
	require.Empty(t, rec.Violations)
	require.Greater(t, rec.Clients[0].Acknowledged, 50)
}

// Every invariant has a sabotage that it catches.
func TestEveryInvariantIsSabotaged(t *testing.T) {
	caught := map[string]bool{}
	for _, s := range sabotages {
		caught[s.caughtBy] = true
	}
	for _, i := range check.Invariants() {
		require.True(t, caught[i.Name], i.Name)
	}
}

func (w *world) podNamed(name string) *sandbox {
	return w.sandboxesWhere(func(pod *corev1.Pod) bool { return pod.Name == name })[0]
}

// copyOf is a new pod like another.
func (w *world) copyOf(name string) *corev1.Pod {
	live, _ := store.Get[*corev1.Pod](w.store.View(), "default", name)
	pod := live.DeepCopy()
	pod.UID, pod.ResourceVersion, pod.Spec.NodeName = "", "", ""
	return pod
}

func (w *world) must(_ store.Object, err error) {
	if err != nil {
		panic(err)
	}
}

func (w *world) emptyDisk(r *raftPeer) {
	for _, disk := range r.process.sandbox.volumes {
		w.must(nil, os.RemoveAll(w.disks.Path(disk)))
		w.must(nil, os.Mkdir(w.disks.Path(disk), 0o755))
	}
}
