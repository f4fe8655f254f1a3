package html

import (
	"strings"

	"statefulsim/scenarios"
	"statefulsim/scenarios/words"
)

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
