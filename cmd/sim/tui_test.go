package main

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/stretchr/testify/require"
)

// A session at the keyboard: time plays, a story is forked at an earlier instant, taken back and done again, and saved; and the file that was saved
// replays to the trace that was seen.
func TestSession(t *testing.T) {
	term := inTerminal(t)
	term.looks()
	term.shows("Here the first fault strikes")
	term.keys("Space")
	term.shows("▶")
	term.keys("Space")
	term.shows("⏸")

	term.keys("g", "e", "e")
	term.command("delete pod mysql-1")
	term.shows("done at 78.314s: delete pod mysql-1")
	term.keys("g", "e")
	term.command("cut node-c for 20s")
	term.shows("1 later command is left out, u brings them back")
	term.keys("u")
	term.shows("taken back")
	term.keys("C-r")
	term.shows("done again")

	term.keys("w")
	term.shows("save as primary-crash-session.yaml")
	term.keys("Enter")
	term.shows("saved: sim run primary-crash-session.yaml --seed 1 replays it")
	term.keys("q")
	term.becomes("#{alternate_on}", "0")
	term.shows("ended with 0")

	saved, err := os.ReadFile(filepath.Join(term.home, "primary-crash-session.yaml"))
	require.NoError(t, err)
	require.Contains(t, string(saved), "cut node-c for 20s")
	require.NotContains(t, string(saved), "delete pod mysql-1", "it belongs to a story that was left")
	hash := regexp.MustCompile(`SHA-256 of its trace was ([0-9a-f]{64})`).FindSubmatch(saved)
	require.NotNil(t, hash)
	again := exec.Command(filepath.Join(term.home, "sim"), "run", "primary-crash-session.yaml", "--seed", "1", "--format", "json")
	again.Dir = term.home
	out, err := again.Output()
	var failed *exec.ExitError
	if err != nil {
		require.ErrorAs(t, err, &failed)
		require.Equal(t, wentBad, failed.ExitCode(), "what was done by hand may break what the scenario expects, and nothing else")
	}
	var document struct{ TraceSHA256 string }
	require.NoError(t, json.Unmarshal(out, &document))
	require.Equal(t, string(hash[1]), document.TraceSHA256)
}

// keys presses keys, by the names that tmux has for them.
func (t *terminal) keys(names ...string) {
	t.Helper()
	t.tmux(append([]string{"send-keys"}, names...)...)
}

// command types a command of the program.
func (t *terminal) command(line string) {
	t.Helper()
	t.keys(":")
	t.shows("kubectl's words, or a fault")
	t.types(line)
}
