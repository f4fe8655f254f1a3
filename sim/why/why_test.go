package why_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"statefulsim/scenarios"
	"statefulsim/sim/why"
)

const (
	apart = `affinity: {podAntiAffinity: {requiredDuringSchedulingIgnoredDuringExecution: [{topologyKey: kubernetes.io/hostname, labelSelector: {matchLabels: {app: web}}}]}}`
	huge  = `{at: 60s, name: huge, kubectl: 'patch statefulset web --type=json -p ''[{"op":"add","path":"/spec/template/spec/containers/0/resources","value":{"requests":{"cpu":"100"}}}]'''}`
	zones = `zones: [zone-a], nodesPerZone: 4`
	four  = `zones: [zone-a, zone-b, zone-c, zone-d]`
	cut   = `{at: 60s, name: cut, partition: {from: the node of web-1, to: the control plane}}`
	cord  = `{at: 60s, kubectl: cordon node-a node-b node-c}`
)

func budget(spec string) string {
	return "- {apiVersion: policy/v1, kind: PodDisruptionBudget, metadata: {name: web}, spec: {" + spec + ", selector: {matchLabels: {app: web}}}}"
}

// Each rule, in a small world that breaks it after a while: before that nothing is said.
func TestRules(t *testing.T) {
	cases := []struct {
		name    string
		setting setting
		well    float64 // an instant at which all is well; 0: there is none
		at      float64 // when it is stuck; 0: at the end
		wants   []expected
	}{
		{"a pod that finds no node holds up those after it", setting{replicas: "4", cluster: `zones: [zone-a, zone-b]`, pod: apart}, 3, 0, []expected{
			{"Pod web-2", "Pending", "filters", "", "", "--replicas=2"},
			{"StatefulSet web", "2/4 ready", "these wait: web-3", "", "", "# cure Pod web-2 first (Pending)"},
		}},
		{"a template that fits nowhere", setting{steps: huge}, 50, 0, []expected{
			{"Pod web-2", "Pending", "filters", "", "the step huge at 60 s", "resources/requests/cpu"},
			{"StatefulSet web", "2/3 ready", "waits until web-2, the last one replaced", "", "the step huge at 60 s", "kubectl rollout undo statefulset/web"},
		}},
		{"a template that was reverted in vain", setting{steps: huge + `, {at: 120s, name: undo, kubectl: rollout undo statefulset/web}`}, 50, 0, []expected{
			{"Pod web-2", "Pending", "filters", "", "the step huge", "kubectl delete pod web-2"},
			{"StatefulSet web", "2/3 ready", "nothing deletes the pod", "", "the step huge", "kubectl delete pod web-2"},
		}},
		{"a parallel rollout has used up its budget", setting{policy: "Parallel", steps: huge}, 50, 0, []expected{
			{"StatefulSet web", "2/3 ready", "maxUnavailable", "", "the step huge", "kubectl rollout undo"},
		}},
		{"a scale-down waits for a pod that stays", setting{steps: cord + `, {at: 61s, name: gone, kubectl: delete pod web-0}, {at: 80s, kubectl: scale statefulset web --replicas=2}`}, 50, 0, []expected{
			{"Pod web-0", "Pending", "filters", "", "the step gone", "kubectl uncordon node-a"},
			{"StatefulSet web", "2/2 ready", "web-2 waits for web-0", "", "the step gone", "kubectl delete pod web-2"},
		}},
		{"two broken pods above the wanted ones", setting{replicas: "4", cluster: four, pod: apart, steps: `{at: 60s, crash: the node of web-2}, {at: 60s, crash: the node of web-3},
			{at: 130s, kubectl: scale statefulset web --replicas=2}`}, 50, 0, []expected{
			{"StatefulSet web", "2/2 ready", "neither is ever deleted", "taint eviction", "step 1", "kubectl delete pod web-3"},
		}},
		{"a partition", setting{set: "updateStrategy: {rollingUpdate: {partition: 2}}", steps: `{at: 60s, name: canary, kubectl: set image statefulset/web web=web:2}`}, 50, 0, []expected{
			{"StatefulSet web", "1 of 3 pods updated", "partition, which is 2", "", "the step canary", `"partition":0`},
		}},
		{"OnDelete", setting{set: "updateStrategy: {type: OnDelete}", steps: `{at: 60s, name: new, kubectl: set image statefulset/web web=web:2}`}, 50, 0, []expected{
			{"StatefulSet web", "0 of 3 pods updated", "OnDelete", "", "the step new", "kubectl delete pod web-2"},
		}},
		{"minReadySeconds", setting{set: "minReadySeconds: 120"}, 0, 0, []expected{
			{"StatefulSet web", "2/3 ready", "minReadySeconds, here 120", "web-1 is available at 243 s", "", "minReadySeconds"},
		}},
		{"a dead node, before its pods are evicted", setting{steps: `{at: 60s, name: dead, crash: the node of web-1}`}, 50, 180, []expected{
			{"Pod web-1", "Running, not Ready", "deleted when its toleration is used up", "the taint eviction deletes it at 415.", "the step dead at 60 s", "out-of-service"},
		}},
		{"a dead node that comes back before its pods are evicted", setting{steps: `{at: 60s, name: dead, for: 200s, crash: the node of web-1}`}, 50, 180, []expected{
			{"Pod web-1", "Running, not Ready", "its machine is down", "the step dead is healed at 260 s", "the step dead", "out-of-service"},
		}},
		{"a dead node", setting{length: "600s", steps: `{at: 60s, name: dead, crash: the node of web-1}`}, 50, 0, []expected{
			{"Pod web-1", "Terminating", "its machine is down", "", "the step dead at 60 s", "node.kubernetes.io/out-of-service=nodeshutdown:NoExecute"},
			{"Node node-c", "NotReady", "renews its Lease", "", "the step dead", "power the machine"},
		}},
		{"a node that is cut off for a while", setting{length: "600s", steps: strings.Replace(cut, "name: cut", "name: cut, for: 900s", 1)}, 50, 0, []expected{
			{"Pod web-1", "Terminating", "it is cut off", "the step cut is healed at 960 s", "the step cut at 60 s", "DANGER"},
		}},
		{"a node that is healed by another step", setting{length: "600s", steps: cut + `, {at: 590s, heal: cut}`}, 50, 550, []expected{
			{"Pod web-1", "Terminating", "it is cut off", "the step cut is healed at 590 s", "", "DANGER"},
		}},
		{"a finalizer", setting{steps: `{at: 60s, kubectl: 'patch pod web-2 --type=merge -p ''{"metadata":{"finalizers":["example.com/keep"]}}'''}, {at: 62s, kubectl: delete pod web-2 --wait=false}`}, 61, 0, []expected{
			{"Pod web-2", "Completed", "nobody removes example.com/keep", "", "step 2 at 62 s", `"finalizers":null`},
		}},
		{"the force detach after six minutes", setting{length: "300s", class: "-", cluster: zones, steps: cut + `, {at: 150s, name: force, kubectl: delete pod web-1 --grace-period=0 --force}`}, 50, 0, []expected{
			{"Pod web-1", "ContainerCreating", "attached to one at a time", "the force detach after 6 minutes, at 510 s", "the step cut", "out-of-service"},
		}},
		{"a volume that another pod holds", setting{class: "-", replicas: "1", cluster: `zones: [zone-a], nodesPerZone: 2`, pod: `nodeSelector: {kubernetes.io/hostname: node-a-1}`,
			steps: `{at: 60s, name: backup, kubectl: apply -f backup.yaml}`}, 50, 0, []expected{
			{"Pod backup", "ContainerCreating", "where the pod web-0 still mounts it", "", "the step backup", "kubectl delete pod web-0"},
		}},
		{"a volume in another zone", setting{class: "-", replicas: "1", steps: `{at: 0s, kubectl: cordon node-b node-c}, {at: 60s, kubectl: uncordon node-b}, {at: 60s, kubectl: cordon node-a},
			{at: 61s, name: gone, kubectl: delete pod web-0}`}, 50, 0, []expected{
			{"Pod web-0", "Pending", "the nodes that its node affinity names", "", "the step gone", "kubectl delete pvc data-web-0"},
		}},
		{"a class that does not exist", setting{class: "fast"}, 20, 0, []expected{
			{"Pod web-0", "Pending", "binds at once has to be Bound", "", "", "kubectl get pvc data-web-0"},
			{"PersistentVolumeClaim data-web-0", "Pending", "there is no class named fast", "", "", "StorageClass fast"},
		}},
		{"no class at all", setting{class: `""`}, 20, 0, []expected{
			{"PersistentVolumeClaim data-web-0", "Pending", "names no StorageClass", "", "", "PersistentVolume"},
		}},
		{"a volume that is larger than the class allows", setting{class: "small",
			more: "- {apiVersion: storage.k8s.io/v1, kind: StorageClass, metadata: {name: small}, provisioner: disk.csi.statefulsim, parameters: {maxSize: 512Mi}}"}, 20, 0, []expected{
			{"PersistentVolumeClaim data-web-0", "Pending", "fails to make the volume", "", "", "ask for less"},
		}},
		{"a claim whose pod finds no node", setting{class: "-", container: "resources: {requests: {cpu: 100}}"}, 20, 0, []expected{
			{"PersistentVolumeClaim data-web-0", "Pending", "waits for its first consumer", "", "", "# cure Pod web-0 first"},
		}},
		{"a claim that is deleted while it is used", setting{class: "-", steps: `{at: 60s, name: delete, kubectl: delete pvc data-web-1 --wait=false}`}, 50, 0, []expected{
			{"PersistentVolumeClaim data-web-1", "Terminating", "as long as a scheduled pod mounts it", "", "the step delete", "kubectl delete pod web-1"},
		}},
		{"a drain that a budget never allows", setting{more: budget("minAvailable: 3"), steps: `{at: 60s, name: drain, for: 500s, kubectl: drain node-a}`}, 80, 0, []expected{
			{"PodDisruptionBudget web", "ALLOWED DISRUPTIONS 0", "it never allows one", "", "the step drain", `"maxUnavailable":1`},
		}},
		{"a drain that waits for pods which are not Ready", setting{replicas: "4", cluster: four, pod: apart, more: budget("maxUnavailable: 1"),
			steps: `{at: 60s, name: dead, crash: the node of web-3}, {at: 120s, name: drain, for: 500s, kubectl: drain node-c}`}, 50, 0, []expected{
			{"PodDisruptionBudget web", "ALLOWED DISRUPTIONS 0", "Others of its pods are not Ready", "", "the step dead", "# cure Pod web-3"},
		}},
		{"a drain of a pod which is not Ready itself", setting{replicas: "4", cluster: four, pod: apart, more: budget("maxUnavailable: 1"),
			steps: `{at: 60s, name: two, failProbe: {target: "pods with app=web", probe: readiness}},
			{at: 120s, name: drain, for: 500s, kubectl: drain node-a node-b node-c node-d --pod-selector=statefulset.kubernetes.io/pod-name=web-2}`}, 50, 0, []expected{
			{"PodDisruptionBudget web", "ALLOWED DISRUPTIONS 0", "its eviction would disrupt nothing", "", "the step two", "AlwaysAllow"},
		}},
		{"a liveness probe that kills each start", setting{length: "300s", start: "60s", container: "livenessProbe: {tcpSocket: {port: 80}, initialDelaySeconds: 5, periodSeconds: 5, failureThreshold: 3}"}, 20, 220, []expected{
			{"Pod web-0", "Running, not Ready", "takes longer to start than the probe allows", "", "", "startupProbe"},
			{"StatefulSet web", "0/3 ready", "these wait: web-1, web-2", "", "", "Parallel"},
		}},
		{"a start that takes long", setting{start: "300s"}, 20, 0, []expected{
			{"Pod web-0", "Running, not Ready", "readiness probes succeed", "its process has started, which takes 5m0s", "", "kubectl delete pod web-0"},
		}},
		{"a lost quorum", setting{raft: true, class: "-", steps: `{at: 80s, name: one, crash: the node of web-1}, {at: 80s, name: two, crash: the node of web-2}`}, 70, 0, []expected{
			{"Pod web-0", "Running, not Ready", "1 of 3 voters run, and 2 are needed; missing: web-1, web-2", "", "the step", "bring back web-1"},
			{"StatefulSet web", "no leader", "the quorum is lost", "", "the step", "# cure Pod web-1 first"},
		}},
		{"voters that do not reach each other", setting{raft: true, class: "-", steps: `{at: 80s, name: cut, partition: {from: "pods with app=web", to: "pods with app=web"}}`}, 70, 0, []expected{
			{"StatefulSet web", "no leader", "they do not reach or resolve each other: the step cut", "", "the step cut", "mend the network"},
		}},
		{"readiness that needs the peers", setting{raft: true, class: "-", steps: `{at: 80s, name: sweep, kubectl: delete pod web-0 web-1 web-2}`}, 70, 0, []expected{
			{"Pod web-0", "Running, not Ready", "A deadlock", "", "the step sweep", "podManagementPolicy: Parallel"},
		}},
		{"peers without names", setting{raft: true, class: "-", policy: "Parallel", publish: "false"}, 20, 0, []expected{
			{"Pod web-1", "Running, not Ready", "lead to Ready pods alone", "", "", "publishNotReadyAddresses"},
		}},
		{"peers whose Service is gone", setting{raft: true, class: "-", policy: "Parallel", steps: `{at: 60s, kubectl: delete service web}, {at: 61s, kubectl: delete pod web-0 web-1 web-2}`}, 50, 0, []expected{
			{"Pod web-0", "Running, not Ready", "there is no Service web", "", "step 2", "publishNotReadyAddresses: true"},
		}},
		{"peers that DNS does not answer", setting{raft: true, class: "-", policy: "Parallel", steps: `{at: 60s, name: nodns, for: 900s, dns: {answer: error}}, {at: 61s, kubectl: delete pod web-0 web-1 web-2}`}, 50, 0, []expected{
			{"Pod web-0", "Running, not Ready", "do not reach or resolve each other: the step nodns", "the step nodns is healed at 960 s", "the step nodns", "the names"},
		}},
		{"an image that cannot be pulled for a while", setting{steps: `{at: 60s, name: registry, for: 900s, failPull: "web:2*"}, {at: 61s, kubectl: set image statefulset/web web=web:2}`}, 50, 0, []expected{
			{"Pod web-2", "ImagePullBackOff", "has its image", "the step registry is healed at 960 s", "the step registry", "kubectl set image statefulset/web web=IMAGE"},
		}},
		{"a crash loop", setting{steps: `{at: 60s, name: loop, crashLoop: web-1}`}, 50, 190, []expected{
			{"Pod web-1", "", "it ends each time", "", "the step loop", "kubectl delete pod web-1"},
		}},
		{"a storage system that does not attach", setting{class: "-", steps: `{at: 60s, name: storage, for: 900s, storage: {operation: attach, how: hangs}}, {at: 61s, kubectl: delete pod web-1}`}, 50, 0, []expected{
			{"Pod web-1", "ContainerCreating", "has not attached that of the claim data-web-1", "the step storage is healed at 960 s", "the step storage", "CSI"},
		}},
		{"no scheduler", setting{steps: `{at: 60s, name: none, for: 900s, stop: kube-scheduler}, {at: 61s, kubectl: delete pod web-1}`}, 50, 0, []expected{
			{"Pod web-1", "Pending", "from the scheduler, and that does not work", "the step none is healed at 960 s", "the step none", "kube-scheduler"},
		}},
		{"no controllers", setting{steps: `{at: 60s, name: none, stop: kube-controller-manager}, {at: 61s, kubectl: delete pod web-1}`}, 50, 0, []expected{
			{"StatefulSet web", "3/3 ready", "by its controller, and that does not work", "", "the step none", "kube-controller-manager"},
		}},
		{"commands that wait", setting{replicas: "4", cluster: `zones: [zone-a, zone-b]`, pod: apart, steps: `{at: 60s, name: status, kubectl: rollout status statefulset/web},
			{at: 60s, name: wait, kubectl: wait pod/web-2 --for=condition=Ready --timeout=10m}`}, 3, 0, []expected{
			{"kubectl rollout status statefulset/web", "waiting", "looks for nothing else", "", "the step status", "cure Pod web-2 first"},
			{"kubectl wait pod/web-2 --for=condition=Ready --timeout=10m", "waiting", "", "its timeout at 660 s", "the step wait", "cure Pod web-2 first"},
		}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			rec := c.setting.run(t)
			if c.well > 0 {
				require.Empty(t, said(why.At(rec, seconds(c.well))), "all is well at %v s", c.well)
			}
			at := rec.Virtual
			if c.at > 0 {
				at = seconds(c.at)
			}
			findings := why.At(rec, at)
			for _, want := range c.wants {
				requireFinding(t, findings, want)
			}
		})
	}
}

// In a world that is well, and in one that is on its way, nothing is ever said.
func TestSilence(t *testing.T) {
	for _, name := range []string{"ordered-start", "primary-crash", "cassandra", "volume-expansion"} {
		runs, err := scenarios.Load(name, scenarios.Choice{})
		require.NoError(t, err)
		rec := play(t, runs[0])
		for at := time.Duration(0); at <= rec.Virtual; at += 3 * time.Second {
			require.Empty(t, said(why.At(rec, at)), "%s at %v", name, at)
		}
	}
}

// A node that is down for good, but whose pod was made anew elsewhere, holds up nothing.
func TestSilenceAfterTheCure(t *testing.T) {
	rec := setting{length: "500s", steps: `{at: 60s, crash: the node of web-1}, {at: 450s, kubectl: delete pod web-1 --grace-period=0 --force}`}.run(t)
	require.NotEmpty(t, why.At(rec, seconds(440)))
	require.Empty(t, said(why.At(rec, rec.Virtual)))
}

// Of a pod that finds no node each node says why.
func TestByNode(t *testing.T) {
	for _, c := range []struct {
		setting setting
		says    string
	}{
		{setting{pod: "nodeSelector: {disk: ssd}"}, "node-a: is not what its node selector or node affinity asks for"},
		{setting{pod: "affinity: {nodeAffinity: {requiredDuringSchedulingIgnoredDuringExecution: {nodeSelectorTerms: [{matchExpressions: [{key: disk, operator: Exists}]}]}}}"},
			"node-b: is not what its node selector or node affinity asks for"},
		{setting{cluster: "node: {taints: [dedicated=backup:NoSchedule]}"}, "node-c: has the taint dedicated=backup:NoSchedule"},
		{setting{container: "resources: {requests: {memory: 100Gi}}"}, "node-a: the pod asks for 100Gi memory, and 16Gi is left"},
		{setting{steps: "{at: 0s, kubectl: cordon node-a node-b node-c}"}, "node-a: cordoned"},
	} {
		rec := c.setting.run(t)
		findings := why.At(rec, rec.Virtual)
		require.NotEmpty(t, findings, c.says)
		require.Contains(t, findings[0].Details, c.says)
	}
}

func TestPods(t *testing.T) {
	rec := setting{}.run(t)
	require.Equal(t, []string{"web-0", "web-1", "web-2"}, why.PodsAt(rec, rec.Virtual))
	require.Equal(t, []string{"web-0"}, why.PodsAt(rec, time.Second))
	state, known := why.PodAt(rec, rec.Virtual, "web-1")
	require.True(t, known)
	require.Regexp(t, `^Running and Ready on node-[abc] since [0-9.]+ s$`, state)
	_, known = why.PodAt(rec, rec.Virtual, "web-3")
	require.False(t, known)
}

func TestJSON(t *testing.T) {
	var out bytes.Buffer
	require.NoError(t, why.JSON(&out, nil))
	require.Equal(t, "[]\n", out.String())
	rec := setting{steps: huge}.run(t)
	out.Reset()
	require.NoError(t, why.JSON(&out, why.At(rec, rec.Virtual)))
	require.NotContains(t, out.String(), "null")
	var read []map[string]any
	require.NoError(t, json.Unmarshal(out.Bytes(), &read))
	require.Equal(t, "Pod web-2", read[0]["object"])
	require.InDelta(t, 61.8, read[0]["sinceSeconds"], 1)
	require.InDelta(t, 60.0, read[0]["chain"].([]any)[0].(map[string]any)["atSeconds"], 1e-9)
}
