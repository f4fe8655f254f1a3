package main

import (
	"fmt"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"statefulsim/scenarios"
)

func listCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "list",
		Short: "List the scenarios that come with sim, by what they teach",
		Long: `List the scenarios that come with sim, by what they teach. Each runs by its
name, in any directory.`,
		Example: `  sim list
  sim list | grep -i dns`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			out := tabwriter.NewWriter(cmd.OutOrStdout(), 0, 0, 2, ' ', 0)
			gap := ""
			for _, topic := range scenarios.ByTopic() {
				fmt.Fprintf(out, "%s%s\n", gap, topic.Name)
				for _, s := range topic.Scenarios {
					fmt.Fprintf(out, "  %s\t%s\n", s.Name, s.Title)
				}
				gap = "\n"
			}
			return out.Flush()
		},
	}
}
