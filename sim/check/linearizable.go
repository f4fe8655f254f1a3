package check

import (
	"fmt"
	"maps"
	"slices"

	"github.com/anishathalye/porcupine"
)

// budget is how many steps of the model the search may take for one key. It bounds the search in place of a wall clock, so
// that the verdict on a history is the same on every machine. An ordinary history takes a few steps for each operation.
const budget = 1 << 20

// Linearizable tells whether the operations can be put into one order that explains what every client saw: each at some
// instant between its call and its return, and each read returning what the last write before it wrote. Registers that
// were never written read as "".
//
// Failed operations are taken as never done. A write of unknown outcome may have happened at any time after its call, or
// not at all; a read of unknown outcome says nothing.
//
// Each key is judged for itself: first what its values prove (see contradiction), which finds what is wrong quickly and
// says what it is, and then, if a value was written more than once, by a search for an order. If ok is false the message says what cannot be, or begins with
// "undecided" if the search was given up: that is no proof of either.
func Linearizable(ops []Operation) (ok bool, message string) {
	byKey := telling(ops)
	undecided := ""
	for _, key := range slices.Sorted(maps.Keys(byKey)) {
		values := byValue(byKey[key])
		if message := contradiction(values); message != "" {
			return false, fmt.Sprintf("key %q %s", key, message)
		}
		if eachOnce(values) {
			continue // no contradiction is proof
		}
		switch search(history(byKey[key], values)) {
		case porcupine.Illegal:
			return false, fmt.Sprintf("key %q: no order of its %d operations explains what was read", key, len(byKey[key]))
		case porcupine.Unknown:
			if undecided == "" {
				undecided = fmt.Sprintf("undecided: no order of the %d operations on key %q was found in %d steps", len(byKey[key]), key, budget)
			}
		}
	}
	return undecided == "", undecided
}

// telling divides the operations by key, and leaves out those that say nothing.
func telling(ops []Operation) map[string][]*Operation {
	byKey := map[string][]*Operation{}
	for i := range ops {
		if op := &ops[i]; op.Outcome != Failed && (op.Write || op.Outcome == Acknowledged) {
			byKey[op.Key] = append(byKey[op.Key], op)
		}
	}
	return byKey
}

// registerModel is the model of a register. Its state is the write that it holds, nil at first; inputs are operations.
func registerModel() porcupine.Model {
	return porcupine.Model{
		Init: func() any { return (*Operation)(nil) },
		Step: func(state, input, _ any) (bool, any) {
			op := input.(*Operation)
			if op.Write {
				return true, op
			}
			return op.Value == content(state.(*Operation)), state
		},
	}
}

// search looks for an order of the operations on one register.
func search(ops []porcupine.Operation) porcupine.CheckResult {
	steps := 0
	hasty := registerModel()
	step := hasty.Step
	// Once the budget is spent nothing goes on, so that the search soon comes to an end.
	hasty.Step = func(state, input, output any) (bool, any) {
		if steps++; steps > budget {
			return false, state
		}
		return step(state, input, output)
	}
	ok := porcupine.CheckOperations(hasty, ops)
	switch {
	case ok:
		return porcupine.Ok
	case steps > budget:
		return porcupine.Unknown
	}
	return porcupine.Illegal
}

func content(write *Operation) string {
	if write == nil {
		return ""
	}
	return write.Value
}

// history writes the operations on one register down for the search, with the intervals as narrow as the values allow, since
// a write that stays open for ever makes the search slow:
//   - a write of unknown outcome whose value nobody read is left out: it may always be said not to have happened;
//   - a write whose value was read happened before the first such read had returned, if no other write wrote the same.
//
// The values must not contradict each other.
func history(ops []*Operation, values map[string]*holding) []porcupine.Operation {
	entries := make([]porcupine.Operation, 0, len(ops))
	for _, op := range ops {
		end := op.Return
		if op.Outcome == Unknown {
			end = never
		}
		if value := values[op.Value]; op.Write && value.writes == 1 && value.read {
			end = min(end, value.firstReturn)
		} else if op.Outcome == Unknown && !value.read {
			continue
		}
		entries = append(entries, porcupine.Operation{ClientId: op.Client, Input: op, Call: int64(op.Call), Return: int64(end)})
	}
	return entries
}
