package sim

import (
	"errors"
	"time"

	"statefulsim/network"
)

// held is a message that a rule of the network keeps back.
type held struct {
	rule   string
	resend func()
}

// usualSize is what a message has that is not one of raft's: a request to the API server, a question to CoreDNS, one row of a
// client's. Bytes.
const usualSize = 200

// send is carry for a message of the usual size.
func (w *world) send(from, to network.Place, kind string, arrive func()) (lost string) {
	return w.carry(from, to, kind, usualSize, arrive)
}

// carry puts a message of so many bytes on its way: the network decides its fate, and arrive happens when a copy of it
// arrives. It returns the rule that took the message, if one did.
func (w *world) carry(from, to network.Place, kind string, size int, arrive func()) (lost string) {
	cause, actor := w.cause, w.actor
	fate := w.net.Send(w.now(), from, to, kind, size)
	switch {
	case fate.Lost != "":
		return fate.Lost
	case fate.Held != "":
		w.held = append(w.held, held{fate.Held, func() {
			w.because(cause, actor, func() { w.carry(from, to, kind, size, arrive) })
		}})
	}
	for _, delay := range fate.Copies {
		w.after(delay, arrive)
	}
	return ""
}

// release sends on what the rule of that name kept back.
func (w *world) release(rule string) {
	kept, free := w.held[:0:0], w.held[:0:0]
	for _, h := range w.held {
		if h.rule == rule {
			free = append(free, h)
		} else {
			kept = append(kept, h)
		}
	}
	w.held = kept
	for _, h := range free {
		h.resend()
	}
}

// What a caller can be told instead of an answer.
var (
	errTimeout  = errors.New("no answer in time")
	errRefused  = errors.New("connection refused")
	errReset    = errors.New("connection reset by peer")
	errNoSuch   = errors.New("no such host")
	errNoRoute  = errors.New("no route to host")
	errNoServer = errors.New("no endpoints available for service")
)

// reply answers a request; only its first use counts.
type reply func(answer any, err error)

// request sends a request to the process that serves at an address, and calls done once: with the answer, or with an
// error, at the latest after the timeout.
func (w *world) request(from network.Place, ip, kind string, body any, timeout time.Duration, done reply) {
	expired := w.after(timeout, func() { done(nil, errTimeout) })
	finish := func(answer any, err error) {
		if expired.Cancel() {
			done(answer, err)
		}
	}
	target := w.sandboxes[ip]
	if target == nil {
		return // nobody has the address: packets vanish
	}
	w.send(from, target.place, kind, func() {
		target.serve(kind, body, func(answer any, err error) {
			w.send(target.place, from, kind+" answer", func() { finish(answer, err) })
		})
	})
}

// A resolver asks again after 5 seconds, twice (resolv.conf(5)).
const (
	resolverTimeout = 5 * time.Second
	resolverTries   = 2
	cachedNames     = 1000
)

// resolve finds the addresses of a name, from a cache or from CoreDNS, and calls done with them: none and errNoSuch if the
// name does not exist, none and errTimeout if CoreDNS does not answer, none and errServFail if it answers that it cannot tell.
func (w *world) resolve(from network.Place, cache *network.Cache, name string, done func(ips []string, err error)) {
	question{w, from, cache, name, done}.ask(resolverTries, nil)
}

// question is a name that somebody looks up.
type question struct {
	w     *world
	from  network.Place
	cache *network.Cache
	name  string
	done  func(ips []string, err error)
}

// ask looks into the cache and then asks CoreDNS, unless that was done often enough and came to an error.
func (q question) ask(tries int, failure error) {
	w := q.w
	if ips, known := q.cache.Lookup(w.now(), q.name); known {
		q.done(ips, absent(ips))
		return
	}
	if tries == 0 {
		q.done(nil, failure)
		return
	}
	again := w.after(resolverTimeout, func() { q.ask(tries-1, errTimeout) })
	w.send(q.from, controlPlane, "DNS", func() {
		w.after(w.latency("dns", q.name)+w.slowness(coreDNS), func() {
			ips, err, answered := w.records(q.from, q.name)
			if !answered {
				return
			}
			w.send(controlPlane, q.from, "DNS answer", func() {
				switch {
				case !again.Cancel():
				case err != nil:
					w.tell(Event{Verb: "resolve", Kind: "Name", Name: q.name, Detail: "SERVFAIL", Level: Detail})
					q.ask(tries-1, err)
				default:
					q.learn(ips)
				}
			})
		})
	})
}

// learn takes in an answer.
func (q question) learn(ips []string) {
	q.cache.Learn(q.w.now(), q.name, ips, q.w.ttl(ips))
	q.w.tell(Event{Verb: "resolve", Kind: "Name", Name: q.name, Detail: listed(ips), Level: Detail})
	q.done(ips, absent(ips))
}

// ttl is how long an answer of CoreDNS may be kept, or its denial.
func (w *world) ttl(ips []string) time.Duration {
	if len(ips) == 0 {
		return w.scenario.Cluster.DNS.Negative
	}
	return w.scenario.Cluster.DNS.TTL
}

func absent(ips []string) error {
	if len(ips) == 0 {
		return errNoSuch
	}
	return nil
}

func listed(ips []string) string {
	if len(ips) == 0 {
		return "NXDOMAIN"
	}
	s := ips[0]
	for _, ip := range ips[1:] {
		s += " " + ip
	}
	return s
}
