package battery

import (
	"encoding/xml"
	"io"
	"strings"
)

// The format that CI systems read. There is no schema that all obey; these elements and attributes are those that all know.
type (
	suites struct {
		XMLName xml.Name `xml:"testsuites"`
		Suites  []suite  `xml:"testsuite"`
	}
	suite struct {
		Name     string     `xml:"name,attr"`
		Tests    int        `xml:"tests,attr"`
		Failures int        `xml:"failures,attr"`
		Cases    []testcase `xml:"testcase"`
	}
	testcase struct {
		Class   string   `xml:"classname,attr"`
		Name    string   `xml:"name,attr"`
		Failure *failure `xml:"failure,omitempty"`
		Out     string   `xml:"system-out,omitempty"`
	}
	failure struct {
		Message string `xml:"message,attr"`
		Text    string `xml:",chardata"`
	}
)

// JUnit writes the card as JUnit XML: a suite with a test for each run, and one with a test for each rule, which fails if something
// must be changed. The error is that of w.
func (c *Card) JUnit(w io.Writer) error {
	if _, err := io.WriteString(w, xml.Header); err != nil {
		return err
	}
	out := xml.NewEncoder(w)
	out.Indent("", "  ")
	if err := out.Encode(suites{Suites: []suite{c.drillSuite(), c.adviceSuite()}}); err != nil {
		return err
	}
	_, err := io.WriteString(w, "\n")
	return err
}

func (c *Card) drillSuite() suite {
	s := suite{Name: "sim check: drills"}
	for i := range c.Results {
		r := &c.Results[i]
		test := testcase{Class: "drills." + r.Drill, Name: strings.TrimSpace(r.Drill + " " + r.Target)}
		switch {
		case !r.Survived():
			test.Failure = &failure{r.Verdict + ": " + r.Reason, r.told()}
		case r.Verdict != Yes:
			test.Out = r.told()
		}
		s.add(test)
	}
	return s
}

func (c *Card) adviceSuite() suite {
	s := suite{Name: "sim check: manifests"}
	for _, rule := range rules {
		test := testcase{Class: "manifests." + rule.Severity, Name: rule.ID}
		var told []string
		for _, a := range c.Advice {
			if a.Rule == rule.ID {
				told = append(told, a.Where+"  "+a.Path+"\n"+a.Object+": "+a.What+"\n"+a.Why+"\n"+a.YAML+"\n")
			}
		}
		switch text := strings.Join(told, "\n"); {
		case told != nil && rule.Severity == Must:
			test.Failure = &failure{rule.When, text}
		default:
			test.Out = text
		}
		s.add(test)
	}
	return s
}

func (s *suite) add(test testcase) {
	s.Cases = append(s.Cases, test)
	s.Tests++
	if test.Failure != nil {
		s.Failures++
	}
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
