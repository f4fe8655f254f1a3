package tui

import (
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// generated is a block of a page between its markers, which a reader of the page does not see.
var generated = regexp.MustCompile(`(?s)<!-- generated: ([a-z]+) -->\n(.*?)<!-- end -->`)

// TestDocs holds the tables and the screens of the pages against the program; with the flag -update it writes them anew.
func TestDocs(t *testing.T) {
	for file, blocks := range map[string]map[string]func(t *testing.T) string{
		"../docs/terminal.md": {"keys": keyTables, "commands": commandTable, "screen": firstScreen},
		"../README.md":        {"failover": failoverScreen},
	} {
		data, err := os.ReadFile(file)
		require.NoError(t, err)
		found := 0
		page := generated.ReplaceAllStringFunc(string(data), func(block string) string {
			name := generated.FindStringSubmatch(block)[1]
			require.Contains(t, blocks, name)
			found++
			return "<!-- generated: " + name + " -->\n" + blocks[name](t) + "<!-- end -->"
		})
		require.Equal(t, len(blocks), found, "%s lacks a block", file)
		if update() {
			require.NoError(t, os.WriteFile(file, []byte(page), 0o644))
			continue
		}
		require.Equal(t, page, string(data), "run the test with -update")
	}
}

// keyTables are the tables of keys, as the help has them.
func keyTables(*testing.T) string {
	var b strings.Builder
	for _, g := range bindings {
		fmt.Fprintf(&b, "\n| %s | |\n| --- | --- |\n", g.title)
		for _, bind := range g.bindings {
			if bind.what != "" {
				fmt.Fprintf(&b, "| `%s` | %s |\n", strings.ReplaceAll(bind.shown, "|", `\|`), bind.what)
			}
		}
	}
	return b.String() + "\n"
}

func commandTable(*testing.T) string {
	var b strings.Builder
	b.WriteString("\n| word | what it does |\n| --- | --- |\n")
	for _, v := range verbs {
		fmt.Fprintf(&b, "| `%s` | %s |\n", v.word, v.doc)
	}
	return b.String() + "\n"
}

// firstScreen is what somebody sees first.
func firstScreen(t *testing.T) string { return block(opened(t, options("primary-crash"), 100, 34)) }

// failoverScreen is the raft pane when a new leader was elected.
func failoverScreen(t *testing.T) string {
	s := opened(t, options("primary-crash"), 80, 24)
	s.press("2", "e")
	return block(s)
}

func block(s *stage) string {
	return "```text\n" + emulate(s.View().Content, s.width, s.height).text + "```\n"
}
