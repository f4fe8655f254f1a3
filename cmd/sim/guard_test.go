package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// terminal is a shell in a terminal of tmux.
type terminal struct {
	*testing.T
	socket string
	home   string // the shell's directory
}

// inTerminal opens a terminal in which this program is called sim.
func inTerminal(t *testing.T) *terminal {
	t.Helper()
	if _, err := exec.LookPath("tmux"); err != nil {
		if os.Getenv("SIM_MUST_TEST") == "1" {
			t.Fatal("tmux is not installed, and nothing may be skipped")
		}
		t.Skip("SKIPPED: THIS TEST NEEDS tmux, WHICH IS NOT INSTALLED. Nobody has seen whether the terminal stays whole.")
	}
	term := &terminal{t, fmt.Sprintf("sim-%d-%s", os.Getpid(), t.Name()), t.TempDir()}
	program, err := os.Executable()
	require.NoError(t, err)
	require.NoError(t, os.Symlink(program, filepath.Join(term.home, "sim")))
	term.tmux("-f", "/dev/null", "new-session", "-d", "-x", "100", "-y", "30", "-c", term.home, "env", "-u", "NO_COLOR", "PS1=> ", "TERM=screen-256color", "sh", "-i")
	t.Cleanup(func() { _ = exec.Command("tmux", "-L", term.socket, "kill-server").Run() })
	return term
}

func (t *terminal) tmux(args ...string) string {
	t.Helper()
	out, err := exec.Command("tmux", append([]string{"-L", t.socket}, args...)...).CombinedOutput()
	require.NoError(t, err, string(out))
	return strings.TrimSpace(string(out))
}

// types types a line.
func (t *terminal) types(line string) {
	t.Helper()
	t.tmux("send-keys", "-l", line)
	t.tmux("send-keys", "Enter")
}

// becomes waits until the terminal's state is as wanted.
func (t *terminal) becomes(format, want string) {
	t.Helper()
	got := ""
	for range 1000 {
		if got = t.tmux("display-message", "-p", format); got == want {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Fatalf("%s is %q, not %q:\n%s", format, got, want, t.screen())
}

func (t *terminal) screen() string { return t.tmux("capture-pane", "-p", "-S", "-2000", "-J") }

// shows waits until a text can be read, now or further up.
func (t *terminal) shows(text string) {
	t.Helper()
	for range 1000 {
		if strings.Contains(t.screen(), text) {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Fatalf("%q does not appear:\n%s", text, t.screen())
}

// looks starts to look at a run, and returns the processes that guard, and that are guarded.
func (t *terminal) looks() (guard, child string) {
	t.Helper()
	t.types("./sim tui primary-crash; echo ended with $?")
	t.becomes("#{alternate_on}", "1")
	guard = t.child(t.tmux("display-message", "-p", "#{pane_pid}"))
	return guard, t.child(guard)
}

// child is the process that another one has started.
func (t *terminal) child(of string) string {
	t.Helper()
	out, err := exec.Command("ps", "-o", "pid=", "--ppid", of).Output()
	require.NoError(t, err)
	return strings.Fields(string(out))[0]
}

func (t *terminal) kills(signal, process string) {
	t.Helper()
	require.NoError(t, exec.Command("kill", "-"+signal, process).Run())
}

// sane finds that the terminal is what it was before.
func (t *terminal) sane() {
	t.Helper()
	t.becomes("#{alternate_on} #{cursor_flag} #{mouse_any_flag}", "0 1 0")
	t.becomes("#{pane_current_command}", "sh") // else what is typed may reach the program that ends
	t.types("clear; stty -a | tr ' ' '_'; echo loo''ked")
	t.shows("looked\n")
	settings := strings.FieldsFunc(t.screen(), func(r rune) bool { return r == '_' || r == '\n' })
	require.Subset(t, settings, []string{"icanon", "echo", "isig", "icrnl", "opost"})
	t.types("clear; echo all''clear")
	t.shows("allclear\n")
	t.tmux("clear-history")
}

// However the program ends, it leaves the terminal as it was.
func TestTerminalStaysWhole(t *testing.T) {
	term := inTerminal(t)

	_, child := term.looks()
	term.kills("KILL", child)
	term.shows("ended with 3")
	term.shows("ended with signal: killed")
	term.shows("This is a bug of sim")
	term.sane()

	_, child = term.looks()
	term.kills("ABRT", child) // Go ends as after a panic of a goroutine that nobody recovers
	term.shows("ended with 3")
	term.shows("SIGABRT: abort")
	term.shows("goroutine ")
	term.shows("command: sim tui primary-crash")
	term.sane()

	guard, _ := term.looks()
	term.kills("TERM", guard)
	term.shows("ended with")
	require.False(t, strings.Contains(term.screen(), "bug"))
	term.sane()

	term.looks()
	term.tmux("send-keys", "C-z")
	term.becomes("#{alternate_on}", "0")
	term.shows("Stopped")
	term.types("fg")
	term.becomes("#{alternate_on}", "1")
	term.tmux("send-keys", "q")
	term.becomes("#{alternate_on}", "0")
	require.False(t, strings.Contains(term.screen(), "bug"))
	term.sane()
}
