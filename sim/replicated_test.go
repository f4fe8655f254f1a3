package sim

import (
	"context"
	"flag"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"statefulsim/scenarios"
)

// replicated is the world of headFormat with a replicated database of three that has these options, and steps.
func replicated(t *testing.T, options, length string, steps ...string) *scenarios.Scenario {
	t.Helper()
	text := withRuns(head("Parallel", 3), options) + strings.Join(steps, "\n") + "\nfor: " + length + "\n"
	s, err := scenarios.Parse("replicated.yaml", []byte(text), fstest.MapFS{})
	require.NoError(t, err)
	s.Clients = s.Clients[:1]
	return s
}

// withRuns has the set of a scenario run a replicated database.
func withRuns(text, options string) string {
	before, after, _ := strings.Cut(text, "runs: {")
	_, after, _ = strings.Cut(after, "}}\n")
	return before + "runs: {db: {process: replicated, " + options + "}}\n" + after
}

// Steps that the tests share.
const (
	cutReplicas = "- {at: 40s, for: 20s, partition: {from: the primary of db, to: pods with role=replica}}"
	killPrimary = "- {at: 45s, kill: the primary of db}"
	isolate     = "- {at: 40s, for: 70s, partition: {from: the node of the primary of db, to: the control plane}}\n" +
		"- {at: 40s, for: 70s, partition: {from: the primary of db, to: pods with role=replica}}"
)

func reasonsOf(rec *Recording) (all []string) {
	for _, e := range rec.Events {
		if e.Level == Headline {
			all = append(all, e.Reason)
		}
	}
	return all
}

func details(rec *Recording, reason string) (all []string) {
	for _, e := range rec.Events {
		if e.Reason == reason {
			all = append(all, e.Detail)
		}
	}
	return all
}

// An asynchronous primary that dies before its replicas had the last writes takes them with it, and a synchronous one does not
// acknowledge them.
func TestReplicationModes(t *testing.T) {
	lost := map[string]int{}
	for _, mode := range []string{"async", "semiSync", "sync"} {
		rec := run(t, replicated(t, "replication: "+mode, "90s", cutReplicas, killPrimary), 1)
		require.Empty(t, rec.Violations, mode)
		require.Len(t, rec.Failovers, 1, mode)
		require.True(t, rec.Failovers[0].Recovered, mode)
		require.NotEqual(t, rec.Failovers[0].OldPrimary, rec.Failovers[0].NewPrimary, mode)
		require.Less(t, rec.Failovers[0].Recovery, 10*time.Second, mode)
		require.Equal(t, rec.Clients[0].Lost, rec.Failovers[0].LostWrites, mode)
		require.Greater(t, rec.Clients[0].Acknowledged, 100, mode)
		lost[mode] = rec.Clients[0].Lost
	}
	require.Greater(t, lost["async"], 5)
	require.Zero(t, lost["semiSync"])
	require.Zero(t, lost["sync"])
}

// A semi-synchronous primary whose replicas have been away for too long goes on without them.
func TestSemiSyncGoesOnWithout(t *testing.T) {
	rec := run(t, replicated(t, "replication: semiSync, semiSyncTimeout: 2s", "90s", cutReplicas, killPrimary), 1)
	require.Contains(t, reasonsOf(rec), "Async")
	require.Greater(t, rec.Clients[0].Lost, 0)
	require.Empty(t, rec.Violations)
}

// A replica that is too far behind is not promoted: the set waits for its old primary.
func TestMaxLag(t *testing.T) {
	rec := run(t, replicated(t, "maxLag: 2", "90s", cutReplicas, killPrimary), 1)
	require.NotEmpty(t, details(rec, "NoCandidate"))
	require.Contains(t, details(rec, "NoCandidate")[0], "behind, and maxLag is 2")
	require.Equal(t, "db-0", rec.Failovers[0].NewPrimary)
	require.Zero(t, rec.Clients[0].Lost)
	loose := run(t, replicated(t, "maxLag: 1000", "90s", cutReplicas, killPrimary), 1)
	require.NotEqual(t, "db-0", loose.Failovers[0].NewPrimary)
}

// A primary that is cut off goes on writing beside its successor, unless a lease keeps it from that.
func TestFencing(t *testing.T) {
	free := run(t, replicated(t, "fencing: none", "150s", isolate), 1)
	require.Len(t, free.SplitBrains, 1)
	require.Equal(t, []string{"begin Step", "update Node", "update Pod", "update Lease", "serve Instance"}, chain(free, free.SplitBrains[0].Because))
	require.Greater(t, free.SplitBrains[0].Writes, 20)
	require.GreaterOrEqual(t, free.Clients[0].Lost, free.SplitBrains[0].Writes, "what the old primary wrote beside the new one is gone")
	require.Greater(t, free.SplitBrains[0].Until, 110*time.Second)
	require.Contains(t, reasonsOf(free), "Rewound")
	fenced := run(t, replicated(t, "fencing: lease", "150s", isolate), 1)
	require.Empty(t, fenced.SplitBrains)
	require.Contains(t, reasonsOf(fenced), "ReadOnly")
	f := fenced.Failovers[0]
	require.Equal(t, 40*time.Second, f.At)
	require.GreaterOrEqual(t, f.end(), 40*time.Second+13*time.Second)
	require.True(t, f.Recovered)
}

// Who watches nodes waits for the node to be called Unknown; who watches pods does not need to when the container died.
func TestDetects(t *testing.T) {
	node := run(t, replicated(t, "detects: node", "130s", "- {at: 40s, crash: the node of the primary of db}"), 1)
	require.Len(t, node.Failovers, 1)
	require.True(t, node.Failovers[0].Recovered)
	require.Greater(t, node.Failovers[0].Phases[noticed].Took, 30*time.Second)
	killed := run(t, replicated(t, "detects: node", "80s", "- {at: 40s, kill: the primary of db}"), 1)
	require.Equal(t, "db-0", killed.Failovers[0].NewPrimary, "its node is well, so that it comes back as what it was")
	pod := run(t, replicated(t, "detects: pod", "80s", "- {at: 40s, kill: the primary of db}"), 1)
	require.NotEqual(t, "db-0", pod.Failovers[0].NewPrimary)
	delayed := run(t, replicated(t, "failoverDelay: 30s", "80s", "- {at: 40s, kill: the primary of db}"), 1)
	require.Equal(t, "db-0", delayed.Failovers[0].NewPrimary, "it is back before the delay is over")
}

// An old primary that has what its successor has not drops it, or stays away.
func TestRejoin(t *testing.T) {
	rec := run(t, replicated(t, "rejoin: refuse", "150s", isolate), 1)
	require.NotContains(t, reasonsOf(rec), "Rewound")
	require.Contains(t, details(rec, "Halted")[0], "of its log are not in that of the primary db-")
	require.False(t, rec.Pods[0].Ready)
	rewound := run(t, replicated(t, "rejoin: rewind", "150s", isolate), 1)
	require.True(t, rewound.Pods[0].Ready)
}

// A primary that ends in order loses nothing and says who follows it; one that is given no time tells nobody.
func TestHandOver(t *testing.T) {
	orderly := run(t, replicated(t, "replication: async", "90s", "- {at: 40s, kubectl: delete pod db-0 --wait=false}"), 1)
	require.Zero(t, orderly.Clients[0].Lost)
	require.Contains(t, details(orderly, "PrimaryLost")[0], "it was told to stop")
	require.NotContains(t, reasonsOf(orderly), "PrimaryMissed")
	require.Less(t, orderly.Failovers[0].Recovery, 5*time.Second)
	text := replicated(t, "replication: async", "90s", "- {at: 40s, kubectl: delete pod db-0 --grace-period=1 --wait=false}")
	text.Latencies["processStop"] = scenarios.Constant(8 * time.Second)
	require.Contains(t, reasonsOf(run(t, text, 1)), "PrimaryMissed")
}

// The label of the old primary goes with the decision, or when the old primary obeys.
func TestRelabels(t *testing.T) {
	took := map[string]time.Duration{}
	for _, when := range []string{"early", "late"} {
		rec := run(t, replicated(t, "relabels: "+when, "150s", isolate), 1)
		for _, e := range rec.Events {
			if e.Kind == "Pod" && e.Name == "db-0" && strings.Contains(e.Detail, "label role=primary → replica") {
				took[when] = e.At
			}
		}
	}
	require.Less(t, took["early"], 100*time.Second)
	require.Greater(t, took["late"], 110*time.Second)
}

// With a majority of volumes emptied a synchronous database promotes nobody, rather than one that may lack something.
func TestSyncWaitsForEnough(t *testing.T) {
	rec := run(t, replicated(t, "replication: sync", "140s", "- {at: 40s, crash: the node of the primary of db}",
		"- {at: 40s, crash: the node of a replica of db}"), 1)
	require.Contains(t, details(rec, "NoCandidate")[0], "1 of 2 replicas answered")
	require.False(t, rec.Failovers[0].Recovered)
	require.Empty(t, rec.Violations)
}

// An operator that was away learns from the cluster what it has to know, and fails over what was lost meanwhile.
func TestOperatorRestarts(t *testing.T) {
	for _, mode := range []string{"async", "sync"} {
		rec := run(t, replicated(t, "replication: "+mode, "100s", "- {at: 40s, for: 20s, stop: database-operator}",
			"- {at: 45s, crash: the node of the primary of db}"), 1)
		require.Empty(t, rec.Violations)
		require.Len(t, rec.Failovers, 1)
		require.True(t, rec.Failovers[0].Recovered)
		require.Greater(t, rec.Failovers[0].Recovery, 15*time.Second)
	}
}

// An instance that has lost its data follows one that has some; when nobody has any, the database begins anew.
func TestLostData(t *testing.T) {
	const lose = "- {at: 40s, disk: {target: %s, fault: lost}}\n- {at: 41s, kill: %s}"
	one := run(t, replicated(t, "replication: sync", "100s", strings.ReplaceAll(lose, "%s", "db-0")), 1)
	require.Empty(t, one.Violations)
	require.NotEqual(t, "db-0", one.Failovers[0].NewPrimary)
	require.True(t, one.Pods[0].Ready)
	all := run(t, replicated(t, "replication: async", "120s", strings.ReplaceAll(lose, "%s", "pods with app=db")), 1)
	require.Equal(t, all.Clients[0].Lost, all.Failovers[0].LostWrites)
	require.Greater(t, all.Clients[0].Lost, 20)
	require.True(t, all.Pods[0].Ready)
}

// A synchronous database that grows and shrinks under load keeps what it acknowledged.
func TestSyncResizes(t *testing.T) {
	rec := run(t, replicated(t, "replication: sync", "150s", "- {at: 30s, kubectl: scale statefulset/db --replicas=5}", "- {at: 60s, kill: the primary of db}",
		"- {at: 80s, kubectl: scale statefulset/db --replicas=1}"), 1)
	require.Empty(t, rec.Violations)
	require.Len(t, rec.Pods, 1)
	require.True(t, rec.Pods[0].Ready)
	require.Equal(t, "primary", rec.Pods[0].Role)
	require.Zero(t, rec.Clients[0].Lost)
}

// The same seed is the same story, with everything at once.
func TestReplicatedRepeats(t *testing.T) {
	for i, mode := range []string{"async", "semiSync", "sync"} {
		s := replicated(t, "fencing: lease, maxLag: 20, relabels: late, replication: "+mode, "150s", isolate, "- {at: 60s, kill: a replica of db}",
			"- {at: 90s, kubectl: delete pod db-1 --wait=false}")
		requireSameTrace(t, run(t, s, uint64(i)), run(t, s, uint64(i)))
	}
}

// electionTimers is a step that only raft's peers have anything for.
var electionTimers = regexp.MustCompile(`(?m)^.*timers: .*\n`)

// Whatever is done to a synchronous database, in whatever order: no invariant breaks, and no acknowledged write is lost. The
// other modes break nothing either, because they promise less.
func TestRandomReplicatedWorlds(t *testing.T) {
	if testing.Short() {
		t.Skip("runs many worlds")
	}
	drawn := rapid.Custom(func(t *rapid.T) string {
		mode := rapid.SampledFrom([]string{"sync", "sync", "semiSync", "async"}).Draw(t, "mode")
		fencing := rapid.SampledFrom([]string{"none", "lease"}).Draw(t, "fencing")
		more := rapid.SampledFrom([]string{"", ", relabels: late", ", detects: node", ", maxLag: 3", ", failoverDelay: 5s", ", rejoin: refuse"}).Draw(t, "more")
		return withRuns(electionTimers.ReplaceAllString(drawScenario(t), ""), "replication: "+mode+", fencing: "+fencing+more)
	})
	for i := range *worlds {
		text, seed := drawn.Example(i), uint64(i)
		s, err := scenarios.Parse("random.yaml", []byte(text), fstest.MapFS{})
		require.NoError(t, err, "%s", text)
		rec, err := Run(context.Background(), s, Options{Seed: seed})
		require.NoError(t, err, "%s", text)
		for _, v := range rec.Violations {
			require.Equal(t, stepRefused, v.Invariant, "seed %d, %s: %s\n%s", seed, seconds(v.At), v.Message, text)
		}
		if strings.Contains(text, "fencing: lease") {
			for _, split := range rec.SplitBrains {
				require.Zero(t, split.Writes, "seed %d: %+v\n%s", seed, split, text)
			}
		}
	}
}

var worlds = flag.Int("worlds", 12, "how many random worlds with a replicated database are tried")

// A primary that is asked to hand over to a replica waits until that has everything.
func TestReplicatedSwitchover(t *testing.T) {
	for _, mode := range []string{"async", "sync"} {
		rec := run(t, replicated(t, "replication: "+mode, "80s", "- {at: 40s, transferLeadership: db-2}"), 1)
		require.Empty(t, rec.Violations)
		require.Equal(t, "db-2", rec.Failovers[0].NewPrimary)
		require.Less(t, rec.Failovers[0].Recovery, 5*time.Second)
		require.Zero(t, rec.Clients[0].Lost)
		require.Empty(t, rec.SplitBrains)
		require.Equal(t, "replica", rec.Pods[0].Role)
	}
}
