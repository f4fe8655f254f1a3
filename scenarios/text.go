package scenarios

import (
	"bytes"
	"strings"
	"unicode/utf8"
)

// text is a file as it was read, or the part of one that is a document of its own.
type text struct {
	file         string
	lines        []string
	line, column int // how far the part stands from the beginning of the file, for positions
}

func newText(file string, data []byte) *text {
	return &text{file: file, lines: strings.Split(string(data), "\n")}
}

// pos turns a place in the part into one in the file.
func (t *text) pos(line, column int) Pos {
	if line == 0 {
		return Pos{File: t.file}
	}
	return Pos{File: t.file, Line: line + t.line, Column: column + t.column}
}

// problem is one at a place in the part, with the line that it is about.
func (t *text) problem(line, column int, what, cure string) Problem {
	p := Problem{Pos: t.pos(line, column), What: what, Cure: cure}
	if n := p.Pos.Line; n > 0 && n <= len(t.lines) {
		p.excerpt = excerpt(t.lines[n-1], p.Pos.Column)
	}
	return p
}

// The most that a file may hold. Real manifests are far below; what is above was made to hurt.
const (
	mostBytes   = 8 << 20
	mostTokens  = 100_000   // words of YAML in one document: the parser's time grows with the square of a mapping's keys
	mostDepth   = 100       // mappings and sequences within each other
	mostAliases = 10_000    // in one document
	mostNodes   = 1_000_000 // in one document with each alias replaced by what it stands for
)

const usualSize = "a scenario or a manifest is a few hundred lines" // the cure for what holds more

// readable refuses what cannot be YAML before a parser sees it.
func readable(file string, data []byte) (*text, []byte, *Problem) {
	refuse := func(what, cure string) (*text, []byte, *Problem) {
		return nil, nil, &Problem{Pos: Pos{File: file}, What: what, Cure: cure}
	}
	data = bytes.TrimPrefix(data, []byte("\ufeff"))
	switch {
	case len(data) > mostBytes:
		return refuse("the file is larger than 8 MiB", usualSize)
	case len(bytes.TrimSpace(data)) == 0:
		return refuse("the file is empty", "")
	case !utf8.Valid(data):
		return refuse("the file is not text in UTF-8", "is it a binary file?")
	}
	data = bytes.ReplaceAll(data, []byte("\r\n"), []byte("\n"))
	t := newText(file, data)
	if at := bytes.IndexFunc(data, forbidden); at >= 0 {
		line := bytes.Count(data[:at], []byte("\n")) + 1
		column := utf8.RuneCount(data[bytes.LastIndexByte(data[:at], '\n')+1:at]) + 1
		p := t.problem(line, column, "the file holds a control character", "is it a binary file? YAML writes such a character as an escape in double quotes")
		return nil, nil, &p
	}
	return t, data, nil
}

// forbidden is true for the characters that YAML does not allow.
func forbidden(r rune) bool {
	return r < ' ' && r != '\t' && r != '\n' || r >= 0x7f && r < 0xa0 && r != 0x85
}
