package story

import (
	"cmp"
	"slices"
	"time"

	"statefulsim/sim"
	"statefulsim/sim/check"
)

// Bucket is what came of a client's requests that ended in one stretch of time. A client has gone through a bucket without requests if all
// is 0.
type Bucket struct {
	OK, Failed, Unknown int
	Lost                int           // of OK: acknowledged writes that are missing at the end
	Median, Worst       time.Duration // how long those took that succeeded; 0 if none did
}

// Client is what one client went through.
type Client struct {
	Name    string
	Writes  bool
	Service string
	Buckets []Bucket // as many as were asked for, of the same length
}

// Clients divides the time from one instant to another into n buckets, for each client in the order of the scenario. Its cost is in
// proportion to the requests that ended in that time.
func (s *Story) Clients(from, until time.Duration, n int) []Client {
	if n < 1 || until <= from {
		return nil
	}
	clients := make([]Client, len(s.Rec.Scenario.Clients))
	for i := range clients {
		spec := &s.Rec.Scenario.Clients[i]
		clients[i] = Client{Name: spec.Name, Writes: spec.Writes, Service: spec.Service, Buckets: make([]Bucket, n)}
	}
	w := window{from, until, until >= s.Rec.Virtual, n}
	w.count(s.Rec, clients)
	for i := range s.Rec.Lost {
		if lost := &s.Rec.Lost[i]; w.holds(lost.At) {
			clients[lost.Client].Buckets[w.bucket(lost.At)].Lost++
		}
	}
	return clients
}

// window is a time that is divided into buckets. An instant between two of them is the later one's; the end is in none, but for that of
// the run, which is in the last.
type window struct {
	from, until time.Duration
	closed      bool
	n           int
}

func (w *window) holds(at time.Duration) bool {
	return w.from <= at && (at < w.until || w.closed && at == w.until)
}

func (w *window) bucket(at time.Duration) int {
	return min(int((at-w.from)*time.Duration(w.n)/(w.until-w.from)), w.n-1)
}

// count puts the requests that ended in the window into the clients' buckets.
func (w *window) count(rec *sim.Recording, clients []Client) {
	first, _ := slices.BinarySearchFunc(rec.Requests, w.from, func(r sim.Request, at time.Duration) int { return cmp.Compare(r.Until, at) })
	took := map[*Bucket][]time.Duration{}
	for i := first; i < len(rec.Requests) && w.holds(rec.Requests[i].Until); i++ {
		r := &rec.Requests[i]
		b := &clients[r.Client].Buckets[w.bucket(r.Until)]
		switch r.Outcome {
		case check.Acknowledged:
			b.OK++
			took[b] = append(took[b], r.Until-r.From)
		case check.Failed:
			b.Failed++
		case check.Unknown:
			b.Unknown++
		}
	}
	for b, all := range took {
		slices.Sort(all)
		b.Median, b.Worst = (all[(len(all)-1)/2]+all[len(all)/2])/2, all[len(all)-1]
	}
}
