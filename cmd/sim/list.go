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
		Short: "List the scenarios that come with sim",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			out := tabwriter.NewWriter(cmd.OutOrStdout(), 0, 0, 2, ' ', 0)
			for _, s := range scenarios.All() {
				fmt.Fprintf(out, "%s\t%s\n", s.Name, s.Title)
			}
			return out.Flush()
		},
	}
}
