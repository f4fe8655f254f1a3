package sim

import "time"

// Event is one line of the trace: something that happened, when, and because of what.
type Event struct {
	Seq    int           // counts from 1 without gaps
	At     time.Duration // since the start of the run
	Cause  int           // Seq of the event that led to this one; 0 is the beginning of the world
	Actor  string        // who did it: "statefulset-controller", "kubelet/node-a", "raft/mysql-0", "client/writer", "network", "step"
	Verb   string        // what it did: one word in lower case
	Kind   string        // of what: an API kind, or "Container", "Volume", "Message", "Leader", "Request", "Link"
	Name   string        // which: "mysql-0", with its namespace in front unless that is "default"
	Reason string        // one word in CamelCase, Kubernetes' own where it has one; may be empty
	Detail string        // for people; may be empty
	Level  Level         // how much it matters to a reader; not part of the trace
}

// Level ranks events for a reader of the timeline.
type Level uint8

// The levels, from what is always shown to what only a whole trace shows.
const (
	Headline Level = iota // faults, failovers, verdicts, pods that become Ready or go
	Normal                // every write to the API server, and what the kubelets do
	Detail                // messages, probes, requests
)
