package kubectl

import (
	"encoding/json"
	"fmt"
	"strings"
	"text/template"

	"go.yaml.in/yaml/v2" // the one that kubectl writes with, so that indentation and quotes are its own
	"k8s.io/apimachinery/pkg/runtime"

	"statefulsim/controller/store"
	"statefulsim/scenarios/kubectl"
)

// format writes one document: an object, or a List of them.
type format func(document map[string]any) (string, error)

// formatOf returns the writer of a format that is not a table. name is none: it writes objects, not documents.
func formatOf(g kubectl.Get) (format, error) {
	switch g.Output {
	case "json":
		return asJSON, nil
	case "yaml":
		return asYAML, nil
	case "go-template":
		t, err := template.New("output").Parse(g.Template)
		if err != nil {
			return nil, fmt.Errorf("error: error parsing template %s, %w", g.Template, err)
		}
		return func(document map[string]any) (string, error) { return asTemplate(t, g.Template, document) }, nil
	}
	panic("kubectl: no way to print -o " + g.Output)
}

// document is an object as a client reads it from the API server.
func document(obj store.Object) (map[string]any, error) {
	content, err := runtime.DefaultUnstructuredConverter.ToUnstructured(obj)
	if err != nil {
		return nil, err
	}
	kind := store.KindOf(obj)
	content["apiVersion"], content["kind"] = kind.GroupVersion().String(), kind.String()
	return content, nil
}

// list is what kubectl makes of several objects, or of none.
// Source: k8s.io/kubectl pkg/cmd/get/get.go:printGeneric.
func list(objects []store.Object) (map[string]any, error) {
	items := make([]any, len(objects))
	for i, obj := range objects {
		item, err := document(obj)
		if err != nil {
			return nil, err
		}
		items[i] = item
	}
	return map[string]any{"apiVersion": "v1", "kind": "List", "items": items, "metadata": map[string]any{"resourceVersion": ""}}, nil
}

// resourceName is what -o name prints of an object.
// Source: k8s.io/cli-runtime pkg/printers/name.go:printObj.
func resourceName(obj store.Object) string {
	return strings.ToLower(store.KindOf(obj).GroupVersionKind().GroupKind().String()) + "/" + obj.GetName()
}

// Source: k8s.io/cli-runtime pkg/printers/json.go:PrintObj.
func asJSON(document map[string]any) (string, error) {
	text, err := json.MarshalIndent(document, "", "    ")
	return string(text) + "\n", err
}

// asYAML goes by way of JSON, as kubectl does: numbers and times have the form that they have there.
// Source: k8s.io/cli-runtime pkg/printers/yaml.go:PrintObj, sigs.k8s.io/yaml:Marshal.
func asYAML(document map[string]any) (string, error) {
	text, err := json.Marshal(document)
	if err != nil {
		return "", err
	}
	var content any
	if err := yaml.Unmarshal(text, &content); err != nil {
		return "", err
	}
	text, err = yaml.Marshal(content)
	return string(text), err
}

// asTemplate fills in a template. All numbers are floating-point ones there, as kubectl has them.
// Source: k8s.io/cli-runtime pkg/printers/template.go:PrintObj.
func asTemplate(t *template.Template, source string, document map[string]any) (string, error) {
	text, err := json.Marshal(document)
	if err != nil {
		return "", err
	}
	content := map[string]any{}
	if err := json.Unmarshal(text, &content); err != nil {
		return "", err
	}
	var b strings.Builder
	if err := t.Execute(&b, content); err != nil {
		return "", fmt.Errorf("error: error executing template %q: %w", source, err)
	}
	return b.String(), nil
}

// printText prints what a format wrote, line by line. A line need not be ended.
func printText(t Terminal, text string) {
	for line := range strings.Lines(text) {
		t.Print(strings.TrimSuffix(line, "\n"))
	}
}
