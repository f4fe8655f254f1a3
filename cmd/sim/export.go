package main

import (
	"bytes"

	"github.com/spf13/cobra"

	"statefulsim/scenarios"
	"statefulsim/scenarios/chaosmesh"
)

func exportCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "export",
		Short: "Write a scenario's faults for a real cluster",
		Args:  cobra.NoArgs,
		RunE:  func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(chaosMeshCommand())
	return cmd
}

// chaosMeshFlags are those of sim export chaos-mesh.
type chaosMeshFlags struct {
	output string
	force  bool
	strict bool
	choice scenarios.Choice
}

func chaosMeshCommand() *cobra.Command {
	var f chaosMeshFlags
	cmd := &cobra.Command{
		Use:   "chaos-mesh SCENARIO",
		Short: "Write a scenario's faults as experiments of Chaos Mesh",
		Long: `Write a scenario's faults as experiments of Chaos Mesh: a Workflow for what
happens at its instants, and one for each step that waits for a condition, to be
applied when that holds. Manifests, clients and expectations are not in it.

What Chaos Mesh cannot do, or not quite so, stands as a comment at its place,
and is told on stderr, with the reason and what to do instead. The exit code is
0 all the same; with --strict it is 1.`,
		Example: `  sim export chaos-mesh primary-crash
  sim export chaos-mesh my-scenario.yaml -o experiments.yaml
  sim export chaos-mesh my-scenario.yaml --variant bug --strict | kubectl apply -f -`,
		Args:              oneScenario,
		ValidArgsFunction: completeScenarios,
		RunE:              func(cmd *cobra.Command, names []string) error { return f.run(cmd, names[0]) },
	}
	set := cmd.Flags()
	set.StringVarP(&f.output, "output", "o", "", "write them into this `file`, which must not exist")
	set.BoolVar(&f.force, "force", false, "write them even if the file exists")
	set.BoolVar(&f.strict, "strict", false, "end with exit code 1 if anything is not expressed as it is")
	choiceFlags(set, &f.choice)
	return cmd
}

func (f *chaosMeshFlags) run(cmd *cobra.Command, name string) error {
	s, err := loadOne(cmd, name, f.choice)
	if err != nil {
		return err
	}
	var page bytes.Buffer
	gaps, err := chaosmesh.Write(&page, s)
	if err != nil {
		return err
	}
	if f.output == "" {
		_, err = cmd.OutOrStdout().Write(page.Bytes())
	} else {
		err = writeNew(f.output, page.Bytes(), f.force)
	}
	if err != nil {
		return err
	}
	for _, g := range gaps {
		cmd.PrintErrln(harmless(g.String()))
	}
	if f.strict && len(gaps) > 0 {
		return exit(wentBad)
	}
	return nil
}
