package sim

import (
	"strconv"
	"time"

	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"

	"statefulsim/controller/store"
	"statefulsim/raftnode"
)

// The phases of a failover, in their order. Each begins where the one before ended.
var phaseNames = [...]string{"noticed", "elected", "label moved", "endpoints updated", "first successful write"}

const (
	noticed = iota
	elected
	labelMoved
	endpointsUpdated
	firstWrite
	recovered // all phases are over
)

// failovers follows the primaries of all sets, and takes each loss of one apart.
type failovers struct {
	primaries map[store.Key]*process // who served last, by set
	deaths    map[store.Key]int      // the event that last ended a peer, by set
	open      []*failover
}

// failover is one that is not over yet.
type failover struct {
	set    store.Key
	record int // its place in the recording
	phase  int // the one that it is in
	since  time.Duration
	winner *process
}

// lost begins a failover if the process was the primary.
func (f *failovers) lost(p *process, what string) {
	set := p.sandbox.set
	if f.primaries[set] != p {
		return
	}
	w := p.world()
	delete(f.primaries, set)
	w.judge.touch(failures | sets)
	f.close(set)
	at, seq := w.blame(p)
	name := DisplayName(set.Namespace, set.Name)
	w.rec.Failovers = append(w.rec.Failovers, Failover{Set: name, At: at, Cause: what, CauseSeq: seq, OldPrimary: p.sandbox.name()})
	f.open = append(f.open, &failover{set: set, record: len(w.rec.Failovers) - 1, since: at})
	w.because(seq, p.program.(member).actor(), func() {
		w.tell(Event{Verb: "lose", Kind: "Primary", Name: name, Reason: "PrimaryLost", Detail: p.sandbox.name() + ": " + what, Level: Headline})
	})
}

// blame finds when and by which event a primary was lost: by what is being applied or, for one that lives, by a cut in the network around
// it that is older than the moment at which it noticed. Who was cut off and then died was the primary until then.
func (w *world) blame(p *process) (at time.Duration, seq int) {
	for _, cut := range w.cuts {
		if !p.ended && cut.touches(p.sandbox.place) {
			return cut.at, cut.seq
		}
	}
	return w.loop.Now(), w.cause
}

// silence names the event because of which a peer no longer hears of its leader, or a leader of its followers: the one that cut
// the links to them, or ended the last of them that died. Without any, a peer acts because of what it did last.
func (f *failovers) silence(r *raftPeer) int {
	for _, open := range f.open {
		if open.set == r.set {
			return r.world().rec.Failovers[open.record].CauseSeq
		}
	}
	for _, cut := range r.world().cuts {
		if cut.touches(r.process.sandbox.place) {
			return cut.seq
		}
	}
	return max(f.deaths[r.set], r.lastEvent)
}

// looked hears of every change of a peer.
func (f *failovers) looked(w *world, r *raftPeer, was raftnode.Status) {
	if was.Serving && !r.status.Serving {
		f.lost(r.process, "it stepped down")
	}
	if r.status.State == "Candidate" {
		f.noticed(w, r.set, r.lastEvent)
	}
	if r.status.Serving {
		f.serves(w, r.process, r.lastEvent)
	}
	w.takesWrites(r.process, r.status.Serving, r.lastEvent)
}

// noticed hears that somebody does something about the loss of a set's primary.
func (f *failovers) noticed(w *world, set store.Key, seq int) {
	if open := f.of(set); open != nil && open.phase == noticed {
		open.advance(w, seq)
	}
}

// serves hears that a process is its set's primary, because of that event. It may be so already.
func (f *failovers) serves(w *world, p *process, seq int) {
	set, name := p.sandbox.set, p.sandbox.name()
	if old := f.primaries[set]; old != p {
		if old != nil {
			f.lost(old, name+" took over")
		}
		f.primaries[set] = p
		w.judge.touch(sets)
	}
	open := f.of(set)
	if open == nil || open.winner == p {
		return
	}
	for open.phase < elected {
		open.advance(w, seq)
	}
	record := &w.rec.Failovers[open.record]
	record.Phases = record.Phases[:elected]
	open.phase, open.winner = elected, p
	record.NewPrimary = name
	open.since = record.end()
	open.advance(w, seq)
	f.settle(w, open, seq)
}

// end is the instant at which the last phase reached was over.
func (f *Failover) end() time.Duration {
	at := f.At
	for _, p := range f.Phases {
		at += p.Took
	}
	return at
}

func (f *failovers) of(set store.Key) *failover {
	for _, open := range f.open {
		if open.set == set {
			return open
		}
	}
	return nil
}

// advance ends the phase that the failover is in.
func (o *failover) advance(w *world, seq int) {
	w.judge.touch(failures)
	record := &w.rec.Failovers[o.record]
	record.Phases = append(record.Phases, Phase{Name: phaseNames[o.phase], Took: w.loop.Now() - o.since, Seq: seq})
	o.since = w.loop.Now()
	o.phase++
}

// changed hears of every change in the API server: a label that moved, endpoints that were updated.
func (f *failovers) changed(w *world, c store.Change, seq int) {
	if len(f.open) == 0 || c.Kind != store.Pod && c.Kind != store.EndpointSlice {
		return
	}
	for _, open := range f.open {
		f.settle(w, open, seq)
	}
}

// settle ends the phases whose end can be read from the API server's content.
func (f *failovers) settle(w *world, o *failover, seq int) {
	if o.phase == labelMoved {
		s := o.winner.sandbox
		if pod, ok := store.Get[*corev1.Pod](w.store.View(), s.pod.Namespace, s.pod.Name); ok && pod.Labels[roleLabel] == primaryRole {
			o.advance(w, seq)
		}
	}
	if o.phase == endpointsUpdated && w.published(o.winner) {
		o.advance(w, seq)
	}
}

// published tells whether every Service that selects the set's primary sends its traffic to the process's pod.
func (w *world) published(p *process) bool {
	view := w.store.View()
	for service := range store.In[*corev1.Service](view, p.sandbox.set.Namespace) {
		if service.Spec.Selector[roleLabel] != primaryRole {
			continue
		}
		for slice := range store.ControlledBy[*discoveryv1.EndpointSlice](view, service.UID) {
			for i := range slice.Endpoints {
				e := &slice.Endpoints[i]
				if e.TargetRef != nil && e.TargetRef.UID == p.sandbox.pod.UID && e.Conditions.Ready != nil && *e.Conditions.Ready {
					return true
				}
			}
		}
	}
	return false
}

// acknowledged hears of every acknowledged write.
func (f *failovers) acknowledged(w *world, c *client, pod string, seq int) {
	for i, o := range f.open {
		if o.phase < elected+1 || o.winner.sandbox.name() != pod {
			continue
		}
		for o.phase < recovered {
			o.advance(w, seq)
		}
		record := &w.rec.Failovers[o.record]
		record.Recovered, record.Recovery = true, record.end()-record.At
		w.tell(Event{Verb: "recover", Kind: "Primary", Name: record.Set, Reason: "Recovered",
			Detail: pod + " serves writes again, " + seconds(record.Recovery) + " after " + record.OldPrimary + " was lost", Level: Headline})
		f.open = append(f.open[:i], f.open[i+1:]...)
		return
	}
}

// close gives up on the set's failover that is not over, if there is one: another has begun.
func (f *failovers) close(set store.Key) {
	for i, o := range f.open {
		if o.set == set {
			f.open = append(f.open[:i], f.open[i+1:]...)
			return
		}
	}
}

// seconds writes a duration in seconds with three decimals, for people.
func seconds(d time.Duration) string { return strconv.FormatFloat(d.Seconds(), 'f', 3, 64) + " s" }
