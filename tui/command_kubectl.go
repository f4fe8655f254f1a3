package tui

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"statefulsim/scenarios"
	"statefulsim/scenarios/kubectl"
)

// kubectl reads a command of kubectl, without that word. What people leave out because it is plain from the names is put in.
func (t *typist) kubectl(line string) (scenarios.Action, error) {
	line, err := t.spelledOut(line)
	if err != nil {
		return nil, err
	}
	do, err := kubectl.Parse(line)
	var problem *kubectl.Problem
	if errors.As(err, &problem) {
		return nil, mistake(problem.What, problem.Cure)
	}
	if err != nil {
		return nil, err
	}
	return scenarios.Kubectl{Line: line, Do: do}, t.known(do)
}

// known refuses a command that is about what is not there now.
func (t *typist) known(do kubectl.Command) error {
	objects, ok := objectsOf(do)
	if !ok {
		return mistake("files cannot be read here", "use patch, set, scale or delete with names, or put the manifest into the scenario's file")
	}
	for _, o := range objects.Names {
		home := ""
		if kubectl.Namespaced(o.Kind) {
			if home = objects.Namespace; home == "" {
				home = "default"
			}
		}
		var there []string
		for _, other := range t.objects() {
			if other.kind == o.Kind && other.namespace == home {
				there = append(there, other.name)
			}
		}
		if !slices.Contains(simpleKinds, o.Kind) {
			continue // it is found out by the command
		}
		if err := refused(strings.ToLower(o.Kind), o.Name, there); err != nil {
			return err
		}
	}
	return nil
}

// simpleKinds are those whose objects a scene shows.
var simpleKinds = []string{"Pod", "StatefulSet", "Node", "Service", "PersistentVolumeClaim"}

// objectsOf are the objects that a command is about; ok is false for one that is about files.
func objectsOf(do kubectl.Command) (o kubectl.Objects, ok bool) {
	switch do := do.(type) {
	case kubectl.Apply:
		return o, false
	case kubectl.Delete:
		return do.Objects, len(do.Files) == 0
	case kubectl.Scale:
		return do.Objects, true
	case kubectl.SetImage:
		return do.Objects, true
	case kubectl.Patch:
		return do.Objects, true
	case kubectl.Rollout:
		return do.Objects, true
	case kubectl.Label:
		return do.Objects, true
	case kubectl.Taint:
		return do.Objects, true
	case kubectl.Cordon:
		return do.Objects, true
	case kubectl.Drain:
		return do.Objects, true
	case kubectl.Evict:
		return do.Objects, true
	}
	return o, true // get and wait may be about what is not there
}

// spelledOut puts in what is left out: the kind before a name that only one thing has, --replicas before a number, * before an image, and the
// namespace of what is not in the usual one.
func (t *typist) spelledOut(line string) (string, error) {
	all := strings.Fields(line)
	if len(all) < 2 {
		return line, nil
	}
	switch all[0] {
	case "set":
		if all[1] == "partition" {
			return t.partition(all[2:])
		}
		all = t.withKind(all, 2)
		if last := len(all) - 1; all[1] == "image" && last == 4 && !strings.ContainsAny(all[last], "=") && !strings.HasPrefix(all[last], "-") {
			all[last] = "*=" + all[last]
		}
	case "rollout":
		all = t.withKind(all, 2)
	case "scale":
		all = t.withKind(all, 1)
		last := len(all) - 1
		if _, err := strconv.ParseUint(all[last], 10, 31); err == nil && all[last-1] != "--replicas" && all[last-1] != "--current-replicas" {
			all[last] = "--replicas=" + all[last]
		}
	case "delete", "label", "annotate", "patch", "taint", "wait", "get":
		all = t.withKind(all, 1)
	}
	if len(all) == len(strings.Fields(line)) && strings.Join(all, " ") == strings.Join(strings.Fields(line), " ") {
		return line, nil // as it was typed, with all its spaces
	}
	return strings.Join(all, " "), nil
}

// withKind puts the kind before the name that stands at a place, if that is the name of a thing, and its namespace at the end.
func (t *typist) withKind(all []string, at int) []string {
	if at >= len(all) || strings.Contains(all[at], "/") {
		return all
	}
	i := slices.IndexFunc(t.objects(), func(o object) bool { return o.name == all[at] })
	if i < 0 {
		return all
	}
	o := t.objects()[i]
	all = slices.Insert(slices.Clone(all), at, strings.ToLower(o.kind))
	if o.namespace != "" && o.namespace != "default" && !slices.ContainsFunc(all, isNamespaceFlag) {
		all = append(all, "-n", o.namespace)
	}
	return all
}

func isNamespaceFlag(word string) bool {
	return word == "-n" || strings.HasPrefix(word, "-n=") || strings.HasPrefix(word, "--namespace")
}

// partition reads "set partition mysql 2", which kubectl has no words for but a patch.
func (t *typist) partition(rest []string) (string, error) {
	const usage = "set partition mysql 2"
	if len(rest) > 0 && rest[0] == "statefulset" {
		rest = rest[1:]
	}
	if len(rest) < 2 {
		return "", mistake("set partition needs a set and a number", usage)
	}
	if err := refused("StatefulSet", rest[0], t.sets()); err != nil {
		return "", err
	}
	n, err := strconv.ParseUint(rest[1], 10, 31)
	if err != nil {
		return "", mistake(fmt.Sprintf("%q is no ordinal", rest[1]), usage)
	}
	patch := fmt.Sprintf(`patch statefulset %s -p '{"spec":{"updateStrategy":{"rollingUpdate":{"partition":%d}}}}'`, rest[0], n)
	for _, set := range t.scene.Sets {
		if set.Name == rest[0] && set.Namespace != "default" && !slices.ContainsFunc(rest, isNamespaceFlag) {
			patch += " -n " + set.Namespace
		}
	}
	return strings.Join(append([]string{patch}, rest[2:]...), " "), nil
}
