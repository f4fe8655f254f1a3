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
	return &cobra.Command{
		Use:   "validate FILE…",
		Short: "Check scenarios and their manifests without running them",
		Example: `  sim validate my-scenario.yaml
  sim validate scenarios/*.yaml`,
		Args:              someScenario,
		ValidArgsFunction: completeScenarios,
		RunE: func(cmd *cobra.Command, files []string) error {
			var wrong []error
			for _, file := range files {
				if _, err := load(cmd, file); err != nil {
					wrong = append(wrong, err)
					continue
				}
				if _, err := fmt.Fprintf(cmd.OutOrStdout(), "%s: ok\n", harmless(file)); err != nil {
					return err
				}
			}
			return errors.Join(wrong...)
		},
	}
}

// load reads a scenario, shows what is worth a warning, and says all that is wrong with it.
func load(cmd *cobra.Command, file string) (*scenarios.Scenario, error) {
	s, err := scenarios.Load(file)
	if err != nil {
		return nil, err
	}
	for _, warning := range s.Warnings {
		cmd.PrintErrf("warning: %v\n", warning)
	}
	if problems := sim.Validate(s); len(problems) > 0 {
		return nil, problems
	}
	return s, nil
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
