package chaosmesh

import (
	"strconv"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"

	"statefulsim/scenarios"
	"statefulsim/scenarios/kubectl"
)

// momentary is the deadline of what takes no time: long enough for Chaos Mesh to do it.
const momentary = 5 * time.Second

// filling is how long memory is filled until the kernel has taken somebody.
const filling = 30 * time.Second

// experiments are what a step does in Chaos Mesh; none if it cannot be said, which is then noted as a gap.
func (x *export) experiments(p *placed) []experiment {
	if p.Every%time.Second != 0 {
		x.partly(p, "a Schedule counts whole seconds", "")
	}
	if p.Until > 0 && p.origin != "" {
		x.partly(p, "until is an instant of the run, and is counted from the beginning of this", "")
	}
	switch a := p.Do.(type) {
	case scenarios.Kill:
		return x.kill(p, a)
	case scenarios.OOMKill:
		return x.oomKill(p, a)
	case scenarios.CrashLoop:
		return x.crashLoop(p, a)
	case scenarios.Partition:
		return x.partition(p, a)
	case scenarios.Degrade:
		return x.degrade(p, a)
	case scenarios.FailDNS:
		return x.dns(p, a)
	case scenarios.Disk:
		return x.disk(p, a)
	case scenarios.Kubectl:
		return x.command(p, a)
	case scenarios.Heal:
		x.heal(p, a)
		return nil
	}
	x.inexpressible(p)
	return nil
}

func (x *export) kill(p *placed, a scenarios.Kill) (all []experiment) {
	for _, s := range x.pods(p, a.Target) {
		container := x.container(s, a.Container)
		if container == "" {
			x.gap(p, "Chaos Mesh kills a container by its name, and that of "+quotedTarget(a.Target)+" is not known", "name the container in the step")
			continue
		}
		spec := append(object{{"action", "container-kill"}}, s.fields()...)
		all = append(all, experiment{"PodChaos", append(spec, field{"containerNames", texts(container)}), momentary})
	}
	return all
}

// oomKill fills the container's memory from a process that the kernel leaves alone, so that it takes the container's own.
func (x *export) oomKill(p *placed, a scenarios.OOMKill) (all []experiment) {
	x.partly(p, "the memory has to fill first, and it is the kernel that chooses whom it takes", "")
	for _, s := range x.pods(p, a.Target) {
		container := x.container(s, a.Container)
		memory := object{{"workers", 1}, {"size", x.memory(s, container)}, {"oomScoreAdj", -1000}}
		spec := append(s.fields(), field{"stressors", object{{"memory", memory}}})
		all = append(all, experiment{"StressChaos", withContainer(spec, container), filling})
	}
	return all
}

func (x *export) crashLoop(p *placed, a scenarios.CrashLoop) (all []experiment) {
	x.partly(p, "pod-failure has all containers of the pod run an image that only pauses: they are not Ready, and do not end again and again, so that no back-off grows", "")
	for _, s := range x.pods(p, a.Target) {
		all = append(all, experiment{kind: "PodChaos", spec: append(object{{"action", "pod-failure"}}, s.fields()...)})
	}
	return all
}

// looksOnly tells whether a command changes nothing, so that nothing is missing without it.
func looksOnly(c kubectl.Command) bool {
	switch c := c.(type) {
	case kubectl.Get, kubectl.Wait:
		return true
	case kubectl.Rollout:
		return c.Verb == "status" || c.Verb == "history"
	}
	return false
}

// command is an experiment if it deletes pods by their names, and words to type if it is any other command that changes something.
func (x *export) command(p *placed, a scenarios.Kubectl) (all []experiment) {
	if looksOnly(a.Do) {
		return nil
	}
	d, is := a.Do.(kubectl.Delete)
	namespace := d.Namespace
	if namespace == "" {
		namespace = corev1.NamespaceDefault
	}
	var names []string
	for _, n := range d.Names {
		if n.Kind != "Pod" {
			is = false
		}
		names = append(names, n.Name)
	}
	if !is || len(names) == 0 {
		x.gap(p, "Chaos Mesh types no commands", "kubectl "+strings.TrimPrefix(a.Line, "kubectl "))
		return nil
	}
	spec := append(object{{"action", "pod-kill"}}, named(namespace, names, "all", nil)[0].fields()...)
	return []experiment{{"PodChaos", append(spec, field{"gracePeriod", x.grace(d, names[0])}), momentary}}
}

// grace is how many seconds a deleted pod has; 0 is none at all.
func (x *export) grace(d kubectl.Delete, pod string) any {
	switch of, _ := x.setOfPod(pod); {
	case d.GracePeriod != nil:
		return int(*d.GracePeriod)
	case of != nil && of.Spec.Template.Spec.TerminationGracePeriodSeconds != nil:
		return int(*of.Spec.Template.Spec.TerminationGracePeriodSeconds)
	}
	return corev1.DefaultTerminationGracePeriodSeconds
}

// container is the one that is meant: the one named, or the one that serves the pod's address; "" if that is not known.
func (x *export) container(s selector, named string) string {
	if named != "" || s.set == nil {
		return named
	}
	if serves := x.scenario.Runs[s.set.Name].Container; serves != "" {
		return serves
	}
	return s.set.Spec.Template.Spec.Containers[0].Name
}

// memory is how much fills a container: its limit, or all that there is.
func (x *export) memory(s selector, container string) string {
	if s.set != nil {
		for _, c := range s.set.Spec.Template.Spec.Containers {
			if limit := c.Resources.Limits.Memory(); c.Name == container && !limit.IsZero() {
				return strconv.FormatInt(limit.Value(), 10) + "B"
			}
		}
	}
	return "100%"
}

func withContainer(spec object, container string) object {
	if container == "" {
		return spec
	}
	return append(spec, field{"containerNames", texts(container)})
}

// heal notes what the deadlines of the healed steps do not say.
func (x *export) heal(p *placed, a scenarios.Heal) {
	for i := range x.placed {
		healed := &x.placed[i]
		meant := a.Step == "" || a.Step == healed.Name
		if !meant || !lasts(healed.Do) || healed.origin == p.origin || healed.until < x.scenario.For {
			continue
		}
		x.gap(p, "when "+healed.Name+" is over depends on something else than when it begins",
			"delete the Workflow of "+healed.Name+" then; Chaos Mesh heals what is deleted")
	}
}
