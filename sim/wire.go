package sim

import (
	"errors"
	"time"

	"statefulsim/controller/endpoints"
	"statefulsim/network"
)

// held is a message that a rule of the network keeps back.
type held struct {
	rule   string
	resend func()
}

// send puts a message on its way: the network decides its fate, and arrive happens when a copy of it arrives. It returns
// the rule that took the message, if one did.
func (w *world) send(from, to network.Place, kind string, arrive func()) (lost string) {
	cause, actor := w.cause, w.actor
	fate := w.net.Send(w.now(), from, to, kind)
	switch {
	case fate.Lost != "":
		return fate.Lost
	case fate.Held != "":
		w.held = append(w.held, held{fate.Held, func() {
			w.because(cause, actor, func() { w.send(from, to, kind, arrive) })
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
// name does not exist, none and errTimeout if CoreDNS does not answer.
func (w *world) resolve(from network.Place, cache *network.Cache, name string, done func(ips []string, err error)) {
	w.resolveAgain(from, cache, name, resolverTries, done)
}

func (w *world) resolveAgain(from network.Place, cache *network.Cache, name string, tries int, done func(ips []string, err error)) {
	if ips, known := cache.Lookup(w.now(), name); known {
		done(ips, absent(ips))
		return
	}
	if tries == 0 {
		done(nil, errTimeout)
		return
	}
	again := w.after(resolverTimeout, func() { w.resolveAgain(from, cache, name, tries-1, done) })
	w.send(from, controlPlane, "DNS", func() {
		w.after(w.latency("dns", name), func() {
			ips := endpoints.Records(&w.dns.cache, name)
			w.send(controlPlane, from, "DNS answer", func() {
				if again.Cancel() {
					cache.Learn(w.now(), name, ips, w.ttl(ips))
					w.tell(Event{Verb: "resolve", Kind: "Name", Name: name, Detail: listed(ips), Level: Detail})
					done(ips, absent(ips))
				}
			})
		})
	})
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
