package battery

import (
	"io"
	"strings"

	"statefulsim/sim/report/junit"
)

// JUnit writes the card as JUnit XML: a suite with a test for each run, and one with a test for each rule, which fails if something
// must be changed. The error is that of w.
func (c *Card) JUnit(w io.Writer) error {
	return junit.Write(w, []junit.Suite{c.drillSuite(), c.adviceSuite()})
}

func (c *Card) drillSuite() junit.Suite {
	s := junit.Suite{Name: "sim check: drills"}
	for i := range c.Results {
		r := &c.Results[i]
		test := junit.Case{Class: "drills." + r.Drill, Name: strings.TrimSpace(r.Drill + " " + r.Target)}
		switch {
		case !r.Survived():
			test.Failure = &junit.Failure{Message: r.Verdict + ": " + r.Reason, Text: r.told()}
		case r.Verdict != Yes:
			test.Out = r.told()
		}
		s.Add(test)
	}
	return s
}

func (c *Card) adviceSuite() junit.Suite {
	s := junit.Suite{Name: "sim check: manifests"}
	for _, rule := range rules {
		test := junit.Case{Class: "manifests." + rule.Severity, Name: rule.ID}
		var told []string
		for _, a := range c.Advice {
			if a.Rule == rule.ID {
				told = append(told, a.Where+"  "+a.Path+"\n"+a.Object+": "+a.What+"\n"+a.Why+"\n"+a.YAML+"\n")
			}
		}
		switch text := strings.Join(told, "\n"); {
		case told != nil && rule.Severity == Must:
			test.Failure = &junit.Failure{Message: rule.When, Text: text}
		default:
			test.Out = text
		}
		s.Add(test)
	}
	return s
}

// told is the reason of a verdict and what is stuck, with all cures.
func (r *Result) told() string {
	var b strings.Builder
	b.WriteString(r.Verdict + ": " + r.Reason + "\n")
	for _, s := range r.Stuck {
		b.WriteString("\n" + s.Object + ": " + s.State + "\n" + s.Rule + "\n")
		for _, cure := range s.Cure {
			b.WriteString("cure: " + cure + "\n")
		}
	}
	return b.String()
}
