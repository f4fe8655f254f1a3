package scenarios

import (
	"io/fs"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"statefulsim/scenarios/words"
)

// newReader makes a reader of one run of the scenario file t.
func newReader(t *text, fsys fs.FS, run *run) *reader {
	return &reader{text: t, fsys: fsys, run: run, scenario: &Scenario{File: t.file, Variant: run.variant},
		objectsAt: map[string]Pos{}, named: map[string][]Manifest{}}
}

// read fills in the scenario from the root of its file. The order is that in which the parts need each other, whatever
// order the file has them in.
func (r *reader) read(root *node) {
	if !r.fits(root, &scenarioForm) {
		return
	}
	s := r.scenario
	s.Name = stem(s.File)
	if n := root.value("name"); n != nil {
		s.Name = r.name(n, "a scenario")
	}
	s.Name = words.Printable(s.Name)
	r.readAbout(root)
	r.readFor(root)
	r.files = root.value("files")
	r.readKubernetes(root.value("kubernetes"))
	r.readCluster(root.value("cluster"))
	r.readManifests(root.value("manifests"))
	r.known.collect(s)
	r.foresee(root.value("steps"))
	r.readRuns(root.value("runs"))
	r.known.runs = r.scenario.Runs
	r.readClients(root.value("clients"))
	r.readLatencies(root.value("latencies"))
	r.readSteps(root.value("steps"))
	r.readExpectations(root.value("expect"))
	r.readBreaks(root.value("breaks"))
}

// topics are what a scenario can teach, in the order in which one would learn them.
var topics = []string{"first steps", "ordering", "updates", "storage", "nodes", "network", "identity and DNS", "failover", "replication",
	"operators and budgets", "backups"}

// readAbout reads what a scenario says of itself.
func (r *reader) readAbout(root *node) {
	s := r.scenario
	s.Title, s.Why = r.line(root.value("title")), r.paragraphs(root.value("why"))
	if n := root.value("teaches"); n != nil {
		if s.Teaches = r.str(n); !slices.Contains(topics, s.Teaches) {
			r.wrong(n, words.Quoted(s.Teaches)+" is no topic", words.DidYouMean(s.Teaches, topics))
		}
	}
	for _, n := range r.list(root.value("links"), "links") {
		link, err := url.Parse(r.str(n))
		if err != nil || link.Scheme != "https" || link.Host == "" || strings.ContainsFunc(n.text, words.Unprintable) {
			r.wrong(n, words.Quoted(n.text)+" is no link", "an address that begins with https://")
		}
		s.Links = append(s.Links, n.text)
	}
}

func (r *reader) readFor(root *node) {
	n := root.value("for")
	if n == nil {
		r.wrong(root, "the scenario does not say how long it runs", "for: 90s")
		return
	}
	r.scenario.For = r.positive(n)
	if v := root.value("recovers"); v != nil {
		r.scenario.Recovers = r.positive(v)
	}
}

const labelCure = "lower case letters, digits and '-', 63 characters at most"

var label = regexp.MustCompile(`^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$`)

// name returns a name of something that is not an API object; they follow the rule for Kubernetes' labels.
func (r *reader) name(n *node, of string) string {
	name := r.str(n)
	if !label.MatchString(name) {
		r.wrong(n, words.Quoted(name)+" is no name for "+of, labelCure)
		return ""
	}
	return name
}

// required returns what stands under a key, and reports it missing if nothing does.
func (r *reader) required(n *node, of, field, cure string) *node {
	value := n.value(field)
	if value == nil {
		r.wrong(n, of+" has no "+field, cure)
	}
	return value
}

func (r *reader) readLatencies(n *node) {
	if !r.mapping(n, "the table of latencies", hopNames()...) {
		return
	}
	r.scenario.Latencies = make(map[string]Distribution, len(n.keys))
	for i, k := range n.keys {
		r.scenario.Latencies[k.name] = r.distribution(n.values[i])
	}
}

// distribution reads what Distribution.String writes.
func (r *reader) distribution(n *node) Distribution {
	if n.kind != mapping {
		return Constant(r.latency(n))
	}
	if n.value("min") != nil || n.value("max") != nil {
		return Uniform(r.bounds(n, "min", "max"))
	}
	return LogNormal(r.bounds(n, "median", "p99"))
}

// bounds reads the two values of a distribution, of which the second is not below the first.
func (r *reader) bounds(n *node, low, high string) (time.Duration, time.Duration) {
	const cure = "write 3s, {min: 2s, max: 6s} or {median: 3ms, p99: 20ms}"
	if first, second := n.value(low), n.value(high); first == nil || second == nil || len(n.keys) != 2 {
		r.wrong(n, "this is not a distribution", cure)
		return 1, 1
	}
	a, b := r.latency(n.value(low)), r.latency(n.value(high))
	if a > b {
		r.wrong(n, low+" is above "+high, "")
		return 1, 1
	}
	return a, b
}

// latency returns a duration that a hop can take.
func (r *reader) latency(n *node) time.Duration {
	d := r.positive(n)
	if d > longestLatency {
		r.wrong(n, "a latency of "+d.String()+" is not possible", "from 1ns to "+longestLatency.String())
	}
	return min(max(d, 1), longestLatency)
}
