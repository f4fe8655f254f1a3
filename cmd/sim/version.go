package main

import (
	"fmt"
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"
)

func versionCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Print the version",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			_, err := fmt.Fprintln(cmd.OutOrStdout(), version())
			return err
		},
	}
}

// version names the program, its source and the Go that built it: the same scenario and seed give the same run only if all
// three are the same.
func version() string {
	source := "(devel)"
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" {
		source = info.Main.Version
	}
	return fmt.Sprintf("sim %s, %s, %s/%s", source, runtime.Version(), runtime.GOOS, runtime.GOARCH)
}
