package check

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/anishathalye/porcupine"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

const ms = time.Millisecond

func write(client int, value string, call, end time.Duration, outcome Outcome) Operation {
	return Operation{Client: client, Key: "k", Write: true, Value: value, Call: call * ms, Return: end * ms, Outcome: outcome}
}

func read(client int, value string, call, end time.Duration) Operation {
	return Operation{Client: client, Key: "k", Value: value, Call: call * ms, Return: end * ms}
}

func TestLinearizable(t *testing.T) {
	for _, c := range []struct {
		name    string
		ops     []Operation
		message string // "" if linearizable
	}{
		{name: "nothing"},
		{name: "reads of what was never written", ops: []Operation{read(0, "", 1, 2)}},
		{
			name: "one after the other",
			ops:  []Operation{write(0, "a", 1, 2, Acknowledged), read(1, "a", 3, 4), write(0, "b", 5, 6, Acknowledged), read(1, "b", 7, 8)},
		},
		{
			name: "a stale read",
			ops:  []Operation{write(0, "a", 1, 2, Acknowledged), write(0, "b", 3, 4, Acknowledged), read(1, "a", 5, 6)},
			message: `key "k" certainly held "a" from 2ms (client 0's write of "a" returned) to 5ms (client 1's read of "a" was called), ` +
				`and yet held "b" at some instant from 3ms (client 0's write of "b" was called) to 4ms (client 0's write of "b" returned)`,
		},
		{
			name: "an empty read after an acknowledged write",
			ops:  []Operation{write(0, "a", 1, 2, Acknowledged), read(1, "", 5, 6), read(1, "a", 7, 8)},
			message: `key "k" certainly held "" from the beginning to 5ms (client 1's read of "" was called), ` +
				`and yet certainly held "a" from 2ms (client 0's write of "a" returned) to 7ms (client 1's read of "a" was called)`,
		},
		{
			name: "old and new while the write is under way",
			ops:  []Operation{write(0, "a", 1, 20, Acknowledged), read(1, "", 2, 3), read(1, "a", 4, 5), read(2, "a", 5, 6)},
		},
		{
			name: "new and then old while the write is under way",
			ops:  []Operation{write(0, "a", 1, 20, Acknowledged), read(1, "a", 2, 3), read(1, "", 4, 5)},
			message: `key "k" certainly held "" from the beginning to 4ms (client 1's read of "" was called), ` +
				`and yet held "a" at some instant from 2ms (client 1's read of "a" was called) to 3ms (client 1's read of "a" returned)`,
		},
		{
			name: "a write of unknown outcome takes effect late",
			ops:  []Operation{write(0, "a", 1, 2, Acknowledged), write(1, "b", 3, 0, Unknown), read(2, "a", 50, 51), read(2, "b", 90, 91)},
		},
		{
			name: "a write of unknown outcome takes effect once",
			ops: []Operation{write(0, "a", 1, 2, Acknowledged), write(1, "b", 3, 0, Unknown), read(2, "b", 50, 51), read(2, "a", 60, 61),
				read(2, "b", 90, 91)},
			message: `key "k" certainly held "a" from 2ms (client 0's write of "a" returned) to 60ms (client 2's read of "a" was called), ` +
				`and yet certainly held "b" from 51ms (client 2's read of "b" returned) to 90ms (client 2's read of "b" was called)`,
		},
		{
			name:    "a value is read before its write is called",
			ops:     []Operation{write(1, "b", 3, 0, Unknown), read(2, "b", 1, 2)},
			message: `key "k" was read as "b" by client 2 at 2ms, but nobody had called a write of that`,
		},
		{
			name:    "a failed write is read",
			ops:     []Operation{write(0, "a", 1, 2, Failed), read(2, "a", 3, 4)},
			message: `key "k" was read as "a" by client 2 at 4ms, but nobody had called a write of that`,
		},
		{
			name: "a failed and an unanswered read say nothing",
			ops: []Operation{
				{Key: "k", Value: "x", Call: 1, Return: 2, Outcome: Failed}, {Key: "k", Value: "y", Call: 1, Outcome: Unknown},
			},
		},
		{
			name: "one value written twice",
			ops: []Operation{write(0, "a", 1, 0, Unknown), write(0, "b", 2, 3, Acknowledged), write(0, "a", 4, 5, Acknowledged), read(1, "a", 6, 7),
				write(0, "c", 8, 9, Acknowledged), read(1, "a", 10, 11)},
		},
		{
			name: "one value written twice at once",
			ops: []Operation{write(0, "b", 2, 10, Acknowledged), write(1, "b", 4, 13, Acknowledged), write(2, "a", 1, 3, Acknowledged),
				read(3, "a", 11, 12)},
		},
		{
			name: "one value written twice, and read when it was surely overwritten",
			ops: []Operation{write(0, "a", 1, 2, Acknowledged), write(0, "a", 3, 4, Acknowledged), write(0, "b", 5, 6, Acknowledged),
				read(1, "a", 7, 8)},
			message: `key "k": no order of its 4 operations explains what was read`,
		},
		{
			name: "keys are registers of their own",
			ops:  []Operation{write(0, "a", 1, 2, Acknowledged), {Key: "other", Call: 5 * ms, Return: 6 * ms}},
		},
	} {
		ok, message := Linearizable(c.ops)
		require.Equal(t, c.message == "", ok, "%s: %s", c.name, message)
		require.Equal(t, c.message, message, c.name)
	}
}

func TestCorrectRegistersAreLinearizable(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		kept := registers()
		ops := play(t, kept)
		ok, message := Linearizable(ops)
		require.True(t, ok, message)
		require.Empty(t, Lost(ops, map[string][]string{"k": kept["k"].log, "l": kept["l"].log}))
		shuffled := rapid.Permutation(ops).Draw(t, "shuffled")
		ok, message = Linearizable(shuffled)
		require.True(t, ok, "the order of the list has no meaning: %s", message)
	})
}

// A read that returns what had been overwritten before it was called is always found.
func TestStaleReadsAreCaught(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		kept := registers()
		ops := play(t, kept)
		end := time.Duration(0)
		for _, op := range ops {
			end = max(end, op.Return)
		}
		end += time.Second
		ops = append(ops, Operation{Key: "k", Write: true, Value: "newest", Call: end, Return: end + 1})
		stale := append([]string{""}, kept["k"].log...)
		ops = append(ops, Operation{Key: "k", Value: rapid.SampledFrom(stale).Draw(t, "stale"), Call: end + 2, Return: end + 3})
		if unknown(ops, ops[len(ops)-1].Value) {
			return // its write may have come late
		}
		ok, message := Linearizable(ops)
		require.False(t, ok)
		require.Contains(t, message, `key "k"`)
	})
}

func unknown(ops []Operation, value string) bool {
	return slices.ContainsFunc(ops, func(op Operation) bool { return op.Value == value && op.Write && op.Outcome == Unknown })
}

func TestAcknowledgedWritesThatVanishAreLost(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		kept := registers()
		ops := play(t, kept)
		var want []Operation
		survived := map[string][]string{}
		cut := rapid.IntRange(0, len(kept["k"].log)).Draw(t, "survives")
		survived["k"], survived["l"] = kept["k"].log[:cut], kept["l"].log
		for _, op := range ops {
			if op.Key == "k" && op.Write && op.Outcome == Acknowledged && !slices.Contains(survived["k"], op.Value) {
				want = append(want, op)
			}
		}
		require.Equal(t, want, Lost(ops, survived))
	})
}

func TestLost(t *testing.T) {
	ops := []Operation{
		write(0, "overwritten", 1, 2, Acknowledged), write(0, "gone", 3, 4, Acknowledged), write(0, "refused", 5, 6, Failed),
		write(0, "unanswered", 7, 0, Unknown), read(1, "gone", 8, 9), write(0, "final", 10, 11, Acknowledged),
	}
	require.Equal(t, []Operation{ops[1]}, Lost(ops, map[string][]string{"k": {"overwritten", "final"}, "other": {"gone"}}))
	require.Len(t, Lost(ops, nil), 3)
}

func TestThousandsOfOperations(t *testing.T) {
	ops := long(4000, 8)
	ok, message := Linearizable(ops)
	require.True(t, ok, message)

	ops[3999].Value = ops[3801].Value
	ok, message = Linearizable(ops)
	require.False(t, ok)
	require.Contains(t, message, "client 7's read")
}

// A search that would take for ever ends with a verdict of its own, and the same one each time.
func TestHopelessSearchIsUndecided(t *testing.T) {
	var ops []Operation
	for i := range 40 { // all at once, and nothing but the impossible last read restricts their order
		ops = append(ops, write(i, fmt.Sprint("v", i), 1, 1000, Acknowledged))
	}
	ops = append(ops, write(0, "twice", 1, 2, Acknowledged), write(1, "twice", 1, 2, Acknowledged), read(2, "twice", 2000, 2001),
		read(2, "v0", 1100, 1101))
	ok, message := Linearizable(ops)
	require.False(t, ok)
	require.Equal(t, `undecided: no order of the 44 operations on key "k" was found in 1048576 steps`, message)
}

// What values prove and what a search finds is the same, as long as no value is written twice.
func TestContradictionAgreesWithSearch(t *testing.T) {
	verdicts := map[bool]int{}
	rapid.Check(t, func(t *rapid.T) {
		ops := scramble(t)
		values := byValue(ops)
		proved := contradiction(values) != ""
		require.Equal(t, search(plain(ops)) == porcupine.Illegal, proved)
		if !proved {
			require.Equal(t, porcupine.Ok, search(history(ops, values)), "narrower intervals change nothing")
		}
		verdicts[proved]++
	})
	require.NotZero(t, verdicts[true])
	require.NotZero(t, verdicts[false])
}

// scramble returns operations on one register that know nothing of each other.
func scramble(t *rapid.T) (ops []*Operation) {
	count := rapid.IntRange(1, 8).Draw(t, "operations")
	for i := range count {
		op := &Operation{Key: "k", Write: rapid.Bool().Draw(t, "write")}
		op.Call = time.Duration(rapid.IntRange(0, 12).Draw(t, "call"))
		op.Return = op.Call + time.Duration(rapid.IntRange(0, 6).Draw(t, "took"))
		if op.Write {
			op.Value = fmt.Sprint("v", i)
			op.Outcome = rapid.SampledFrom([]Outcome{Acknowledged, Unknown}).Draw(t, "outcome")
		} else if from := rapid.IntRange(-1, count-1).Draw(t, "value"); from >= 0 {
			op.Value = fmt.Sprint("v", from)
		}
		ops = append(ops, op)
	}
	return ops
}

// plain is a history with all intervals as they are.
func plain(ops []*Operation) (entries []porcupine.Operation) {
	for _, op := range ops {
		end := op.Return
		if op.Outcome == Unknown {
			end = never
		}
		entries = append(entries, porcupine.Operation{Input: op, Call: int64(op.Call), Return: int64(end)})
	}
	return entries
}

func BenchmarkLinearizable(b *testing.B) {
	ops := long(4000, 8)
	for b.Loop() {
		Linearizable(ops)
	}
}
