package report

import (
	"bytes"
	"cmp"
	"encoding/json"
	"io"
	"strconv"
	"time"

	"statefulsim/scenarios/words"
	"statefulsim/sim"
)

// Row is one of several runs in a table of them.
type Row struct {
	Name, Variant string
	Verdict       string        // "PASS", "FAIL" or "STOPPED"
	Failovers     int           // how many there were
	Recovery      time.Duration // the longest of the failovers that recovered
	Stuck         int           // failovers that did not recover
	LostWrites    int
	Wall          time.Duration
	Parting       string // where it parts from the first run of its file, and what that did; "" if it is the first
}

// RowBeside sums a run up, and holds it against the first run of its file; nil if that is this one.
func RowBeside(first, rec *sim.Recording) Row {
	row := RowOf(rec)
	if first != nil {
		row.Parting = Compare(first, rec, sim.Normal, [2]string{}).Short()
	}
	return row
}

// RowOf sums a run up.
func RowOf(rec *sim.Recording) Row {
	row := Row{Name: rec.Scenario.Name, Variant: rec.Scenario.Variant, Verdict: "FAIL", Failovers: len(rec.Failovers), Wall: rec.Wall}
	switch {
	case rec.Interrupted:
		row.Verdict = "STOPPED"
	case rec.Passed():
		row.Verdict = "PASS"
	}
	for i := range rec.Failovers {
		if f := &rec.Failovers[i]; f.Recovered {
			row.Recovery = max(row.Recovery, f.Recovery)
		} else {
			row.Stuck++
		}
	}
	for i := range rec.Clients {
		row.LostWrites += rec.Clients[i].Lost
	}
	return row
}

// Table writes what came of several runs, one line each. The error is that of w.
func Table(w io.Writer, rows []Row, o Options) error {
	p := newPage(w, o)
	p.heading("All runs")
	t := &table{numbers: map[int]bool{3: true, 4: true, 5: true}}
	t.row("scenario", "variant", "verdict", "recovery", "lost writes", "wall time")
	passed := 0
	for _, row := range rows {
		if row.Verdict == "PASS" {
			passed++
		}
		t.row(row.Name, row.Variant, row.Verdict, row.recovery(), strconv.Itoa(row.LostWrites), words.Seconds(row.Wall.Round(time.Millisecond)))
	}
	p.table(t)
	for i, row := range rows {
		if row.Parting == "" {
			continue
		}
		if rows[i-1].Parting == "" {
			p.gap()
			p.put(plain("  "), plain("against "+rows[i-1].name()+":"))
		}
		p.put(plain("    "), bold(row.name()+"  "), plain(row.Parting))
	}
	p.gap()
	p.put(plain(strconv.Itoa(passed) + " of " + words.Count(len(rows), "run") + " passed"))
	return p.out.Flush()
}

// name is what a run is called among those of its file.
func (r *Row) name() string { return cmp.Or(r.Variant, r.Name) }

// recovery is the longest time to recover, or that there was none.
func (r *Row) recovery() string {
	switch {
	case r.Stuck > 0:
		return "never"
	case r.Failovers > 0:
		return words.Seconds(r.Recovery.Round(time.Millisecond))
	}
	return ""
}

// JSONLine writes the Document of one of several runs in one line. The error is that of w.
func JSONLine(w io.Writer, rec *sim.Recording, c Context) error {
	var indented, line bytes.Buffer
	if err := JSON(&indented, rec, c); err != nil {
		return err
	}
	if err := json.Compact(&line, indented.Bytes()); err != nil {
		return err
	}
	_, err := w.Write(append(line.Bytes(), '\n'))
	return err
}
