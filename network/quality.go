package network

import (
	"fmt"
	"strings"
	"time"
)

// Quality is how much worse a link is than it would be. The names are those of Chaos Mesh's NetworkChaos.
type Quality struct {
	Latency, Jitter time.Duration // each message takes longer by Latency and by something from [0, Jitter)
	Loss, Duplicate float64       // probabilities that a message is lost, and that it arrives twice

	// Reorder is the probability that a message does not keep its order: it is spared Latency and Jitter, as by netem, and
	// may overtake earlier ones of its kind. It neither waits for them nor holds up those after it.
	Reorder float64

	// Bandwidth is how many bytes a second go over the line from one side to the other, and as many over the one back; 0: no
	// limit. Whatever goes the same way shares the line and queues for it, first come, first served; the queue has no end.
	Bandwidth int64
}

// String returns "latency +20ms, jitter 5ms, loss 12.5%, bandwidth 1000 B/s": what is worse, and nothing else.
func (q Quality) String() string {
	var parts []string
	add := func(is bool, format string, value any) {
		if is {
			parts = append(parts, fmt.Sprintf(format, value))
		}
	}
	add(q.Latency > 0, "latency +%s", q.Latency)
	add(q.Jitter > 0, "jitter %s", q.Jitter)
	add(q.Loss > 0, "loss %g%%", q.Loss*100)
	add(q.Duplicate > 0, "duplicate %g%%", q.Duplicate*100)
	add(q.Reorder > 0, "reorder %g%%", q.Reorder*100)
	add(q.Bandwidth > 0, "bandwidth %d B/s", q.Bandwidth)
	return strings.Join(parts, ", ")
}

func (r *Rule) loses(bits uint64) bool      { return unit(mix(bits, r.salt+1)) < r.quality.Loss }
func (r *Rule) duplicates(bits uint64) bool { return unit(mix(bits, r.salt+2)) < r.quality.Duplicate }
func (r *Rule) reorders(bits uint64) bool   { return unit(mix(bits, r.salt+4)) < r.quality.Reorder }

func (r *Rule) delays(bits uint64) time.Duration {
	return r.quality.Latency + time.Duration(unit(mix(bits, r.salt+3))*float64(r.quality.Jitter))
}

// queues puts a message into the queue for the line that leads its way, and tells how long it takes until its last byte is on
// the line.
func (r *Rule) queues(now time.Time, from, to Place, size int) time.Duration {
	if r.quality.Bandwidth == 0 {
		return 0
	}
	line := &r.free[0]
	if !r.forth(from, to) {
		line = &r.free[1]
	}
	if line.Before(now) {
		*line = now
	}
	*line = line.Add(time.Duration(float64(size) / float64(r.quality.Bandwidth) * float64(time.Second)))
	return line.Sub(now)
}
