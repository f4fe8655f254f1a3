package scenarios

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
)

// manifests writes the objects that there are from the beginning, and what is in the files that commands name.
func (p *printer) manifests(s *Scenario) {
	if len(s.Objects) > 0 {
		p.line(0, "manifests:")
		p.objects(1, s.Objects)
	}
	files := map[string][]Manifest{}
	for _, step := range s.Steps {
		if k, is := step.Do.(Kubectl); is {
			for name, objects := range k.Files {
				files[name] = objects
			}
		}
	}
	if len(files) == 0 {
		return
	}
	p.line(0, "files:")
	for _, name := range sortedKeys(files) {
		p.line(1, scalar(name)+":")
		p.objects(2, files[name])
	}
}

func (p *printer) objects(depth int, all []Manifest) {
	for _, m := range all {
		p.value(depth, "-", written(m))
	}
}

// written is an object as its manifest says it: without what the API server would put in.
func written(m Manifest) any {
	data, err := json.Marshal(m.Object)
	if err != nil {
		panic(fmt.Sprintf("scenarios: an object has no JSON form: %v", err))
	}
	var object map[string]any
	numbers := json.NewDecoder(bytes.NewReader(data))
	numbers.UseNumber()
	if err := numbers.Decode(&object); err != nil {
		panic(fmt.Sprintf("scenarios: an object's JSON form is none: %v", err))
	}
	if meta, is := object["metadata"].(map[string]any); is && meta["namespace"] == "default" && m.saidNamespace() == "" {
		delete(meta, "namespace") // so that a command can put it elsewhere
	}
	return plainly(object)
}

// unsaid are the fields that Kubernetes' types write even if nobody has said anything of them.
var unsaid = []string{"status", "resources", "updateStrategy", "targetPort"}

// empty is true for what stands for nothing.
func empty(v any) bool {
	switch v := v.(type) {
	case map[string]any:
		for _, item := range v {
			if !empty(item) {
				return false
			}
		}
		return true
	case json.Number:
		return v == "0"
	}
	return v == nil
}

// plainly leaves out what nobody has said, and keeps texts from being taken for variables.
func plainly(v any) any {
	switch v := v.(type) {
	case map[string]any:
		for k, item := range v {
			if item == nil || slices.Contains(unsaid, k) && empty(item) {
				delete(v, k)
			} else {
				v[k] = plainly(item)
			}
		}
	case []any:
		for i := range v {
			v[i] = plainly(v[i])
		}
	case string:
		if alone.MatchString(v) {
			return "$" + v
		}
	}
	return v
}
