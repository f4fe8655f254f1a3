package sim

import (
	"errors"

	"statefulsim/controller/endpoints"
	"statefulsim/network"
	"statefulsim/scenarios"
)

// errServFail is what a resolver makes of SERVFAIL.
var errServFail = errors.New("server misbehaving")

// dnsFault is names that CoreDNS answers wrongly, or not at all.
type dnsFault struct {
	names  string // a pattern
	answer string // "error", "nxdomain" or "timeout"
	from   network.Side
}

// failDNS spoils the answers of CoreDNS to those who ask.
func (w *world) failDNS(a scenarios.FailDNS) (undo func(), err error) {
	from := network.Side{}.Rest() // everybody
	if a.From.Kind != "" {
		if from, err = w.side(a.From); err != nil {
			return nil, err
		}
	}
	return w.injected.names.begin(dnsFault{a.Names, a.Answer, from}), nil
}

// records is what CoreDNS says of a name to whoever asks: its addresses, none if there is no such name, or an error. answered is
// false if it says nothing.
func (w *world) records(from network.Place, name string) (ips []string, err error, answered bool) {
	if w.dns.down {
		return nil, nil, false
	}
	for _, f := range w.injected.names {
		if !f.from.Has(from) || !matches(f.names, name) {
			continue
		}
		switch f.answer {
		case "error":
			return nil, errServFail, true
		case "timeout":
			return nil, nil, false
		}
		return nil, nil, true
	}
	return endpoints.Records(&w.dns.cache, name), nil, true
}
