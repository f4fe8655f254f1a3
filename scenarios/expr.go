package scenarios

import (
	"fmt"
	"strings"
	"sync"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/types"

	"statefulsim/scenarios/words"
)

// Expr is a condition over the world, written in CEL and checked when its scenario is read.
type Expr struct {
	Pos     Pos
	text    string
	uses    []string
	checked *ast.AST
	program cel.Program
	explain sync.Once
	parts   *exprPart // what Seen tells of, made when it is first asked
}

// String returns the expression as written.
func (e *Expr) String() string { return e.text }

// Uses returns the names of the variables that the expression reads, sorted: "pods" for both pods and pod, and so on for
// each kind of facts, and "now". As long as none of these changes, neither does what Holds returns.
func (e *Expr) Uses() []string { return e.uses }

// Holds judges the expression. It does not hold if it asks for something that is not there, like a pod that was never
// created. An error is something that can never be computed, like a division by zero.
func (e *Expr) Holds(f Facts) (bool, error) {
	value, _, err := e.program.Eval(&activation{facts: f})
	if err != nil {
		if absent(err) != "" {
			return false, nil
		}
		return false, fmt.Errorf("%s: %w", words.Printable(e.text), err)
	}
	return value == types.True, nil
}

// Seen says why the expression does not hold, as "set.mysql.readyReplicas is 2; …": the values of the parts that decide
// it. It costs several times as much as Holds.
func (e *Expr) Seen(f Facts) string {
	e.explain.Do(func() { e.parts = dissect(e.checked) })
	return strings.Join(e.parts.see(&activation{facts: f}, nil), "; ")
}

// absent says what an expression asked for in vain, and is "" for every other error.
func absent(err error) string {
	text := err.Error()
	if key, found := strings.CutPrefix(text, "no such key: "); found {
		return "there is no " + words.Quoted(key)
	}
	if index, found := strings.CutPrefix(text, "index out of bounds: "); found {
		return "there is no item " + words.Printable(index)
	}
	return ""
}
