package scenarios

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// world is a fixed world with counts of what was asked of it.
type world struct {
	pods      []PodFact
	ready     int64
	failovers []FailoverFact
	asked     map[string]int
}

func (w *world) ask(what string) {
	if w.asked == nil {
		w.asked = map[string]int{}
	}
	w.asked[what]++
}

func (w *world) Now() time.Duration { w.ask("now"); return 30 * time.Second }
func (w *world) Pods() []PodFact    { w.ask("pods"); return w.pods }
func (w *world) Sets() []SetFact {
	w.ask("sets")
	return []SetFact{{Name: "mysql", Replicas: 3, ReadyReplicas: w.ready, Primary: "mysql-0"}}
}
func (w *world) Nodes() []NodeFact   { w.ask("nodes"); return []NodeFact{{Name: "node-a", Ready: true}} }
func (w *world) Claims() []ClaimFact { w.ask("claims"); return nil }
func (w *world) Services() []ServiceFact {
	w.ask("services")
	return []ServiceFact{{Name: "mysql", Endpoints: []string{"mysql-0"}}}
}
func (w *world) Clients() []ClientFact {
	w.ask("clients")
	return []ClientFact{{Name: "writer", Acknowledged: 5}}
}
func (w *world) Peers() []PeerFact {
	w.ask("peers")
	return []PeerFact{{Pod: "mysql-0", Set: "mysql", State: "Leader", Term: 2, Voters: 3}}
}
func (w *world) Events() []EventFact {
	w.ask("events")
	return []EventFact{{Reason: "FailedAttachVolume", Object: "Pod/mysql-0", Count: 2}}
}
func (w *world) CronJobs() []CronJobFact   { w.ask("cronjobs"); return nil }
func (w *world) Jobs() []JobFact           { w.ask("jobs"); return nil }
func (w *world) Failovers() []FailoverFact { w.ask("failovers"); return w.failovers }

// compile checks an expression in the scenario of the crashed primary.
func compile(t testing.TB, text string) *Expr {
	t.Helper()
	e, err := tryCompile(text)
	require.NoError(t, err)
	return e
}

func tryCompile(text string) (*Expr, error) {
	file := "for: 1m\nmanifests: [manifests/mysql.yaml]\nclients: [{name: writer, writes: mysql-primary}]\nexpect: [{finally: " + yamlText(text) + "}]\n"
	s, err := Parse("test.yaml", []byte(file), embedded)
	if err != nil {
		return nil, err
	}
	return s.Expect[0].That, nil
}

func TestExpressions(t *testing.T) {
	w := &world{ready: 2, pods: []PodFact{
		{Name: "mysql-0", Set: "mysql", Ready: true, Role: "primary"},
		{Name: "mysql-1", Set: "mysql", Ordinal: 1, Restarts: 2},
	}}
	for _, test := range []struct {
		text  string
		holds bool
		seen  string
	}{
		{"set.mysql.readyReplicas == 2", true, ""},
		{"set.mysql.readyReplicas == 3", false, "set.mysql.readyReplicas is 2"},
		{"set['mysql'].readyReplicas == set.mysql.replicas", false, `set["mysql"].readyReplicas is 2; set.mysql.replicas is 3`},
		{"pods.size() == 2 && pod['mysql-1'].ready", false, `pod["mysql-1"].ready is false`},
		{"pod['mysql-0'].role == 'replica' || now < 10", false, `pod["mysql-0"].role is "primary"; now is 30`},
		{"pods.all(p, p.ready)", false, "pods.all(p, p.ready) is false because of mysql-1"},
		{"pods.all(p, p.ready && p.restarts == 0 && p.set == 'mysql' && p.name.startsWith('mysql') && p.role == 'primary')", false,
			`pods.all(p, p.ready && p.restarts == 0 && p.set == "mysql" && p.name.startsWith("mysql") && p.role == "primary") is false because of mysql-1`},
		{"pods.exists(p, p.restarts == 2)", true, ""},
		{"pod['mysql-2'].ready", false, `pod["mysql-2"].ready is not so: there is no "mysql-2"`},
		{"!pod['mysql-2'].ready", false, `pod["mysql-2"].ready is not so: there is no "mysql-2"`},
		{"'mysql-2' in pod", false, "pod is 2 of them"},
		{"failovers[0].lostWrites == 0", false, "failovers[0].lostWrites is not so: there is no item 0"},
		{"failovers.all(f, f.lostWrites == 0)", true, ""},
		{"'mysql-1' in service.mysql.endpoints", false, `service.mysql.endpoints is ["mysql-0"]`},
		{"client.writer.acknowledged > 4 && now == 30.0 && now > 29", true, ""},
		{"pod.all(name, name.startsWith('mysql'))", true, ""},
		{"pods == pods && pods[0] != pods[1]", true, ""},
		{"node['node-a'].ready ? set.mysql.primary == 'mysql-1' : false", false,
			`node["node-a"].ready is true; set.mysql.primary is "mysql-0"`},
	} {
		t.Run(test.text, func(t *testing.T) {
			e := compile(t, test.text)
			holds, err := e.Holds(w)
			require.NoError(t, err)
			require.Equal(t, test.holds, holds)
			if !holds {
				require.Equal(t, test.seen, e.Seen(w))
			}
		})
	}
}

func TestExpressionAsksOnlyForWhatItUses(t *testing.T) {
	w := &world{ready: 3}
	e := compile(t, "set.mysql.readyReplicas == 3 && sets.size() == 1 && now > 10")
	require.Equal(t, []string{"now", "sets"}, e.Uses())
	holds, err := e.Holds(w)
	require.NoError(t, err)
	require.True(t, holds)
	require.Equal(t, map[string]int{"now": 1, "sets": 1}, w.asked)
}

func TestExpressionThatCannotBeComputed(t *testing.T) {
	_, err := compile(t, "set.mysql.readyReplicas / 0 == 1").Holds(&world{})
	require.ErrorContains(t, err, "divi")
}

func BenchmarkHolds(b *testing.B) {
	w := &world{ready: 3}
	e := compile(b, "set.mysql.readyReplicas == 3 && client.writer.acknowledged >= 20")
	for b.Loop() {
		if _, err := e.Holds(w); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkSeen(b *testing.B) {
	w := &world{ready: 2}
	e := compile(b, "set.mysql.readyReplicas == 3 && client.writer.acknowledged >= 20")
	for b.Loop() {
		_ = e.Seen(w)
	}
}
