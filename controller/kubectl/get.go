package kubectl

import (
	"cmp"
	"errors"
	"slices"
	"strconv"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/apimachinery/pkg/labels"

	"statefulsim/controller/store"
	"statefulsim/scenarios/kubectl"
)

// shown are the kinds that can be shown, by their names.
var shown = func() map[string]columns {
	byName := map[string]columns{}
	for _, c := range []columns{
		podColumns, setColumns, cronJobColumns, jobColumns, revisionColumns, budgetColumns, nodeColumns, namespaceColumns, leaseColumns, configColumns,
		secretColumns, accountColumns, claimColumns, volumeColumns, classColumns, attachmentColumns, serviceColumns, sliceColumns,
	} {
		byName[c.kind.String()] = c
	}
	return byName
}()

// get shows objects once.
// Source: k8s.io/kubectl pkg/cmd/get/get.go:Run.
func get(api *store.Client, t Terminal, g kubectl.Get) error {
	q, err := queryOf(g, t.Namespace)
	if err != nil {
		return err
	}
	found, missing := q.find(api.View())
	if g.IgnoreNotFound {
		missing = nil
	}
	if g.Output == "" || g.Output == "wide" {
		if printTables(t, g, found, api.Now) == 0 && len(missing) == 0 && !g.IgnoreNotFound {
			t.Print(nothing(g, q.namespace))
		}
		return errors.Join(missing...)
	}
	if len(g.Names) == 1 && len(missing) == 1 {
		return missing[0]
	}
	return errors.Join(printDocument(t, g, found), errors.Join(missing...))
}

// nothing is what kubectl says, on its standard error, instead of an empty table.
func nothing(g kubectl.Get, namespace string) string {
	if g.AllNamespaces || !slices.ContainsFunc(g.Kinds, kubectl.Namespaced) || slices.ContainsFunc(g.Kinds, outside) {
		return "No resources found"
	}
	return "No resources found in " + namespace + " namespace."
}

func outside(kind string) bool { return !kubectl.Namespaced(kind) }

// query asks the API server for objects.
type query struct {
	kubectl.Objects
	namespace string // "" for all of them
	labels    labels.Selector
	fields    fields.Selector
}

func queryOf(g kubectl.Get, namespace string) (query, error) {
	byLabel, err := labels.Parse(g.Selector)
	if err != nil {
		return query{}, err
	}
	byField, err := fields.ParseSelector(g.FieldSelector)
	q := query{g.Objects, cmp.Or(g.Namespace, namespace), byLabel, byField}
	if g.AllNamespaces {
		q.namespace = ""
	}
	return q, err
}

// find returns what is there, and an error for each name that is not.
func (q *query) find(view *store.View) (found []batch, missing []error) {
	for _, kind := range q.Kinds {
		found = append(found, batch{kind, q.list(view, shown[kind].kind), true})
	}
	for _, name := range q.Names {
		key := store.Key{Kind: shown[name.Kind].kind, Namespace: q.namespace, Name: name.Name}
		if !key.Kind.Namespaced() {
			key.Namespace = ""
		}
		obj, ok := view.Object(key)
		if !ok {
			missing = append(missing, notFound(key.Kind, name.Name))
			continue
		}
		found = append(found, batch{name.Kind, []store.Object{obj}, false})
	}
	return found, missing
}

// list returns all objects of a kind that are asked for. Those of several namespaces come in the order of the server's
// keys, in which the slash behind a namespace counts.
func (q *query) list(view *store.View, kind store.Kind) (objects []store.Object) {
	for obj := range view.Objects(kind) {
		if q.takes(obj) {
			objects = append(objects, obj)
		}
	}
	if q.namespace == "" && kind.Namespaced() {
		slices.SortStableFunc(objects, func(a, b store.Object) int {
			return cmp.Compare(a.GetNamespace()+"/"+a.GetName(), b.GetNamespace()+"/"+b.GetName())
		})
	}
	return objects
}

// takes tells whether an object is in the namespace that is asked for, and selected.
func (q *query) takes(obj store.Object) bool {
	if q.namespace != "" && obj.GetNamespace() != "" && obj.GetNamespace() != q.namespace {
		return false
	}
	if !q.labels.Empty() && !q.labels.Matches(labels.Set(obj.GetLabels())) {
		return false
	}
	return q.fields.Empty() || q.fields.Matches(fieldsOf(obj))
}

// fieldsOf are the fields that an object can be selected by.
// Source: pkg/registry/core/pod/strategy.go:ToSelectableFields, pkg/registry/core/node/strategy.go:NodeToSelectableFields.
func fieldsOf(obj store.Object) fields.Set {
	set := fields.Set{"metadata.name": obj.GetName(), "metadata.namespace": obj.GetNamespace()}
	switch o := obj.(type) {
	case *corev1.Pod:
		set["spec.nodeName"], set["status.phase"] = o.Spec.NodeName, string(o.Status.Phase)
		set["status.nominatedNodeName"], set["status.podIP"] = o.Status.NominatedNodeName, ""
		if len(o.Status.PodIPs) > 0 {
			set["status.podIP"] = o.Status.PodIPs[0].IP
		}
	case *corev1.Node:
		set["spec.unschedulable"] = strconv.FormatBool(o.Spec.Unschedulable)
	}
	return set
}

// printTables prints a table for each kind, a blank line between two, and returns how many lines it printed.
func printTables(t Terminal, g kubectl.Get, found []batch, now time.Time) (printed int) {
	several := slices.ContainsFunc(found, func(b batch) bool { return b.kind != found[0].kind })
	for len(found) > 0 {
		next := batch{kind: found[0].kind, list: found[0].list}
		for len(found) > 0 && found[0].kind == next.kind {
			next.objects, found = append(next.objects, found[0].objects...), found[1:]
		}
		namespace := g.AllNamespaces && kubectl.Namespaced(next.kind)
		lines := newTable(shown[next.kind], g, namespace, g.ShowKind || several).print(next, now)
		if len(lines) > 0 && printed > 0 && !g.NoHeaders {
			t.Print("")
		}
		for _, line := range lines {
			t.Print(line)
		}
		printed += len(lines)
	}
	return printed
}

// printDocument prints what is not a table: the one object that the command names, or else a List.
// Source: k8s.io/kubectl pkg/cmd/get/get.go:printGeneric.
func printDocument(t Terminal, g kubectl.Get, found []batch) error {
	var objects []store.Object
	for _, b := range found {
		objects = append(objects, b.objects...)
	}
	if g.IgnoreNotFound && len(found) == 0 {
		return nil
	}
	if g.Output == "name" {
		for _, obj := range objects {
			t.Print(resourceName(obj))
		}
		return nil
	}
	write, err := formatOf(g)
	if err != nil {
		return err
	}
	content, err := list(objects)
	if len(g.Names) == 1 {
		content, err = document(objects[0])
	}
	if err != nil {
		return err
	}
	text, err := write(content)
	printText(t, text)
	return err
}
