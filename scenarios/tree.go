package scenarios

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/token"

	"statefulsim/scenarios/words"
)

// builder makes nodes of a document's syntax tree.
type builder struct {
	text    *text
	anchors map[string]*node // nil while the anchored value is still being built
	aliases int
	depth   int
	report  func(Problem)
	given   bool // gave up: the document is too much
}

func (b *builder) problem(tk *token.Token, what, cure string) {
	b.report(b.text.problem(tk.Position.Line, tk.Position.Column, what, cure))
}

// build returns the node for a piece of syntax; a piece that is wrong is reported and becomes nothing.
func (b *builder) build(from ast.Node) *node {
	n := &node{place: place{in: b.text}, kind: null, text: "null", size: 1}
	if from == nil || b.given {
		return n
	}
	tk := from.GetToken()
	n.line, n.column = tk.Position.Line, tk.Position.Column
	if b.depth++; b.depth > mostDepth {
		b.giveUp(tk, fmt.Sprintf("more than %d mappings and lists within each other", mostDepth))
		return n
	}
	defer func() { b.depth-- }()
	switch from := from.(type) {
	case *ast.MappingNode:
		b.mapping(n, from.Values)
		if from.IsFlowStyle {
			n.line, n.column = from.Start.Position.Line, from.Start.Position.Column
		}
	case *ast.MappingValueNode:
		b.mapping(n, []*ast.MappingValueNode{from})
	case *ast.SequenceNode:
		b.sequence(n, from)
	case *ast.AnchorNode:
		return b.anchor(from)
	case *ast.AliasNode:
		return b.alias(from, n)
	case *ast.TagNode:
		return b.tagged(from)
	default:
		b.scalar(n, from)
	}
	if n.size > mostNodes {
		b.giveUp(tk, fmt.Sprintf("the document has more than %d values when its aliases are written out", mostNodes))
	}
	return n
}

func (b *builder) giveUp(tk *token.Token, what string) {
	if !b.given {
		b.problem(tk, what, usualSize)
	}
	b.given = true
}

func (b *builder) sequence(n *node, from *ast.SequenceNode) {
	n.kind, n.text = sequence, ""
	for _, v := range from.Values {
		child := b.build(v)
		if text, is := glued(v); is && from.IsFlowStyle {
			child.kind, child.text, child.keys, child.values, child.size = str, text, nil, nil, 1
		}
		n.values = append(n.values, child)
		n.size = min(n.size+child.size, mostNodes+1)
	}
}

func (b *builder) mapping(n *node, pairs []*ast.MappingValueNode) {
	n.kind, n.text = mapping, ""
	if len(pairs) > 0 {
		at := pairs[0].Key.GetToken().Position
		n.line, n.column = at.Line, at.Column
	}
	seen := make(map[string]key, len(pairs))
	var merged []*node
	for _, pair := range pairs {
		if pair.Key.IsMergeKey() {
			merged = append(merged, b.merge(pair)...)
			continue
		}
		k := b.key(pair.Key)
		value := b.build(pair.Value)
		if before, twice := seen[k.name]; twice {
			b.report(k.problem(fmt.Sprintf("the key %s is there twice, first in line %d", words.Quoted(k.name), before.pos().Line), "leave one of them"))
			continue
		}
		seen[k.name] = k
		n.add(k, value)
	}
	for _, from := range merged {
		for i, k := range from.keys {
			if _, own := seen[k.name]; !own {
				seen[k.name] = k
				n.add(k, from.values[i])
			}
		}
	}
}

func (n *node) add(k key, value *node) {
	n.keys, n.values = append(n.keys, k), append(n.values, value)
	n.size = min(n.size+value.size, mostNodes+1)
}

// glued puts together what the parser cuts in two: in a list in brackets within a mapping in braces it takes "a:b" for a
// mapping, and YAML wants a space after the colon for that.
func glued(from ast.Node) (text string, is bool) {
	m, is := from.(*ast.MappingNode)
	if is && !m.IsFlowStyle && len(m.Values) == 1 {
		from = m.Values[0]
	}
	pair, is := from.(*ast.MappingValueNode)
	if !is || pair.Value == nil {
		return "", false
	}
	key, colon, value := pair.Key.GetToken(), pair.Start, pair.Value.GetToken()
	if _, scalar := pair.Value.(ast.ScalarNode); !scalar || key.Type != token.StringType || value.Indicator == token.QuotedScalarIndicator ||
		value.Position.Line != colon.Position.Line || value.Position.Column != colon.Position.Column+1 {
		return "", false
	}
	return key.Value + ":" + value.Value, true
}

// key returns a mapping's key. What is not a scalar is reported.
func (b *builder) key(from ast.MapKeyNode) key {
	n := b.build(from.(ast.Node))
	if m, explicit := from.(*ast.MappingKeyNode); explicit {
		n = b.build(m.Value)
	}
	tk := from.GetToken()
	if n.kind == mapping || n.kind == sequence {
		b.problem(tk, "a key is "+string(n.kind), "keys are texts")
	}
	if n.kind != str && n.style == plain {
		return key{tk.Value, n.place} // a number or a word like true, as written
	}
	return key{n.text, n.place}
}

// merge returns the mappings that a merge key brings in.
func (b *builder) merge(pair *ast.MappingValueNode) []*node {
	from := b.build(pair.Value)
	sources := []*node{from}
	if from.kind == sequence {
		sources = from.values
	}
	for _, s := range sources {
		if s.kind != mapping && !b.given {
			b.problem(pair.Key.GetToken(), "a merge key takes a mapping, and this is "+string(s.kind), "")
			return nil
		}
	}
	return sources
}

func (b *builder) anchor(from *ast.AnchorNode) *node {
	name := from.Name.GetToken().Value
	if b.anchors == nil {
		b.anchors = map[string]*node{}
	}
	b.anchors[name] = nil
	n := b.build(from.Value)
	b.anchors[name] = n
	return n
}

func (b *builder) alias(from *ast.AliasNode, none *node) *node {
	name := from.Value.GetToken().Value
	if b.aliases++; b.aliases > mostAliases {
		b.giveUp(from.Start, fmt.Sprintf("more than %d aliases in one document", mostAliases))
		return none
	}
	n, known := b.anchors[name]
	switch {
	case !known:
		b.problem(from.Start, "no anchor is named "+words.Quoted(name)+" above here", words.DidYouMean(name, sortedKeys(b.anchors)))
	case n == nil:
		b.problem(from.Start, "the alias "+words.Quoted(name)+" stands inside of what it stands for", "an alias cannot hold itself")
	default:
		return n
	}
	return none
}

func (b *builder) tagged(from *ast.TagNode) *node {
	n := b.build(from.Value)
	switch tag := from.Start.Value; tag {
	case "!!str":
		if n.kind != mapping && n.kind != sequence {
			n.kind, n.text = str, from.Value.GetToken().Value
		}
	case "!!int", "!!float", "!!bool", "!!null", "!!map", "!!seq":
	default:
		b.problem(from.Start, "the tag "+words.Quoted(tag)+" is not understood", "leave it out")
	}
	return n
}

// scalar fills in a node from a scalar's syntax, its text in a form that JSON takes too.
func (b *builder) scalar(n *node, from ast.Node) {
	switch from := from.(type) {
	case *ast.NullNode:
	case *ast.BoolNode:
		n.kind, n.text = boolean, fmt.Sprint(from.Value)
	case *ast.IntegerNode:
		n.kind, n.text = integer, fmt.Sprint(from.Value)
	case *ast.FloatNode:
		n.kind, n.text = float, string(appendFloat(from.Value))
	case *ast.LiteralNode:
		n.kind, n.style, n.text = str, block, from.Value.Value
	case *ast.StringNode:
		n.kind, n.text = str, from.Value
		if t := from.Token.Type; t == token.SingleQuoteType || t == token.DoubleQuoteType {
			n.style = quotes
		}
	case *ast.MappingKeyNode, *ast.MergeKeyNode:
	default:
		b.problem(from.GetToken(), strings.ToLower(from.Type().String())+" has no meaning here", "")
	}
}

func appendFloat(f float64) []byte {
	out, err := json.Marshal(f)
	if err != nil {
		return []byte("null") // infinity and not-a-number have no JSON form
	}
	return out
}
