package main

import (
	"fmt"
	"io"
	"os"

	"github.com/spf13/pflag"

	"statefulsim/sim"
	"statefulsim/sim/report"
	"statefulsim/sim/report/html"
)

// pictures are the files that a run is drawn into; "" is none, and "-" stdout for those that are text.
type pictures struct {
	report, mermaid, perfetto, history string
}

// picture is one of them.
type picture struct {
	flag, file string
	draw       func(w io.Writer, rec *sim.Recording, c report.Context) error
	canvas     *canvas // nil for stdout
}

func pictureFlags(set *pflag.FlagSet, p *pictures) {
	set.StringVar(&p.report, "report", "", "draw the run as a page for a browser into this `file`")
	set.StringVar(&p.mermaid, "mermaid", "", "draw the failover as a sequence diagram in Mermaid's language into this `file`; - is stdout, and the report then goes to stderr")
	set.StringVar(&p.perfetto, "perfetto", "", "draw the run for ui.perfetto.dev into this `file`; - is stdout, likewise")
	set.StringVar(&p.history, "history", "", "draw what the clients wrote and read, and whether an order explains it, as porcupine's page into this `file`")
}

// wanted lists those that were asked for.
func (p *pictures) wanted() (all []*picture) {
	for _, one := range []picture{
		{flag: "report", file: p.report, draw: html.Run},
		{flag: "mermaid", file: p.mermaid, draw: report.Mermaid},
		{flag: "perfetto", file: p.perfetto, draw: report.Perfetto},
		{flag: "history", file: p.history, draw: report.History},
	} {
		if one.file != "" {
			all = append(all, &one)
		}
	}
	return all
}

// onStdout are the flags of those that are written to stdout.
func (p *pictures) onStdout() (flags []string) {
	for _, one := range p.wanted() {
		if one.isStdout() {
			flags = append(flags, one.flag)
		}
	}
	return flags
}

// isStdout tells whether a picture is for stdout: pages for a browser are not.
func (p *picture) isStdout() bool {
	return p.file == "-" && (p.flag == "mermaid" || p.flag == "perfetto")
}

// checkNamed finds a flag for a file to write whose value is empty, as that of a variable that is not set.
func checkNamed(set *pflag.FlagSet, flags ...string) error {
	for _, flag := range flags {
		if f := set.Lookup(flag); f.Changed && f.Value.String() == "" {
			return fmt.Errorf("--%s takes the name of a file, and it is empty", flag)
		}
	}
	return nil
}

// checkSeveral finds what is wrong with the flags when there are several runs.
func (p *pictures) checkSeveral() error {
	for _, one := range p.wanted() {
		return fmt.Errorf("--%s takes one run at a time; choose it with --variant", one.flag)
	}
	return nil
}

// sourcesOf lists the files that a scenario was read from, in so far as they are files.
func sourcesOf(s *chosen) []string {
	files := []string{s.named, s.File}
	for i := range s.Objects {
		files = append(files, s.Objects[i].Pos.File)
	}
	return files
}

// gallery are the pictures of one run that can be written.
type gallery []*picture

// open prepares the files, before the run. trace is the file of --trace, and sources are those that the run reads.
func (p *pictures) open(trace string, sources ...string) (gallery, error) {
	var all gallery
	writes := map[string]string{} // which flag writes the file at a place
	if trace != "" && trace != "-" {
		writes[placeOf(trace)] = "trace"
	}
	for _, one := range p.wanted() {
		if err := one.open(writes, sources); err != nil {
			all.discard()
			return nil, err
		}
		all = append(all, one)
	}
	return all, nil
}

// open prepares the file, unless it is one of those that flags write already.
func (p *picture) open(writes map[string]string, sources []string) (err error) {
	if p.isStdout() {
		return nil
	}
	place := placeOf(p.file)
	if other := writes[place]; other != "" {
		return fmt.Errorf("--%s and --%s both want to write %s; name another file", other, p.flag, harmless(p.file))
	}
	writes[place] = p.flag
	p.canvas, err = newCanvas(p.flag, p.file, sources...)
	return err
}

// draw writes them all.
func (g gallery) draw(rec *sim.Recording, c report.Context) error {
	for _, one := range g {
		if err := one.finish(func(w io.Writer) error { return one.draw(w, rec, c) }); err != nil {
			return fmt.Errorf("--%s %s: %w", one.flag, harmless(one.file), err)
		}
	}
	return nil
}

func (p *picture) finish(draw func(io.Writer) error) error {
	if p.canvas == nil {
		return draw(os.Stdout)
	}
	return p.canvas.finish(draw)
}

// discard leaves nothing of those that were not drawn.
func (g gallery) discard() {
	for _, one := range g {
		one.canvas.discard()
	}
}
