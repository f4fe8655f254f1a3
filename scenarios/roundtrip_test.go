package scenarios

import (
	"math"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"statefulsim/scenarios/kubectl"
	"statefulsim/scenarios/words"
)

var simpleTargets = []string{"mysql-0", "pod mysql-1", "the primary of mysql", "a replica of mysql", "pods with role=replica",
	"pods with app.kubernetes.io/name=mysql,role=primary", "node node-a", "zone zone-b", "client writer", "the control plane"}

func drawTarget(t *rapid.T, label string) Target {
	text := rapid.SampledFrom(append([]string{"the node of mysql-0", "the node of the primary of mysql"}, simpleTargets...)).Draw(t, label)
	target, problem, _ := parseTarget(text)
	require.Empty(t, problem)
	return target
}

func drawAction(t *rapid.T) Action {
	from, to := drawTarget(t, "from"), drawTarget(t, "to")
	duration := rapid.Custom(func(t *rapid.T) time.Duration {
		return time.Duration(rapid.Int64Range(0, int64(time.Hour)).Draw(t, "ns"))
	})
	switch rapid.IntRange(0, 7).Draw(t, "kind") {
	case 0:
		kill := Kill{Container: rapid.SampledFrom([]string{"", "mysql"}).Draw(t, "container")}
		kill.Target, _, _ = parseTarget(rapid.SampledFrom(simpleTargets[:6]).Draw(t, "target"))
		return kill
	case 1:
		return Partition{From: from, To: to, OneWay: rapid.Bool().Draw(t, "oneWay")}
	case 2:
		return Hold{From: from, To: to}
	case 3:
		return Degrade{From: from, To: to, Latency: duration.Draw(t, "latency") + 1, Jitter: duration.Draw(t, "jitter"),
			Loss: rapid.Float64Range(0, 1).Draw(t, "loss"), Duplicate: rapid.Float64Range(0, 1).Draw(t, "duplicate")}
	case 5, 6:
		machine, _, _ := parseTarget(rapid.SampledFrom([]string{"node node-a", "zone zone-b", "the node of the primary of mysql"}).Draw(t, "machine"))
		if rapid.Bool().Draw(t, "crash") {
			return Crash{Target: machine}
		}
		return Reboot{Target: machine}
	case 4:
		return Heal{Step: rapid.SampledFrom([]string{"", "cut"}).Draw(t, "step")}
	}
	line := rapid.SampledFrom([]string{"scale sts/mysql --replicas=5", "delete pod mysql-0 --force", `set image sts/mysql "mysql=mysql:8.4"`,
		`patch sts mysql -p '{"spec": {"replicas": 4}}'`, "kubectl get pods -w", "rollout undo sts/mysql --to-revision=2", "evict mysql-1",
		"label pod mysql-0 a=b c- --overwrite", "taint nodes node-a a=b:NoExecute", "drain node-a --timeout=1m", "uncordon node-a",
		"apply -f manifests/mysql.yaml", "wait --for=jsonpath='{.status.readyReplicas}'=3 sts/mysql"}).Draw(t, "line")
	do, err := kubectl.Parse(line)
	require.NoError(t, err)
	return Kubectl{Line: line, Do: do}
}

// unplaced is a scenario's action without its positions.
func unplaced(a Action) Action {
	at := func(t *Target) {
		t.Pos = Pos{}
		if t.Of != nil {
			t.Of.Pos = Pos{}
		}
	}
	switch a := a.(type) {
	case Kubectl:
		a.Files = nil
		return a
	case Kill:
		at(&a.Target)
		return a
	case Crash:
		at(&a.Target)
		return a
	case Reboot:
		at(&a.Target)
		return a
	case Partition:
		at(&a.From)
		at(&a.To)
		return a
	case Hold:
		at(&a.From)
		at(&a.To)
		return a
	case Degrade:
		at(&a.From)
		at(&a.To)
		return a
	}
	return a
}

func TestActionsPrintAndParseBack(t *testing.T) {
	const before = "for: 1m\nmanifests: [manifests/mysql.yaml]\nruns: {mysql: raft}\nclients: [{name: writer, writes: mysql-primary}]\nsteps:\n" +
		"  - {name: cut, at: 1s, hold: {from: mysql-0}}\n  - at: 2s\n    "
	rapid.Check(t, func(t *rapid.T) {
		action := drawAction(t)
		s, err := Parse("test.yaml", []byte(before+action.String()+"\n"), embedded)
		require.NoError(t, err)
		require.Equal(t, action, unplaced(s.Steps[1].Do))
	})
}

func TestDistributionsPrintAndParseBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		low := time.Duration(rapid.Int64Range(1, int64(time.Hour)).Draw(t, "low"))
		high := low + time.Duration(rapid.Int64Range(0, int64(time.Hour)).Draw(t, "more"))
		d := rapid.SampledFrom([]Distribution{Constant(low), Uniform(low, high), LogNormal(low, high)}).Draw(t, "distribution")
		s, err := Parse("test.yaml", []byte("for: 1m\nlatencies: {disk: "+d.String()+"}\n"), nil)
		require.NoError(t, err)
		require.Equal(t, d, s.Latency("disk"))
		drawn := d.Draw(rapid.Uint64().Draw(t, "bits"))
		require.Positive(t, drawn)
		if d.shape != logNormal {
			require.GreaterOrEqual(t, drawn, low)
			require.LessOrEqual(t, drawn, high)
		}
	})
}

func TestDistributionsAreWhatTheySay(t *testing.T) {
	fraction := func(f float64) uint64 { return uint64(f * math.MaxUint64) }
	near := func(want, got time.Duration) { require.InEpsilon(t, float64(want), float64(got), 0.001) }
	d := LogNormal(3*time.Millisecond, 20*time.Millisecond)
	near(3*time.Millisecond, d.Draw(fraction(0.5)))
	near(20*time.Millisecond, d.Draw(fraction(0.99)))
	u := Uniform(2*time.Second, 6*time.Second)
	near(4*time.Second, u.Draw(fraction(0.5)))
	require.Equal(t, 2*time.Second, u.Draw(0))
	require.Equal(t, 6*time.Second, u.Draw(math.MaxUint64))
	require.Equal(t, time.Duration(1), Distribution{}.Draw(7))
	for _, bits := range []uint64{0, math.MaxUint64} {
		require.Positive(t, LogNormal(1, longestLatency).Draw(bits))
		require.LessOrEqual(t, LogNormal(1, longestLatency).Draw(bits), longestLatency)
	}
}

func TestHopsAreDocumented(t *testing.T) {
	seen := map[string]bool{}
	for _, h := range Hops() {
		require.False(t, seen[h.Name], h.Name)
		seen[h.Name] = true
		require.True(t, strings.HasSuffix(h.Doc, "."), h.Name)
		require.NotEmpty(t, h.Source, h.Name)
		require.Positive(t, h.Default.Draw(0), h.Name)
	}
	require.Len(t, seen, 30)
}

// TestParseNeverPanics changes bytes of files that are right.
func TestParseNeverPanics(t *testing.T) {
	scenario, err := embedded.ReadFile("primary-crash.yaml")
	require.NoError(t, err)
	manifest, err := embedded.ReadFile("manifests/mysql.yaml")
	require.NoError(t, err)
	shorter := strings.Replace(string(scenario), "manifests/mysql.yaml", "m.yaml", 1)
	rapid.Check(t, func(t *rapid.T) {
		files := fstest.MapFS{"m.yaml": &fstest.MapFile{Data: mutated(t, string(manifest))}}
		_, err := Parse("test.yaml", mutated(t, shorter), files)
		if err != nil {
			require.IsType(t, Problems{}, err)
			require.False(t, strings.ContainsFunc(strings.ReplaceAll(err.Error(), "\n", ""), words.Unprintable))
		}
	})
}

func mutated(t *rapid.T, text string) []byte {
	for range rapid.IntRange(0, 3).Draw(t, "changes") {
		from := rapid.IntRange(0, len(text)).Draw(t, "from")
		to := min(from+rapid.IntRange(0, 12).Draw(t, "length"), len(text))
		piece := rapid.SampledFrom([]string{"", " ", "\n", ":", "- ", "&a ", "*a", "<<: *a", "'", "\"", "{", "]", "|", "#", "---\n", "\t",
			"!!str ", "\x00", "\u202e", "é", "0", "-1", "~", "? ", "%"}).Draw(t, "piece")
		text = text[:from] + piece + text[to:]
	}
	return []byte(text)
}
