package report

import (
	"bytes"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"statefulsim/scenarios"
	"statefulsim/sim"
)

// split is the recording of a run in which a database had two primaries, twice.
func split() *sim.Recording {
	rec := &sim.Recording{
		Scenario: &scenarios.Scenario{Name: "split", For: 200 * time.Second}, Seed: 1, Hash: "99cc", Virtual: 200 * time.Second, Wall: 20 * ms,
		SplitBrains: []sim.SplitBrain{
			{Set: "db", Pods: []string{"db-0 on node-a", "db-1 on node-b"}, From: 85 * time.Second, Until: 110 * time.Second, Writes: 66, Because: 5},
			{Set: "db", Pods: []string{"db-1 on node-b", "db-2 on node-c"}, From: 150 * time.Second, Writes: 1, Because: 5},
		},
	}
	happened(rec, 40*time.Second, 0, "step", "begin", "Step", "cut", "Step", "partition: {from: node node-a, to: the control plane}", sim.Headline)
	happened(rec, 84*time.Second, 1, "kube-controller-manager", "update", "Node", "node-a", "NodeReady", "Ready True → Unknown", sim.Headline)
	happened(rec, 84500*ms, 2, "database-operator", "miss", "Primary", "db", "PrimaryMissed", "db-0: its pod is not Ready", sim.Headline)
	happened(rec, 84900*ms, 3, "database-operator", "promote", "Primary", "db", "Promoted", "db-1", sim.Headline)
	happened(rec, 85*time.Second, 4, "database/db-1", "serve", "Instance", "db-1", "Primary", "timeline 2, 44 entries", sim.Headline)
	happened(rec, 85*time.Second, 5, "database/db-1", "split", "Primary", "db", "TwoPrimaries", "db-0 on node-a and db-1 on node-b take writes", sim.Headline)
	happened(rec, 110*time.Second, 0, "database/db-0", "close", "Instance", "db-0", "ReadOnly", "it was told that db-1 is the primary", sim.Headline)
	happened(rec, 111*time.Second, 7, "database/db-0", "rewind", "Instance", "db-0", "Rewound", "66 entries dropped", sim.Headline)
	happened(rec, 112*time.Second, 0, "database-operator", "refuse", "Primary", "db", "NoCandidate", "no replica answered that has data", sim.Headline)
	return rec
}

func TestSplitBrains(t *testing.T) {
	golden(t, "split.txt", text(t, split(), Options{Context: Context{Reproduce: "sim run split --seed 1"}, Width: 100}))
	var b bytes.Buffer
	require.NoError(t, JSON(&b, split(), once))
	golden(t, "split.json", b.Bytes())
}
