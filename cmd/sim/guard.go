package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"

	"golang.org/x/term"

	"statefulsim/sim/engine"
)

// guarded is set in the environment of a process that another one guards.
const guarded = "SIM_TUI_GUARDED"

// plainAgain makes a terminal what it was, whatever a program that drew on it asked it for: it leaves the second screen, shows the cursor, and
// stops telling of the mouse, of pastes, of its focus, and of keys in kitty's way. Attributes of letters end.
const plainAgain = "\x1b[<u" + // keys in kitty's way, on this screen
	"\x1b[?1000l\x1b[?1002l\x1b[?1003l\x1b[?1006l" + // the mouse
	"\x1b[?1004l" + // focus
	"\x1b[?2004l" + // pastes
	"\x1b[?2026l" + // output that is shown all at once
	"\x1b[>4;0m" + // keys in xterm's way
	"\x1b[?1049l" + // the second screen
	"\x1b[<u\x1b[?25h\x1b[0m\r"

// guard starts this program again, with the same command line and in an environment in which runs repeat, and when that has ended, however it
// did, sees to it that the terminal is as it was before. A process cannot do that for itself: a panic of another goroutine ends it at once, and
// so does whoever kills it.
func guard(environ []string) error {
	terminal := int(os.Stdin.Fd())
	before, err := term.GetState(terminal)
	if err != nil {
		return fmt.Errorf("the terminal cannot be asked for its state: %w", err)
	}
	if again := engine.RepeatableEnv(environ); again != nil {
		environ = again
	}
	program, err := os.Executable()
	if err != nil {
		return err
	}
	var said tail
	child := &exec.Cmd{Path: program, Args: os.Args, Env: append(environ, guarded+"=1"), Stdin: os.Stdin, Stdout: os.Stdout, Stderr: &said}
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, append(endings(), os.Interrupt)...) // before there is a child, which must not find them ignored
	if err := child.Start(); err != nil {
		return err
	}
	go passOn(signals, child.Process)
	err = child.Wait()
	var ended *exec.ExitError
	if err != nil && !errors.As(err, &ended) {
		return err
	}
	return afterwards(child.ProcessState, bytes.ReplaceAll(said.text(), []byte("\r\n"), []byte("\n")), func() error { return term.Restore(terminal, before) })
}

// orderly is added to the exit code of a guarded process that comes to its end in order: Go ends one that panics with 2, too.
const orderly = 64

// cleanly is an error as a guarded process ends with it.
func cleanly(err error) error { return exit(orderly + exitCode(err)) }

// afterwards tidies up behind a guarded process, and passes on what it said and how it ended. One that broke down has left the terminal as it
// was just then.
func afterwards(ended *os.ProcessState, said []byte, restore func() error) error {
	code := ended.ExitCode() - orderly
	brokeDown := code < wentWell || code > ownFault
	restored := restore()
	if brokeDown {
		os.Stdout.WriteString(plainAgain)
		return &bug{args: os.Args[1:], what: "what draws on the terminal has ended with " + ended.String(), stack: said}
	}
	os.Stderr.WriteString(harmless(string(said)))
	switch {
	case restored != nil:
		return fmt.Errorf("the terminal is not what it was, which \"stty sane\" may cure: %w", restored)
	case code != wentWell:
		return exit(code)
	}
	return nil
}

// passOn passes signals on to a process, which decides what they mean. An interrupt from the keyboard reaches it anyway.
func passOn(signals <-chan os.Signal, to *os.Process) {
	for s := range signals {
		if s != os.Interrupt {
			_ = to.Signal(s) // it may have ended already
		}
	}
}

// tail keeps what was written to it: all of it, or of very much the beginning and the end. The beginning says what went wrong.
type tail struct{ begin, end bytes.Buffer }

// mostOfEach is how much is kept of the beginning, and of the end.
const mostOfEach = 256 << 10

func (t *tail) Write(p []byte) (int, error) {
	room := min(mostOfEach-t.begin.Len(), len(p))
	t.begin.Write(p[:room])
	t.end.Write(p[room:])
	if over := t.end.Len() - mostOfEach; over > mostOfEach {
		t.end.Next(over)
	}
	return len(p), nil
}

// text is what is kept.
func (t *tail) text() []byte {
	if over := t.end.Len() - mostOfEach; over > 0 {
		t.end.Next(over)
		return append(append(t.begin.Bytes(), "\n…\n"...), t.end.Bytes()...)
	}
	return append(t.begin.Bytes(), t.end.Bytes()...)
}
