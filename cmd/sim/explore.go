package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"statefulsim/scenarios"
	"statefulsim/sim/engine"
	"statefulsim/sim/explore"
)

// exploration is what sim explore was asked to do.
type exploration struct {
	name    string // of the scenario
	choice  scenarios.Choice
	options explore.Options
	seeds   uint64
	first   uint64
	time    time.Duration
	shard   string
	results string
	resume  bool
	out     string
	workers int
	worker  bool // this process is one

	journal *explore.Journal
	total   uint64
	began   time.Time
}

func exploreCommand() *cobra.Command {
	var e exploration
	cmd := &cobra.Command{
		Use:   "explore SCENARIO",
		Short: "Search for schedules of faults that break something",
		Long: `Search for schedules of faults that break something.

Each seed draws a schedule of faults for the cluster, the manifests and the
clients of the scenario; the scenario's own steps and what it expects in the end
are left out. While the faults last the invariants must hold, and what the
scenario says about always and never. Then everything is healed, and the world
must be well again. What breaks is run again, made as short as it can be, and
written to a scenario file that replays it.

The exit code is 0 if nothing broke, 1 if something did, and 3 if a run did not
repeat, which is a bug of sim.`,
		Example: `  sim explore primary-crash --seeds 200
  sim explore my-scenario.yaml --seeds 0 --time 10m --results night.jsonl
  sim explore my-scenario.yaml --seeds 10000 --shard 3/8 --results shard-3.jsonl
  sim explore merge shard-*.jsonl`,
		Args:              oneScenario,
		ValidArgsFunction: completeScenarios,
		RunE: func(cmd *cobra.Command, names []string) error {
			e.name = names[0]
			if err := engine.StartAgain(os.Environ()); err != nil {
				cmd.PrintErrf("warning: runs may not repeat exactly: %v\n", err)
			}
			if e.worker {
				return e.serve(cmd)
			}
			return e.run(cmd)
		},
	}
	set := cmd.Flags()
	set.Uint64Var(&e.seeds, "seeds", 100, "the `number` of seeds to try; 0 is without end, until --time is over")
	set.Uint64Var(&e.first, "first-seed", 1, "the `first` of them")
	set.DurationVar(&e.time, "time", 0, "begin no more seeds after this `duration`")
	set.StringVar(&e.shard, "shard", "0/1", "try only each n-th seed, beginning with the i-th, counted from 0: `i/n`")
	set.StringVar(&e.results, "results", "", "write a line of JSON for each seed to this `file`; - is stdout")
	set.BoolVar(&e.resume, "resume", false, "go on where the file of --results ends")
	set.StringVar(&e.out, "out", ".", "where to write the scenarios that break something: a `directory`")
	set.StringSliceVar(&e.options.Faults, "faults", nil, "the `kinds` of faults to draw, by the keys of steps (default those that a correct system survives)")
	set.BoolVar(&e.options.Configuration, "configuration", false, "draw replicas, policies, nodes and timings too")
	set.StringVar(&e.options.Bug, "bug", "", "put this deliberate `bug` into the simulator first, to see whether it is found")
	set.IntVar(&e.workers, "workers", runtime.NumCPU(), "the `number` of processes that search at once")
	set.BoolVar(&e.worker, "worker", false, "search for whoever started this process")
	if err := set.MarkHidden("worker"); err != nil {
		panic(err) // the flag was just made
	}
	choiceFlags(cmd.Flags(), &e.choice)
	cmd.AddCommand(mergeCommand())
	return cmd
}

// base reads the scenario.
func (e *exploration) base(cmd *cobra.Command) (*explore.Search, error) {
	s, err := loadOne(cmd, e.name, e.choice)
	if err != nil {
		return nil, err
	}
	return explore.New(s, e.options)
}

// serve is the worker's side.
func (e *exploration) serve(cmd *cobra.Command) error {
	search, err := e.base(cmd)
	if err != nil {
		return err
	}
	ctx, stop := workerContext(cmd.Context())
	defer stop()
	return serve(ctx, func(ctx context.Context, seed uint64) (any, error) { return search.Seed(ctx, seed) })
}

func (e *exploration) run(cmd *cobra.Command) error {
	seeds, err := e.chosen()
	if err != nil {
		return flagError(cmd, err)
	}
	if _, err := e.base(cmd); err != nil {
		return err
	}
	if e.journal, err = e.openJournal(); err != nil {
		return err
	}
	defer e.journal.Close()
	seeds.Done = e.journal.Done()
	ctx, stop := interruptible(cmd.Context())
	defer stop()
	e.began, e.total = time.Now(), seeds.Len()
	fleet := explore.Fleet{Command: workerCommand, Workers: max(e.workers, 1),
		Lost: func(seed uint64, err error) []byte { return explore.BrokenSeed(seed, err).Line() }}
	err = fleet.Run(ctx, e.inTime(seeds), e.take)
	clearLine()
	if err != nil && ctx.Err() == nil {
		return err
	}
	return e.conclude(cmd.OutOrStdout(), ctx.Err() != nil)
}

// chosen reads which seeds are meant.
func (e *exploration) chosen() (s explore.Seeds, err error) {
	s.First, s.Count = e.first, e.seeds
	s.Shard, s.Of, err = explore.ParseShard(e.shard)
	switch {
	case err != nil:
		return s, fmt.Errorf("--shard: %w", err)
	case e.time < 0:
		return s, fmt.Errorf("--time %v is negative; say how long to search, such as 10m", e.time)
	case e.seeds == 0 && e.time == 0:
		return s, errors.New("--seeds 0 has no end; say with --time how long to search")
	case e.resume && (e.results == "" || e.results == "-"):
		return s, errors.New("--resume goes on with the file of --results; name it")
	}
	return s, nil
}

// openJournal opens what the results are written to.
func (e *exploration) openJournal() (*explore.Journal, error) {
	switch {
	case e.results == "":
		return explore.Printed(nil), nil
	case e.results == "-":
		return explore.Printed(os.Stdout), nil
	case e.resume:
		return explore.ResumeJournal(e.results)
	}
	return explore.NewJournal(e.results)
}

// inTime yields the seeds until the time is over.
func (e *exploration) inTime(seeds explore.Seeds) func(func(uint64) bool) {
	return func(yield func(uint64) bool) {
		for seed := range seeds.All() {
			if e.time > 0 && time.Since(e.began) > e.time || !yield(seed) {
				return
			}
		}
	}
}

// take takes in the result of a seed.
func (e *exploration) take(_ uint64, answer []byte) error {
	var r explore.Result
	if err := json.Unmarshal(answer, &r); err != nil {
		return err
	}
	if err := e.journal.Add(r); err != nil {
		return err
	}
	if r.Scenario != "" {
		if err := e.keep(r); err != nil {
			return err
		}
	}
	progressLine(e.progress())
	return nil
}

// keep writes down the scenario that replays a failure.
func (e *exploration) keep(r explore.Result) error {
	if err := os.MkdirAll(e.out, 0o755); err != nil {
		return err
	}
	return os.WriteFile(e.foundFile(r), []byte(r.Scenario), 0o644)
}

// foundFile is where the scenario that replays a failure is kept.
func (e *exploration) foundFile(r explore.Result) string {
	return filepath.Join(e.out, fmt.Sprintf("%s-seed-%d.yaml", strings.TrimSuffix(filepath.Base(e.name), ".yaml"), r.Seed))
}

// replay is the command that runs what is left of a schedule.
func (e *exploration) replay(r explore.Result) string {
	words := []string{"sim", "run", e.foundFile(r), "--seed", fmt.Sprint(r.Seed)}
	if e.options.Bug != "" {
		words = append(words, "--bug", e.options.Bug)
	}
	return quoted(words)
}

func (e *exploration) progress() string {
	s := explore.Summarize(e.journal.Results)
	of := ""
	if e.total > 0 {
		of = fmt.Sprintf(" of %d", e.total)
	}
	return fmt.Sprintf("%d%s seeds, %d broke something, %.1f runs a second", s.Seeds, of, len(s.Found), float64(s.Runs)/time.Since(e.began).Seconds())
}
