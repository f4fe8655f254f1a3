package scenarios

import (
	"reflect"
	"slices"
	"strings"
	"time"
)

// ActionKind describes the actions of one type.
type ActionKind struct {
	Key       string // of a step
	Lasts     bool   // it is healed when the step's time is over, or by heal
	ChaosMesh string // the kind and the actions as which it is written for Chaos Mesh; "" if that has nothing like it
	Models    string // what it does, in full sentences
	Not       string // what it leaves out, in full sentences
	Example   string // a value of the key
	Fields    []Field

	zero  reflect.Type
	check func(r *reader, n *node, a Action) // what no field alone can tell; may be nil
}

// Field is a field of an action.
type Field struct {
	Key, Doc string
	Type     string   // "pods", "machines", "places", "container", "set", "step", "component", "duration", "probability", "bytes", "boolean" or "text"
	OneOf    []string // the words that a text can be; none: any
	Required bool
	Default  string // what it is if it is not written; "" if nothing

	index int // in the struct
}

// Actions describes all actions but kubectl, which is a text with a grammar of its own.
func Actions() []ActionKind { return actionKinds }

// Components are the parts of the control plane that can be stopped, slowed and kept from news.
func Components() []string {
	return []string{"kube-apiserver", "kube-controller-manager", "kube-scheduler", "csi-driver", "coredns"}
}

// fieldsOf reads the tags of an action's type.
func fieldsOf(t reflect.Type) (fields []Field) {
	for i := range t.NumField() {
		tag := t.Field(i).Tag
		f := Field{Key: tag.Get("key"), Doc: tag.Get("doc"), Type: tag.Get("is"), OneOf: strings.Fields(tag.Get("one")), index: i}
		byDefault, optional := tag.Lookup("default")
		f.Required = !optional
		if byDefault != "-" {
			f.Default = byDefault
		}
		if f.Type == "" {
			f.Type = typeNames[t.Field(i).Type]
		}
		fields = append(fields, f)
	}
	return fields
}

// typeNames say what a field is whose tag does not.
var typeNames = map[reflect.Type]string{
	reflect.TypeFor[time.Duration](): "duration", reflect.TypeFor[float64](): "probability", reflect.TypeFor[bool](): "boolean",
	reflect.TypeFor[string](): "text",
}

// short tells whether an action can be written as a text: it has one field that is required, and that is the first. One with two
// sides always names both.
func (k *ActionKind) short() bool {
	return k.Fields[0].Required && k.Fields[0].Type != "places" && !slices.ContainsFunc(k.Fields[1:], func(f Field) bool { return f.Required })
}

// kindOfAction returns the kind of an action, or nil for a kubectl command.
func kindOfAction(a Action) *ActionKind {
	t := reflect.TypeOf(a)
	for i := range actionKinds {
		if actionKinds[i].zero == t {
			return &actionKinds[i]
		}
	}
	return nil
}
