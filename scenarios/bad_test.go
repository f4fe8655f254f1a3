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

var update = flag.Bool("update", false, "rewrite what the archives of testdata want, and the page about the language")

// TestBadInput reads each archive of testdata/bad: a scenario with its manifests, and, as "want", all that is said of it.
func TestBadInput(t *testing.T) {
	eachArchive(t, "testdata/bad", func(t *testing.T, scenario string, files fstest.MapFS, _ string) string {
		_, err := Parse("scenario.yaml", []byte(scenario), files)
		require.Error(t, err)
		require.IsType(t, Problems{}, err)
		got := err.Error() + "\n"
		require.False(t, strings.ContainsFunc(strings.ReplaceAll(got, "\n", ""), words.Unprintable), "%q", got)
		return got
	})
}

// eachArchive reads the archives of a directory: scenario.yaml, the files beside it, and as "want" what got makes of them and of the
// archive's comment.
func eachArchive(t *testing.T, dir string, got func(t *testing.T, scenario string, files fstest.MapFS, comment string) string) {
	archives, err := filepath.Glob(dir + "/*.txtar")
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
			is := got(t, scenario, files, string(archive.Comment))
			if *update {
				rewrite(t, name, archive, is)
				return
			}
			require.Equal(t, want, is)
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
