package scenarios

import (
	"encoding/json"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestSchema holds schema.json against the forms; with the flag -update it writes it anew.
func TestSchema(t *testing.T) {
	if *update {
		require.NoError(t, os.WriteFile("schema.json", Schema(), 0o644))
	}
	written, err := os.ReadFile("schema.json")
	require.NoError(t, err)
	require.Equal(t, string(Schema()), string(written), "run the test with -update")
}

func TestEveryKeyOfTheSchemaIsDescribed(t *testing.T) {
	var schema any
	require.NoError(t, json.Unmarshal(Schema(), &schema))
	eachProperty(schema, "", func(path string, property map[string]any) {
		doc, _ := property["description"].(string)
		require.True(t, strings.HasSuffix(doc, "."), "%s: %q", path, doc)
	})
}

func eachProperty(v any, path string, see func(path string, property map[string]any)) {
	switch v := v.(type) {
	case map[string]any:
		if properties, is := v["properties"].(map[string]any); is {
			for name, p := range properties {
				see(path+"."+name, p.(map[string]any))
			}
		}
		for k, item := range v {
			eachProperty(item, path+"."+k, see)
		}
	case []any:
		for _, item := range v {
			eachProperty(item, path, see)
		}
	}
}

func TestEmbeddedScenariosFitTheSchema(t *testing.T) {
	for _, name := range embeddedNames() {
		data, err := embedded.ReadFile(name + ".yaml")
		require.NoError(t, err)
		require.Empty(t, unfit(t, string(data)), name)
	}
}

func TestWhatDoesNotFitTheSchema(t *testing.T) {
	for text, want := range map[string]string{
		"title: x":                               "for is missing",
		"for: 1m\ntitel: x":                      "titel is not known",
		"for: 1m\nteaches: cooking":              "teaches fits nothing",
		"for: 90":                                "for is not a string",
		"for: 90 s":                              "for does not match",
		"for: 1m\nlinks: [http://x]":             "links[0] does not match",
		"for: 1m\ncluster: {nodesPerZone: many}": "cluster.nodesPerZone fits nothing",
		"for: 1m\ncluster: {node: {cpus: 1}}":    "cluster.node.cpus is not known",
		"for: 1m\nclients: [{reads: x}]":         "clients[0].name is missing",
		"for: 1m\nsteps: [{at: 1s, kil: x}]":     "steps[0].kil is not known",
		"for: 1m\nruns: {x: rafd}":               "runs.x fits nothing",
		"for: 1m\nvariants: {x: {stpes: []}}":    "variants.x.stpes is not known",
		"for: 1m\nlatencies: {disk: {min: 1s}}":  "latencies.disk fits nothing",
	} {
		require.Contains(t, unfit(t, text), want, text)
	}
	for _, text := range []string{
		"for: ${x}", "for: 1m\nsteps: [{at: 1s, kill: x}, {at: 1s, kill: {target: x}}]", "for: 1m\ncluster: {nodesPerZone: '${n}'}",
		"for: 1m\nvariants: {x: {steps: [{name: y, drop: true}]}}", "for: 1m\nkubernetes: {version: '1.36', gates: {X: true}}",
		"for: 1m\nlatencies: {disk: {min: 1s, max: 2s}, watch: 1s}",
		"for: 1m\ncluster: {dns: {ttl: 5s}}", "for: 1m\nvariants: {x: {runs: {y: {addresses: ip}}}}",
	} {
		require.Empty(t, unfit(t, text), text)
	}
}

// unfit says in what a document does not fit the schema, as far as the words go that the schema uses.
func unfit(t *testing.T, text string) string {
	t.Helper()
	docs := documents(newText("s.yaml", []byte(text)), text, func(p Problem) { require.Fail(t, p.String()) })
	var document, schema any
	require.NoError(t, json.Unmarshal(docs[0].json(nil), &document))
	require.NoError(t, json.Unmarshal(Schema(), &schema))
	c := schemaChecker{schema.(map[string]any)["$defs"].(map[string]any)}
	return strings.Join(c.check(document, schema, ""), "\n")
}

type schemaChecker struct{ defs map[string]any }

func (c schemaChecker) check(v, schema any, path string) (wrong []string) {
	s, is := schema.(map[string]any)
	if !is {
		if schema == false {
			return []string{path + " is not known"}
		}
		return nil
	}
	at := strings.TrimPrefix(path, ".")
	if ref, has := s["$ref"].(string); has {
		return c.check(v, c.defs[strings.TrimPrefix(ref, "#/$defs/")], path)
	}
	if some, has := s["anyOf"].([]any); has {
		var all [][]string
		for _, one := range some {
			reasons := c.check(v, one, path)
			if len(reasons) == 0 {
				return nil
			}
			all = append(all, reasons)
		}
		if _, is := v.(map[string]any); is && len(some) == 2 {
			return all[1] // the long form of what is written as a text, too
		}
		return []string{at + " fits nothing"}
	}
	if typ, has := s["type"].(string); has && !ofType(v, typ) {
		return []string{at + " is not a " + typ}
	}
	if pattern, has := s["pattern"].(string); has && !regexp.MustCompile(pattern).MatchString(v.(string)) {
		wrong = append(wrong, at+" does not match")
	}
	if words, has := s["enum"].([]any); has && !slices.Contains(words, v) {
		wrong = append(wrong, at+" is none of the words")
	}
	switch v := v.(type) {
	case map[string]any:
		wrong = append(wrong, c.mapping(v, s, path)...)
	case []any:
		for i, item := range v {
			wrong = append(wrong, c.check(item, s["items"], fmt.Sprintf("%s[%d]", path, i))...)
		}
	}
	return wrong
}

func (c schemaChecker) mapping(v, s map[string]any, path string) (wrong []string) {
	at := strings.TrimPrefix(path, ".")
	required, _ := s["required"].([]any)
	for _, name := range required {
		if _, has := v[name.(string)]; !has {
			wrong = append(wrong, strings.TrimPrefix(at+"."+name.(string), ".")+" is missing")
		}
	}
	properties, _ := s["properties"].(map[string]any)
	for k, item := range v {
		if property, known := properties[k]; known {
			wrong = append(wrong, c.check(item, property, path+"."+k)...)
		} else if more, has := s["additionalProperties"]; has {
			wrong = append(wrong, c.check(item, more, path+"."+k)...)
		}
	}
	return wrong
}

func ofType(v any, typ string) bool {
	switch typ {
	case "object":
		_, is := v.(map[string]any)
		return is
	case "array":
		_, is := v.([]any)
		return is
	case "string":
		_, is := v.(string)
		return is
	case "boolean":
		_, is := v.(bool)
		return is
	}
	f, is := v.(float64)
	return is && (typ == "number" || f == float64(int64(f)))
}
