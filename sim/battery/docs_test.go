package battery

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const docsPage = "../../docs/check.md"

// generated is a block of the page between its markers, which a reader of the page does not see.
var generated = regexp.MustCompile(`(?s)<!-- generated: ([a-z ]+) -->\n(.*?)<!-- end -->`)

// TestDocsTables holds the tables of docs/check.md against the code; with the flag -update it writes them anew.
func TestDocsTables(t *testing.T) {
	blocks := map[string]string{"drills": drillTable(), "advice": adviceTable()}
	data, err := os.ReadFile(docsPage)
	require.NoError(t, err)
	page := generated.ReplaceAllStringFunc(string(data), func(block string) string {
		name := generated.FindStringSubmatch(block)[1]
		written, known := blocks[name]
		require.True(t, known, "nothing generates the block %q, or it stands twice", name)
		delete(blocks, name)
		return "<!-- generated: " + name + " -->\n" + written + "<!-- end -->"
	})
	require.Empty(t, blocks, "the page lacks blocks")
	if *update {
		require.NoError(t, os.WriteFile(docsPage, []byte(page), 0o644))
		return
	}
	require.Equal(t, strings.Split(page, "\n"), strings.Split(string(data), "\n"), "run the test with -update")
}

func drillTable() string {
	var b strings.Builder
	b.WriteString("| drill | what happens | why it matters |\n| --- | --- | --- |\n")
	for _, d := range append([]Drill{starting}, drills...) {
		b.WriteString("| `" + d.ID + "` | " + sentence(d.What) + " | " + d.Why + " |\n")
	}
	return b.String()
}

func adviceTable() string {
	var b strings.Builder
	b.WriteString("| advice | severity | when | why | shown by |\n| --- | --- | --- | --- | --- |\n")
	for _, r := range rules {
		drill := "–"
		if r.Drill != "" {
			drill = "`" + r.Drill + "`"
		}
		b.WriteString("| `" + r.ID + "` | " + r.Severity + " | " + sentence(r.When) + " | " + r.Why + " | " + drill + " |\n")
	}
	return b.String()
}

// sentence makes one of a clause.
func sentence(clause string) string { return strings.ToUpper(clause[:1]) + clause[1:] + "." }
