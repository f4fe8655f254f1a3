package sim

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"statefulsim/controller/condition"
	"statefulsim/controller/store"
	"statefulsim/scenarios"
)

// watchOver fails the set over if its primary has been lost for long enough. It returns when to look again.
func (o *operator) watchOver(v *view) (again time.Duration) {
	now, why := o.w.loop.Now(), o.loss(v)
	switch {
	case v.electing:
		return agentRetry
	case why == "" || !v.founded:
		v.lost, v.noticed, v.refusal = false, false, ""
		if v.promised > v.now.timeline {
			o.decide(v.key, v.now, v.now.holder, "it is there again") // replicas have promised to follow it no longer
		}
		return o.measure(v)
	case !v.lost:
		v.lost, v.since = true, now
	}
	due := v.since + v.options.FailoverDelay
	if v.options.Fencing == scenarios.FencingLease {
		due = max(due, v.sight+v.options.LeaseDuration)
	}
	if due > now {
		return due - now
	}
	if !v.noticed {
		v.noticed = true
		seq := o.w.tell(Event{Verb: "miss", Kind: "Primary", Name: DisplayName(v.key.Namespace, v.key.Name), Reason: "PrimaryMissed",
			Detail: v.now.holder + ": " + why, Level: Headline})
		o.w.failovers.noticed(o.w, v.key, seq)
	}
	o.elect(v, why, func() {})
	return agentRetry
}

// loss says why the primary is lost, by what the operator goes by; it is "" if it is not.
func (o *operator) loss(v *view) string {
	pod := v.holder()
	switch {
	case v.options.Fencing == scenarios.FencingLease && o.w.loop.Now() >= v.sight+v.options.LeaseDuration:
		return "its lease has run out"
	case v.options.Detects == scenarios.DetectsPod && pod == nil:
		return "its pod is gone"
	case v.options.Detects == scenarios.DetectsPod && !condition.PodReady(pod):
		return "its pod is not Ready"
	case v.options.Detects == scenarios.DetectsNode && pod != nil && pod.Spec.NodeName != "":
		if node, ok := store.Get[*corev1.Node](v.cache, "", pod.Spec.NodeName); !ok || !condition.NodeReady(node) {
			return "its node is not Ready"
		}
	}
	return ""
}

// leaseLook is how often the operator looks at a lease that somebody has to renew.
const leaseLook = time.Second

// measure asks the primary now and then how far it is, if that will matter. It returns when to look at the set again.
func (o *operator) measure(v *view) (again time.Duration) {
	if v.options.Fencing == scenarios.FencingLease {
		again = leaseLook
	}
	pod := v.holder()
	if v.options.MaxLag < 0 || pod == nil || pod.Status.PodIP == "" {
		return again
	}
	if o.w.loop.Now() >= v.asked+agentRetry {
		v.asked = o.w.loop.Now()
		o.w.request(controlPlane, pod.Status.PodIP, "poll", poll{}, agentTimeout, func(answer any, err error) {
			if err == nil {
				v.position = answer.(report).entries
			}
		})
	}
	return agentRetry
}

// candidate is an instance that answered how far it is.
type candidate struct {
	pod     string
	ordinal int
	report
}

// elect asks all instances but the primary how far they are, and makes the one that is farthest the primary. done is called when that
// has been decided, or cannot be.
func (o *operator) elect(v *view, why string, done func()) {
	v.electing = true
	ask := poll{}
	if v.options.Mode == scenarios.Sync {
		v.promised = max(v.promised, v.now.timeline+1)
		ask.promise = v.promised
	}
	open, answers := 1, []candidate(nil)
	heard := func() {
		if open--; open > 0 || o.gone() {
			return
		}
		v.electing = false
		o.choose(v, answers, why)
		done()
	}
	for _, pod := range v.pods {
		if pod.Name == v.now.holder || pod.Status.PodIP == "" || pod.DeletionTimestamp != nil {
			continue
		}
		open++
		o.w.request(controlPlane, pod.Status.PodIP, "poll", ask, agentTimeout, func(answer any, err error) {
			if err == nil {
				answers = append(answers, candidate{pod.Name, ordinalOf(pod), answer.(report)})
			}
			heard()
		})
	}
	heard()
}

// choose decides for one of those that answered, or says why it cannot.
func (o *operator) choose(v *view, answers []candidate, why string) {
	if lease, ok := o.w.leaseOf(o.w.store.View(), v.key); ok {
		v.now.replicas = o.w.leadershipOf(lease).replicas // the primary may have changed it since
	}
	best, refusal := v.best(answers)
	switch {
	case refusal == "":
		o.decide(v.key, v.now, best, why)
	case refusal != v.refusal:
		v.refusal = refusal
		o.w.because(o.w.cause, operatorName, func() {
			o.w.tell(Event{Verb: "refuse", Kind: "Primary", Name: DisplayName(v.key.Namespace, v.key.Name), Reason: "NoCandidate",
				Detail: refusal, Level: Headline})
		})
	}
}

// best finds the instance that has the most: refusal says why none can be the primary.
func (v *view) best(answers []candidate) (pod, refusal string) {
	members := slices.DeleteFunc(slices.Clone(answers), func(a candidate) bool { return !a.member })
	if holder := v.holder(); len(members) == 0 && len(answers) == int(replicasOf(v.set))-1 && holder != nil && v.empty == holder.UID {
		v.founded = false
		return holder.Name, "" // nobody has anything: the database begins anew
	}
	if v.options.Mode == scenarios.Sync {
		if refusal := v.tooFew(members); refusal != "" {
			return "", refusal
		}
	}
	if len(members) == 0 {
		return "", "no replica answered that has data"
	}
	return v.farthest(members)
}

// farthest finds the one of the members that has the most, of those that are not too far behind: the heir or else the lowest ordinal,
// if several have as much.
func (v *view) farthest(members []candidate) (pod, refusal string) {
	slices.SortFunc(members, func(a, b candidate) int {
		if a.pod == v.heir || b.pod == v.heir {
			return strings.Compare(strconv.FormatBool(b.pod == v.heir), strconv.FormatBool(a.pod == v.heir))
		}
		return cmp.Compare(a.ordinal, b.ordinal)
	})
	most := v.position
	for _, a := range members {
		most = max(most, a.entries)
	}
	var late []string
	var found candidate
	for _, a := range members {
		switch lag := most - a.entries; {
		case v.options.MaxLag >= 0 && int64(lag) > v.options.MaxLag:
			late = append(late, a.pod+" is "+entries(lag)+" behind")
		case found.pod == "" || a.beats(found):
			found = a
		}
	}
	if found.pod == "" {
		return "", strings.Join(late, ", ") + ", and maxLag is " + strconv.FormatInt(v.options.MaxLag, 10)
	}
	return found.pod, ""
}

// tooFew says why those that answered may all lack a write that was acknowledged; it is "" if one of them has it.
func (v *view) tooFew(members []candidate) (refusal string) {
	replicas, heard := v.now.replicas, 0
	for _, a := range members {
		if a.ordinal < firstOrdinal(v.set)+replicas {
			heard++
		}
	}
	if heard+needed(v.options, replicas) > replicas {
		return ""
	}
	return fmt.Sprintf("%d of %d replicas answered, and an acknowledged write may be on the others alone", heard, replicas-1)
}

// beats tells whether a candidate has more than another one.
func (a candidate) beats(other candidate) bool {
	if a.timeline != other.timeline {
		return a.timeline > other.timeline
	}
	return a.entries > other.entries // of two alike the earlier one stays: the heir, or the lower ordinal
}

// decide writes into the set's Lease who is the primary from now on, unless somebody has decided otherwise meanwhile.
func (o *operator) decide(set store.Key, was leadership, pod, why string) {
	w, c := o.w, o.caresFor(set)
	lease, ok := w.leaseOf(w.store.View(), set)
	if !ok || w.leadershipOf(lease).timeline != was.timeline || w.api().Down != nil {
		return
	}
	c.wrote = max(c.promised, was.timeline+1)
	update := lease.DeepCopy()
	update.Spec.HolderIdentity, update.Spec.LeaseTransitions = &pod, new(int32(c.wrote))
	update.Spec.AcquireTime, update.Spec.RenewTime = &metav1.MicroTime{Time: w.now()}, &metav1.MicroTime{Time: w.now()}
	w.because(w.cause, operatorName, func() {
		seq := w.tell(Event{Verb: "promote", Kind: "Primary", Name: DisplayName(set.Namespace, set.Name), Reason: "Promoted", Level: Headline,
			Detail: pod})
		if _, err := w.api().Update(update); err != nil {
			w.fail("lease "+update.Name, err)
		}
		if p := w.failovers.primaries[set]; p != nil && p.sandbox.pod.Name == was.holder && pod != was.holder {
			w.failovers.lost(p, "the operator gave it up: "+why)
		}
		w.failovers.noticed(w, set, seq)
	})
	c.lost, c.noticed, c.refusal = false, false, ""
}

// handOver finds a successor of a primary that ends in order, and calls done when there is one, or cannot be one.
// It is the heir, if that is farthest.
func (o *operator) handOver(set store.Key, holder, heir string, done func()) {
	if o.gone() {
		return
	}
	cache := &o.informer.cache
	lease, known := o.w.leaseOf(o.w.store.View(), set)
	owner, ok := store.Get[*appsv1.StatefulSet](cache, set.Namespace, set.Name)
	if !known || !ok || o.w.leadershipOf(lease).holder != holder {
		done()
		return
	}
	v := &view{key: set, set: owner, options: o.w.scenario.Runs[set.Name].Replication, now: o.w.leadershipOf(lease), pods: podsOf(cache, owner),
		cache: cache, heir: heir, care: o.caresFor(set)}
	if v.electing {
		o.w.after(agentRetry, func() { o.handOver(set, holder, heir, done) })
		return
	}
	o.w.because(o.w.cause, operatorName, func() { o.elect(v, "it is shutting down", done) })
}
