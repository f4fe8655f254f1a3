package explore

import (
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	"statefulsim/scenarios"
	"statefulsim/sim"
)

var update = flag.Bool("update", false, "find each deliberate bug anew where it is not found any more, and write the table of docs/search.md")

// A deliberate bug must be found within so many seeds, and what finds it must shrink to so few steps.
const (
	mostSeeds = 100
	mostLeft  = 5
)

// ground is the scenario that the search for a bug begins with.
const ground = "search-ground"

// searchFor prepares the search for a bug; "" is none.
func searchFor(t *testing.T, bug string) *Search {
	t.Helper()
	s, err := scenarios.Single(scenarios.Load(ground, scenarios.Choice{}))
	require.NoError(t, err)
	found, err := New(s, Options{Bug: bug})
	require.NoError(t, err)
	return found
}

func TestEveryBugIsListed(t *testing.T) {
	_, rows := table(t)
	require.Len(t, rows, len(sim.Bugs()), "run the test with -update")
	require.GreaterOrEqual(t, len(rows), 16)
	for _, bug := range sim.Bugs() {
		require.Contains(t, rows, bug.Name, "run the test with -update")
		require.Regexp(t, `^[A-Z].*\.$`, bug.Doc, bug.Name)
	}
	_, err := New(nil, Options{Bug: "vote-not-persistet"})
	require.ErrorContains(t, err, `no deliberate bug is named "vote-not-persistet"`)
	require.ErrorContains(t, err, "vote-not-persisted")
}

// The seed that docs/search.md names finds each deliberate bug, and so does what the search has left of its schedule: the file in
// testdata/bugs. Without the bug neither breaks anything.
func TestBugsAreFound(t *testing.T) {
	if testing.Short() {
		t.Skip("runs many worlds")
	}
	page, seeds := table(t)
	var lines []string
	for _, bug := range sim.Bugs() {
		t.Run(bug.Name, func(t *testing.T) {
			f := find{bug: bug, seed: seeds[bug.Name]}
			if text, err := os.ReadFile(f.file()); err == nil {
				f.left = string(text)
			}
			if *update && !f.good(t) {
				f = findAnew(t, bug)
				require.NoError(t, os.WriteFile(f.file(), []byte(f.left), 0o644))
			}
			require.True(t, f.good(t), "not found any more at seed %d: run the test with -update", f.seed)
			lines = append(lines, f.row(t))
		})
	}
	text := tablePattern.ReplaceAllString(page, "${1}"+strings.Join(lines, "\n")+"\n${3}")
	if *update {
		require.NoError(t, os.WriteFile(searchPage, []byte(text), 0o644))
		return
	}
	if !t.Failed() && len(lines) == len(seeds) {
		require.Equal(t, text, page, "run the test with -update")
	}
}

// What is in testdata/bugs is what the search leaves of a schedule. Of one bug that is tried here; -update tries it of those that are
// found anew.
func TestBugIsShrunk(t *testing.T) {
	if testing.Short() {
		t.Skip("runs many worlds")
	}
	bug, err := sim.BugNamed("set-deletes-by-force")
	require.NoError(t, err)
	_, seeds := table(t)
	f := find{bug: bug, seed: seeds[bug.Name]}
	r, err := searchFor(t, bug.Name).Seed(context.Background(), f.seed)
	require.NoError(t, err)
	require.Equal(t, Failed, r.Verdict, r.Message)
	left, err := os.ReadFile(f.file())
	require.NoError(t, err)
	require.Equal(t, string(left), r.Scenario)
}

// find is where a bug is found, and what is left of the schedule that finds it.
type find struct {
	bug  sim.Bug
	seed uint64 // 0: nowhere
	left string
}

func (f find) file() string { return filepath.Join("testdata", "bugs", f.bug.Name+".yaml") }

// good tells whether the find is short enough, and breaks the invariant that is to catch the bug, because of the bug alone.
func (f find) good(t *testing.T) bool {
	t.Helper()
	if f.seed == 0 || f.left == "" {
		return false
	}
	left := f.scenario(t)
	flawed, sound := &trial{ctx: context.Background(), seed: f.seed, bug: f.bug.Name}, &trial{ctx: context.Background(), seed: f.seed}
	for _, s := range []*scenarios.Scenario{searchFor(t, "").Draw(f.seed), left} {
		if o := flawed.run(s); o.err != nil || o.violation == nil || o.violation.Invariant != f.bug.CaughtBy {
			return false
		}
		if o := sound.run(s); o.err != nil || o.violation != nil {
			return false
		}
	}
	return len(left.Steps) <= mostLeft
}

func (f find) scenario(t *testing.T) *scenarios.Scenario {
	t.Helper()
	s, err := scenarios.Parse(f.file(), []byte(f.left), fstest.MapFS{})
	require.NoError(t, err)
	return s
}

// row is the line of the table.
func (f find) row(t *testing.T) string {
	t.Helper()
	return fmt.Sprintf("| `%s` | %s | `%s` | %d of %d | %d | `sim explore %s --bug %s --seeds %d` |",
		f.bug.Name, f.bug.Doc, f.bug.CaughtBy, f.seed, mostSeeds, len(f.scenario(t).Steps), ground, f.bug.Name, f.seed)
}

// findAnew tries one seed after the other.
func findAnew(t *testing.T, bug sim.Bug) find {
	t.Helper()
	s := searchFor(t, bug.Name)
	for seed := uint64(1); seed <= mostSeeds; seed++ {
		once := &trial{ctx: context.Background(), seed: seed, bug: bug.Name}
		if o := once.run(s.Draw(seed)); o.violation == nil || o.violation.Invariant != bug.CaughtBy {
			continue
		}
		r, err := s.Seed(context.Background(), seed)
		require.NoError(t, err)
		if f := (find{bug, seed, r.Scenario}); r.Verdict == Failed && f.good(t) {
			return f
		}
	}
	t.Fatalf("%s is not found within %d seeds", bug.Name, mostSeeds)
	return find{}
}

const searchPage = "../../docs/search.md"

var (
	tablePattern = regexp.MustCompile(`(?s)(<!-- generated: bugs -->\n(?:\|[^\n]*\n){2})(.*?)(<!-- end -->)`)
	rowPattern   = regexp.MustCompile("(?m)^\\| `([a-z0-9-]+)` .*--seeds ([0-9]+)` \\|$")
)

// table reads docs/search.md, and from its table the seed at which each bug is found.
func table(t *testing.T) (page string, seeds map[string]uint64) {
	t.Helper()
	data, err := os.ReadFile(searchPage)
	require.NoError(t, err)
	part := tablePattern.FindStringSubmatch(string(data))
	require.NotNil(t, part, "no table")
	seeds = map[string]uint64{}
	for _, row := range rowPattern.FindAllStringSubmatch(part[2], -1) {
		seed, err := strconv.ParseUint(row[2], 10, 64)
		require.NoError(t, err)
		seeds[row[1]] = seed
	}
	return string(data), seeds
}
