package kubectl

import (
	"strings"
	"time"
	"unicode/utf8"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/util/duration"

	"statefulsim/controller/store"
	"statefulsim/scenarios/kubectl"
)

// columns are a kind's part of a table: the one that the API server makes of its objects.
// Source: pkg/printers/internalversion/printers.go:AddHandlers.
type columns struct {
	kind   store.Kind
	titles []string // as they are printed
	wide   int      // how many of the last columns only -o wide shows
	cells  func(obj store.Object, now time.Time) []string
}

// cellsOf makes a function for objects of one type into one for any object.
func cellsOf[T store.Object](cells func(obj T, now time.Time) []string) func(store.Object, time.Time) []string {
	return func(obj store.Object, now time.Time) []string { return cells(obj.(T), now) }
}

// table prints objects of one kind, a row each, below one header. The widths of its columns only ever grow: a row that
// comes later is set for the widest cells until then, and rows that were printed stay as they are.
// Source: k8s.io/cli-runtime pkg/printers/tableprinter.go; tabwriter.go, which has the tab writer remember its widths.
type table struct {
	columns
	look       look
	headerDone bool
	widths     []int
}

// look is what a table has beside a kind's own columns.
type look struct {
	wide, namespace, kind, noHeader, labels bool
	labelColumns                            []string
}

func newTable(c columns, g kubectl.Get, namespace, kind bool) *table {
	return &table{columns: c, look: look{
		wide: g.Output == "wide", namespace: namespace, kind: kind, noHeader: g.NoHeaders, labels: g.ShowLabels, labelColumns: g.LabelColumns,
	}}
}

// batch is objects that were found together: all of one kind, in the API server's order, or those of some names.
type batch struct {
	kind    string
	objects []store.Object
	list    bool
}

// print returns the lines for some objects. Without objects there is no header either.
func (t *table) print(b batch, now time.Time) []string {
	if len(b.objects) == 0 {
		return nil
	}
	var marked store.Object
	if b.list {
		marked = defaultClass(b.objects)
	}
	var rows [][]string
	if !t.headerDone && !t.look.noHeader {
		rows = append(rows, t.header())
	}
	t.headerDone = true
	for _, obj := range b.objects {
		mark := ""
		if obj == marked {
			mark = " (default)"
		}
		rows = append(rows, t.row(obj, mark, now))
	}
	t.fit(rows)
	lines := make([]string, len(rows))
	for i, row := range rows {
		lines[i] = t.line(row)
	}
	return lines
}

// visible is how many of the kind's own columns are shown.
func (t *table) visible() int {
	if t.look.wide {
		return len(t.titles)
	}
	return len(t.titles) - t.columns.wide
}

func (t *table) header() (row []string) {
	if t.look.namespace {
		row = append(row, "NAMESPACE")
	}
	row = append(row, t.titles[:t.visible()]...)
	for _, key := range t.look.labelColumns {
		row = append(row, strings.ToUpper(key[strings.LastIndexByte(key, '/')+1:]))
	}
	if t.look.labels {
		row = append(row, "LABELS")
	}
	return row
}

func (t *table) row(obj store.Object, mark string, now time.Time) (row []string) {
	if t.look.namespace {
		row = append(row, obj.GetNamespace())
	}
	at := len(row)
	row = append(row, t.cells(obj, now)[:t.visible()]...)
	row[at] += mark
	if t.look.kind {
		row[at] = strings.ToLower(t.columns.kind.GroupVersionKind().GroupKind().String()) + "/" + row[at]
	}
	for _, key := range t.look.labelColumns {
		row = append(row, obj.GetLabels()[key])
	}
	if t.look.labels {
		row = append(row, labels.FormatLabels(obj.GetLabels()))
	}
	for i, cell := range row {
		if end := strings.IndexAny(cell, "\f\n\r"); end >= 0 {
			row[i] = cell[:end] + "..."
		}
	}
	return row
}

// The measures of kubectl's tab writer, in characters.
const (
	narrowest = 6 // a column with its padding
	padding   = 3
)

// fit widens the columns for some rows. The last column has no width: nothing stands to its right.
func (t *table) fit(rows [][]string) {
	for _, row := range rows {
		for len(t.widths) < len(row)-1 {
			t.widths = append(t.widths, narrowest)
		}
		for i, cell := range row[:len(row)-1] {
			t.widths[i] = max(t.widths[i], utf8.RuneCountInString(cell)+padding)
		}
	}
}

func (t *table) line(row []string) string {
	var b strings.Builder
	for i, cell := range row {
		b.WriteString(cell)
		if i < len(row)-1 {
			for range t.widths[i] - utf8.RuneCountInString(cell) {
				b.WriteByte(' ')
			}
		}
	}
	return b.String()
}

// age is how long ago a moment was, as kubectl shows it.
// Source: pkg/printers/internalversion/printers.go:translateTimestampSince.
func age(since metav1.Time, now time.Time) string {
	if since.IsZero() {
		return "<unknown>"
	}
	return duration.HumanDuration(now.Sub(since.Time))
}
