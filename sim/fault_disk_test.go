package sim

import (
	"context"
	"slices"
	"testing"
	"testing/fstest"
	"time"

	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"

	"statefulsim/controller/store"
	"statefulsim/network"
	"statefulsim/scenarios"
)

// spoilt is a run of three peers that somebody does something to at an instant.
func spoilt(t *testing.T, lasts string, at time.Duration, do func(w *world)) *Recording {
	t.Helper()
	s, err := scenarios.Parse("spoilt.yaml", []byte("for: "+lasts+"\n"+head("OrderedReady", 3)+"- {at: 1s, heal: all}\n"), fstest.MapFS{})
	require.NoError(t, err)
	rec, err := runWith(context.Background(), s, Options{Seed: 5}, func(w *world) {
		w.loop.Push(at, func() { w.because(0, "spoiler", func() { do(w) }) })
	})
	require.NoError(t, err)
	return rec
}

// spoil begins a fault of a pod's disks that is undone after a while.
func (w *world) spoil(pod string, fault string, by, lasts time.Duration) {
	undo, err := w.spoilDisks(scenarios.Disk{Target: scenarios.Target{Kind: scenarios.TargetPod, Name: pod, Text: pod}, Fault: fault, By: by}, "spoil "+fault)
	w.must(nil, err)
	w.loop.Push(w.loop.Now()+lasts, undo)
}

// primary is the pod that is the set's primary now.
func (w *world) primary() string { return w.failovers.primaries[w.setNamed("db")].sandbox.pod.Name }

func (r *Recording) find(test func(e *Event) bool) (found []*Event) {
	for i := range r.Events {
		if test(&r.Events[i]) {
			found = append(found, &r.Events[i])
		}
	}
	return found
}

func panics(e *Event) bool { return e.Verb == "panic" }

func restarted(rec *Recording, pod string) int {
	at := slices.IndexFunc(rec.Pods, func(p PodState) bool { return p.Name == pod })
	return int(rec.Pods[at].Restarts)
}

// requireRecovered holds that all pods are ready at the end and nothing was broken on the way.
func requireRecovered(t *testing.T, rec *Recording) {
	t.Helper()
	require.Empty(t, rec.Violations)
	require.Len(t, rec.Pods, 3)
	for _, pod := range rec.Pods {
		require.True(t, pod.Ready, pod.Name)
	}
}

// TestDisksFailAndHeal lets the primary's disk be what it should not be for a while: no acknowledged write is lost, all is well
// in the end, and the same seed tells the same story.
func TestDisksFailAndHeal(t *testing.T) {
	for fault, exits := range map[string]string{
		"full":       "failed to save current term: no space left on device",
		"readOnly":   "failed to save current term: read-only file system",
		"lost":       "failed to save current term: input/output error",
		"slow":       "",
		"lyingFsync": "",
	} {
		t.Run(fault, func(t *testing.T) {
			var primary string
			do := func(w *world) {
				primary = w.primary()
				w.spoil(primary, fault, 30*time.Millisecond, 20*time.Second)
			}
			rec := spoilt(t, "120s", 40*time.Second, do)
			requireRecovered(t, rec)
			died := rec.find(panics)
			require.Equal(t, exits != "", len(died) > 0)
			if exits != "" {
				require.Equal(t, exits, died[0].Detail)
				require.Equal(t, "spoil", rec.Events[died[0].Cause-1].Verb)
				require.GreaterOrEqual(t, restarted(rec, primary), 1)
			}
			require.Equal(t, rec.Hash, spoilt(t, "120s", 40*time.Second, do).Hash)
		})
	}
}

// TestReadOnlyDiskCrashLoops tells the kubelet what became of a process that cannot open its log: the container ends with code 2,
// again and again.
func TestReadOnlyDiskCrashLoops(t *testing.T) {
	rec := spoilt(t, "100s", 40*time.Second, func(w *world) {
		w.spoil("db-2", "readOnly", 0, time.Hour)
		w.podNamed("db-2").processes["db"].crash("Error")
	})
	died := rec.find(panics)
	require.Greater(t, len(died), 2)
	require.Equal(t, "open the log: read-only file system", died[0].Detail)
	require.NotEmpty(t, rec.find(func(e *Event) bool { return e.Reason == "BackOff" && e.Name == "db-2" }))
	require.Empty(t, rec.Violations)
}

// TestCorruptDiskIsFoundAtTheNextStart lets a process go on that has its log open.
func TestCorruptDiskIsFoundAtTheNextStart(t *testing.T) {
	rec := spoilt(t, "120s", 40*time.Second, func(w *world) {
		w.spoil("db-2", "corrupt", 0, time.Second)
		w.loop.Push(60*time.Second, func() { w.podNamed("db-2").processes["db"].crash("Error") })
	})
	died := rec.find(panics)
	require.Greater(t, len(died), 1)
	require.Greater(t, died[0].At, 60*time.Second)
	require.Equal(t, "open the log: checksum error: file corrupt", died[0].Detail)
}

// TestPowerLossUnderALie brings a peer back to what its disk held when it began to lie; a reboot loses nothing. It is cut off from
// the others before it starts again, so that they do not bring it up to date.
func TestPowerLossUnderALie(t *testing.T) {
	for _, reboot := range []bool{false, true} {
		var began, found uint64
		spoilt(t, "160s", 40*time.Second, func(w *world) {
			victim := w.podNamed("db-2")
			began = w.lastIndex("db-2")
			w.spoil("db-2", "lyingFsync", 0, time.Hour)
			w.loop.Push(55*time.Second, func() {
				w.net.Cut("alone", network.Side{Pods: []string{victim.place.Pod}}, network.Side{Pods: []string{"default/db-0", "default/db-1"}}, network.Side{}, false)
				victim.machine.goDown(outage{step: "power", reboot: reboot})
				w.loop.Push(60*time.Second, victim.machine.restore)
			})
			w.loop.Push(155*time.Second, func() { found = w.lastIndex("db-2") })
		})
		require.NotZero(t, began)
		if reboot {
			require.Greater(t, found, began+20)
		} else {
			require.Equal(t, began, found)
		}
	}
}

// lastIndex is how long the log of a pod's peer is.
func (w *world) lastIndex(pod string) uint64 {
	if r := w.peerNamed(pod); r != nil {
		return r.status.LastIndex
	}
	return 0
}

// TestStorageFailsAndHeals lets the volume of a pod that moves stay where it is, and its new node not get it.
func TestStorageFailsAndHeals(t *testing.T) {
	for _, operation := range []string{"attach", "detach", "provision"} {
		for _, how := range []string{"fails", "hangs"} {
			t.Run(operation+" "+how, func(t *testing.T) {
				at := 40 * time.Second
				if operation == "provision" {
					at = time.Millisecond
				}
				do := func(w *world) {
					undo, err := w.spoilStorage(scenarios.Storage{Operation: operation, How: how})
					w.must(nil, err)
					w.loop.Push(at+30*time.Second, undo)
					if operation != "provision" {
						w.must(nil, w.api().Delete(store.Key{Kind: store.Pod, Namespace: "default", Name: "db-2"}, store.DeleteOptions{}))
						w.cordon(w.podNamed("db-2").place.Node)
					}
				}
				rec := spoilt(t, "130s", at, do)
				requireRecovered(t, rec)
				code := map[string]string{"fails": "code = Internal desc = failed to " + operation, "hangs": "code = DeadlineExceeded"}[how]
				reason := map[string]string{"provision": "ProvisioningFailed"}[operation]
				if operation == "attach" {
					reason = "FailedAttachVolume"
				}
				if reason != "" {
					told := rec.find(func(e *Event) bool { return e.Reason == reason })
					require.NotEmpty(t, told)
					require.Contains(t, told[0].Detail, code)
				}
				if how == "hangs" {
					require.Equal(t, rec.Hash, spoilt(t, "130s", at, do).Hash)
				}
			})
		}
	}
}

// cordon keeps the scheduler from a node.
func (w *world) cordon(name string) {
	node, _ := store.Get[*corev1.Node](w.store.View(), "", name)
	next := node.DeepCopy()
	next.Spec.Unschedulable = true
	w.must(w.api().Update(next))
}
