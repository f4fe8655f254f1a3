package scenarios

import (
	"encoding/json"
	"slices"
)

// node is a value of a YAML document with where it stands. Aliases share the node they stand for, merge keys are merged in.
type node struct {
	place
	kind   nodeKind
	text   string // of a scalar, as written, without quotes
	style  nodeStyle
	keys   []key // of a mapping
	values []*node
	size   int // how many nodes it is when each alias is written out
}

type key struct {
	name string
	place
}

// place is where something stands in a text. Line 0 says that it stands in none that can be shown, and no text
// that nobody wrote it.
type place struct {
	in           *text
	line, column int
}

func (p place) pos() Pos {
	if p.in == nil {
		return Pos{}
	}
	return p.in.pos(p.line, p.column)
}

// problem is one with what stands there.
func (p place) problem(what, cure string) Problem {
	if p.in == nil {
		return Problem{What: what, Cure: cure}
	}
	return p.in.problem(p.line, p.column, what, cure)
}

type nodeKind string

const (
	mapping  nodeKind = "a mapping"
	sequence nodeKind = "a list"
	null     nodeKind = "nothing"
	boolean  nodeKind = "true or false"
	integer  nodeKind = "a whole number"
	float    nodeKind = "a number"
	str      nodeKind = "a text"
)

type nodeStyle uint8

const (
	plain nodeStyle = iota
	quotes
	block
	filled // made of what was written and the values of variables
)

// value returns what stands under a key of a mapping, or nil. A nil node has no keys.
func (n *node) value(name string) *node {
	if n == nil {
		return nil
	}
	for i := range n.keys {
		if n.keys[i].name == name {
			return n.values[i]
		}
	}
	return nil
}

// with returns a mapping that has a value under a key, in the place of what it had there, or at its end.
func (n *node) with(k key, value *node) *node {
	changed := *n
	changed.keys, changed.values = slices.Clone(n.keys), slices.Clone(n.values)
	for i := range n.keys {
		if n.keys[i].name == k.name {
			changed.keys[i], changed.values[i] = k, value
			return &changed
		}
	}
	changed.add(k, value)
	return &changed
}

// without returns a mapping that lacks some keys.
func (n *node) without(names ...string) *node {
	left := *n
	left.keys, left.values = nil, nil
	for i, k := range n.keys {
		if !slices.Contains(names, k.name) {
			left.add(k, n.values[i])
		}
	}
	return &left
}

// json writes the value as JSON.
func (n *node) json(out []byte) []byte {
	switch n.kind {
	case mapping:
		out = append(out, '{')
		for i := range n.keys {
			if i > 0 {
				out = append(out, ',')
			}
			out = append(appendJSON(out, n.keys[i].name), ':')
			out = n.values[i].json(out)
		}
		return append(out, '}')
	case sequence:
		out = append(out, '[')
		for i, v := range n.values {
			if i > 0 {
				out = append(out, ',')
			}
			out = v.json(out)
		}
		return append(out, ']')
	case str:
		return appendJSON(out, n.text)
	}
	return append(out, n.text...) // the text of the other scalars was made to be JSON's
}

func appendJSON(out []byte, s string) []byte {
	quoted, err := json.Marshal(s)
	if err != nil {
		panic(err) // a string always has a JSON form
	}
	return append(out, quoted...)
}
