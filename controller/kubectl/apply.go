package kubectl

import (
	"encoding/json"
	"errors"
	"reflect"
	"strings"

	corev1 "k8s.io/api/core/v1"

	"statefulsim/controller/store"
	"statefulsim/scenarios/kubectl"
)

// Applied notes in a new object's annotations what its manifest says, as `kubectl apply` does: so that a later apply knows what
// to take away.
// Source: k8s.io/kubectl pkg/util/apply.go:CreateOrUpdateAnnotation.
func Applied(obj store.Object) {
	tree, err := manifest(obj)
	if err != nil {
		return // what was decoded from a manifest can be encoded
	}
	text, _ := json.Marshal(tree)
	annotations := map[string]string{corev1.LastAppliedConfigAnnotation: string(text) + "\n"}
	for key, value := range obj.GetAnnotations() {
		annotations[key] = value
	}
	obj.SetAnnotations(annotations)
}

// manifest is what an object's manifest says: the object without its status and without what only a server writes.
func manifest(obj store.Object) (map[string]any, error) {
	tree, err := treeOf(obj)
	if err != nil {
		return nil, err
	}
	fields := tree.(map[string]any)
	delete(fields, "status")
	kind := store.KindOf(obj)
	fields["apiVersion"], fields["kind"] = kind.GroupVersion().String(), kind.String()
	meta := fields["metadata"].(map[string]any)
	delete(meta, "creationTimestamp")
	if annotations, is := meta["annotations"].(map[string]any); is {
		delete(annotations, corev1.LastAppliedConfigAnnotation)
	} else {
		meta["annotations"] = map[string]any{}
	}
	return dropNulls(fields).(map[string]any), nil
}

// dropNulls leaves out what a manifest does not say and Go writes all the same.
func dropNulls(tree any) any {
	if fields, is := tree.(map[string]any); is {
		for name, value := range fields {
			if value == nil {
				delete(fields, name)
			} else {
				dropNulls(value)
			}
		}
	}
	if items, is := tree.([]any); is {
		for _, item := range items {
			dropNulls(item)
		}
	}
	return tree
}

// applyFiles brings the objects of files to the API server: new ones are created, others changed to what the file says.
// Source: k8s.io/kubectl pkg/cmd/apply/apply.go:applyOneObject, pkg/cmd/create, pkg/cmd/replace.
func applyFiles(api *store.Client, t Terminal, c kubectl.Apply) error {
	var all []error
	for _, file := range c.Files {
		for _, shared := range t.Files(file) {
			obj := copyOf(shared)
			if c.Namespace != "" && obj.GetNamespace() != "" {
				obj.SetNamespace(c.Namespace)
			}
			all = append(all, applyOne(api, t, c.Verb, obj))
		}
	}
	return errors.Join(all...)
}

func applyOne(api *store.Client, t Terminal, verb string, obj store.Object) error {
	key := store.KeyOf(obj)
	live, exists := api.View().Object(key)
	if verb == "create" || verb == "apply" && !exists {
		if verb == "apply" {
			Applied(obj)
		}
		created, err := api.Create(obj)
		if err == nil {
			t.done(created, "created")
		}
		return err
	}
	if !exists {
		return notFound(key.Kind, key.Name)
	}
	if verb == "replace" {
		obj.SetResourceVersion("")
		replaced, err := api.Update(obj)
		if err == nil {
			t.done(replaced, "replaced")
		}
		return err
	}
	return reapply(api, t, live, obj)
}

// reapply changes an object to what its manifest says now. What somebody else has set, and the manifest never said, stays.
func reapply(api *store.Client, t Terminal, live, obj store.Object) error {
	var last any
	if text := live.GetAnnotations()[corev1.LastAppliedConfigAnnotation]; text != "" {
		if err := json.Unmarshal([]byte(text), &last); err != nil {
			return err
		}
	} else {
		t.Print("Warning: resource " + resourcePath(live) + " is missing the " + corev1.LastAppliedConfigAnnotation + " annotation which is " +
			"required by kubectl apply. kubectl apply should only be used on resources created declaratively by either kubectl create " +
			"--save-config or kubectl apply. The missing annotation will be patched automatically.")
	}
	wanted, err := manifest(obj)
	if err != nil {
		return err
	}
	tree, err := treeOf(live)
	if err != nil {
		return err
	}
	of := reflect.TypeOf(live)
	gone := removals(last, wanted, of)
	tree = merge(tree, gone, of)
	Applied(obj)
	wanted["metadata"].(map[string]any)["annotations"].(map[string]any)[corev1.LastAppliedConfigAnnotation] =
		obj.GetAnnotations()[corev1.LastAppliedConfigAnnotation]
	update, err := decoded(live, merge(tree, wanted, of))
	if err != nil {
		return err
	}
	updated, err := api.Update(update)
	switch {
	case err != nil:
		return err
	case updated.GetResourceVersion() == live.GetResourceVersion():
		t.done(live, "unchanged")
	default:
		t.done(live, "configured")
	}
	return nil
}

// resourcePath names an object with the plural of its kind: statefulsets/web.
func resourcePath(obj store.Object) string {
	plural, _, _ := strings.Cut(store.KindOf(obj).GroupResource().String(), ".")
	return plural + "/" + obj.GetName()
}
