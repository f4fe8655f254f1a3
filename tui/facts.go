package tui

import (
	"slices"
	"strings"

	"statefulsim/sim"
	"statefulsim/sim/story"
)

// facts are what is known of a thing at an instant, and the rules that it lives by.
type facts struct {
	state story.State
	look  ink
	lines []fact
	rules []rule
}

// fact is a line of text with a word for it.
type fact struct{ what, text string }

// facts looks the selected thing up; nil if it does not exist now.
func (v *view) facts() (f *facts) {
	switch v.selected.kind {
	case "pod":
		f = v.podFacts()
	case "node":
		f = v.nodeFacts()
	case "zone":
		f = v.zoneFacts()
	case "volume":
		f = v.volumeFacts()
	case "service":
		f = v.serviceFacts()
	case "statefulset":
		f = v.setFacts()
	case "client":
		f = v.clientFacts()
	case "fault":
		f = v.faultFacts()
	case "component":
		f = v.componentFacts()
	}
	if f != nil {
		f.look = v.theme.ink.states[f.state]
	}
	return f
}

func (v *view) podFacts() *facts {
	p := v.pod(v.selected.name)
	if p == nil {
		return nil
	}
	is := p.Status
	if p.Ready {
		is += ", Ready"
	} else if p.Status == "Running" {
		is += ", not Ready"
	}
	if p.Role != "" {
		is += ", " + p.Role
	}
	where := "no node"
	if p.Node != "" {
		where = p.Node
	}
	f := &facts{state: p.State, lines: []fact{{"is", is + restarts(p.Restarts)}, {"on", where}}}
	set := v.set(fullName(p.Namespace, p.Set))
	if set != nil {
		f.lines = append(f.lines, fact{"set", set.Name + ", ordinal " + count(p.Ordinal) + ", " + revisionWords(p, set)})
	}
	for i := range p.Volumes {
		f.lines = append(f.lines, fact{"volume", p.Volumes[i].Claim + ": " + attachedWords(&p.Volumes[i])})
	}
	if len(p.Services) > 0 {
		f.lines = append(f.lines, fact{"reached", "by " + strings.Join(p.Services, ", ")})
	} else {
		f.lines = append(f.lines, fact{"reached", "by no Service"})
	}
	f.rules = podRules(p, set)
	return f
}

func restarts(n int32) string {
	switch n {
	case 0:
		return ""
	case 1:
		return ", restarted once"
	}
	return ", restarted " + count(n) + " times"
}

// revisionWords tells which revision a pod is at.
func revisionWords(p *story.Pod, set *story.Set) string {
	switch {
	case set.Current == set.Update:
		return "revision " + p.Revision
	case p.Update:
		return "the new revision " + p.Revision
	case p.Revision == set.Current:
		return "the old revision " + p.Revision
	}
	return "revision " + p.Revision + ", older than both of its set"
}

// attachedWords says where a volume is attached.
func attachedWords(v *story.Volume) string {
	var parts []string
	for _, p := range []struct {
		how   string
		nodes []string
	}{{"attached to ", v.Attached}, {"being attached to ", v.Attaching}, {"being detached from ", v.Detaching}} {
		if len(p.nodes) > 0 {
			parts = append(parts, p.how+strings.Join(p.nodes, ", "))
		}
	}
	switch {
	case v.Phase == "":
		return "there is no such claim"
	case len(parts) == 0 && v.Phase == "Bound":
		return "attached to no node"
	case len(parts) == 0:
		return v.Phase
	}
	return strings.Join(parts, ", ")
}

func (v *view) nodeFacts() *facts {
	for i := range v.scene.Zones {
		for j := range v.scene.Zones[i].Nodes {
			if n := &v.scene.Zones[i].Nodes[j]; n.Name == v.selected.name {
				return nodeFacts(n)
			}
		}
	}
	return nil
}

func nodeFacts(n *story.Node) *facts {
	machine, is := "runs", "its Node object is gone"
	if n.Down != "" {
		machine = n.Down
	}
	if n.Ready != "" {
		is = "condition Ready is " + n.Ready
	}
	if n.Cordoned {
		is += ", cordoned"
	}
	f := &facts{state: nodeState(n), rules: nodeRules(n), lines: []fact{{"is", is}, {"machine", machine}}}
	if n.Zone != "" {
		f.lines = append(f.lines, fact{"zone", n.Zone})
	}
	if len(n.Taints) > 0 {
		f.lines = append(f.lines, fact{"taints", strings.Join(n.Taints, ", ")})
	}
	if n.Cut {
		f.lines = append(f.lines, fact{"network", "cut off from something, by a fault in force"})
	}
	return adding(f, "pods", podNames(n.Pods))
}

// adding adds names, if there are any.
func adding(f *facts, what string, names []string) *facts {
	if len(names) > 0 {
		f.lines = append(f.lines, fact{what, strings.Join(names, ", ")})
	}
	return f
}

func podNames(pods []story.Pod) (names []string) {
	for i := range pods {
		names = append(names, fullName(pods[i].Namespace, pods[i].Name)+" "+pods[i].Status)
	}
	return names
}

func (v *view) zoneFacts() *facts {
	i := slices.IndexFunc(v.scene.Zones, func(z story.Zone) bool { return z.Name == v.selected.name })
	if i < 0 {
		return nil
	}
	f := &facts{state: story.Serving}
	var names []string
	for j := range v.scene.Zones[i].Nodes {
		n := &v.scene.Zones[i].Nodes[j]
		names = append(names, strings.TrimSpace(n.Name+" "+nodeTrouble(n)))
		if nodeState(n) != story.Serving {
			f.state = story.Unready
		}
	}
	if len(names) == 0 {
		names = []string{"none"}
	}
	return adding(f, "nodes", names)
}

func (v *view) volumeFacts() *facts {
	i := slices.IndexFunc(v.scene.Claims, func(c story.Volume) bool { return fullName(c.Namespace, c.Claim) == v.selected.name })
	if i < 0 {
		return nil
	}
	c := &v.scene.Claims[i]
	node := ""
	if p := v.pod(fullName(c.Namespace, c.Pod)); p != nil {
		node = p.Node
	}
	_, state := attachment(c, node)
	f := &facts{state: state, rules: volumeRules(c, node), lines: []fact{{"is", c.Phase + ", " + c.Size + ", class " + c.Class}}}
	if c.Name != "" {
		f.lines = append(f.lines, fact{"volume", c.Name})
	}
	f.lines = append(f.lines, fact{"where", attachedWords(c)})
	if c.Pod == "" {
		f.lines = append(f.lines, fact{"used", "by no pod"})
	} else {
		f.lines = append(f.lines, fact{"used", "by pod " + c.Pod})
	}
	return f
}

func (v *view) serviceFacts() *facts {
	i := slices.IndexFunc(v.scene.Services, func(s story.Service) bool { return fullName(s.Namespace, s.Name) == v.selected.name })
	if i < 0 {
		return nil
	}
	s := &v.scene.Services[i]
	f := &facts{state: story.Serving, rules: serviceRules(s), lines: []fact{{"selects", s.Selector}}}
	if s.Headless {
		f.lines = append(f.lines, fact{"is", "headless: its name resolves to its pods themselves"})
	}
	if len(s.Reaches) == 0 {
		f.state = story.Failed
		return adding(f, "reaches", []string{"nobody"})
	}
	return adding(f, "reaches", s.Reaches)
}

func (v *view) setFacts() *facts {
	s := v.set(v.selected.name)
	if s == nil {
		return nil
	}
	f := &facts{state: story.Serving, rules: setRules(s), lines: []fact{
		{"is", count(s.Ready) + " of " + count(s.Replicas) + " Ready, " + count(s.Updated) + " at the revision " + s.Update},
		{"makes", s.Policy + ", update strategy " + s.Strategy},
	}}
	if s.Ready < s.Replicas {
		f.state = story.Unready
	}
	if s.Current != s.Update {
		f.lines = append(f.lines, fact{"update", "from " + s.Current + " to " + s.Update + ", partition " + count(s.Partition)})
	}
	return adding(f, "image", []string{s.Image})
}

func (v *view) clientFacts() *facts {
	i := slices.IndexFunc(v.story.Rec.Clients, func(c sim.ClientResult) bool { return c.Name == v.selected.name })
	if i < 0 {
		return nil
	}
	c, spec := &v.story.Rec.Clients[i], &v.story.Rec.Scenario.Clients[i]
	does := "reads "
	if spec.Writes {
		does = "writes "
	}
	from := "outside the cluster"
	if spec.Zone != "" {
		from = spec.Zone
	}
	f := &facts{state: story.Serving, rules: clientRules, lines: []fact{
		{"does", does + fullName(spec.Namespace, spec.Service) + ", " + decimal(spec.Rate, -1) + " requests a second"},
		{"from", from},
		{"in all", count(c.Acknowledged) + " succeeded, " + count(c.Failed) + " failed, " + count(c.Unknown) + " without an answer"},
	}}
	if c.Lost > 0 {
		f.state = story.Failed
		f.lines = append(f.lines, fact{"lost", count(c.Lost) + " writes that it was told are done"})
	}
	return f
}

func (v *view) faultFacts() *facts {
	i := slices.IndexFunc(v.scene.Faults, func(f story.Fault) bool { return f.Step == v.selected.name })
	if i < 0 {
		return nil
	}
	fault := &v.scene.Faults[i]
	f := &facts{state: story.Broken, lines: []fact{{"does", fault.Text}}}
	for i := range v.scene.Links {
		if l := &v.scene.Links[i]; l.Cut.Step == fault.Step {
			f.lines = append(f.lines, fact{"network", l.Text})
			if l.Cut.Until > 0 {
				f.lines = append(f.lines, fact{"until", exact(l.Cut.Until)})
			}
		}
	}
	return f
}

func (v *view) componentFacts() *facts {
	f := &facts{state: story.Serving, rules: componentRules(v.selected.name), lines: []fact{{"is", "at work"}}}
	for _, absent := range v.scene.Absent {
		if how, ok := strings.CutPrefix(absent, v.selected.name+" "); ok {
			f.state, f.lines = story.Failed, []fact{{"is", how}}
		}
	}
	return f
}

// pod finds a pod by its name as a thing, or returns nil.
func (v *view) pod(name string) *story.Pod {
	same := func(p story.Pod) bool { return fullName(p.Namespace, p.Name) == name }
	for i := range v.scene.Zones {
		for j := range v.scene.Zones[i].Nodes {
			pods := v.scene.Zones[i].Nodes[j].Pods
			if k := slices.IndexFunc(pods, same); k >= 0 {
				return &pods[k]
			}
		}
	}
	if k := slices.IndexFunc(v.scene.Unbound, same); k >= 0 {
		return &v.scene.Unbound[k]
	}
	return nil
}

// set finds a StatefulSet likewise.
func (v *view) set(name string) *story.Set {
	i := slices.IndexFunc(v.scene.Sets, func(s story.Set) bool { return fullName(s.Namespace, s.Name) == name })
	if i < 0 {
		return nil
	}
	return &v.scene.Sets[i]
}
