package scenarios

import (
	"slices"
	"time"

	"statefulsim/scenarios/words"
)

func (r *reader) readClients(n *node) {
	for _, item := range r.list(n, "clients") {
		if !r.fits(item, &clientForm) {
			continue
		}
		c := r.client(item)
		if slices.Contains(r.known.clients, c.Name) {
			r.wrong(item.value("name"), "two clients are named "+words.Quoted(c.Name), "give each its own name")
			continue
		}
		r.scenario.Clients = append(r.scenario.Clients, c)
		r.known.clients = append(r.known.clients, c.Name)
	}
}

// defaultClient is one of which the file says no more than it must.
var defaultClient = Client{Namespace: "default", Rate: 1, Timeout: time.Second, Retries: 3, Keys: 8}

// clientOptions are the keys of a client beside its name and its Service.
var clientOptions = []option[Client]{
	optional("stale", "For reads: content with what a replica has, however old.", trueOrFalse, func(c *Client) *bool { return &c.Stale }),
	optional("namespace", "That of the Service; default without it.", nameOf("a namespace"), func(c *Client) *string { return &c.Namespace }),
	optional("zone", "Where it stands; outside of the cluster without it.", value[string]{aText, (*reader).zone, scalar},
		func(c *Client) *string { return &c.Zone }),
	optional("rate", "Operations begun per second; 1 without it.", value[float64]{aNumber, (*reader).rate, decimal},
		func(c *Client) *float64 { return &c.Rate }),
	optional("timeout", "For one attempt; 1s without it.", positiveTime, func(c *Client) *time.Duration { return &c.Timeout }),
	optional("retries", "Attempts after the first; 3 without it.", wholeNumber[int](0, 1000), func(c *Client) *int { return &c.Retries }),
	optional("keys", "How many registers it uses; 8 without it.", wholeNumber[int](1, 100_000), func(c *Client) *int { return &c.Keys }),
	optional("from", "When it begins; with the run without it.", lengthOfTime, func(c *Client) *time.Duration { return &c.From }),
	optional("until", "When it ends; with the run without it.", positiveTime, func(c *Client) *time.Duration { return &c.Until }),
}

// zone reads the name of a zone of the cluster.
func (r *reader) zone(n *node) string {
	zone := r.str(n)
	if problem, cure := missing("zone", zone, r.known.zones); problem != "" {
		r.wrong(n, problem, cure)
	}
	return zone
}

func (r *reader) rate(n *node) float64 { return r.number(n, 0.001, 10_000) }

func (r *reader) client(n *node) Client {
	c := defaultClient
	c.Pos = n.pos()
	if v := r.required(n, "a client", "name", "name: writer"); v != nil {
		c.Name = r.name(v, "a client")
	}
	readOptions(r, n, clientOptions, &c)
	r.usedService(n, &c)
	r.clientTimes(n, &c)
	return c
}

// usedService reads which Service a client uses, and for what.
func (r *reader) usedService(n *node, c *Client) {
	writes, reads := n.value("writes"), n.value("reads")
	service := writes
	switch {
	case writes != nil && reads != nil:
		r.wrong(reads, "a client writes or reads, not both", "make two clients of it")
	case writes == nil && reads == nil:
		r.wrong(n, "the client does not say which Service it uses", "writes: SERVICE or reads: SERVICE")
		return
	case writes == nil:
		service = reads
	}
	c.Writes, c.Service = writes != nil, r.str(service)
	if c.Stale && c.Writes {
		r.wrong(n.value("stale"), "stale means nothing to a client that writes", "leave it out")
	}
	if problem, cure := missing("Service of namespace "+c.Namespace, c.Service, r.known.services[c.Namespace]); problem != "" {
		r.wrong(service, problem, cure)
	}
}

// clientTimes refuses a client that would never act.
func (r *reader) clientTimes(n *node, c *Client) {
	if c.From >= r.scenario.For && c.From > 0 && r.scenario.For > 0 {
		r.wrong(n.value("from"), "the client begins after the end of the run, which is at "+r.scenario.For.String(), "")
	}
	if c.Until <= c.From && c.Until > 0 {
		r.wrong(n.value("until"), "the client ends before it begins", "until is an instant of the run, after from")
	}
}
