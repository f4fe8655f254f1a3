package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"

	"github.com/spf13/cobra"

	"statefulsim/scenarios"
	"statefulsim/sim"
	"statefulsim/sim/engine"
	"statefulsim/sim/report"
	"statefulsim/sim/report/html"
)

// diffFlags are those of sim diff.
type diffFlags struct {
	seed   uint64
	events string
	format string
	choice scenarios.Choice
	with   []string
	report string
}

func diffCommand() *cobra.Command {
	var f diffFlags
	cmd := &cobra.Command{
		Use:   "diff SCENARIO…",
		Short: "Tell where the stories of runs part, and what came of it",
		Long: `Run scenarios with the same seed and tell in what they differ: the first place
where their stories part, and what that did to failovers, lost writes, clients,
pods, expectations and invariants. The first run is compared with each of the
others. These are all that the files describe and that are chosen, in that
order; --with adds those in which something is changed.

The exit code is 0 whether they differ or not, and whatever came of them: a
difference is an answer.`,
		Example: `  sim diff my-scenario.yaml my-other-scenario.yaml
  sim diff my-scenario.yaml --variant bug --variant cure
  sim diff primary-crash --kubernetes 1.34,1.37
  sim diff primary-crash --with StatefulSet/mysql.spec.replicas=5
  sim diff primary-crash --with runs.mysql.addresses=ip --format json | jq .failovers`,
		Args:              someScenario,
		ValidArgsFunction: completeScenarios,
		RunE:              func(cmd *cobra.Command, names []string) error { return f.run(cmd, names) },
	}
	set := cmd.Flags()
	set.Uint64Var(&f.seed, "seed", 1, "what chance is drawn from, in all runs: the same seed gives the same runs")
	set.StringVar(&f.events, "events", "writes", "`which` events are the story: short, writes (to the API server, and what kubelets do), or whole, with messages and requests")
	set.StringVar(&f.format, "format", "text", "`form` of the answer: text, or json for one document a comparison, each in its line if there are several")
	set.StringVar(&f.report, "report", "", "draw both runs on one axis of time as a page for a browser into this `file`")
	choiceFlags(set, &f.choice)
	set.StringArrayVar(&f.with, "with", nil, "compare with the same runs in which `path=value`, too; several times for several changes at once")
	return cmd
}

func (f *diffFlags) run(cmd *cobra.Command, names []string) error {
	level, known := timelines[f.events]
	switch {
	case !known:
		return flagError(cmd, fmt.Errorf("--events is short, writes or whole, not %q", f.events))
	case f.format != "text" && f.format != "json":
		return flagError(cmd, fmt.Errorf("--format is text or json, not %q", f.format))
	}
	if err := checkNamed(cmd.Flags(), "report"); err != nil {
		return flagError(cmd, err)
	}
	if err := engine.StartAgain(os.Environ()); err != nil {
		cmd.PrintErrf("warning: runs may not repeat exactly: %v\n", err)
	}
	all, err := f.load(cmd, names)
	if err != nil {
		return err
	}
	if len(all) == 1 {
		return flagError(cmd, errors.New("there is nothing to compare this run with; name another scenario, choose versions with --kubernetes, or say with --with what to change"))
	}
	if f.report != "" && len(all) != 2 {
		return flagError(cmd, fmt.Errorf("--report shows two runs beside each other, and these are %d; choose two with --variant", len(all)))
	}
	page, err := f.page(all)
	if err != nil {
		return err
	}
	defer page.discard()
	ctx, stop := interruptible(cmd.Context())
	defer stop()
	comparisons, recs, err := f.compare(ctx, all, level)
	if err != nil {
		return err
	}
	if f.report != "" {
		if err := page.finish(func(w io.Writer) error { return html.Comparison(w, recs[0], recs[1], comparisons[0]) }); err != nil {
			return fmt.Errorf("--report %s: %w", harmless(f.report), err)
		}
	}
	if f.format == "json" {
		return report.ComparisonsJSON(os.Stdout, comparisons)
	}
	for i, c := range comparisons {
		if i > 0 {
			fmt.Fprint(cmd.OutOrStdout(), "\n\n")
		}
		if err := report.TextOfComparison(os.Stdout, c, textOptions(os.Stdout, report.Context{}, level)); err != nil {
			return err
		}
	}
	return nil
}

// variation is a run, and the flags that choose it.
type variation struct {
	chosen
	flags flags
}

// load reads the runs of all files, and then, if something is to be changed, those again with the change.
func (f *diffFlags) load(cmd *cobra.Command, names []string) (all []variation, err error) {
	choices := []scenarios.Choice{f.choice}
	if len(f.with) > 0 {
		changed := f.choice
		changed.Set = slices.Concat(f.choice.Set, f.with)
		choices = append(choices, changed)
	}
	for _, c := range choices {
		flags := flags{seed: f.seed, choice: c}
		runs, err := flags.load(cmd, names)
		if err != nil {
			return nil, err
		}
		for _, run := range runs {
			all = append(all, variation{run, flags})
		}
	}
	return all, nil
}

// page prepares the page of two runs, if it is asked for.
func (f *diffFlags) page(all []variation) (*canvas, error) {
	if f.report == "" {
		return nil, nil
	}
	var sources []string
	for i := range all {
		sources = append(sources, sourcesOf(&all[i].chosen)...)
	}
	return newCanvas("report", f.report, sources...)
}

// compare runs all, and compares the first with each of the others. It returns the first two recordings besides.
func (f *diffFlags) compare(ctx context.Context, all []variation, level sim.Level) (told []*report.Comparison, recs []*sim.Recording, err error) {
	for i := range all {
		v := &all[i]
		rec, err := sim.Run(ctx, v.Scenario, sim.Options{Seed: f.seed})
		switch {
		case err != nil:
			return nil, nil, blamed(err, os.Args[1:])
		case rec.Interrupted:
			return nil, nil, exit(wentBad)
		}
		if i < 2 {
			recs = append(recs, rec)
		}
		if i > 0 {
			reproduce := [2]string{all[0].flags.command(&all[0].chosen), v.flags.command(&v.chosen)}
			told = append(told, report.Compare(recs[0], rec, level, reproduce))
		}
	}
	return told, recs, nil
}
