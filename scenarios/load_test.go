package scenarios

import (
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
			found, err := Find(s.Name)
			require.NoError(t, err)
			require.Empty(t, found.Warnings)
			require.Equal(t, s.Name, found.Name)
			require.Equal(t, s.Title, found.Title)
			require.NotEmpty(t, found.Why)
			require.NotEmpty(t, found.Expect)
		})
	}
}

func BenchmarkFind(b *testing.B) {
	for b.Loop() {
		if _, err := Find("primary-crash"); err != nil {
			b.Fatal(err)
		}
	}
}
