package scenarios

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"statefulsim/scenarios/kubectl"
)

// essence is what a value says, without where it stands, for comparing: in nested maps and slices.
func essence(v reflect.Value) any {
	switch x := v.Interface().(type) {
	case Pos, []Problem:
		return nil
	case *Expr:
		if x == nil {
			return nil
		}
		return x.String()
	case Manifest:
		data, err := json.Marshal(x.Object)
		if err != nil {
			panic(err)
		}
		return string(data)
	case kubectl.Command:
		return nil // the line says it
	case Distribution:
		return x.String()
	}
	switch v.Kind() {
	case reflect.Interface, reflect.Pointer:
		if v.IsNil() {
			return nil
		}
		return essence(v.Elem())
	case reflect.Struct:
		fields := map[string]any{"type": v.Type().String()}
		for i := range v.NumField() {
			fields[v.Type().Field(i).Name] = essence(v.Field(i))
		}
		return fields
	case reflect.Slice:
		items := []any{}
		for i := range v.Len() {
			items = append(items, essence(v.Index(i)))
		}
		return items
	case reflect.Map:
		items := map[string]any{}
		for _, k := range v.MapKeys() {
			items[fmt.Sprint(k)] = essence(v.MapIndex(k))
		}
		return items
	}
	return v.Interface()
}

// told is the essence of a scenario, with steps named as a file can name them.
func told(s *Scenario) any {
	copied := *s
	copied.File, copied.Variant, copied.Steps = "", "", nil
	for i, step := range s.Steps {
		if step.Name == "" || outerName.MatchString(step.Name) {
			step.Name = fmt.Sprint("step ", i+1)
		}
		copied.Steps = append(copied.Steps, step)
	}
	return essence(reflect.ValueOf(copied))
}

// requireSameWritten writes a scenario, reads it, and wants it to be the same.
func requireSameWritten(t require.TestingT, s *Scenario) {
	var text bytes.Buffer
	require.NoError(t, Write(&text, s, "sim explore, seed 7"))
	again, err := Parse(s.File, text.Bytes(), nil)
	require.NoError(t, err, "%s", text.String())
	require.Equal(t, told(s), told(again), "%s", text.String())
}

func TestEmbeddedScenariosAreWrittenAndReadBack(t *testing.T) {
	for _, listed := range All() {
		t.Run(listed.Name, func(t *testing.T) {
			runs, err := Find(listed.Name)
			require.NoError(t, err)
			for _, s := range runs {
				requireSameWritten(t, s)
			}
		})
	}
}

func TestDrawnScenariosAreWrittenAndReadBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) { requireSameWritten(t, drawScenario(t)) })
}

// TestWhatIsWritten shows the form in which a search writes what it found.
func TestWhatIsWritten(t *testing.T) {
	s, err := Parse("found.yaml", []byte(wanted), nil)
	require.NoError(t, err)
	var text bytes.Buffer
	require.NoError(t, Write(&text, s, "Found by a search.\nsim run found.yaml"))
	require.Equal(t, "# Found by a search.\n# sim run found.yaml\n"+wanted, text.String())
}

const wanted = `name: found
title: 'One & "two"'
why: |-
  The first line.
  And the second.
for: 1m30s
kubernetes: {gates: {MaxUnavailableStatefulSet: false}}
cluster:
  zones: [zone-a, zone-b]
  nodesPerZone: 2
  node: {cpu: "8", labels: {disk: ssd}}
  dns: {ttl: 5s}
manifests:
  - apiVersion: v1
    kind: ConfigMap
    metadata:
      name: c
    data:
      run.sh: |
        set -e
        echo ${HOME}
      x: "$${x}"
latencies:
  imagePull: 3s
  network: {median: 300µs, p99: 2ms}
steps:
  - {name: cut, at: 10s, for: 5s, partition: {from: node node-a-1, to: everything else}}
expect:
  - {finally: "nodes.all(n, n.ready) && now >= 90"}
  - {name: "$${x}", always: 'node["node-a-1"].zone == "zone-a"'}
breaks:
  - linearizable
`
