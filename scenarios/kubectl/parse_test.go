package kubectl

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

var update = flag.Bool("update", false, "rewrite what the commands of testdata mean")

// TestCommands reads each line of testdata/commands.txt that is not indented, and holds what it means against the lines below:
// the command's type with all that is not zero, or what is wrong and the cure.
func TestCommands(t *testing.T) {
	const file = "testdata/commands.txt"
	data, err := os.ReadFile(file)
	require.NoError(t, err)
	var b strings.Builder
	for line := range strings.Lines(string(data)) {
		if strings.HasPrefix(line, "    ") {
			continue
		}
		b.WriteString(line)
		if line := strings.TrimSpace(line); line != "" && line[0] != '#' {
			b.WriteString(meaning(t, line))
		}
	}
	if *update {
		require.NoError(t, os.WriteFile(file, []byte(b.String()), 0o644))
		return
	}
	require.Equal(t, b.String(), string(data))
}

func meaning(t *testing.T, line string) string {
	command, err := Parse(line)
	if err != nil {
		var wrong *Problem
		require.True(t, errors.As(err, &wrong), line)
		return fmt.Sprintf("    wrong: %s\n    cure: %s\n", wrong.What, wrong.Cure)
	}
	if p, is := command.(Patch); is {
		return fmt.Sprintf("    Patch %s %s %s\n", shown(t, p.Objects), p.Type, p.Document)
	}
	return fmt.Sprintf("    %s %s\n", strings.TrimPrefix(fmt.Sprintf("%T", command), "kubectl."), shown(t, command))
}

// shown writes what is not zero as JSON.
func shown(t *testing.T, v any) string {
	text, err := json.Marshal(v)
	require.NoError(t, err)
	var tree any
	require.NoError(t, json.Unmarshal(text, &tree))
	text, err = json.Marshal(shortened(tree))
	require.NoError(t, err)
	return string(text)
}

func shortened(tree any) any {
	fields, is := tree.(map[string]any)
	if items, list := tree.([]any); list {
		for i := range items {
			items[i] = shortened(items[i])
		}
	}
	if !is {
		return tree
	}
	for name, value := range fields {
		switch {
		case value == nil, value == false, value == "", value == 0.0 && name != "GracePeriod":
			delete(fields, name)
		default:
			fields[name] = shortened(value)
		}
	}
	return fields
}

// TestParseNeverPanics puts together words that commands have, in any order.
func TestParseNeverPanics(t *testing.T) {
	words := append(sortedKeys(verbs), sortedKeys(resources)...)
	words = append(words, "web-0", "pod/web-0", "sts/", "/x", "a=b", "a-", "a:NoExecute", "-", "--", "-n", "-f", "-l", "--all", "--force",
		"--grace-period=0", "--for=jsonpath={.a[0]}", "--type=json", "-p", `'[{"op":"add"}]'`, `"`, "\\", "*=x", "--replicas", "-1", "restart",
		"image", "-o", "yaml", "--timeout=1s", "--for", "condition=", "\x00", "é")
	rapid.Check(t, func(t *rapid.T) {
		line := strings.Join(rapid.SliceOf(rapid.SampledFrom(words)).Draw(t, "words"), " ")
		if _, err := Parse(line); err != nil {
			require.IsType(t, &Problem{}, err)
		}
	})
}
