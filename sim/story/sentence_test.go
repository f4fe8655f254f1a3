package story

import (
	"testing"

	"github.com/stretchr/testify/require"

	"statefulsim/sim"
)

// Events that the recordings of the other tests do not have.
func TestSentence(t *testing.T) {
	for want, e := range map[string]sim.Event{
		"deletes pod web-0, grace period 30s":                               {Verb: "delete", Kind: "Pod", Name: "web-0", Detail: "grace period 30s"},
		"pod web-0 is gone":                                                 {Verb: "remove", Kind: "Pod", Name: "web-0"},
		"pod web-0 changes":                                                 {Verb: "update", Kind: "Pod", Name: "web-0"},
		"node node-a: Ready True → Unknown":                                 {Verb: "update", Kind: "Node", Name: "node-a", Reason: "NodeReady", Detail: "Ready True → Unknown"},
		"will try StatefulSet web again: timeout":                           {Verb: "retry", Kind: "StatefulSet", Name: "web", Reason: "FailedSync", Detail: "timeout"},
		"starts container web-0/nginx, restart 2":                           {Verb: "start", Kind: "Container", Name: "web-0/nginx", Reason: "Started", Detail: "restart 2"},
		"container web-0/nginx is killed, by a step of the scenario":        {Verb: "kill", Kind: "Container", Name: "web-0/nginx", Reason: "Killed", Detail: "by a step of the scenario"},
		"container web-0/nginx has ended":                                   {Verb: "exit", Kind: "Container", Name: "web-0/nginx", Reason: "Completed"},
		"pod web-0: liveness probe failed, container nginx":                 {Verb: "ProbeFailed", Kind: "Pod", Name: "web-0", Reason: "Liveness", Detail: "container nginx"},
		"pod web-0: exited (Error): container nginx ended with exit code 1": {Verb: "Exited", Kind: "Pod", Name: "web-0", Reason: "Error", Detail: "container nginx ended with exit code 1"},
		"the machine of node-a loses its power":                             {Verb: "crash", Kind: "Machine", Name: "node-a", Reason: "PowerLost"},
		"the machine of node-a shuts down, to boot again":                   {Verb: "reboot", Kind: "Machine", Name: "node-a", Reason: "Reboot"},
		"the machine of node-a is up again, and its kubelet starts":         {Verb: "boot", Kind: "Machine", Name: "node-a", Reason: "Booted"},
		"peer db-0 founds its group, db-0.db":                               {Actor: "kubelet/a", Verb: "bootstrap", Kind: "Peer", Name: "db-0", Detail: "db-0.db"},
		"follows db-1 in term 2":                                            {Actor: "raft/db-0", Verb: "follow", Kind: "Peer", Name: "db-0", Reason: "Leader", Detail: "db-1 in term 2"},
		"serves as primary, term 2":                                         {Actor: "raft/db-0", Verb: "serve", Kind: "Peer", Name: "db-0", Reason: "Primary", Detail: "term 2"},
		"has caught up, applied 9":                                          {Actor: "raft/db-0", Verb: "catchup", Kind: "Peer", Name: "db-0", Detail: "applied 9"},
		"opens its volume, db-0.db":                                         {Actor: "raft/db-0", Verb: "open", Kind: "Peer", Name: "db-0", Detail: "db-0.db"},
		"AppendEntries db-0→db-1 is lost: partition":                        {Verb: "lose", Kind: "Message", Name: "db-0→db-1", Reason: "AppendEntries", Detail: "partition"},
		"resolves mysql-primary: 10.0.0.1":                                  {Verb: "resolve", Kind: "Name", Name: "mysql-primary", Detail: "10.0.0.1"},
		"link a→b: broken in two (Cut): by a step":                          {Verb: "BrokenInTwo", Kind: "Link", Name: "a→b", Reason: "Cut", Detail: "by a step"},
	} {
		require.Equal(t, want, Sentence(&e, sim.Detail))
	}
}
