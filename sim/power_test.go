package sim

import (
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/stretchr/testify/require"
	coordinationv1 "k8s.io/api/coordination/v1"
	corev1 "k8s.io/api/core/v1"

	"statefulsim/controller/condition"
	"statefulsim/controller/store"
	"statefulsim/scenarios"
	"statefulsim/sim/check"
)

// outages runs a set of three plain pods, in which the steps happen.
func outages(t *testing.T, length string, more ...string) *Recording {
	t.Helper()
	text, _, _ := strings.Cut(head("OrderedReady", 3), "runs:")
	s, err := scenarios.Parse("outages.yaml", []byte("for: "+length+"\n"+text+"steps:\n"+strings.Join(more, "\n")+"\n"), fstest.MapFS{})
	require.NoError(t, err)
	return run(t, s, 1)
}

// viewAt is the API server's content at an instant.
func viewAt(rec *Recording, at time.Duration) *store.View {
	var view *store.View
	for _, f := range rec.Frames {
		if f.At <= at {
			view = f.Store
		}
	}
	return view
}

func find(rec *Recording, since time.Duration, verb, kind, name string) *Event {
	for i := range rec.Events {
		if e := &rec.Events[i]; e.At >= since && e.Verb == verb && e.Kind == kind && e.Name == name {
			return e
		}
	}
	return nil
}

func nodeOfPod(t *testing.T, rec *Recording, at time.Duration, name string) string {
	t.Helper()
	pod, ok := store.Get[*corev1.Pod](viewAt(rec, at), "default", name)
	require.True(t, ok)
	return pod.Spec.NodeName
}

// A machine without power is silent at once, and comes back as the same node with the same pods, restarted.
func TestCrash(t *testing.T) {
	rec := outages(t, "300s", "- {name: crash, at: 60s, for: 30s, crash: the node of db-1}")
	require.True(t, rec.Passed(), "%+v", rec.Violations)
	node := nodeOfPod(t, rec, 59*time.Second, "db-1")
	boot := find(rec, 0, "boot", "Machine", node)
	require.Greater(t, boot.At, 90*time.Second, "it boots after its power is back")
	for _, e := range rec.Events {
		require.False(t, e.Actor == "kubelet/"+node && e.At > 60*time.Second && e.At < boot.At, "%+v", e)
	}
	before, _ := store.Get[*corev1.Pod](viewAt(rec, 59*time.Second), "default", "db-1")
	after, _ := store.Get[*corev1.Pod](viewAt(rec, 300*time.Second), "default", "db-1")
	require.Equal(t, before.UID, after.UID)
	require.Equal(t, int32(1), after.Status.ContainerStatuses[0].RestartCount)
	require.Equal(t, "Unknown", after.Status.ContainerStatuses[0].LastTerminationState.Terminated.Reason)
	require.NotNil(t, find(rec, boot.At, "event", "Node", node), "the kubelet tells of the reboot")
}

// From the loss of power to the pod that nobody deletes in the end there is one chain of causes.
func TestCrashIsTheCause(t *testing.T) {
	rec := outages(t, "460s", "- {name: crash, at: 60s, crash: the node of db-1}")
	deleted := find(rec, 60*time.Second, "delete", "Pod", "db-1")
	require.Equal(t, []string{"begin Step", "crash Machine", "update Node", "update Node", "delete Pod"}, chain(rec, deleted.Seq))
	require.InDelta(t, 350+60, deleted.At.Seconds(), 15)
	unready := find(rec, 60*time.Second, "update", "Pod", "db-1")
	require.Equal(t, []string{"begin Step", "crash Machine", "update Node", "update Pod"}, chain(rec, unready.Seq))
	pod, _ := store.Get[*corev1.Pod](viewAt(rec, 460*time.Second), "default", "db-1")
	require.NotNil(t, pod.DeletionTimestamp, "it stays, terminating")
	require.Equal(t, corev1.PodRunning, pod.Status.Phase)
}

// A reboot takes as long as its step, a minute if that says nothing. The processes' connections are closed, so that who waits
// for them hears of it.
func TestReboot(t *testing.T) {
	rec := outages(t, "200s", "- {name: reboot, at: 60s, reboot: the node of db-1}")
	node := nodeOfPod(t, rec, 59*time.Second, "db-1")
	require.Equal(t, 120*time.Second, find(rec, 0, "boot", "Machine", node).At.Truncate(time.Millisecond))
	pod, _ := store.Get[*corev1.Pod](viewAt(rec, 200*time.Second), "default", "db-1")
	require.True(t, condition.PodReady(pod))
	require.Equal(t, int32(1), pod.Status.ContainerStatuses[0].RestartCount)
	require.Nil(t, find(rec, 60*time.Second, "delete", "Pod", "db-1"))
}

// A kubelet whose Node object is deleted goes on, reports in vain, and does not make another; only after a reboot it does.
func TestNodeObjectDeleted(t *testing.T) {
	rec := outages(t, "400s",
		"- {at: 60s, kubectl: delete node node-a-1 --wait=false}",
		"- {at: 200s, for: 20s, reboot: node node-a-1}")
	for _, at := range []time.Duration{61, 100, 199} {
		_, known := store.Get[*corev1.Node](viewAt(rec, at*time.Second), "", "node-a-1")
		require.False(t, known, "at %d s", at)
	}
	_, leased := store.Get[*coordinationv1.Lease](viewAt(rec, 199*time.Second), corev1.NamespaceNodeLease, "node-a-1")
	require.False(t, leased, "the lease goes with the node that owns it")
	refused := find(rec, 61*time.Second, "fail", "Node", "node-a-1")
	require.Equal(t, `nodes "node-a-1" not found`, refused.Detail)
	node, _ := store.Get[*corev1.Node](viewAt(rec, 400*time.Second), "", "node-a-1")
	require.True(t, condition.NodeReady(node))
	require.Empty(t, node.Spec.Taints)
	first, _ := store.Get[*corev1.Node](viewAt(rec, 59*time.Second), "", "node-a-1")
	require.NotEqual(t, first.UID, node.UID)
	lease, leased := store.Get[*coordinationv1.Lease](viewAt(rec, 400*time.Second), corev1.NamespaceNodeLease, "node-a-1")
	require.True(t, leased)
	require.Equal(t, node.UID, lease.OwnerReferences[0].UID)
}

// Nothing runs on a machine that is down, and what is down cannot go down.
func TestDownTwice(t *testing.T) {
	rec := outages(t, "200s",
		"- {name: first, at: 60s, crash: zone zone-a}",
		"- {at: 70s, reboot: node node-a-1}",
		"- {at: 80s, heal: first}")
	require.Len(t, rec.Violations, 1)
	require.Contains(t, rec.Violations[0].Message, "node node-a-1 is down already")
	require.NotNil(t, find(rec, 80*time.Second, "boot", "Machine", "node-a-1"))
	require.NotNil(t, find(rec, 80*time.Second, "boot", "Machine", "node-a-2"))
	healed := outages(t, "200s", "- {at: 60s, crash: node node-b-1}", "- {at: 70s, heal: all}")
	require.NotNil(t, find(healed, 70*time.Second, "boot", "Machine", "node-b-1"))
}

// Who waits for an answer hears nothing when the power fails, and that the connection is gone when the machine shuts down.
func TestPowerFailsSilently(t *testing.T) {
	for action, told := range map[string]bool{"crash": false, "reboot": true} {
		text := strings.Replace(head("OrderedReady", 3), "processStart: {", "disk: 100ms, processStart: {", 1)
		text = strings.Replace(text, "rate: 4, keys: 2, retries: 2", "rate: 15, keys: 2, retries: 0", 1)
		s, err := scenarios.Parse("silent.yaml", []byte("for: 63s\n"+text+"- {at: 60s, "+action+": the node of the primary of db}\n"), fstest.MapFS{})
		require.NoError(t, err)
		rec, resets, timeouts := run(t, s, 1), 0, 0
		for _, e := range rec.Events {
			if e.At >= 60*time.Second && e.Verb == "fail" && strings.HasPrefix(e.Name, "writer-") {
				resets += strings.Count(e.Detail, errReset.Error())
				timeouts += strings.Count(e.Detail, errTimeout.Error())
			}
		}
		require.Equal(t, told, resets > 0, action)
		require.Positive(t, timeouts, action)
	}
}

// What was on its way to a machine that went down does not reach the one that comes back.
func TestNothingReachesTheNextLife(t *testing.T) {
	text, _, _ := strings.Cut(head("OrderedReady", 3), "runs:")
	s, err := scenarios.Parse("life.yaml", []byte("for: 60s\n"+text), fstest.MapFS{})
	require.NoError(t, err)
	_, err = runWith(t.Context(), s, Options{Seed: 1}, func(w *world) {
		w.loop.Push(40*time.Second, func() {
			m := w.podNamed("db-1").machine
			node, _ := store.Get[*corev1.Node](w.store.View(), "", m.place.Node)
			empty := store.Change{Kind: store.Node, Old: node, After: store.New().View(), Revision: m.listed + 1}
			m.deliver(empty, m.life-1)
			_, known := store.Get[*corev1.Node](&m.cache, "", node.Name)
			require.True(t, known)
			m.deliver(empty, m.life)
			_, known = store.Get[*corev1.Node](&m.cache, "", node.Name)
			require.False(t, known)
		})
	})
	require.NoError(t, err)
}

// A pod that was deleted by force while its node was cut off runs twice until the kubelet hears of it, and the run says so.
func TestDoubles(t *testing.T) {
	text := strings.Replace(head("OrderedReady", 3), "          volumeMounts: [{name: data, mountPath: /data}]\n    volumeClaimTemplates:\n"+
		"    - metadata: {name: data}\n      spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}\n", "", 1)
	text, _, _ = strings.Cut(text, "runs:")
	steps := "for: 200s\nsteps:\n- {name: cut, at: 60s, for: 60s, partition: {from: the node of db-1, to: the control plane}}\n" +
		"- {name: force, at: 70s, kubectl: delete pod db-1 --force --grace-period=0}\n"
	scenario := func(more string) *scenarios.Scenario {
		s, err := scenarios.Parse("doubles.yaml", []byte(text+steps+more), fstest.MapFS{})
		require.NoError(t, err)
		return s
	}
	rec := run(t, scenario("breaks: [one-process-per-identity]\n"), 1)
	require.True(t, rec.Passed(), "%+v", rec.Violations)
	require.Len(t, rec.Broken, 1)
	require.Len(t, rec.Doubles, 1)
	double := rec.Doubles[0]
	require.Equal(t, "db-1", double.Pod)
	require.NotEqual(t, double.Nodes[0], double.Nodes[1])
	require.Equal(t, "cut", rec.Events[double.Apart-1].Name)
	require.Contains(t, chain(rec, double.Began), "remove Pod")
	require.Contains(t, chain(rec, double.Ended), "heal Step")
	require.Greater(t, double.Until, 120*time.Second)
	require.NotNil(t, find(rec, double.Until, "restore", "Invariant", "one-process-per-identity"))

	require.False(t, run(t, scenario(""), 1).Passed(), "who does not say that he breaks it must not")
	other := run(t, scenario("breaks: [one-process-per-identity, exclusive-volume]\n"), 1)
	require.False(t, other.Passed(), "what is said to be broken must be broken")
	require.Contains(t, other.Violations[0].Message, "exclusive-volume")
}

// A kubelet renews its lease of 40 s every 10 s, and reports a status in which nothing changed every 5 minutes.
func TestHeartbeats(t *testing.T) {
	rec := outages(t, "700s", "- {at: 1s, heal: all}")
	lease, _ := store.Get[*coordinationv1.Lease](viewAt(rec, 700*time.Second), corev1.NamespaceNodeLease, "node-a-2")
	require.Equal(t, int32(40), *lease.Spec.LeaseDurationSeconds)
	var renewals, reports []float64
	for _, e := range rec.Events {
		switch {
		case e.Actor != "kubelet/node-a-2" || e.Verb != "update" || e.At < 100*time.Second:
		case e.Kind == "Lease":
			renewals = append(renewals, e.At.Seconds())
		case e.Kind == "Node":
			reports = append(reports, e.At.Seconds())
		}
	}
	for i := range renewals[1:] {
		require.InDelta(t, 10, renewals[i+1]-renewals[i], 0.5)
	}
	require.Len(t, reports, 2)
	require.InDelta(t, 300, reports[1]-reports[0], 0.5)
}

// A pod that waits, terminating, for a dead kubelet keeps its name from its successor under either policy. Under OrderedReady
// it keeps everything else from happening, too.
func TestStuckTerminating(t *testing.T) {
	for policy, pods := range map[string]int{"OrderedReady": 3, "Parallel": 5} {
		text, _, _ := strings.Cut(head(policy, 3), "runs:")
		s, err := scenarios.Parse("stuck.yaml", []byte("for: 3000s\n"+text+"steps:\n"+
			"- {at: 60s, crash: the node of db-1}\n- {at: 500s, kubectl: scale statefulset/db --replicas=5}\n"), fstest.MapFS{})
		require.NoError(t, err)
		rec := run(t, s, 1)
		stuck, _ := store.Get[*corev1.Pod](viewAt(rec, 3000*time.Second), "default", "db-1")
		first, _ := store.Get[*corev1.Pod](viewAt(rec, 59*time.Second), "default", "db-1")
		require.NotNil(t, stuck.DeletionTimestamp)
		require.Equal(t, first.UID, stuck.UID)
		require.Len(t, rec.Pods, pods, policy)
	}
}

// A disruption budget that allows nothing binds nobody but the eviction API: not a user's deletion, not the StatefulSet
// controller, not the taints of a dead node, not pod garbage collection.
func TestBudgetsBindOnlyEvictions(t *testing.T) {
	text, _, _ := strings.Cut(head("OrderedReady", 3), "runs:")
	budget := "- |\n  apiVersion: policy/v1\n  kind: PodDisruptionBudget\n  metadata: {name: none}\n  spec: {maxUnavailable: 0, selector: {matchLabels: {app: db}}}\n"
	s, err := scenarios.Parse("budget.yaml", []byte("for: 700s\n"+text+budget+"steps:\n"+
		"- {at: 60s, kubectl: evict db-2, fails: Cannot evict pod}\n"+
		"- {at: 61s, kubectl: delete pod db-2}\n"+
		"- {at: 100s, kubectl: scale statefulset/db --replicas=2}\n"+
		"- {at: 120s, crash: the node of db-1}\n"+
		"- {at: 600s, kubectl: taint nodes -l kubernetes.io/os=linux node.kubernetes.io/out-of-service=x:NoSchedule}\n"), fstest.MapFS{})
	require.NoError(t, err)
	rec := run(t, s, 1)
	require.True(t, rec.Passed(), "%+v", rec.Violations)
	for _, deletion := range []struct {
		from        time.Duration
		verb, actor string
		pod         string
	}{
		{60 * time.Second, "delete", "kubectl", "db-2"},
		{100 * time.Second, "delete", "statefulset-controller", "db-2"},
		{120 * time.Second, "delete", "taint-eviction-controller", "db-1"},
		{600 * time.Second, "remove", "pod-garbage-collector", "db-1"},
	} {
		e := find(rec, deletion.from, deletion.verb, "Pod", deletion.pod)
		require.NotNil(t, e, "%+v", deletion)
		require.Equal(t, deletion.actor, e.Actor)
	}
}

// The language knows the invariants that are judged.
func TestBreakable(t *testing.T) {
	var names []string
	for _, i := range check.Invariants() {
		names = append(names, i.Name)
	}
	require.Equal(t, append(names, "linearizable", "no-acknowledged-write-lost", recovers), scenarios.Breakable)
}
