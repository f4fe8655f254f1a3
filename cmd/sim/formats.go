package main

import (
	"fmt"
	"io"
	"os"

	"statefulsim/sim"
	"statefulsim/sim/report"
)

// formats are those of reports.
var formats = []string{"text", "json", "junit", "markdown", "kubectl"}

// document is a report that holds several runs.
type document interface {
	Add(rec *sim.Recording, c report.Context)
	Write(w io.Writer) error
}

// documents makes those of a format.
var documents = map[string]func() document{
	"junit":    func() document { return new(report.JUnit) },
	"markdown": func() document { return new(report.Markdown) },
}

// checkStdout finds out whether several things want stdout: nobody could tell them apart there.
func (f *flags) checkStdout() error {
	var want []string
	if f.format != "text" && f.format != "kubectl" {
		want = append(want, "--format "+f.format)
	}
	if f.trace == "-" {
		want = append(want, "--trace -")
	}
	for _, flag := range f.pictures.onStdout() {
		want = append(want, "--"+flag+" -")
	}
	if len(want) < 2 {
		return nil
	}
	return fmt.Errorf("%s and %s both want stdout; write one of them to a file", want[0], want[1])
}

// stdoutTaken tells whether something other than the report goes to stdout.
func (f *flags) stdoutTaken() bool { return f.trace == "-" || len(f.pictures.onStdout()) > 0 }

func (f *flags) report(rec *sim.Recording, c report.Context) error {
	switch {
	case f.format == "json" && f.several:
		return report.JSONLine(os.Stdout, rec, c)
	case f.format == "json":
		return report.JSON(os.Stdout, rec, c)
	case f.document != nil:
		f.document.Add(rec, c)
		return nil
	}
	out := os.Stdout
	if f.stdoutTaken() {
		out = os.Stderr
	}
	options := textOptions(out, c, f.level())
	if f.format == "kubectl" {
		return report.Terminal(out, rec, options)
	}
	if err := report.Text(out, rec, options); err != nil {
		return err
	}
	return stuck(out, rec, c.Reproduce)
}
