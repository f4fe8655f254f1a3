package scenarios

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/rogpeppe/go-internal/txtar"
	"github.com/stretchr/testify/require"

	"statefulsim/scenarios/words"
)

var update = flag.Bool("update", false, "rewrite the expected messages of testdata/bad")

// TestBadInput reads each archive of testdata/bad: a scenario with its manifests, and, as "want", all that is said of it.
func TestBadInput(t *testing.T) {
	archives, err := filepath.Glob("testdata/bad/*.txtar")
	require.NoError(t, err)
	require.NotEmpty(t, archives)
	for _, name := range archives {
		t.Run(strings.TrimSuffix(filepath.Base(name), ".txtar"), func(t *testing.T) {
			archive, err := txtar.ParseFile(name)
			require.NoError(t, err)
			files, scenario, want := fstest.MapFS{}, "", ""
			for _, f := range archive.Files {
				switch f.Name {
				case "want":
					want = string(f.Data)
				case "scenario.yaml":
					scenario = string(f.Data)
				default:
					files[f.Name] = &fstest.MapFile{Data: f.Data}
				}
			}
			_, err = Parse("scenario.yaml", []byte(scenario), files)
			require.Error(t, err)
			require.IsType(t, Problems{}, err)
			got := err.Error() + "\n"
			require.False(t, strings.ContainsFunc(strings.ReplaceAll(got, "\n", ""), words.Unprintable), "%q", got)
			if *update {
				rewrite(t, name, archive, got)
				return
			}
			require.Equal(t, want, got)
		})
	}
}

func rewrite(t *testing.T, name string, archive *txtar.Archive, want string) {
	kept := archive.Files[:0]
	for _, f := range archive.Files {
		if f.Name != "want" {
			kept = append(kept, f)
		}
	}
	archive.Files = append(kept, txtar.File{Name: "want", Data: []byte(want)})
	require.NoError(t, os.WriteFile(name, txtar.Format(archive), 0o644))
}
