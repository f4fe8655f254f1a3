package check

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"slices"
	"sort"
	"time"
)

// holding is what the operations on one value prove about the time for which a register held it. The value had been written
// when the first of them returned, and was not yet overwritten when the last of them was called. So, if it was written once:
//   - if the return comes before the call, the register held the value all the time between them;
//   - else it held the value at some instant between them.
type holding struct {
	value       string
	writes      int        // how many wrote it; a register begins with a write of "" by nobody
	write       *Operation // one of those
	read        bool
	firstReturn time.Duration
	lastCall    time.Duration
	first, last *Operation // that returned first, and that was called last; nil is nobody's write
}

func (h *holding) throughout() bool { return h.firstReturn < h.lastCall }

const (
	beginning = time.Duration(-1) // before every call
	never     = time.Duration(math.MaxInt64)
)

// byValue gathers the operations on one register by the value that they wrote or read.
func byValue(ops []*Operation) map[string]*holding {
	values := map[string]*holding{"": {writes: 1, firstReturn: beginning, lastCall: beginning}}
	for _, op := range ops {
		h := values[op.Value]
		if h == nil {
			h = &holding{value: op.Value, firstReturn: never, lastCall: beginning}
			values[op.Value] = h
		}
		if op.Write {
			h.writes++
			h.write = op
		} else {
			h.read = true
		}
		if op.Outcome == Acknowledged && op.Return < h.firstReturn {
			h.firstReturn, h.first = op.Return, op
		}
		if op.Call > h.lastCall {
			h.lastCall, h.last = op.Call, op
		}
	}
	return values
}

// contradiction says what is impossible about the values of one register, or returns "". If every value was written once it
// finds whatever is wrong (Gibbons and Korach, "Testing Shared Memories", 1997, theorem 4.5). A value that was written more
// often proves nothing here.
func contradiction(values map[string]*holding) string {
	inOrder := slices.SortedFunc(maps.Values(values), func(a, b *holding) int {
		return cmp.Or(cmp.Compare(a.firstReturn, b.firstReturn), cmp.Compare(a.value, b.value))
	})
	var throughout []*holding // in order, and one after the other
	for _, h := range inOrder {
		if h.writes == 0 || h.writes == 1 && h.write != nil && h.firstReturn < h.write.Call {
			return fmt.Sprintf("was read as %q by client %d at %s, but nobody had called a write of that", h.value, h.first.Client, h.firstReturn)
		}
		if h.writes > 1 || !h.throughout() {
			continue
		}
		if n := len(throughout); n > 0 && h.firstReturn < throughout[n-1].lastCall {
			return fmt.Sprintf("%s, and yet %s", throughout[n-1], h)
		}
		throughout = append(throughout, h)
	}
	for _, h := range inOrder {
		if h.writes > 1 || h.throughout() || h.firstReturn == never {
			continue
		}
		later := sort.Search(len(throughout), func(i int) bool { return throughout[i].firstReturn >= h.lastCall })
		if later > 0 && h.firstReturn < throughout[later-1].lastCall {
			return fmt.Sprintf("%s, and yet %s", throughout[later-1], h)
		}
	}
	return ""
}

// eachOnce tells whether no value was written twice: then contradiction knows all.
func eachOnce(values map[string]*holding) bool {
	for _, h := range values {
		if h.writes > 1 {
			return false
		}
	}
	return true
}

// String returns what the value proves, as the end of a sentence that begins with the register's name.
func (h *holding) String() string {
	if !h.throughout() {
		return fmt.Sprintf("held %q at some instant from %s (%s was called) to %s (%s returned)",
			h.value, h.lastCall, h.last, h.firstReturn, h.first)
	}
	since := "the beginning"
	if h.first != nil {
		since = fmt.Sprintf("%s (%s returned)", h.firstReturn, h.first)
	}
	return fmt.Sprintf("certainly held %q from %s to %s (%s was called)", h.value, since, h.lastCall, h.last)
}
