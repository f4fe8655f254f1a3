package main

import (
	"github.com/spf13/cobra"

	"statefulsim/scenarios"
)

func schemaCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "schema",
		Short: "Print the JSON schema of scenario files, for editors",
		Long: `Print the JSON schema of scenario files. An editor with a YAML language server
completes and checks by it, if the file begins with
  # yaml-language-server: $schema=scenario.schema.json`,
		Example: `  sim schema > scenario.schema.json`,
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			_, err := cmd.OutOrStdout().Write(scenarios.Schema())
			return err
		},
	}
}
