package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"

	"statefulsim/scenarios"
	"statefulsim/sim"
	"statefulsim/sim/report"
)

// flags are those of sim run.
type flags struct {
	seed     uint64
	verbose  bool   // the whole timeline
	timeline string // a key of timelines
	format   string
	trace    string // "" is none, "-" stdout
	dataDir  string
	twice    bool
	repeat   int
}

// timelines says how much of a run each kind of timeline tells.
var timelines = map[string]sim.Level{"short": sim.Headline, "writes": sim.Normal, "whole": sim.Detail}

func runCommand() *cobra.Command {
	var f flags
	cmd := &cobra.Command{
		Use:   "run SCENARIO…",
		Short: "Run scenarios and tell what came of them",
		Long: `Run scenarios and tell what came of them. A scenario is a file, or the name of one that comes with sim.

The report goes to stdout; warnings, progress and errors go to stderr.`,
		Example: `  sim run primary-crash
  sim run my-scenario.yaml --seed 42 -v
  sim run primary-crash --format json | jq .failovers
  sim run primary-crash --trace - | grep '"kind":"Peer"'
  sim run primary-crash --repeat 100`,
		Args:              someScenario,
		ValidArgsFunction: completeScenarios,
		RunE:              func(cmd *cobra.Command, names []string) error { return f.runAll(cmd, names) },
	}
	set := cmd.Flags()
	set.Uint64Var(&f.seed, "seed", 1, "what chance is drawn from: the same seed gives the same run")
	set.BoolVarP(&f.verbose, "verbose", "v", false, "show the whole timeline, messages and requests too; the same as --timeline whole")
	set.StringVar(&f.timeline, "timeline", "short", "`how much` of it to show: short, writes (to the API server, and what kubelets do), or whole")
	set.StringVar(&f.format, "format", "text", "of the report: text, json for one document, or kubectl for what its commands print and nothing else")
	set.StringVar(&f.trace, "trace", "", "write the whole trace to this `file`, as JSON lines; - is stdout, and the report then goes to stderr")
	set.StringVar(&f.dataDir, "data-dir", "", "keep the volumes below this `directory`, which must be empty or missing")
	set.BoolVar(&f.twice, "twice", false, "run twice, and show the first line in which the traces differ")
	set.IntVar(&f.repeat, "repeat", 0, "run this `number` of times with the same seed, and count the different traces")
	return cmd
}

// check finds what is wrong with the flags together.
func (f *flags) check(cmd *cobra.Command, names []string) error {
	several := len(names) > 1
	_, known := timelines[f.timeline]
	switch {
	case f.verbose && cmd.Flags().Changed("timeline") && f.timeline != "whole":
		return fmt.Errorf("-v shows the whole timeline, and --timeline %s does not", f.timeline)
	case !known:
		return fmt.Errorf("--timeline is short, writes or whole, not %q", f.timeline)
	case f.format != "text" && f.format != "json" && f.format != "kubectl":
		return fmt.Errorf("--format is text, json or kubectl, not %q", f.format)
	case cmd.Flags().Changed("repeat") && f.repeat < 1:
		return fmt.Errorf("--repeat is at least 1, not %d", f.repeat)
	case f.format == "json" && f.trace == "-":
		return errors.New("--format json and --trace - both want stdout; write the trace to a file")
	case several && f.format == "json":
		return errors.New("--format json prints one document, so it takes one scenario at a time")
	case several && f.trace != "":
		return errors.New("--trace takes one scenario at a time")
	case several && f.dataDir != "":
		return errors.New("--data-dir takes one scenario at a time")
	}
	return nil
}

// runAll runs the scenarios one after the other, if there is nothing wrong with any. The exit code is the worst of theirs.
func (f *flags) runAll(cmd *cobra.Command, names []string) error {
	if err := f.check(cmd, names); err != nil {
		return flagError(cmd, err)
	}
	if err := startAgain(os.Environ()); err != nil {
		cmd.PrintErrf("warning: runs may not repeat exactly: %v\n", err)
	}
	var all []*scenarios.Scenario
	var wrong []error
	for _, name := range names {
		s, err := load(cmd, name)
		all, wrong = append(all, s), append(wrong, err)
	}
	if err := errors.Join(wrong...); err != nil {
		return err
	}
	ctx, stop := interruptible(cmd.Context())
	defer stop()
	worst := wentWell
	for i, s := range all {
		if i > 0 {
			fmt.Fprintln(cmd.OutOrStdout())
		}
		worst = max(worst, exitCode(f.runOne(ctx, s, names[i])))
		if ctx.Err() != nil {
			break
		}
	}
	if worst != wentWell {
		return exit(worst)
	}
	return nil
}

// interruptible returns a context that the first interrupt ends, so that a run stops at its next step and leaves nothing
// behind; the second ends the process. A hang-up that the user had this process ignore stays ignored.
func interruptible(parent context.Context) (context.Context, context.CancelFunc) {
	signals := []os.Signal{os.Interrupt, syscall.SIGTERM}
	if !signal.Ignored(syscall.SIGHUP) {
		signals = append(signals, syscall.SIGHUP)
	}
	ctx, stop := signal.NotifyContext(parent, signals...)
	context.AfterFunc(ctx, stop)
	return ctx, stop
}

// runOne runs a scenario, as often as it was asked for, and reports.
func (f *flags) runOne(ctx context.Context, s *scenarios.Scenario, name string) error {
	trace, err := f.openTrace()
	if err != nil {
		return err
	}
	again := repetition{scenario: s, seed: f.seed, times: f.times(), dataDir: f.dataDir}
	err = again.run(ctx)
	if err != nil {
		return errors.Join(blamed(err, os.Args[1:]), trace.Close())
	}
	if err := errors.Join(again.first.WriteTrace(trace), trace.Close()); err != nil {
		return err
	}
	c := report.Context{Reproduce: quoted([]string{"sim", "run", name, "--seed", fmt.Sprint(f.seed)})}
	if f.times() > 1 || f.repeat == 1 {
		c.Runs, c.DistinctTraces = again.done, len(again.traces)
	}
	if err := f.report(again.first, c); err != nil {
		return err
	}
	if f.dataDir != "" {
		fmt.Fprintf(os.Stderr, "the volumes are kept in %s\n", harmless(f.dataDir))
	}
	return again.verdict()
}

// times is how often a scenario is run.
func (f *flags) times() int {
	if f.twice {
		return max(f.repeat, 2)
	}
	return max(f.repeat, 1)
}

func (f *flags) level() sim.Level {
	if f.verbose {
		return sim.Detail
	}
	return timelines[f.timeline]
}

func (f *flags) report(rec *sim.Recording, c report.Context) error {
	if f.format == "json" {
		return report.JSON(os.Stdout, rec, c)
	}
	out := os.Stdout
	if f.trace == "-" {
		out = os.Stderr
	}
	options := textOptions(out, c, f.level())
	if f.format == "kubectl" {
		return report.Terminal(out, rec, options)
	}
	return report.Text(out, rec, options)
}

// openTrace opens what the trace is written to, before the run: a file that cannot be written is known at once.
func (f *flags) openTrace() (io.WriteCloser, error) {
	switch f.trace {
	case "":
		return open{io.Discard}, nil
	case "-":
		return open{os.Stdout}, nil
	}
	return os.Create(f.trace)
}

// open is a writer that stays open.
type open struct{ io.Writer }

func (open) Close() error { return nil }
