package sim

import (
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	"statefulsim/scenarios"
)

// raftWith is the world of headFormat whose peers have these options, and steps.
func raftWith(t *testing.T, policy, options, length string, steps ...string) *scenarios.Scenario {
	t.Helper()
	text := strings.Replace(head(policy, 3), "process: raft,", "process: raft, "+options+",", 1)
	s, err := scenarios.Parse("raft.yaml", []byte(text+strings.Join(steps, "\n")+"\nfor: "+length+"\n"), fstest.MapFS{})
	require.NoError(t, err)
	s.Clients = s.Clients[:1]
	return s
}

// leadersAfter counts the elections that were won after a step began.
func leadersAfter(rec *Recording, step string) (n int) {
	begun := false
	for _, e := range rec.Events {
		begun = begun || e.Kind == "Step" && e.Verb == "begin" && strings.HasPrefix(e.Name, step)
		if begun && e.Kind == "Peer" && e.Reason == "Leader" && e.Verb == "become" {
			n++
		}
	}
	return n
}

// Peers that know each other by address never find each other again when all pods have got new ones; by name, or with a new
// configuration, they do.
func TestRaftAddresses(t *testing.T) {
	const restart = "- {name: restart, at: 40s, kubectl: delete pod -l app=db --wait=false}"
	lost := run(t, raftWith(t, "Parallel", "addresses: ip", "75s", restart), 1)
	require.Equal(t, 0, leadersAfter(lost, "restart"))
	require.False(t, lost.Pods[0].Ready)
	for _, cure := range []string{"addresses: dns", "addresses: ip, peersJSON: true"} {
		rec := run(t, raftWith(t, "Parallel", cure, "80s", restart), 1)
		require.NotZero(t, leadersAfter(rec, "restart"), cure)
		require.True(t, rec.Pods[0].Ready, cure)
		require.Empty(t, rec.Violations, cure)
	}
	one := run(t, raftWith(t, "Parallel", "addresses: ip", "80s", "- {at: 40s, kubectl: delete pod db-1 --wait=false}"), 1)
	require.True(t, one.Pods[1].Ready, "a leader takes in the new address of one")
}

// A cluster that waits for three peers is not founded while only the first is created.
func TestBootstrapExpect(t *testing.T) {
	stuck := run(t, raftWith(t, "OrderedReady", "bootstrapExpect: 3", "45s"), 1)
	require.Len(t, stuck.Pods, 1)
	require.False(t, stuck.Pods[0].Ready)
	rec := run(t, raftWith(t, "Parallel", "bootstrapExpect: 3", "45s"), 1)
	require.Len(t, rec.Pods, 3)
	for _, pod := range rec.Pods {
		require.True(t, pod.Ready, pod.Name)
	}
	require.Empty(t, rec.Violations)
}

// A peer that is scaled away without leaving is still a voter: of three, one that remains has no majority.
func TestLeaves(t *testing.T) {
	const shrink = "- {at: 40s, kubectl: scale statefulset/db --replicas=1}"
	left := run(t, raftWith(t, "OrderedReady", "leaves: true", "100s", shrink), 1)
	require.True(t, left.Pods[0].Ready)
	stayed := run(t, raftWith(t, "OrderedReady", "leaves: false", "100s", shrink), 1)
	require.Len(t, stayed.Pods, 1)
	require.False(t, stayed.Pods[0].Ready)
}
