package scenarios

import (
	"fmt"
	"io"
	"io/fs"
	"regexp"
	"slices"
	"strings"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	storagev1 "k8s.io/api/storage/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	"k8s.io/apimachinery/pkg/labels"

	"statefulsim/scenarios/words"
)

// Starter writes the scenario with which somebody can begin who has nothing but manifests: files of the directory fsys, in which the
// scenario is going to stand. One pod is killed, and what can be said of any set is expected. The error is of type Problems if the
// manifests are wrong, or that of w.
func Starter(w io.Writer, fsys fs.FS, manifests ...string) error {
	st := starter{Nodes: 1}
	for _, file := range manifests {
		st.Manifests = append(st.Manifests, scalar(file))
	}
	s, err := Parse("scenario", []byte("for: 1m\nmanifests: ["+strings.Join(st.Manifests, ", ")+"]\n"), fsys)
	if err != nil {
		return err
	}
	if problems := misnamed(s.Objects); len(problems) > 0 {
		return problems
	}
	for _, m := range s.Objects {
		if set, is := m.Object.(*appsv1.StatefulSet); is {
			st.set(set)
			st.services(set, s.Objects)
		}
	}
	if len(st.Sets) == 0 {
		return Problems{{Pos: Pos{File: manifests[0]}, What: "there is no StatefulSet in what was named", Cure: "name the file that has it, too"}}
	}
	for _, m := range s.Objects {
		if class, is := m.Object.(*storagev1.StorageClass); is {
			st.Classes = slices.DeleteFunc(st.Classes, func(name string) bool { return name == class.Name })
		}
	}
	return starterPage.Execute(w, &st)
}

// misnamed reports names that no API server accepts. The page repeats names as they are, and such a one could end a line of it.
func misnamed(objects []Manifest) (problems Problems) {
	check := func(m Manifest, path, name string) {
		if name != "" && !objectName.MatchString(name) {
			problems = append(problems, m.Problem(path, words.Quoted(name)+" is no name for an object", "lower case letters, digits, '-' and '.'"))
		}
	}
	for _, m := range objects {
		check(m, "metadata.name", m.Object.GetName())
		check(m, "metadata.namespace", m.Object.GetNamespace())
		if set, is := m.Object.(*appsv1.StatefulSet); is {
			for i, template := range set.Spec.VolumeClaimTemplates {
				if class := template.Spec.StorageClassName; class != nil {
					check(m, fmt.Sprintf("spec.volumeClaimTemplates[%d].spec.storageClassName", i), *class)
				}
			}
		}
	}
	return problems
}

// starter is what the page says.
type starter struct {
	Manifests []string
	Sets      []startedSet
	Classes   []string // the StorageClasses that claims name and that nobody has made
	Nodes     int      // in each zone
	CPU       string   // of every node, if the usual one is too small; likewise Memory
	Memory    string
	Client    *corev1.Service // one that the sets serve as they are
	Primary   string          // the name of one that only the primary of a database can serve
}

type startedSet struct {
	Name, Fact string // Fact is the set in a condition
	Replicas   int32
	Pod        string // the first of them
}

// set takes in a set and what its pods need.
func (st *starter) set(set *appsv1.StatefulSet) {
	is := startedSet{Name: set.Name, Fact: "set." + set.Name, Replicas: 1}
	if !selectable.MatchString(set.Name) || slices.Contains(celWords, set.Name) {
		is.Fact = fmt.Sprintf("set[%q]", set.Name)
	}
	if n := set.Spec.Replicas; n != nil {
		is.Replicas = *n
	}
	is.Pod = fmt.Sprintf("%s-%d", set.Name, lastOrdinal(set, new(int32))+1)
	st.Sets = append(st.Sets, is)
	st.Nodes = max(st.Nodes, (int(is.Replicas)+len(defaultZones)-1)/len(defaultZones))
	for _, template := range set.Spec.VolumeClaimTemplates {
		class := template.Spec.StorageClassName
		if class != nil && *class != "" && *class != "standard" && !slices.Contains(st.Classes, *class) {
			st.Classes = append(st.Classes, *class)
		}
	}
	requests := corev1.ResourceList{}
	for _, c := range set.Spec.Template.Spec.Containers {
		for name, q := range c.Resources.Requests {
			sum := requests[name]
			sum.Add(q)
			requests[name] = sum
		}
	}
	st.CPU = larger(st.CPU, defaultNode.CPU, requests.Cpu())
	st.Memory = larger(st.Memory, defaultNode.Memory, requests.Memory())
}

// selectable is a name that can stand behind a dot in CEL, unless it is one of celWords.
var (
	selectable = regexp.MustCompile(`^[a-z][a-z0-9]*$`)
	celWords   = []string{"true", "false", "null", "in"}
)

// larger is what a node must have so that a pod fits: "" as long as the usual one is enough.
func larger(has, usual string, needed *resource.Quantity) string {
	enough := resource.MustParse(usual)
	if has != "" {
		enough = resource.MustParse(has)
	}
	if needed.Cmp(enough) > 0 {
		return needed.String()
	}
	return has
}

// services looks for a Service that a client can use as the set is, and for one that wants a primary.
func (st *starter) services(set *appsv1.StatefulSet, objects []Manifest) {
	pods := labels.Set(set.Spec.Template.Labels)
	asPrimary := labels.Merge(pods, labels.Set{"role": "primary"})
	for _, m := range objects {
		service, is := m.Object.(*corev1.Service)
		if !is || service.Namespace != set.Namespace || len(service.Spec.Selector) == 0 {
			continue
		}
		selector := labels.SelectorFromSet(service.Spec.Selector)
		switch headless := service.Spec.ClusterIP == corev1.ClusterIPNone; {
		case selector.Matches(pods) && (st.Client == nil || st.Client.Spec.ClusterIP == corev1.ClusterIPNone && !headless):
			st.Client = service
		case !selector.Matches(pods) && selector.Matches(asPrimary):
			st.Primary = service.Name
		}
	}
}

// Killed is the set of which a pod is killed: the first that has any; nil if none has.
func (st *starter) Killed() *startedSet {
	for i := range st.Sets {
		if st.Sets[i].Replicas > 0 {
			return &st.Sets[i]
		}
	}
	return nil
}

// AllReady is the condition that all pods of all sets are.
func (st *starter) AllReady() string {
	conditions := make([]string, len(st.Sets))
	for i, set := range st.Sets {
		conditions[i] = fmt.Sprintf("%s.readyReplicas == %d", set.Fact, set.Replicas)
	}
	return strings.Join(conditions, " && ")
}

// Length is how long the run is: starting a pod takes a minute if it goes slowly.
func (st *starter) Length() string {
	pods := int32(0)
	for _, set := range st.Sets {
		pods += set.Replicas
	}
	return fmt.Sprintf("%dm", 10+2*pods)
}
