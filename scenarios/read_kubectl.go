package scenarios

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"math"
	"slices"

	appsv1 "k8s.io/api/apps/v1"

	"statefulsim/scenarios/kubectl"
	"statefulsim/scenarios/words"
)

// foresee reads the files that the steps' commands name, and takes in what the commands will bring: pods and sets that later
// parts of the scenario may name. What is wrong with a command is told when its step is read.
func (r *reader) foresee(n *node) {
	if n == nil || n.kind != sequence {
		return
	}
	for _, item := range n.values {
		r.foresee(item.value("sequence"))
		r.foresee(item.value("parallel"))
		v := item.value("kubectl")
		if v == nil {
			continue
		}
		do, err := kubectl.Parse(v.text)
		if err != nil {
			continue
		}
		for _, file := range filesOf(do) {
			if _, read := r.named[file]; !read {
				r.named[file] = r.commandFile(v, file)
			}
			r.foreseeFile(v, do, file)
		}
		r.known.grow(do)
	}
}

// foreseeFile takes in the objects of a file that a command names, in the namespace in which the command puts them.
func (r *reader) foreseeFile(n *node, do kubectl.Command, file string) {
	namespace := ""
	switch do := do.(type) {
	case kubectl.Apply:
		namespace = do.Namespace
	case kubectl.Delete:
		namespace = do.Namespace
	}
	for _, m := range r.named[file] {
		if said := m.saidNamespace(); said != "" && namespace != "" && said != namespace {
			r.wrong(n, fmt.Sprintf("the namespace from the provided object %q does not match the namespace %q. You must pass '--namespace=%s' to perform this operation.",
				said, namespace, said), "-n "+said)
			continue
		}
		home := cmp.Or(namespace, m.Object.GetNamespace())
		if set, is := m.Object.(*appsv1.StatefulSet); is {
			if other, taken := r.known.homeOfSet(set.Name); taken && other != home {
				r.wrong(n, fmt.Sprintf("a StatefulSet is named %s already, in the namespace %s", words.Quoted(set.Name), other), "give each set its own name, whatever the namespace")
				continue
			}
		}
		r.known.manifest(m, home)
	}
}

func filesOf(do kubectl.Command) []string {
	switch do := do.(type) {
	case kubectl.Apply:
		return do.Files
	case kubectl.Delete:
		return do.Files
	}
	return nil
}

// commandFile reads a manifest file that a command names: its objects do not exist before.
func (r *reader) commandFile(n *node, name string) []Manifest {
	objects, at := r.scenario.Objects, r.objectsAt
	r.scenario.Objects, r.objectsAt = nil, map[string]Pos{}
	r.take(r.manifestFile(n, name))
	read := r.scenario.Objects
	r.scenario.Objects, r.objectsAt = objects, at
	return read
}

// grow takes in that a step gives a set more pods. How many those of a patch are is not foreseen.
func (k *names) grow(do kubectl.Command) {
	switch do := do.(type) {
	case kubectl.Scale:
		for _, set := range k.setsOf(do.Objects) {
			k.last[set] = max(k.last[set], lastOrdinal(k.sets[set], &do.Replicas))
		}
	case kubectl.Patch:
		if !bytes.Contains(do.Document, []byte("replicas")) && !bytes.Contains(do.Document, []byte("ordinals")) {
			return
		}
		for _, set := range k.setsOf(do.Objects) {
			k.last[set] = math.MaxInt
		}
	}
}

// setsOf are the sets that a command is about, or may be about.
func (k *names) setsOf(o kubectl.Objects) (sets []string) {
	for _, name := range o.Names {
		if name.Kind == "StatefulSet" && k.sets[name.Name] != nil {
			sets = append(sets, name.Name)
		}
	}
	if slices.Contains(o.Kinds, "StatefulSet") {
		sets = sortedKeys(k.sets)
	}
	return sets
}

// kubectl reads a command. One that is to fail may name what is not there.
func (r *reader) kubectl(n *node, fails bool) Action {
	before := len(r.problems)
	line := r.words(n)
	if len(r.problems) > before {
		return Kubectl{}
	}
	do, err := kubectl.Parse(line)
	var wrong *kubectl.Problem
	if errors.As(err, &wrong) {
		r.wrong(n, wrong.What, wrong.Cure)
		return Kubectl{}
	}
	if problem, cure := r.known.kubectl(do); problem != "" && !fails {
		r.wrong(n, problem, cure)
	}
	k := Kubectl{Line: line, Do: do}
	for _, file := range filesOf(do) {
		if k.Files == nil {
			k.Files = map[string][]Manifest{}
		}
		k.Files[file] = r.named[file]
	}
	return k
}
