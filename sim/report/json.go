package report

import (
	"encoding/json"
	"io"
	"time"

	"statefulsim/sim"
)

// SchemaVersion is that of Document. It grows when a key goes away or changes its meaning; a new key does not change it.
const SchemaVersion = 1

// Document is the report for machines. Its keys are an interface. Durations and instants are numbers of seconds; instants
// count from the start of the run, in virtual time. Lists are never null.
type Document struct {
	SchemaVersion  int           `json:"schemaVersion"`
	Scenario       string        `json:"scenario"`           // its name
	Variant        string        `json:"variant"`            // which of the runs of its file; "" if there is one
	Seed           uint64        `json:"seed"`               // may need all of its 64 bits
	Verdict        string        `json:"verdict"`            // "pass" or "fail"
	Interrupted    bool          `json:"interrupted"`        // the user stopped the run; the rest is what was reached, and the verdict "fail"
	VirtualSeconds float64       `json:"virtualSeconds"`     // how far the run came
	RecoveredAt    float64       `json:"recoveredAtSeconds"` // since when all was well again, for a scenario that asks; 0 if it was not, or does not ask
	WallSeconds    float64       `json:"wallSeconds"`        // how long that took; the one key that differs from run to run
	Events         int           `json:"events"`             // lines of the trace
	TraceSHA256    string        `json:"traceSHA256"`        // of the trace as --trace writes it
	Expectations   []Expectation `json:"expectations"`       // in the order of the scenario
	Violations     []Violation   `json:"violations"`         // in the order of their instants
	Broken         []Violation   `json:"broken"`             // likewise, those that the scenario says it breaks
	Doubles        []Double      `json:"doubles"`            // in the order in which they began
	SplitBrains    []SplitBrain  `json:"splitBrains"`        // likewise
	Failovers      []Failover    `json:"failovers"`          // in the order of their instants
	Clients        []Client      `json:"clients"`            // in the order of the scenario
	Pods           []Pod         `json:"pods"`               // those that exist at the end, by namespace and name
	Reproduce      string        `json:"reproduce"`          // a command for a shell

	// Runs and DistinctTraces are there if the scenario was run more than once with the seed; the rest is of the first run.
	Runs           int `json:"runs,omitempty"`
	DistinctTraces int `json:"distinctTraces,omitempty"`
}

// Expectation is the verdict on something that the scenario expects.
type Expectation struct {
	Name      string  `json:"name"`
	Verdict   string  `json:"verdict"` // "pass" or "fail"
	AtSeconds float64 `json:"atSeconds"`
	Message   string  `json:"message"` // for a failed one: what was seen
}

// Violation is an invariant that did not hold.
type Violation struct {
	Invariant string  `json:"invariant"`
	AtSeconds float64 `json:"atSeconds"`
	Message   string  `json:"message"`
}

// Double is two processes of one identity that lived at the same time.
type Double struct {
	Pod          string    `json:"pod"` // with its namespace in front unless that is "default"
	Container    string    `json:"container"`
	Nodes        [2]string `json:"nodes"` // of the process that ran already, and of the one that started beside it
	FromSeconds  float64   `json:"fromSeconds"`
	UntilSeconds float64   `json:"untilSeconds"`
	BeganSeq     int       `json:"beganSeq"` // of the event that started the second
	ApartSeq     int       `json:"apartSeq"` // of the one that cut the first one's node off; 0 if none did
	EndedSeq     int       `json:"endedSeq"` // of the one that ended either; 0 if both outlived the run
}

// Failover is the loss of a primary.
type Failover struct {
	Set             string  `json:"set"` // name of the StatefulSet
	AtSeconds       float64 `json:"atSeconds"`
	Cause           string  `json:"cause"`
	CauseSeq        int     `json:"causeSeq"`        // seq of that event in the trace
	OldPrimary      string  `json:"oldPrimary"`      // a pod
	NewPrimary      string  `json:"newPrimary"`      // a pod; "" if none took over
	Phases          []Phase `json:"phases"`          // those that were reached, in their order
	Recovered       bool    `json:"recovered"`       // all phases were reached
	RecoverySeconds float64 `json:"recoverySeconds"` // the sum of the phases; 0 if it did not recover
	LostWrites      int     `json:"lostWrites"`      // acknowledged, and missing at the end
}

// Phase is a stretch of a failover. It begins where the one before ended.
type Phase struct {
	Name    string  `json:"name"`
	Seconds float64 `json:"seconds"`
	Seq     int     `json:"seq"` // of the event in the trace that ended it
}

// Client counts what became of a client's operations.
type Client struct {
	Name         string `json:"name"`
	Acknowledged int    `json:"acknowledged"`
	Failed       int    `json:"failed"`
	Unknown      int    `json:"unknown"` // nobody knows whether they were done: sent and not answered
	Lost         int    `json:"lost"`    // acknowledged, and missing at the end
}

// Pod is a pod as it is at the end.
type Pod struct {
	Namespace string `json:"namespace"`
	Name      string `json:"name"`
	Node      string `json:"node"`
	Zone      string `json:"zone"`
	Phase     string `json:"phase"`
	Ready     bool   `json:"ready"`
	Restarts  int32  `json:"restarts"`
	Revision  string `json:"revision"`
	Volume    string `json:"volume"`
	Role      string `json:"role"` // "primary", "replica" or ""
}

// JSON writes the report for machines: one Document. The error is that of w.
func JSON(w io.Writer, rec *sim.Recording, c Context) error {
	out := json.NewEncoder(w)
	out.SetEscapeHTML(false)
	out.SetIndent("", "  ")
	return out.Encode(document(rec, c))
}

func document(rec *sim.Recording, c Context) *Document {
	return &Document{
		SchemaVersion: SchemaVersion, Scenario: rec.Scenario.Name, Variant: rec.Scenario.Variant, Seed: rec.Seed,
		Verdict: passOrFail(rec.Passed()), Interrupted: rec.Interrupted,
		VirtualSeconds: rec.Virtual.Seconds(), RecoveredAt: rec.RecoveredAt.Seconds(), WallSeconds: rec.Wall.Seconds(), Events: len(rec.Events), TraceSHA256: rec.Hash,
		Expectations: each(rec.Expectations, expectation), Violations: each(rec.Violations, violation),
		Broken: each(rec.Broken, violation), Doubles: each(rec.Doubles, double), SplitBrains: each(rec.SplitBrains, splitBrain),
		Failovers: each(rec.Failovers, failover), Clients: each(rec.Clients, client), Pods: each(rec.Pods, pod),
		Reproduce: c.Reproduce, Runs: c.Runs, DistinctTraces: c.DistinctTraces,
	}
}

// each maps a list; the result is never nil, so that it is never null.
func each[A, B any](all []A, f func(A) B) []B {
	mapped := make([]B, len(all))
	for i := range all {
		mapped[i] = f(all[i])
	}
	return mapped
}

func passOrFail(passed bool) string { return map[bool]string{true: "pass", false: "fail"}[passed] }

func expectation(o sim.Outcome) Expectation {
	return Expectation{Name: o.Name, Verdict: passOrFail(o.Passed), AtSeconds: o.At.Seconds(), Message: o.Message}
}

func violation(v sim.Violation) Violation {
	return Violation{Invariant: v.Invariant, AtSeconds: v.At.Seconds(), Message: v.Message}
}

func double(d sim.Double) Double {
	return Double{Pod: d.Pod, Container: d.Container, Nodes: d.Nodes, FromSeconds: d.From.Seconds(), UntilSeconds: d.Until.Seconds(),
		BeganSeq: d.Began, ApartSeq: d.Apart, EndedSeq: d.Ended}
}

func failover(f sim.Failover) Failover {
	var recovery time.Duration
	if f.Recovered {
		recovery = f.Recovery
	}
	return Failover{
		Set: f.Set, AtSeconds: f.At.Seconds(), Cause: f.Cause, CauseSeq: f.CauseSeq, OldPrimary: f.OldPrimary, NewPrimary: f.NewPrimary,
		Phases: each(f.Phases, phase), Recovered: f.Recovered, RecoverySeconds: recovery.Seconds(), LostWrites: f.LostWrites,
	}
}

func phase(p sim.Phase) Phase { return Phase{Name: p.Name, Seconds: p.Took.Seconds(), Seq: p.Seq} }

func client(c sim.ClientResult) Client { return Client(c) }

func pod(p sim.PodState) Pod {
	return Pod{Namespace: p.Namespace, Name: p.Name, Node: p.Node, Zone: p.Zone, Phase: p.Phase, Ready: p.Ready, Restarts: p.Restarts,
		Revision: p.Revision, Volume: p.Volume, Role: p.Role}
}
