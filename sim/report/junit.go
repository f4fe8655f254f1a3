package report

import (
	"cmp"
	"io"
	"slices"
	"strconv"
	"strings"

	"statefulsim/scenarios"
	"statefulsim/scenarios/words"
	"statefulsim/sim"
	"statefulsim/sim/report/junit"
)

// JUnit is a document for CI systems, of as many runs as were added: a suite a run, with a test for each expectation and each invariant
// that was judged. Times are virtual: of a run how far it came, and of a test the instant at which it was decided.
type JUnit struct{ suites []junit.Suite }

// Add adds a run.
func (j *JUnit) Add(rec *sim.Recording, c Context) {
	suite := junit.Suite{Name: words.Printable(titleOf(rec)), Time: junit.Seconds(rec.Virtual), Properties: properties(rec, c)}
	class := words.Printable(cmp.Or(rec.Scenario.Name, "scenario"))
	for _, o := range rec.Expectations {
		test := junit.Case{Class: class + ".expectations", Name: words.Printable(o.Name), Time: junit.Seconds(o.At)}
		if !o.Passed {
			test.Failure = failure(cmp.Or(o.Message, "it did not hold"), "decided at "+words.Seconds(o.At)+"\n"+words.Printable(o.Message), c)
		}
		suite.Add(test)
	}
	for _, name := range judged(rec) {
		suite.Add(invariantCase(rec, class+".invariants", name, c))
	}
	if rec.Interrupted {
		suite.Add(junit.Case{Class: class + ".run", Name: "it came to its end", Time: junit.Seconds(rec.Virtual),
			Failure: failure("interrupted", "at "+words.Seconds(rec.Virtual)+" of "+words.Seconds(rec.Scenario.For), c)})
	}
	if c.DistinctTraces > 1 {
		suite.Add(junit.Case{Class: class + ".run", Name: "it repeats", Time: junit.Seconds(rec.Virtual),
			Failure: failure("not repeatable", words.Count(c.Runs, "run")+" with one seed left "+words.Count(c.DistinctTraces, "distinct trace"), c)})
	}
	j.suites = append(j.suites, suite)
}

// Write writes the document. The error is that of w.
func (j *JUnit) Write(w io.Writer) error { return junit.Write(w, j.suites) }

// titleOf names a run: by its scenario, and which of the runs of its file it is.
func titleOf(rec *sim.Recording) string { return rec.Scenario.Name + aside(rec.Scenario.Variant) }

func properties(rec *sim.Recording, c Context) *junit.Properties {
	all := []junit.Property{
		{Name: "scenario", Value: rec.Scenario.Name},
		{Name: "variant", Value: rec.Scenario.Variant},
		{Name: "seed", Value: strconv.FormatUint(rec.Seed, 10)},
		{Name: "trace-sha256", Value: rec.Hash},
		{Name: "reproduce", Value: c.Reproduce},
	}
	if c.Runs > 0 {
		all = append(all, junit.Property{Name: "runs", Value: strconv.Itoa(c.Runs)}, junit.Property{Name: "distinct-traces", Value: strconv.Itoa(c.DistinctTraces)})
	}
	all = slices.DeleteFunc(all, func(p junit.Property) bool { return p.Value == "" })
	for i := range all {
		all[i].Value = words.Printable(all[i].Value)
	}
	return &junit.Properties{All: all}
}

// judged lists the invariants that a run was held to: those that every run is, those of histories if there is one, the recovery if the
// scenario asks for it, and those that only a breach makes known.
func judged(rec *sim.Recording) []string {
	var names []string
	for _, name := range scenarios.Breakable {
		switch name {
		case "linearizable", "no-acknowledged-write-lost":
			if len(rec.History) == 0 {
				continue
			}
		case "recovers":
			if rec.Scenario.Recovers == 0 {
				continue
			}
		}
		names = append(names, name)
	}
	for _, name := range slices.Concat(invariantsOf(rec.Violations), invariantsOf(rec.Broken)) {
		if !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names
}

// invariantCase is the test of an invariant. One that the scenario is there to break passes, and says what was seen.
func invariantCase(rec *sim.Recording, class, name string, c Context) junit.Case {
	test := junit.Case{Class: class, Name: words.Printable(name), Time: junit.Seconds(rec.Virtual)}
	if first, told := breaches(rec.Violations, name); first != nil {
		test.Time = junit.Seconds(first.At)
		test.Failure = failure(first.Message, told, c)
		return test
	}
	if first, told := breaches(rec.Broken, name); first != nil {
		test.Time = junit.Seconds(first.At)
		test.Out = "broken, as the scenario says it is:\n" + told
	}
	return test
}

// breaches tells of those of one invariant, a line each; first is nil if there are none.
func breaches(all []sim.Violation, name string) (first *sim.Violation, told string) {
	var b strings.Builder
	for i := range all {
		if v := &all[i]; v.Invariant == name {
			first = cmp.Or(first, v)
			b.WriteString("at " + words.Seconds(v.At) + ": " + words.Printable(v.Message) + "\n")
		}
	}
	if first != nil && first.Why != "" {
		b.WriteString(words.Printable(first.Why) + "\n")
	}
	return first, b.String()
}

// failure says what went wrong in one line, and at length with how to see it again.
func failure(message, told string, c Context) *junit.Failure {
	return &junit.Failure{Message: words.Printable(message), Text: strings.TrimSpace(told) + "\nreproduce: " + words.Printable(c.Reproduce) + "\n"}
}
