package sim

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// elections counts, from an instant on, how often a peer stood for election in a term of its own, by term: a split vote is a term in
// which several did and nobody won.
func elections(rec *Recording, from time.Duration) (stood map[string]int, won []string) {
	stood = map[string]int{}
	for _, e := range rec.Events {
		switch {
		case e.At < from || e.Kind != "Peer" || e.Verb != "become":
		case e.Reason == "Candidate":
			stood[e.Detail]++
		case e.Reason == "Leader":
			won = append(won, e.Detail)
		}
	}
	return stood, won
}

// losses are ways to lose a leader, each at 40 s.
var losses = []string{
	"kill: the primary of db",                                                         // which may be back before the timers run out
	"for: 20s, crash: the node of the primary of db",                                  //
	"for: 20s, partition: {from: the primary of db, to: everything else}",             // it steps down
	"for: 20s, hang: the primary of db",                                               //
	"for: 20s, partition: {from: the primary of db, to: everything else, oneWay: true}", // it still hears them
}

// However a leader is lost: with the timers together the first vote is split, with the timers apart it is not. The same seed tells
// the same story.
func TestTimers(t *testing.T) {
	for _, replicas := range []int{3, 5} {
		for _, loss := range losses {
			for _, how := range []string{"together", "apart"} {
				t.Run(fmt.Sprint(replicas, " ", how, " ", loss), func(t *testing.T) {
					world := strings.Replace(head("Parallel", replicas), "latencies: {", "latencies: {processStart: 5s, ", 1)
					world = strings.Replace(world, ", processStart: {min: 200ms, max: 2s}", "", 1)
					steps := []string{"{at: 35s, timers: {set: db, how: " + how + "}}", "{at: 40s, " + loss + "}"}
					rec := faulty(t, world, "90s", steps...)
					stood, won := elections(rec, 40*time.Second)
					fmt.Println(stood, won)
					require.Empty(t, rec.Violations)
					requireSameTrace(t, rec, faulty(t, world, "90s", steps...))
				})
			}
		}
	}
}
