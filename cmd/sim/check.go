package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"statefulsim/scenarios"
	"statefulsim/scenarios/words"
	"statefulsim/sim/battery"
	"statefulsim/sim/engine"
	"statefulsim/sim/explore"
)

// checking is what sim check was asked to do.
type checking struct {
	options battery.Options
	format  string
	list    bool
	workers int
	worker  bool
}

func checkCommand() *cobra.Command {
	var c checking
	cmd := &cobra.Command{
		Use:   "check MANIFEST…",
		Short: "Put your manifests through drills, and tell what they survive",
		Long: `Put your manifests through a battery of drills: crashes, lost nodes and
zones, drains, rollouts, partitions, and so on, one run each. The card tells
what is survived, for how long the Services were down, what was lost, what gets
stuck and how to cure it, and what to change in the manifests. No scenario is
needed: the cluster and the clients are made to fit, and the card says how.

The exit code is 0 if all was survived and nothing must be changed, 1 if not,
and 2 if the manifests cannot be used.`,
		Example: `  sim check statefulset.yaml service.yaml
  sim check k8s/mysql.yaml --runs mysql=raft
  sim check k8s/*.yaml --drills kill,drain,zone-outage --zones 2
  sim check k8s/mysql.yaml --format junit > report.xml`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 && !c.list {
				return fmt.Errorf("which manifests? Give the files\n\nRun '%s --help' for usage", cmd.CommandPath())
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, manifests []string) error {
			if c.list {
				return battery.List(cmd.OutOrStdout(), pageWidth(os.Stdout))
			}
			if err := engine.StartAgain(os.Environ()); err != nil {
				cmd.PrintErrf("warning: runs may not repeat exactly: %v\n", err)
			}
			return c.run(cmd, manifests)
		},
	}
	set := cmd.Flags()
	set.Uint64Var(&c.options.Seed, "seed", 1, "what chance is drawn from: the same seed gives the same card")
	set.IntVar(&c.options.Zones, "zones", 3, "the `number` of zones of the cluster")
	set.IntVar(&c.options.NodesPerZone, "nodes-per-zone", 2, "the `number` of nodes in each zone")
	set.StringArrayVar(&c.options.Runs, "runs", nil, "what runs in the pods of a set, as `set=process`[,key=value…], such as mysql=raft; can be given several times")
	set.StringSliceVar(&c.options.Drills, "drills", nil, "run only the drills with these `ids`")
	set.BoolVar(&c.list, "list", false, "list the drills, and run nothing")
	set.StringVar(&c.format, "format", "text", "`form` of the card: text, json or junit")
	set.IntVar(&c.workers, "workers", runtime.NumCPU(), "the `number` of processes that run at once")
	set.BoolVar(&c.worker, "worker", false, "run for whoever started this process")
	if err := set.MarkHidden("worker"); err != nil {
		panic(err) // the flag was just made
	}
	return cmd
}

// cards are the formats in which a card is written.
var cards = map[string]func(*battery.Card, io.Writer) error{
	"text":  func(c *battery.Card, out io.Writer) error { return c.Text(out, pageWidth(os.Stdout)) },
	"json":  (*battery.Card).JSON,
	"junit": (*battery.Card).JUnit,
}

// mostNodes is how large a cluster can be asked for.
const mostNodes = 1000

func (c *checking) run(cmd *cobra.Command, manifests []string) error {
	write, known := cards[c.format]
	switch {
	case !known:
		return flagError(cmd, fmt.Errorf("--format is text, json or junit, not %q", c.format))
	case c.options.Zones < 1 || c.options.NodesPerZone < 1 || c.options.Zones > mostNodes || c.options.NodesPerZone > mostNodes/c.options.Zones:
		return flagError(cmd, fmt.Errorf("--zones and --nodes-per-zone are at least 1, and make no more than %d nodes", mostNodes))
	}
	ctx, stop := contextOf(c.worker, cmd.Context())
	defer stop()
	dir, paths, err := inOneDirectory(manifests)
	if err != nil {
		return err
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return err
	}
	defer root.Close()
	b, err := battery.New(ctx, root.FS(), filepath.ToSlash(dir), paths, c.options)
	switch {
	case ctx.Err() != nil:
		return interrupted()
	case err != nil:
		return blamed(err, os.Args[1:])
	}
	if c.worker {
		return serve(ctx, func(ctx context.Context, i uint64) (any, error) { return b.Run(ctx, int(i)) })
	}
	for _, warning := range b.Warnings() {
		cmd.PrintErrf("warning: %v\n", warning)
	}
	results, err := c.all(ctx, b)
	if err != nil {
		return err
	}
	card := b.Card(results)
	if err := write(card, cmd.OutOrStdout()); err != nil {
		return err
	}
	if !card.Passed {
		return exit(wentBad)
	}
	return nil
}

// all runs every drill.
func (c *checking) all(ctx context.Context, b *battery.Battery) ([]battery.Result, error) {
	results, done := make([]battery.Result, b.Len()), 0
	fleet := explore.Fleet{Command: workerCommand, Workers: max(min(c.workers, b.Len()), 1)}
	tasks := explore.Seeds{Count: uint64(b.Len())}
	if b.Len() == 0 {
		return results, nil
	}
	err := fleet.Run(ctx, tasks.All(), func(i uint64, answer []byte) error {
		done++
		progressLine(fmt.Sprintf("%d of %d runs", done, b.Len()))
		return json.Unmarshal(answer, &results[i])
	})
	clearLine()
	if ctx.Err() != nil {
		return nil, interrupted()
	}
	return results, err
}

func interrupted() error {
	fmt.Fprintln(os.Stderr, "interrupted: there is no card of half a battery")
	return exit(wentBad)
}

// inOneDirectory finds the directory nearest to some files that holds them all, and names them as they are named there.
func inOneDirectory(files []string) (dir string, paths []string, err error) {
	dir = filepath.Dir(files[0])
	for _, file := range files {
		if err := isFile(file); err != nil {
			return "", nil, err
		}
		for _, outside := fromDir(dir, file); outside != nil; _, outside = fromDir(dir, file) {
			if abs, err := filepath.Abs(dir); err != nil || filepath.Dir(abs) == abs {
				return "", nil, fmt.Errorf("%s and %s have no directory in common", words.Quoted(files[0]), words.Quoted(file))
			}
			dir = filepath.Join(dir, "..")
		}
	}
	for _, file := range files {
		path, err := fromDir(dir, file)
		if err != nil {
			return "", nil, err
		}
		paths = append(paths, path)
	}
	return dir, paths, nil
}

// isFile tells what is wrong with a name that the user gave as that of a manifest.
func isFile(name string) error {
	info, err := os.Stat(name)
	at := scenarios.Pos{File: name}
	switch {
	case errors.Is(err, os.ErrNotExist):
		return scenarios.Problems{{Pos: at, What: "there is no such file"}}
	case err != nil:
		return err
	case info.IsDir():
		return scenarios.Problems{{Pos: at, What: "this is a directory", Cure: "name the files in it: " + filepath.Join(name, "*.yaml")}}
	}
	return nil
}

// pageWidth is how wide a page can be: that of the terminal, or else what people read well.
func pageWidth(out *os.File) int {
	const usual, least = 120, 80
	if width, _, err := term.GetSize(int(out.Fd())); err == nil {
		return max(min(width, usual), least)
	}
	return usual
}
