package scenarios

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common"
	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/operators"
	"cel.dev/cel-go/common/types"

	"statefulsim/scenarios/words"
)

// expr compiles an expression, or reports what is wrong with it and returns nil.
func (r *reader) expr(n *node) *Expr {
	before := len(r.problems)
	text := r.words(n)
	if len(r.problems) > before {
		return nil
	}
	if text == "" {
		r.wrong(n, "the expression is empty", "for instance 'set.mysql.readyReplicas == 3'")
		return nil
	}
	lead := utf8.RuneCountInString(n.text[:strings.Index(n.text, text)])
	report := func(at common.Location, what, cure string) {
		line, column := r.inside(n, at.Line(), at.Column(), lead)
		r.report(n.in.problem(line, column, what, cure))
	}
	compiled, issues := environment().Compile(text)
	if issues.Err() != nil {
		celProblems(issues.Errors(), report)
		return nil
	}
	if !compiled.OutputType().IsExactType(cel.BoolType) {
		r.wrong(n, "the expression gives "+cel.FormatCELType(compiled.OutputType())+", not true or false", "compare it with something")
		return nil
	}
	program, err := environment().Program(compiled)
	if err != nil {
		r.wrong(n, "the expression cannot be run: "+err.Error(), "")
		return nil
	}
	checked := compiled.NativeRep()
	w := exprWalk{known: &r.known, report: func(id int64, what, cure string) {
		report(checked.SourceInfo().GetStartLocation(id), what, cure)
	}}
	ast.PreOrderVisit(checked.Expr(), ast.NewExprVisitor(w.visit))
	slices.Sort(w.uses)
	return &Expr{Pos: n.pos(), text: text, uses: slices.Compact(w.uses), checked: checked, program: program}
}

// celProblems reports what CEL's parser or checker complains of: the first few, since one slip of a parenthesis gives many.
func celProblems(errors []*cel.Error, report func(at common.Location, what, cure string)) {
	const most = 3
	for _, e := range errors[:min(len(errors), most)] {
		at := e.Location
		if undefinedField.MatchString(e.Message) {
			at = common.NewLocation(at.Line(), at.Column()+1) // CEL points at the dot
		}
		what, cure := celProblem(e.Message)
		report(at, what, cure)
	}
}

// inside turns a place in an expression, its line from 1 and its column from 0, into one in the file. Where the scalar's
// style moves characters about, it is the beginning of the scalar.
func (r *reader) inside(n *node, line, column, lead int) (int, int) {
	switch {
	case line < 1 || column < 0:
		return n.line, n.column
	case n.style == block:
		at := n.in.line + n.line
		return n.line + line, indentation(n.in.lines, at) + column + 1
	case line > 1 || n.style == filled || n.line == 0:
		return n.line, n.column
	case n.style == quotes:
		lead++
	}
	return n.line, n.column + lead + column
}

var (
	undefinedField = regexp.MustCompile(`^undefined field '(.*)'$`)
	undeclared     = regexp.MustCompile(`^undeclared reference to '(.*?)'`)
	noOverload     = regexp.MustCompile(`^found no matching overload for '(.*?)' applied to '\((.*)\)'$`)
)

// celProblem says in this language's words what CEL's checker complains of, and what may have been meant.
func celProblem(message string) (what, cure string) {
	if m := undefinedField.FindStringSubmatch(message); m != nil {
		var known []string
		for i := range variables {
			known = append(known, variables[i].kind.fieldNames()...)
		}
		return "there is no field " + words.Quoted(m[1]), words.DidYouMean(m[1], known)
	}
	if m := undeclared.FindStringSubmatch(message); m != nil {
		known := []string{now}
		for i := range variables {
			known = append(known, variables[i].list)
			if variables[i].named != "" {
				known = append(known, variables[i].named)
			}
		}
		return "there is nothing named " + words.Quoted(m[1]), words.DidYouMean(m[1], known)
	}
	if m := noOverload.FindStringSubmatch(message); m != nil {
		name := m[1]
		if operator, is := operators.FindReverse(name); is && operator != "" {
			name = operator
		}
		return fmt.Sprintf("%s does not go with %s", name, m[2]), ""
	}
	message, _, _ = strings.Cut(strings.TrimPrefix(message, "Syntax error: "), " expecting ")
	return "the expression is not CEL: " + strings.Replace(message, "mismatched input '<EOF>'", "it ends too early", 1), ""
}

// exprWalk finds out what an expression uses, and checks the names in it that are constants.
type exprWalk struct {
	known  *names
	report func(id int64, what, cure string)
	uses   []string
}

func (w *exprWalk) visit(x ast.Expr) {
	switch x.Kind() {
	case ast.IdentKind:
		if x.AsIdent() == now {
			w.uses = append(w.uses, now)
		} else if v, _ := variableNamed(x.AsIdent()); v != nil {
			w.uses = append(w.uses, v.list)
		}
	case ast.SelectKind:
		w.constant(x.ID(), x.AsSelect().Operand(), x.AsSelect().FieldName())
	case ast.CallKind:
		call := x.AsCall()
		if call.FunctionName() == operators.Index && call.Args()[1].Kind() == ast.LiteralKind {
			if name, is := call.Args()[1].AsLiteral().(types.String); is {
				w.constant(call.Args()[1].ID(), call.Args()[0], string(name))
			}
		}
	}
}

// constant checks a name by which an expression takes a fact out of a map of them.
func (w *exprWalk) constant(id int64, from ast.Expr, name string) {
	if from.Kind() != ast.IdentKind {
		return
	}
	var problem, cure string
	switch from.AsIdent() {
	case "set":
		problem, cure = w.known.set(name)
	case "pod":
		problem, cure = w.known.pod(name)
	case "peer":
		problem, cure = w.known.peerPod(name)
	case "node":
		problem, cure = missing("node", name, w.known.nodes)
	case "claim":
		problem, cure = w.known.claim(name)
	case "cronjob":
		problem, cure = missing("CronJob", name, w.known.cronJobs)
	case "client":
		problem, cure = missing("client", name, w.known.clients)
	case "service":
		var all []string
		for _, namespace := range sortedKeys(w.known.services) {
			all = append(all, w.known.services[namespace]...)
		}
		problem, cure = missing("Service", name, all)
	}
	if problem != "" {
		w.report(id, problem, cure)
	}
}
