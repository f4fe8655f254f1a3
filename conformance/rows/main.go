// Rows records what `kubectl get` shows of made-up objects: the cells that the API server's own printers make of them.
package main

import (
	"bufio"
	"compress/gzip"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/kubernetes/pkg/api/legacyscheme"
	"k8s.io/kubernetes/pkg/printers"
	"k8s.io/kubernetes/pkg/printers/internalversion"

	_ "k8s.io/kubernetes/pkg/apis/apps/install"
	_ "k8s.io/kubernetes/pkg/apis/batch/install"
	_ "k8s.io/kubernetes/pkg/apis/coordination/install"
	_ "k8s.io/kubernetes/pkg/apis/core/install"
	_ "k8s.io/kubernetes/pkg/apis/discovery/install"
	_ "k8s.io/kubernetes/pkg/apis/policy/install"
	_ "k8s.io/kubernetes/pkg/apis/storage/install"
)

// row is one line of the recording.
type row struct {
	Kind    string
	Now     time.Time
	Object  runtime.Object
	Columns []string // their names; those that only -o wide shows end in *
	Cells   []string
}

func main() {
	seed := flag.Uint64("seed", 1, "what the objects are made up from")
	pods := flag.Int("pods", 1200, "how many pods; of each other kind it is a twentieth of that")
	file := flag.String("o", "", "the file to write")
	flag.Parse()
	if *file == "" || flag.NArg() > 0 {
		flag.Usage()
		os.Exit(2)
	}
	if err := record(*file, *seed, *pods); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(3)
	}
}

func record(file string, seed uint64, pods int) error {
	f, err := os.Create(file)
	if err != nil {
		return err
	}
	w := gzip.NewWriter(f)
	if err := writeAll(w, seed, pods); err != nil {
		return err
	}
	if err := w.Close(); err != nil {
		return err
	}
	return f.Close()
}

func writeAll(w io.Writer, seed uint64, pods int) error {
	out := bufio.NewWriter(w)
	lines := json.NewEncoder(out)
	server := printers.NewTableGenerator().With(internalversion.AddHandlers)
	m := maker{rand.New(rand.NewPCG(seed, 0)), time.Now().Truncate(time.Second)}
	for _, kind := range kinds {
		many := pods
		if kind.name != "Pod" {
			many /= 20
		}
		for range many {
			r, err := ask(server, kind.name, kind.new(m))
			if err != nil {
				return err
			}
			if err := lines.Encode(r); err != nil {
				return err
			}
		}
	}
	return out.Flush()
}

// ask has the server's printer make the row of an object. The printer reads the clock itself: ages count whole seconds from
// whole seconds, so an answer holds for the instant before it if no second passed meanwhile.
func ask(server *printers.HumanReadableGenerator, kind string, obj runtime.Object) (row, error) {
	internal, err := legacyscheme.Scheme.ConvertToVersion(obj, runtime.InternalGroupVersioner)
	if err != nil {
		return row{}, err
	}
	for {
		now := time.Now().UTC()
		table, err := server.GenerateTable(internal, printers.GenerateOptions{Wide: true})
		if err != nil {
			return row{}, err
		}
		if now.Unix() == time.Now().Unix() {
			return rowOf(kind, now, obj, table), nil
		}
	}
}

func rowOf(kind string, now time.Time, obj runtime.Object, table *metav1.Table) row {
	r := row{Kind: kind, Now: now, Object: obj}
	for _, c := range table.ColumnDefinitions {
		name := c.Name
		if c.Priority > 0 {
			name += "*"
		}
		r.Columns = append(r.Columns, name)
	}
	for _, cell := range table.Rows[0].Cells {
		r.Cells = append(r.Cells, fmt.Sprint(cell))
	}
	return r
}
