package report

import (
	"strconv"
	"strings"

	"statefulsim/scenarios/words"
	"statefulsim/sim"
)

func (p *page) clients(all []sim.ClientResult) {
	if len(all) == 0 {
		return
	}
	p.heading("Clients")
	t := &table{numbers: map[int]bool{1: true, 2: true, 3: true, 4: true}}
	t.row("NAME", "ACKNOWLEDGED", "FAILED", "UNKNOWN", "LOST")
	for _, c := range all {
		t.row(c.Name, words.Thousands(c.Acknowledged), words.Thousands(c.Failed), words.Thousands(c.Unknown), words.Thousands(c.Lost))
	}
	p.table(t)
}

func (p *page) pods(all []sim.PodState) {
	if len(all) == 0 {
		return
	}
	p.heading("Pods at the end")
	t := &table{numbers: map[int]bool{3: true}}
	t.row("NAME", "READY", "STATUS", "RESTARTS", "NODE", "ZONE", "ROLE", "VOLUME")
	for i := range all {
		s := &all[i]
		t.row(sim.DisplayName(s.Namespace, s.Name), map[bool]string{true: "yes", false: "no"}[s.Ready], s.Phase, strconv.Itoa(int(s.Restarts)), s.Node, s.Zone, s.Role, s.Volume)
	}
	p.table(t)
}

func (p *page) expectations(rec *sim.Recording) {
	if len(rec.Expectations) == 0 {
		return
	}
	p.heading("Expectations")
	for _, o := range rec.Expectations {
		if o.Passed {
			p.put(plain("  "), good("ok      "), plain(o.Name))
			continue
		}
		p.put(plain("  "), bad("FAILED  "), plain(o.Name+", decided at "+words.Seconds(o.At)))
		if o.Message != "" {
			p.put(plain("          "), plain(seen(o.Message)))
		}
	}
}

// seen introduces what was seen of an expectation that failed. It may say when.
func seen(message string) string {
	if strings.HasPrefix(message, "at ") {
		return "seen " + message
	}
	return "seen: " + message
}

func (p *page) violations(title string, all []sim.Violation) {
	if len(all) == 0 {
		return
	}
	p.heading(title)
	for i := 0; i < len(all); {
		v, n := all[i], i
		for n < len(all) && all[n].Invariant == v.Invariant && all[n].Message == v.Message {
			n++
		}
		again := ""
		if n-i > 1 {
			again = ", and " + words.Count(n-i-1, "time") + " more until " + words.Seconds(all[n-1].At)
		}
		p.put(plain("  "), bad(v.Invariant), plain(" at "+words.Seconds(v.At)+again))
		p.put(plain("    "), plain(v.Message))
		if v.Why != "" {
			p.put(plain("    "), faint(v.Why))
		}
		i = n
	}
}
