package kubectl

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"

	"statefulsim/scenarios/words"
)

// Patch is `patch KIND NAME -p PATCH [--type=…]`.
type Patch struct {
	Objects
	Type     string // "strategic", "merge" or "json"
	Document []byte // JSON, in one line
}

func (Patch) command() {}

var patchFlags = flags{"namespace": value, "patch": value, "type": value}

var patchTypes = []string{"strategic", "merge", "json"}

// parsePatch reads `patch`. The patch is JSON or YAML.
// Source: k8s.io/kubectl pkg/cmd/patch/patch.go.
func parsePatch(args []string) (Command, error) {
	c, err := cutFlags(args, patchFlags)
	if err != nil {
		return nil, err
	}
	p := Patch{Type: "strategic"}
	if p.Objects, err = c.objects(c.args); err != nil {
		return nil, err
	}
	if c.has("type") {
		p.Type = c.text("type")
	}
	if !slices.Contains(patchTypes, p.Type) {
		return nil, wrongf(words.DidYouMean(p.Type, patchTypes), "no type of patch is named %s", words.Quoted(p.Type))
	}
	begins, example := "{", `-p '{"spec": {"replicas": 5}}'`
	if p.Type == "json" {
		begins, example = "[", `-p '[{"op": "replace", "path": "/spec/replicas", "value": 5}]'`
	}
	document, err := yaml.YAMLToJSON([]byte(c.text("patch")))
	var line bytes.Buffer
	if err != nil || json.Compact(&line, document) != nil || !bytes.HasPrefix(line.Bytes(), []byte(begins)) {
		return nil, wrongf(example, "a %s patch is one JSON or YAML document that begins with %s, after -p", p.Type, begins)
	}
	p.Document = line.Bytes()
	return p, p.operations()
}

// operations checks those of a JSON patch.
// Source: RFC 6902.
func (p Patch) operations() error {
	if p.Type != "json" {
		return nil
	}
	var all []struct{ Op, Path, From string }
	if err := json.Unmarshal(p.Document, &all); err != nil {
		return wrongf(`[{"op": "replace", "path": "/spec/replicas", "value": 5}]`, "error decoding patch: %v", err)
	}
	known := []string{"add", "remove", "replace", "test", "move", "copy"}
	for _, o := range all {
		switch {
		case !slices.Contains(known, o.Op):
			return wrongf(words.DidYouMean(o.Op, known), "a JSON patch has no operation %s", words.Quoted(o.Op))
		case !strings.HasPrefix(o.Path, "/"), (o.Op == "move" || o.Op == "copy") && !strings.HasPrefix(o.From, "/"):
			return wrongf("/spec/replicas", "a path of a JSON patch begins with /")
		}
	}
	return nil
}
