package chaosmesh

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
	"github.com/stretchr/testify/require"

	"statefulsim/scenarios"
)

var update = flag.Bool("update", false, "write the golden files anew")

func golden(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if *update {
		require.NoError(t, os.WriteFile(file, []byte(got), 0o644))
	}
	want, err := os.ReadFile(file)
	require.NoError(t, err)
	require.Equal(t, string(want), got)
}

func exported(t *testing.T, s *scenarios.Scenario) (string, []Gap) {
	t.Helper()
	var b bytes.Buffer
	gaps, err := Write(&b, s)
	require.NoError(t, err)
	return b.String(), gaps
}

func everyAction(t *testing.T) *scenarios.Scenario {
	t.Helper()
	s, err := scenarios.Single(scenarios.Load("testdata/every-action.yaml", scenarios.Choice{}))
	require.NoError(t, err)
	return s
}

func TestEveryAction(t *testing.T) {
	text, gaps := exported(t, everyAction(t))
	golden(t, "every-action.golden.yaml", text)
	var told strings.Builder
	for _, g := range gaps {
		told.WriteString(g.String() + "\n")
	}
	golden(t, "every-action.gaps.txt", told.String())
}

// What the page about the language says of Chaos Mesh is what is written: the kind, and one of the actions.
func TestActionsAgreeWithTheirTable(t *testing.T) {
	s := everyAction(t)
	steps := s.Steps
	for _, kind := range scenarios.Actions() {
		t.Run(kind.Key, func(t *testing.T) {
			found := false
			for _, step := range steps {
				if of := kindOf(step.Do); of == nil || of.Key != kind.Key {
					continue
				}
				found = true
				s.Steps = []scenarios.Step{{Name: "it", Do: step.Do}}
				text, gaps := exported(t, s)
				what := kindsAndActions(t, text)
				if kind.ChaosMesh == "" {
					require.Empty(t, what)
					require.True(t, len(gaps) > 0 && !gaps[0].Partly || kind.Key == "heal", "whatever is not expressed is told")
					continue
				}
				name, actions, _ := strings.Cut(kind.ChaosMesh, " ")
				for _, w := range what {
					require.Equal(t, name, w[0])
					require.Contains(t, strings.Fields(strings.ReplaceAll(actions, ",", "")), w[1])
				}
				if len(what) == 0 {
					require.False(t, gaps[len(gaps)-1].Partly)
				}
			}
			require.True(t, found, "the scenario of the test has every action")
		})
	}
}

// kindsAndActions lists what a file holds.
func kindsAndActions(t *testing.T, text string) (all [][2]string) {
	for _, template := range templatesOf(t, text) {
		for key, kind := range kindOfKey {
			if spec, is := template[key].(map[string]any); is {
				action, _ := spec["action"].(string)
				if kind == "StressChaos" {
					action = "memory"
				}
				all = append(all, [2]string{kind, action})
			}
		}
	}
	return all
}

func documentsOf(t *testing.T, text string) (all []map[string]any) {
	t.Helper()
	for doc := range strings.SplitSeq(text, "---\n") {
		var m map[string]any
		require.NoError(t, yaml.Unmarshal([]byte(doc), &m), doc)
		if m != nil {
			all = append(all, m)
		}
	}
	return all
}

func templatesOf(t *testing.T, text string) (all []map[string]any) {
	for _, doc := range documentsOf(t, text) {
		for _, template := range doc["spec"].(map[string]any)["templates"].([]any) {
			all = append(all, template.(map[string]any))
		}
	}
	return all
}
