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

func (r *reader) client(n *node) Client {
	c := defaultClient
	c.Pos = r.pos(n)
	if v := r.required(n, "a client", "name", "name: writer"); v != nil {
		c.Name = r.name(v, "a client")
	}
	if v := n.value("namespace"); v != nil {
		c.Namespace = r.name(v, "a namespace")
	}
	r.usedService(n, &c)
	if v := n.value("zone"); v != nil {
		c.Zone = r.str(v)
		if problem, cure := missing("zone", c.Zone, r.known.zones); problem != "" {
			r.wrong(v, problem, cure)
		}
	}
	if v := n.value("rate"); v != nil {
		c.Rate = r.number(v, 0.001, 10_000)
	}
	if v := n.value("timeout"); v != nil {
		c.Timeout = r.positive(v)
	}
	if v := n.value("retries"); v != nil {
		c.Retries = int(r.integer(v, 0, 1000))
	}
	if v := n.value("keys"); v != nil {
		c.Keys = int(r.integer(v, 1, 100_000))
	}
	r.clientTimes(n, &c)
	return c
}

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
	if c.Stale = r.boolean(n.value("stale")); c.Stale && c.Writes {
		r.wrong(n.value("stale"), "stale means nothing to a client that writes", "leave it out")
	}
	if problem, cure := missing("Service of namespace "+c.Namespace, c.Service, r.known.services[c.Namespace]); problem != "" {
		r.wrong(service, problem, cure)
	}
}

func (r *reader) clientTimes(n *node, c *Client) {
	if v := n.value("from"); v != nil {
		if c.From = r.duration(v); c.From >= r.scenario.For && r.scenario.For > 0 {
			r.wrong(v, "the client begins after the end of the run, which is at "+r.scenario.For.String(), "")
		}
	}
	if v := n.value("until"); v != nil {
		if c.Until = r.positive(v); c.Until <= c.From && c.Until > 0 {
			r.wrong(v, "the client ends before it begins", "until is an instant of the run, after from")
		}
	}
}
