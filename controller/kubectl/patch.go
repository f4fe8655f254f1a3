package kubectl

import (
	"fmt"
	"net/http"
	"reflect"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/json"
	"k8s.io/apimachinery/pkg/util/validation/field"

	"statefulsim/controller/store"
	"statefulsim/scenarios/kubectl"
)

// patch changes an object by a patch of one of the three types.
// Source: k8s.io/kubectl pkg/cmd/patch/patch.go:RunPatch.
func patch(api *store.Client, t Terminal, c kubectl.Patch) error {
	return each(api, t, c.Objects, func(obj store.Object) error {
		update, err := patched(obj, c.Type, c.Document)
		if err != nil {
			return err
		}
		updated, err := api.Update(update)
		if err != nil {
			return err
		}
		if updated.GetResourceVersion() == obj.GetResourceVersion() {
			t.done(obj, "patched (no change)")
		} else {
			t.done(obj, "patched")
		}
		return nil
	})
}

// patched returns a changed copy of an object.
// Source: k8s.io/apiserver pkg/endpoints/handlers/patch.go:applyJSPatch, applyPatchToObject.
func patched(obj store.Object, kind string, document []byte) (store.Object, error) {
	live, err := treeOf(obj)
	if err != nil {
		return nil, err
	}
	var change any
	if err := json.Unmarshal(document, &change); err != nil {
		return nil, apierrors.NewBadRequest(err.Error())
	}
	tree := any(live)
	switch kind {
	case "json":
		if tree, err = operated(tree, change); err != nil {
			return nil, apierrors.NewGenericServerResponse(http.StatusUnprocessableEntity, "", schema.GroupResource{}, "", err.Error(), 0, false)
		}
	case "merge":
		tree = merge(tree, change, nil)
	default:
		tree = merge(tree, change, reflect.TypeOf(obj))
	}
	made, err := ofTree(obj, tree)
	if err != nil {
		return nil, apierrors.NewInvalid(schema.GroupKind{}, "", field.ErrorList{field.Invalid(field.NewPath("patch"), fmt.Sprintf("%+v", change), err.Error())})
	}
	return made, nil
}
