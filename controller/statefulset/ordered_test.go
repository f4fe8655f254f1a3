package statefulset

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// drawJSON draws a value of any shape, as the decoder gives it.
func drawJSON(t *rapid.T, depth int) any {
	kinds := 7
	if depth == 0 {
		kinds = 5
	}
	switch rapid.IntRange(0, kinds-1).Draw(t, "kind") {
	case 0:
		return nil
	case 1:
		return rapid.Bool().Draw(t, "bool")
	case 2:
		return rapid.Int64().Draw(t, "number")
	case 3, 4:
		return rapid.String().Draw(t, "string")
	case 5:
		list := []any{}
		for range rapid.IntRange(0, 3).Draw(t, "elements") {
			list = append(list, drawJSON(t, depth-1))
		}
		return list
	}
	object := map[string]any{}
	for range rapid.IntRange(0, 4).Draw(t, "members") {
		object[rapid.StringMatching(`[$a-zA-Z./_-]{0,4}`).Draw(t, "key")] = drawJSON(t, depth-1)
	}
	return object
}

// disordered encodes a value with the keys of each object in another order than theirs.
func disordered(t require.TestingT, value any) []byte {
	switch v := value.(type) {
	case map[string]any:
		out := []byte{'{'}
		for key, member := range v { // in any order, which is the point
			if len(out) > 1 {
				out = append(out, ',')
			}
			out = append(append(append(out, disordered(t, key)...), ':'), disordered(t, member)...)
		}
		return append(out, '}')
	case []any:
		out := []byte{'['}
		for i, element := range v {
			if i > 0 {
				out = append(out, ',')
			}
			out = append(out, disordered(t, element)...)
		}
		return append(out, ']')
	}
	data, err := json.Marshal(value)
	require.NoError(t, err)
	return data
}

func TestAppendOrdered(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		data := disordered(t, drawJSON(t, 4))
		var decoded any
		require.NoError(t, json.Unmarshal(data, &decoded))
		want, err := json.Marshal(decoded)
		require.NoError(t, err)
		require.Equal(t, string(want), string(appendOrdered(nil, data)))
	})
}
