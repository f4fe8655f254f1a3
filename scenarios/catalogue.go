package scenarios

import (
	"cmp"
	"slices"
	"strings"
)

// Summary is an embedded scenario as a listing shows it.
type Summary struct{ Name, Title, Teaches string }

// All lists the embedded scenarios by name. It reads no more of them than what it shows.
func All() []Summary {
	var all []Summary
	for _, name := range embeddedNames() {
		data, err := embedded.ReadFile(name + ".yaml")
		if err != nil {
			panic(err) // it was listed
		}
		all = append(all, Summary{name, lineOf(data, "title"), lineOf(data, "teaches")})
	}
	return all
}

// Topic is what some of the embedded scenarios teach.
type Topic struct {
	Name      string
	Scenarios []Summary // by name
}

// ByTopic lists the embedded scenarios by what they teach, in the order in which one would learn them; those that do not say come last.
func ByTopic() []Topic {
	var all []Topic
	for _, name := range append(slices.Clone(topics), "") {
		t := Topic{Name: cmp.Or(name, "others")}
		for _, s := range All() {
			if s.Teaches == name {
				t.Scenarios = append(t.Scenarios, s)
			}
		}
		if len(t.Scenarios) > 0 {
			all = append(all, t)
		}
	}
	return all
}

// lineOf finds the value of a key of an embedded scenario that stands in one line of its own, without parsing the file.
func lineOf(data []byte, key string) string {
	for line := range strings.Lines(string(data)) {
		if rest, found := strings.CutPrefix(line, key+":"); found {
			return strings.Trim(strings.TrimSpace(rest), `"'`)
		}
	}
	return ""
}
