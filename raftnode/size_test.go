package raftnode

import (
	"testing"

	"github.com/hashicorp/raft"
	"github.com/stretchr/testify/require"
)

func TestSizes(t *testing.T) {
	ten := make([]byte, 10)
	for _, c := range []struct {
		what string
		m    Message
		size int
	}{
		{"a vote", Message{call: &call{request: &raft.RequestVoteRequest{}}}, 100},
		{"a heartbeat", Message{call: &call{request: &raft.AppendEntriesRequest{}}}, 100},
		{"two entries", Message{call: &call{request: &raft.AppendEntriesRequest{Entries: []*raft.Log{{Data: ten}, {}}}}}, 310},
		{"their answer", Message{Answer: true, call: &call{request: &raft.AppendEntriesRequest{Entries: []*raft.Log{{Data: ten}, {}}}}}, 100},
		{"a snapshot", Message{call: &call{request: &raft.InstallSnapshotRequest{}, snapshot: make([]byte, 5000)}}, 5100},
	} {
		require.Equal(t, c.size, c.m.Size(), c.what)
	}
}
