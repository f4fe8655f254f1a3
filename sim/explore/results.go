package explore

import (
	"bufio"
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"slices"
)

// Read reads results, one a line. A last line that was cut off, as by a crash of who wrote it, is left out; any other line that is
// no result is an error which names it.
func Read(name string, r io.Reader) (results []Result, err error) {
	lines := bufio.NewReader(r)
	for n := 1; ; n++ {
		line, err := lines.ReadBytes('\n')
		if err == io.EOF {
			return results, nil // what has no end of line was cut off
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		if len(bytes.TrimSpace(line)) == 0 {
			continue
		}
		var result Result
		if err := json.Unmarshal(line, &result); err != nil || result.Verdict == "" {
			return nil, fmt.Errorf("%s:%d: this is not a result of sim explore", name, n)
		}
		results = append(results, result)
	}
}

// Merge joins the results of several shards: in the order of their seeds, each seed once. The error names a seed for which two
// shards have different traces: they ran different versions, or the simulator is at fault.
func Merge(shards ...[]Result) ([]Result, error) {
	bySeed := map[uint64]Result{}
	for _, shard := range shards {
		for _, r := range shard {
			if other, twice := bySeed[r.Seed]; twice && other.Hash != r.Hash {
				return nil, fmt.Errorf("seed %d has two traces, %.12s and %.12s: the shards ran different versions of sim or of the scenario", r.Seed, other.Hash, r.Hash)
			}
			bySeed[r.Seed] = r
		}
	}
	merged := make([]Result, 0, len(bySeed))
	for _, r := range bySeed {
		merged = append(merged, r)
	}
	slices.SortFunc(merged, func(a, b Result) int { return cmp.Compare(a.Seed, b.Seed) })
	return merged, nil
}

// Summary counts results.
type Summary struct {
	Seeds, Runs int
	Passed      int
	Found       []Result // those that did not pass, the shortest first, one of each invariant before the second of any
}

// Summarize counts results.
func Summarize(results []Result) (s Summary) {
	first := map[string]int{}
	var found []Result
	for _, r := range results {
		s.Seeds++
		s.Runs += r.Runs
		if r.Verdict == Passed {
			s.Passed++
			continue
		}
		found = append(found, r)
	}
	slices.SortFunc(found, func(a, b Result) int { return cmp.Or(a.Steps-b.Steps, cmp.Compare(a.Seed, b.Seed)) })
	rank := make([]int, len(found))
	order := make([]int, len(found))
	for i, r := range found {
		rank[i], order[i] = first[r.Verdict+r.Invariant], i
		first[r.Verdict+r.Invariant]++
	}
	slices.SortStableFunc(order, func(a, b int) int { return rank[a] - rank[b] })
	for _, i := range order {
		s.Found = append(s.Found, found[i])
	}
	return s
}

// Line writes a result as one line of JSON.
func (r Result) Line() []byte {
	var b bytes.Buffer
	if err := json.NewEncoder(&b).Encode(r); err != nil {
		panic(err) // it holds nothing that JSON cannot
	}
	return b.Bytes()
}
