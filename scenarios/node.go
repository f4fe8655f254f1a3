package scenarios

import "encoding/json"

// node is a value of a YAML document with where it stands. Aliases share the node they stand for, merge keys are merged in.
type node struct {
	line, column int
	kind         nodeKind
	text         string // of a scalar, as written, without quotes
	style        nodeStyle
	keys         []key // of a mapping
	values       []*node
	size         int // how many nodes it is when each alias is written out
}

type key struct {
	name         string
	line, column int
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
)

// value returns what stands under a key of a mapping, or nil.
func (n *node) value(name string) *node {
	for i := range n.keys {
		if n.keys[i].name == name {
			return n.values[i]
		}
	}
	return nil
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
