package kubectl

import (
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/util/validation"

	"statefulsim/scenarios/words"
)

// Label is `label KIND NAME KEY=VALUE… KEY-…`, or `annotate`.
type Label struct {
	Objects
	Annotate  bool
	Set       []Pair
	Remove    []string
	Overwrite bool
}

func (Label) command() {}

var labelFlags = selecting.and(flags{"overwrite": toggle})

// parseLabel reads `label` and `annotate`.
func parseLabel(annotate bool) func(args []string) (Command, error) {
	return func(args []string) (Command, error) {
		what := map[bool]string{false: "label", true: "annotation"}[annotate]
		c, err := cutFlags(args, labelFlags)
		if err != nil {
			return nil, err
		}
		named, pairs, err := cutPairs(c.args, what, isPair)
		if err != nil {
			return nil, err
		}
		l := Label{Annotate: annotate, Overwrite: c.on("overwrite", false)}
		if l.Objects, err = c.objects(named); err != nil {
			return nil, err
		}
		if len(pairs) == 0 {
			return nil, wrongf("role=primary, or role- to take it away", "at least one %s update is required", what)
		}
		err = l.read(pairs)
		return l, err
	}
}

// read takes in the changes.
// Source: k8s.io/kubectl pkg/cmd/label/label.go:parseLabels, pkg/cmd/annotate/annotate.go:validateAnnotations.
func (l *Label) read(pairs []string) error {
	for _, pair := range pairs {
		key, value, is := strings.Cut(pair, "=")
		if !is {
			l.Remove = append(l.Remove, strings.TrimSuffix(pair, "-"))
			continue
		}
		if wrong := validation.IsValidLabelValue(value); !l.Annotate && len(wrong) > 0 {
			return wrongf("", "invalid label value: %s: %s", words.Quoted(pair), strings.Join(wrong, ";"))
		}
		l.Set = append(l.Set, Pair{key, value})
	}
	for _, pair := range l.Set {
		if slices.Contains(l.Remove, pair.Key) {
			return wrongf("do one of both", "can not both modify and remove %s in the same command", words.Printable(pair.Key))
		}
	}
	return nil
}
