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
