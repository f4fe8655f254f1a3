package raftnode

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"runtime"
	"slices"
	"sync"
	"time"

	"github.com/hashicorp/raft"
)

var (
	// ErrTimeout ends a call that was not answered in time.
	ErrTimeout = errors.New("raftnode: i/o timeout")
	// errDead ends what a killed peer still tries to do.
	errDead = errors.New("raftnode: the process is dead")
)

// wire is the raft.Transport of one peer. What raft sends becomes a Message in the outbox of the simulation; what the
// simulation delivers reaches raft through its ordinary consumer.
type wire struct {
	address  raft.ServerAddress
	timeout  time.Duration
	send     func(Message)
	standing func(term uint64, target raft.ServerID) standing
	dead     <-chan struct{}
	consumer chan raft.RPC

	mu      sync.Mutex // never held across a wait
	sent    map[route]uint64
	matched map[string]match // by the follower's ID
	removed map[raft.ServerID]int
}

// match is how far a follower's log is known to agree with that of the leader of a term.
type match struct{ term, index uint64 }

type route struct {
	to   string
	kind Kind
}

// standing is what a peer is to a follower that one of its goroutines replicates to.
type standing uint8

const (
	deposed standing = iota // it does not lead in that term any more
	parting                 // it leads, and the follower is not of its cluster any more
	leading
)

func (w *wire) Consumer() <-chan raft.RPC                               { return w.consumer }
func (w *wire) LocalAddr() raft.ServerAddress                           { return w.address }
func (w *wire) EncodePeer(_ raft.ServerID, a raft.ServerAddress) []byte { return []byte(a) }
func (w *wire) DecodePeer(b []byte) raft.ServerAddress                  { return raft.ServerAddress(b) }

// SetHeartbeatHandler is ignored: every heartbeat is a message like any other.
func (w *wire) SetHeartbeatHandler(func(raft.RPC)) {}

// AppendEntriesPipeline refuses: every call is to be a message of its own.
func (w *wire) AppendEntriesPipeline(raft.ServerID, raft.ServerAddress) (raft.AppendPipeline, error) {
	return nil, raft.ErrPipelineReplicationNotSupported
}

func (w *wire) AppendEntries(id raft.ServerID, to raft.ServerAddress, args *raft.AppendEntriesRequest, resp *raft.AppendEntriesResponse) error {
	request := *args // raft fills the same request again for its next call
	m := Message{To: string(to), Kind: AppendEntries, Term: args.Term, Summary: summarizeAppend(args), call: &call{request: &request}}
	if args.PrevLogEntry == 0 && args.LeaderCommitIndex == 0 && len(args.Entries) == 0 {
		m.Kind, m.Summary = Heartbeat, Summary{form: beat, term: args.Term}
	}
	return replicate(w, id, m, resp)
}

func (w *wire) InstallSnapshot(id raft.ServerID, to raft.ServerAddress, args *raft.InstallSnapshotRequest, resp *raft.InstallSnapshotResponse, data io.Reader) error {
	content, err := io.ReadAll(data)
	if err != nil {
		return fmt.Errorf("read the snapshot to install: %w", err)
	}
	return replicate(w, id, Message{To: string(to), Kind: InstallSnapshot, Term: args.Term, Summary: summarizeInstall(args),
		call: &call{request: args, snapshot: content}}, resp)
}

func (w *wire) RequestVote(_ raft.ServerID, to raft.ServerAddress, args *raft.RequestVoteRequest, resp *raft.RequestVoteResponse) error {
	return exchange(w, Message{To: string(to), Kind: RequestVote, Term: args.Term, Summary: summarizeVote(args), call: &call{request: args}}, resp)
}

func (w *wire) RequestPreVote(_ raft.ServerID, to raft.ServerAddress, args *raft.RequestPreVoteRequest, resp *raft.RequestPreVoteResponse) error {
	return exchange(w, Message{To: string(to), Kind: RequestPreVote, Term: args.Term, Summary: summarizePreVote(args), call: &call{request: args}}, resp)
}

func (w *wire) TimeoutNow(_ raft.ServerID, to raft.ServerAddress, args *raft.TimeoutNowRequest, resp *raft.TimeoutNowResponse) error {
	return exchange(w, Message{To: string(to), Kind: TimeoutNow, call: &call{request: args}}, resp)
}

// replicate is exchange for the goroutines that a leader keeps for each follower, and ends such a goroutine when its
// leadership is over, or its follower is removed and has been told.
//
// Raft would end it too, but by a select between a stop and a pending trigger, and Go chooses between two ready cases at
// random: the goroutine might send once more and draw another timeout from the source that all peers share, or not. Ending it
// here, where both ways pass, makes them one. Its deferred calls run as they do when it returns.
func replicate[R any](w *wire, target raft.ServerID, m Message, resp *R) error {
	begun, removals := w.standing(m.Term, target), w.removals(target)
	if begun == deposed {
		runtime.Goexit()
	}
	err := exchange(w, m, resp)
	if err == nil && m.Kind != Heartbeat {
		w.note(target, m, resp)
	}
	if begun == parting || w.standing(m.Term, target) != leading || w.removals(target) != removals {
		runtime.Goexit()
	}
	return err
}

// exchange sends a request and waits for its answer.
func exchange[R any](w *wire, m Message, resp *R) error {
	m.From, m.ID = string(w.address), w.count(m.To, m.Kind)
	m.call.wire, m.call.answered = w, make(chan raft.RPCResponse, 1)
	w.post(m)
	timer := time.NewTimer(w.timeout + m.oddity())
	defer timer.Stop()
	select {
	case r := <-m.call.answered:
		if r.Error != nil {
			return r.Error
		}
		*resp = *r.Response.(*R)
		return nil
	case <-timer.C:
		return ErrTimeout
	case <-w.dead:
		return errDead
	}
}

// oddity is a fraction of a millisecond by which the call waits longer than others: what is sent to several peers at once is
// not to time out at once.
func (m *Message) oddity() time.Duration {
	h := uint32(m.ID) * 2654435761
	for i := range len(m.To) {
		h = (h ^ uint32(m.To[i])) * 16777619
	}
	return time.Duration(h % uint32(time.Millisecond))
}

// count numbers a request among those of its kind to the same peer, so that its number does not depend on the order in which
// goroutines with different targets ran.
func (w *wire) count(to string, kind Kind) uint64 {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.sent[route{to, kind}]++
	return w.sent[route{to, kind}]
}

// remove notes that a server is taken out of the cluster: it may be back before a call to it has ended.
func (w *wire) remove(server raft.ServerID) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.removed[server]++
}

func (w *wire) removals(server raft.ServerID) int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.removed[server]
}

// replicated tells whether one of the voters is known to have the log up to that index, having said so to the leader of that
// term.
func (w *wire) replicated(term, index uint64, voters []string) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.ContainsFunc(voters, func(id string) bool { return w.matched[id] == match{term, index} })
}

// note keeps what a follower has answered about its log.
func (w *wire) note(target raft.ServerID, m Message, resp any) {
	has := match{term: m.Term}
	switch request := m.call.request.(type) {
	case *raft.AppendEntriesRequest:
		if resp.(*raft.AppendEntriesResponse).Success {
			has.index = request.PrevLogEntry + uint64(len(request.Entries))
		}
	case *raft.InstallSnapshotRequest:
		if resp.(*raft.InstallSnapshotResponse).Success {
			has.index = request.LastLogIndex
		}
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.matched[string(target)] = has
}

func (w *wire) post(m Message) {
	if !closed(w.dead) {
		w.send(m)
	}
}

// serve hands a request to raft and sends the answer back. It runs on a goroutine of its own.
func (w *wire) serve(m Message) {
	answer := make(chan raft.RPCResponse, 1)
	rpc := raft.RPC{Command: m.call.request, RespChan: answer}
	if m.Kind == InstallSnapshot {
		rpc.Reader = bytes.NewReader(m.call.snapshot)
	}
	select {
	case w.consumer <- rpc:
	case <-w.dead:
		return
	}
	select {
	case r := <-answer:
		w.post(Message{From: string(w.address), To: m.From, Kind: m.Kind, ID: m.ID, Answer: true,
			Term: responseTerm(r), Summary: summarizeResponse(r), call: m.call, response: r})
	case <-w.dead:
	}
}

func responseTerm(r raft.RPCResponse) uint64 {
	switch r := r.Response.(type) {
	case *raft.AppendEntriesResponse:
		return r.Term
	case *raft.RequestVoteResponse:
		return r.Term
	case *raft.RequestPreVoteResponse:
		return r.Term
	case *raft.InstallSnapshotResponse:
		return r.Term
	}
	return 0
}

func closed(c <-chan struct{}) bool {
	select {
	case <-c:
		return true
	default:
		return false
	}
}
