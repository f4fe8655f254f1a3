package report

import (
	"encoding/json"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"statefulsim/sim"
)

// traced is a trace as other programs read it.
type traced struct {
	DisplayTimeUnit string            `json:"displayTimeUnit"`
	OtherData       map[string]string `json:"otherData"`
	Events          []struct {
		Name, Cat, Ph, BP, S string
		Ts                   *int64
		Dur                  *int64
		Pid, Tid, ID         int
		Args                 map[string]any
	} `json:"traceEvents"`
}

// wellTraced decodes a trace, and checks that processes and threads have names, that slices of a thread lie within each other or apart,
// and that each arrow has both ends, in slices.
func wellTraced(t require.TestingT, document []byte) *traced {
	var read traced
	require.NoError(t, json.Unmarshal(document, &read))
	type span struct{ from, until int64 }
	spans := map[int][]span{}
	processes, threads, arrows := map[int]bool{}, map[int]int{}, map[int]string{}
	for _, e := range read.Events {
		switch e.Ph {
		case "M":
			switch e.Name {
			case "process_name":
				processes[e.Pid] = true
			case "thread_name":
				threads[e.Tid] = e.Pid
			}
			continue
		case "X":
			require.NotNil(t, e.Dur)
			require.GreaterOrEqual(t, *e.Dur, int64(0))
			spans[e.Tid] = append(spans[e.Tid], span{*e.Ts, *e.Ts + *e.Dur})
		case "C":
			for _, value := range e.Args {
				require.IsType(t, 0.0, value, "a counter is a number")
			}
		case "s", "f":
			arrows[e.ID] += e.Ph
			require.True(t, slices.ContainsFunc(spans[e.Tid], func(s span) bool { return s.from <= *e.Ts && *e.Ts <= s.until }), "an arrow from or to nowhere")
		case "i":
			require.Equal(t, "t", e.S)
		default:
			require.Fail(t, "an event of an unknown kind", e.Ph)
		}
		require.True(t, processes[e.Pid])
		if e.Ph != "C" {
			require.Equal(t, e.Pid, threads[e.Tid])
		}
	}
	for tid, all := range spans {
		slices.SortFunc(all, func(a, b span) int {
			if a.from != b.from {
				return int(a.from - b.from)
			}
			return int(b.until - a.until)
		})
		var open []span
		for _, s := range all {
			for len(open) > 0 && open[len(open)-1].until <= s.from && open[len(open)-1] != s {
				open = open[:len(open)-1]
			}
			if len(open) > 0 {
				require.LessOrEqual(t, s.until, open[len(open)-1].until, "slices of thread %d overlap", tid)
			}
			open = append(open, s)
		}
	}
	for _, ends := range arrows {
		require.Equal(t, "sf", ends)
	}
	return &read
}

func TestPerfetto(t *testing.T) {
	rec := played(t, "primary-crash")
	read := wellTraced(t, drawn(t, Perfetto, rec, once))
	require.Equal(t, "ms", read.DisplayTimeUnit)
	require.Equal(t, once.Reproduce, read.OtherData["reproduce"])
	kinds := map[string]int{}
	counters := map[string]bool{}
	var latest int64
	for _, e := range read.Events {
		kinds[e.Ph]++
		if e.Ph == "C" {
			counters[e.Name] = true
		}
		if e.Ts != nil {
			latest = max(latest, *e.Ts)
		}
		if e.Cat == "failover" {
			require.Equal(t, rec.Failovers[0].At.Microseconds(), *e.Ts, "microseconds")
			require.InDelta(t, rec.Failovers[0].Recovery.Microseconds(), *e.Dur, 1)
		}
	}
	require.LessOrEqual(t, latest, rec.Virtual.Microseconds())
	require.True(t, counters["writer per second"] && counters["mysql-0 log"], "%v", counters)
	require.Greater(t, kinds["s"], 5)
	require.Equal(t, kinds["s"], kinds["f"])
}

// What clients did is counted once, however it is divided.
func TestPerfettoCountsEveryRequest(t *testing.T) {
	rec := played(t, "primary-crash")
	read := wellTraced(t, drawn(t, Perfetto, rec, once))
	var acknowledged, rate float64
	var since int64
	for _, e := range read.Events {
		if e.Ph == "C" && e.Name == "writer per second" {
			acknowledged += rate * float64(*e.Ts-since) / 1e6
			rate, since = e.Args["acknowledged"].(float64), *e.Ts
		}
	}
	acknowledged += rate * float64(rec.Virtual.Microseconds()-since) / 1e6
	i := slices.IndexFunc(rec.Clients, func(c sim.ClientResult) bool { return c.Name == "writer" })
	require.InDelta(t, rec.Clients[i].Acknowledged, acknowledged, 0.01)
}
