package tui

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/api/resource"

	"statefulsim/scenarios"
	"statefulsim/scenarios/words"
)

// fault reads the fields of an action of the scenario language from the words that follow its name: by their order, as far as they fit, or as
// key=value.
func (t *typist) fault(key string, rest []string) (scenarios.Action, error) {
	kind := kindOf(key)
	if key == "heal" && len(rest) == 0 {
		rest = []string{"all"}
	}
	a := assignment{typist: t, kind: kind, texts: map[string]string{}}
	if err := a.keyed(t.bare(rest)); err != nil {
		return nil, err
	}
	if !a.from(0, 0) {
		return nil, a.mistake()
	}
	do, err := kind.Make(a.texts)
	if problems, are := err.(scenarios.Problems); are {
		return nil, mistake(problems[0].What, problems[0].Cure)
	}
	return do, err
}

// bare takes the namespace from the front of names that things have: the language has none in targets, since no two sets have one name.
func (t *typist) bare(all []string) []string {
	all = slices.Clone(all)
	for i, word := range all {
		if slices.ContainsFunc(t.objects, func(o object) bool { return o.namespace != "" && word == o.namespace+"/"+o.name }) {
			_, all[i], _ = strings.Cut(word, "/")
		}
	}
	return all
}

func kindOf(key string) *scenarios.ActionKind {
	kinds := scenarios.Actions()
	if i := slices.IndexFunc(kinds, func(k scenarios.ActionKind) bool { return k.Key == key }); i >= 0 {
		return &kinds[i]
	}
	return nil
}

// assignment finds out which words are meant for which field of an action.
type assignment struct {
	*typist
	kind  *scenarios.ActionKind
	words []string
	texts map[string]string // by the field's key

	furthest int              // the first word that fits nowhere
	wanted   *scenarios.Field // the field for which it was tried last
}

// keyed takes key=value from the words, and leaves the rest.
func (a *assignment) keyed(rest []string) error {
	for _, word := range rest {
		key, value, pair := strings.Cut(word, "=")
		i := slices.IndexFunc(a.kind.Fields, func(f scenarios.Field) bool { return strings.EqualFold(f.Key, key) })
		if !pair || i < 0 {
			a.words = append(a.words, word)
			continue
		}
		f := &a.kind.Fields[i]
		if _, given := a.texts[f.Key]; given {
			return mistake(f.Key+" is given twice", usageOf(a.kind))
		}
		text, fits := a.fits(f, strings.Fields(value))
		if !fits {
			return a.misfit(f, value)
		}
		a.texts[f.Key] = text
	}
	return nil
}

// from gives the words from one on to the fields from one on, each as many as fit, and tells whether that can be done.
func (a *assignment) from(word, field int) bool {
	if field == len(a.kind.Fields) {
		if word < len(a.words) {
			a.failed(word, nil)
		}
		return word == len(a.words)
	}
	f := &a.kind.Fields[field]
	if _, given := a.texts[f.Key]; given {
		return a.from(word, field+1)
	}
	begin := word
	if word < len(a.words) && leads(a.words[word], f) {
		begin++
	}
	for end := len(a.words); end > begin; end-- {
		text, fits := a.fits(f, a.words[begin:end])
		if !fits {
			continue
		}
		a.texts[f.Key] = text
		if a.from(end, field+1) {
			return true
		}
		delete(a.texts, f.Key)
	}
	if begin < len(a.words) || f.Required {
		a.failed(begin, f)
	}
	return !f.Required && a.from(word, field+1)
}

// leads tells whether a word only leads up to a field: "to node-b", "by 2s".
func leads(word string, f *scenarios.Field) bool {
	switch {
	case f.Type == "boolean":
		return false
	case f.Type == "places" || f.Type == "pods" || f.Type == "machines":
		return word == f.Key || f.Key != "except" && (word == "to" || word == "from")
	}
	return word == f.Key
}

// failed remembers the word after which nothing fits.
func (a *assignment) failed(word int, f *scenarios.Field) {
	if a.wanted == nil || word > a.furthest || word == a.furthest && f != nil && f.Required && !a.wanted.Required {
		a.furthest, a.wanted = word, f
	}
}

// fits returns what the words mean for a field, if they can mean something for it.
func (a *assignment) fits(f *scenarios.Field, some []string) (text string, fits bool) {
	text = strings.Join(some, " ")
	switch f.Type {
	case "pods", "machines", "places":
		return a.target(text, f.Type)
	case "duration":
		d, err := time.ParseDuration(text)
		return text, err == nil && d > 0
	case "probability":
		n, err := strconv.ParseFloat(text, 64)
		return text, err == nil && n >= 0 && n <= 1
	case "bytes":
		q, err := resource.ParseQuantity(text)
		return strconv.FormatInt(q.Value(), 10), err == nil && q.Sign() >= 0
	case "boolean":
		_, err := strconv.ParseBool(text)
		if strings.EqualFold(text, f.Key) {
			return "true", true
		}
		return text, err == nil
	}
	known := a.known(f)
	if i := slices.IndexFunc(known, func(k string) bool { return strings.EqualFold(k, text) }); i >= 0 {
		if text = known[i]; f.Type == "step" && text == "all" {
			text = ""
		}
		return text, true
	}
	return text, f.Type == "text" && len(known) == 0 && len(some) == 1
}

// known are the words that a text can be; none: any.
func (a *assignment) known(f *scenarios.Field) []string {
	switch {
	case len(f.OneOf) > 0:
		return f.OneOf
	case f.Type == "component":
		return a.components()
	case f.Type == "container":
		return a.containers()
	case f.Type == "step":
		return a.healable()
	case f.Type == "set" || f.Key == "set":
		return a.sets()
	}
	return nil
}

// mistake says which word is wrong, or what is missing.
func (a *assignment) mistake() error {
	f := a.wanted
	if err := a.absent(strings.Join(a.words, " ")); err != nil {
		return err
	}
	switch {
	case f == nil, f.Type == "boolean" && a.furthest < len(a.words):
		return mistake(words.Quoted(strings.Join(a.words[a.furthest:], " "))+" is too much", usageOf(a.kind))
	case a.furthest >= len(a.words):
		return mistake(a.kind.Key+" needs to know more: "+f.Doc, usageOf(a.kind))
	}
	return a.misfit(f, strings.Join(a.words[a.furthest:], " "))
}

// absent is the error for words that all together are a target which is not there: "the primary of web".
func (a *assignment) absent(text string) error {
	if first := a.kind.Fields[0]; first.Type != "pods" && first.Type != "machines" && first.Type != "places" || !strings.Contains(text, " ") {
		return nil
	}
	meant, err := targetOf(a.longName(text))
	if err != nil {
		return nil
	}
	return a.there(meant)
}

// misfit says why a text is nothing for a field.
func (a *assignment) misfit(f *scenarios.Field, text string) error {
	text = strings.TrimPrefix(text, f.Key+" ")
	switch f.Type {
	case "pods", "machines", "places":
		return a.noTarget(text, f.Type)
	case "duration":
		return mistake(words.Quoted(text)+" is no length of time for "+f.Key, "write it like 50ms or 30s")
	case "probability":
		return mistake(words.Quoted(text)+" is no probability for "+f.Key, "write it like 0.1")
	case "bytes":
		return mistake(words.Quoted(text)+" is no number of bytes for "+f.Key, "write it like 125k or 1Mi")
	case "step":
		return mistake("nothing named "+words.Quoted(text)+" is in force now", words.DidYouMean(text, a.healable()))
	}
	return mistake(words.Quoted(text)+" is no "+f.Key+" of "+a.kind.Key, words.DidYouMean(text, a.known(f)))
}

// usageOf is how an action is typed: with what it needs, and what it can be given.
func usageOf(kind *scenarios.ActionKind) string {
	parts := []string{kind.Key}
	for _, f := range kind.Fields {
		switch {
		case f.Required && len(f.OneOf) > 0:
			parts = append(parts, strings.Join(f.OneOf, "|"))
		case f.Required:
			parts = append(parts, strings.ToUpper(f.Key))
		case f.Type == "boolean":
			parts = append(parts, "["+f.Key+"]")
		default:
			parts = append(parts, "["+f.Key+"=…]")
		}
	}
	if kind.Lasts {
		parts = append(parts, "[for 30s]")
	}
	return strings.Join(parts, " ")
}
