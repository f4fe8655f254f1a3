package report

import (
	"bufio"
	"encoding/json"
	"io"
	"strconv"
	"time"

	"statefulsim/scenarios/words"
	"statefulsim/sim"
	"statefulsim/sim/story"
)

// Perfetto writes the run as ui.perfetto.dev and chrome://tracing read it: a JSON object of trace events. Each kind of lane is a process
// and each lane a thread, with a slice for each of its states; marks are instants, and clients and the logs of raft are counters. For each
// failover there are its phases and the events that led from the loss to the recovery, with arrows from cause to effect. Times are
// virtual, in whole microseconds. The error is that of w.
func Perfetto(w io.Writer, rec *sim.Recording, c Context) error {
	t := &tracing{out: bufio.NewWriter(w)}
	t.begin(rec, c)
	s := story.Of(rec)
	t.lanes(s.Lanes)
	t.marks(s.Marks)
	t.clients(s)
	t.logs(rec)
	t.failovers(s)
	return t.end()
}

// The processes, by which lanes are sorted: one for each kind of lane, and two for what is not a lane.
const (
	markProcess = iota + 1
	nodeProcess
	podProcess
	volumeProcess
	leaderProcess
	clientProcess
	failoverProcess
)

var processNames = map[int]string{
	markProcess: "faults", nodeProcess: "nodes", podProcess: "pods", volumeProcess: "volumes", leaderProcess: "leaders",
	clientProcess: "clients", failoverProcess: "failovers",
}

var processOf = map[story.LaneKind]int{
	story.NodeLane: nodeProcess, story.PodLane: podProcess, story.VolumeLane: volumeProcess, story.LeaderLane: leaderProcess, story.FaultLane: markProcess,
}

// firstThread is the number of the first thread: above those of processes, since a thread with its process's number is its main thread.
const firstThread = 100

// traceEvent is one line of the format. Ts and Dur are microseconds.
type traceEvent struct {
	Name  string         `json:"name"`
	Cat   string         `json:"cat,omitempty"`
	Ph    string         `json:"ph"`
	Ts    int64          `json:"ts"`
	Dur   *int64         `json:"dur,omitempty"`
	Pid   int            `json:"pid"`
	Tid   int            `json:"tid,omitempty"`
	ID    int            `json:"id,omitempty"`
	Bind  string         `json:"bp,omitempty"` // "e": an arrow ends at the slice that it is in
	Scope string         `json:"s,omitempty"`  // of an instant: "t", its thread
	Args  map[string]any `json:"args,omitempty"`
}

// tracing writes trace events. The writer keeps its first error until it is flushed.
type tracing struct {
	out     *bufio.Writer
	written int
	named   map[int]bool // processes
	threads int
	flows   int
}

func (t *tracing) begin(rec *sim.Recording, c Context) {
	t.named = map[int]bool{}
	about, err := json.Marshal(map[string]string{
		"scenario": words.Printable(titleOf(rec)), "seed": strconv.FormatUint(rec.Seed, 10), "trace-sha256": rec.Hash, "reproduce": words.Printable(c.Reproduce),
	})
	if err != nil {
		panic(err) // strings are always valid JSON
	}
	t.out.WriteString(`{"displayTimeUnit":"ms","otherData":` + string(about) + `,"traceEvents":[`)
}

func (t *tracing) end() error {
	t.out.WriteString("\n]}\n")
	return t.out.Flush()
}

// put writes an event.
func (t *tracing) put(e traceEvent) {
	e.Name = words.Printable(e.Name)
	line, err := json.Marshal(e)
	if err != nil {
		panic(err) // strings and numbers are always valid JSON
	}
	if t.written++; t.written > 1 {
		t.out.WriteByte(',')
	}
	t.out.WriteByte('\n')
	t.out.Write(line)
}

// process names a process when it is first used.
func (t *tracing) process(pid int) {
	if t.named[pid] {
		return
	}
	t.named[pid] = true
	t.put(traceEvent{Name: "process_name", Ph: "M", Pid: pid, Args: map[string]any{"name": processNames[pid]}})
	t.put(traceEvent{Name: "process_sort_index", Ph: "M", Pid: pid, Args: map[string]any{"sort_index": pid}})
}

// thread declares a thread, below those of its process that were declared before, and returns its number.
func (t *tracing) thread(pid int, name string) int {
	t.process(pid)
	t.threads++
	tid := firstThread + t.threads
	t.put(traceEvent{Name: "thread_name", Ph: "M", Pid: pid, Tid: tid, Args: map[string]any{"name": words.Printable(name)}})
	t.put(traceEvent{Name: "thread_sort_index", Ph: "M", Pid: pid, Tid: tid, Args: map[string]any{"sort_index": tid}})
	return tid
}

// slice writes a stretch of time. Both ends are rounded down to a microsecond, so that slices which follow each other still do.
func (t *tracing) slice(pid, tid int, name, category string, from, until time.Duration, args map[string]any) {
	long := until.Microseconds() - from.Microseconds()
	t.put(traceEvent{Name: name, Cat: category, Ph: "X", Ts: from.Microseconds(), Dur: &long, Pid: pid, Tid: tid, Args: args})
}

// counter writes the values that some counters have from an instant on.
func (t *tracing) counter(pid int, name string, at time.Duration, values map[string]any) {
	t.process(pid)
	t.put(traceEvent{Name: name, Ph: "C", Ts: at.Microseconds(), Pid: pid, Args: values})
}

func (t *tracing) lanes(all []story.Lane) {
	for i := range all {
		lane := &all[i]
		pid := processOf[lane.Kind]
		tid := t.thread(pid, lane.Name)
		for j := range lane.Spans {
			span := &lane.Spans[j]
			args := map[string]any{"state": string(span.State), "event": span.Seq}
			if span.Term > 0 {
				args["term"] = span.Term
			}
			t.slice(pid, tid, span.Text, string(span.State), span.From, span.Until, args)
		}
	}
}

func (t *tracing) marks(all []story.Mark) {
	if len(all) == 0 {
		return
	}
	tid := t.thread(markProcess, "marks")
	for i := range all {
		m := &all[i]
		t.put(traceEvent{Name: m.Text, Cat: string(m.Kind), Ph: "i", Ts: m.At.Microseconds(), Pid: markProcess, Tid: tid, Scope: "t",
			Args: map[string]any{"event": m.Seq}})
	}
}
