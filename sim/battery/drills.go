package battery

import (
	"fmt"
	"strings"
	"time"
)

// How long faults last. A node that is away for less than five minutes keeps its pods (tolerationSeconds of the default tolerations,
// plugin/pkg/admission/defaulttolerationseconds/admission.go).
const (
	blip        = 2 * time.Minute
	longStart   = 2 * time.Minute // of a process that recovers a large log or cache
	deleteLimit = 5 * time.Minute
	drainLimit  = 3 * time.Minute
)

var drills = []Drill{
	{ID: "kill", What: "the process of a pod dies (SIGKILL)",
		Why:  "The most usual failure of all: a bug or a lack of memory. The kubelet starts it again in the same pod.",
		hits: eachPod, steps: faultOn("kill: %s", 0)},
	{ID: "delete", What: "a pod is deleted",
		Why:  "What an eviction, a rollout or an impatient person does: the pod ends in order, and the set makes it anew.",
		hits: eachPod, length: deleteLimit, steps: func(b *Battery, t target) []string {
			return []string{b.kubectl(0, t, "delete pod "+t.what+" --timeout="+deleteLimit.String())}
		}},
	{ID: "hang", What: "the process of a pod stops answering for 3 minutes",
		Why:  "A deadlock or a stalled disk: the process lives, and only a liveness probe ends it.",
		hits: eachPod, length: 3 * time.Minute, steps: faultOn("hang: %s", 3*time.Minute)},
	{ID: "slow-start", What: "the process of a pod dies, and then takes 2 minutes to start",
		Why:  "Recovery of a large log takes minutes. A liveness or startup probe that does not wait so long kills it again and again.",
		hits: eachPod, steps: func(b *Battery, t target) []string {
			return []string{b.step(0, fmt.Sprintf("slowStart: {target: %s, by: %v}", t.what, longStart)), b.step(time.Millisecond, "kill: "+t.what)}
		}},
	{ID: "node-power", What: "a node loses its power, and is back after 2 minutes",
		Why:  "Nobody is told. What was not synced to a volume is lost, and the pods wait for the node.",
		hits: eachNode, length: blip, steps: faultOn("crash: node %s", blip)},
	{ID: "node-lost", What: "a node dies for good, and nobody does anything",
		Why:  "Kubernetes makes no second pod of a name while the first may still run: a pod of a set stays Terminating until a person acts. What counts is whether the others go on.",
		hits: eachNode, length: 3 * time.Minute, steps: faultOn("crash: node %s", 0)},
	{ID: "out-of-service", What: "a node dies for good, and after 2 minutes gets the out-of-service taint",
		Why:  "The supported cure for a dead node: its pods are removed and its volumes are detached at once.",
		hits: eachNode, length: blip, steps: func(b *Battery, t target) []string {
			return []string{b.step(0, "crash: node "+t.what),
				b.step(blip, fmt.Sprintf("kubectl: taint nodes %s node.kubernetes.io/out-of-service=nodeshutdown:NoExecute", t.what))}
		}},
	{ID: "zone-outage", What: "all nodes of a zone lose their power for 3 minutes",
		Why:  "Copies protect only if they do not all stand in one zone.",
		hits: eachZone, length: 3 * time.Minute, steps: faultOn("crash: zone %s", 3*time.Minute)},
	{ID: "drain", What: "a node is drained, and opened again after 4 minutes",
		Why:  "Every upgrade of a cluster drains every node. A budget that allows no disruption stops it; without any, nothing protects the quorum.",
		hits: eachNode, length: drainLimit + time.Minute, steps: func(b *Battery, t target) []string {
			return []string{
				b.step(0, fmt.Sprintf("kubectl: drain %s --ignore-daemonsets --delete-emptydir-data --force --timeout=%v", t.what, drainLimit)),
				b.step(drainLimit+time.Minute, "kubectl: uncordon "+t.what)}
		}},
	{ID: "update", What: "a new image is rolled out",
		Why:  "Every pod ends once, in order, each when the one before is Ready again.",
		hits: eachSet, steps: func(b *Battery, t target) []string { return []string{b.setImage(0, t, "next")} }},
	{ID: "restart", What: "the pods are replaced (kubectl rollout restart)",
		Why:  "How a changed secret or setting reaches the pods: as an update, without a new image.",
		hits: eachSet, steps: func(b *Battery, t target) []string {
			return []string{b.kubectl(0, t, "rollout restart statefulset/"+t.what)}
		}},
	{ID: "bad-update", What: "an image that cannot be pulled is rolled out, and taken back after 3 minutes",
		Why:  "With OrderedReady the controller waits for the broken pod before it looks at the template that was taken back, and so for ever.",
		hits: eachSet, length: 3 * time.Minute, steps: func(b *Battery, t target) []string {
			return []string{b.step(0, fmt.Sprintf("failPull: %q", "*:"+tag+"missing")), b.setImage(time.Millisecond, t, "missing"),
				b.kubectl(3*time.Minute, t, "rollout undo statefulset/"+t.what)}
		}},
	{ID: "scale", What: "the set is scaled down by one, and up again after 90 seconds",
		Why:  "The last pod leaves, and comes back to a volume with old data.",
		hits: eachLargeSet, length: 90 * time.Second, steps: func(b *Battery, t target) []string {
			return []string{b.kubectl(0, t, fmt.Sprintf("scale statefulset/%s --replicas=%d", t.what, t.set.replicas-1)),
				b.kubectl(90*time.Second, t, fmt.Sprintf("scale statefulset/%s --replicas=%d", t.what, t.set.replicas))}
		}},
	{ID: "node-cut", What: "a node cannot reach the control plane for 2 minutes",
		Why:  "To Kubernetes the node looks dead while its pods go on: who serves now?",
		hits: eachNode, length: blip, steps: faultOn("partition: {from: node %s, to: the control plane}", blip)},
	{ID: "zone-cut", What: "a zone is cut off from everything else for 2 minutes",
		Why:  "The pods there live and see nobody. A primary among them must stop taking writes before another begins.",
		hits: eachZone, length: blip, steps: faultOn("partition: {from: zone %s, to: everything else}", blip)},
	{ID: "all-killed", What: "the processes of all pods die at once",
		Why:  "A poisonous request, or one limit for all: there must be a way back when nobody is Ready.",
		hits: everything, steps: func(b *Battery, _ target) []string { return []string{b.step(0, "kill: "+b.allPods())} }},
	{ID: "blackout", What: "all nodes lose their power for 2 minutes",
		Why:  "After it pods have new addresses and see each other come up one by one; what was acknowledged must be on the volumes.",
		hits: everything, length: blip, steps: faultOn("crash: every node", blip)},
	{ID: "disk-full", What: "the volume of a pod is full for 2 minutes",
		Why:  "A database that cannot write must hand over, and take part again when there is room.",
		hits: eachDisk, length: blip, steps: faultOn("disk: {target: %s, fault: full}", blip)},
	{ID: "dns", What: "CoreDNS answers nothing but errors for 2 minutes",
		Why:  "Peers and clients find each other by names; connections that stand should outlive this.",
		hits: everything, length: blip, steps: faultOn("dns: {answer: error}", blip)},
	{ID: "control-plane", What: "the API server is down for 2 minutes",
		Why:  "Pods should go on serving without it.",
		hits: everything, length: blip, steps: faultOn("stop: kube-apiserver", blip)},
}

// faultOn makes one step of a fault that has the target's name for a %s, and that is healed after lasts; 0: never, or it takes no time.
func faultOn(action string, lasts time.Duration) func(*Battery, target) []string {
	return func(b *Battery, t target) []string {
		what := strings.ReplaceAll(action, "%s", t.what)
		if lasts > 0 {
			what = "for: " + lasts.String() + ", " + what
		}
		return []string{b.step(0, what)}
	}
}

// tag begins the tags of images that only drills roll out.
const tag = "sim-check-"

// setImage rolls out another image in the first container of the target's set.
func (b *Battery) setImage(later time.Duration, t target, which string) string {
	c := mainContainer(t.set)
	image, _, _ := strings.Cut(c.Image, "@")
	if colon := strings.LastIndex(image, ":"); colon > strings.LastIndex(image, "/") {
		image = image[:colon]
	}
	return b.kubectl(later, t, fmt.Sprintf("set image statefulset/%s %s=%s:%s", t.what, c.Name, image, tag+which))
}
