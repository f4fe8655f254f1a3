package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// command builds the command line.
func command() *cobra.Command {
	root := &cobra.Command{
		Use:   "sim",
		Short: "Simulate Kubernetes StatefulSets, and the databases in them, in virtual time",
		Long: `sim runs scenarios: a cluster, manifests as you would apply them, clients, and what goes wrong when. The databases are
real raft peers, time is virtual, and the same scenario with the same seed gives the same run.

Exit codes: 0 all went well; 1 an expectation or an invariant failed, or the run was interrupted; 2 a file or the command
line is at fault; 3 the simulator is.`,
		Example: `  sim list
  sim run primary-crash
  sim new my-statefulset.yaml -o my-scenario.yaml
  sim validate my-scenario.yaml`,
		SilenceErrors: true,
		SilenceUsage:  true,
	}
	root.SetFlagErrorFunc(flagError)
	root.AddCommand(exploreCommand(), sweepCommand(), runCommand(), diffCommand(), exportCommand(), listCommand(), validateCommand(), newCommand(), schemaCommand(), versionCommand(), whyCommand(), checkCommand())
	return root
}

// flagError adds to an error about flags where to look for the right ones, and what may have been meant.
func flagError(cmd *cobra.Command, err error) error {
	switch wrong := err.(type) {
	case *pflag.NotExistError:
		if meant := nearestFlag(cmd, wrong.GetSpecifiedName()); meant != "" {
			err = fmt.Errorf("%w\n\nDid you mean this?\n\t--%s", err, meant)
		}
	case *pflag.InvalidValueError:
		if flag := wrong.GetFlag(); wanted[flag.Value.Type()] != "" {
			err = fmt.Errorf("--%s is %s, not %q", flag.Name, wanted[flag.Value.Type()], wrong.GetValue())
		}
	}
	return fmt.Errorf("%w\n\nRun '%s --help' for usage", err, cmd.CommandPath())
}

// wanted says what the flags of a type take.
var wanted = map[string]string{
	"uint64": "a whole number from 0 to 18446744073709551615",
	"int":    "a whole number",
	"count":  "given as often as wanted, or a whole number",
	"bool":   "true or false",
}

// nearestFlag finds the flag that a misspelt one was meant to be, as cobra finds a command.
func nearestFlag(cmd *cobra.Command, name string) string {
	flags := &cobra.Command{SuggestionsMinimumDistance: 2}
	cmd.Flags().VisitAll(func(f *pflag.Flag) {
		flags.AddCommand(&cobra.Command{Use: f.Name, Run: func(*cobra.Command, []string) {}})
	})
	if near := flags.SuggestionsFor(strings.TrimLeft(name, "-")); len(near) > 0 {
		return near[0]
	}
	return ""
}
