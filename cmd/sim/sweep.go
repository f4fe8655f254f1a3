package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"runtime"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"statefulsim/scenarios"
	"statefulsim/sim/engine"
	"statefulsim/sim/explore"
)

// sweeping is what sim sweep was asked to do.
type sweeping struct {
	name          string
	choice        scenarios.Choice
	seed          uint64
	fault, target string
	events        string
	format        string
	workers       int
	worker        bool
}

func sweepCommand() *cobra.Command {
	var s sweeping
	cmd := &cobra.Command{
		Use:   "sweep SCENARIO",
		Short: "Let the primary die at every event of a run, one run each",
		Long: `Let the primary die at every event of a run, one run each, and tell at which of
them the world loses data, does not recover, or breaks an invariant. The
scenario's own steps happen too; what it expects in the end is left out.

The exit code is 0 if every death is survived, and 1 if one is not.`,
		Example: `  sim sweep primary-crash
  sim sweep my-scenario.yaml --fault crash --target "the node of mysql-0"
  sim sweep primary-crash --events whole`,
		Args:              oneScenario,
		ValidArgsFunction: completeScenarios,
		RunE: func(cmd *cobra.Command, names []string) error {
			s.name = names[0]
			if err := engine.StartAgain(os.Environ()); err != nil {
				cmd.PrintErrf("warning: runs may not repeat exactly: %v\n", err)
			}
			return s.run(cmd)
		},
	}
	set := cmd.Flags()
	set.Uint64Var(&s.seed, "seed", 1, "what chance is drawn from: the same seed gives the same runs")
	set.StringVar(&s.fault, "fault", "kill", "what happens: a `fault`, by the key of a step")
	set.StringVar(&s.target, "target", "", "to whom: a `target` as in steps (default the primary of the first set that has one)")
	set.StringVar(&s.events, "events", "writes", "after `which` events: short, writes (to the API server, and what kubelets do), or whole")
	set.StringVar(&s.format, "format", "text", "`form` of the answer: text, or json for one line for each event")
	set.IntVar(&s.workers, "workers", runtime.NumCPU(), "the `number` of processes that run at once")
	set.BoolVar(&s.worker, "worker", false, "run for whoever started this process")
	if err := set.MarkHidden("worker"); err != nil {
		panic(err) // the flag was just made
	}
	choiceFlags(cmd.Flags(), &s.choice)
	return cmd
}

func (s *sweeping) run(cmd *cobra.Command) error {
	level, known := timelines[s.events]
	switch {
	case !known:
		return flagError(cmd, fmt.Errorf("--events is short, writes or whole, not %q", s.events))
	case s.format != "text" && s.format != "json":
		return flagError(cmd, fmt.Errorf("--format is text or json, not %q", s.format))
	}
	base, err := loadOne(cmd, s.name, s.choice)
	if err != nil {
		return err
	}
	if s.target == "" {
		if s.target, err = explore.FirstPrimary(base); err != nil {
			return err
		}
	}
	ctx, stop := contextOf(s.worker, cmd.Context())
	defer stop()
	sweep, err := explore.NewSweep(ctx, base, s.seed, s.fault, s.target, level)
	if err != nil {
		return blamed(err, os.Args[1:])
	}
	if s.worker {
		return serve(ctx, func(ctx context.Context, i uint64) (any, error) { return sweep.Point(ctx, int(i)) })
	}
	return s.all(ctx, cmd.OutOrStdout(), sweep)
}

// all runs every point.
func (s *sweeping) all(ctx context.Context, out io.Writer, sweep *explore.Sweep) error {
	points := make([]explore.Point, 0, sweep.Len())
	began := time.Now()
	fleet := explore.Fleet{Command: workerCommand, Workers: max(s.workers, 1)}
	tasks := explore.Seeds{Count: uint64(sweep.Len())}
	err := fleet.Run(ctx, tasks.All(), func(_ uint64, answer []byte) error {
		var p explore.Point
		if err := json.Unmarshal(answer, &p); err != nil {
			return err
		}
		points = append(points, p)
		progressLine(fmt.Sprintf("%d of %d events", len(points), sweep.Len()))
		return nil
	})
	clearLine()
	if err != nil && ctx.Err() == nil {
		return err
	}
	slices.SortFunc(points, func(a, b explore.Point) int { return a.Seq - b.Seq })
	if s.format == "json" {
		encoder := json.NewEncoder(out)
		for _, p := range points {
			if err := encoder.Encode(p); err != nil {
				return err
			}
		}
	} else {
		s.tell(out, points, time.Since(began))
	}
	if ctx.Err() != nil {
		fmt.Fprintf(os.Stderr, "interrupted after %d of %d events\n", len(points), sweep.Len())
	}
	if ctx.Err() != nil || slices.ContainsFunc(points, func(p explore.Point) bool { return p.Bad() }) {
		return exit(wentBad)
	}
	return nil
}

// tell shows what came of the points, those together that follow each other and came to the same.
func (s *sweeping) tell(out io.Writer, points []explore.Point, took time.Duration) {
	fmt.Fprintf(out, "%s: %s, right after each of %d events of %s, in %.1f s\n\n", s.fault, s.target, len(points), s.name, took.Seconds())
	counts := map[string]int{}
	var slowest float64
	for _, p := range points {
		counts[p.Verdict]++
		slowest = max(slowest, p.Recovery)
	}
	for _, verdict := range []string{explore.Survived, explore.NoTarget, explore.NoQuorum, explore.Stuck, explore.Lost, explore.Violated} {
		if counts[verdict] > 0 {
			fmt.Fprintf(out, "%6d  %s\n", counts[verdict], verdict)
		}
	}
	fmt.Fprintf(out, "\nthe slowest failover took %.3f s\n", slowest)
	for _, r := range explore.Ranges(points) {
		fmt.Fprintf(out, "\n%s, from %.3f s to %.3f s, %d events:\n  after %s\n  %s\n", r.First.Verdict, r.First.At, r.Last.At, r.Events,
			harmless(r.First.Event), harmless(r.First.Message))
		fmt.Fprintf(out, "  add this step to see it: {at: %.9fs, %s: %s}\n", r.First.At+1e-9, s.fault, s.target)
	}
}
