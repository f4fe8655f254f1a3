package kubectl

import (
	"errors"
	"maps"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/json"

	"statefulsim/controller/store"
	"statefulsim/scenarios/kubectl"
)

// applyFiles brings the objects of files to the API server: new ones are created, others changed to what the file says. It
// goes on after one that fails.
// Source: k8s.io/kubectl pkg/cmd/apply/apply.go:Run, pkg/cmd/create/create.go:RunCreate, pkg/cmd/replace/replace.go:Run.
func applyFiles(api *store.Client, t Terminal, c kubectl.Apply) error {
	var all []error
	for _, file := range c.Files {
		for _, shared := range t.Files(file) {
			obj := copyOf(shared)
			if c.Namespace != "" && obj.GetNamespace() != "" {
				obj.SetNamespace(c.Namespace)
			}
			all = append(all, bring(api, t, c.Verb, obj, file))
		}
	}
	return errors.Join(all...)
}

func bring(api *store.Client, t Terminal, verb string, obj store.Object, file string) error {
	live, exists := api.View().Object(store.KeyOf(obj))
	switch {
	case verb == "apply" && exists:
		return reapply(api, t, live, obj, file)
	case verb == "replace":
		obj.SetResourceVersion("")
		replaced, err := api.Update(obj)
		if err == nil {
			t.done(replaced, "replaced")
		}
		return whileDoing("replacing", file, err)
	case verb == "apply":
		Applied(obj)
	}
	created, err := api.Create(obj)
	if err == nil {
		t.done(created, "created")
	}
	return whileDoing("creating", file, err)
}

// reapply changes an object to what its manifest says now. What somebody else has set, and the manifest never said, stays.
// Source: k8s.io/kubectl pkg/cmd/apply/apply.go:applyOneObject, pkg/cmd/apply/patcher.go:patchSimple.
func reapply(api *store.Client, t Terminal, live, obj store.Object, file string) error {
	if _, applied := live.GetAnnotations()[corev1.LastAppliedConfigAnnotation]; !applied {
		t.Print("Warning: resource " + resourcePath(live) + " is missing the " + corev1.LastAppliedConfigAnnotation + " annotation which is " +
			"required by kubectl apply. kubectl apply should only be used on resources created declaratively by either kubectl create " +
			"--save-config or kubectl apply. The missing annotation will be patched automatically.")
	}
	update, err := reconciled(live, obj)
	if err != nil {
		return err
	}
	updated, err := api.Update(update)
	if err != nil {
		return whileDoing("patching", file, err)
	}
	if live.GetDeletionTimestamp() != nil {
		t.Print("Warning: Detected changes to resource " + live.GetName() + " which is currently being deleted.")
	}
	if updated.GetResourceVersion() == live.GetResourceVersion() {
		t.done(live, "unchanged")
	} else {
		t.done(live, "configured")
	}
	return nil
}

// reconciled is a live object with what its manifest says: the three-way merge of the manifest as it was applied last, as it
// is, and of the object.
func reconciled(live, obj store.Object) (store.Object, error) {
	var last any
	if text := live.GetAnnotations()[corev1.LastAppliedConfigAnnotation]; text != "" {
		if err := json.Unmarshal([]byte(text), &last); err != nil {
			return nil, err
		}
	}
	Applied(obj)
	wanted, err := manifest(obj)
	if err != nil {
		return nil, err
	}
	tree, err := treeOf(live)
	if err != nil {
		return nil, err
	}
	return ofTree(live, threeWay(last, wanted, tree, live))
}

// Applied notes in a new object's annotations what its manifest says, as `kubectl apply` does: so that a later apply knows what
// to take away.
// Source: k8s.io/kubectl pkg/util/apply.go:CreateApplyAnnotation.
func Applied(obj store.Object) {
	annotations := maps.Clone(obj.GetAnnotations())
	if annotations == nil {
		annotations = map[string]string{}
	}
	delete(annotations, corev1.LastAppliedConfigAnnotation)
	obj.SetAnnotations(annotations)
	tree, err := manifest(obj)
	if err != nil {
		return // what was decoded from a manifest can be encoded
	}
	text, _ := json.Marshal(tree)
	annotations[corev1.LastAppliedConfigAnnotation] = string(text) + "\n"
	obj.SetAnnotations(annotations)
}

// manifest is what an object's manifest says: the object without its status and without what Go writes all the same.
func manifest(obj store.Object) (map[string]any, error) {
	fields, err := treeOf(obj)
	if err != nil {
		return nil, err
	}
	delete(fields, "status")
	kind := store.KindOf(obj)
	fields["apiVersion"], fields["kind"] = kind.GroupVersion().String(), kind.String()
	if meta := fields["metadata"].(map[string]any); meta["annotations"] == nil {
		meta["annotations"] = map[string]any{}
	}
	dropNulls(fields)
	return fields, nil
}

func dropNulls(tree any) {
	switch tree := tree.(type) {
	case map[string]any:
		maps.DeleteFunc(tree, func(_ string, value any) bool { return value == nil })
		for _, value := range tree {
			dropNulls(value)
		}
	case []any:
		for _, item := range tree {
			dropNulls(item)
		}
	}
}
