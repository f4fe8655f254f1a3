package raftnode

import (
	"strings"
	"time"

	"github.com/hashicorp/go-hclog"
)

// settlingLogger drops what raft logs, and uses two of its lines to let the peer settle: after "entering … state" and
// "added peer, starting replication" raft starts goroutines that draw timeouts from one shared source. A nanosecond between
// them fixes the order of their draws.
type settlingLogger struct {
	hclog.Logger // the null logger
	gate         *gate
	dead         <-chan struct{}
}

func (l settlingLogger) Info(line string, _ ...any) {
	if !strings.HasPrefix(line, "entering ") && line != "added peer, starting replication" || closed(l.dead) {
		return
	}
	l.gate.close()
	time.Sleep(time.Nanosecond)
	l.gate.open()
}
