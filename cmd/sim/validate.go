package main

import (
	"errors"
	"fmt"
	"slices"

	"github.com/spf13/cobra"

	"statefulsim/scenarios"
	"statefulsim/sim"
)

func validateCommand() *cobra.Command {
	var quiet bool
	cmd := &cobra.Command{
		Use:   "validate FILE…",
		Short: "Check scenarios and their manifests without running them",
		Long: `Check scenarios and their manifests without running them. Every run that a file
describes is read: each point of its matrix, in each of its variants. What is
wrong is told with its file, line and column, and a cure; the exit code is 2.`,
		Example: `  sim validate my-scenario.yaml
  sim validate scenarios/*.yaml`,
		Args:              someScenario,
		ValidArgsFunction: completeScenarios,
		RunE: func(cmd *cobra.Command, files []string) error {
			var wrong []error
			for _, file := range files {
				runs, err := load(cmd, file, scenarios.Choice{})
				if err != nil {
					wrong = append(wrong, err)
					continue
				}
				if quiet {
					continue
				}
				if _, err := fmt.Fprintf(cmd.OutOrStdout(), "%s: ok, %s\n", harmless(file), counted(len(runs), "run")); err != nil {
					return err
				}
			}
			return errors.Join(wrong...)
		},
	}
	cmd.Flags().BoolVarP(&quiet, "quiet", "q", false, "say nothing of what is right")
	return cmd
}

// counted writes a number of things, whose plural has an s.
func counted(n int, of string) string {
	if n != 1 {
		of += "s"
	}
	return fmt.Sprintf("%d %s", n, of)
}

// load reads the chosen runs of a file, shows what is worth a warning, and says all that is wrong with them.
func load(cmd *cobra.Command, file string, c scenarios.Choice) ([]*scenarios.Scenario, error) {
	runs, err := scenarios.Load(file, c)
	if err != nil {
		return nil, err
	}
	var warned []scenarios.Problem
	var wrong scenarios.Problems
	for _, s := range runs {
		for _, warning := range s.Warnings {
			if !slices.Contains(warned, warning) {
				warned = append(warned, warning)
				cmd.PrintErrf("warning: %v\n", warning)
			}
		}
		for _, p := range sim.Validate(s) {
			if !slices.Contains(wrong, p) {
				wrong = append(wrong, p)
			}
		}
	}
	if len(wrong) > 0 {
		return nil, wrong
	}
	return runs, nil
}

// someScenario asks for at least one argument, and for none that is empty.
func someScenario(cmd *cobra.Command, args []string) error {
	if len(args) == 0 || slices.Contains(args, "") {
		return fmt.Errorf("which scenario? Give a file, or a name that 'sim list' shows\n\nRun '%s --help' for usage", cmd.CommandPath())
	}
	return nil
}

// completeScenarios offers the names of the embedded scenarios to a shell, beside files.
func completeScenarios(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
	var known []string
	for _, s := range scenarios.All() {
		known = append(known, cobra.CompletionWithDesc(s.Name, s.Title))
	}
	return known, cobra.ShellCompDirectiveDefault
}
