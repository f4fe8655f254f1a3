package main

import (
	"fmt"
	"os"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// command builds the command line.
func command() *cobra.Command {
	root := &cobra.Command{
		Use:   "sim",
		Short: "Simulate Kubernetes StatefulSets, and the databases in them, in virtual time",
		Long: `sim plays what happens to StatefulSets when things break. A scenario is a file:
a cluster, manifests as you would apply them, clients, and what goes wrong when.
Time is virtual, the databases can be real raft peers, and the same scenario
with the same seed gives the same run.

With manifests and no scenario, begin with check. With neither, begin with list.

Exit codes:
  0  all went well
  1  something did not hold, or was found, or the run was interrupted
  2  a file or the command line is at fault; nothing was run
  3  sim is at fault: please report it`,
		Example: `  sim check my-statefulset.yaml
  sim run primary-crash
  sim why mysql-0 dead-node-terminating-forever --variant bug
  sim new my-statefulset.yaml -o my-scenario.yaml
  sim explore my-scenario.yaml`,
		SilenceErrors: true,
		SilenceUsage:  true,
	}
	root.SetFlagErrorFunc(flagError)
	cobra.EnableCommandSorting = false
	addGroup(root, "Run and ask:", runCommand(), tuiCommand(), listCommand(), whyCommand(), diffCommand())
	addGroup(root, "Files of your own:", checkCommand(), newCommand(), validateCommand(), schemaCommand())
	addGroup(root, "Search for trouble:", exploreCommand(), sweepCommand())
	addGroup(root, "More:", exportCommand(), versionCommand())
	root.SetHelpCommandGroupID("More:")
	root.SetCompletionCommandGroupID("More:")
	wrapFlags(root)
	return root
}

// addGroup adds commands that stand together in the help, below a title.
func addGroup(root *cobra.Command, title string, commands ...*cobra.Command) {
	root.AddGroup(&cobra.Group{ID: title, Title: title})
	for _, cmd := range commands {
		cmd.GroupID = title
	}
	root.AddCommand(commands...)
}

// wrapFlags lets what the help says of flags end where the terminal does.
func wrapFlags(root *cobra.Command) {
	cobra.AddTemplateFunc("wrapped", func(flags *pflag.FlagSet) string { return flags.FlagUsagesWrapped(pageWidth(os.Stdout)) })
	for _, flags := range []string{".LocalFlags", ".InheritedFlags"} {
		root.SetUsageTemplate(strings.ReplaceAll(root.UsageTemplate(), "{{"+flags+".FlagUsages |", "{{wrapped "+flags+" |"))
	}
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
