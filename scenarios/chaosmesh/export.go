// Package chaosmesh writes the faults of a scenario as experiments of Chaos Mesh, for a real cluster, and says what cannot be
// written so.
//
// The fields are those of the custom resources of chaos-mesh.org/v1alpha1. Chaos Mesh's own rules that show in what is written: the
// length of an experiment within a Workflow is its template's deadline; a container is killed only by its name; without a target
// netem touches only what a pod sends.
package chaosmesh

import (
	"cmp"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"statefulsim/scenarios"
	"statefulsim/scenarios/words"
)

// Gap is something of a scenario that an export cannot say, or says only in part.
type Gap struct {
	Step    string // its name
	Pos     scenarios.Pos
	Partly  bool   // it is in the file, but is not quite the same
	Why     string // what is not the same, or why it cannot be said
	Instead string // what to do instead; may be empty where Partly
}

func (g Gap) String() string {
	return g.Pos.String() + ": " + words.Quoted(g.Step) + " " + g.text()
}

func (g Gap) text() string {
	text := "is not expressed: " + g.Why
	if g.Partly {
		text = "is not quite the same: " + g.Why
	}
	if g.Instead != "" {
		text += "; instead: " + g.Instead
	}
	return text
}

// Write writes the scenario's faults: a Workflow for what happens at its instants, and one for each step that waits for a condition.
// What cannot be expressed stands there as a comment, and is returned. The error is that of w.
func Write(w io.Writer, s *scenarios.Scenario) ([]Gap, error) {
	x := &export{scenario: s, sets: setsOf(s)}
	x.place()
	p := &printer{}
	p.comment(0, x.header()...)
	for _, origin := range x.origins() {
		x.workflow(p, origin)
	}
	slices.SortStableFunc(x.gaps, func(a, b Gap) int { return cmp.Compare(x.named(a.Step), x.named(b.Step)) })
	_, err := io.WriteString(w, p.String())
	return x.gaps, err
}

// export is one that is being written.
type export struct {
	scenario *scenarios.Scenario
	sets     []set
	placed   []placed // the steps, in their order
	gaps     []Gap
}

func (x *export) header() []string {
	s := x.scenario
	title := s.Name
	if s.Variant != "" {
		title += " (" + s.Variant + ")"
	}
	if s.Title != "" {
		title += ": " + s.Title
	}
	lines := []string{title, "",
		"The scenario's faults as experiments of Chaos Mesh. Instants count from when a Workflow is applied. The names of nodes and zones,",
		"and the labels role=primary and role=replica, are those of the scenario: write your own. The manifests and what the scenario",
		"expects are not in here."}
	if len(s.Clients) > 0 {
		lines = append(lines, "Nor are its clients, which use the Services meanwhile: have a load of your own run.")
	}
	return lines
}

// origins are what the instants of the workflows count from: the beginning, and the steps that wait for conditions.
func (x *export) origins() []string {
	all := []string{""}
	for i := range x.placed {
		if o := x.placed[i].origin; !slices.Contains(all, o) {
			all = append(all, o)
		}
	}
	return all
}

var notInName = regexp.MustCompile(`[^a-z0-9]+`)

// dns makes a DNS label of a text. Source: IsDNS1123Subdomain, which the names of objects and templates are held to.
func dns(text string) string {
	name := strings.Trim(notInName.ReplaceAllString(strings.ToLower(text), "-"), "-")
	return strings.TrimRight(name[:min(len(name), 50)], "-")
}

// names gives each template a name that no other has.
type names map[string]bool

func (n names) unique(wanted string) string {
	base := cmp.Or(dns(wanted), "step")
	name := base
	for i := 2; n[name]; i++ {
		name = base + "-" + strconv.Itoa(i)
	}
	n[name] = true
	return name
}

// length writes a duration as Chaos Mesh reads it: as Go does.
func length(d time.Duration) string { return d.String() }
