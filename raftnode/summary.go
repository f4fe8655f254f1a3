package raftnode

import (
	"strconv"

	"github.com/hashicorp/raft"
)

// Summary says in a few words what a message carries, always in the same way. It is kept as numbers, because most messages
// are never looked at, and becomes text when somebody asks.
type Summary struct {
	form       form
	term       uint64
	a, b, c, d uint64
	flag       bool
	refusal    string // the error that answered a call
}

type form uint8

const (
	plain form = iota
	beat
	appending
	appended
	vote
	voted
	snapshot
	installed
	failed
)

// String is for instance "term 2 prev 7/2 entries 1 commit 7", "term 3 granted" or "term 2 success last 8". An entry is
// written as index/term.
func (s Summary) String() string {
	var room [64]byte
	return string(s.AppendTo(room[:0]))
}

// AppendTo appends what String returns to b.
func (s Summary) AppendTo(b []byte) []byte {
	if s.form == failed {
		return append(append(b, "error: "...), s.refusal...)
	}
	if s.form == plain {
		return b
	}
	b = number(b, "term ", s.term) // all that a heartbeat carries
	switch s.form {
	case appending:
		b = entry(b, " prev ", s.a, s.b)
		b = number(b, " entries ", s.c)
		b = number(b, " commit ", s.d)
	case appended:
		b = either(b, s.flag, " success", " rejected")
		b = number(b, " last ", s.a)
	case vote:
		b = entry(b, " last ", s.a, s.b)
		b = either(b, s.flag, " transfer", "")
	case voted:
		b = either(b, s.flag, " granted", " denied")
	case snapshot:
		b = entry(b, " last ", s.a, s.b)
		b = number(b, " bytes ", s.c)
	case installed:
		b = either(b, s.flag, " success", " rejected")
	}
	return b
}

func number(b []byte, label string, n uint64) []byte {
	return strconv.AppendUint(append(b, label...), n, 10)
}

func entry(b []byte, label string, index, term uint64) []byte {
	return number(number(b, label, index), "/", term)
}

func either(b []byte, flag bool, yes, no string) []byte {
	if flag {
		return append(b, yes...)
	}
	return append(b, no...)
}

func summarizeAppend(r *raft.AppendEntriesRequest) Summary {
	return Summary{form: appending, term: r.Term,
		a: r.PrevLogEntry, b: r.PrevLogTerm, c: uint64(len(r.Entries)), d: r.LeaderCommitIndex}
}

func summarizeVote(r *raft.RequestVoteRequest) Summary {
	return Summary{form: vote, term: r.Term, a: r.LastLogIndex, b: r.LastLogTerm, flag: r.LeadershipTransfer}
}

func summarizePreVote(r *raft.RequestPreVoteRequest) Summary {
	return Summary{form: vote, term: r.Term, a: r.LastLogIndex, b: r.LastLogTerm}
}

func summarizeInstall(r *raft.InstallSnapshotRequest) Summary {
	return Summary{form: snapshot, term: r.Term, a: r.LastLogIndex, b: r.LastLogTerm, c: uint64(r.Size)}
}

func summarizeResponse(r raft.RPCResponse) Summary {
	if r.Error != nil {
		return Summary{form: failed, refusal: r.Error.Error()}
	}
	switch r := r.Response.(type) {
	case *raft.AppendEntriesResponse:
		return Summary{form: appended, term: r.Term, flag: r.Success, a: r.LastLog}
	case *raft.RequestVoteResponse:
		return Summary{form: voted, term: r.Term, flag: r.Granted}
	case *raft.RequestPreVoteResponse:
		return Summary{form: voted, term: r.Term, flag: r.Granted}
	case *raft.InstallSnapshotResponse:
		return Summary{form: installed, term: r.Term, flag: r.Success}
	}
	return Summary{}
}
