package check

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// shown is what a page shows: porcupine puts it there as JSON.
type shown struct {
	Partitions []struct {
		History []struct {
			ClientID              int `json:"ClientId"`
			Start, End            int
			Description, Metadata string
		}
		PartialLinearizations [][]struct {
			Index            int
			StateDescription string
		}
	}
	Annotations []struct {
		ClientID             int `json:"ClientId"`
		Start, End           int
		Description, Details string
	}
}

func page(t require.TestingT, ops []Operation) (text string, read shown) {
	var b bytes.Buffer
	require.NoError(t, Picture(&b, ops, []string{"writer", "<reader>"}))
	_, rest, found := strings.Cut(b.String(), "const data = ")
	require.True(t, found)
	require.NoError(t, json.NewDecoder(strings.NewReader(rest)).Decode(&read))
	return b.String(), read
}

func at(seconds int) time.Duration { return time.Duration(seconds) * time.Second }

func TestPicture(t *testing.T) {
	text, read := page(t, []Operation{
		{Client: 0, Key: "default/db/k1", Write: true, Value: "a", Call: at(1), Return: at(2)},
		{Client: 1, Key: "default/db/k1", Value: "a", Call: at(3), Return: at(4)},
		{Client: 1, Key: "default/db/k2", Call: at(3), Return: at(5)},
		{Client: 0, Key: "default/db/k1", Write: true, Value: "b", Call: at(5), Outcome: Unknown},
		{Client: 0, Key: "default/db/k1", Write: true, Value: "c", Call: at(6), Outcome: Failed},
	})
	require.NotRegexp(t, `(?:src|href)="?https?:`, text, "nothing is loaded")
	require.Len(t, read.Partitions, 2, "a register is judged on its own")
	k1 := read.Partitions[0]
	require.Equal(t, "writer writes k1: a", k1.History[0].Description)
	require.Equal(t, "writer of default/db/k1, called at 1.000 s, answered at 2.000 s", k1.History[0].Metadata)
	require.Equal(t, "<reader> reads k1: a", k1.History[1].Description)
	require.Equal(t, "&lt;reader&gt; of default/db/k1, called at 3.000 s, answered at 4.000 s", k1.History[1].Metadata, "the page takes it for HTML")
	require.Len(t, k1.PartialLinearizations, 1)
	require.Equal(t, "default/db/k1 holds a, which writer wrote", k1.PartialLinearizations[0][0].StateDescription)
	require.Equal(t, "<reader> reads k2: never written", read.Partitions[1].History[0].Description)
	require.Equal(t, 2, read.Partitions[1].History[0].ClientID, "a client that does two things at once has two rows")
	require.Len(t, read.Annotations, 1)
	require.Equal(t, "writer writes k1: b, no answer", read.Annotations[0].Description)
}

func TestPictureOfNothing(t *testing.T) {
	require.ErrorContains(t, Picture(io.Discard, nil, nil), "no history")
	require.ErrorContains(t, Picture(io.Discard, make([]Operation, mostDrawn+1), nil), "10001 operations")
}

// However hard it is to find an order, the page is there soon.
func TestPictureOfAHardHistory(t *testing.T) {
	var ops []Operation
	for i := range 40 {
		ops = append(ops, Operation{Client: i, Key: "k", Write: true, Value: fmt.Sprint(i % 7), Call: at(1), Return: at(100)})
	}
	for i := range 40 {
		ops = append(ops, Operation{Client: 40 + i, Key: "k", Value: fmt.Sprint(i % 7), Call: at(2), Return: at(99)})
	}
	ops = append(ops, Operation{Client: 80, Key: "k", Value: "nobody's", Call: at(101), Return: at(102)})
	began := time.Now()
	page(t, ops)
	require.Less(t, time.Since(began), 5*time.Second)
}

// The page agrees with the judge: all is in one order exactly if the history is linearizable, and what stands in a row is never there at
// the same time.
func TestPictureAgrees(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		ops := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) Operation {
			call := rapid.IntRange(0, 20).Draw(t, "call")
			return Operation{Client: rapid.IntRange(0, 2).Draw(t, "client"), Key: rapid.SampledFrom([]string{"a", "b"}).Draw(t, "key"),
				Write: rapid.Bool().Draw(t, "write"), Value: rapid.SampledFrom([]string{"x", "y", "z"}).Draw(t, "value"),
				Call: at(call), Return: at(call + rapid.IntRange(1, 5).Draw(t, "long")), Outcome: Outcome(rapid.IntRange(0, 2).Draw(t, "outcome"))}
		}), 1, 8).Draw(t, "ops")
		if len(telling(ops)) == 0 {
			return
		}
		_, read := page(t, ops)
		inOrder := true
		rows := map[int][][2]int{}
		for _, part := range read.Partitions {
			longest := 0
			for _, order := range part.PartialLinearizations {
				longest = max(longest, len(order))
			}
			inOrder = inOrder && longest == len(part.History)
			for _, op := range part.History {
				rows[op.ClientID] = append(rows[op.ClientID], [2]int{op.Start, op.End})
			}
		}
		for _, note := range read.Annotations {
			rows[note.ClientID] = append(rows[note.ClientID], [2]int{note.Start, note.End})
		}
		ok, message := Linearizable(ops)
		require.Equal(t, ok, inOrder, message)
		for _, row := range rows {
			slices.SortFunc(row, func(a, b [2]int) int { return a[0] - b[0] })
			for i := 1; i < len(row); i++ {
				require.Less(t, row[i-1][1], row[i][0])
			}
		}
	})
}
