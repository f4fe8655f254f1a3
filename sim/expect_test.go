package sim

import (
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// said is the message of each expectation that failed, by its name, without instants and numbers of events.
func said(rec *Recording) map[string]string {
	all := map[string]string{}
	for _, o := range rec.Expectations {
		if !o.Passed {
			all[o.Name] = exact.ReplaceAllString(o.Message, "N")
		}
	}
	return all
}

var exact = regexp.MustCompile(`[0-9]+\.[0-9]{3} s, after event [0-9]+`)

// An expectation is judged in its stretch of the run, and one that fails shows what it saw, and when.
func TestStretches(t *testing.T) {
	rec := raftWorld(t, "60s", `
- {name: dies, at: 40s, kill: the primary of db}
expect:
- {name: soon, eventually: 'set.db.primary == ""', after: dies, within: 5s}
- {name: later, eventually: now > 50.0, after: dies, within: 5s}
- {name: never so, eventually: set.db.replicas == 4, by: 50s}
- {name: well before, always: set.db.readyReplicas == 3, from: 35s, until: 39s}
- {name: wrong from the start, always: claims.size() == 0, from: 38s, until: 38010ms}
- {name: well after, always: set.db.primary != "", from: 35s}
- {name: not from then on, never: set.db.replicas == 3, after: dies}
- {name: not in vain, never: failovers.size() > 0, until: 40s}
- {name: in order, inOrder: ['set.db.primary == ""', 'failovers.exists(f, f.recovered)'], after: dies}
- {name: wrong order, inOrder: [failovers.size() > 0, set.db.readyReplicas == 3]}
- {name: half, inOrder: [set.db.readyReplicas == 3, set.db.replicas == 4], by: 50s}
`)
	require.Equal(t, map[string]string{
		"later":                "did not hold from 40.000 s to 45.000 s; then, at N: now is 45",
		"never so":             "did not hold by 50.000 s; then, at N: set.db.replicas is 3",
		"wrong from the start": "at N: claims.size() is 3",
		"well after":           `at N: set.db.primary is ""`,
		"not from then on":     "at N: set.db.replicas is 3",
		"wrong order":          "failovers.size() > 0 has not held: failovers.size() is 0; set.db.readyReplicas == 3 held before that, at N",
		"half":                 "set.db.readyReplicas == 3 held first at N; set.db.replicas == 4 has not held: set.db.replicas is 3",
	}, said(rec))
}

// The window of a step that never began never opens.
func TestStretchOfAStepThatNeverBegan(t *testing.T) {
	rec := raftWorld(t, "20s", `
- {name: perhaps, when: now > 100.0, optional: true, kill: db-0}
expect:
- {name: something, eventually: now > 1.0, after: perhaps}
- {name: all well, always: now < 0.0, after: perhaps}
`)
	require.Equal(t, map[string]string{"something": "perhaps never began, and with that it was to begin"}, said(rec))
}

// Expressions ask for peers, Events, and what else there is to know.
func TestFacts(t *testing.T) {
	rec := raftWorld(t, "75s", `
- {name: dies, at: 40s, crash: the node of the primary of db}
- {at: 41s, kubectl: cordon node-b-1}
- {at: 42s, kubectl: taint nodes node-b-1 a=b:NoSchedule}
- {at: 55s, kubectl: delete pod db-0 --force --grace-period=0}
expect:
- {at: 39s, that: 'peers.size() == 3 && peers.filter(p, p.state == "Leader").size() == 1 && peer["db-0"].voters == 3'}
- {at: 39s, that: 'peers.all(p, p.leader == set.db.primary && p.set == "db" && p.term > 0 && p.commit <= p.lastIndex && p.applied > 0)'}
- {at: 39s, that: 'pods.all(p, p.reason == "Running") && nodes.all(n, !n.down && !n.unschedulable && n.taints == [])'}
- {at: 39s, that: 'claims.all(c, c.capacity == "1Gi" && c.storageClass == "standard" && c.attachedTo.size() == 1)'}
- {at: 45s, that: 'nodes.filter(n, n.down).size() == 1 && node["node-b-1"].unschedulable && "a=b:NoSchedule" in node["node-b-1"].taints'}
- {at: 39s, that: 'client.reader.maxOutageSeconds > 3.0 && client.reader.maxOutageSeconds < 38.0 && set.db.updateStrategy == "RollingUpdate"'}
- {at: 39s, that: 'events.exists(e, e.reason == "Started" && e.object == "Pod/db-0" && e.count >= 1 && e.firstSeconds <= e.lastSeconds)'}
- {finally: 'events.exists(e, e.reason == "NoSuchReason")'}
- {eventually: 'pods.exists(p, p.reason == "ContainerCreating")'}
`)
	failed := said(rec)
	require.Len(t, failed, 1, "%v", failed)
	for name, message := range failed {
		require.True(t, strings.HasPrefix(name, "finally events.exists"), name)
		require.Contains(t, message, "is false")
	}
}
