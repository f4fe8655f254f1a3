package battery

import (
	"fmt"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"

	"statefulsim/scenarios"
)

// Severities of advice.
const (
	Must   = "must"   // data or service are lost as soon as something usual happens
	Should = "should" // it costs time, or waits for bad luck
	Could  = "could"  // worth knowing
)

// Rule is something that a manifest can be told to change.
type Rule struct {
	ID       string
	Severity string
	When     string // what makes it apply, as one clause
	Why      string // as a sentence
	Drill    string // the drill that shows it, if it was not passed; "" is none

	find func(*subject) []spot
}

// subject is a set that is looked at, with all that stands around it.
type subject struct {
	*set
	stage *stage
}

// spot is one place to change.
type spot struct {
	path string // in the set, or else in the object
	what string // what is so there
	yaml string // what to write

	object string // which it is, if it is not the set
	in     scenarios.Manifest
}

// Advice is what to change in a manifest.
type Advice struct {
	Rule     string `json:"rule"`
	Severity string `json:"severity"`
	Object   string `json:"object"`
	Where    string `json:"where"` // file, line and column
	Path     string `json:"path"`
	What     string `json:"what"`
	Why      string `json:"why"`
	YAML     string `json:"yaml"`
	Shown    string `json:"shown,omitempty"` // where the drills show it
}

// advice judges the manifests by every rule.
func (b *Battery) advice(results []Result) []Advice {
	all := []Advice{}
	for _, r := range rules {
		for i := range b.stage.sets {
			s := &subject{&b.stage.sets[i], b.stage}
			if wanted(s.StatefulSet) == 0 {
				continue
			}
			for _, at := range r.find(s) {
				if at.object == "" {
					at.object, at.in = "StatefulSet "+display(s.Namespace, s.Name), s.manifest
				}
				all = append(all, Advice{Rule: r.ID, Severity: r.Severity, Object: at.object, Where: at.in.At(at.path).String(), Path: at.path,
					What: at.what, Why: r.Why, YAML: at.yaml, Shown: shown(&r, s.set, results)})
			}
		}
	}
	return all
}

// shown tells what of a rule the drills have shown.
func shown(r *Rule, s *set, results []Result) string {
	if strings.HasPrefix(r.ID, "no-spread") {
		return sharing(s, r.ID == "no-spread-zones", results)
	}
	for i := range results {
		if is := &results[i]; r.Drill != "" && is.Drill == r.Drill && is.Verdict != Yes && (is.Set == "" || is.Set == display(s.Namespace, s.Name)) {
			return strings.TrimSpace(fmt.Sprintf("drill %s %s: %s", is.Drill, is.Target, is.Reason))
		}
	}
	return ""
}

// sharing tells where the drills have put two pods of a set into one place.
func sharing(s *set, zone bool, results []Result) string {
	for i := range results {
		for _, t := range results[i].Together {
			if t.Zone == zone && t.Set == display(s.Namespace, s.Name) {
				return strings.TrimSpace(fmt.Sprintf("at the end of the drill %s %s", results[i].Drill, results[i].Target)) + ", " + t.Pods + " ran in one place, " + t.Place
			}
		}
	}
	return ""
}

// one is a single spot.
func one(path, what, yaml string) []spot { return []spot{{path: path, what: what, yaml: yaml}} }

// labels are those by which the set finds its pods, as YAML in one line.
func (s *subject) labels() string {
	var pairs []string
	if s.Spec.Selector != nil {
		for key, value := range s.Spec.Selector.MatchLabels {
			pairs = append(pairs, fmt.Sprintf("%s: %s", key, quotedIfNeeded(value)))
		}
	}
	slices.Sort(pairs)
	return "{" + strings.Join(pairs, ", ") + "}"
}

// named is the metadata of an object beside the set, as YAML in one line.
func (s *subject) named(name string) string {
	if s.Namespace == corev1.NamespaceDefault {
		return "{name: " + name + "}"
	}
	return "{name: " + name + ", namespace: " + s.Namespace + "}"
}

// quotedIfNeeded writes a label's value so that YAML reads a text.
func quotedIfNeeded(value string) string {
	if value == "" || strings.Trim(value, "0123456789.") == "" || slices.Contains([]string{"true", "false", "null", "yes", "no", "on", "off", "y", "n"}, strings.ToLower(value)) {
		return fmt.Sprintf("%q", value)
	}
	return value
}
