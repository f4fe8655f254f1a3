package scenarios

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"statefulsim/scenarios/kubectl"
	"statefulsim/scenarios/words"
)

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
		if problem, cure = k.named(do.Objects); problem == "" && (do.Verb == "pause" || do.Verb == "resume") {
			return pausing(do)
		}
		return problem, cure
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
	case kubectl.Wait:
		if forCreation(do) {
			return "", ""
		}
		return k.named(do.Objects)
	}
	return "", ""
}

// pausing tells why a rollout cannot be paused, and what pauses it.
// Source: k8s.io/kubectl pkg/cmd/rollout/rollout_pause.go:RunPause, rollout_resume.go:RunResume.
func pausing(do kubectl.Rollout) (problem, cure string) {
	set := "SET"
	if len(do.Names) > 0 {
		set = do.Names[0].Name
	}
	partition := "set the partition back to 0"
	if do.Verb == "pause" {
		partition = `a partition pauses it: patch statefulset ` + set + ` -p '{"spec": {"updateStrategy": {"rollingUpdate": {"partition": 3}}}}'`
	}
	return fmt.Sprintf("statefulsets.apps %q %s is not supported", set, map[string]string{"pause": "pausing", "resume": "resuming"}[do.Verb]), partition
}

func forCreation(do kubectl.Wait) bool {
	return slices.ContainsFunc(do.For, func(c kubectl.Condition) bool { return c.Kind == "create" || c.Kind == "delete" })
}

// named checks the names of objects, of the kinds whose names are known before the run, and that they are in the namespace.
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
		if problem == "" {
			problem, cure = k.within(name, cmp.Or(o.Namespace, "default"))
		}
		if problem != "" {
			return problem, cure
		}
	}
	return "", ""
}

// within accepts an object that is in the namespace, or of which nobody knows where it is.
func (k *names) within(name kubectl.Name, namespace string) (problem, cure string) {
	homes := k.homes[name]
	if len(homes) == 0 && name.Kind != "StatefulSet" {
		homes = k.homes[kubectl.Name{Kind: "StatefulSet", Name: k.ownerOf(name)}]
	}
	if len(homes) == 0 || slices.Contains(homes, namespace) {
		return "", ""
	}
	return fmt.Sprintf("no %s of the namespace %s is named %s", name.Kind, words.Quoted(namespace), words.Quoted(name.Name)), "-n " + homes[0]
}

// ownerOf is the set that a pod or a claim belongs to by its name, or "".
func (k *names) ownerOf(name kubectl.Name) string {
	set, _, _ := cutOrdinal(name.Name)
	if name.Kind == "Pod" {
		return set
	}
	for _, of := range sortedKeys(k.sets) {
		for _, template := range k.sets[of].Spec.VolumeClaimTemplates {
			if set == template.Name+"-"+of {
				return of
			}
		}
	}
	return ""
}

func (k *names) images(do kubectl.SetImage) (problem, cure string) {
	for _, name := range do.Names {
		for _, image := range do.Images {
			if image.Key == "*" {
				continue
			}
			if problem, cure = k.container(name, image.Key); problem != "" {
				return problem, cure
			}
		}
	}
	return "", ""
}

// container accepts the containers of a set's pods. Those of other pods are not known.
func (k *names) container(of kubectl.Name, container string) (problem, cure string) {
	set := of.Name
	if of.Kind == "Pod" {
		set = k.ownerOf(of)
	}
	if k.sets[set] == nil {
		return "", ""
	}
	return missing("container of "+of.Name, container, containers(k.sets[set]))
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
