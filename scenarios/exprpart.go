package scenarios

import (
	"fmt"
	"slices"
	"strings"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/operators"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"

	"statefulsim/scenarios/words"
)

// exprPart is a piece of an expression whose value helps to understand why the whole does not hold.
type exprPart struct {
	text    string
	program cel.Program // nil for a piece that tells nothing by itself
	all     bool        // its sides are joined by &&: those that hold are of no interest
	sides   []*exprPart
	against *exprPart // for all(): the items for which it does not hold
}

// dissect takes an expression apart along what connects conditions, down to the sides of comparisons.
func dissect(of *ast.AST) *exprPart { return dissector{of.SourceInfo()}.part(of.Expr()) }

type dissector struct{ info *ast.SourceInfo }

func (d dissector) part(x ast.Expr) *exprPart {
	p := &exprPart{}
	if x.Kind() == ast.LiteralKind || x.Kind() == ast.ListKind {
		return p
	}
	if x.Kind() == ast.CallKind {
		switch call := x.AsCall(); call.FunctionName() {
		case operators.LogicalAnd:
			p.all = true
			fallthrough
		case operators.LogicalOr, operators.LogicalNot, operators.Equals, operators.NotEquals, operators.Less,
			operators.LessEquals, operators.Greater, operators.GreaterEquals, operators.In, operators.Conditional:
			for _, side := range call.Args() {
				p.sides = append(p.sides, d.part(side))
			}
		}
	}
	p.text, p.program = d.compile(x)
	if macro, is := d.info.GetMacroCall(x.ID()); is && macro.Kind() == ast.CallKind && macro.AsCall().FunctionName() == operators.All {
		call := macro.AsCall()
		p.against = d.counterexamples(call.Target(), call.Args())
	}
	return p
}

// compile turns a piece back into text and makes a program of it; nil if it cannot stand alone.
func (d dissector) compile(x ast.Expr) (string, cel.Program) {
	text, err := cel.ExprToString(x, d.info)
	if err != nil {
		return "", nil
	}
	return text, compilePart(text)
}

func compilePart(text string) cel.Program {
	checked, issues := environment().Compile(text)
	if issues.Err() != nil {
		return nil
	}
	program, err := environment().Program(checked)
	if err != nil {
		return nil
	}
	return program
}

// counterexamples is the piece that lists the items of a list for which an all() does not hold.
func (d dissector) counterexamples(list ast.Expr, args []ast.Expr) *exprPart {
	pieces := make([]string, 0, 3)
	for _, x := range append([]ast.Expr{list}, args...) {
		text, err := cel.ExprToString(x, d.info)
		if err != nil {
			return nil
		}
		pieces = append(pieces, text)
	}
	text := fmt.Sprintf("%s.filter(%s, !(%s))", pieces[0], pieces[1], pieces[2])
	return &exprPart{text: text, program: compilePart(text)}
}

// see adds what the part's values say to what is seen already.
func (p *exprPart) see(vars cel.Activation, seen []string) []string {
	if p.program == nil {
		return seen
	}
	if len(p.sides) > 0 {
		for _, side := range p.sides {
			if value, _ := side.value(vars); !p.all || value != types.True {
				seen = side.see(vars, seen)
			}
		}
		return seen
	}
	value, text := p.value(vars)
	note := words.Printable(strings.Join(strings.Fields(p.text), " ")) + " " + text
	if p.against != nil && value == types.False {
		if items, _ := p.against.value(vars); items != nil {
			note += " because of " + strings.Trim(shown(items), "[]")
		}
	}
	if !slices.Contains(seen, note) {
		seen = append(seen, note)
	}
	return seen
}

// value computes the part. text says what it is.
func (p *exprPart) value(vars cel.Activation) (value ref.Val, text string) {
	if p.program == nil {
		return nil, ""
	}
	value, _, err := p.program.Eval(vars)
	if err == nil {
		return value, "is " + shown(value)
	}
	if missing := absent(err); missing != "" {
		return nil, "is not so: " + missing
	}
	return nil, "cannot be computed: " + words.Printable(err.Error())
}
