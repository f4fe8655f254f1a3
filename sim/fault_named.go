package sim

import (
	"fmt"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"

	"statefulsim/scenarios"
)

// container is a container of pods that are known by their names, whichever pods have them.
type container struct {
	pods []string // "namespace/name", or a name alone for the pods of all namespaces that have it
	name string   // "" is the one that serves the pod's address
}

// named finds which pods a target means at this instant, so that their successors are meant too. A pod that is named need not be
// there yet.
func (w *world) named(t scenarios.Target, name string) (container, error) {
	c := container{name: name}
	pods, err := w.pods(t)
	for _, s := range pods {
		if err := s.has(name); err != nil {
			return c, err
		}
		c.pods = append(c.pods, s.place.Pod)
	}
	if t.Kind == scenarios.TargetPod {
		c.pods, err = []string{t.Name}, nil
	}
	return c, err
}

// is tells whether a container of a sandbox is meant.
func (c *container) is(s *sandbox, name string) bool {
	return c.isOf(s) && name == s.container(c.name)
}

// isOf tells whether a sandbox is of one of the pods.
func (c *container) isOf(s *sandbox) bool {
	return slices.Contains(c.pods, s.place.Pod) || slices.Contains(c.pods, s.pod.Name)
}

// container is a container's name, or with "" that of the one that serves the pod's address.
func (s *sandbox) container(name string) string {
	if name == "" {
		return s.main
	}
	return name
}

// has says why the pod has no container of that name, if it has none.
func (s *sandbox) has(name string) error {
	if s.spec(s.container(name)) == nil {
		return fmt.Errorf("pod %s has no container %s", s.name(), name)
	}
	return nil
}

// spec is what the pod says of one of its containers, or nil.
func (s *sandbox) spec(name string) *corev1.Container {
	for _, containers := range [][]corev1.Container{s.pod.Spec.Containers, s.pod.Spec.InitContainers} {
		for i := range containers {
			if containers[i].Name == name {
				return &containers[i]
			}
		}
	}
	return nil
}

// processes finds the processes of a container of the pods that a target means at this instant.
func (w *world) processes(t scenarios.Target, name string) (found []*process, err error) {
	pods, err := w.pods(t)
	if err != nil {
		return nil, err
	}
	for _, s := range pods {
		p := s.processes[s.container(name)]
		if p == nil {
			return nil, fmt.Errorf("container %s of pod %s is not running", s.container(name), s.name())
		}
		found = append(found, p)
	}
	return found, nil
}

// running lists the processes that now run in a container.
func (w *world) running(c *container) (found []*process) {
	for _, m := range w.machines {
		for _, p := range m.running() {
			if c.is(p.sandbox, p.container) {
				found = append(found, p)
			}
		}
	}
	return found
}

// matches tells whether a text is like a pattern, in which * stands for any characters. Each part between two stars is looked for
// where it comes first, which leaves the most to those after it.
func matches(pattern, text string) bool {
	first, rest, found := strings.Cut(pattern, "*")
	if !found {
		return pattern == text
	}
	text, found = strings.CutPrefix(text, first)
	parts := strings.Split(rest, "*")
	last := len(parts) - 1
	for _, part := range parts[:last] {
		at := strings.Index(text, part)
		if at < 0 {
			return false
		}
		text = text[at+len(part):]
	}
	return found && strings.HasSuffix(text, parts[last])
}
