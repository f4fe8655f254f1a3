package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"statefulsim/scenarios"
	"statefulsim/sim"
	"statefulsim/tui"
)

// tuiFlags are those of sim tui.
type tuiFlags struct {
	seed   uint64
	choice scenarios.Choice
}

func tuiCommand() *cobra.Command {
	var f tuiFlags
	cmd := &cobra.Command{
		Use:   "tui [SCENARIO]",
		Short: "Look at a run in the terminal, go back and forth in it, and act",
		Long: `Run a scenario and look at it in the terminal: the cluster, raft, the clients
and the time line, at any instant. Whatever is done there begins a story of its
own at that instant, which can be saved as a scenario that replays exactly.

A scenario is a file, or the name of one that comes with sim. Without it, those
are shown to choose from. Press ? for the keys.

Without colours: NO_COLOR=1 sim tui SCENARIO`,
		Example: `  sim tui
  sim tui primary-crash
  sim tui my-scenario.yaml --seed 42
  sim tui partial-partition --variant bridge`,
		Args:              atMostOneScenario,
		ValidArgsFunction: completeScenarios,
		RunE:              func(cmd *cobra.Command, names []string) error { return f.run(cmd, names) },
	}
	set := cmd.Flags()
	set.Uint64Var(&f.seed, "seed", 1, "what chance is drawn from: the same seed gives the same run")
	choiceFlags(set, &f.choice)
	return cmd
}

// atMostOneScenario allows for one argument, which is not empty.
func atMostOneScenario(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	return oneScenario(cmd, args)
}

// run shows the scenario, in a process of its own that is guarded by this one. What is wrong with the scenario is told before the terminal is
// touched.
func (f *tuiFlags) run(cmd *cobra.Command, names []string) error {
	if os.Getenv(guarded) != "" {
		return cleanly(f.show(cmd, names))
	}
	if _, err := f.runs(cmd, names); err != nil {
		return err
	}
	if err := terminalFor(names); err != nil {
		return err
	}
	return guard(os.Environ())
}

// show is run in the guarded process.
func (f *tuiFlags) show(cmd *cobra.Command, names []string) error {
	cmd.SetErr(io.Discard) // the other process has warned already
	runs, err := f.runs(cmd, names)
	if err != nil {
		return err
	}
	ctx, stop := interruptible(cmd.Context())
	defer stop()
	err = tui.Run(ctx, f.options(runs), os.Stdin, os.Stdout)
	switch {
	case ctx.Err() != nil:
		return exit(wentBad)
	case err != nil:
		return &bug{args: os.Args[1:], what: err.Error()}
	}
	return nil
}

// terminalFor is the error that says what to use instead where there is no terminal that can be drawn on.
func terminalFor(names []string) error {
	what := ""
	switch {
	case os.Getenv("TERM") == "dumb":
		what = "this terminal, which says that it is dumb, cannot be drawn on"
	case !term.IsTerminal(int(os.Stdin.Fd())):
		what = "the keyboard is not a terminal's: stdin is something else"
	case !term.IsTerminal(int(os.Stdout.Fd())):
		what = "there is no terminal to draw on: stdout is something else"
	default:
		return nil
	}
	name := "SCENARIO"
	if len(names) > 0 {
		name = quoted(names)
	}
	return fmt.Errorf("%s\n\nUse instead:\n  sim run %s -v                  the whole timeline as text\n  sim run %s --report FILE.html  a page for a browser", what, name, name)
}

// runs reads the runs to choose from; none, if no scenario is named.
func (f *tuiFlags) runs(cmd *cobra.Command, names []string) ([]*scenarios.Scenario, error) {
	if len(names) == 0 {
		return nil, nil
	}
	return load(cmd, names[0], f.choice)
}

func (f *tuiFlags) options(runs []*scenarios.Scenario) tui.Options {
	return tui.Options{
		Runs: runs,
		Open: func(name string) ([]*scenarios.Scenario, error) { return scenarios.Load(name, f.choice) },
		Run: func(ctx context.Context, s *scenarios.Scenario) (*sim.Recording, error) {
			return sim.Run(ctx, s, sim.Options{Seed: f.seed})
		},
		Write: fillNew, NoColour: os.Getenv("NO_COLOR") != "" || !understandsColours(),
	}
}

// fillNew makes a file, and takes it away again if it cannot be filled. What is there already stays as it is.
func fillNew(name string, fill func(io.Writer) error) error {
	file, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
	switch {
	case errors.Is(err, fs.ErrExist):
		return fmt.Errorf("%s is there already, and stays as it is: choose another name", name)
	case err != nil:
		return err
	}
	if err := errors.Join(fill(file), file.Close()); err != nil {
		return errors.Join(err, os.Remove(name))
	}
	return nil
}
