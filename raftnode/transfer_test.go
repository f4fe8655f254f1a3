package raftnode_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"statefulsim/raftnode"
)

// A leader hands over to the voter that is named, whichever that is, and stays if there is none of that name.
func TestTransferLeadershipTo(t *testing.T) {
	for at := range 3 {
		var old, heir, leader string
		simulate(t, 1, 6*time.Second, func(w *world) {
			w.three()
			w.onLeader(5*time.Second, func(name string, p *raftnode.Peer) {
				old, heir = name, []string{"p0", "p1", "p2"}[at]
				p.TransferLeadershipTo(heir, heir)
			})
			w.at(5200*time.Millisecond, func() { leader = w.leader() })
		})
		require.NotEmpty(t, old)
		require.Equal(t, heir, leader)
	}
}

func TestTransferToNobody(t *testing.T) {
	var old, leader string
	simulate(t, 1, 8*time.Second, func(w *world) {
		w.three()
		w.onLeader(5*time.Second, func(name string, p *raftnode.Peer) {
			old = name
			p.TransferLeadershipTo("p9", "p9")
		})
		w.at(7*time.Second, func() { leader = w.leader() })
	})
	require.Equal(t, old, leader)
}
