package main

import (
	"context"
	"fmt"
	"os"
	"time"

	"golang.org/x/term"

	"statefulsim/scenarios"
	"statefulsim/sim"
)

// repetition is one scenario, run several times with one seed.
type repetition struct {
	scenario *scenarios.Scenario
	seed     uint64
	bug      string // a deliberate one of the simulator; "" is none
	times    int    // at least 1
	dataDir  string // of the first run; the others' volumes are nobody's concern

	first       *sim.Recording
	done        int             // runs that came to their end, and the first in any case
	traces      map[string]bool // by hash
	difference  string          // where the trace of some run first left that of the first run; "" if none did
	interrupted bool
}

// run runs the scenario until it was run as often as asked for, or the user wants no more.
func (r *repetition) run(ctx context.Context) error {
	r.traces = map[string]bool{}
	progress := progress{of: r.times}
	defer progress.end()
	for r.done < r.times {
		o := sim.Options{Seed: r.seed, Bug: r.bug}
		if r.first == nil {
			o.DataDir = r.dataDir
		}
		rec, err := sim.Run(ctx, r.scenario, o)
		if err != nil {
			return err
		}
		r.interrupted = rec.Interrupted
		if r.first != nil && r.interrupted {
			return nil
		}
		r.add(rec)
		if r.interrupted {
			return nil
		}
		progress.show(r.done)
	}
	return nil
}

func (r *repetition) add(rec *sim.Recording) {
	r.done++
	r.traces[rec.Hash] = true
	if r.first == nil {
		r.first = rec
	}
	if r.difference == "" && rec.Hash != r.first.Hash {
		line, was, is := sim.FirstDifference(r.first.Events, rec.Events)
		r.difference = fmt.Sprintf("the traces of run 1 and run %d differ, first in line %d:\n- %s\n+ %s", r.done, line, was, is)
	}
}

// verdict is the error that says how all of it went.
func (r *repetition) verdict() error {
	switch {
	case r.difference != "":
		return &bug{args: os.Args[1:], what: r.difference}
	case r.interrupted && !r.first.Interrupted:
		fmt.Fprintf(os.Stderr, "interrupted after %d of %d runs\n", r.done, r.times)
		return exit(wentBad)
	case r.interrupted, !r.first.Passed():
		return exit(wentBad)
	}
	return nil
}

// progress tells somebody who sits before a terminal how far a long repetition has come.
type progress struct {
	of    int
	shown time.Time
}

func (p *progress) show(done int) {
	if p.of == 1 || time.Since(p.shown) < 100*time.Millisecond || !term.IsTerminal(int(os.Stderr.Fd())) {
		return
	}
	p.shown = time.Now()
	fmt.Fprintf(os.Stderr, "\r%d of %d runs", done, p.of)
}

// end takes the line away again.
func (p *progress) end() {
	if !p.shown.IsZero() {
		fmt.Fprintf(os.Stderr, "\r%*s\r", len("99999999 of 99999999 runs"), "")
	}
}
