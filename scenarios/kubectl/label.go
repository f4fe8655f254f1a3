package kubectl

import (
	"strings"
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

// parseLabel reads `label` and `annotate`.
func parseLabel(annotate bool) func(args []string) (Command, error) {
	return func(args []string) (Command, error) {
		what := map[bool]string{false: "label", true: "annotation"}[annotate]
		c, err := cutFlags(args, selecting.and(flags{"overwrite": toggle}))
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
		for _, pair := range pairs {
			if key, value, is := strings.Cut(pair, "="); is {
				l.Set = append(l.Set, Pair{key, value})
			} else {
				l.Remove = append(l.Remove, strings.TrimSuffix(pair, "-"))
			}
		}
		return l, nil
	}
}
