package battery

import (
	"bytes"
	"context"
	"encoding/json"
	"encoding/xml"
	"flag"
	"io/fs"
	"os"
	"path/filepath"
	"runtime/debug"
	"strings"
	"testing"
	"testing/fstest"
	"time"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"statefulsim/sim"
	"statefulsim/sim/engine"
	"statefulsim/sim/report/junit"
)

var update = flag.Bool("update", false, "write the golden files and the tables of the documentation anew")

// TestMain starts the tests again in the environment that repeatable runs need.
func TestMain(m *testing.M) {
	debug.SetGCPercent(400) // as the command has it
	if err := engine.StartAgain(os.Environ()); err != nil {
		panic(err)
	}
	os.Exit(m.Run())
}

// usual is the cluster that the command makes.
func usual(o Options) Options {
	o.Seed, o.Zones, o.NodesPerZone = 1, 3, 2
	return o
}

// card runs a battery in this process.
func card(t testing.TB, fsys fs.FS, file string, o Options) *Card {
	t.Helper()
	b, err := New(context.Background(), fsys, ".", []string{file}, usual(o))
	require.NoError(t, err)
	results := make([]Result, b.Len())
	for i := range results {
		results[i], err = b.Run(context.Background(), i)
		require.NoError(t, err)
	}
	return b.Card(results)
}

func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if *update {
		require.NoError(t, os.WriteFile(file, got, 0o644))
	}
	want, err := os.ReadFile(file)
	require.NoError(t, err)
	require.Equal(t, strings.Split(string(want), "\n"), strings.Split(string(got), "\n"), "run the test with -update")
}

func text(t *testing.T, c *Card, width int) []byte {
	t.Helper()
	var b bytes.Buffer
	require.NoError(t, c.Text(&b, width))
	return b.Bytes()
}

// The card of the MySQL manifest, as a terminal of 120 columns and one of 80 show it.
func TestMySQL(t *testing.T) {
	c := card(t, os.DirFS("../../scenarios/manifests"), "mysql.yaml", Options{})
	golden(t, "mysql.txt", text(t, c, 120))
	golden(t, "mysql-80.txt", text(t, c, 80))
	require.Len(t, c.rows(), len(drills)+1, "each drill finds something to hit")
}

// The card of a manifest with which everything is wrong.
func TestBadManifest(t *testing.T) {
	c := card(t, os.DirFS("testdata"), "bad.yaml", Options{Drills: []string{"drain", "update", "bad-update"}})
	golden(t, "bad.txt", text(t, c, 120))
	require.False(t, c.Passed)
}

// Prose keeps within the page; what can be copied, and what is about a place in a file, may be longer.
func TestWidth(t *testing.T) {
	for _, name := range []string{"mysql-80.txt", "mysql.txt", "bad.txt"} {
		data, err := os.ReadFile(filepath.Join("testdata", name))
		require.NoError(t, err)
		width := 120
		if name == "mysql-80.txt" {
			width = 80
		}
		for line := range strings.SplitSeq(string(data), "\n") {
			copied := strings.HasPrefix(line, "      ") || strings.Contains(line, "  spec.") || strings.HasPrefix(line, "PASS") || strings.HasPrefix(line, "FAIL")
			require.True(t, copied || utf8.RuneCountInString(line) <= width, "%s: %s", name, line)
		}
	}
}

func TestSameSeedSameCard(t *testing.T) {
	o := Options{Drills: []string{"zone-cut"}}
	manifests := os.DirFS("../../scenarios/manifests")
	require.Equal(t, card(t, manifests, "mysql.yaml", o), card(t, manifests, "mysql.yaml", o))
}

// A drill finds what it is there to find.
func TestDrillsFind(t *testing.T) {
	good, err := os.ReadFile("testdata/good.yaml")
	require.NoError(t, err)
	for _, c := range []struct {
		drill            string
		was, is          string
		verdict, because string
	}{
		{drill: "drain", verdict: Yes},
		{drill: "drain", was: "maxUnavailable: 1", is: "maxUnavailable: 0", verdict: No, because: "global timeout reached"},
		{drill: "slow-start", verdict: Yes},
		{drill: "slow-start", was: "failureThreshold: 120", is: "failureThreshold: 3", verdict: ByHand, because: "is not Ready"},
		{drill: "bad-update", was: "podManagementPolicy: Parallel", is: "podManagementPolicy: OrderedReady", verdict: ByHand, because: "is Pending"},
		{drill: "node-lost", was: "replicas: 3", is: "replicas: 1", verdict: No, because: "the Service db-rw does not come back"},
		{drill: "out-of-service", verdict: Yes},
		{drill: "node-cut", verdict: Lost, because: "acknowledged writes are missing"},
	} {
		manifest := strings.Replace(string(good), c.was, c.is, 1)
		b, err := New(context.Background(), fstest.MapFS{"m.yaml": {Data: []byte(manifest)}}, ".", []string{"m.yaml"}, usual(Options{Drills: []string{c.drill}}))
		require.NoError(t, err)
		result, err := b.Run(context.Background(), 0)
		require.NoError(t, err)
		require.Equal(t, c.verdict, result.Verdict, "%+v: %s", c, result.Reason)
		require.Contains(t, result.Reason, c.because)
	}
}

// What cannot be used is said, with a cure; what is silly is taken as it is.
func TestInput(t *testing.T) {
	good, err := os.ReadFile("testdata/good.yaml")
	require.NoError(t, err)
	_, set, _ := strings.Cut(string(good), "kind: StatefulSet")
	set = "apiVersion: apps/v1\nkind: StatefulSet" + set
	for _, c := range []struct {
		manifest string
		o        Options
		err      string
	}{
		{"apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\n", Options{}, "there is no StatefulSet"},
		{strings.Replace(set, "replicas: 3", "replicas: 0", 1), Options{}, "no StatefulSet has any replicas"},
		{strings.Replace(set, "replicas: 3", "replicas: -1", 1), Options{}, "must be greater than or equal to 0"},
		{strings.Replace(set, "replicas: 3", "replicsa: 3", 1), Options{}, "replicsa"},
		{set, Options{Runs: []string{"bd=raft"}}, `did you mean "db"?`},
		{set, Options{Runs: []string{"db=rfat"}}, `did you mean "raft"?`},
		{set, Options{Runs: []string{"db=raft,lease=1s"}}, `a process has no field "lease"`},
		{set, Options{Drills: []string{"dran"}}, `did you mean "drain"?`},
	} {
		_, err := New(context.Background(), fstest.MapFS{"m.yaml": {Data: []byte(c.manifest)}}, ".", []string{"m.yaml"}, usual(c.o))
		require.ErrorContains(t, err, c.err)
	}
	for _, manifest := range []string{
		set, // no Service, no StorageClass
		strings.Replace(set, "replicas: 3", "replicas: 90000", 1),
		strings.Replace(set, "memory: 1Gi", "memory: 8Ei", 1),
		strings.Replace(set, "terminationGracePeriodSeconds: 60", "nodeSelector: {disk: ssd}", 1),
		strings.Replace(set, "replicas: 3", "ordinals: {start: 7}", 1),
	} {
		card(t, fstest.MapFS{"m.yaml": {Data: []byte(manifest)}}, "m.yaml", Options{Drills: []string{"delete"}})
	}
}

// A large set is made smaller, and may lose as many pods as before.
func TestCut(t *testing.T) {
	good, err := os.ReadFile("testdata/good.yaml")
	require.NoError(t, err)
	for minAvailable, want := range map[string]string{"88": "7", "90": "9", "50": "0", "50%": "50%"} {
		manifest := strings.Replace(strings.Replace(string(good), "replicas: 3", "replicas: 90", 1), "maxUnavailable: 1", "minAvailable: "+minAvailable, 1)
		s, err := newStage(fstest.MapFS{"m.yaml": {Data: []byte(manifest)}}, "check", []string{"m.yaml"}, usual(Options{}))
		require.NoError(t, err)
		cut(s.objects)
		set := s.sets[0].StatefulSet
		require.EqualValues(t, mostReplicas, *set.Spec.Replicas)
		require.Equal(t, want, budgetsOf(set, s.objects)[0].Spec.MinAvailable.String())
	}
}

// Pods that do not fit are the first finding, and nothing is drilled.
func TestDoesNotStart(t *testing.T) {
	good, err := os.ReadFile("testdata/good.yaml")
	require.NoError(t, err)
	manifest := strings.Replace(string(good), "replicas: 3", "replicas: 7", 1)
	manifest = strings.Replace(manifest, "maxSkew: 1, topologyKey: kubernetes.io/hostname", "maxSkew: 1, minDomains: 7, topologyKey: kubernetes.io/hostname", 1)
	c := card(t, fstest.MapFS{"m.yaml": {Data: []byte(manifest)}}, "m.yaml", Options{})
	require.Len(t, c.Results, 1)
	require.Equal(t, No, c.Results[0].Verdict)
	require.Equal(t, "Pending", c.Results[0].Stuck[0].State)
	require.Contains(t, c.Verdict, "the sets do not start")
}

func TestFormats(t *testing.T) {
	c := &Card{Results: []Result{{Drill: "start", Verdict: Yes}, {Drill: "kill", Target: "a-0", Verdict: No, Reason: "it \x01 <broke>", Stuck: []Stuck{{Object: "Pod a-0"}}}},
		Advice: []Advice{{Rule: "grace-zero", Severity: Must, What: "x"}, {Rule: "no-budget", Severity: Should}}}
	c.judge()
	var b bytes.Buffer
	require.NoError(t, c.JUnit(&b))
	var read struct {
		Suites []junit.Suite `xml:"testsuite"`
	}
	require.NoError(t, xml.Unmarshal(b.Bytes(), &read))
	require.Equal(t, []int{1, 1}, []int{read.Suites[0].Failures, read.Suites[1].Failures})
	require.Equal(t, []int{2, len(rules)}, []int{read.Suites[0].Tests, read.Suites[1].Tests})
	require.Contains(t, read.Suites[0].Cases[1].Failure.Message, "<broke>")

	b.Reset()
	require.NoError(t, c.JSON(&b))
	var back Card
	require.NoError(t, json.Unmarshal(b.Bytes(), &back))
	require.Equal(t, c, &back)
}

// What a client notices is told from its acknowledged operations alone.
func TestOutage(t *testing.T) {
	rec := &sim.Recording{Virtual: 100 * time.Second}
	for _, at := range []int{9, 10, 11, 15, 99} {
		rec.Events = append(rec.Events, sim.Event{At: time.Duration(at) * time.Second, Kind: "Request", Verb: "ack", Name: "r-1"},
			sim.Event{At: time.Duration(at) * time.Second, Kind: "Request", Verb: "fail", Name: "s-1"})
	}
	for _, c := range []struct {
		client  string
		from    time.Duration
		seconds float64
		open    bool
	}{
		{"r", 10 * time.Second, 84, false},
		{"r", 30 * time.Second, 69, false},
		{"r", 98 * time.Second, 0, false},
		{"s", 40 * time.Second, 60, true},
		{"s", 0, 100, true},
		{"r", 0, 0, false},
	} {
		seconds, open := outage(c.from, rec, c.client)
		require.Equal(t, c.seconds, seconds, c)
		require.Equal(t, c.open, open, c)
	}
	require.False(t, isOf("a-1-5", "a"))
}

// Each drill says what it does and why, under a name of its own, and rules name drills that there are.
func TestDrillsAreNamedOnce(t *testing.T) {
	seen := map[string]bool{}
	for _, d := range drills {
		require.False(t, seen[d.ID] || d.What == "" || d.Why == "", d.ID)
		seen[d.ID] = true
	}
	for _, r := range rules {
		require.True(t, r.Drill == "" || r.Drill == starting.ID || seen[r.Drill], r.ID)
	}
}
