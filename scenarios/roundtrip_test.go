package scenarios

import (
	"math"
	"reflect"
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

func drawTarget(t *rapid.T, typ string) Target {
	texts := append([]string{"the pods of mysql", "the minority side of mysql", "one of mysql-0, mysql-1", "mysql-0 and a replica of mysql"}, simpleTargets[:6]...)
	switch typ {
	case "machines":
		texts = []string{"node node-a", "zone zone-b", "the node of the primary of mysql", "every node", "the nodes of mysql", "one of the zones",
			"the zone of mysql-0"}
	case "places":
		texts = append([]string{"the node of mysql-0", "the node of the primary of mysql"}, simpleTargets...)
	}
	target, problem, _ := parseTarget(rapid.SampledFrom(texts).Draw(t, typ))
	require.Empty(t, problem)
	return target
}

// drawField gives a field of an action a value that it can have.
func drawField(t *rapid.T, f Field, v reflect.Value) {
	switch field := v.Addr().Interface().(type) {
	case *Target:
		*field = drawTarget(t, f.Type)
	case *time.Duration:
		*field = time.Duration(rapid.Int64Range(1, int64(time.Hour)).Draw(t, f.Key))
	case *float64:
		*field = rapid.Float64Range(0, 1).Draw(t, f.Key)
	case *int64:
		*field = rapid.Int64Range(1, 1<<40).Draw(t, f.Key)
	case *bool:
		*field = rapid.Bool().Draw(t, f.Key)
	case *string:
		words := map[string][]string{"container": {"mysql"}, "set": {"mysql"}, "component": Components(), "step": {"", "cut"}, "text": {"mysql:8.4", "a*", "true"}}[f.Type]
		if len(f.OneOf) > 0 {
			words = f.OneOf
		}
		*field = rapid.SampledFrom(words).Draw(t, f.Key)
	}
}

func drawAction(t *rapid.T) Action {
	kind := rapid.SampledFrom(append([]ActionKind{{}}, actionKinds...)).Draw(t, "kind")
	if kind.zero != nil {
		value := reflect.New(kind.zero).Elem()
		for _, f := range kind.Fields {
			if f.Required || rapid.Bool().Draw(t, "has "+f.Key) {
				drawField(t, f, value.Field(f.index))
			} else {
				(&reader{text: &text{}}).byDefault(f, &node{}, value)
			}
		}
		if d, is := value.Interface().(Degrade); is && d.Latency == 0 {
			d.Latency = 1
			return d
		}
		return value.Interface().(Action)
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
	if k, is := a.(Kubectl); is {
		k.Files = nil
		return k
	}
	value := reflect.New(reflect.TypeOf(a)).Elem()
	value.Set(reflect.ValueOf(a))
	for i := range value.NumField() {
		if t, is := value.Field(i).Addr().Interface().(*Target); is {
			t.Pos = Pos{}
			if t.Of != nil {
				t.Of.Pos = Pos{}
			}
		}
	}
	return value.Interface().(Action)
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
	require.Len(t, seen, 31)
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
