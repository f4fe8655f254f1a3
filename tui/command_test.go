package tui

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"statefulsim/scenarios"
	"statefulsim/sim"
	"statefulsim/sim/story"
)

// sceneOf is a scenario with the world of its run at an instant.
func sceneOf(t testing.TB, s *scenarios.Scenario, at time.Duration) *story.Scene {
	t.Helper()
	return story.Of(simulate(t, s)).At(at)
}

// Each line is typed at an instant at which mysql-0 leads, and means what stands beside it.
func TestCommandLines(t *testing.T) {
	s := newSession(load(t, "primary-crash", "")).scenario()
	scene := sceneOf(t, s, 60*time.Second)
	scene.Faults = append(scene.Faults, story.Fault{Step: "crash", Text: "crash: node node-b"}, story.Fault{Step: "stop", Text: "stop: kube-scheduler"})
	s.Steps = append(s.Steps, scenarios.Step{Name: "stop", Do: made(t, "stop", map[string]string{"component": "kube-scheduler"})})
	for _, c := range [][2]string{
		{"kill mysql-0", "kill: mysql-0"},
		{"  kill   the primary of mysql ", "kill: the primary of mysql"},
		{"kill leader", "kill: the primary of mysql"},
		{"kill mysql-0 mysql", "kill: {target: mysql-0, container: mysql}"},
		{"kill mysql-0 and mysql-1", "kill: mysql-0 and mysql-1"},
		{"kill pods with role=replica", "kill: pods with role=replica"},
		{"restart leader", "kill: the primary of mysql"},
		{"restart node-a", "reboot: node node-a for 1m0s"},
		{"restart mysql", "kubectl: rollout restart statefulset mysql"},
		{"restart kubelet node-a", "restartKubelet: node node-a"},
		{"crash node node-a", "crash: node node-a"},
		{"crash node-a for 30s", "crash: node node-a for 30s"},
		{"crash zone-a", "crash: zone zone-a"},
		{"crash the node of leader", "crash: the node of the primary of mysql"},
		{"reboot node-a for 5s", "reboot: node node-a for 5s"},
		{"partition node-a from node-b", "partition: {from: node node-a, to: node node-b}"},
		{"cut node-a node-b for 1m30s", "partition: {from: node node-a, to: node node-b} for 1m30s"},
		{"cut node-a", "partition: {from: node node-a, to: everything else}"},
		{"cut client writer", "partition: {from: client writer, to: everything else}"},
		{"cut mysql-0 mysql-1 except mysql-2", "partition: {from: mysql-0, to: mysql-1, except: mysql-2}"},
		{"cut mysql-0 oneWay", "partition: {from: mysql-0, to: everything else, oneWay: true}"},
		{"hold node-a from the control plane", "hold: {from: node node-a, to: the control plane}"},
		{"degrade node-a latency=50ms loss=0.1", "degrade: {from: node node-a, to: everything else, latency: 50ms, loss: 0.1}"},
		{"degrade node-a to node-b 50ms bandwidth=1Mi", "degrade: {from: node node-a, to: node node-b, latency: 50ms, bandwidth: 1048576}"},
		{"disk mysql-0 full", "disk: {target: mysql-0, fault: full}"},
		{"disk mysql-0 slow by 200ms", "disk: {target: mysql-0, fault: slow, by: 200ms}"},
		{"stop kube-scheduler for 20s", "stop: kube-scheduler for 20s"},
		{"start kube-scheduler", "heal: stop"},
		{"boot node-b", "heal: crash"},
		{"slow kube-scheduler 2s", "slow: {component: kube-scheduler, by: 2s}"},
		{"dns nxdomain mysql-0.*", "dns: {answer: nxdomain, names: \"mysql-0.*\"}"},
		{"heal", "heal: all"},
		{"heal all", "heal: all"},
		{`heal "crash"`, "heal: crash"},
		{"evict mysql-0", "evict: mysql-0"},
		{"crash loop mysql-1", "crashLoop: mysql-1"},
		{"crashLoop mysql-1", "crashLoop: mysql-1"},
		{"oom-kill mysql-1", "oomKill: mysql-1"},
		{"transfer leadership to mysql-1", "transferLeadership: mysql-1"},
		{"timers mysql together", "timers: {set: mysql, how: together}"},
		{"force-delete mysql-0", "kubectl: delete pod mysql-0 --grace-period=0 --force"},
		{"delete mysql-0", "kubectl: delete pod mysql-0"},
		{"kubectl delete pod/mysql-0 --now", "kubectl: delete pod/mysql-0 --now"},
		{"scale mysql 5", "kubectl: scale statefulset mysql --replicas=5"},
		{"scale mysql --replicas=5", "kubectl: scale statefulset mysql --replicas=5"},
		{"scale sts/mysql --replicas 5", "kubectl: scale sts/mysql --replicas 5"},
		{"set image mysql mysql:8.5", `kubectl: "set image statefulset mysql *=mysql:8.5"`},
		{"set image sts/mysql mysql=mysql:8.5", `kubectl: "set image sts/mysql mysql=mysql:8.5"`},
		{"set partition mysql 2", `kubectl: "patch statefulset mysql -p '{\"spec\":{\"updateStrategy\":{\"rollingUpdate\":{\"partition\":2}}}}'"`},
		{"rollout undo mysql", "kubectl: rollout undo statefulset mysql"},
		{"drain node-a --ignore-daemonsets --delete-emptydir-data", "kubectl: drain node-a --ignore-daemonsets --delete-emptydir-data"},
		{"cordon node-a", "kubectl: cordon node-a"},
		{"label mysql-0 a=b", "kubectl: label pod mysql-0 a=b"},
		{"taint node-a a=b:NoExecute", `kubectl: "taint node node-a a=b:NoExecute"`},
		{`patch sts mysql -p '{"spec":  {"replicas": 4}}'`, `kubectl: "patch sts mysql -p '{\"spec\":  {\"replicas\": 4}}'"`},
	} {
		d, err := parseCommand(c[0], scene, s)
		require.NoError(t, err, c[0])
		got := d.do.String()
		if d.last > 0 {
			got += " for " + d.last.String()
		}
		require.Equal(t, c[1], got, c[0])
		require.Equal(t, scene.At+time.Millisecond, d.at)
		require.Equal(t, strings.TrimSpace(c[0]), d.line)
	}
}

// What is wrong is told with what to type instead.
func TestWrongCommandLines(t *testing.T) {
	s := newSession(load(t, "primary-crash", "")).scenario()
	scene := sceneOf(t, s, 60*time.Second)
	for _, c := range [][2]string{
		{"", "nothing is typed: kill mysql-0, cut node-a, or kubectl's words"},
		{"kil mysql-0", `no command is named "kil": did you mean "kill"?`},
		{"kill", "kill needs to know more: the pods: kill TARGET [container=…]"},
		{"kill mysql-9", `"mysql-9" is not a pod that there is now: did you mean "mysql-0"?`},
		{"kill fred", `"fred" is not a pod that there is now: known are: mysql-0, mysql-1, mysql-2, the primary of mysql, a replica of mysql`},
		{"kill node-a", "node node-a is not a pod: known are: mysql-0, mysql-1, mysql-2, the primary of mysql, a replica of mysql"},
		{"kill the primary of web", `no StatefulSet with a primary is named "web" now: known are: mysql`},
		{"kill mysql-0 now", `"now" is no container of kill: known are: mysql`},
		{"kill mysql-0 for 10s", "what the step does takes no time: for belongs to kubectl and to faults that last, such as partition or crash"},
		{"cut node-a for ever", `"ever" is no length of time: write it like for 30s or for 1m30s`},
		{"crash mysql-0", "mysql-0 is a pod, and not a node or a zone: the node of mysql-0"},
		{"cut node-a from node-z", `"node-z" is not a pod, a node, a zone or a client that there is now: did you mean "node-a"?`},
		{"degrade node-a loss=2", `"2" is no probability for loss: write it like 0.1`},
		{"degrade node-a", "the degradation makes nothing worse: give it a latency, a jitter, a loss, a duplicate, a reorder or a bandwidth above 0"},
		{"disk mysql-0 ful", `"ful" is no fault of disk: did you mean "full"?`},
		{"disk mysql-0", "disk needs to know more: what is wrong with them: disk TARGET full|readOnly|slow|lyingFsync|corrupt|lost [by=…] [for 30s]"},
		{"stop etcd", `"etcd" is no component of stop: known are: kube-apiserver, kube-controller-manager, kube-scheduler, csi-driver, coredns`},
		{"degrade node-a latency=1s latency=2s", "latency is given twice: degrade FROM"},
		{"cut node-a from node-b from node-c", `"from node-c" is too much: partition FROM`},
		{"heal crash", `nothing named "crash" is in force now: known are: all`},
		{"start kube-scheduler", "kube-scheduler was not stopped: heal NAME, with one of all"},
		{"scale web 5", `no kind "web" can be meant here`},
		{"scale mysql", "scale needs the flag --replicas: --replicas=5"},
		{"delete pod mysql-7", `no pod is named "mysql-7" now: did you mean "mysql-0"?`},
		{"cordon node-q", `no node is named "node-q" now: did you mean "node-a"?`},
		{"set partition mysql two", `"two" is no ordinal: set partition mysql 2`},
		{"set image mysql web=mysql:9", `no container of mysql is named "web": known are: mysql`},
		{"apply -f x.yaml", "files cannot be read here: use patch, set, scale or delete with names, or put the manifest into the scenario's file"},
		{"delete -f x.yaml", "files cannot be read here: use patch, set, scale or delete with names, or put the manifest into the scenario's file"},
		{"logs mysql-0", "kubectl logs is not simulated: sim run -v shows what each process does"},
		{"kubectl frob", `kubectl "frob" is not simulated`},
		{`heal "crash`, "a quote is open at the end: close it"},
		{"kill \x1b[31m", `no`},
	} {
		_, err := parseCommand(c[0], scene, s)
		require.Error(t, err, c[0])
		require.Contains(t, err.Error(), c[1], c[0])
		require.NotContains(t, err.Error(), "\x1b")
	}
	scene.At = s.For
	_, err := parseCommand("kill mysql-0", scene, s)
	require.ErrorContains(t, err, "the run ends at")
}

func TestCompletions(t *testing.T) {
	s := newSession(load(t, "primary-crash", "")).scenario()
	scene := sceneOf(t, s, 60*time.Second)
	scene.Faults = append(scene.Faults, story.Fault{Step: "cut-node-a", Text: "partition: {from: node node-a, to: everything else}"})
	of := func(line string) []string { return completions(line, scene, s) }
	require.Equal(t, "kill", of("")[0])
	require.Equal(t, []string{"scale"}, of("sc"))
	require.Equal(t, []string{"kill mysql-0", "kill mysql-1", "kill mysql-2", "kill the primary of mysql", "kill a replica of mysql"}, of("kill "))
	require.Equal(t, of("kill "), of("  kill   "))
	require.Equal(t, of("kill "), of("kill"))
	require.Equal(t, []string{"kill the primary of mysql"}, of("kill the pr"))
	require.Equal(t, "cut node-a for 30s", of("cut node-a ")[0])
	require.Contains(t, of("cut node-a from n"), "cut node-a from node-b")
	require.Equal(t, []string{"degrade mysql-0 latency=100ms"}, of("degrade mysql-0 l")[:1])
	require.Contains(t, of("degrade mysql-0 latency=20ms l"), "degrade mysql-0 latency=20ms loss=0.1")
	require.Equal(t, []string{"heal all", "heal cut-node-a"}, of("heal "))
	require.Equal(t, []string{"scale mysql --replicas=4", "scale mysql --replicas=2", "scale mysql --replicas=5", "scale mysql --replicas=0"}, of("scale mysql "))
	require.Equal(t, "kubectl scale mysql --replicas=4", of("kubectl scale mysql")[0])
	require.Empty(t, of("kubectl scale mysql --replicas=4"), "nothing can be added")
	require.Empty(t, of("kubectl kill"))
	require.Equal(t, []string{"set image mysql *=mysql:8.4.1"}, of("set image mysql "))
	require.Equal(t, []string{"delete pod mysql-0", "delete pod mysql-1", "delete pod mysql-2"}, of("delete pod my"))
	require.Equal(t, []string{"disk mysql-0 full"}, of("disk mysql-0 fu"))
	require.Equal(t, []string{"drain node-a --ignore-daemonsets"}, of("drain node-a --i"))
	require.Empty(t, of("frobnicate "))
	for _, v := range verbs {
		require.NotEmpty(t, described(v.word))
		for _, line := range of(v.word + " ") {
			require.Contains(t, line, v.word)
		}
	}
}

// Whoever takes completions as they come is led to a command, and can always go on until it is one.
func TestCompletionsLeadToCommands(t *testing.T) {
	random := rand.New(rand.NewPCG(5, 5))
	for _, of := range [][2]string{{"primary-crash", ""}, {"replicated-mysql", ""}} {
		s := newSession(load(t, of[0], of[1])).scenario()
		scene := sceneOf(t, s, 60*time.Second)
		for _, v := range verbs {
			line := v.word
			for {
				_, err := parseCommand(line, scene, s)
				next := completions(line+" ", scene, s)
				if len(next) == 0 {
					require.True(t, err == nil || line == v.word, "%s: %v", line, err) // a verb may have nothing that it could be done to
					break
				}
				line = next[random.IntN(len(next))]
			}
		}
	}
}

// What is in another namespace is found by its name alone, as no two sets have one name.
func TestCommandLinesInAnotherNamespace(t *testing.T) {
	s, err := scenarios.Parse("shop.yaml", []byte(`for: 60s
cluster: {nodes: [{name: node-1, zone: zone-a}]}
runs: {my-sql: raft}
manifests:
- {apiVersion: v1, kind: Service, metadata: {name: mysql, namespace: shop}, spec: {clusterIP: None, publishNotReadyAddresses: true, selector: {a: b}, ports: [{port: 3306}]}}
- apiVersion: apps/v1
  kind: StatefulSet
  metadata: {name: my-sql, namespace: shop}
  spec:
    serviceName: mysql
    selector: {matchLabels: {a: b}}
    template:
      metadata: {labels: {a: b}}
      spec: {containers: [{name: db, image: "db:1"}]}
`), nil)
	require.NoError(t, err)
	scene := sceneOf(t, s, 50*time.Second)
	for _, c := range [][2]string{
		{"kill my-sql-0", "kill: my-sql-0"},
		{"kill shop/my-sql-0", "kill: my-sql-0"},
		{"restart leader", "kill: the primary of my-sql"},
		{"cut node-1", "partition: {from: node node-1, to: everything else}"},
		{"timers shop/my-sql apart", "timers: {set: my-sql, how: apart}"},
		{"delete my-sql-0", "kubectl: delete pod my-sql-0 -n shop"},
		{"delete pod my-sql-0", "kubectl: delete pod my-sql-0 -n shop"},
		{"delete pod/my-sql-0 --now", "kubectl: delete pod/my-sql-0 --now -n shop"},
		{"force-delete my-sql-0", "kubectl: delete pod my-sql-0 --grace-period=0 --force -n shop"},
		{"kubectl scale my-sql 2", "kubectl: scale statefulset my-sql --replicas=2 -n shop"},
		{"kubectl evict my-sql-0", "kubectl: evict my-sql-0 -n shop"},
		{`annotate my-sql note="wait  for it"`, `kubectl: "annotate statefulset my-sql note=\"wait  for it\" -n shop"`},
		{"set partition my-sql 1", `kubectl: "patch statefulset my-sql -p '{\"spec\":{\"updateStrategy\":{\"rollingUpdate\":{\"partition\":1}}}}' -n shop"`},
		{"get pods -A", "kubectl: get pods -A"},
		{"cordon node-1", "kubectl: cordon node-1"},
	} {
		d, err := parseCommand(c[0], scene, s)
		require.NoError(t, err, c[0])
		require.Equal(t, c[1], d.do.String(), c[0])
	}
	for _, on := range thingsOf(scene, s) {
		for _, c := range menu(on, scene, s) {
			_, err := parseCommand(c.line, scene, s)
			require.NoError(t, err, c.line)
		}
	}
}

// Whatever a menu offers is understood, in whatever state the world is.
func TestMenusAreUnderstood(t *testing.T) {
	for _, of := range [][2]string{{"primary-crash", ""}, {"partial-partition", "bridge"}, {"multi-attach-six-minutes", ""}, {"replicated-mysql", ""}, {"ordered-start", ""}} {
		runs, err := scenarios.Load(of[0], scenarios.Choice{})
		require.NoError(t, err)
		s := newSession(runs[0]).scenario()
		tale := story.Of(simulate(t, s))
		for _, part := range []time.Duration{1, 60} {
			scene := tale.At(s.For * part / 100)
			for _, on := range thingsOf(scene, s) {
				for _, c := range menu(on, scene, s) {
					_, err := parseCommand(c.line, scene, s)
					require.NoError(t, err, "%s at %v: %s", of[0], scene.At, c.line)
					require.NotEmpty(t, c.title)
				}
			}
		}
	}
}

// thingsOf are all things of a scene that a menu can be about.
func thingsOf(scene *story.Scene, s *scenarios.Scenario) (all []thing) {
	p := newTypist(scene, s)
	kinds := map[string]string{"Pod": "pod", "StatefulSet": "statefulset", "Node": "node", "Service": "service", "PersistentVolumeClaim": "volume"}
	for _, o := range p.objects {
		name := o.name
		if o.namespace != "" && o.namespace != "default" {
			name = o.namespace + "/" + name
		}
		all = append(all, thing{kinds[o.kind], name})
	}
	for kind, names := range map[string][]string{"zone": p.zones(), "client": p.clients(), "component": p.components()} {
		for _, name := range names {
			all = append(all, thing{kind, name})
		}
	}
	for _, f := range scene.Faults {
		all = append(all, thing{"fault", f.Step})
	}
	slices.SortFunc(all, func(a, b thing) int { return strings.Compare(a.kind+a.name, b.kind+b.name) })
	return all
}

// What menus offer can be done: each entry of the menus of one thing of a kind is done to the world, and none is refused.
func TestMenusCanBeDone(t *testing.T) {
	base := load(t, "primary-crash", "")
	s := newSession(base)
	scene := sceneOf(t, s.scenario(), 60*time.Second)
	var kinds []string
	for _, on := range thingsOf(scene, s.scenario()) {
		if slices.Contains(kinds, on.kind) {
			continue
		}
		kinds = append(kinds, on.kind)
		choices := menu(on, scene, s.scenario())
		require.NotEmpty(t, choices, on)
		for _, c := range choices {
			d, err := parseCommand(c.line, scene, s.scenario())
			require.NoError(t, err, c.line)
			s.act(d)
			now := s.scenario()
			now.For = scene.At + 5*time.Second
			now.Expect, now.Steps = nil, now.Steps[len(base.Steps):]
			rec, err := sim.Run(context.Background(), now, sim.Options{Seed: 1})
			require.NoError(t, err, c.line)
			for _, e := range rec.Events {
				if e.Kind == "Step" && (e.Verb == "fail" || e.Verb == "skip") && e.Detail != "error: no last revision to roll back to" {
					t.Errorf("%v %s: %s: %s", on, c.line, e.Reason, e.Detail)
				}
			}
			s.undo()
		}
	}
	require.Equal(t, []string{"client", "component", "node", "pod", "service", "statefulset", "volume", "zone"}, kinds, fmt.Sprint(kinds))
}
