package report

import (
	"encoding/json"
	"io"
	"slices"
	"strings"
	"time"

	"statefulsim/sim"
)

// Comparison is what is different between two runs: where their stories part, and what that led to. Its keys are an interface, as
// those of Document are. The first run is the one that the second is held against.
type Comparison struct {
	SchemaVersion int         `json:"schemaVersion"`
	Runs          [2]Compared `json:"runs"`

	// Drift is where the same happens at another instant for the first time, if that is the first difference; null if it is not.
	// Parting is where something else happens for the first time; null if it is the same all along.
	Drift   *Parting `json:"drift"`
	Parting *Parting `json:"parting"`

	Failovers    []Pair[Failover]    `json:"failovers"`    // all; the n-th of a set beside the n-th of that set
	Clients      []Pair[Served]      `json:"clients"`      // all
	NotReady     [2][]string         `json:"notReady"`     // the pods that are not Ready at the end, with the namespace in front unless that is "default"
	Expectations []Pair[Expectation] `json:"expectations"` // those that came to something else, or stand in one run only
	Invariants   []Pair[Violation]   `json:"invariants"`   // the first breach of each that one run alone broke
	SplitBrains  []Pair[SplitBrain]  `json:"splitBrains"`  // all
}

// Compared is one of the two runs.
type Compared struct {
	Scenario        string  `json:"scenario"`
	Variant         string  `json:"variant"`
	Seed            uint64  `json:"seed"`
	Verdict         string  `json:"verdict"` // "pass" or "fail"
	Events          int     `json:"events"`
	TraceSHA256     string  `json:"traceSHA256"`
	RecoverySeconds float64 `json:"recoverySeconds"` // of the slowest failover that recovered; 0 without any
	Stuck           int     `json:"stuck"`           // failovers that did not recover
	LostWrites      int     `json:"lostWrites"`
	Reproduce       string  `json:"reproduce"` // a command for a shell

	failovers int
}

// Pair is the same thing in both runs; null in one that does not have it.
type Pair[T any] struct {
	First  *T `json:"first"`
	Second *T `json:"second"`
}

// Served is what became of a client's operations, and how long it had to do without.
type Served struct {
	Client
	LongestOutageSeconds float64 `json:"longestOutageSeconds"` // between two successes, or its first and last instant
}

// Compare holds the second run against the first. Their stories are the events of that level and those that matter more; reproduce
// are the commands that make the runs again.
func Compare(first, second *sim.Recording, level sim.Level, reproduce [2]string) *Comparison {
	a, b := document(first, Context{Reproduce: reproduce[0]}), document(second, Context{Reproduce: reproduce[1]})
	c := &Comparison{
		SchemaVersion: SchemaVersion, Runs: [2]Compared{compared(first, a), compared(second, b)},
		Failovers:    paired(a.Failovers, b.Failovers, func(f *Failover) string { return f.Set }),
		Clients:      paired(served(first, a), served(second, b), func(c *Served) string { return c.Name }),
		NotReady:     [2][]string{notReady(first), notReady(second)},
		Expectations: paired(a.Expectations, b.Expectations, func(e *Expectation) string { return e.Name }),
		Invariants:   paired(firstBreaches(a), firstBreaches(b), func(v *Violation) string { return v.Invariant }),
		SplitBrains:  paired(a.SplitBrains, b.SplitBrains, func(s *SplitBrain) string { return s.Set }),
	}
	c.Expectations = slices.DeleteFunc(c.Expectations, func(p Pair[Expectation]) bool { return p.both() && p.First.Verdict == p.Second.Verdict })
	c.Invariants = slices.DeleteFunc(c.Invariants, Pair[Violation].both)
	c.Drift, c.Parting = partings(first, second, level)
	return c
}

// ComparisonsJSON writes comparisons for machines: one alone over several lines, several in a line each. The error is that of w.
func ComparisonsJSON(w io.Writer, all []*Comparison) error {
	out := json.NewEncoder(w)
	out.SetEscapeHTML(false)
	if len(all) == 1 {
		out.SetIndent("", "  ")
	}
	for _, c := range all {
		if err := out.Encode(c); err != nil {
			return err
		}
	}
	return nil
}

func compared(rec *sim.Recording, d *Document) Compared {
	row := RowOf(rec)
	return Compared{Scenario: d.Scenario, Variant: d.Variant, Seed: d.Seed, Verdict: d.Verdict, Events: d.Events, TraceSHA256: d.TraceSHA256,
		RecoverySeconds: row.Recovery.Seconds(), Stuck: row.Stuck, LostWrites: row.LostWrites, Reproduce: d.Reproduce, failovers: row.Failovers}
}

// paired puts what has the same key beside each other: the n-th of the one beside the n-th of the other. The order is that of the
// first, and what only the second has comes last.
func paired[T any](first, second []T, key func(*T) string) []Pair[T] {
	pairs := make([]Pair[T], len(first))
	alone := map[string][]int{} // the pairs that miss the second, by key
	for i := range first {
		pairs[i].First = &first[i]
		alone[key(&first[i])] = append(alone[key(&first[i])], i)
	}
	for i := range second {
		k := key(&second[i])
		if places := alone[k]; len(places) > 0 {
			pairs[places[0]].Second, alone[k] = &second[i], places[1:]
			continue
		}
		pairs = append(pairs, Pair[T]{Second: &second[i]})
	}
	return pairs
}

func (p Pair[T]) both() bool { return p.First != nil && p.Second != nil }

// either is the one that is there; the first, if both are.
func (p Pair[T]) either() *T {
	if p.First != nil {
		return p.First
	}
	return p.Second
}

// firstBreaches are the first breach of each invariant, meant by the scenario or not.
func firstBreaches(d *Document) (first []Violation) {
	for _, v := range slices.Concat(d.Violations, d.Broken) {
		if !slices.ContainsFunc(first, func(other Violation) bool { return other.Invariant == v.Invariant }) {
			first = append(first, v)
		}
	}
	return first
}

func notReady(rec *sim.Recording) []string {
	names := []string{}
	for i := range rec.Pods {
		if s := &rec.Pods[i]; !s.Ready {
			names = append(names, sim.DisplayName(s.Namespace, s.Name))
		}
	}
	return names
}

// served adds to each client the longest time that it went without a success, from when it began to when it ended.
func served(rec *sim.Recording, d *Document) []Served {
	last, longest := map[string]time.Duration{}, map[string]time.Duration{}
	for _, c := range rec.Scenario.Clients {
		last[c.Name] = c.From
	}
	succeeded := func(name string, at time.Duration) {
		longest[name] = max(longest[name], at-last[name])
		last[name] = at
	}
	for i := range rec.Events {
		if e := &rec.Events[i]; e.Verb == "ack" && e.Kind == "Request" {
			succeeded(e.Name[:max(strings.LastIndexByte(e.Name, '-'), 0)], e.At) // "writer-17"
		}
	}
	for _, c := range rec.Scenario.Clients {
		until := rec.Virtual
		if c.Until > 0 {
			until = min(until, c.Until)
		}
		succeeded(c.Name, until)
	}
	return each(d.Clients, func(c Client) Served { return Served{Client: c, LongestOutageSeconds: longest[c.Name].Seconds()} })
}
