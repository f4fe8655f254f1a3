package scenarios

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// String returns "kubectl: scale statefulset/mysql --replicas=5".
func (k Kubectl) String() string { return "kubectl: " + yamlText(k.Line) }

// String returns "kill: mysql-0", or "kill: {target: mysql-0, container: mysql}".
func (k Kill) String() string {
	if k.Container == "" {
		return "kill: " + yamlText(k.Target.Text)
	}
	return fmt.Sprintf("kill: {target: %s, container: %s}", yamlText(k.Target.Text), yamlText(k.Container))
}

// String returns "crash: node node-a".
func (c Crash) String() string { return "crash: " + yamlText(c.Target.Text) }

// String returns "reboot: node node-a".
func (r Reboot) String() string { return "reboot: " + yamlText(r.Target.Text) }

// String returns "partition: {from: node node-a, to: everything else}".
func (p Partition) String() string {
	oneWay := ""
	if p.OneWay {
		oneWay = ", oneWay: true"
	}
	return "partition: {" + between(p.From, p.To) + oneWay + "}"
}

// String returns "hold: {from: mysql-0, to: mysql-1}".
func (h Hold) String() string { return "hold: {" + between(h.From, h.To) + "}" }

// String returns "degrade: {from: mysql-0, to: everything else, latency: 50ms, loss: 0.1}".
func (d Degrade) String() string {
	var b strings.Builder
	b.WriteString("degrade: {" + between(d.From, d.To))
	if d.Latency != 0 {
		b.WriteString(", latency: " + d.Latency.String())
	}
	if d.Jitter != 0 {
		b.WriteString(", jitter: " + d.Jitter.String())
	}
	if d.Loss != 0 {
		b.WriteString(", loss: " + decimal(d.Loss))
	}
	if d.Duplicate != 0 {
		b.WriteString(", duplicate: " + decimal(d.Duplicate))
	}
	return b.String() + "}"
}

// String returns "heal: all", or "heal: cut" for a step of that name.
func (h Heal) String() string {
	if h.Step == "" {
		return "heal: all"
	}
	return "heal: " + yamlText(h.Step)
}

func between(from, to Target) string {
	return "from: " + yamlText(from.Text) + ", to: " + yamlText(to.Text)
}

// decimal writes a number with a point, since YAML 1.2 parsers differ in what they make of an exponent.
func decimal(f float64) string { return strconv.FormatFloat(f, 'f', -1, 64) }

var (
	plainText = regexp.MustCompile(`^[A-Za-z][-A-Za-z0-9 ._/=]*[A-Za-z0-9]$`)
	notText   = regexp.MustCompile(`^(?i:true|false|null|yes|no|on|off|nan|inf)$`)
)

// yamlText writes a text as a YAML scalar that can stand anywhere.
func yamlText(s string) string {
	if plainText.MatchString(s) && !notText.MatchString(s) {
		return s
	}
	quoted, err := json.Marshal(s)
	if err != nil {
		panic(err) // a string always has a JSON form
	}
	return string(quoted)
}
