package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
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

	file  io.WriteCloser
	all   []explore.Result
	total uint64
	began time.Time
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
	return explore.Serve(cmd.Context(), os.Stdin, os.Stdout, func(ctx context.Context, seed uint64) (any, error) {
		return search.Seed(ctx, seed)
	})
}

// workerCommand starts this program again with the same command line, as a worker.
func workerCommand(ctx context.Context) *exec.Cmd {
	program, err := os.Executable()
	if err != nil {
		program = os.Args[0]
	}
	cmd := exec.CommandContext(ctx, program, append(os.Args[1:], "--worker")...)
	cmd.Stderr = os.Stderr
	return cmd
}

func (e *exploration) run(cmd *cobra.Command) error {
	seeds, err := e.chosen()
	if err != nil {
		return flagError(cmd, err)
	}
	if _, err := e.base(cmd); err != nil {
		return err
	}
	if err := e.open(&seeds); err != nil {
		return err
	}
	defer e.file.Close()
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
func (e *exploration) chosen() (explore.Seeds, error) {
	s := explore.Seeds{First: e.first, Count: e.seeds}
	i, n, found := strings.Cut(e.shard, "/")
	var wrong, also error
	s.Shard, wrong = strconv.ParseUint(i, 10, 64)
	s.Of, also = strconv.ParseUint(n, 10, 64)
	switch {
	case !found || wrong != nil || also != nil || s.Of == 0 || s.Shard >= s.Of:
		return s, fmt.Errorf("--shard is i/n with i from 0 to n-1, such as 3/8, not %q", e.shard)
	case e.seeds == 0 && e.time == 0:
		return s, errors.New("--seeds 0 has no end; say with --time how long to search")
	case e.resume && (e.results == "" || e.results == "-"):
		return s, errors.New("--resume goes on with the file of --results; name it")
	}
	return s, nil
}

// open opens the file of results, and takes those that it has as done.
func (e *exploration) open(seeds *explore.Seeds) (err error) {
	e.file = open{io.Discard}
	switch {
	case e.results == "-":
		e.file = open{os.Stdout}
	case e.results == "":
	case e.resume:
		return e.goOn(seeds)
	default:
		e.file, err = os.OpenFile(e.results, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o644)
		if errors.Is(err, os.ErrExist) {
			err = fmt.Errorf("%s exists already: --resume goes on with it, or name another file", e.results)
		}
	}
	return err
}

// goOn reads the results that there are, and opens their file for more. A last line that was cut off is written over.
func (e *exploration) goOn(seeds *explore.Seeds) error {
	data, err := os.ReadFile(e.results)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	whole := data[:bytes.LastIndexByte(data, '\n')+1]
	if e.all, err = explore.Read(e.results, bytes.NewReader(whole)); err != nil {
		return err
	}
	seeds.Done = map[uint64]bool{}
	for _, r := range e.all {
		seeds.Done[r.Seed] = true
	}
	file, err := os.OpenFile(e.results, os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	e.file = file
	if err := file.Truncate(int64(len(whole))); err != nil {
		return err
	}
	_, err = file.Seek(0, io.SeekEnd)
	return err
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
	e.all = append(e.all, r)
	if _, err := e.file.Write(r.Line()); err != nil {
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
	s := explore.Summarize(e.all)
	of := ""
	if e.total > 0 {
		of = fmt.Sprintf(" of %d", e.total)
	}
	return fmt.Sprintf("%d%s seeds, %d broke something, %.1f runs a second", s.Seeds, of, len(s.Found), float64(s.Runs)/time.Since(e.began).Seconds())
}

// conclude tells what was found.
func (e *exploration) conclude(out io.Writer, interrupted bool) error {
	if e.results == "-" {
		out = os.Stderr // stdout has the results
	}
	s := explore.Summarize(e.all)
	fmt.Fprintf(out, "%s, %s in %.1f s: %d broke nothing, %d broke something\n", counted(s.Seeds, "seed"), counted(s.Runs, "run"), time.Since(e.began).Seconds(), s.Passed, len(s.Found))
	tellFound(out, s.Found, e.replay)
	if interrupted {
		fmt.Fprintln(os.Stderr, "interrupted: what is above was reached")
	}
	return verdictOf(s.Found, interrupted)
}

// mostTold is how many failures are told one by one.
const mostTold = 10

// tellFound tells what was found. replay is the command that runs what is left of a schedule; nil where no file has it.
func tellFound(out io.Writer, found []explore.Result, replay func(explore.Result) string) {
	for _, r := range found[:min(len(found), mostTold)] {
		fmt.Fprintf(out, "\nseed %d: %s", r.Seed, r.Verdict)
		if r.Invariant != "" {
			fmt.Fprintf(out, ", %s at %.3f s", r.Invariant, r.At)
		}
		fmt.Fprintf(out, "\n  %s\n", harmless(r.Message))
		if r.Scenario != "" && replay != nil {
			fmt.Fprintf(out, "  %d of %d steps are left; replay: %s\n", r.Steps, r.Drawn, replay(r))
		}
	}
	if more := len(found) - mostTold; more > 0 {
		fmt.Fprintf(out, "\n… and %d more\n", more)
	}
}

// verdictOf is the exit code of what was found: ours is the fault if a seed was not repeatable, or the simulator failed.
func verdictOf(found []explore.Result, interrupted bool) error {
	worst := wentWell
	if len(found) > 0 || interrupted {
		worst = wentBad
	}
	for _, r := range found {
		if r.Verdict == explore.Unstable || r.Verdict == explore.Broken {
			worst = ownFault
		}
	}
	if worst != wentWell {
		return exit(worst)
	}
	return nil
}

func mergeCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "merge RESULTS…",
		Short: "Join the results of several shards",
		Long: `Join the results that sim explore --results wrote, those of several shards or
several nights: each seed counts once.`,
		Example: "  sim explore merge shard-*.jsonl",
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return fmt.Errorf("which results? Give the files that --results wrote\n\nRun '%s --help' for usage", cmd.CommandPath())
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, names []string) error {
			var shards [][]explore.Result
			for _, name := range names {
				file, err := os.Open(name)
				if err != nil {
					return err
				}
				results, err := explore.Read(name, file)
				file.Close()
				if err != nil {
					return err
				}
				shards = append(shards, results)
			}
			merged, err := explore.Merge(shards...)
			if err != nil {
				return err
			}
			s := explore.Summarize(merged)
			fmt.Fprintf(cmd.OutOrStdout(), "%s in %s: %d broke nothing, %d broke something\n", counted(s.Seeds, "seed"), counted(len(names), "file"), s.Passed, len(s.Found))
			tellFound(cmd.OutOrStdout(), s.Found, nil)
			return verdictOf(s.Found, false)
		},
	}
}
