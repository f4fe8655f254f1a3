package kubectl

import (
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/util/validation"

	"statefulsim/scenarios/words"
)

// Taint is `taint nodes NAME KEY=VALUE:EFFECT… KEY[:EFFECT]-…`.
type Taint struct {
	Objects
	Add       []TaintSpec
	Remove    []TaintSpec // an empty effect is every effect
	Overwrite bool
}

// TaintSpec is a taint as kubectl writes it.
type TaintSpec struct{ Key, Value, Effect string }

func (Taint) command() {}

var taintFlags = selecting.and(flags{"overwrite": toggle})

var effects = []string{"NoSchedule", "PreferNoSchedule", "NoExecute"}

// parseTaint reads `taint`.
// Source: k8s.io/kubectl pkg/cmd/taint/taint.go, utils.go:parseTaints.
func parseTaint(args []string) (Command, error) {
	c, err := cutFlags(args, taintFlags)
	if err != nil {
		return nil, err
	}
	isTaint := func(arg string) bool { return strings.ContainsAny(arg, "=:") || strings.HasSuffix(arg, "-") }
	named, specs, err := cutPairs(c.args, "taint", isTaint)
	if err != nil {
		return nil, err
	}
	t := Taint{Overwrite: c.on("overwrite", false)}
	if t.Objects, err = c.objects(named, "Node"); err != nil {
		return nil, err
	}
	if len(specs) == 0 {
		return nil, wrongf("node.kubernetes.io/out-of-service=nodeshutdown:NoExecute", "at least one taint update is required")
	}
	for _, text := range specs {
		if err := t.read(text); err != nil {
			return nil, err
		}
	}
	return t, t.once()
}

// read takes in KEY=VALUE:EFFECT, or KEY:EFFECT- and KEY- for what is to go.
func (t *Taint) read(text string) error {
	rest, removed := strings.CutSuffix(text, "-")
	pair, effect, hasEffect := strings.Cut(rest, ":")
	key, value, _ := strings.Cut(pair, "=")
	wrong := append(validation.IsQualifiedName(key), validation.IsValidLabelValue(value)...)
	switch {
	case !removed && !hasEffect:
		return wrongf("KEY=VALUE:NoExecute", "invalid taint spec: %s", words.Printable(text))
	case hasEffect && !slices.Contains(effects, effect):
		return wrongf(words.DidYouMean(effect, effects), "invalid taint effect: %s, unsupported taint effect", words.Printable(effect))
	case len(wrong) > 0:
		return wrongf("KEY=VALUE:NoExecute", "invalid taint spec: %s, %s", words.Printable(text), strings.Join(wrong, "; "))
	case removed:
		t.Remove = append(t.Remove, TaintSpec{Key: key, Effect: effect})
	default:
		t.Add = append(t.Add, TaintSpec{key, value, effect})
	}
	return nil
}

// once refuses a taint that the command names twice.
// Source: k8s.io/kubectl pkg/cmd/taint/taint.go:Validate, utils.go:parseTaints.
func (t *Taint) once() error {
	for i, add := range t.Add {
		if slices.ContainsFunc(t.Add[:i], func(o TaintSpec) bool { return o.Key == add.Key && o.Effect == add.Effect }) {
			return wrongf("name it once", "duplicated taints with the same key and effect: %s:%s", add.Key, add.Effect)
		}
		if slices.ContainsFunc(t.Remove, func(o TaintSpec) bool { return o.Key == add.Key && (o.Effect == "" || o.Effect == add.Effect) }) {
			return wrongf("do one of both", "can not both modify and remove the following taint(s) in the same command: %s", add.Key)
		}
	}
	return nil
}
