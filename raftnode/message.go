package raftnode

import (
	"cmp"
	"strings"

	"github.com/hashicorp/raft"
)

// Kind names a remote procedure call of raft.
type Kind string

// The calls that peers make to each other. A heartbeat is an AppendEntries that carries nothing: raft sends it from a
// goroutine of its own, beside the one that replicates, which is why it is counted and shown apart.
const (
	AppendEntries   Kind = "AppendEntries"
	Heartbeat       Kind = "Heartbeat"
	RequestVote     Kind = "RequestVote"
	RequestPreVote  Kind = "RequestPreVote"
	InstallSnapshot Kind = "InstallSnapshot"
	TimeoutNow      Kind = "TimeoutNow"
)

// Message is a request of one peer to another, or the answer to one. It is immutable, and may be delivered more than once.
type Message struct {
	From, To string // addresses
	Kind     Kind
	ID       uint64 // counts the requests of this kind from one peer to one other, from 1; an answer has its request's
	Answer   bool
	Term     uint64 // as the sender states it; 0 where the call has none
	Summary  Summary

	call     *call
	response raft.RPCResponse // of an answer
}

// Compare orders messages that were sent in one instant, whatever order the goroutines of raft happened to run in.
func Compare(a, b Message) int {
	return cmp.Or(
		strings.Compare(a.From, b.From),
		strings.Compare(a.To, b.To),
		strings.Compare(string(a.Kind), string(b.Kind)),
		compareBool(a.Answer, b.Answer),
		cmp.Compare(a.ID, b.ID),
	)
}

func compareBool(a, b bool) int {
	switch {
	case a == b:
		return 0
	case b:
		return -1
	}
	return 1
}

// call is a request under way. It stays with the message and its answers, so that an answer finds the goroutine that waits
// for it, and finds nobody once that peer has been restarted.
type call struct {
	wire     *wire
	request  any    // a pointer to one of raft's requests
	snapshot []byte // of an InstallSnapshot
	answered chan raft.RPCResponse
}

// settle hands the caller its answer. Only the first one counts.
func (c *call) settle(r raft.RPCResponse) {
	select {
	case c.answered <- r:
	default:
	}
}
