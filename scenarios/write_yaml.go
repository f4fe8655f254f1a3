package scenarios

import (
	"bytes"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"statefulsim/scenarios/words"
)

// printer writes YAML.
type printer struct{ strings.Builder }

// line writes a line, two columns further to the right for each step of its depth.
func (p *printer) line(depth int, text string) {
	p.WriteString(strings.Repeat("  ", depth) + text + "\n")
}

// key writes a key of the file with a value that stands in its line.
func (p *printer) key(name, value string) { p.line(0, name+": "+value) }

// text writes a key of the file with a text, if there is one.
func (p *printer) text(name, value string) {
	if value != "" {
		p.value(0, name+":", literal(value))
	}
}

// list writes a key of the file with a list of which each item stands in a line, if there are any.
func list[T any](p *printer, name string, items []T, written func(T) string) {
	if len(items) == 0 {
		return
	}
	p.line(0, name+":")
	for _, item := range items {
		p.line(1, "- "+literal(written(item)))
	}
}

// literal keeps what looks like a variable from being taken for one.
func literal(s string) string { return reference.ReplaceAllString(s, "$$$0") }

// pairs are the pairs of a mapping that stands in one line.
type pairs []string

func (p *pairs) add(key, value string) { *p = append(*p, key+": "+value) }

// text adds a text, if there is one.
func (p *pairs) text(key, value string) {
	if value != "" {
		p.add(key, scalar(value))
	}
}

// duration adds a duration that is not 0.
func (p *pairs) duration(key string, d time.Duration) {
	if d != 0 {
		p.add(key, d.String())
	}
}

func (p pairs) String() string { return "{" + strings.Join(p, ", ") + "}" }

func flowList(items []string) string {
	written := make([]string, len(items))
	for i := range items {
		written[i] = scalar(items[i])
	}
	return "[" + strings.Join(written, ", ") + "]"
}

var (
	bare    = regexp.MustCompile(`^[A-Za-z/][-A-Za-z0-9 ._/=+]*$`)
	notBare = regexp.MustCompile(`^(?i:true|false|null|yes|no|on|off|y|n|nan|inf)$`)
	timing  = regexp.MustCompile(`^([0-9]+(\.[0-9]+)?(ns|us|µs|ms|s|m|h))+$`)
)

// scalar writes a text as a YAML scalar of one line that can stand anywhere, with no more quotes than it needs.
func scalar(s string) string {
	switch {
	case bare.MatchString(s) && !notBare.MatchString(s) && !strings.HasSuffix(s, " "), timing.MatchString(s):
		return s
	case strings.ContainsFunc(s, words.Unprintable) || !strings.ContainsAny(s, `"\`):
		return jsonText(s)
	}
	return "'" + strings.ReplaceAll(s, "'", "''") + "'"
}

func jsonText(s string) string {
	var out bytes.Buffer
	e := json.NewEncoder(&out)
	e.SetEscapeHTML(false) // conditions are full of < and &
	if err := e.Encode(s); err != nil {
		panic(err) // a string always has a JSON form
	}
	return strings.TrimSuffix(out.String(), "\n")
}

// value writes a value of JSON behind what introduces it: a key with its colon, the dash of a list, or both.
func (p *printer) value(depth int, before string, v any) {
	inside := depth + 1
	if strings.HasPrefix(before, "- ") {
		inside++
	}
	switch v := v.(type) {
	case map[string]any:
		switch {
		case len(v) == 0:
			p.line(depth, before+" {}")
		case before == "-":
			p.mapping(depth, "- ", v)
		default:
			p.line(depth, before)
			p.mapping(inside, "", v)
		}
	case []any:
		if len(v) == 0 {
			p.line(depth, before+" []")
			return
		}
		p.line(depth, before)
		for _, item := range v {
			p.value(inside, "-", item)
		}
	case string:
		p.string(depth, inside, before, v)
	default:
		p.line(depth, before+" "+fmt.Sprint(v))
	}
}

// mapping writes the keys of a mapping, the first of them behind a dash if there is one.
func (p *printer) mapping(depth int, dash string, v map[string]any) {
	for i, k := range orderedKeys(v) {
		if i == 1 && dash != "" {
			depth, dash = depth+1, ""
		}
		p.value(depth, dash+scalar(k)+":", v[k])
	}
}

// foremost are the keys that a reader looks for first.
var foremost = []string{"apiVersion", "kind", "name", "metadata"}

func orderedKeys(v map[string]any) []string {
	var keys []string
	for _, k := range foremost {
		if _, has := v[k]; has {
			keys = append(keys, k)
		}
	}
	for _, k := range sortedKeys(v) {
		if !slices.Contains(foremost, k) {
			keys = append(keys, k)
		}
	}
	return keys
}

// string writes a text: as a block if it has several lines that a block can hold.
func (p *printer) string(depth, inside int, before, s string) {
	body, ends := strings.CutSuffix(s, "\n")
	lines := strings.Split(body, "\n")
	if len(lines) == 1 && !ends || !blockable(lines) {
		p.line(depth, before+" "+scalar(s))
		return
	}
	style := " |"
	if !ends {
		style = " |-"
	}
	p.line(depth, before+style)
	for _, line := range lines {
		p.line(inside, line)
	}
}

// blockable tells whether the lines come back from a block as they are.
func blockable(lines []string) bool {
	if first, last := lines[0], lines[len(lines)-1]; first == "" || first[0] == ' ' || first[0] == '\t' || last == "" {
		return false
	}
	return !slices.ContainsFunc(lines, func(line string) bool {
		return strings.ContainsFunc(line, words.Unprintable) || strings.HasSuffix(line, " ")
	})
}
