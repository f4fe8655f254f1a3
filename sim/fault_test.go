package sim

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"

	"statefulsim/controller/store"
	"statefulsim/scenarios"
)

// The worlds that faults are tried in: three raft peers, and three pods that know nobody, which cost less.
var (
	raftPeers = head("OrderedReady", 3)
	plainPods = strings.Split(raftPeers, "runs:")[0] + "clients: [{name: writer, writes: db, zone: zone-a, rate: 2, retries: 1}]\nsteps:\n"
)

// probed is a world whose pods are probed by HTTP, and may be killed for it.
func probed(world string) string {
	return strings.Replace(world, "readinessProbe: {tcpSocket: {port: 80}, periodSeconds: 1}",
		`readinessProbe: {httpGet: {path: /healthz, port: 80}, periodSeconds: 1}
          livenessProbe: {httpGet: {path: /healthz, port: 80}, periodSeconds: 2}`, 1)
}

// faulty is a run of a world with these steps.
func faulty(t *testing.T, world, lasts string, steps ...string) *Recording {
	t.Helper()
	text := "for: " + lasts + "\n" + world + "- " + strings.Join(steps, "\n- ") + "\n"
	s, err := scenarios.Parse("faulty.yaml", []byte(text), fstest.MapFS{})
	require.NoError(t, err, "%s", text)
	return run(t, s, 2)
}

// lasting is each fault that lasts, as steps write it.
var lasting = map[string][]string{
	"crashLoop": {"crashLoop: db-1"}, "hang": {"hang: db-0", "hang: the primary of db"}, "slowStart": {"slowStart: {target: db-2, by: 5s}"},
	"failProbe": {"failProbe: {target: db-1, probe: readiness}"}, "slowProbe": {"slowProbe: {target: db-1, by: 2s}"},
	"failPull": {`failPull: {image: "*", target: the node of db-0}`},
	"crash":    {"crash: the node of db-0"}, "reboot": {"reboot: the node of db-0"},
	"partition": {"partition: {from: the node of db-0, to: everything else}"}, "hold": {"hold: {from: db-0, to: everything else}"},
	"degrade": {"degrade: {from: db-0, to: everything else, loss: 0.3}"},
	"dns":     {"dns: {answer: error}", "dns: {answer: nxdomain}", "dns: {answer: timeout}"},
	"disk":    {"disk: {target: db-0, fault: full}", "disk: {target: db-0, fault: slow, by: 20ms}"},
	"storage": {"storage: {operation: attach}", "storage: {operation: detach, how: hangs}"},
	"timers":  {"timers: {set: db, how: together}", "timers: {set: db, how: apart}"},
	"stop":    {}, "slow": {}, "stale": {},
}

func init() {
	for _, c := range scenarios.Components() {
		lasting["stop"] = append(lasting["stop"], "stop: "+c)
		lasting["slow"] = append(lasting["slow"], "slow: {component: "+c+", by: 1s}")
		lasting["stale"] = append(lasting["stale"], "stale: "+c)
	}
}

// Whatever lasts is healed completely, though a pod was deleted meanwhile: all pods are Ready again, and clients are served. The same
// seed tells the same story.
func TestEveryFaultHeals(t *testing.T) {
	for _, kind := range scenarios.Actions() {
		if !kind.Lasts {
			require.Empty(t, lasting[kind.Key])
			continue
		}
		require.NotEmpty(t, lasting[kind.Key], kind.Key)
		for _, fault := range lasting[kind.Key] {
			t.Run(fault, func(t *testing.T) {
				steps := []string{"{at: 40s, " + fault + "}", "{at: 42s, kubectl: delete pod db-1 --wait=false}", "{at: 70s, heal: all}"}
				if strings.HasPrefix(fault, "stop: kube-apiserver") {
					steps[1] = "{at: 42s, kill: db-1}"
				}
				world := plainPods
				if strings.Contains(fault, "primary") || kind.Key == "timers" {
					world = raftPeers
				}
				rec := faulty(t, world, "170s", steps...)
				requireRecovered(t, rec)
				for _, c := range rec.Clients {
					served := rec.find(func(e *Event) bool {
						return strings.HasPrefix(e.Name, c.Name+"-") && e.Verb == "ack" && e.At > 160*time.Second
					})
					require.NotEmpty(t, served, c.Name)
				}
				requireSameTrace(t, rec, faulty(t, world, "170s", steps...))
			})
		}
	}
}

// Two faults of one kind are healed each alone: what one of them causes lasts until both are over.
func TestFaultsCompose(t *testing.T) {
	rec := faulty(t, plainPods, "130s", "{name: a, at: 40s, stop: kube-controller-manager}", "{name: b, at: 50s, for: 30s, stop: kube-controller-manager}",
		"{at: 45s, kubectl: delete pod db-2 --wait=false}", "{at: 60s, heal: a}")
	requireRecovered(t, rec)
	require.InDelta(t, 81, first(t, rec, 45*time.Second, created).Seconds(), 2)

	asked := strings.Replace(plainPods, "tcpSocket: {port: 80}", "httpGet: {path: /, port: 80}", 1)
	rec = faulty(t, asked, "130s", "{name: a, at: 40s, hang: db-0}", "{name: b, at: 50s, for: 30s, hang: db-0}", "{at: 60s, heal: a}")
	requireRecovered(t, rec)
	answers := func(e *Event) bool { return e.Name == "db-0" && e.Verb == "ProbeSucceeded" }
	require.InDelta(t, 81, first(t, rec, 40*time.Second, answers).Seconds(), 2)

	rec = faulty(t, plainPods, "200s", "{at: 40s, for: 60s, stop: kube-apiserver}", "{at: 80s, for: 60s, stop: kube-controller-manager}",
		"{at: 110s, kubectl: delete pod db-2 --wait=false}")
	requireRecovered(t, rec)
	require.InDelta(t, 141, first(t, rec, 110*time.Second, created).Seconds(), 2)
}

// told counts the events of a name and a reason whose detail has the text in it.
func told(rec *Recording, name, reason, text string) int {
	return len(rec.find(func(e *Event) bool {
		return e.Name == name && e.Reason == reason && strings.Contains(e.Detail, text)
	}))
}

// states lists what the API server ever showed of a pod's container, without repetitions.
func states(rec *Recording, pod string) (all []string) {
	for _, f := range rec.Frames {
		p, ok := store.Get[*corev1.Pod](f.Store, "default", pod)
		if !ok || len(p.Status.ContainerStatuses) == 0 {
			continue
		}
		state := stateOf(&p.Status.ContainerStatuses[0])
		if len(all) == 0 || all[len(all)-1] != state {
			all = append(all, state)
		}
	}
	return all
}

func stateOf(c *corev1.ContainerStatus) string {
	switch last := c.LastTerminationState.Terminated; {
	case c.State.Waiting != nil:
		return c.State.Waiting.Reason
	case c.State.Terminated != nil:
		return fmt.Sprintf("%s %d", c.State.Terminated.Reason, c.State.Terminated.ExitCode)
	case last != nil:
		return fmt.Sprintf("running after %s %d", last.Reason, last.ExitCode)
	}
	return "running"
}

// requireIn holds that the list has each of those, in that order.
func requireIn(t *testing.T, all []string, wanted ...string) {
	t.Helper()
	rest := all
	for _, want := range wanted {
		at := slices.Index(rest, want)
		require.GreaterOrEqual(t, at, 0, "no %q in order in %q", want, all)
		rest = rest[at+1:]
	}
}
