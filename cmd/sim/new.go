package main

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"statefulsim/scenarios"
	"statefulsim/scenarios/words"
)

func newCommand() *cobra.Command {
	var file string
	var force bool
	cmd := &cobra.Command{
		Use:   "new MANIFEST…",
		Short: "Write a scenario to begin with, from your manifests",
		Long: `Write a scenario to begin with, from your manifests: a StatefulSet, and what
belongs to it. It has a cluster in which the pods fit, a client for a Service if
there is one, one pod that is killed, and expectations. Comments say what to
change.

The manifests must stand in the directory of the scenario or below it. Without
-o that is the current one, and the scenario goes to stdout.`,
		Example: `  sim new statefulset.yaml service.yaml > my-scenario.yaml
  sim new k8s/mysql.yaml -o my-scenario.yaml`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return fmt.Errorf("which manifests? Give the files\n\nRun '%s --help' for usage", cmd.CommandPath())
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, manifests []string) error {
			page, err := starter(filepath.Dir(file), manifests)
			if err != nil {
				return err
			}
			if file == "" {
				_, err := cmd.OutOrStdout().Write(page)
				return err
			}
			return writeNew(file, page, force)
		},
	}
	cmd.Flags().StringVarP(&file, "output", "o", "", "write it into this `file`, which must not exist")
	cmd.Flags().BoolVar(&force, "force", false, "write it even if the file exists")
	return cmd
}

// starter returns the scenario for manifests, whose paths are made relative to the directory in which it is going to stand.
func starter(dir string, manifests []string) ([]byte, error) {
	paths := make([]string, len(manifests))
	for i, m := range manifests {
		if err := isFile(m); err != nil {
			return nil, err
		}
		path, err := fromDir(dir, m)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", words.Quoted(m), err)
		}
		paths[i] = path
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, err
	}
	defer root.Close()
	var page bytes.Buffer
	err = scenarios.Starter(&page, root.FS(), paths...)
	return page.Bytes(), err
}

// fromDir is a path as a scenario in the directory names it.
func fromDir(dir, file string) (string, error) {
	from, err := filepath.Abs(dir)
	if err != nil {
		return "", err
	}
	to, err := filepath.Abs(file)
	if err != nil {
		return "", err
	}
	path, err := filepath.Rel(from, to)
	if err != nil || !filepath.IsLocal(path) {
		return "", errors.New("the manifest is neither in the directory of the scenario nor below it; write the scenario beside it with -o")
	}
	return filepath.ToSlash(path), nil
}

// writeNew writes a file that must not be there yet, unless that does not matter.
func writeNew(file string, data []byte, force bool) error {
	how := os.O_WRONLY | os.O_CREATE | os.O_TRUNC
	if !force {
		how |= os.O_EXCL
	}
	out, err := os.OpenFile(file, how, 0o644)
	if errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("%s exists already; choose another name, or --force", words.Quoted(file))
	}
	if err != nil {
		return err
	}
	_, err = out.Write(data)
	return errors.Join(err, out.Close())
}
