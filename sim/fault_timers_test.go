package sim

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// elections counts, from an instant on, the candidates of each term, and lists the terms that somebody won. A candidate that asks
// for pre-votes still has the term before.
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

// However the leader of term 2 is lost: with the timers together the vote is split in term 3, with the timers apart nobody has a
// rival in it, and wins.
func TestTimers(t *testing.T) {
	for _, loss := range []string{"kill: the primary of db", "for: 20s, crash: the node of the primary of db", "for: 20s, hang: the primary of db",
		"for: 20s, partition: {from: the primary of db, to: everything else}",
		"for: 20s, partition: {from: the primary of db, to: everything else, oneWay: true}"} {
		for _, replicas := range []int{3, 5} {
			for how, wants := range map[string]struct {
				stood int
				won   string
			}{"together": {replicas - 1, "term 4"}, "apart": {1, "term 3"}} {
				t.Run(fmt.Sprint(how, " ", replicas, " ", loss), func(t *testing.T) {
					world := strings.Replace(head("Parallel", replicas), "processStart: {min: 200ms, max: 2s}", "processStart: 5s", 1)
					rec := faulty(t, world, "50s", "{at: 35s, timers: {set: db, how: "+how+"}}", "{at: 40s, "+loss+"}")
					stood, won := elections(rec, 40*time.Second)
					require.Empty(t, rec.Violations)
					require.Equal(t, wants.stood, stood["term 3"])
					require.Equal(t, []string{wants.won}, won)
				})
			}
		}
	}
}
