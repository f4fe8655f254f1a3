package scenarios

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestEmbeddedScenariosAreRight(t *testing.T) {
	all := All()
	files, err := filepath.Glob("*.yaml")
	require.NoError(t, err)
	require.Len(t, all, len(files))
	for _, s := range all {
		t.Run(s.Name, func(t *testing.T) {
			runs, err := Load(s.Name, Choice{})
			require.NoError(t, err)
			require.Contains(t, topics, s.Teaches)
			for _, run := range runs {
				require.Empty(t, run.Warnings)
				require.Equal(t, s.Name, run.Name)
				require.Equal(t, s.Teaches, run.Teaches)
				require.NotEmpty(t, run.Title)
				require.NotEmpty(t, run.Why)
				require.NotEmpty(t, run.Expect)
			}
		})
	}
}

func TestTopicsAreDocumented(t *testing.T) {
	page, err := os.ReadFile(languagePage)
	require.NoError(t, err)
	for _, topic := range topics {
		require.Contains(t, string(page), "`"+topic+"`")
	}
}

func BenchmarkFind(b *testing.B) {
	for b.Loop() {
		if _, err := Find("primary-crash"); err != nil {
			b.Fatal(err)
		}
	}
}
