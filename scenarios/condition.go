package scenarios

// Condition reads an expression that stands in no file: what a search puts into the scenarios that it makes. The error is of type
// Problems. It must name nothing, since there is no scenario that has it.
func Condition(text string) (*Expr, error) {
	in := newText("condition", []byte(text))
	r := &reader{text: in, scenario: &Scenario{}}
	e := r.expr(&node{place: place{in: in, line: 1, column: 1}, kind: str, text: text})
	if len(r.problems) > 0 {
		return nil, r.problems
	}
	return e, nil
}
