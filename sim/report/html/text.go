package html

import (
	"strconv"
	"strings"
	"time"

	"statefulsim/scenarios"
	"statefulsim/scenarios/words"
)

// clock writes an instant of the run to the millisecond: "61.204 s".
func clock(d time.Duration) string { return strconv.FormatFloat(d.Seconds(), 'f', 3, 64) + " s" }

// seconds writes a duration without decimals that are all zero.
func seconds(d time.Duration) string {
	return strings.TrimSuffix(strconv.FormatFloat(d.Seconds(), 'f', 3, 64), ".000") + " s"
}

// thousands writes a number with a comma before every three digits.
func thousands(n int) string {
	s := strconv.Itoa(n)
	for i := len(s) - 3; i > 0 && s[i-1] != '-'; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// count writes a number of things, whose plural has an s.
func count(n int, of string) string {
	if n != 1 {
		of += "s"
	}
	return thousands(n) + " " + of
}

// nameOf is how a run is called: its scenario, and which of the scenario's runs it is.
func nameOf(s *scenarios.Scenario) string {
	if s.Variant != "" {
		return words.Printable(s.Name + " (" + s.Variant + ")")
	}
	return words.Printable(s.Name)
}

// qualified leaves out the namespace that everybody is in.
func qualified(namespace, name string) string {
	if namespace == "" || namespace == "default" {
		return words.Printable(name)
	}
	return words.Printable(namespace + "/" + name)
}

// yamlOf is the scenario as a file that makes the same run.
func yamlOf(s *scenarios.Scenario) string {
	var b strings.Builder
	if err := scenarios.Write(&b, s); err != nil {
		panic(err) // a builder takes everything
	}
	lines := strings.Split(b.String(), "\n")
	for i := range lines {
		lines[i] = words.Printable(lines[i])
	}
	return strings.Join(lines, "\n")
}
