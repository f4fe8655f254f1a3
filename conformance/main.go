// Conformance asks Kubernetes' own StatefulSet controller what it does, and holds the model beside it.
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"time"

	"statefulsim/conformance/compare"
	"statefulsim/conformance/histories"
	"statefulsim/conformance/oracle"
	"statefulsim/conformance/vector"
	"statefulsim/controller/statefulset"
)

const usage = `usage:
  go run . compare [-syncs N] [-steps N] [-seed N] [-closed] [-maxUnavailable=false] [-recreate]
        hold the model beside upstream; exit code 1 if they differ
  go run . record [-histories N] [-steps N] [-seed N] -o FILE.jsonl.gz
        record what upstream does, one sync a line
`

func main() {
	if len(os.Args) < 2 {
		fail(2, usage)
	}
	set := flag.NewFlagSet(os.Args[1], flag.ExitOnError)
	set.Usage = func() { fmt.Fprint(os.Stderr, usage) }
	seed := set.Uint64("seed", 1, "what the histories are made up from")
	steps := set.Int("steps", 40, "syncs of one history")
	switch os.Args[1] {
	case "compare":
		syncs := set.Int("syncs", 10_000, "how many syncs")
		closed := set.Bool("closed", false, "the model drives, upstream is asked about each state")
		maxUnavailable := set.Bool("maxUnavailable", true, "the feature gate MaxUnavailableStatefulSet")
		recreate := set.Bool("recreate", false, "the feature gate StatefulSetRecreateStrategy")
		parse(set)
		gates := statefulset.DefaultGates()
		gates.MaxUnavailableStatefulSet, gates.StatefulSetRecreateStrategy = *maxUnavailable, *recreate
		compareAll(compare.Run{Seed: *seed, Syncs: *syncs, Steps: *steps, Closed: *closed, Gates: gates})
	case "record":
		many := set.Int("histories", 250, "how many histories")
		file := set.String("o", "", "the file to write")
		parse(set)
		if *file == "" {
			fail(2, usage)
		}
		if err := record(*file, *seed, *many, *steps); err != nil {
			fail(3, err.Error()+"\n")
		}
	default:
		fail(2, usage)
	}
}

func parse(set *flag.FlagSet) {
	if err := set.Parse(os.Args[2:]); err != nil || set.NArg() > 0 {
		fail(2, usage)
	}
}

func fail(code int, text string) {
	fmt.Fprint(os.Stderr, text)
	os.Exit(code)
}

func compareAll(run compare.Run) {
	gates := fmt.Sprintf("MaxUnavailableStatefulSet=%t,StatefulSetRecreateStrategy=%t",
		run.Gates.MaxUnavailableStatefulSet, run.Gates.StatefulSetRecreateStrategy)
	if err := oracle.SetGates(gates); err != nil {
		fail(3, err.Error()+"\n")
	}
	began := time.Now()
	result := run.Do(func(syncs int) { fmt.Fprintf(os.Stderr, "\r%d syncs ", syncs) })
	fmt.Fprint(os.Stderr, "\r")
	fmt.Printf("%d syncs, %d differences, %.1f s\n", result.Syncs, result.Differences, time.Since(began).Seconds())
	if result.First == nil {
		return
	}
	small := compare.Shrink(result.First, run.Gates)
	text, _ := json.Marshal(small.Line)
	fmt.Printf("the first, made small: %s\n%s\n", small, text)
	os.Exit(1)
}

// record writes what upstream does in histories that upstream drives.
func record(file string, seed uint64, many, steps int) error {
	out, err := vector.NewWriter(file)
	if err != nil {
		return err
	}
	lines := 0
	for number := range many {
		h := histories.New(seed, number, false)
		for range steps {
			line := h.Line()
			var server *vector.Server
			line.Out, server = oracle.Sync(&line.In, line.Faults)
			if err := out.Write(line); err != nil {
				return err
			}
			lines++
			h.Synced(server)
		}
	}
	fmt.Printf("%d syncs of %d histories written to %s\n", lines, many, file)
	return out.Close()
}
