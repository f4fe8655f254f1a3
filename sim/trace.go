package sim

import (
	"bufio"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"strconv"
	"time"
)

// appendLine appends an event to b as its line of the trace, without the line's end: a JSON object whose keys always stand
// in the same order, so that equal events are equal bytes.
func appendLine(b []byte, e Event) []byte {
	b = append(b, `{"seq":`...)
	b = strconv.AppendInt(b, int64(e.Seq), 10)
	b = append(b, `,"t":`...)
	b = appendSeconds(b, e.At)
	b = append(b, `,"cause":`...)
	b = strconv.AppendInt(b, int64(e.Cause), 10)
	b = appendString(append(b, `,"actor":`...), e.Actor)
	b = appendString(append(b, `,"verb":`...), e.Verb)
	b = appendString(append(b, `,"kind":`...), e.Kind)
	b = appendString(append(b, `,"name":`...), e.Name)
	b = appendString(append(b, `,"reason":`...), e.Reason)
	b = appendString(append(b, `,"detail":`...), e.Detail)
	return append(b, '}')
}

// appendSeconds writes a duration in seconds with all nine decimals: every nanosecond is a different text.
func appendSeconds(b []byte, d time.Duration) []byte {
	b = strconv.AppendInt(b, int64(d/time.Second), 10)
	b = append(b, '.')
	var digits [10]byte // a one before the nine decimals keeps their zeros
	return append(b, strconv.AppendInt(digits[:0], int64(d%time.Second)+1e9, 10)[1:]...)
}

func appendString(b []byte, s string) []byte {
	for i := 0; i < len(s); i++ {
		if c := s[i]; c < ' ' || c == '"' || c == '\\' || c >= 0x7f {
			quoted, err := json.Marshal(s)
			if err != nil {
				panic(err) // a string is always valid JSON
			}
			return append(b, quoted...)
		}
	}
	b = append(b, '"')
	b = append(b, s...)
	return append(b, '"')
}

// WriteTrace writes the whole trace, one JSON object a line.
func (r *Recording) WriteTrace(w io.Writer) error {
	out := bufio.NewWriter(w)
	var line []byte
	for _, e := range r.Events {
		line = append(appendLine(line[:0], e), '\n')
		if _, err := out.Write(line); err != nil {
			return err
		}
	}
	return out.Flush()
}

// hashOf returns the SHA-256 of the trace as WriteTrace writes it, in hexadecimal.
func hashOf(events []Event) string {
	sum := sha256.New()
	var block []byte
	for _, e := range events {
		block = append(appendLine(block, e), '\n')
		if len(block) > 1<<16 {
			sum.Write(block)
			block = block[:0]
		}
	}
	sum.Write(block)
	return hex.EncodeToString(sum.Sum(nil))
}

// FirstDifference compares two traces line by line. It returns the number of the first line that differs, counting from
// 1, and both lines ("" where a trace has ended); 0 if the traces are the same.
func FirstDifference(a, b []Event) (line int, inA, inB string) {
	for i := range max(len(a), len(b)) {
		var x, y string
		if i < len(a) {
			x = string(appendLine(nil, a[i]))
		}
		if i < len(b) {
			y = string(appendLine(nil, b[i]))
		}
		if x != y {
			return i + 1, x, y
		}
	}
	return 0, "", ""
}
