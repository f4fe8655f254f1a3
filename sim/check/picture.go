package check

import (
	"cmp"
	"errors"
	"fmt"
	"html"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/anishathalye/porcupine"
)

const (
	// mostDrawn is how many operations a browser lays out on porcupine's page in a few seconds.
	mostDrawn = 10000
	// drawBudget is budget for a picture, which keeps the longest orders that it finds and so needs more memory for each step.
	drawBudget = 1 << 16
)

// Picture writes porcupine's page of a history: what each client asked for and when, register by register, and an order that explains
// it or, if there is none, how far orders get and what then cannot be. The page needs no network. clients are the names of the clients
// by their numbers.
//
// A search that takes too long is given up, and the page then shows how far it got. If there is no order the same history may come with
// the attempts of one length in another sequence, which is porcupine's.
//
// It returns an error if there is nothing to draw, or more than a browser can show, and that of w.
func Picture(w io.Writer, ops []Operation, clients []string) error {
	p := &picture{names: clients, byKey: telling(ops)}
	for _, key := range slices.Sorted(maps.Keys(p.byKey)) {
		p.all = append(p.all, p.byKey[key]...)
	}
	switch {
	case len(p.all) == 0:
		return errors.New("there is no history to draw: no client wrote or read a register of a database that answered; add clients to the scenario, or let it run for longer")
	case len(p.all) > mostDrawn:
		return fmt.Errorf("the history has %d operations, and a browser can show about %d; let the scenario run for a shorter time, or with fewer clients", len(p.all), mostDrawn)
	}
	p.prefix, p.end = commonPath(p.all), endOf(p.all)
	judged, open := p.operations()
	_, info := porcupine.CheckOperationsVerbose(p.hasty(), judged, 0)
	info.AddAnnotations(open)
	return porcupine.Visualize(p.model(), info, w)
}

// picture is what the words on the page are made with.
type picture struct {
	names  []string
	byKey  map[string][]*Operation
	all    []*Operation
	prefix string        // of the keys, that all of them have
	end    time.Duration // after all operations
}

// model is a register, with words for what happens to it.
func (p *picture) model() porcupine.Model {
	m := registerModel()
	m.Partition = byRegister
	m.DescribeOperation = func(input, _ any) string { return p.operation(input.(*Operation)) }
	m.DescribeOperationMetadata = func(data any) string { return html.EscapeString(p.interval(data.(*Operation))) }
	m.DescribeState = func(state any) string { return html.EscapeString(p.state(state.(*Operation))) }
	return m
}

// hasty is the model for the search. It goes no further when the budget of a register is spent: each is searched on its own, and has
// one of its own, so that the same is found on every machine.
func (p *picture) hasty() porcupine.Model {
	m := p.model()
	spent := map[string]*int{}
	for key := range p.byKey {
		spent[key] = new(int)
	}
	step := m.Step
	m.Step = func(state, input, output any) (bool, any) {
		n := spent[input.(*Operation).Key]
		if *n++; *n > drawBudget {
			return false, state
		}
		return step(state, input, output)
	}
	return m
}

// byRegister divides a history by keys, in their order.
func byRegister(all []porcupine.Operation) (parts [][]porcupine.Operation) {
	for i := range all {
		key := all[i].Input.(*Operation).Key
		if i == 0 || key != all[i-1].Input.(*Operation).Key {
			parts = append(parts, nil)
		}
		parts[len(parts)-1] = append(parts[len(parts)-1], all[i])
	}
	return parts
}

// operations are those that are put into an order, register by register, with the intervals that the search needs, and as notes beside
// them the others: writes that were never answered and whose value nobody read, which may always be said not to have happened.
func (p *picture) operations() (judged []porcupine.Operation, open []porcupine.Annotation) {
	rows := p.rows()
	for _, key := range slices.Sorted(maps.Keys(p.byKey)) {
		ops := p.byKey[key]
		entries := history(ops, byValue(ops))
		for i := range entries {
			e, op := &entries[i], entries[i].Input.(*Operation)
			e.ClientId, e.Metadata = rows[op], op
			e.Return = max(min(e.Return, int64(p.end)), e.Call)
			delete(rows, op)
		}
		judged = append(judged, entries...)
	}
	for _, op := range p.all {
		if row, left := rows[op]; left {
			open = append(open, porcupine.Annotation{ClientId: row, Start: int64(op.Call), End: int64(p.end), Description: p.operation(op), Details: p.interval(op)})
		}
	}
	return judged, open
}

// rows puts each operation into a row in which nothing else is under way: porcupine has rows for clients that do one thing after the
// other, and ours do not. The rows of a client stand below one another.
func (p *picture) rows() map[*Operation]int {
	inOrder := slices.SortedStableFunc(slices.Values(p.all), func(a, b *Operation) int {
		return cmp.Or(cmp.Compare(a.Client, b.Client), cmp.Compare(a.Call, b.Call))
	})
	rows := make(map[*Operation]int, len(inOrder))
	first, client := 0, -1
	var busy []time.Duration // until when each row of the client is
	for _, op := range inOrder {
		if op.Client != client {
			first, client, busy = first+len(busy), op.Client, nil
		}
		row := slices.IndexFunc(busy, func(until time.Duration) bool { return until < op.Call })
		if row < 0 {
			row, busy = len(busy), append(busy, 0)
		}
		busy[row] = p.end
		if op.Outcome == Acknowledged {
			busy[row] = op.Return
		}
		rows[op] = first + row
	}
	return rows
}

func (p *picture) operation(op *Operation) string {
	key := strings.TrimPrefix(op.Key, p.prefix)
	switch {
	case !op.Write && op.Value == "":
		return fmt.Sprintf("%s reads %s: never written", p.client(op), key)
	case !op.Write:
		return fmt.Sprintf("%s reads %s: %s", p.client(op), key, op.Value)
	case op.Outcome == Unknown:
		return fmt.Sprintf("%s writes %s: %s, no answer", p.client(op), key, op.Value)
	}
	return fmt.Sprintf("%s writes %s: %s", p.client(op), key, op.Value)
}

func (p *picture) client(op *Operation) string {
	if op.Client < len(p.names) {
		return p.names[op.Client]
	}
	return fmt.Sprintf("client %d", op.Client)
}

// interval says when an operation was under way.
func (p *picture) interval(op *Operation) string {
	until := fmt.Sprintf("answered at %.3f s", op.Return.Seconds())
	if op.Outcome == Unknown {
		until = "no answer came"
	}
	return fmt.Sprintf("%s of %s, called at %.3f s, %s", p.client(op), op.Key, op.Call.Seconds(), until)
}

func (p *picture) state(write *Operation) string {
	if write == nil {
		return "never written"
	}
	return fmt.Sprintf("%s holds %s, which %s wrote", write.Key, write.Value, p.client(write))
}

// commonPath is the path before the last slash that all keys begin with.
func commonPath(ops []*Operation) string {
	prefix := ops[0].Key[:strings.LastIndex(ops[0].Key, "/")+1]
	for _, op := range ops {
		if !strings.HasPrefix(op.Key, prefix) {
			return ""
		}
	}
	return prefix
}

func endOf(ops []*Operation) (end time.Duration) {
	for _, op := range ops {
		end = max(end, op.Call)
		if op.Outcome == Acknowledged {
			end = max(end, op.Return)
		}
	}
	return end + 1
}
