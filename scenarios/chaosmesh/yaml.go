package chaosmesh

import (
	"encoding/json"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"statefulsim/scenarios/words"
)

// object is a mapping of YAML, whose keys stand in this order.
type object []field

// field is a key with its value: a string, an int, an object, a list of either, or nil, and then it is left out.
type field struct {
	key   string
	value any
}

// list is a list of YAML.
type list []any

// item is an entry of a list with a comment above it, or the comment alone.
type item struct {
	comment []string
	value   any
}

// texts makes a list of texts; nil without any.
func texts(all ...string) any {
	if len(all) == 0 {
		return nil
	}
	var l list
	for _, s := range all {
		l = append(l, s)
	}
	return l
}

// mapping makes an object of a map, in the order of its keys; nil if it is empty.
func mapping(m map[string]string) any {
	if len(m) == 0 {
		return nil
	}
	var o object
	for key, value := range m {
		o = append(o, field{key, value})
	}
	slices.SortFunc(o, func(a, b field) int { return strings.Compare(a.key, b.key) })
	return o
}

// printer writes YAML.
type printer struct{ strings.Builder }

func (p *printer) line(indent int, text string) {
	p.WriteString(strings.TrimRight(strings.Repeat(" ", indent)+text, " ") + "\n")
}

// comment writes lines that are for people.
func (p *printer) comment(indent int, lines ...string) {
	for _, line := range lines {
		p.line(indent, "# "+words.Printable(line))
	}
}

// object writes a mapping. Its first line begins with the lead, which is as wide as the indent of the others.
func (p *printer) object(indent int, lead string, o object) {
	for _, f := range o {
		if f.value == nil {
			continue
		}
		head := lead + scalar(f.key) + ":"
		pad := indent - len(lead)
		switch v := f.value.(type) {
		case object:
			p.line(pad, head)
			p.object(indent+2, "", v)
		case list:
			p.line(pad, head)
			p.list(indent+2, v)
		default:
			p.line(pad, head+" "+atom(v))
		}
		lead = ""
	}
}

func (p *printer) list(indent int, l list) {
	for _, v := range l {
		if i, is := v.(item); is {
			p.comment(indent, i.comment...)
			v = i.value
		}
		switch v := v.(type) {
		case nil:
		case object:
			p.object(indent+2, strings.Repeat(" ", indent)+"- ", v)
		default:
			p.line(indent, "- "+atom(v))
		}
	}
}

// atom writes a value that stands in its line.
func atom(v any) string {
	if n, is := v.(int); is {
		return strconv.Itoa(n)
	}
	return scalar(v.(string))
}

// plain is what stands for itself as a text, in every version of YAML.
var plain = regexp.MustCompile(`^[A-Za-z/][-A-Za-z0-9_./]*$`)

var reserved = []string{"null", "true", "false", "yes", "no", "on", "off", "y", "n"}

func scalar(s string) string {
	if plain.MatchString(s) && !slices.Contains(reserved, strings.ToLower(s)) {
		return s
	}
	quoted, err := json.Marshal(s)
	if err != nil {
		panic(err) // a text is always valid JSON
	}
	return string(quoted)
}
