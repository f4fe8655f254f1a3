package scenarios

import (
	"fmt"
	"reflect"
	"regexp"
	"strconv"
	"strings"
)

// printed writes an action as the language does: the key, and the fields that are not as they are by default.
func printed(a Action) string {
	kind := kindOfAction(a)
	var parts []string
	value := reflect.ValueOf(a)
	for _, f := range kind.Fields {
		if text := fieldText(f, value.Field(f.index)); f.Required || text != f.Default || f.Key == "to" {
			parts = append(parts, f.Key+": "+yamlText(text))
		}
	}
	if len(parts) == 1 && kind.short() {
		return kind.Key + strings.TrimPrefix(parts[0], kind.Fields[0].Key)
	}
	return kind.Key + ": {" + strings.Join(parts, ", ") + "}"
}

// fieldText writes the value of a field, without quotes.
func fieldText(f Field, v reflect.Value) string {
	switch value := v.Interface().(type) {
	case Target:
		return value.Text
	case float64:
		return decimal(value)
	default:
		if f.Type == "step" && v.IsZero() {
			return allSteps
		}
		return fmt.Sprint(value)
	}
}

// allSteps is what heal says for every step.
const allSteps = "all"

// String returns "kubectl: scale statefulset/mysql --replicas=5".
func (k Kubectl) String() string { return "kubectl: " + yamlText(k.Line) }

// decimal writes a number with a point, since YAML 1.2 parsers differ in what they make of an exponent.
func decimal(f float64) string { return strconv.FormatFloat(f, 'f', -1, 64) }

var (
	plainText = regexp.MustCompile(`^(-?[0-9]+(\.[0-9]+)?([a-zµ]*[0-9.]*)*|[A-Za-z][-A-Za-z0-9 ._/=]*[A-Za-z0-9])$`)
	notText   = regexp.MustCompile(`^(?i:null|yes|no|on|off|nan|inf)$`)
)

// yamlText writes a text as a YAML scalar that can stand anywhere.
func yamlText(s string) string {
	if plainText.MatchString(s) && !notText.MatchString(s) {
		return s
	}
	return jsonText(s)
}
