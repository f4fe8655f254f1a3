package battery

import (
	"os"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/goccy/go-yaml"
	"github.com/stretchr/testify/require"
	appsv1 "k8s.io/api/apps/v1"
)

// advised is what the rules say of a manifest, without any drill.
func advised(t *testing.T, manifest, runs string) []Advice {
	t.Helper()
	o := Options{}
	if runs != "" {
		o.Runs = []string{"db=" + runs}
	}
	stage, err := newStage(fstest.MapFS{"m.yaml": {Data: []byte(manifest)}}, "check", []string{"m.yaml"}, usual(o))
	require.NoError(t, err)
	return (&Battery{stage: stage}).advice(nil)
}

// Each rule says nothing of a good manifest, and speaks up at the changed place once something is changed.
func TestRules(t *testing.T) {
	data, err := os.ReadFile("testdata/good.yaml")
	require.NoError(t, err)
	good := string(data)
	for _, runs := range []string{"raft", "replicated", "plain", ""} {
		require.Empty(t, slices.DeleteFunc(advised(t, good, runs), func(a Advice) bool { return runs == "plain" && a.Rule == "service-selects-nothing" }))
	}
	claims := good[strings.Index(good, "  volumeClaimTemplates"):]
	budget := good[strings.Index(good, "apiVersion: policy"):strings.Index(good, "apiVersion: storage")]
	tested := map[string]bool{}
	for _, c := range []struct {
		rule, runs string
		was, is    string
		path       string
	}{
		{"no-data-volume", "raft", claims, "", "spec.volumeClaimTemplates"},
		{"no-service", "raft", "serviceName: db", "serviceName: other", "spec.serviceName"},
		{"no-service", "raft", "  serviceName: db\n", "", "spec.serviceName"},
		{"no-service", "raft", "  clusterIP: None\n", "", "spec.serviceName"},
		{"grace-zero", "raft", "GracePeriodSeconds: 60", "GracePeriodSeconds: 0", podSpec + ".terminationGracePeriodSeconds"},
		{"no-readiness", "plain", "readinessProbe: {tcpSocket: {port: 5432}, periodSeconds: 2}", "", container},
		{"liveness-kills-start", "raft", "startupProbe: {tcpSocket: {port: 5432}, periodSeconds: 5, failureThreshold: 120}", "", container + ".livenessProbe"},
		{"budget-blocks", "raft", "maxUnavailable: 1", "maxUnavailable: 0", "spec.maxUnavailable"},
		{"budget-blocks", "raft", "maxUnavailable: 1", "minAvailable: 100%", "spec.minAvailable"},
		{"budget-blocks", "raft", "maxUnavailable: 1", "minAvailable: 3", "spec.minAvailable"},
		{"budget-blocks", "raft", budget, budget + strings.Replace(budget, "name: db", "name: second", 1), "spec.selector"},
		{"no-budget", "plain", budget, "", "spec.template.metadata.labels"},
		{"no-spread", "raft", "topologyKey: kubernetes.io/hostname", "topologyKey: rack", podSpec},
		{"no-spread-zones", "raft", "topologyKey: topology.kubernetes.io/zone", "topologyKey: rack", podSpec},
		{"one-replica", "raft", "replicas: 3", "replicas: 1", "spec.replicas"},
		{"even-replicas", "raft", "replicas: 3", "replicas: 4", "spec.replicas"},
		{"startup-too-short", "raft", "failureThreshold: 120", "failureThreshold: 20", container + ".startupProbe"},
		{"grace-too-short", "raft", "GracePeriodSeconds: 60", "GracePeriodSeconds: 10", podSpec + ".terminationGracePeriodSeconds"},
		{"peers-not-ready", "raft", "  publishNotReadyAddresses: true\n", "", "spec.serviceName"},
		{"no-requests", "raft", "{cpu: 500m, memory: 1Gi}", "{cpu: 500m}", container + ".resources"},
		{"image-latest", "raft", "db:17.2", "db:latest", container + ".image"},
		{"image-latest", "raft", "db:17.2", "db", container + ".image"},
		{"claims-deleted", "raft", "whenDeleted: Retain", "whenDeleted: Delete", "spec.persistentVolumeClaimRetentionPolicy.whenDeleted"},
		{"claims-deleted", "raft", "whenScaled: Retain", "whenScaled: Delete", "spec.persistentVolumeClaimRetentionPolicy.whenScaled"},
		{"service-selects-nothing", "raft", "role: primary", "rolle: primary", "spec.selector"},
		{"immediate-binding", "raft", "volumeBindingMode: WaitForFirstConsumer", "", "volumeBindingMode"},
		{"ordered-ready", "raft", "  podManagementPolicy: Parallel\n", "", "spec.podManagementPolicy"},
		{"no-liveness", "raft", "livenessProbe: {tcpSocket: {port: 5432}, periodSeconds: 5}", "", container},
		{"no-service-names", "plain", "serviceName: db", "serviceName: other", "spec.serviceName"},
		{"on-delete", "raft", "type: RollingUpdate", "type: OnDelete", "spec.updateStrategy.type"},
		{"partition-left", "raft", "{type: RollingUpdate}", "{rollingUpdate: {partition: 2}}", "spec.updateStrategy.rollingUpdate.partition"},
	} {
		require.Contains(t, good, c.was, c.rule)
		manifest := strings.Replace(good, c.was, c.is, 1)
		if c.rule == "no-data-volume" {
			manifest = strings.Replace(manifest, "          volumeMounts: [{name: data, mountPath: /data}]\n", "", 1)
		}
		found := slices.DeleteFunc(advised(t, manifest, c.runs), func(a Advice) bool { return a.Rule != c.rule })
		require.Len(t, found, 1, "%s: %s", c.rule, c.is)
		require.Equal(t, c.path, found[0].Path)
		require.Regexp(t, `^m\.yaml:\d+:\d+$`, found[0].Where)
		for part := range strings.SplitSeq(found[0].YAML, "\n---\n") {
			var any any
			require.NoError(t, yaml.Unmarshal([]byte(part), &any), found[0].YAML)
		}
		tested[c.rule] = true
	}
	for _, r := range rules {
		require.True(t, tested[r.ID], "nothing tests %s", r.ID)
	}
}

// The drills show what a rule says, of the set that it is said of.
func TestShown(t *testing.T) {
	s := &set{StatefulSet: &appsv1.StatefulSet{}}
	s.Name, s.Namespace = "db", "default"
	results := []Result{{Drill: "drain", Set: "other", Verdict: No, Reason: "elsewhere"}, {Drill: "drain", Target: "node-a", Verdict: No, Reason: "refused"},
		{Drill: "kill", Together: []Together{{"db", "db-0 and db-1", "node-b", false}, {"db", "db-0 and db-2", "zone-a", true}}}}
	require.Equal(t, "drill drain node-a: refused", shown(&Rule{ID: "budget-blocks", Drill: "drain"}, s, results))
	require.Contains(t, shown(&Rule{ID: "no-spread"}, s, results), "db-0 and db-1 ran in one place, node-b")
	require.Contains(t, shown(&Rule{ID: "no-spread-zones"}, s, results), "zone-a")
	require.Empty(t, shown(&Rule{ID: "x", Drill: "kill"}, s, results[:1]))
}
