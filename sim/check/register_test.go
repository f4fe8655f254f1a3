package check

import (
	"fmt"
	"time"

	"pgregory.net/rapid"
)

// register is a correct one: every operation takes effect at one instant between its call and its return. It remembers
// what it held before, for faults.
type register struct{ log []string }

func (r *register) value() string {
	if len(r.log) == 0 {
		return ""
	}
	return r.log[len(r.log)-1]
}

// play lets clients use registers at random, with some answers and some requests lost.
func play(t *rapid.T, registers map[string]*register) (ops []Operation) {
	now := make([]time.Duration, 4) // until when each client is busy
	for at := range rapid.IntRange(1, 60).Draw(t, "operations") {
		instant := time.Duration(at+1) * 10 * ms
		client := rapid.IntRange(0, len(now)-1).Draw(t, "client")
		if now[client] >= instant {
			continue
		}
		op := Operation{Client: client, Key: rapid.SampledFrom([]string{"k", "l"}).Draw(t, "key"), Write: rapid.Bool().Draw(t, "write")}
		op.Call = max(now[client]+1, instant-time.Duration(rapid.IntRange(0, 40).Draw(t, "before"))*ms)
		op.Return = instant + time.Duration(rapid.IntRange(0, 40).Draw(t, "after"))*ms
		now[client] = op.Return
		outcome := rapid.SampledFrom([]string{"ok", "ok", "ok", "answer lost", "request lost", "refused"}).Draw(t, "outcome")
		use(registers[op.Key], &op, outcome, fmt.Sprint("v", at))
		ops = append(ops, op)
	}
	return ops
}

func use(r *register, op *Operation, outcome, value string) {
	op.Outcome = map[string]Outcome{"ok": Acknowledged, "refused": Failed}[outcome]
	happens := outcome == "ok" || outcome == "answer lost"
	if outcome == "answer lost" || outcome == "request lost" {
		op.Outcome, op.Return = Unknown, 0
	}
	switch {
	case !op.Write && op.Outcome == Acknowledged:
		op.Value = r.value()
	case op.Write:
		op.Value = value
		if happens {
			r.log = append(r.log, value)
		}
	}
}

func registers() map[string]*register { return map[string]*register{"k": {}, "l": {}} }

// long is a history of many clients that write and read one register all at once, with every tenth write unanswered.
func long(operations, clients int) (ops []Operation) {
	r := &register{}
	for i := range operations {
		instant := time.Duration(i) * 10 * ms
		half := time.Duration(clients) * 4 * ms
		op := Operation{Client: i % clients, Key: "k", Write: i%2 == 0, Call: instant - half, Return: instant + half}
		outcome := "ok"
		if i%20 == 0 {
			outcome = "answer lost"
		}
		use(r, &op, outcome, fmt.Sprint("v", i))
		ops = append(ops, op)
	}
	return ops
}
