package scenarios

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/invopop/jsonschema"
)

// Schema returns the JSON schema of a scenario file, by which editors complete and check. It tells less than the reader: which names
// there are, and what goes with what, is not in it.
func Schema() []byte {
	root := scenarioForm.schema()
	root.Version, root.Title = jsonschema.Version, "A scenario of sim"
	root.Definitions = definitions()
	out, err := json.MarshalIndent(root, "", "  ")
	if err != nil {
		panic(err) // the forms are constant
	}
	return append(out, '\n')
}

func definitions() jsonschema.Definitions {
	all := jsonschema.Definitions{
		"kubernetes": kubernetesForm.schema(), "cluster": clusterForm.schema(), "dnsCache": dnsForm.schema(), "machine": machineForm.schema(),
		"node": nodeForm.schema(), "client": clientForm.schema(), "process": processForm.schema(), "step": stepForm.schema(),
		"processPart": processForm.loose(),
		"expectation": expectationForm.schema(), "latencies": latenciesForm().schema(), "variant": variantSchema(),
		"dropped": {Type: "object", Required: []string{"name", "drop"}, Description: "Takes away the entry of this name."},
	}
	for i := range actionKinds {
		all[actionKinds[i].Key] = actionKinds[i].form().schema()
	}
	return all
}

// schema is the JSON schema of a mapping.
func (s *form) schema() *jsonschema.Schema {
	is := &jsonschema.Schema{Type: "object", Properties: jsonschema.NewProperties(), AdditionalProperties: jsonschema.FalseSchema,
		Required: s.required}
	for _, f := range s.fields {
		described := *f.is
		described.Description = f.doc
		is.Properties.Set(f.name, &described)
	}
	return is
}

// variantSchema is that of a scenario of which everything may be missing, and whose lists may take entries away.
func variantSchema() *jsonschema.Schema {
	is := (&form{fields: without(scenarioForm.fields, "name", "matrix", "variants")}).loose()
	for _, list := range grown {
		property, _ := is.Properties.Get(list)
		property.Items = either(property.Items, refTo("dropped"))
	}
	runs, _ := is.Properties.Get("runs")
	runs.AdditionalProperties = either(aProcess, refTo("processPart"))
	return is
}

// loose is the schema of a mapping that is laid over another one, so that everything may be missing.
func (s *form) loose() *jsonschema.Schema {
	is := s.schema()
	is.Required = nil
	return is
}

func without(fields []entry, names ...string) (left []entry) {
	for _, f := range fields {
		if !strings.Contains(" "+strings.Join(names, " ")+" ", " "+f.name+" ") {
			left = append(left, f)
		}
	}
	return left
}

// latenciesForm has a key for every hop.
func latenciesForm() *form {
	s := &form{of: "the table of latencies"}
	bounds := func(low, high string) *jsonschema.Schema {
		return (&form{fields: []entry{{low, "The lower one.", aDuration}, {high, "The upper one.", aDuration}}, required: []string{low, high}}).schema()
	}
	for _, h := range hops {
		s.fields = append(s.fields, entry{h.Name, h.Doc + " " + h.Default.String() + " without it.", either(aDuration, bounds("min", "max"), bounds("median", "p99"))})
	}
	return s
}

// What values can be. Wherever something else than a text stands, a variable can stand, too.
var (
	anything   = &jsonschema.Schema{}
	aText      = &jsonschema.Schema{Type: "string"}
	aVariable  = &jsonschema.Schema{Type: "string", Pattern: `\$\{`}
	aStepName  = &jsonschema.Schema{Type: "string", Pattern: `^([a-z0-9]([-a-z0-9]*[a-z0-9])?|step [0-9]+(\.[0-9]+)+)$|\$\{`}
	aName      = &jsonschema.Schema{Type: "string", Pattern: `^[a-z0-9]([-a-z0-9]*[a-z0-9])?$|\$\{`}
	aCondition = &jsonschema.Schema{Type: "string"}
	aDuration  = &jsonschema.Schema{Type: "string", Pattern: `^([0-9]+(\.[0-9]*)?(ns|us|µs|ms|s|m|h))+$|\$\{`}
	aBoolean   = either(&jsonschema.Schema{Type: "boolean"}, aVariable)
	aNumber    = either(&jsonschema.Schema{Type: "number"}, aVariable)
	aQuantity  = either(aText, &jsonschema.Schema{Type: "number"})
	aVersion   = oneOf(versions...)
	aManifest  = either(aText, &jsonschema.Schema{Type: "object"})
	aProcess   = oneOf(processKinds...)
)

func either(some ...*jsonschema.Schema) *jsonschema.Schema { return &jsonschema.Schema{AnyOf: some} }

func oneOf(words ...string) *jsonschema.Schema {
	list := &jsonschema.Schema{Type: "string"}
	for _, w := range words {
		list.Enum = append(list.Enum, w)
	}
	return either(list, aVariable)
}

func whole(least, most int64) *jsonschema.Schema {
	return either(&jsonschema.Schema{Type: "integer", Minimum: number(least), Maximum: number(most)}, aVariable)
}

func number(n int64) json.Number { return json.Number(fmt.Sprint(n)) }

func listOf(items *jsonschema.Schema) *jsonschema.Schema {
	return &jsonschema.Schema{Type: "array", Items: items}
}

func mappingOf(values *jsonschema.Schema) *jsonschema.Schema {
	return &jsonschema.Schema{Type: "object", AdditionalProperties: values}
}

func refTo(definition string) *jsonschema.Schema {
	return &jsonschema.Schema{Ref: "#/$defs/" + definition}
}

// fieldSchema is what the value of an action's field can be.
func fieldSchema(f Field) *jsonschema.Schema {
	switch {
	case len(f.OneOf) > 0:
		return oneOf(f.OneOf...)
	case f.Type == "component":
		return oneOf(append(Components(), DatabaseOperator)...)
	case f.Type == "duration":
		return aDuration
	case f.Type == "probability":
		return aNumber
	case f.Type == "boolean":
		return aBoolean
	case f.Type == "bytes":
		return aQuantity
	}
	return aText
}

// sentence makes one of a clause.
func sentence(clause string) string {
	return strings.ToUpper(clause[:1]) + clause[1:] + "."
}
