package kubectl

import (
	"errors"
	"strconv"
	"time"

	"statefulsim/controller/store"
	"statefulsim/scenarios/kubectl"
)

// watching is `get --watch`: it shows what is there, and then each object as every change leaves it. It does not end by itself.
// Source: k8s.io/kubectl pkg/cmd/get/get.go:watch.
type watching struct {
	terminal Terminal
	get      kubectl.Get
	query    query
	print    func(b batch, now time.Time) error // nil until the first call
	heard    []store.Object                     // changed, and not shown yet
}

func watch(g kubectl.Get, t Terminal) *watching { return &watching{terminal: t, get: g} }

// Proceed shows what is there, and when called again what was heard of since. Ages are those at that moment.
func (w *watching) Proceed(api *store.Client) (again time.Duration, done bool, err error) {
	if w.print == nil {
		err = w.begin(api)
	} else {
		err = w.print(batch{objects: w.heard}, api.Now)
		w.heard = nil
	}
	return 0, err != nil || w.print == nil, worded(err)
}

// begin shows what is there already. Without the object that it is to watch kubectl ends.
func (w *watching) begin(api *store.Client) (err error) {
	if w.query, err = queryOf(w.get, w.terminal.Namespace); err != nil {
		return err
	}
	found, missing := w.query.find(api.View())
	if len(missing) > 0 {
		if w.get.IgnoreNotFound {
			return nil
		}
		return errors.Join(missing...)
	}
	if w.print, err = w.printer(found[0].kind); err != nil || w.get.WatchOnly {
		return err
	}
	return w.print(found[0], api.Now)
}

// printer returns what prints objects of a kind. A watched table has the column NAMESPACE whenever all namespaces are
// asked for, even for a kind that lives in none.
func (w *watching) printer(kind string) (func(batch, time.Time) error, error) {
	switch w.get.Output {
	case "", "wide":
		table := newTable(shown[kind], w.get, w.get.AllNamespaces, w.get.ShowKind)
		return func(b batch, now time.Time) error {
			for _, line := range table.print(b, now) {
				w.terminal.Print(line)
			}
			return nil
		}, nil
	case "name":
		return func(b batch, _ time.Time) error {
			for _, obj := range b.objects {
				w.terminal.Print(resourceName(obj))
			}
			return nil
		}, nil
	}
	return w.documents()
}

// documents returns what prints each object by itself; YAML documents are divided by a line.
func (w *watching) documents() (func(batch, time.Time) error, error) {
	write, err := formatOf(w.get)
	if err != nil {
		return nil, err
	}
	first := true
	return func(b batch, _ time.Time) error {
		for _, obj := range b.objects {
			content, err := document(obj)
			if err != nil {
				return err
			}
			text, err := write(content)
			if err != nil {
				return err
			}
			if !first && w.get.Output == "yaml" {
				w.terminal.Print("---")
			}
			first = false
			printText(w.terminal, text)
		}
		return nil
	}, nil
}

// Hear notes what a change means to the watch: the object as it is now, or, if it went or ceased to be selected, as it was,
// with the resource version of that change.
// Source: k8s.io/apiserver pkg/storage/cacher/cache_watcher.go:convertToWatchEvent.
func (w *watching) Hear(change store.Change) {
	switch {
	case w.print == nil:
	case change.New != nil && w.watches(change.New):
		w.heard = append(w.heard, change.New)
	case change.Old != nil && w.watches(change.Old):
		gone := change.Old.DeepCopyObject().(store.Object)
		gone.SetResourceVersion(strconv.FormatInt(change.Revision, 10))
		w.heard = append(w.heard, gone)
	}
}

func (w *watching) watches(obj store.Object) bool {
	kind := store.KindOf(obj).String()
	for _, name := range w.query.Names {
		if name.Kind != kind || name.Name != obj.GetName() {
			return false
		}
	}
	for _, watched := range w.query.Kinds {
		if watched != kind {
			return false
		}
	}
	return w.query.takes(obj)
}
