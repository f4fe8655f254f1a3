package main

import (
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"statefulsim/scenarios"
	"statefulsim/scenarios/words"
	"statefulsim/sim"
	"statefulsim/sim/engine"
	"statefulsim/sim/why"
)

// whyFlags are those of sim why.
type whyFlags struct {
	seed   uint64
	at     time.Duration // meaningful if it was given; else the end
	format string
	choice scenarios.Choice
}

func whyCommand() *cobra.Command {
	var f whyFlags
	cmd := &cobra.Command{
		Use:   "why [POD] SCENARIO",
		Short: "Tell why a pod, or anything else, is stuck",
		Long: `Run a scenario and tell what is stuck at its end, or at another instant: since
when, which rule holds it back, what led to that, and which command cures it.
A scenario is a file, or the name of one that comes with sim. Without POD it is
all that is stuck.

The exit code is 0 whatever is found.`,
		Example: `  sim why my-scenario.yaml
  sim why mysql-0 dead-node-terminating-forever --variant bug
  sim why my-scenario.yaml --seed 42 --format json | jq '.[].cure'`,
		Args:              whyArguments,
		ValidArgsFunction: completeScenarios,
		RunE: func(cmd *cobra.Command, args []string) error {
			return f.run(cmd, args[:len(args)-1], args[len(args)-1])
		},
	}
	set := cmd.Flags()
	set.Uint64Var(&f.seed, "seed", 1, "what chance is drawn from: the same seed gives the same run")
	set.DurationVar(&f.at, "at", 0, "the `instant` to look at, from the start of the run, like 90s or 5m; without it the end")
	set.StringVar(&f.format, "format", "text", "`form` of the answer: text, or json for a list")
	choiceFlags(set, &f.choice)
	return cmd
}

// whyArguments asks for a scenario, and allows for a pod before it.
func whyArguments(cmd *cobra.Command, args []string) error {
	if len(args) > 2 {
		return fmt.Errorf("one scenario at a time, and at most one pod before it\n\nRun '%s --help' for usage", cmd.CommandPath())
	}
	return someScenario(cmd, args)
}

// run runs the scenario and writes what it found.
func (f *whyFlags) run(cmd *cobra.Command, pod []string, name string) error {
	switch {
	case f.format != "text" && f.format != "json":
		return flagError(cmd, fmt.Errorf("--format is text or json, not %q", f.format))
	case f.at < 0:
		return flagError(cmd, fmt.Errorf("--at is an instant of the run, not %v", f.at))
	}
	if err := engine.StartAgain(os.Environ()); err != nil {
		cmd.PrintErrf("warning: runs may not repeat exactly: %v\n", err)
	}
	scenario, err := loadOne(cmd, name, f.choice)
	if err != nil {
		if len(pod) > 0 && isScenario(pod[0]) {
			return fmt.Errorf("%w\n\nDid you mean this?\n\t%s", err, quoted([]string{"sim", "why", name, pod[0]}))
		}
		return err
	}
	ctx, stop := interruptible(cmd.Context())
	defer stop()
	rec, err := sim.Run(ctx, scenario, sim.Options{Seed: f.seed})
	if err != nil {
		return blamed(err, os.Args[1:])
	}
	at := rec.Virtual
	if cmd.Flags().Changed("at") {
		at = f.at
	}
	findings := why.At(rec, at)
	fine := "nothing is stuck"
	if len(pod) > 0 {
		state, known := why.PodAt(rec, at, pod[0])
		if !known {
			return fmt.Errorf("there is no pod %s at %v: %s", words.Quoted(pod[0]), at.Round(time.Millisecond), words.DidYouMean(pod[0], why.PodsAt(rec, at)))
		}
		findings = slices.DeleteFunc(findings, func(f why.Finding) bool { return f.Object != "Pod "+pod[0] })
		fine = "pod " + pod[0] + " is not stuck: it is " + state
	}
	return writeFindings(cmd.OutOrStdout(), f.format, findings, fine)
}

// isScenario tells whether there is a scenario of that name, or a file.
func isScenario(name string) bool {
	_, err := scenarios.Load(name, scenarios.Choice{})
	return err == nil
}

// writeFindings writes them, or in a text that all is fine.
func writeFindings(out io.Writer, format string, findings []why.Finding, fine string) error {
	switch {
	case format == "json":
		return why.JSON(out, findings)
	case len(findings) == 0:
		_, err := fmt.Fprintln(out, fine)
		return err
	}
	return why.Text(out, findings)
}

// mostStuck is how many findings stand at the end of a report.
const mostStuck = 3

// stuck tells, below the report on a run that failed, what was stuck at its end. run is the command that makes the run again.
func stuck(out io.Writer, rec *sim.Recording, run string) error {
	findings := why.At(rec, rec.Virtual)
	if rec.Passed() || len(findings) == 0 {
		return nil
	}
	if _, err := fmt.Fprintln(out, "\nStuck"); err != nil {
		return err
	}
	if err := why.Brief(out, findings, mostStuck); err != nil {
		return err
	}
	_, err := fmt.Fprintf(out, "what led to it, and all cures: %s\n", "sim why"+strings.TrimPrefix(run, "sim run"))
	return err
}
