package kubectl

import (
	"strconv"
	"time"

	"statefulsim/controller/store"
)

// vigil watches one object after the other, as kubectl's waiting commands do: it lists an object, which shows how that is at
// the moment, and then hears of each change of it.
// Source: k8s.io/client-go tools/watch/until.go:UntilWithSync.
type vigil struct {
	left   []store.Key // the first is the one that is watched
	listed bool
	since  int64          // the resource version of the first as it was listed
	heard  []store.Object // its states since; nil: it was deleted
}

// hear takes in a change. One that the list has shown already may come late, and is not news.
func (v *vigil) hear(change store.Change) {
	if v.listed && len(v.left) > 0 && change.Key() == v.left[0] && change.Revision > v.since {
		v.heard = append(v.heard, change.New)
	}
}

// news returns the states that the watched object has had since the last call, oldest first, with nil for each time that it was
// deleted. The first call lists the object; absent says that it is not there then.
func (v *vigil) news(view *store.View) (states []store.Object, absent bool) {
	if v.listed {
		states, v.heard = v.heard, nil
		return states, false
	}
	v.listed, v.since = true, 0
	obj, ok := view.Object(v.left[0])
	if !ok {
		return nil, true
	}
	v.since, _ = strconv.ParseInt(obj.GetResourceVersion(), 10, 64) // the store writes numbers
	return []store.Object{obj}, false
}

// next goes on to the object that follows.
func (v *vigil) next() { v.left, v.listed, v.heard = v.left[1:], false, nil }

// again lists the watched object once more.
func (v *vigil) again() { v.listed, v.heard = false, nil }

// deadline is when a command gives up; the zero value is never.
type deadline struct{ at time.Time }

// within returns the instant that lies a timeout away, and never for no timeout.
func within(now time.Time, timeout time.Duration) deadline {
	if timeout <= 0 {
		return deadline{}
	}
	return deadline{now.Add(timeout)}
}

func (d deadline) over(now time.Time) bool { return !d.at.IsZero() && !now.Before(d.at) }

// left is how long it takes until then: 0 for never.
func (d deadline) left(now time.Time) time.Duration {
	if d.at.IsZero() {
		return 0
	}
	return d.at.Sub(now)
}
