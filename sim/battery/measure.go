package battery

import (
	"fmt"
	"slices"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"

	"statefulsim/controller/store"
	"statefulsim/sim"
	"statefulsim/sim/why"
)

const (
	recovers   = "recovers"
	notBroken  = "breaks-what-it-says" // told of a world that recovers, although the scenario says that it breaks that
	unnoticed  = 2 * time.Second / pace
	unserved   = 30 * time.Second // without success at the end, it is down
	mostStuck  = 4
	giveUpSoon = time.Second // before a command gives up what it waits for can still be seen
)

// measure reads a run's result from its recording.
func (b *Battery) measure(r *run, rec *sim.Recording) Result {
	result := Result{Drill: r.drill.ID, Target: r.target, Set: r.set, Failovers: len(rec.Failovers), Services: b.services(r, rec), Together: b.together(rec)}
	for i := range rec.Failovers {
		if f := &rec.Failovers[i]; f.Recovered {
			result.Recovery = max(result.Recovery, tenths(f.Recovery))
		} else {
			result.Leaderless = true
		}
	}
	for i := range rec.Clients {
		result.Lost += rec.Clients[i].Lost
	}
	refusal := refused(rec)
	result.Stuck = stuck(rec, refusal)
	if rec.RecoveredAt > 0 {
		result.WellAfter = tenths(rec.RecoveredAt - r.at)
	}
	result.judge(rec, refusal, b.deserted(rec))
	return result
}

// tenths is a duration in seconds, to one decimal: more is chance.
func tenths(d time.Duration) float64 {
	return float64(d.Round(100*time.Millisecond).Milliseconds()) / 1000
}

// judge decides what the run came to.
func (r *Result) judge(rec *sim.Recording, refusal *sim.Event, deserted string) {
	r.Verdict = Yes
	set := func(verdict, reason string) {
		if rank(verdict) > rank(r.Verdict) {
			r.Verdict, r.Reason = verdict, reason
		}
	}
	if rec.RecoveredAt == 0 {
		for _, v := range rec.Broken {
			set(ByHand, v.Message)
		}
	}
	for _, s := range r.Services {
		if s.Down {
			set(No, fmt.Sprintf("the Service %s does not come back", s.Name))
		}
	}
	if rec.RecoveredAt == 0 && r.Drill == starting.ID {
		set(No, r.Reason)
	}
	if rec.RecoveredAt == 0 && deserted != "" {
		set(No, "most of the pods of "+deserted+" are not Ready")
	}
	if refusal != nil {
		set(No, "what was done was refused: "+refusal.Detail)
	}
	for _, v := range rec.Violations {
		if v.Invariant != notBroken {
			set(No, v.Invariant+": "+v.Message)
		}
	}
	if r.Lost > 0 {
		set(Lost, fmt.Sprintf("%d acknowledged writes are missing", r.Lost)+twoPrimaries(rec))
	}
}

// twoPrimaries tells of the longest time in which two primaries took writes, as a part of a sentence; "" if there was none.
func twoPrimaries(rec *sim.Recording) string {
	var worst sim.SplitBrain
	longest := time.Duration(0)
	for _, s := range rec.SplitBrains {
		until := s.Until
		if until == 0 {
			until = rec.Virtual
		}
		if until-s.From > longest {
			worst, longest = s, until-s.From
		}
	}
	if longest == 0 {
		return ""
	}
	return fmt.Sprintf(": %s both took writes for %s. A primary that must renew a lease stops in time (try --runs %s=replicated,fencing=lease)",
		strings.Join(worst.Pods, " and "), inWords(tenths(longest)), worst.Set[strings.LastIndex(worst.Set, "/")+1:])
}

// deserted names a set without clients that lacks most of its pods at the end: there is nobody who could tell that it works all the same.
func (b *Battery) deserted(rec *sim.Recording) string {
	ready := map[string]bool{}
	for i := range rec.Pods {
		ready[rec.Pods[i].Namespace+"/"+rec.Pods[i].Name] = rec.Pods[i].Ready
	}
	for i := range b.stage.sets {
		s, n := &b.stage.sets[i], 0
		for m := range s.replicas {
			if ready[s.Namespace+"/"+s.pod(m)] {
				n++
			}
		}
		if !s.served && s.replicas > 0 && n <= s.replicas/2 {
			return display(s.Namespace, s.Name)
		}
	}
	return ""
}

// refused finds the step that could not be done, or nil.
func refused(rec *sim.Recording) *sim.Event {
	for i := range rec.Events {
		if e := &rec.Events[i]; e.Kind == "Step" && (e.Verb == "fail" || e.Verb == "skip") {
			return e
		}
	}
	return nil
}

// stuck asks what waits: when a command gave up, or else at the end. In a world that is well a node that is gone, as the drill wanted it,
// is nothing that waits.
func stuck(rec *sim.Recording, refusal *sim.Event) []Stuck {
	all := []Stuck{}
	at := rec.Virtual
	if refusal != nil {
		at = refusal.At - giveUpSoon
	}
	for _, f := range why.At(rec, at) {
		node := strings.HasPrefix(f.Object, "Node ")
		if node && (rec.RecoveredAt > 0 || len(all) > 0) || refusal == nil && rec.RecoveredAt > 0 && !f.Forever || len(all) == mostStuck {
			continue
		}
		all = append(all, Stuck{f.Object, f.State, f.Until, f.Rule, f.Source, f.Cure, f.Links})
	}
	return all
}

// services measures how the Services that have a client fared from the beginning of the drill on.
func (b *Battery) services(r *run, rec *sim.Recording) []Service {
	all := make([]Service, len(b.stage.clients))
	for i, c := range b.stage.clients {
		all[i].Name = display(c.service.Namespace, c.service.Name)
		all[i].Outage, all[i].Down = outage(r.at, rec, c.name)
		all[i].NoEndpoints = tenths(withoutEndpoints(r.at, rec, c.service))
	}
	return all
}

// outage is the longest time without an acknowledged operation of a client, and whether it goes on at the end.
func outage(from time.Duration, rec *sim.Recording, client string) (seconds float64, open bool) {
	last, longest := time.Duration(0), time.Duration(0)
	for i := range rec.Events {
		e := &rec.Events[i]
		if e.Kind != "Request" || e.Verb != "ack" || !isOf(e.Name, client) {
			continue
		}
		if e.At > from {
			longest = max(longest, e.At-max(last, from))
		}
		last = e.At
	}
	tail := rec.Virtual - max(last, from)
	if open = tail > unserved; open {
		longest = max(longest, tail)
	}
	if longest <= unnoticed || from == 0 && !open {
		return 0, open // a start is no outage
	}
	return tenths(longest), open
}

// isOf tells whether an operation is one of the client: they are numbered, as reader-17.
func isOf(operation, client string) bool {
	number, is := strings.CutPrefix(operation, client+"-")
	return is && strings.Trim(number, "0123456789") == ""
}

// withoutEndpoints is how long altogether a Service had no ready endpoint.
func withoutEndpoints(from time.Duration, rec *sim.Recording, of *corev1.Service) (total time.Duration) {
	if from == 0 {
		return 0
	}
	since, down := from, false
	var seen *store.View
	for i := range rec.Frames {
		f := &rec.Frames[i]
		if f.Store == seen {
			continue
		}
		seen = f.Store
		if down {
			total += max(f.At-max(since, from), 0)
		}
		since, down = f.At, !endpointReady(f.Store, of)
	}
	if down {
		total += max(rec.Virtual-max(since, from), 0)
	}
	return total
}

func endpointReady(view *store.View, of *corev1.Service) bool {
	service, ok := store.Get[*corev1.Service](view, of.Namespace, of.Name)
	if !ok {
		return false
	}
	for slice := range store.ControlledBy[*discoveryv1.EndpointSlice](view, service.UID) {
		if slices.ContainsFunc(slice.Endpoints, func(e discoveryv1.Endpoint) bool { return e.Conditions.Ready != nil && *e.Conditions.Ready }) {
			return true
		}
	}
	return false
}

// together finds, for each set, the first two of its pods that share a node at the end, and the first two that share a zone.
func (b *Battery) together(rec *sim.Recording) (found []Together) {
	for i := range b.stage.sets {
		s := &b.stage.sets[i]
		where := map[string]place{}
		for j := range rec.Pods {
			if p := &rec.Pods[j]; p.Namespace == s.Namespace {
				where[p.Name] = place{p.Node, p.Zone}
			}
		}
		for _, zone := range []bool{false, true} {
			if t := s.shared(where, zone); t != nil {
				found = append(found, *t)
			}
		}
	}
	return found
}

func (s *set) shared(where map[string]place, zone bool) *Together {
	first := map[string]string{}
	for m := range s.replicas {
		pod := s.pod(m)
		at := where[pod].node
		if zone {
			at = where[pod].zone
		}
		if at != "" && first[at] != "" {
			return &Together{display(s.Namespace, s.Name), first[at] + " and " + pod, at, zone}
		}
		first[at] = pod
	}
	return nil
}
