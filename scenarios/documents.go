package scenarios

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/lexer"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"
)

// documents reads all YAML documents of a text that stands in t from its line and column on. Those that hold nothing are
// left out, those that are not YAML are reported.
//
// The text is cut into documents here, because the parser loses what follows a document of comments alone.
func documents(t *text, content string, report func(Problem)) []*node {
	var found []*node
	for _, part := range cut(content) {
		at := *t
		at.line += part.line
		if root := document(&at, part.text, report); root != nil {
			found = append(found, root)
		}
	}
	return found
}

type part struct {
	line int // how many lines stand before it
	text string
}

// cut divides a text at its document markers. What follows a marker in its line stays where it is.
func cut(content string) []part {
	lines := strings.SplitAfter(content, "\n")
	parts, from := []part{}, 0
	end := func(to int) { parts = append(parts, part{from, strings.Join(lines[from:to], "")}) }
	for i, line := range lines {
		rest, marker := strings.CutPrefix(line, "---")
		if ends := strings.TrimRight(line, " \t\n") == "..."; ends {
			end(i)
			lines[i], from = "\n", i
		} else if marker && (rest == "" || strings.ContainsRune(" \t\n", rune(rest[0]))) {
			end(i)
			lines[i], from = "   "+rest, i
		}
	}
	end(len(lines))
	return parts
}

// document parses one document and returns its root, or nil if it is empty or wrong.
func document(t *text, content string, report func(Problem)) (root *node) {
	if strings.TrimSpace(content) == "" || directivesOnly(content) {
		return nil
	}
	defer func() {
		if r := recover(); r != nil { // a fault of the parser must not be one of the command
			report(t.problem(1, 1, fmt.Sprintf("the YAML parser failed on this document: %v", r), ""))
			root = nil
		}
	}()
	tokens := lexer.Tokenize(content)
	if tk, what := excessive(tokens); tk != nil {
		report(t.problem(tk.Position.Line, tk.Position.Column, what, usualSize))
		return nil
	}
	file, err := parser.Parse(tokens, 0, parser.AllowDuplicateMapKey())
	if err != nil {
		report(syntaxProblem(t, err))
		return nil
	}
	for _, doc := range file.Docs {
		if body := doc.Body; body != nil && body.Type() != ast.CommentType {
			b := &builder{text: t, report: report}
			n := b.build(body)
			if b.given {
				return nil
			}
			return n
		}
	}
	return nil
}

// directivesOnly is true for what may stand before a document's marker: comments and lines like %YAML.
func directivesOnly(content string) bool {
	for line := range strings.Lines(content) {
		if line = strings.TrimSpace(line); line != "" && line[0] != '#' && line[0] != '%' {
			return false
		}
	}
	return true
}

// excessive returns the first token that makes a document too much for the parser, and why.
func excessive(tokens token.Tokens) (*token.Token, string) {
	if len(tokens) > mostTokens {
		return tokens[mostTokens], fmt.Sprintf("the document has more than %d words of YAML", mostTokens)
	}
	flow, entries, line := 0, 0, 0
	for _, tk := range tokens {
		if tk.Position.Line != line {
			entries, line = 0, tk.Position.Line
		}
		switch tk.Type {
		case token.MappingStartType, token.SequenceStartType:
			flow++
		case token.MappingEndType, token.SequenceEndType:
			flow--
		case token.SequenceEntryType, token.MappingKeyType:
			entries++
		}
		if flow > mostDepth || entries > mostDepth {
			return tk, fmt.Sprintf("more than %d mappings and lists within each other", mostDepth)
		}
	}
	return nil, ""
}

// syntaxProblem turns the parser's complaint into one of ours.
func syntaxProblem(t *text, err error) Problem {
	var at yaml.Error
	if !errors.As(err, &at) || at.GetToken() == nil {
		return t.problem(1, 1, "this is not YAML: "+err.Error(), "")
	}
	pos, what := at.GetToken().Position, at.GetMessage()
	cure := ""
	switch {
	case strings.Contains(what, "'\t'"):
		what, cure = "a tab stands where YAML wants spaces", "indent with spaces"
	case pos.Line <= len(t.lines)-t.line && strings.Contains(t.lines[t.line+pos.Line-1], "${"):
		cure = `within braces and brackets a variable needs quotes: "${name}"`
	case strings.Contains(what, "mapping value is not allowed"):
		cure = "quote a text that holds \": \", and give the keys of one mapping the same indentation"
	}
	return t.problem(pos.Line, max(pos.Column, 1), "this is not YAML: "+what, cure)
}

// sortedKeys returns a map's keys in order.
func sortedKeys[K cmp.Ordered, V any](m map[K]V) []K { return slices.Sorted(maps.Keys(m)) }
