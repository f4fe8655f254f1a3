package scenarios

import (
	"fmt"
	"strings"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

var someWords = []string{"a", "quorum", "it's", `"quoted"`, "a:", "b: c", "#", "- d", "{e}", "[f]", "${g}", "$${h}", "true", "12", "~", "null", "é", "<&>",
	"|", ">", "%", "@", "`", "!i", "*j", "&k", "?", ",", "---", `\`}

func drawWords(t *rapid.T, label string) string {
	return strings.Join(rapid.SliceOfN(rapid.SampledFrom(someWords), 0, 5).Draw(t, label), " ")
}

func drawDuration(t *rapid.T, label string, most time.Duration) time.Duration {
	return time.Duration(rapid.Int64Range(1, int64(most)).Draw(t, label))
}

// drawScenario draws one about the MySQL of the manifests.
func drawScenario(t *rapid.T) *Scenario {
	s, err := Parse("drawn.yaml", []byte("for: 10m\nmanifests: [manifests/mysql.yaml]\nruns: {mysql: raft}\nclients: [{name: writer, writes: mysql-primary}]\n"), embedded)
	require.NoError(t, err)
	s.Title, s.Teaches = drawWords(t, "title"), rapid.SampledFrom(append([]string{""}, topics...)).Draw(t, "teaches")
	var lines []string
	for i := range rapid.IntRange(0, 3).Draw(t, "lines") {
		lines = append(lines, drawWords(t, fmt.Sprint("line ", i)))
	}
	s.Why = strings.TrimSpace(strings.Join(lines, "\n"))
	if rapid.Bool().Draw(t, "links") {
		s.Links = []string{"https://example.com/a?b=c#d"}
	}
	if rapid.Bool().Draw(t, "recovers") {
		s.Recovers = drawDuration(t, "recovery", time.Hour)
	}
	s.Kubernetes.Version = rapid.SampledFrom(append([]string{""}, versions...)).Draw(t, "version")
	if rapid.Bool().Draw(t, "gate") {
		s.Kubernetes.Gates = map[string]bool{"MaxUnavailableStatefulSet": rapid.Bool().Draw(t, "on")}
	}
	drawCluster(t, s)
	drawProcess(t, s)
	drawClient(t, s)
	if rapid.Bool().Draw(t, "latency") {
		s.Latencies = map[string]Distribution{"disk": Constant(drawDuration(t, "disk", time.Second)), "watch": Uniform(1, drawDuration(t, "watch", time.Second))}
	}
	drawSteps(t, s)
	drawExpectations(t, s)
	s.Breaks = rapid.SliceOfNDistinct(rapid.SampledFrom(Breakable), 0, 3, rapid.ID).Draw(t, "breaks")
	return s
}

func drawCluster(t *rapid.T, s *Scenario) {
	sizes := rapid.Custom(func(t *rapid.T) Node {
		n := defaultNode
		n.CPU = rapid.SampledFrom([]string{"4", "500m", "8"}).Draw(t, "cpu")
		n.Memory = rapid.SampledFrom([]string{"16Gi", "1e9", "64Gi"}).Draw(t, "memory")
		n.Pods = rapid.SampledFrom([]int64{110, 3}).Draw(t, "pods")
		if rapid.Bool().Draw(t, "marked") {
			n.Labels, n.Taints = map[string]string{"disk": "ssd", "on": "true", "n": "1"}, []string{"a=b:NoSchedule", "c:NoExecute"}
		}
		return n
	})
	// node-a, zone-b and so on, of which drawn targets speak, are always there.
	var nodes []Node
	each := rapid.IntRange(1, 2).Draw(t, "alike")
	size := sizes.Draw(t, "size")
	for _, zone := range defaultZones {
		for i := range each {
			n := size
			n.Name, n.Zone = nodeName(zone, i+1, each), zone
			nodes = append(nodes, n)
		}
	}
	if each > 1 || rapid.Bool().Draw(t, "spare") {
		spare := sizes.Draw(t, "spare size")
		spare.Name, spare.Zone = "node-a", rapid.SampledFrom([]string{"", "zone-c"}).Draw(t, "spare zone")
		if each == 1 {
			spare.Name = "spare"
		}
		nodes = append(nodes, spare)
	}
	s.Cluster.Nodes = nodes
	s.Cluster.DNS.TTL = rapid.SampledFrom([]time.Duration{0, 5 * time.Second, 30 * time.Second}).Draw(t, "ttl")
}

func drawProcess(t *rapid.T, s *Scenario) {
	p := Process{Kind: Raft}
	if rapid.Bool().Draw(t, "replicated") {
		p = defaultProcess(Replicated)
		p.Replication.Mode = rapid.SampledFrom([]string{Async, Sync}).Draw(t, "mode")
		p.Replication.FailoverDelay = drawDuration(t, "delay", time.Minute)
		p.Replication.MaxLag = rapid.Int64Range(0, 10).Draw(t, "lag")
	} else {
		p.HeartbeatTimeout = time.Second + drawDuration(t, "heartbeat", time.Second)
		p.ElectionTimeout = p.HeartbeatTimeout
		p.Stays, p.PeersJSON = rapid.Bool().Draw(t, "stays"), rapid.Bool().Draw(t, "peersJSON")
		p.TrailingLogs = rapid.Uint64Range(1, 99).Draw(t, "trailing")
	}
	s.Runs = map[string]Process{"mysql": p}
}

func drawClient(t *rapid.T, s *Scenario) {
	c := &s.Clients[0]
	c.Writes, c.Stale = false, rapid.Bool().Draw(t, "stale")
	c.Zone = rapid.SampledFrom([]string{"", "zone-b"}).Draw(t, "client zone")
	c.Rate = rapid.Float64Range(0.001, 1000).Draw(t, "rate")
	c.Retries, c.Keys = rapid.IntRange(0, 5).Draw(t, "retries"), rapid.IntRange(1, 9).Draw(t, "keys")
	c.From = drawDuration(t, "from", time.Minute)
	c.Until = c.From + drawDuration(t, "until", time.Minute)
}

func drawSteps(t *rapid.T, s *Scenario) {
	s.Steps = []Step{{Name: "cut", At: time.Second, Do: Hold{From: mustTarget("mysql-0"), To: mustTarget("everything else")}}}
	for i := range rapid.IntRange(0, 3).Draw(t, "steps") {
		step := Step{Name: fmt.Sprint("step ", i+2), At: drawDuration(t, "at", 10*time.Minute-1), Do: drawAction(t)}
		if k, is := step.Do.(Kubectl); is && filesOf(k.Do) != nil {
			continue // its files are read when it is
		}
		if _, is := step.Do.(Timers); is && s.Runs["mysql"].Kind != Raft {
			continue // nobody has timers
		}
		if rapid.Bool().Draw(t, "when") {
			step.At, step.After = 0, drawDuration(t, "after", time.Minute)
			step.When = mustCondition(t)
		}
		if _, is := step.Do.(Reboot); is {
			step.For = usualReboot
		}
		s.Steps = append(s.Steps, step)
		if k := kindOfAction(step.Do); k != nil && k.Lasts && rapid.Bool().Draw(t, "for") {
			s.Steps[len(s.Steps)-1].For = drawDuration(t, "length", time.Minute)
		}
	}
	for i := range s.Steps[1:] {
		s.Steps[i+1].Name = fmt.Sprint("step ", i+2)
	}
}

func drawExpectations(t *rapid.T, s *Scenario) {
	for range rapid.IntRange(0, 3).Draw(t, "expectations") {
		e := Expectation{Mode: rapid.SampledFrom([]Mode{Finally, AtInstant, Always, Never, Eventually, InOrder}).Draw(t, "mode")}
		switch e.Mode {
		case AtInstant:
			e.At = drawDuration(t, "judged at", time.Minute)
		case Always, Eventually:
			e.Until = drawDuration(t, "judged until", time.Minute)
		case Never:
			e.After, e.Within = []string{"cut"}, drawDuration(t, "within", time.Minute)
		}
		if e.Mode == InOrder {
			e.Order = []*Expr{mustCondition(t), mustCondition(t)}
		} else {
			e.That = mustCondition(t)
		}
		if e.Name = drawWords(t, "expectation"); e.Name == "" {
			e.Name = e.called()
		}
		s.Expect = append(s.Expect, e)
	}
}

func mustTarget(text string) Target {
	target, problem, _ := parseTarget(text)
	if problem != "" {
		panic(problem)
	}
	return target
}

func mustCondition(t *rapid.T) *Expr {
	e, err := Condition(rapid.SampledFrom([]string{"now > 5", `pods.all(p, p.name != "it's" && p.ready)`, `sets.exists(s, s.name == 'a"b')`,
		"now > 1 &&\n  now < 9", `pods.exists(p, p.name == "${x}")`}).Draw(t, "condition"))
	require.NoError(t, err)
	return e
}
