package check

import (
	"fmt"
	"time"
)

// Outcome is what a client knows of an operation.
type Outcome uint8

// What a client can know.
const (
	Acknowledged Outcome = iota
	Failed               // it surely had no effect
	Unknown              // it may have taken effect, or may still: no answer came
)

// Operation is one read or write of one register by a client.
type Operation struct {
	Client       int // numbered from 0
	Key          string
	Write        bool
	Value        string        // written, or read; "" is a register that was never written
	Call, Return time.Duration // since the start of the run; Return is meaningless if Outcome is Unknown
	Outcome      Outcome
}

// String returns "client 3's write of "b"".
func (op *Operation) String() string {
	verb := "read"
	if op.Write {
		verb = "write"
	}
	return fmt.Sprintf("client %d's %s of %q", op.Client, verb, op.Value)
}
