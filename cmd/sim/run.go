package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"syscall"

	"github.com/spf13/cobra"

	"statefulsim/scenarios"
	"statefulsim/sim"
	"statefulsim/sim/engine"
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
	bug      string // a deliberate one of the simulator; "" is none
	twice    bool
	repeat   int
	choice   scenarios.Choice
	pictures pictures
	several  bool     // there are several runs
	document document // that all of them go into; nil for a format that is written run by run
}

// timelines says how much of a run each kind of timeline tells.
var timelines = map[string]sim.Level{"short": sim.Headline, "writes": sim.Normal, "whole": sim.Detail}

func runCommand() *cobra.Command {
	var f flags
	cmd := &cobra.Command{
		Use:   "run SCENARIO…",
		Short: "Run scenarios and tell what came of them",
		Long: `Run scenarios and tell what came of them. A scenario is a file, or the name of
one that comes with sim. All runs that a file describes, by its matrix and its
variants, come one after the other; after several, a table sums them up.

The report goes to stdout; warnings, progress and errors go to stderr. The exit
code is the worst of all runs.

--set takes a path into the file, with the entries of lists by their names or
numbers, or into an object of the manifests, and a value in YAML:
  --set for=90s --set vars.replicas=5 --set cluster.dns.ttl=5s
  --set runs.mysql.heartbeatTimeout=2s --set steps.crash.at=30s
  --set StatefulSet/mysql.spec.replicas=5`,
		Example: `  sim run primary-crash
  sim run my-scenario.yaml --seed 42 -v
  sim run primary-crash --format json | jq .failovers
  sim run primary-crash --trace - | grep '"kind":"Peer"'
  sim run scenarios/*.yaml --format junit > results.xml
  sim run primary-crash --report crash.html --perfetto crash.json
  sim run primary-crash --repeat 100
  sim run scenarios/*.yaml
  sim run my-scenario.yaml --variant cure --kubernetes 1.34,1.37
  sim run primary-crash --set StatefulSet/mysql.spec.replicas=5`,
		Args:              someScenario,
		ValidArgsFunction: completeScenarios,
		RunE:              func(cmd *cobra.Command, names []string) error { return f.runAll(cmd, names) },
	}
	set := cmd.Flags()
	set.Uint64Var(&f.seed, "seed", 1, "what chance is drawn from: the same seed gives the same run")
	set.BoolVarP(&f.verbose, "verbose", "v", false, "show the whole timeline, messages and requests too; the same as --timeline whole")
	set.StringVar(&f.timeline, "timeline", "short", "`how much` of it to show: short, writes (to the API server, and what kubelets do), or whole")
	set.StringVar(&f.format, "format", "text", "`form` of the report: text; json for one document a run, each in its line if there are several; junit for CI systems; markdown for a comment below a change; or kubectl for what its commands print and nothing else")
	set.StringVar(&f.trace, "trace", "", "write the whole trace to this `file`, as JSON lines; - is stdout, and the report then goes to stderr")
	set.StringVar(&f.dataDir, "data-dir", "", "keep the volumes below this `directory`, which must be empty or missing")
	pictureFlags(set, &f.pictures)
	choiceFlags(set, &f.choice)
	set.StringVar(&f.bug, "bug", "", "put this deliberate `bug` into the simulator first: docs/search.md lists them")
	set.BoolVar(&f.twice, "twice", false, "run twice, and show the first line in which the traces differ")
	set.IntVar(&f.repeat, "repeat", 0, "run this `number` of times with the same seed, and count the different traces")
	return cmd
}

// check finds what is wrong with the flags together.
func (f *flags) check(cmd *cobra.Command) error {
	_, known := timelines[f.timeline]
	switch {
	case f.verbose && cmd.Flags().Changed("timeline") && f.timeline != "whole":
		return fmt.Errorf("-v shows the whole timeline, and --timeline %s does not", f.timeline)
	case !known:
		return fmt.Errorf("--timeline is short, writes or whole, not %q", f.timeline)
	case !slices.Contains(formats, f.format):
		return fmt.Errorf("--format is text, json, junit, markdown or kubectl, not %q", f.format)
	case cmd.Flags().Changed("repeat") && f.repeat < 1:
		return fmt.Errorf("--repeat is at least 1, not %d", f.repeat)
	}
	if err := checkNamed(cmd.Flags(), "trace", "report", "mermaid", "perfetto", "history"); err != nil {
		return err
	}
	return f.checkStdout()
}

// checkSeveral finds what is wrong with the flags when there are several runs.
func (f *flags) checkSeveral() error {
	switch {
	case f.format == "kubectl":
		return errors.New("--format kubectl prints what commands print, and takes one run at a time; choose it with --variant")
	case f.trace != "":
		return errors.New("--trace takes one run at a time; choose it with --variant")
	case f.dataDir != "":
		return errors.New("--data-dir takes one run at a time; choose it with --variant")
	}
	return f.pictures.checkSeveral()
}

// runAll runs the scenarios one after the other, if there is nothing wrong with any. The exit code is the worst of theirs.
func (f *flags) runAll(cmd *cobra.Command, names []string) error {
	if err := f.check(cmd); err != nil {
		return flagError(cmd, err)
	}
	if err := engine.StartAgain(os.Environ()); err != nil {
		cmd.PrintErrf("warning: runs may not repeat exactly: %v\n", err)
	}
	all, err := f.load(cmd, names)
	if err != nil {
		return err
	}
	if f.several = len(all) > 1; f.several {
		if err := f.checkSeveral(); err != nil {
			return flagError(cmd, err)
		}
	}
	if of := documents[f.format]; of != nil {
		f.document = of()
	}
	rows, worst := f.runEach(cmd, all)
	if f.document != nil && len(rows) > 0 {
		if err := f.document.Write(os.Stdout); err != nil {
			return err
		}
	}
	if f.several && f.format == "text" {
		if err := report.Table(os.Stdout, rows, textOptions(os.Stdout, report.Context{}, f.level())); err != nil {
			return err
		}
	}
	if worst != wentWell {
		return exit(worst)
	}
	return nil
}

// runEach runs one scenario after the other, until the user wants no more, and returns the worst of the exit codes.
func (f *flags) runEach(cmd *cobra.Command, all []chosen) (rows []report.Row, worst int) {
	ctx, stop := interruptible(cmd.Context())
	defer stop()
	var first *sim.Recording // of the runs of the file
	for i := range all {
		if i > 0 && f.format == "text" {
			fmt.Fprintln(cmd.OutOrStdout())
		}
		if i > 0 && all[i].named != all[i-1].named {
			first = nil
		}
		rec, err := f.runOne(ctx, &all[i])
		worst = max(worst, exitCode(err))
		if rec != nil {
			rows = append(rows, report.RowBeside(first, rec))
			first = cmp.Or(first, rec)
		}
		if ctx.Err() != nil {
			break
		}
	}
	return rows, worst
}

// chosen is a run of a file that the user named so.
type chosen struct {
	*scenarios.Scenario
	named string
}

// load reads the chosen runs of all files.
func (f *flags) load(cmd *cobra.Command, names []string) (all []chosen, err error) {
	var wrong []error
	for _, name := range names {
		runs, err := load(cmd, name, f.choice)
		wrong = append(wrong, err)
		for _, s := range runs {
			all = append(all, chosen{s, name})
		}
	}
	return all, errors.Join(wrong...)
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

// runOne runs a scenario, as often as it was asked for, and reports. The recording is nil if there is none.
func (f *flags) runOne(ctx context.Context, s *chosen) (*sim.Recording, error) {
	drawn, err := f.pictures.open(f.trace, sourcesOf(s)...)
	if err != nil {
		return nil, err
	}
	defer drawn.discard()
	trace, err := f.openTrace(sourcesOf(s))
	if err != nil {
		return nil, err
	}
	again := repetition{scenario: s.Scenario, seed: f.seed, bug: f.bug, times: f.times(), dataDir: f.dataDir}
	err = again.run(ctx)
	if err != nil {
		return nil, errors.Join(blamed(err, os.Args[1:]), trace.Close())
	}
	if err := errors.Join(again.first.WriteTrace(trace), trace.Close()); err != nil {
		return nil, err
	}
	c := report.Context{Reproduce: f.command(s)}
	if f.times() > 1 || f.repeat == 1 {
		c.Runs, c.DistinctTraces = again.done, len(again.traces)
	}
	if err := f.report(again.first, c); err != nil {
		return nil, err
	}
	if err := drawn.draw(again.first, c); err != nil {
		return again.first, err
	}
	if f.dataDir != "" {
		fmt.Fprintf(os.Stderr, "the volumes are kept in %s\n", harmless(f.dataDir))
	}
	return again.first, again.verdict()
}

// command is the one that makes the same run again.
func (f *flags) command(s *chosen) string {
	words := []string{"sim", "run", s.named, "--seed", fmt.Sprint(f.seed)}
	for _, set := range f.choice.Set {
		words = append(words, "--set", set)
	}
	if len(f.choice.Kubernetes) > 0 {
		words = append(words, "--kubernetes", s.Kubernetes.Number())
	}
	if s.Variant != "" {
		words = append(words, "--variant", s.Variant)
	}
	if f.bug != "" {
		words = append(words, "--bug", f.bug)
	}
	return quoted(words)
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

// openTrace opens what the trace is written to, before the run: a file that cannot be written is known at once. sources are files that
// the run reads.
func (f *flags) openTrace(sources []string) (io.WriteCloser, error) {
	switch f.trace {
	case "":
		return open{io.Discard}, nil
	case "-":
		return open{os.Stdout}, nil
	}
	if err := spare("trace", f.trace, sources); err != nil {
		return nil, err
	}
	return os.Create(f.trace)
}

// open is a writer that stays open.
type open struct{ io.Writer }

func (open) Close() error { return nil }
