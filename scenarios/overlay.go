package scenarios

import (
	"slices"
	"strconv"

	"statefulsim/scenarios/words"
)

// The lists of a scenario to which a variant adds, rather than putting its own in their place.
var grown = []string{"clients", "steps", "expect", "breaks"}

// overlay lays a variant over the rest of the file. Its manifests are not laid over it: they change objects, which are known
// only when the files are read.
func overlay(base, variant *node, report func(Problem)) *node {
	merged := base
	for i, k := range variant.keys {
		value := variant.values[i]
		switch below := base.value(k.name); {
		case k.name == "manifests":
			continue
		case slices.Contains(grown, k.name):
			value = grow(k, below, value, report)
		default:
			value = laid(k.name, below, value)
		}
		merged = put(merged, k, value)
	}
	return merged
}

// put is with, or without if the value is nothing.
func put(n *node, k key, value *node) *node {
	if value.kind == null {
		return n.without(k.name)
	}
	return n.with(k, value)
}

// laid is what comes of a value that is laid over another: mappings are merged, and everything else is replaced.
func laid(name string, below, over *node) *node {
	if below == nil || over.kind != mapping {
		return over
	}
	if below = long(name, below); below.kind != mapping {
		return over
	}
	merged := below
	for i, k := range over.keys {
		value := over.values[i]
		if under := below.value(k.name); under != nil {
			if name == "runs" {
				under = long("process", under)
			}
			value = laid(k.name, under, value)
		}
		merged = put(merged, k, value)
	}
	return merged
}

// long writes a value in its long form, if it is of one that has a short form: "1.36" is {version: "1.36"}, and
// raft {process: raft}.
func long(name string, n *node) *node {
	field := map[string]string{"kubernetes": "version", "process": "process"}[name]
	if kind := actionKindNamed(name); kind != nil && kind.short() {
		field = kind.Fields[0].Key
	}
	if field == "" || n.kind == mapping || n.kind == sequence || n.kind == null {
		return n
	}
	return &node{place: n.place, kind: mapping, keys: []key{{field, n.place}}, values: []*node{n}, size: n.size + 1}
}

// grow adds the entries of a variant's list to those that are there: one of the same name is replaced, and one that says drop
// is taken away.
func grow(k key, below, over *node, report func(Problem)) *node {
	if over.kind != sequence || below != nil && below.kind != sequence {
		return over
	}
	merged := *over
	merged.values = nil
	if below != nil {
		merged = *below
		merged.values = slices.Clone(below.values)
	}
	for _, item := range over.values {
		at := merged.entry(item.textAt("name"))
		switch drop := item.value("drop"); {
		case drop != nil && at < 0:
			report(item.problem("there is nothing in "+k.name+" to drop that is named "+words.Quoted(item.textAt("name")), words.DidYouMean(item.textAt("name"), merged.entries())))
		case drop != nil && (drop.text != "true" || len(item.keys) != 2):
			report(item.problem("an entry that is dropped has a name and nothing else", "{name: …, drop: true}"))
		case drop != nil:
			merged.values = slices.Delete(merged.values, at, at+1)
		case at >= 0:
			merged.values[at] = item
		default:
			merged.values = append(merged.values, item)
		}
	}
	return &merged
}

// entry is the index of an entry of a list by its name, or its text if it is one; -1 if there is none.
func (n *node) entry(name string) int {
	return slices.IndexFunc(n.values, func(item *node) bool {
		return name != "" && (item.textAt("name") == name || item.kind == str && item.text == name)
	})
}

// entries are the names by which the entries of a list can be found, or else their numbers.
func (n *node) entries() (names []string) {
	for i, item := range n.values {
		switch name := item.textAt("name"); {
		case name != "":
			names = append(names, name)
		case item.kind == str:
			names = append(names, item.text)
		default:
			names = append(names, strconv.Itoa(i))
		}
	}
	return names
}
