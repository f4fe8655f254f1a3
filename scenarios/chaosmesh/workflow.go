package chaosmesh

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"statefulsim/scenarios"
)

// experiment is one of Chaos Mesh: its kind, and what its spec holds.
type experiment struct {
	kind   string // such as NetworkChaos
	spec   object
	lasted time.Duration // how long it takes to do what takes no time
}

// key is that of the spec within a template: networkChaos. Source: EmbedChaos.
func (e experiment) key() string {
	return map[string]string{"PodChaos": "podChaos", "NetworkChaos": "networkChaos", "IOChaos": "ioChaos", "StressChaos": "stressChaos",
		"DNSChaos": "dnsChaos"}[e.kind]
}

// workflow is a Workflow that is being written.
type workflow struct {
	names     names
	tracks    []string // the templates that run side by side
	templates list
}

// workflow writes the steps that count from one origin: those that follow each other in a row, and the rows side by side.
func (x *export) workflow(p *printer, origin string) {
	f := &workflow{names: names{}}
	entry := f.names.unique("story")
	title := dns(x.scenario.Name + " " + x.scenario.Variant)
	if origin != "" {
		title = dns(x.scenario.Name + " " + x.scenario.Variant + " " + origin)
	}
	for _, track := range x.tracks(origin) {
		x.track(f, track)
	}
	if len(f.templates) == 0 {
		return
	}
	p.line(0, "")
	if first := x.first(origin); first.when != "" {
		p.comment(0, "Apply this when: "+first.when)
	}
	if len(f.tracks) == 0 {
		for _, v := range f.templates {
			p.comment(0, v.(item).comment...)
		}
		return
	}
	p.line(0, "---")
	p.object(0, "", object{
		{"apiVersion", "chaos-mesh.org/v1alpha1"},
		{"kind", "Workflow"},
		{"metadata", object{{"name", cmp.Or(title, "scenario")}, {"namespace", x.namespace()}}},
		{"spec", object{
			{"entry", entry},
			{"templates", append(list{object{{"name", entry}, {"templateType", "Parallel"}, {"children", texts(f.tracks...)}}}, f.templates...)},
		}},
	})
}

// first is the step that waits for the condition from which the others count.
func (x *export) first(origin string) *placed {
	i := slices.IndexFunc(x.placed, func(p placed) bool { return p.Name == origin })
	if i < 0 {
		return &placed{}
	}
	return &x.placed[i]
}

// tracks puts the steps of an origin into rows: a step that follows a single other one stands behind that, if it is the first to.
func (x *export) tracks(origin string) (all [][]*placed) {
	var steps []*placed
	for i := range x.placed {
		if p := &x.placed[i]; p.origin == origin {
			steps = append(steps, p)
		}
	}
	slices.SortStableFunc(steps, func(a, b *placed) int { return cmp.Compare(a.from, b.from) })
	for _, p := range steps {
		behind := -1
		if len(p.Follows) == 1 {
			behind = slices.IndexFunc(all, func(track []*placed) bool { return track[len(track)-1].Name == p.Follows[0] })
		}
		if behind < 0 {
			all = append(all, []*placed{p})
		} else {
			all[behind] = append(all[behind], p)
		}
	}
	return all
}

// track writes a row of steps: what each of them does, and the time between.
func (x *export) track(f *workflow, steps []*placed) {
	var children []string
	var now time.Duration
	for _, p := range steps {
		told, experiments := x.told(p)
		if len(experiments) == 0 {
			f.templates = append(f.templates, item{comment: told})
			continue
		}
		from := p.from
		if p.Every > 0 {
			from = max(from-p.Every, 0) // a Schedule waits before the first time, too
		}
		if from > now {
			name := f.names.unique("until " + p.Name)
			f.templates = append(f.templates, object{{"name", name}, {"templateType", "Suspend"}, {"deadline", length(from - now)}})
			children = append(children, name)
			now = from
		}
		name, lasted := x.template(f, p, told, experiments)
		children = append(children, name)
		now += lasted
	}
	switch len(children) {
	case 0:
	case 1:
		f.tracks = append(f.tracks, children[0])
	default:
		name := f.names.unique("row of " + steps[0].Name)
		f.tracks = append(f.tracks, name)
		f.templates = append(f.templates, object{{"name", name}, {"templateType", "Serial"}, {"children", texts(children...)}})
	}
}

// told is the comment above a step, with what is not as it should be, and what the step does.
func (x *export) told(p *placed) ([]string, []experiment) {
	from := len(x.gaps)
	experiments := x.experiments(p)
	at := fmt.Sprintf("%s, %s after the beginning of this:", p.Name, p.from)
	told := []string{at, "  " + p.Step.String()}
	for _, g := range x.gaps[from:] {
		told = append(told, "  "+g.text())
	}
	if _, heals := p.Do.(scenarios.Heal); heals && len(x.gaps) == from {
		told = append(told, "  The deadlines of what it heals say this.")
	}
	return told, experiments
}

// template adds what a step does, and returns its name and how long it takes.
func (x *export) template(f *workflow, p *placed, told []string, experiments []experiment) (name string, lasted time.Duration) {
	var children []string
	for _, e := range experiments {
		name = f.names.unique(p.Name)
		children = append(children, name)
		o, took := embedded(p, e, name)
		lasted = max(lasted, took)
		f.templates = append(f.templates, item{told, o})
		told = nil
	}
	if len(children) > 1 {
		name = f.names.unique("all of " + p.Name)
		f.templates = append(f.templates, object{{"name", name}, {"templateType", "Parallel"}, {"children", texts(children...)}})
	}
	return name, lasted
}

// embedded is the template of an experiment: by itself, or as a Schedule if it comes again and again.
func embedded(p *placed, e experiment, name string) (object, time.Duration) {
	lasted := cmp.Or(e.lasted, p.until-p.from)
	if p.Every == 0 {
		return object{{"name", name}, {"templateType", e.kind}, {"deadline", length(lasted)}, {e.key(), e.spec}}, lasted
	}
	from := max(p.from-p.Every, 0)
	spec := e.spec
	if p.For > 0 {
		spec = append(slices.Clone(spec), field{"duration", length(p.For)})
	}
	return object{
		{"name", name}, {"templateType", "Schedule"}, {"deadline", length(p.until - from)},
		{"schedule", object{{"schedule", "@every " + length(p.Every)}, {"concurrencyPolicy", "Forbid"}, {"type", e.kind}, {e.key(), spec}}},
	}, p.until - from
}

// gap notes that a step cannot be expressed.
func (x *export) gap(p *placed, why, instead string) {
	x.gaps = append(x.gaps, Gap{Step: p.Name, Pos: p.Pos, Why: why, Instead: instead})
}

// partly notes that a step is not quite what it should be.
func (x *export) partly(p *placed, why, instead string) {
	g := Gap{Step: p.Name, Pos: p.Pos, Partly: true, Why: why, Instead: instead}
	if !slices.Contains(x.gaps, g) {
		x.gaps = append(x.gaps, g)
	}
}

// namespace is where the experiments are written to: that of the first set.
func (x *export) namespace() string {
	return x.namespaces()[0]
}

// namespaces are those of the sets.
func (x *export) namespaces() (all []string) {
	for _, s := range x.sets {
		if !slices.Contains(all, s.Namespace) {
			all = append(all, s.Namespace)
		}
	}
	slices.Sort(all)
	if len(all) == 0 {
		return []string{"default"}
	}
	return all
}
