package scenarios

import (
	"errors"
	"fmt"
	"math"
	"strings"

	"statefulsim/scenarios/kubectl"
)

// foresee reads the files that the steps' commands name, and takes in what the commands will bring: pods and sets that later
// parts of the scenario may name. What is wrong with a command is told when its step is read.
func (r *reader) foresee(n *node) {
	if n == nil || n.kind != sequence {
		return
	}
	for _, item := range n.values {
		v := item.value("kubectl")
		if v == nil {
			continue
		}
		do, err := kubectl.Parse(v.text)
		if err != nil {
			continue
		}
		for _, file := range filesOf(do) {
			if _, read := r.files[file]; !read {
				r.files[file] = r.commandFile(v, file)
				r.known.manifests(r.files[file])
			}
		}
		r.known.grow(do)
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
	r.manifestFile(n, name)
	read := r.scenario.Objects
	r.scenario.Objects, r.objectsAt = objects, at
	return read
}

// grow takes in that a step gives a set more pods. How many those of a patch are is not foreseen.
func (k *names) grow(do kubectl.Command) {
	switch do := do.(type) {
	case kubectl.Scale:
		for _, name := range do.Names {
			if set := k.sets[name.Name]; set != nil {
				k.last[set.Name] = max(k.last[set.Name], lastOrdinal(set, &do.Replicas))
			}
		}
	case kubectl.Patch:
		for _, name := range do.Names {
			if name.Kind == "StatefulSet" {
				k.last[name.Name] = math.MaxInt
			}
		}
	}
}

func (r *reader) kubectl(n *node) Action {
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
	if problem, cure := r.known.kubectl(do); problem != "" {
		r.wrong(n, problem, cure)
	}
	k := Kubectl{Line: line, Do: do}
	for _, file := range filesOf(do) {
		if k.Files == nil {
			k.Files = map[string][]Manifest{}
		}
		k.Files[file] = r.files[file]
	}
	return k
}

// kubectl says what is wrong with a well-formed command in this scenario: "" if nothing is.
func (k *names) kubectl(do kubectl.Command) (problem, cure string) {
	switch do := do.(type) {
	case kubectl.Scale:
		return k.named(do.Objects)
	case kubectl.SetImage:
		if problem, cure = k.named(do.Objects); problem != "" {
			return problem, cure
		}
		return k.images(do)
	case kubectl.Patch:
		if problem, cure = k.named(do.Objects); problem != "" || do.Type == "json" {
			return problem, cure
		}
		return k.patch(do)
	case kubectl.Delete:
		return k.named(do.Objects)
	case kubectl.Rollout:
		return k.named(do.Objects)
	case kubectl.Label:
		return k.named(do.Objects)
	case kubectl.Taint:
		return k.named(do.Objects)
	case kubectl.Cordon:
		return k.named(do.Objects)
	case kubectl.Drain:
		return k.named(do.Objects)
	case kubectl.Evict:
		return k.named(do.Objects)
	}
	return "", ""
}

// named checks the names of objects, of the kinds whose names are known before the run.
func (k *names) named(o kubectl.Objects) (problem, cure string) {
	for _, name := range o.Names {
		switch name.Kind {
		case "Pod":
			problem, cure = k.pod(name.Name)
		case "StatefulSet":
			problem, cure = k.set(name.Name)
		case "PersistentVolumeClaim":
			problem, cure = k.claim(name.Name)
		case "Node":
			problem, cure = missing("node", name.Name, k.nodes)
		}
		if problem != "" {
			return problem, cure
		}
	}
	return "", ""
}

func (k *names) images(do kubectl.SetImage) (problem, cure string) {
	for _, name := range do.Names {
		for _, image := range do.Images {
			if image.Key == "*" {
				continue
			}
			if problem, cure = missing(fmt.Sprintf("container of %s", name.Name), image.Key, containers(k.sets[name.Name])); problem != "" {
				return problem, cure
			}
		}
	}
	return "", ""
}

// patch checks the fields of a merge patch against those that the kind has.
func (k *names) patch(do kubectl.Patch) (problem, cure string) {
	for _, name := range do.Names {
		for _, known := range sortedKeys(simulated) {
			if strings.HasSuffix(known, " "+name.Kind) {
				return patchProblem(do.Document, simulated[known]())
			}
		}
	}
	return "", ""
}
