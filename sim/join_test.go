package sim

import (
	"context"
	"fmt"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	"statefulsim/scenarios"
)

// A peer whose request to join is answered too late may be a voter already: it must listen, or the leader waits for ever.
func TestLateAnswerToAJoin(t *testing.T) {
	for _, fault := range []string{"hang: db-0", "hold: {from: db-0, to: everything else}", "partition: {from: db-0, to: db-1, oneWay: true}"} {
		text := head("OrderedReady", 3) + "- {at: 5s, kill: a replica of db, optional: true}\n" +
			fmt.Sprintf("- {at: 5s, optional: true, %s}\n- {at: 25s, heal: all}\nrecovers: 5m\nfor: 400s\n", fault)
		s, err := scenarios.Parse("join.yaml", []byte(text), fstest.MapFS{})
		require.NoError(t, err)
		for seed := uint64(3); seed <= 4; seed++ {
			rec, err := Run(context.Background(), s, Options{Seed: seed, StopWhenDecided: true})
			require.NoError(t, err)
			require.Empty(t, rec.Violations, "%s, seed %d", fault, seed)
		}
	}
}
