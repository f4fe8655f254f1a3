package report

import (
	"time"

	"statefulsim/sim"
	"statefulsim/sim/story"
)

// mostBuckets is how finely a long run is divided for the counters of clients.
const mostBuckets = 3600

// clients writes how many of each client's requests came to an end in each second, and how: a rate, if a run is so long that it is divided
// less finely. Only changes are written.
func (t *tracing) clients(s *story.Story) {
	n := min(int((s.Rec.Virtual+time.Second-1)/time.Second), mostBuckets)
	if n == 0 {
		return
	}
	end := max(s.Rec.Virtual, time.Duration(n)*time.Second)
	bucket := end / time.Duration(n)
	rate := func(count int) float64 { return float64(count) / bucket.Seconds() }
	for _, client := range s.Clients(0, end, n) {
		var last story.Bucket
		for i, b := range client.Buckets {
			if i > 0 && b.OK == last.OK && b.Failed == last.Failed && b.Unknown == last.Unknown {
				continue
			}
			last = b
			t.counter(clientProcess, client.Name+" per second", time.Duration(i)*bucket,
				map[string]any{"acknowledged": rate(b.OK), "failed": rate(b.Failed), "unknown": rate(b.Unknown)})
		}
	}
}

// logs writes how long the log of each raft peer is, and how far it knows that it is committed, whenever one of these changes.
func (t *tracing) logs(rec *sim.Recording) {
	last := map[string]sim.PeerState{}
	for i := range rec.Frames {
		frame := &rec.Frames[i]
		if i > 0 && frame.SamePeers(&rec.Frames[i-1]) {
			continue
		}
		for _, peer := range frame.Raft {
			was, known := last[peer.Pod]
			if known && was.LastIndex == peer.LastIndex && was.Commit == peer.Commit {
				continue
			}
			last[peer.Pod] = peer
			t.counter(leaderProcess, peer.Pod+" log", frame.At, map[string]any{"last index": peer.LastIndex, "commit index": peer.Commit})
		}
	}
}
