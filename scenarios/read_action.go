package scenarios

import (
	"reflect"
	"strconv"
	"time"

	"k8s.io/apimachinery/pkg/api/resource"

	"statefulsim/scenarios/words"
)

// action reads what a step does: the value of the key that says it.
func (r *reader) action(name string, step *node) Action {
	n := step.value(name)
	if name == "kubectl" {
		return r.kubectl(n, step.value("fails") != nil)
	}
	kind := actionKindNamed(name)
	value := reflect.New(kind.zero).Elem()
	if before := len(r.problems); !r.fields(kind, n, value) || len(r.problems) > before {
		return value.Interface().(Action)
	}
	a := value.Interface().(Action)
	if kind.check != nil {
		kind.check(r, n, a)
	}
	return a
}

func actionKindNamed(name string) *ActionKind {
	for i := range actionKinds {
		if actionKinds[i].Key == name {
			return &actionKinds[i]
		}
	}
	return nil
}

// actionNames are the keys of a step that say what it does; exactly one of them stands in a step.
func actionNames() []string {
	names := []string{"kubectl"}
	for i := range actionKinds {
		names = append(names, actionKinds[i].Key)
	}
	return names
}

// fields reads the fields of an action into a value of its type, and reports whether it is one at all. If one field is enough it
// can stand alone.
func (r *reader) fields(kind *ActionKind, n *node, into reflect.Value) bool {
	if n.kind != mapping && kind.short() {
		r.field(kind.Fields[0], n, into)
		for _, f := range kind.Fields[1:] {
			r.byDefault(f, n, into)
		}
		return true
	}
	var keys []string
	for _, f := range kind.Fields {
		keys = append(keys, f.Key)
	}
	if !r.mapping(n, "the action "+kind.Key, keys...) {
		return false
	}
	for _, f := range kind.Fields {
		switch v := n.value(f.Key); {
		case v != nil:
			r.field(f, v, into)
		case f.Required:
			r.wrong(n, kind.Key+" has no "+f.Key, kind.Key+": "+kind.Example)
		default:
			r.byDefault(f, n, into)
		}
	}
	return true
}

// byDefault gives a field that is not written the value that stands for that, where it is not Go's zero value.
func (r *reader) byDefault(f Field, n *node, into reflect.Value) {
	switch field := into.Field(f.index).Addr().Interface().(type) {
	case *Target:
		if f.Default != "" {
			*field, _, _ = parseTarget(f.Default)
			field.Pos = n.pos()
		}
	case *string:
		*field = f.Default
	}
}

// targetKinds are the kinds of targets by the types of fields.
func targetKinds(typ string) []TargetKind {
	switch typ {
	case "pods":
		return podTargets
	case "machines":
		return machines
	}
	return places
}

// field reads one field.
func (r *reader) field(f Field, n *node, into reflect.Value) {
	switch field := into.Field(f.index).Addr().Interface().(type) {
	case *Target:
		*field = r.target(n, targetKinds(f.Type)...)
	case *time.Duration:
		if *field = r.duration(n); f.Required && *field == 0 {
			*field = r.positive(n)
		}
	case *float64:
		*field = r.number(n, 0, 1)
	case *int64:
		*field = r.bytes(n)
	case *bool:
		*field = r.boolean(n)
	case *string:
		*field = r.word(f, n)
	}
}

// word reads a text that can only be one of some.
func (r *reader) word(f Field, n *node) string {
	text := r.str(n)
	what, known := f.Key, f.OneOf
	switch f.Type {
	case "container":
		what, known = "container", nil
		for _, set := range sortedKeys(r.known.sets) {
			known = append(known, containers(r.known.sets[set])...)
		}
	case "set":
		if problem, cure := r.known.raftSet(text); problem != "" {
			r.wrong(n, problem, cure)
		}
		return text
	case "component":
		what, known = "component", r.known.components()
	case "step":
		if text == allSteps {
			return ""
		}
		what, known = "step", append([]string{allSteps}, r.known.steps...)
	}
	if len(known) == 0 && f.Type == "text" {
		return text
	}
	if problem, cure := missing(what, text, known); problem != "" {
		r.wrong(n, problem, cure)
	}
	return text
}

// bytes reads a number of bytes as Kubernetes writes quantities: 1Mi, 500k.
func (r *reader) bytes(n *node) int64 {
	q, err := resource.ParseQuantity(r.str(n))
	if err != nil || q.Sign() < 0 {
		r.wrong(n, words.Quoted(n.text)+" is not a number of bytes", "write it like 125k, 1Mi or "+strconv.Itoa(1<<20))
		return 0
	}
	return q.Value()
}

// Make makes an action of this kind from the texts of its fields, by their keys, as a search draws them. It does not look whether
// what is named exists.
func (k *ActionKind) Make(texts map[string]string) (Action, error) {
	r := &reader{scenario: &Scenario{}}
	at := &node{place: place{in: newText(k.Key, nil)}}
	value := reflect.New(k.zero).Elem()
	for _, f := range k.Fields {
		text, given := texts[f.Key]
		if !given {
			r.byDefault(f, at, value)
			continue
		}
		if err := setField(value.Field(f.index), text); err != nil {
			return nil, err
		}
	}
	a := value.Interface().(Action)
	if k.check != nil {
		k.check(r, at, a)
	}
	if len(r.problems) > 0 {
		return nil, r.problems
	}
	return a, nil
}

// setField reads the text of a field as fieldText writes it.
func setField(v reflect.Value, text string) (err error) {
	switch field := v.Addr().Interface().(type) {
	case *Target:
		*field, err = targetOf(text)
	case *time.Duration:
		*field, err = time.ParseDuration(text)
	case *float64:
		*field, err = strconv.ParseFloat(text, 64)
	case *int64:
		*field, err = strconv.ParseInt(text, 10, 64)
	case *bool:
		*field, err = strconv.ParseBool(text)
	case *string:
		*field = text
	}
	return err
}

// targetOf reads the words of a target, without looking whether there is such a thing. The error is of type Problems.
func targetOf(text string) (Target, error) {
	t, problem, cure := parseTarget(text)
	if problem != "" {
		return t, Problems{{What: problem, Cure: cure}}
	}
	return t, nil
}
