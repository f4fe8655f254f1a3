package scenarios

import (
	"regexp"
	"strconv"
)

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
