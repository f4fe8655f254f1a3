package kubectl

import (
	"slices"
	"strings"

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

var effects = []string{"NoSchedule", "PreferNoSchedule", "NoExecute"}

// parseTaint reads `taint`.
// Source: k8s.io/kubectl pkg/cmd/taint/taint.go, utils.go:parseTaints.
func parseTaint(args []string) (Command, error) {
	c, err := cutFlags(args, selecting.and(flags{"overwrite": toggle}))
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
	return t, nil
}

func (t *Taint) read(text string) error {
	rest, removed := strings.CutSuffix(text, "-")
	pair, effect, hasEffect := strings.Cut(rest, ":")
	key, value, _ := strings.Cut(pair, "=")
	spec := TaintSpec{key, value, effect}
	switch {
	case key == "" || !removed && !hasEffect:
		return wrongf("KEY=VALUE:NoExecute", "invalid taint spec: %s", words.Printable(text))
	case hasEffect && !slices.Contains(effects, effect):
		return wrongf(words.DidYouMean(effect, effects), "invalid taint effect: %s, unsupported taint effect", words.Printable(effect))
	case removed:
		t.Remove = append(t.Remove, spec)
	default:
		t.Add = append(t.Add, spec)
	}
	return nil
}
