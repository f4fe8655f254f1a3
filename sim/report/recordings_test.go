package report

import (
	"time"

	"statefulsim/scenarios"
	"statefulsim/sim"
)

const ms = time.Millisecond

// crash is the recording of a run in which all went well: the primary was killed, and another took over.
func crash() *sim.Recording {
	rec := &sim.Recording{
		Scenario: &scenarios.Scenario{Name: "primary-crash", Title: "The primary of a replicated database is killed, and another takes over", For: 120 * time.Second},
		Seed:     7, Hash: "5f0c", Virtual: 120 * time.Second, Wall: 160 * ms,
		Expectations: []sim.Outcome{
			{Name: "all three are ready at the end", Passed: true, At: 120 * time.Second},
			{Name: "no acknowledged write was lost", Passed: true, At: 120 * time.Second},
		},
		Failovers: []sim.Failover{{
			Set: "mysql", At: 82123 * ms, Cause: "its process ended", CauseSeq: 9, OldPrimary: "mysql-0", NewPrimary: "mysql-1",
			Phases: []sim.Phase{stretch("noticed", 1204, 11), stretch("elected", 301, 15), stretch("label moved", 104, 16),
				stretch("endpoints updated", 513, 17), stretch("first successful write", 9, 18)},
			Recovery: 2131 * ms, Recovered: true,
		}},
		Clients: []sim.ClientResult{{Name: "writer", Acknowledged: 1218, Failed: 3, Unknown: 1}, {Name: "replica-reader", Acknowledged: 225}},
		Pods: []sim.PodState{
			{Namespace: "default", Name: "mysql-0", Node: "node-a", Zone: "zone-a", Phase: "Running", Revision: "mysql-5b8c", Volume: "pvc-data-mysql-0", Role: "replica", Ready: true, Restarts: 1},
			{Namespace: "default", Name: "mysql-1", Node: "node-b", Zone: "zone-b", Phase: "Running", Revision: "mysql-5b8c", Volume: "pvc-data-mysql-1", Role: "primary", Ready: true},
			{Namespace: "shop", Name: "web-0", Phase: "Pending"},
		},
	}
	happened(rec, 0, 0, "step", "create", "StatefulSet", "mysql", "", "replicas 3", sim.Normal)
	happened(rec, 512*ms, 1, "statefulset-controller", "create", "Pod", "mysql-0", "", "revision mysql-5b8c", sim.Headline)
	happened(rec, 530*ms, 2, "default-scheduler", "event", "Pod", "mysql-0", "FailedScheduling", "0/3 nodes are available: 3 Insufficient cpu.", sim.Headline)
	happened(rec, 1530*ms, 2, "default-scheduler", "event", "Pod", "mysql-0", "FailedScheduling", "0/3 nodes are available: 3 Insufficient cpu.", sim.Headline)
	happened(rec, 2530*ms, 2, "default-scheduler", "update", "Pod", "mysql-0", "", "bound to node node-a", sim.Normal)
	happened(rec, 9400*ms, 5, "kubelet/node-a", "ProbeSucceeded", "Pod", "mysql-0", "readiness", "container mysql", sim.Normal)
	happened(rec, 9401*ms, 6, "kubelet/node-a", "update", "Pod", "mysql-0", "Ready", "phase Pending → Running, container mysql running, is Ready", sim.Headline)
	happened(rec, 82123*ms, 0, "step", "begin", "Step", "crash", "Step", "kill: the primary of mysql", sim.Headline)
	happened(rec, 82123*ms, 8, "step", "kill", "Pod", "mysql-0", "Kill", "container mysql", sim.Headline)
	happened(rec, 82123*ms, 9, "raft/mysql-0", "lose", "Primary", "mysql", "PrimaryLost", "mysql-0: its process ended", sim.Headline)
	happened(rec, 83327*ms, 9, "raft/mysql-1", "become", "Peer", "mysql-1", "Candidate", "term 3", sim.Headline)
	happened(rec, 83400*ms, 11, "raft/mysql-1", "deliver", "Message", "mysql-1→mysql-2", "RequestVote", "term 3, last 512 of term 2", sim.Detail)
	happened(rec, 83500*ms, 12, "raft/mysql-2", "answer", "Message", "mysql-2→mysql-1", "RequestVote", "term 3, granted", sim.Detail)
	happened(rec, 83620*ms, 9, "client/writer", "fail", "Request", "writer-96", "Attempt", "connection refused", sim.Detail)
	happened(rec, 83628*ms, 13, "raft/mysql-1", "become", "Peer", "mysql-1", "Leader", "term 3", sim.Headline)
	happened(rec, 83732*ms, 15, "raft/mysql-1", "update", "Pod", "mysql-1", "Role", "label role=replica → primary", sim.Headline)
	happened(rec, 84245*ms, 16, "endpointslice-controller", "update", "EndpointSlice", "mysql-primary-x", "", "ready endpoints [] → [mysql-1]", sim.Normal)
	happened(rec, 84254*ms, 17, "client/writer", "ack", "Request", "writer-99", "write", "k3 by mysql-1", sim.Detail)
	happened(rec, 84254*ms, 18, "client/writer", "recover", "Primary", "mysql", "Recovered", "mysql-1 serves writes again, 2.131 s after mysql-0 was lost", sim.Headline)
	happened(rec, 84300*ms, 9, "kubelet/node-a", "update", "Pod", "mysql-0", "NotReady", "container mysql terminated: Error, exit code 137, is not Ready", sim.Headline)
	happened(rec, 120*time.Second, 0, "expectation", "judge", "Expectation", "all three are ready at the end", "Passed", "", sim.Headline)
	return rec
}

// twins is the recording of a run that broke an invariant, as its scenario says: a node was cut off, and its pod replaced.
func twins() *sim.Recording {
	message := "container db of pod default/db-1 started on node node-b (UID 2) while one of that identity runs on node node-a (UID 1)"
	rec := &sim.Recording{
		Scenario: &scenarios.Scenario{Name: "double", For: 600 * time.Second, Breaks: []string{"one-process-per-identity"}},
		Seed:     1, Hash: "88bb", Virtual: 600 * time.Second, Wall: 20 * ms,
		Broken: []sim.Violation{{Invariant: "one-process-per-identity", Why: "There shall be one.", At: 140 * time.Second, Message: message}},
		Doubles: []sim.Double{
			{Pod: "db-1", Container: "db", Nodes: [2]string{"node-a", "node-b"}, From: 140 * time.Second, Until: 201 * time.Second, Began: 6, Apart: 1, Ended: 9},
			{Pod: "db-1", Container: "db", Nodes: [2]string{"node-a", "node-b"}, From: 210 * time.Second, Until: 220 * time.Second, Began: 6, Ended: 9},
			{Pod: "db-2", Container: "db", Nodes: [2]string{"node-a", "node-c"}, From: 300 * time.Second, Until: 600 * time.Second, Began: 6},
		},
	}
	happened(rec, 60*time.Second, 0, "step", "begin", "Step", "cut", "Step", "partition: {from: node node-a, to: the control plane}", sim.Headline)
	happened(rec, 110*time.Second, 1, "node-lifecycle-controller", "update", "Node", "node-a", "NodeReady", "Ready True → Unknown", sim.Headline)
	happened(rec, 130*time.Second, 0, "step", "begin", "Step", "force", "Step", "kubectl: delete pod db-1 --force", sim.Headline)
	happened(rec, 130*time.Second, 3, "kubectl", "remove", "Pod", "db-1", "", "", sim.Headline)
	happened(rec, 130004*ms, 4, "statefulset-controller", "create", "Pod", "db-1", "", "revision db-5b8c", sim.Headline)
	happened(rec, 140*time.Second, 5, "kubelet/node-b", "start", "Container", "db-1/db", "Started", "", sim.Normal)
	happened(rec, 140*time.Second, 6, "invariant", "violate", "Invariant", "one-process-per-identity", "Violated", message, sim.Headline)
	happened(rec, 200*time.Second, 1, "step", "heal", "Step", "cut", "Healed", "", sim.Headline)
	happened(rec, 201*time.Second, 8, "kubelet/node-a", "exit", "Container", "db-1/db", "Completed", "", sim.Normal)
	happened(rec, 201*time.Second, 9, "kubelet/node-a", "restore", "Invariant", "one-process-per-identity", "Restored",
		"container db of pod db-1 runs on node node-b alone, after 61.000 s with two", sim.Headline)
	return rec
}

// failed is the recording of a run in which nothing went well.
func failed() *sim.Recording {
	split := "mysql-0 and mysql-1 both lead in term 4"
	rec := &sim.Recording{
		Scenario: &scenarios.Scenario{Name: "x", Title: "Two <primaries> & more", For: 60 * time.Second},
		Seed:     1, Hash: "77aa", Virtual: 31500 * ms, Wall: 20 * ms, Interrupted: true,
		Expectations: []sim.Outcome{
			{Name: "one failover", At: 31500 * ms, Message: "failovers.size() is 2"},
			{Name: "always ready", Passed: true, At: 31500 * ms},
		},
		Violations: []sim.Violation{
			{Invariant: "one-leader-per-term", At: 20 * time.Second, Message: split},
			{Invariant: "one-leader-per-term", At: 21 * time.Second, Message: split},
			{Invariant: "one-leader-per-term", At: 22 * time.Second, Message: split},
			{Invariant: "no-acknowledged-write-lost", At: 31500 * ms, Message: "client writer was told at 19.000 s that k=7 is written, and it is gone"},
		},
		Failovers: []sim.Failover{{Set: "mysql", At: 19 * time.Second, Cause: "cut off", CauseSeq: 1, OldPrimary: "mysql-0",
			Phases: []sim.Phase{stretch("noticed", 1500, 2)}, LostWrites: 1}},
		Clients: []sim.ClientResult{{Name: "writer", Acknowledged: 4, Lost: 1}},
	}
	happened(rec, 19*time.Second, 0, "step", "begin", "Step", "cut", "Step", "partition: {from: mysql-0, to: everything else}", sim.Headline)
	happened(rec, 20*time.Second, 1, "raft/mysql-1", "violate", "Invariant", "one-leader-per-term", "Violated", split, sim.Headline)
	happened(rec, 29*time.Second, 1, "step", "heal", "Step", "cut", "Healed", "", sim.Headline)
	happened(rec, 30*time.Second, 0, "step", "fail", "Step", "again", "Refused", "there is no pod mysql-9", sim.Headline)
	happened(rec, 31500*ms, 0, "expectation", "judge", "Expectation", "one failover", "Failed", "failovers.size() is 2", sim.Headline)
	return rec
}

func happened(rec *sim.Recording, at time.Duration, cause int, actor, verb, kind, name, reason, detail string, level sim.Level) {
	rec.Events = append(rec.Events, sim.Event{Seq: len(rec.Events) + 1, At: at, Cause: cause, Actor: actor, Verb: verb, Kind: kind,
		Name: name, Reason: reason, Detail: detail, Level: level})
}

func stretch(name string, milliseconds time.Duration, seq int) sim.Phase {
	return sim.Phase{Name: name, Took: milliseconds * ms, Seq: seq}
}
