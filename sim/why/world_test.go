package why_test

import (
	"cmp"
	"context"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/stretchr/testify/require"

	"statefulsim/scenarios"
	"statefulsim/sim"
	"statefulsim/sim/why"
)

// setting is a scenario about one StatefulSet, in pieces of YAML. What is left out is as in a world that is well.
type setting struct {
	length, cluster, start, publish, policy, replicas string
	set, pod, container                               string // more fields of the set's spec, the pod's, the container's
	class                                             string // of the claims; "" is without claims, "-" the default class
	more                                              string // more manifests
	raft                                              bool
	steps                                             string
}

const form = `for: $length
cluster: {$cluster}
latencies: {imagePull: 300ms, provision: 300ms, attach: 500ms, detach: 300ms, mount: 100ms, processStart: $start}
manifests:
- |
  apiVersion: v1
  kind: Service
  metadata: {name: web}
  spec: {clusterIP: None, selector: {app: web}, publishNotReadyAddresses: $publish, ports: [{port: 80}]}
- |
  apiVersion: apps/v1
  kind: StatefulSet
  metadata: {name: web}
  spec:
    serviceName: web
    podManagementPolicy: $policy
    replicas: $replicas
    selector: {matchLabels: {app: web}}
    $set
    template:
      metadata: {labels: {app: web}}
      spec:
        terminationGracePeriodSeconds: 5
        $pod
        containers:
        - name: web
          image: web:1
          readinessProbe: {tcpSocket: {port: 80}, periodSeconds: 1}
          $container
$more
runs: {web: $process}
steps: [$steps]
`

// yaml is the scenario's file.
func (s setting) yaml() string {
	if s.class != "" {
		class := "storageClassName: " + s.class + ", "
		if s.class == "-" {
			class = ""
		}
		s.container += "\n          volumeMounts: [{name: data, mountPath: /data}]"
		s.set += "\n    volumeClaimTemplates: [{metadata: {name: data}, spec: {accessModes: [ReadWriteOnce], " + class + "resources: {requests: {storage: 1Gi}}}}]"
	}
	process := map[bool]string{true: "raft", false: "plain"}[s.raft]
	return strings.NewReplacer("$length", cmp.Or(s.length, "200s"), "$cluster", s.cluster, "$start", cmp.Or(s.start, "500ms"), "$publish", cmp.Or(s.publish, "true"),
		"$policy", cmp.Or(s.policy, "OrderedReady"), "$replicas", cmp.Or(s.replicas, "3"), "$set", s.set, "$pod", s.pod, "$container", s.container,
		"$more", s.more, "$process", process, "$steps", s.steps).Replace(form)
}

func (s setting) run(t *testing.T) *sim.Recording {
	t.Helper()
	backup := `{apiVersion: v1, kind: Pod, metadata: {name: backup}, spec: {nodeName: node-a-2, containers: [{name: b, image: b:1, volumeMounts: [{name: data, mountPath: /data}]}],
 volumes: [{name: data, persistentVolumeClaim: {claimName: data-web-0}}]}}`
	scenario, err := scenarios.Parse("test.yaml", []byte(s.yaml()), fstest.MapFS{"backup.yaml": {Data: []byte(backup)}})
	require.NoError(t, err, s.yaml())
	return play(t, scenario)
}

func play(t *testing.T, scenario *scenarios.Scenario) *sim.Recording {
	t.Helper()
	rec, err := sim.Run(context.Background(), scenario, sim.Options{Seed: 1})
	require.NoError(t, err)
	return rec
}

// expected is what a finding has to say, each as a part of it. A state "" is any; until "" means that it
// lasts for ever.
type expected struct{ object, state, rule, until, because, cure string }

// requireFinding finds a finding and compares.
func requireFinding(t *testing.T, findings []why.Finding, want expected) {
	t.Helper()
	for i := range findings {
		f := &findings[i]
		if f.Object != want.object || !strings.Contains(f.Rule, want.rule) {
			continue
		}
		if want.state != "" {
			require.Equal(t, want.state, f.State)
		}
		require.Equal(t, want.until == "", f.Forever, f.Until)
		require.Contains(t, f.Until, want.until)
		require.Contains(t, f.Because, want.because)
		require.Contains(t, strings.Join(f.Cure, "\n"), want.cure)
		require.NotEmpty(t, f.Source)
		require.NotEmpty(t, f.Chain)
		require.True(t, chronological(f.Chain), "%v", f.Chain)
		return
	}
	t.Fatalf("nothing is found about %s by the rule %q, but only: %v", want.object, want.rule, said(findings))
}

func said(findings []why.Finding) (all []string) {
	for _, f := range findings {
		all = append(all, f.Object+": "+f.State+": "+f.Rule)
	}
	return all
}

func chronological(chain []why.Step) bool {
	for i := 1; i < len(chain); i++ {
		if chain[i].Seq <= chain[i-1].Seq || chain[i].At < chain[i-1].At {
			return false
		}
	}
	return true
}

func seconds(n float64) time.Duration { return time.Duration(n * float64(time.Second)) }
