package sim

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"

	"statefulsim/controller/store"
)

func TestKilledContainers(t *testing.T) {
	rec := faulty(t, plainPods, "100s", "{at: 40s, kill: db-1}", "{at: 70s, oomKill: db-2}")
	requireRecovered(t, rec)
	requireIn(t, states(rec, "db-1"), "running", "running after Error 137")
	requireIn(t, states(rec, "db-2"), "running", "running after OOMKilled 137")
}

func TestCrashLoop(t *testing.T) {
	rec := faulty(t, plainPods, "150s", "{at: 40s, for: 45s, crashLoop: db-1}", "{at: 60s, kubectl: delete pod db-1 --wait=false}")
	requireRecovered(t, rec)
	requireIn(t, states(rec, "db-1"), "running", "CrashLoopBackOff", "ContainerCreating", "CrashLoopBackOff", "running after Error 1")
	require.Positive(t, told(rec, "db-1", "BackOff", "Back-off restarting failed container db in pod db-1_default"))
}

// A process that hangs is killed when its liveness probe has failed and the grace period is over, and its successor is well. One
// that nobody asks goes on after the fault.
func TestHang(t *testing.T) {
	rec := faulty(t, probed(raftPeers), "90s", "{name: hang, at: 40s, for: 45s, hang: the primary of db}")
	requireRecovered(t, rec)
	old := rec.Failovers[0].OldPrimary
	require.Positive(t, told(rec, old, "Unhealthy", `Liveness probe failed: Get "http://10.128.`))
	require.Positive(t, told(rec, old, "Unhealthy", `/healthz": context deadline exceeded (Client.Timeout exceeded while awaiting headers)`))
	requireIn(t, states(rec, old), "running", "running after Error 137")
	require.Equal(t, 40*time.Second, rec.Failovers[0].At)
	require.True(t, rec.Failovers[0].Recovered)
	kill := rec.find(func(e *Event) bool { return e.Verb == "kill" && e.Name == old+"/db" })[0]
	require.InDelta(t, 40+6+1+10, kill.At.Seconds(), 3, "three failures and the grace period")
}

func TestHangWithoutLiveness(t *testing.T) {
	rec := faulty(t, raftPeers, "90s", "{at: 40s, for: 30s, hang: the primary of db}")
	requireRecovered(t, rec)
	require.Len(t, rec.Failovers, 1)
	require.Zero(t, told(rec, rec.Failovers[0].OldPrimary, "Unhealthy", "Readiness probe failed: dial"), "the kernel accepts the connection")
	require.Zero(t, restarted(rec, "db-0"))
}

func TestSlowStart(t *testing.T) {
	for by, ready := range map[string]float64{"1ms": 0, "20s": 20} {
		rec := faulty(t, plainPods, "100s", "{at: 1s, slowStart: {target: db-1, by: "+by+"}}", "{at: 50s, kill: db-1}")
		requireRecovered(t, rec)
		serves := rec.find(func(e *Event) bool {
			return e.Name == "db-1" && e.Reason == "Readiness" && e.Verb == "ProbeSucceeded" && e.At > 50*time.Second
		})
		require.InDelta(t, 52+ready, serves[0].At.Seconds(), 4)
	}
}

// A probe that is wrong changes what its result changes, and the process goes on.
func TestSpoiltProbes(t *testing.T) {
	rec := faulty(t, probed(plainPods), "150s", "{at: 40s, for: 20s, failProbe: {target: db-1, probe: readiness}}",
		"{at: 70s, for: 20s, slowProbe: {target: db-2, probe: liveness, by: 2s}}")
	requireRecovered(t, rec)
	require.Positive(t, told(rec, "db-1", "Unhealthy", "Readiness probe failed: HTTP probe failed with statuscode: 404"))
	require.Zero(t, told(rec, "db-1", "Unhealthy", "Liveness"))
	require.Zero(t, restarted(rec, "db-1"))
	require.Zero(t, told(rec, "db-2", "Unhealthy", "Readiness probe failed: Get"))
	require.Positive(t, told(rec, "db-2", "Unhealthy", "Liveness probe failed: Get"))
	require.Positive(t, told(rec, "db-2", "Killing", "Container db failed liveness probe, will be restarted"))
	require.Positive(t, restarted(rec, "db-2"))
}

func TestFailPull(t *testing.T) {
	rec := faulty(t, plainPods, "250s", `{at: 40s, for: 60s, failPull: "db:*"}`, "{at: 45s, kubectl: set image statefulset/db db=db:2}")
	requireRecovered(t, rec)
	requireIn(t, states(rec, "db-2"), "running", "ErrImagePull", "ImagePullBackOff", "running")
	require.Positive(t, told(rec, "db-2", "Failed", `Failed to pull image "db:2": rpc error: code = NotFound desc = `+
		`failed to pull and unpack image "db:2": failed to resolve reference "db:2": db:2: not found`))
}

// Images that a node has are not pulled.
func TestFailPullOfWhatIsThere(t *testing.T) {
	rec := faulty(t, plainPods, "80s", `{at: 40s, failPull: "*"}`, "{at: 45s, kill: db-2}")
	requireRecovered(t, rec)
	require.Equal(t, 1, restarted(rec, "db-2"))
}

func TestMatches(t *testing.T) {
	for pattern, texts := range map[string][2]string{
		"mysql:*": {"mysql:8.4", "mysql"}, "*": {"", "-"}, "a*c*e": {"abcde", "abcd"}, "db-0.*": {"db-0.db.default", "db-1.db"}, "a": {"a", "ab"},
	} {
		require.True(t, matches(pattern, texts[0]), pattern)
		require.Equal(t, texts[1] == "-", matches(pattern, texts[1]), pattern)
	}
}

// A pattern of many stars is as quick as any.
func TestMatchesQuickly(t *testing.T) {
	require.False(t, matches(strings.Repeat("a*", 40)+"b", strings.Repeat("a", 200)))
	require.True(t, matches(strings.Repeat("a*", 40), strings.Repeat("a", 200)))
	require.False(t, matches("ab*ba", "aba"), "a character is not used twice")
}

func TestEvict(t *testing.T) {
	rec := faulty(t, plainPods, "100s", "{at: 40s, evict: db-2}")
	requireRecovered(t, rec)
	require.Positive(t, told(rec, "db-2", "Killing", "Stopping container db"))
	require.True(t, slices.ContainsFunc(rec.Frames, func(f Frame) bool {
		p, ok := store.Get[*corev1.Pod](f.Store, "default", "db-2")
		return ok && slices.ContainsFunc(p.Status.Conditions, func(c corev1.PodCondition) bool { return c.Reason == "EvictionByEvictionAPI" })
	}))
}

// A budget without disruptions left refuses, in the API server's words.
func TestEvictRefused(t *testing.T) {
	world := strings.Replace(plainPods, "  apiVersion: apps/v1\n", `  apiVersion: policy/v1
  kind: PodDisruptionBudget
  metadata: {name: db}
  spec: {minAvailable: 3, selector: {matchLabels: {app: db}}}
  ---
  apiVersion: apps/v1
`, 1)
	rec := faulty(t, world, "60s", "{at: 40s, evict: db-2}")
	require.Len(t, rec.Violations, 1)
	require.Contains(t, rec.Violations[0].Message, "Cannot evict pod as it would violate the pod's disruption budget.")
	require.Empty(t, rec.find(func(e *Event) bool { return e.Verb == "remove" && e.Name == "db-2" }))
}

func TestNodePressureEvict(t *testing.T) {
	rec := faulty(t, plainPods, "100s", "{at: 40s, nodePressureEvict: db-2}")
	requireRecovered(t, rec)
	require.Equal(t, 1, told(rec, "db-2", "Evicted", "The node was low on resource: memory. "))
	kill := rec.find(func(e *Event) bool { return e.Verb == "remove" && e.Name == "db-2" })
	require.Len(t, kill, 1)
}

func TestRestartKubelet(t *testing.T) {
	rec := faulty(t, plainPods, "80s", "{at: 40s, restartKubelet: the node of db-0}", "{at: 45s, kill: db-0}")
	requireRecovered(t, rec)
	node := rec.Pods[0].Node
	require.Equal(t, 1, told(rec, node, "Starting", "Starting kubelet."))
	require.Zero(t, told(rec, node, "Rebooted", ""))
	require.Equal(t, 1, restarted(rec, "db-0"), "the kubelet sees to its pods again")
}

// A kubelet that restarts while it ends a container for its probes forgets why: the container is let be until its probes have
// failed so often again.
func TestRestartKubeletForgetsFailedProbes(t *testing.T) {
	rec := faulty(t, probed(plainPods), "80s", "{at: 40s, for: 30s, hang: db-1}", "{at: 50s, restartKubelet: the node of db-1}")
	requireRecovered(t, rec)
	var killed []time.Duration
	for _, e := range rec.Events {
		if e.Reason == "Killing" && e.Name == "db-1" {
			killed = append(killed, e.At)
		}
	}
	require.Len(t, killed, 2)
	require.Less(t, killed[0], 50*time.Second)
	require.Greater(t, killed[1], 54*time.Second, "three failures two seconds apart come first")
}
