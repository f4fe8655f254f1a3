package explore

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"
)

// workerKind tells a process of this test that it is a worker, and how it behaves.
const workerKind = "FLEET_TEST_WORKER"

// A fleet of workers, of which some tasks end the worker: the others are answered all the same, each once.
func TestFleetSurvivesItsWorkers(t *testing.T) {
	if kind := os.Getenv(workerKind); kind != "" {
		deadly, _ := strconv.ParseUint(kind, 10, 64)
		err := Serve(context.Background(), os.Stdin, os.Stdout, func(_ context.Context, task uint64) (any, error) {
			if task%deadly == deadly-1 {
				os.Exit(2)
			}
			return task * task, nil
		})
		require.NoError(t, err)
		os.Exit(0)
	}
	answers := map[uint64]string{}
	fleet := func(deadly uint64) *Fleet {
		return &Fleet{Workers: 2, Command: func(ctx context.Context) *exec.Cmd {
			cmd := exec.CommandContext(ctx, os.Args[0], "-test.run=TestFleetSurvivesItsWorkers$")
			cmd.Env = append(os.Environ(), fmt.Sprint(workerKind, "=", deadly))
			return cmd
		}}
	}
	take := func(task uint64, answer []byte) error {
		answers[task] = string(answer)
		return nil
	}
	one := fleet(5)
	require.ErrorContains(t, one.Run(context.Background(), slices.Values([]uint64{0, 1, 2, 3, 4, 5}), take), "task 4: the worker ended before it had answered")

	clear(answers)
	one.Lost = func(task uint64, err error) []byte { return []byte("lost") }
	require.NoError(t, one.Run(context.Background(), Seeds{Count: 12}.All(), take))
	require.Len(t, answers, 12)
	for task, answer := range answers {
		want := fmt.Sprintln(task * task)
		if task%5 == 4 {
			want = "lost"
		}
		require.Equal(t, want, answer)
	}

	none := fleet(1)
	none.Lost = one.Lost
	require.ErrorContains(t, none.Run(context.Background(), Seeds{Count: 12}.All(), take), "before it had answered", "every worker ends")
}
