// Package battery is the report card of somebody's own manifests: it builds a cluster around them, runs a standard battery of drills,
// each of which breaks one thing, and tells what the sets survive, what it costs, what gets stuck, and what to change in the manifests.
package battery

import (
	"context"
	"fmt"
	"io/fs"
	"path"
	"time"

	"statefulsim/scenarios"
	"statefulsim/sim"
)

// Options say in which cluster the drills take place, and which they are.
type Options struct {
	Seed         uint64
	Zones        int      // how many, at least 1
	NodesPerZone int      // at least 1
	Runs         []string // what runs in the sets: "mysql=raft", "mysql=replicated,replication=async"; a set that is not named is guessed at
	Drills       []string // the drills to run, by their ids; nil: all
}

// Battery is what is run for some manifests.
type Battery struct {
	stage    *stage
	seed     uint64
	began    time.Duration // when the drills begin: all has been well for a while
	baseline Result
	places   map[string]place // where the pods run before anything happens, by namespace and name
	runs     []run
}

// place is where a pod runs.
type place struct{ node, zone string }

// calm is how long all is well before a drill begins.
const calm = 15 * time.Second

// New reads manifests, files of the directory fsys, builds the cluster, starts everything once and finds out which drills there are. dir is
// what messages put before the names of the files. The error is of type scenarios.Problems if the manifests or the options are at fault,
// that of ctx, or one of sim.Run.
func New(ctx context.Context, fsys fs.FS, dir string, manifests []string, o Options) (*Battery, error) {
	drills, err := chosen(o.Drills)
	if err != nil {
		return nil, err
	}
	stage, err := newStage(fsys, path.Join(dir, "check"), manifests, o)
	if err != nil {
		return nil, err
	}
	b := &Battery{stage: stage, seed: o.Seed}
	if _, err := stage.scenario(&run{drill: &starting, patience: stage.patience()}); err != nil {
		return nil, fmt.Errorf("--runs: %w", err) // all else was read before
	}
	rec, err := b.start(ctx)
	if err != nil {
		return nil, err
	}
	if b.baseline.Survived() {
		b.settle(rec)
		for _, d := range drills {
			b.runs = append(b.runs, d.runs(b)...)
		}
	}
	return b, nil
}

// start runs the world without any drill.
func (b *Battery) start(ctx context.Context) (*sim.Recording, error) {
	r := run{drill: &starting, patience: b.stage.patience()}
	rec, err := b.play(ctx, &r)
	if err == nil {
		b.baseline = b.measure(&r, rec)
	}
	return rec, err
}

// settle remembers when all is well, and where.
func (b *Battery) settle(rec *sim.Recording) {
	b.began = (rec.RecoveredAt + calm).Truncate(time.Second)
	b.places = map[string]place{}
	for i := range rec.Pods {
		p := &rec.Pods[i]
		b.places[p.Namespace+"/"+p.Name] = place{p.Node, p.Zone}
	}
}

// Len is how many runs there are; none if the sets do not even start.
func (b *Battery) Len() int { return len(b.runs) }

// Run makes the i-th run. The error is that of ctx or of sim.Run.
func (b *Battery) Run(ctx context.Context, i int) (Result, error) {
	r := &b.runs[i]
	rec, err := b.play(ctx, r)
	if err != nil {
		return Result{}, err
	}
	return b.measure(r, rec), nil
}

// Warnings are what is worth telling about the manifests, such as objects that are not simulated.
func (b *Battery) Warnings() []scenarios.Problem { return b.stage.warnings }

func (b *Battery) play(ctx context.Context, r *run) (*sim.Recording, error) {
	s, err := b.stage.scenario(r)
	if err != nil {
		return nil, err
	}
	rec, err := sim.Run(ctx, s, sim.Options{Seed: b.seed, StopWhenDecided: true})
	if err == nil {
		err = ctx.Err() // a recording that was broken off tells nothing
	}
	return rec, err
}
