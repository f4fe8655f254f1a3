package scenarios

import (
	"fmt"
	"strconv"
	"strings"

	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"cel.dev/cel-go/common/types/traits"

	"statefulsim/scenarios/words"
)

// shown writes a value of CEL for people: facts by their names, and no more than a handful of a list's items.
func shown(value ref.Val) string {
	const most = 10
	switch v := value.(type) {
	case *fact:
		return v.label()
	case *directory:
		return fmt.Sprintf("%d of them", len(v.facts))
	case types.String:
		return words.Quoted(string(v))
	case types.Double:
		return strconv.FormatFloat(float64(v), 'g', 6, 64)
	case traits.Lister:
		var items []string
		for it := v.Iterator(); it.HasNext() == types.True; {
			item := it.Next()
			if len(items) == most {
				items = append(items, "…")
				break
			}
			items = append(items, shown(item))
		}
		return "[" + strings.Join(items, ", ") + "]"
	}
	return fmt.Sprint(value.Value())
}

// label is how a fact is named among its like.
func (f *fact) label() string {
	for i := range variables {
		if v := &variables[i]; v.kind == f.kind && v.name != nil {
			return words.Printable(v.name(f.of))
		}
	}
	switch of := f.of.(type) {
	case *FailoverFact:
		return fmt.Sprintf("the failover of %s at %.3fs", words.Printable(of.Set), of.AtSeconds)
	case *EventFact:
		return words.Printable(of.Reason + " of " + of.Object)
	}
	return f.kind.name
}
