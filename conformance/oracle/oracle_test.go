package oracle

import (
	"encoding/json"
	"testing"

	"statefulsim/conformance/vector"
)

// recorded is an earlier recording of the same version of upstream, which the model's own tests replay.
const recorded = "../../controller/statefulset/testdata/statefulset-1.37.2.jsonl.gz"

// TestRecorded asks upstream again what it was recorded to do, and expects the same, word for word.
func TestRecorded(t *testing.T) {
	const every = 5
	n := 0
	for line, err := range vector.Read(recorded) {
		if err != nil {
			t.Fatal(err)
		}
		if n++; n%every != 0 {
			continue
		}
		got, _ := Sync(&line.In, line.Faults)
		if diff := vector.Differences(line.Out.Arranged(line.In.Set.Policy), got); diff != nil {
			text, _ := json.Marshal(line)
			t.Fatalf("line %d: %q\n%s", n, diff, text)
		}
	}
	t.Logf("%d of %d lines asked again", n/every, n)
}
