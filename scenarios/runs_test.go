package scenarios

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/rogpeppe/go-internal/txtar"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"statefulsim/scenarios/words"
)

// TestRuns reads each archive of testdata/runs: a scenario with its manifests, and as "want" each of its runs as Write writes it, or
// all that is wrong. The comment of the archive has what is chosen, a flag a line.
func TestRuns(t *testing.T) {
	eachArchive(t, "testdata/runs", func(t *testing.T, scenario string, files fstest.MapFS, comment string) string {
		return runsOf(t, scenario, files, choiceOf(t, comment))
	})
}

func runsOf(t *testing.T, scenario string, files fstest.MapFS, c Choice) string {
	runs, err := parseAll("scenario.yaml", []byte(scenario), files, c)
	if err != nil {
		require.IsType(t, Problems{}, err)
		return err.Error() + "\n"
	}
	var b bytes.Buffer
	for _, s := range runs {
		require.NoError(t, Write(&b, s, fmt.Sprintf("run %q", s.Variant)))
		for _, w := range s.Warnings {
			fmt.Fprintf(&b, "# warning: %s: %s\n", w.Pos, w.What)
		}
	}
	return b.String()
}

// TestRunsNeverPanic changes bytes of files that describe several runs, and of what is set in them.
func TestRunsNeverPanic(t *testing.T) {
	type story struct {
		scenario string
		files    fstest.MapFS
	}
	var stories []story
	for _, name := range []string{"vars", "matrix", "variants", "set"} {
		archive, err := txtar.ParseFile("testdata/runs/" + name + ".txtar")
		require.NoError(t, err)
		is := story{files: fstest.MapFS{}}
		for _, f := range archive.Files {
			if is.files[f.Name] = (&fstest.MapFile{Data: f.Data}); f.Name == "scenario.yaml" {
				is.scenario = string(f.Data)
			}
		}
		stories = append(stories, is)
	}
	rapid.Check(t, func(t *rapid.T) {
		is := rapid.SampledFrom(stories).Draw(t, "story")
		set := rapid.SampledFrom([]string{"for=9s", "steps.kill.at=1s", "StatefulSet/db.spec.template.spec.containers[0].env=[]", "matrix.n=[1]",
			"variants.cure.steps=null", "runs.db.process=raft"}).Draw(t, "set")
		_, err := parseAll("scenario.yaml", mutated(t, is.scenario), is.files, Choice{Set: []string{string(mutated(t, set))}})
		if err != nil {
			require.IsType(t, Problems{}, err)
			require.False(t, strings.ContainsFunc(strings.ReplaceAll(err.Error(), "\n", ""), words.Unprintable))
		}
	})
}

// choiceOf reads lines like "--set for=90s".
func choiceOf(t *testing.T, comment string) (c Choice) {
	for line := range strings.Lines(comment) {
		flag, value, _ := strings.Cut(strings.TrimSpace(line), " ")
		switch flag {
		case "--set":
			c.Set = append(c.Set, value)
		case "--kubernetes":
			c.Kubernetes = append(c.Kubernetes, strings.Split(value, ",")...)
		case "--variant":
			c.Variants = append(c.Variants, value)
		case "", "#":
		default:
			t.Fatalf("unknown flag %q", flag)
		}
	}
	return c
}
