// Package junit is the XML that CI systems read the results of tests from. There is no schema that all obey; these elements and
// attributes are those that all know.
package junit

import (
	"encoding/xml"
	"io"
	"strconv"
	"time"
)

// Suite is a group of tests.
type Suite struct {
	Name       string      `xml:"name,attr"`
	Tests      int         `xml:"tests,attr"`
	Failures   int         `xml:"failures,attr"`
	Errors     int         `xml:"errors,attr"`         // none: what keeps a test from being made leaves no document
	Skipped    int         `xml:"skipped,attr"`        // none, likewise; some readers want both attributes
	Time       string      `xml:"time,attr,omitempty"` // see Seconds
	Properties *Properties `xml:"properties"`
	Cases      []Case      `xml:"testcase"`
}

// Properties are what is known of a suite besides its tests.
type Properties struct {
	All []Property `xml:"property"`
}

// Property is one of them.
type Property struct {
	Name  string `xml:"name,attr"`
	Value string `xml:"value,attr"`
}

// Case is one test.
type Case struct {
	Class   string   `xml:"classname,attr"`
	Name    string   `xml:"name,attr"`
	Time    string   `xml:"time,attr,omitempty"` // see Seconds
	Failure *Failure `xml:"failure"`
	Out     string   `xml:"system-out,omitempty"` // what there is to say of a test that passed
}

// Failure says why a test did not pass: in one line, and with all that is known.
type Failure struct {
	Message string `xml:"message,attr"`
	Text    string `xml:",chardata"`
}

// Seconds writes a duration as the attribute time has it.
func Seconds(d time.Duration) string { return strconv.FormatFloat(d.Seconds(), 'f', 3, 64) }

// Add adds a test to the suite, and counts it.
func (s *Suite) Add(test Case) {
	s.Cases = append(s.Cases, test)
	s.Tests++
	if test.Failure != nil {
		s.Failures++
	}
}

// Write writes a document of several suites. Characters that XML cannot hold are replaced by U+FFFD. The error is that of w.
func Write(w io.Writer, suites []Suite) error {
	if _, err := io.WriteString(w, xml.Header); err != nil {
		return err
	}
	document := struct {
		XMLName  xml.Name `xml:"testsuites"`
		Tests    int      `xml:"tests,attr"`
		Failures int      `xml:"failures,attr"`
		Errors   int      `xml:"errors,attr"`
		Suites   []Suite  `xml:"testsuite"`
	}{Suites: suites}
	for i := range suites {
		document.Tests += suites[i].Tests
		document.Failures += suites[i].Failures
	}
	out := xml.NewEncoder(w)
	out.Indent("", "  ")
	if err := out.Encode(document); err != nil {
		return err
	}
	_, err := io.WriteString(w, "\n")
	return err
}
