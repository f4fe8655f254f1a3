package kubectl

import (
	"regexp"
	"slices"
	"strings"

	"statefulsim/scenarios/words"
)

// kind is one that commands can name.
type kind struct {
	name          string // as manifests write it
	plural, group string
	short         string // kubectl's abbreviation; may be empty
	cluster       bool   // lives outside all namespaces
}

// kinds are all that commands can name, in the order in which they are listed.
var kinds = []kind{
	{name: "Pod", plural: "pods", short: "po"},
	{name: "StatefulSet", plural: "statefulsets", group: "apps", short: "sts"},
	{name: "PersistentVolumeClaim", plural: "persistentvolumeclaims", short: "pvc"},
	{name: "PersistentVolume", plural: "persistentvolumes", short: "pv", cluster: true},
	{name: "Service", plural: "services", short: "svc"},
	{name: "Node", plural: "nodes", short: "no", cluster: true},
	{name: "PodDisruptionBudget", plural: "poddisruptionbudgets", group: "policy", short: "pdb"},
	{name: "CronJob", plural: "cronjobs", group: "batch", short: "cj"},
	{name: "Job", plural: "jobs", group: "batch"},
	{name: "ControllerRevision", plural: "controllerrevisions", group: "apps"},
	{name: "ConfigMap", plural: "configmaps", short: "cm"},
	{name: "Secret", plural: "secrets"},
	{name: "ServiceAccount", plural: "serviceaccounts", short: "sa"},
	{name: "Namespace", plural: "namespaces", short: "ns", cluster: true},
	{name: "StorageClass", plural: "storageclasses", group: "storage.k8s.io", short: "sc", cluster: true},
	{name: "VolumeAttachment", plural: "volumeattachments", group: "storage.k8s.io", cluster: true},
	{name: "EndpointSlice", plural: "endpointslices", group: "discovery.k8s.io"},
	{name: "Lease", plural: "leases", group: "coordination.k8s.io"},
}

// resources are the words that name a kind, in lower case, with the kind's name.
var resources = func() map[string]string {
	known := map[string]string{}
	for _, k := range kinds {
		for _, word := range []string{strings.ToLower(k.name), k.plural, k.short} {
			if word == "" {
				continue
			}
			known[word] = k.name
			if k.group != "" && word != k.short {
				known[word+"."+k.group] = k.name
				known[word+".v1."+k.group] = k.name
			}
		}
	}
	return known
}()

// Namespaced tells whether objects of a kind live in a namespace.
func Namespaced(name string) bool {
	return !slices.ContainsFunc(kinds, func(k kind) bool { return k.name == name && k.cluster })
}

// kindOf returns the kind that a word names.
func kindOf(word string) (string, error) {
	if name, known := resources[strings.ToLower(word)]; known {
		return name, nil
	}
	if best := words.Nearest(word, sortedKeys(resources)); best != "" {
		return "", wrongf("did you mean "+words.Quoted(best)+"?", "no kind %s can be meant here", words.Quoted(word))
	}
	var known []string
	for _, k := range kinds {
		known = append(known, strings.ToLower(k.name))
	}
	return "", wrongf("known are: "+words.OneOf(known), "no kind %s can be meant here", words.Quoted(word))
}

// objectName is what Kubernetes takes for most names: a DNS subdomain.
var objectName = regexp.MustCompile(`^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$`)
