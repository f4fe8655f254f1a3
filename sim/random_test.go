package sim

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"statefulsim/scenarios"
)

// Whatever is done to a world, in whatever order: no invariant breaks, and no acknowledged write is lost. Every invariant is
// judged after every step of the world; what is drawn is a scenario, so that a failure prints as the file that shows it.
func TestRandomWorlds(t *testing.T) {
	if testing.Short() {
		t.Skip("runs many worlds")
	}
	rapid.Check(t, func(t *rapid.T) {
		text := drawScenario(t)
		s, err := scenarios.Parse("random.yaml", []byte(text), fstest.MapFS{})
		require.NoError(t, err, "%s", text)
		seed := rapid.Uint64Range(1, 1<<32).Draw(t, "seed")
		rec, err := Run(context.Background(), s, Options{Seed: seed})
		require.NoError(t, err, "%s", text)
		for _, v := range rec.Violations {
			require.Equal(t, stepRefused, v.Invariant, "seed %d, %s: %s\n%s", seed, seconds(v.At), v.Message, text)
		}
	})
}

// drawScenario writes a scenario with a set of one to four peers, clients that write and read, and up to eight steps.
func drawScenario(t *rapid.T) string {
	var b strings.Builder
	policy := rapid.SampledFrom([]string{"OrderedReady", "Parallel"}).Draw(t, "policy")
	replicas := rapid.IntRange(1, 4).Draw(t, "replicas")
	b.WriteString(head(policy, replicas))
	at := 5
	for i := range rapid.IntRange(1, 8).Draw(t, "steps") {
		at += rapid.IntRange(0, 20).Draw(t, "pause")
		step := rapid.SampledFrom(randomSteps).Draw(t, "step")
		if strings.Contains(step, "%d") {
			most := 4
			if strings.Contains(step, "db-%d") {
				most = replicas - 1 // a pod that can never be is no target
			}
			step = fmt.Sprintf(step, rapid.IntRange(0, most).Draw(t, "number"))
		}
		fmt.Fprintf(&b, "- {name: s%d, at: %ds, %s}\n", i, at, step)
	}
	rest := rapid.SampledFrom([]int{30, 30, 30, 30, 30, 30, 30, 420}).Draw(t, "rest") // long enough to be evicted, now and then
	fmt.Fprintf(&b, "for: %ds\n", at+rest)
	return b.String()
}

var randomSteps = []string{
	"kill: the primary of db", "kill: a replica of db", "kill: db-%d",
	"kubectl: delete pod db-%d", "kubectl: delete pod db-%d --grace-period=1",
	"kubectl: scale statefulset/db --replicas=%d",
	"kubectl: set image statefulset/db db=db:%d",
	`kubectl: 'patch statefulset db -p "{\"spec\":{\"updateStrategy\":{\"type\":\"RollingUpdate\",\"rollingUpdate\":{\"partition\":%d}}}}"'`,
	"for: 8s, partition: {from: the node of the primary of db, to: everything else}",
	"for: 20s, partition: {from: node node-a-1, to: node node-b-1, oneWay: true}",
	"for: 5s, hold: {from: zone zone-c, to: zone zone-a}",
	"for: 15s, degrade: {from: node node-b-1, to: everything else, latency: 50ms, jitter: 100ms, loss: 0.2, duplicate: 0.1}",
	"for: 90s, partition: {from: node node-c-1, to: the control plane}",
	"for: 15s, crash: the node of the primary of db", "for: 100s, crash: node node-a-1", "crash: zone zone-b",
	"for: 30s, reboot: the node of db-0", "reboot: zone zone-c",
	"kubectl: delete node node-b-1", "kubectl: taint nodes node-a-1 node.kubernetes.io/out-of-service=nodeshutdown:NoExecute",
	"for: 20s, disk: {target: db-%d, fault: full}", "for: 15s, disk: {target: the primary of db, fault: readOnly}",
	"for: 25s, disk: {target: db-%d, fault: slow, by: 40ms}",
	"for: 20s, storage: {operation: attach, how: hangs}", "for: 40s, storage: {operation: detach}",
	"for: 30s, storage: {operation: provision, how: hangs, target: node node-a-1}",
	"for: 20s, crashLoop: db-%d", "for: 15s, hang: the primary of db", "for: 40s, hang: db-%d", "for: 30s, slowStart: {target: db-%d, by: 10s}",
	"for: 20s, failProbe: {target: db-%d}", "for: 20s, slowProbe: {target: a replica of db, by: 3s}", `for: 30s, failPull: "*"`,
	"oomKill: db-%d", "evict: db-%d", "nodePressureEvict: a replica of db", "restartKubelet: zone zone-a", "restartKubelet: the node of db-0",
	"transferLeadership: db-%d", "for: 30s, timers: {set: db, how: together}", "timers: {set: db, how: apart}", "for: 20s, dns: {answer: error}", `for: 20s, dns: {answer: nxdomain, names: "db.*"}`,
	"for: 20s, dns: {answer: timeout, from: zone zone-b}",
	"for: 15s, stop: kube-controller-manager", "for: 20s, stop: kube-scheduler", "for: 8s, stop: kube-apiserver", "for: 60s, stop: kube-apiserver",
	"for: 20s, stop: csi-driver", "for: 20s, stop: coredns", "for: 20s, stale: kube-controller-manager", "for: 20s, stale: kube-scheduler",
	"for: 15s, stale: kube-apiserver", "for: 20s, stale: csi-driver", "for: 20s, stale: coredns",
	"for: 20s, slow: {component: kube-apiserver, by: 1s}", "for: 30s, slow: {component: kube-controller-manager, by: 5s}",
	"heal: all",
}

// head is a scenario up to its steps: a set of raft peers, and who uses it.
func head(policy string, replicas int) string { return fmt.Sprintf(headFormat, policy, replicas) }

const headFormat = `
cluster: {zones: [zone-a, zone-b, zone-c], nodesPerZone: 2}
latencies: {imagePull: 300ms, provision: 300ms, attach: 500ms, detach: 300ms, mount: 100ms, processStart: {min: 200ms, max: 2s}}
manifests:
- |
  apiVersion: v1
  kind: Service
  metadata: {name: db}
  spec: {clusterIP: None, selector: {app: db}, publishNotReadyAddresses: true, ports: [{port: 80}]}
  ---
  apiVersion: v1
  kind: Service
  metadata: {name: db-primary}
  spec: {selector: {app: db, role: primary}, ports: [{port: 80}]}
  ---
  apiVersion: apps/v1
  kind: StatefulSet
  metadata: {name: db}
  spec:
    serviceName: db
    podManagementPolicy: %s
    replicas: %d
    selector: {matchLabels: {app: db}}
    template:
      metadata: {labels: {app: db}}
      spec:
        terminationGracePeriodSeconds: 10
        containers:
        - name: db
          image: db:1
          readinessProbe: {tcpSocket: {port: 80}, periodSeconds: 1}
          volumeMounts: [{name: data, mountPath: /data}]
    volumeClaimTemplates:
    - metadata: {name: data}
      spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}
runs: {db: {process: raft, snapshotThreshold: 20, snapshotInterval: 5s, trailingLogs: 10}}
clients:
- {name: writer, writes: db-primary, zone: zone-a, rate: 4, keys: 2, retries: 2}
- {name: reader, reads: db-primary, rate: 4, keys: 2, retries: 1}
- {name: stale, reads: db, stale: true, zone: zone-b, rate: 1, keys: 2}
steps:
`

// The same random world twice is the same world.
func TestRandomWorldsRepeat(t *testing.T) {
	worlds := rapid.Custom(drawScenario)
	for i := range 12 {
		s, err := scenarios.Parse("random.yaml", []byte(worlds.Example(i)), fstest.MapFS{})
		require.NoError(t, err)
		requireSameTrace(t, run(t, s, uint64(i)), run(t, s, uint64(i)))
	}
}

// A cancelled run stops at once, keeps what it reached, and does not count as passed.
func TestCancel(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	rec, err := Run(ctx, load(t, "primary-crash"), Options{Seed: 1})
	require.NoError(t, err)
	require.True(t, rec.Interrupted)
	require.False(t, rec.Passed())
}

// What the API server would refuse is refused before the run, with its place in the file.
func TestRefusedManifest(t *testing.T) {
	text := strings.Replace(head("OrderedReady", 3), "labels: {app: db}}", "labels: {app: other}}", 1) + "- {at: 1s, heal: all}\nfor: 10s\n"
	s, err := scenarios.Parse("wrong.yaml", []byte(text), fstest.MapFS{})
	require.NoError(t, err)
	_, err = Run(context.Background(), s, Options{Seed: 1})
	var problems scenarios.Problems
	require.True(t, errors.As(err, &problems), "%v", err)
	require.ErrorContains(t, err, "`selector` does not match template `labels`")
	require.NotZero(t, problems[0].Pos.Line)
}
