package kubectl

import (
	"bytes"
	"encoding/json"

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

var patchTypes = []string{"strategic", "merge", "json"}

// parsePatch reads `patch`. The patch is JSON or YAML.
// Source: k8s.io/kubectl pkg/cmd/patch/patch.go.
func parsePatch(args []string) (Command, error) {
	c, err := cutFlags(args, selecting.and(flags{"patch": value, "type": value}))
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
	known := false
	for _, t := range patchTypes {
		known = known || t == p.Type
	}
	if !known {
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
	p.Document = bytes.TrimSpace(line.Bytes())
	return p, nil
}
