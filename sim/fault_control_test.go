package sim

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// attempts counts what a client's attempts failed with in a stretch of time.
func attempts(rec *Recording, text string, from, until time.Duration) int {
	return len(rec.find(func(e *Event) bool {
		return strings.HasPrefix(e.Name, "writer-") && e.Verb == "fail" && strings.Contains(e.Detail, text) && e.At >= from && e.At < until
	}))
}

func TestFailDNS(t *testing.T) {
	for answer, want := range map[string]struct {
		text string
		kept time.Duration // after the fault has ended
	}{
		"error":    {"server misbehaving", 0},
		"nxdomain": {"no such host", 5 * time.Second},
		"timeout":  {"no answer in time", 0},
	} {
		rec := faulty(t, plainPods, "90s", "{at: 0s, for: 40s, dns: {answer: "+answer+", names: db.*, from: client writer}}")
		requireRecovered(t, rec)
		require.Positive(t, attempts(rec, want.text, 20*time.Second, 40*time.Second), answer)
		require.Equal(t, want.kept > 0, attempts(rec, want.text, 41*time.Second, 41*time.Second+want.kept) > 0, answer)
		acks := rec.find(func(e *Event) bool { return strings.HasPrefix(e.Name, "writer-") && e.Verb == "ack" })
		require.GreaterOrEqual(t, acks[0].At, 40*time.Second)
	}
}

// first is when something was first told after an instant.
func first(t *testing.T, rec *Recording, after time.Duration, test func(e *Event) bool) time.Duration {
	t.Helper()
	found := rec.find(func(e *Event) bool { return e.At >= after && test(e) })
	require.NotEmpty(t, found)
	return found[0].At
}

func created(e *Event) bool { return e.Verb == "create" && e.Kind == "Pod" }

func scheduled(e *Event) bool { return e.Reason == "Scheduled" }

// What a component does it does not do while it is stopped or stale, and does at once afterwards.
func TestStoppedComponents(t *testing.T) {
	for fault, does := range map[string]func(*Event) bool{
		"stop: kube-controller-manager": created, "stale: kube-controller-manager": created,
		"stop: kube-scheduler": scheduled, "stale: kube-scheduler": scheduled,
		"stale: kube-apiserver": created,
	} {
		rec := faulty(t, plainPods, "110s", "{at: 40s, for: 30s, "+fault+"}", "{at: 45s, kubectl: delete pod db-2 --wait=false}")
		requireRecovered(t, rec)
		at := first(t, rec, 45*time.Second, does)
		require.Greater(t, at, 70*time.Second, fault)
		require.Less(t, at, 73*time.Second, fault)
	}
}

func TestSlowComponents(t *testing.T) {
	for fault, at := range map[string]float64{
		"slow: {component: kube-scheduler, by: 8s}": 8, "slow: {component: kube-controller-manager, by: 8s}": 8,
		"slow: {component: kube-apiserver, by: 2s}": 16, "slow: {component: coredns, by: 8s}": 0,
	} {
		rec := faulty(t, plainPods, "150s", "{at: 40s, for: 40s, "+fault+"}", "{at: 45s, kubectl: delete pod db-2 --wait=false --grace-period=1}")
		requireRecovered(t, rec)
		require.InDelta(t, 47+at, first(t, rec, 45*time.Second, scheduled).Seconds(), 4, fault)
	}
}

// A controller manager that was away begins its patience anew: a node that fell silent meanwhile is called Unknown 50 s after its
// return.
func TestRestartedMonitor(t *testing.T) {
	unknown := func(e *Event) bool { return e.Kind == "Node" && strings.Contains(e.Detail, "Ready True → Unknown") }
	for steps, at := range map[string]float64{"": 95, "{at: 70s, for: 20s, stop: kube-controller-manager}": 143} {
		all := append([]string{"{at: 45s, crash: the node of db-0}"}, strings.Fields(steps)...)
		if steps != "" {
			all = []string{all[0], steps}
		}
		rec := faulty(t, plainPods, "160s", all...)
		require.Empty(t, rec.Violations)
		require.InDelta(t, at, first(t, rec, 45*time.Second, unknown).Seconds(), 8, steps)
	}
}

// Without an API server containers go on and clients are served; nobody can change anything, and when it is back nobody has
// suffered from that.
func TestNoAPIServer(t *testing.T) {
	rec := faulty(t, plainPods, "250s", "{at: 40s, for: 100s, stop: kube-apiserver}",
		"{at: 60s, kubectl: delete pod db-2, fails: The connection to the server 10.0.0.1:6443 was refused - did you specify the right host or port?}",
		"{at: 61s, kill: db-1}")
	requireRecovered(t, rec)
	require.Empty(t, rec.find(func(e *Event) bool {
		return e.At > 40*time.Second && e.At < 140*time.Second && slices.Contains([]string{"create", "update", "delete", "remove"}, e.Verb)
	}), "nothing changes")
	require.NotEmpty(t, rec.find(func(e *Event) bool { return e.Name == "kube-controller-manager" && e.Reason == "LeaderElectionLost" }))
	require.Empty(t, rec.find(func(e *Event) bool { return strings.Contains(e.Detail, "Unknown") }), "nobody is called silent")
	require.Positive(t, attempts(rec, "", 0, 250*time.Second))
	require.Greater(t, len(rec.find(func(e *Event) bool { return e.Verb == "ack" && e.At > 70*time.Second && e.At < 140*time.Second })), 50)
	require.Equal(t, 1, restarted(rec, "db-1"), "its kubelet needs nobody")
}

func TestTransferLeadership(t *testing.T) {
	rec := faulty(t, raftPeers, "80s", "{at: 40s, transferLeadership: db-2}", "{at: 60s, transferLeadership: db-1}")
	requireRecovered(t, rec)
	require.Equal(t, "db-2", rec.Failovers[0].NewPrimary)
	require.Equal(t, "db-1", rec.Failovers[1].NewPrimary)
	require.Less(t, rec.Failovers[1].Phases[labelMoved].Took, 5*time.Second)
}
