package kubectl

import (
	"strings"
	"time"

	"statefulsim/scenarios/words"
)

// Wait is `wait KIND/NAME… --for=CONDITION… [--timeout=…]`.
type Wait struct {
	Objects
	For     []Condition   // each object has to meet one after the other
	Timeout time.Duration // 0: look once
}

func (Wait) command() {}

// Condition is what a command waits for.
type Condition struct {
	Kind  string   // "condition", "delete", "create" or "jsonpath"
	Name  string   // condition: its type
	Value string   // condition: its status; jsonpath: the text that stands there, or "" for any
	Path  []string // jsonpath: the fields and indexes that lead there
}

// For as long as a week kubectl waits if the timeout is negative, and for 30 s if there is none.
// Source: k8s.io/kubectl pkg/cmd/wait/wait.go:NewWaitFlags, ToOptions.
const (
	longestWait = 168 * time.Hour
	usualWait   = 30 * time.Second
)

var waitFlags = selecting.and(flags{"for": value, "timeout": value})

func parseWait(args []string) (Command, error) {
	c, err := cutFlags(args, waitFlags)
	if err != nil {
		return nil, err
	}
	var w Wait
	if w.Objects, err = c.objects(c.args); err != nil {
		return nil, err
	}
	if w.Timeout, err = c.duration("timeout", usualWait); err != nil {
		return nil, err
	}
	if w.Timeout < 0 {
		w.Timeout = longestWait
	}
	for _, text := range c.flags["for"] {
		condition, err := parseCondition(text)
		if err != nil {
			return nil, err
		}
		w.For = append(w.For, condition)
	}
	if len(w.For) == 0 {
		return nil, wrongf("--for=condition=Ready", "wait needs the flag --for")
	}
	return w, nil
}

// parseCondition reads the value of --for.
// Source: k8s.io/kubectl pkg/cmd/wait/wait.go:conditionFuncsFor.
func parseCondition(text string) (Condition, error) {
	kind, rest, given := strings.Cut(text, "=")
	switch lower := strings.ToLower(text); {
	case lower == "delete" || lower == "create":
		return Condition{Kind: lower}, nil
	case kind == "condition" && given:
		name, status, has := strings.Cut(rest, "=")
		if !has {
			status = "true"
		}
		return Condition{Kind: kind, Name: name, Value: status}, nil
	case kind == "jsonpath" && given:
		return parsePath(rest)
	}
	return Condition{}, wrongf("--for=condition=Ready, --for=delete, --for=create or --for=jsonpath='{.status.phase}'=Running",
		"unrecognized condition: %s", words.Quoted(text))
}

// parsePath reads {.status.phase} or {.status.phase}=Running. Of JSONPath fields and indexes are known, and no filters.
// Source: k8s.io/kubectl pkg/cmd/wait/wait.go:processJSONPathInput, pkg/cmd/get/customcolumn.go:RelaxedJSONPathExpression.
func parsePath(text string) (Condition, error) {
	const example = "--for=jsonpath='{.status.readyReplicas}'=3"
	expression, want, has := strings.Cut(text, "=")
	want = strings.Trim(want, `'"`)
	expression = strings.Trim(strings.TrimSuffix(strings.TrimPrefix(expression, "{"), "}"), ".")
	switch {
	case has && want == "":
		return Condition{}, wrongf(example, "jsonpath wait has to have a value after equal sign")
	case expression == "":
		return Condition{}, wrongf(example, "jsonpath expression cannot be empty")
	case strings.ContainsAny(expression, "?@*:,'\"{}()|"):
		return Condition{}, wrongf(example, "of JSONPath only fields and indexes are simulated, and this is %s", words.Quoted(expression))
	}
	path := strings.Split(strings.NewReplacer("[", ".", "]", "").Replace(expression), ".")
	return Condition{Kind: "jsonpath", Path: path, Value: want}, nil
}
