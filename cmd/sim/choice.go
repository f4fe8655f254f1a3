package main

import (
	"fmt"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"statefulsim/scenarios"
)

// choiceFlags are those by which runs of a file are chosen and changed.
func choiceFlags(set *pflag.FlagSet, c *scenarios.Choice) {
	set.StringArrayVar(&c.Set, "set", nil, "run with `path=value` instead of what the file says; can be given several times")
	set.StringSliceVar(&c.Kubernetes, "kubernetes", nil, "run with each of these `versions` instead of what the file says")
	set.StringArrayVar(&c.Variants, "variant", nil, "run only the runs of this `name`, such as cure or policy=Parallel; can be given several times")
}

// loadOne is load for a command that takes one run.
func loadOne(cmd *cobra.Command, file string, c scenarios.Choice) (*scenarios.Scenario, error) {
	return scenarios.Single(load(cmd, file, c))
}

// oneScenario asks for one argument.
func oneScenario(cmd *cobra.Command, args []string) error {
	if len(args) != 1 {
		return fmt.Errorf("which scenario? Give one file, or a name that 'sim list' shows\n\nRun '%s --help' for usage", cmd.CommandPath())
	}
	return someScenario(cmd, args)
}
