package scenarios

import (
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/invopop/jsonschema"

	"statefulsim/scenarios/words"
)

// option is a key of a mapping that sets one field of a T, and that can be left out. The reader, the writer and the JSON schema are
// made of it, so that a new one is a field and a line in a table.
type option[T any] struct {
	entry
	read    func(r *reader, n *node, into *T)
	written func(is, usual *T) string // as YAML; "" if it is as usual
}

// value is what can stand under a key, which becomes an F.
type value[F comparable] struct {
	is      *jsonschema.Schema
	read    func(r *reader, n *node) F
	written func(F) string // as YAML
}

// optional makes an option. field points at what it sets.
func optional[T any, F comparable](name, doc string, v value[F], field func(*T) *F) option[T] {
	return option[T]{
		entry: entry{name: name, doc: doc, is: v.is},
		read:  func(r *reader, n *node, into *T) { *field(into) = v.read(r, n) },
		written: func(is, usual *T) string {
			if *field(is) == *field(usual) {
				return ""
			}
			return v.written(*field(is))
		},
	}
}

// entries are the keys of some options, in a form.
func entries[T any](options []option[T]) []entry {
	all := make([]entry, len(options))
	for i := range options {
		all[i] = options[i].entry
	}
	return all
}

// readOptions reads the options that a mapping has. The others stay as they are.
func readOptions[T any](r *reader, n *node, options []option[T], into *T) {
	for i := range options {
		if v := n.value(options[i].name); v != nil {
			options[i].read(r, v, into)
		}
	}
}

// addOptions adds the options that are not as usual to a mapping that is written.
func addOptions[T any](p *pairs, options []option[T], is, usual *T) {
	for i := range options {
		if text := options[i].written(is, usual); text != "" {
			p.add(options[i].name, text)
		}
	}
}

// The kinds of values. What is opposite says the contrary of its field.
var (
	lengthOfTime = value[time.Duration]{aDuration, (*reader).duration, time.Duration.String}
	positiveTime = value[time.Duration]{aDuration, (*reader).positive, time.Duration.String}
	trueOrFalse  = value[bool]{aBoolean, (*reader).boolean, strconv.FormatBool}
	opposite     = value[bool]{aBoolean, func(r *reader, n *node) bool { return !r.boolean(n) }, func(is bool) string { return strconv.FormatBool(!is) }}
	quantityText = value[string]{aQuantity, (*reader).quantity, scalar}
)

// wholeNumber is one within bounds.
func wholeNumber[F int | int64 | uint64](least, most int64) value[F] {
	return value[F]{whole(least, most), func(r *reader, n *node) F { return F(r.integer(n, least, most)) }, func(v F) string { return fmt.Sprint(v) }}
}

// nameOf is a name that follows the rule for Kubernetes' labels; of says whose.
func nameOf(of string) value[string] {
	return value[string]{aName, func(r *reader, n *node) string { return r.name(n, of) }, scalar}
}

// oneWord is one of some words.
func oneWord(known ...string) value[string] {
	return value[string]{oneOf(known...), func(r *reader, n *node) string {
		word := r.str(n)
		if !slices.Contains(known, word) {
			r.wrong(n, words.Quoted(word)+" is none of "+words.OneOf(known), words.DidYouMean(word, known))
		}
		return word
	}, scalar}
}
