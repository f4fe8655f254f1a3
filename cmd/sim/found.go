package main

import (
	"fmt"
	"io"
	"os"
	"time"

	"github.com/spf13/cobra"

	"statefulsim/sim/explore"
)

// conclude tells what was found.
func (e *exploration) conclude(out io.Writer, interrupted bool) error {
	if e.results == "-" {
		out = os.Stderr // stdout has the results
	}
	s := explore.Summarize(e.journal.Results)
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
