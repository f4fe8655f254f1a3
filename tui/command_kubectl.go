package tui

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	corev1 "k8s.io/api/core/v1"

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
			home = cmp.Or(objects.Namespace, corev1.NamespaceDefault)
		}
		var there []string
		for _, other := range t.objects {
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
	all := pieces(line)
	if len(all) < 2 {
		return line, nil
	}
	switch all[0] {
	case "set":
		if all[1] == "partition" {
			var err error
			if all, err = t.partition(all[2:]); err != nil {
				return "", err
			}
			break
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
	return strings.Join(t.withNamespace(all), " "), nil
}

// withKind puts the kind before the name that stands at a place, if that is the name of a thing.
func (t *typist) withKind(all []string, at int) []string {
	if at >= len(all) {
		return all
	}
	objects := t.objects
	i := slices.IndexFunc(objects, func(o object) bool { return o.name == all[at] })
	if i < 0 {
		return all
	}
	return slices.Insert(slices.Clone(all), at, strings.ToLower(objects[i].kind))
}

// withNamespace puts the namespace at the end, if what is named is in one that is not the usual one.
func (t *typist) withNamespace(all []string) []string {
	if slices.ContainsFunc(all, isNamespaceFlag) {
		return all
	}
	home := ""
	for _, word := range all[1:] {
		if strings.HasPrefix(word, "-") {
			break
		}
		name := word[strings.LastIndexByte(word, '/')+1:]
		for _, o := range t.objects {
			if o.name == name && o.namespace != "" && home != corev1.NamespaceDefault {
				home = o.namespace
			}
		}
	}
	if home == "" || home == corev1.NamespaceDefault {
		return all
	}
	return append(all, "-n", home)
}

func isNamespaceFlag(word string) bool {
	return strings.HasPrefix(word, "-n") || strings.HasPrefix(word, "--namespace") || word == "-A" || word == "--all-namespaces"
}

// partition reads "set partition mysql 2", which kubectl has no words for but a patch.
func (t *typist) partition(rest []string) ([]string, error) {
	const usage = "set partition mysql 2"
	if len(rest) > 0 && rest[0] == "statefulset" {
		rest = rest[1:]
	}
	if len(rest) < 2 {
		return nil, mistake("set partition needs a set and a number", usage)
	}
	if err := refused("StatefulSet", rest[0], t.sets()); err != nil {
		return nil, err
	}
	n, err := strconv.ParseUint(rest[1], 10, 31)
	if err != nil {
		return nil, mistake(fmt.Sprintf("%q is no ordinal", rest[1]), usage)
	}
	patch := fmt.Sprintf(`'{"spec":{"updateStrategy":{"rollingUpdate":{"partition":%d}}}}'`, n)
	return append([]string{"patch", "statefulset", rest[0], "-p", patch}, rest[2:]...), nil
}
