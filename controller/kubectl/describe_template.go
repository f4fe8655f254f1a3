package kubectl

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// page is a description under way, line by line.
type page []string

// add adds a line, two spaces deeper for each level. Tabs stay tabs: kubectl does not align what it shows of a template.
func (p *page) add(level int, format string, args ...any) {
	*p = append(*p, strings.Repeat("  ", level)+fmt.Sprintf(format, args...))
}

// values adds a title with a value in its line, and the other values in lines of their own.
func (p *page) values(title string, values []string) {
	if len(values) == 0 {
		values = []string{"<none>"}
	}
	p.add(0, "%s:\t%s", title, values[0])
	for _, value := range values[1:] {
		p.add(0, "\t%s", value)
	}
}

// describeTemplate describes a pod template.
// Source: k8s.io/kubectl pkg/describe/describe.go:DescribePodTemplate.
func describeTemplate(template *corev1.PodTemplateSpec) []string {
	var p page
	spec := &template.Spec
	p.add(0, "Pod Template:")
	p.values("  Labels", joinedPairs(template.Labels))
	if len(template.Annotations) > 0 {
		p.values("  Annotations", annotationLines(template.Annotations))
	}
	if spec.ServiceAccountName != "" {
		p.add(1, "Service Account:\t%s", spec.ServiceAccountName)
	}
	if len(spec.InitContainers) > 0 {
		p.containers("Init Containers", spec.InitContainers)
	}
	p.containers("Containers", spec.Containers)
	p.volumes(spec.Volumes)
	for i, line := range constraintLines(spec.TopologySpreadConstraints) {
		if i == 0 {
			line = "Topology Spread Constraints:\t" + line
		} else {
			line = "\t" + line
		}
		p.add(1, "%s", line)
	}
	if spec.PriorityClassName != "" {
		p.add(1, "Priority Class Name:\t%s", spec.PriorityClassName)
	}
	p.values("  Node-Selectors", joinedPairs(spec.NodeSelector))
	p.values("  Tolerations", tolerationLines(spec.Tolerations))
	return p
}

// joinedPairs writes pairs as KEY=VALUE, in the order of the keys.
func joinedPairs(pairs map[string]string) (lines []string) {
	for _, key := range slices.Sorted(maps.Keys(pairs)) {
		lines = append(lines, key+"="+pairs[key])
	}
	return lines
}

// longestAnnotation is how long an annotation may be to stand in one line with its key, and in any line.
const longestAnnotation = 140

// annotationLines writes annotations, in the order of their keys, but for what apply notes.
// Source: k8s.io/kubectl pkg/describe/describe.go:printAnnotationsMultiline.
func annotationLines(annotations map[string]string) (lines []string) {
	for _, key := range slices.Sorted(maps.Keys(annotations)) {
		value := strings.TrimSuffix(annotations[key], "\n")
		switch {
		case key == corev1.LastAppliedConfigAnnotation:
		case len(value)+len(key)+2 <= longestAnnotation && !strings.Contains(value, "\n"):
			lines = append(lines, key+": "+value)
		default:
			lines = append(lines, key+":")
			for line := range strings.SplitSeq(value, "\n") {
				if len(line) > longestAnnotation-2 {
					line = line[:longestAnnotation-2] + "..."
				}
				lines = append(lines, "  "+line)
			}
		}
	}
	return lines
}

// Source: k8s.io/kubectl pkg/describe/describe.go:describeTopologySpreadConstraints.
func constraintLines(constraints []corev1.TopologySpreadConstraint) (lines []string) {
	byKey := slices.SortedStableFunc(slices.Values(constraints), func(a, b corev1.TopologySpreadConstraint) int {
		return cmp.Compare(a.TopologyKey, b.TopologyKey)
	})
	for _, c := range byKey {
		line := fmt.Sprintf("%s:%s when max skew %d is exceeded", c.TopologyKey, c.WhenUnsatisfiable, c.MaxSkew)
		if c.LabelSelector != nil {
			line += " for selector " + metav1.FormatLabelSelector(c.LabelSelector)
		}
		lines = append(lines, line)
	}
	return lines
}

// Source: k8s.io/kubectl pkg/describe/describe.go:printTolerationsMultilineWithIndent.
func tolerationLines(tolerations []corev1.Toleration) (lines []string) {
	byKey := slices.SortedStableFunc(slices.Values(tolerations), func(a, b corev1.Toleration) int { return cmp.Compare(a.Key, b.Key) })
	for _, t := range byKey {
		line := t.Key
		if t.Value != "" {
			line += "=" + t.Value
		}
		if t.Effect != "" {
			line += ":" + string(t.Effect)
		}
		if t.Operator == corev1.TolerationOpExists && t.Value == "" {
			line = strings.TrimSpace(line + " op=Exists")
		}
		if t.TolerationSeconds != nil {
			line += fmt.Sprintf(" for %ds", *t.TolerationSeconds)
		}
		lines = append(lines, line)
	}
	return lines
}
