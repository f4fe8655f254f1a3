package main

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
	"github.com/stretchr/testify/require"

	"statefulsim/scenarios"
	"statefulsim/sim/engine"
)

// The test binary is the command when it is called by its name; it then starts itself again as the command does.
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"sim": main})
}

func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:   "testdata/script",
		Setup: func(env *testscript.Env) error { return os.CopyFS(env.WorkDir, os.DirFS("testdata/files")) },
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"code":    code,
			"appears": appears,
		},
	})
}

// code N ARG… runs sim and wants exit code N.
func code(ts *testscript.TestScript, _ bool, args []string) {
	err := ts.Exec("sim", args[1:]...)
	got := "0"
	if err != nil {
		got = err.Error()
	}
	if want := args[0]; got != want && got != "exit status "+want {
		ts.Fatalf("sim ended with %q, not with exit code %s", got, want)
	}
}

// appears FILE waits until a file exists.
func appears(ts *testscript.TestScript, _ bool, args []string) {
	for range 1000 {
		if _, err := os.Stat(ts.MkAbs(filepath.FromSlash(args[0]))); err == nil {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	ts.Fatalf("%s does not appear", args[0])
}

func TestExitCode(t *testing.T) {
	for want, err := range map[int]error{
		wentWell: nil,
		wentBad:  exit(wentBad),
		badInput: fmt.Errorf("bad: %w", scenarios.Problems{{What: "something"}}),
		ownFault: blamed(fmt.Errorf("scenario x: %w", &engine.Panic{Value: "boom"}), []string{"run", "x"}),
	} {
		require.Equal(t, want, exitCode(err))
	}
}

func TestBugSaysWhatToReport(t *testing.T) {
	text := blamed(&engine.Panic{Value: "boom", Stack: []byte("goroutine 1")}, []string{"run", "my file.yaml", "--seed", "7"}).Error()
	for _, part := range []string{"boom", "goroutine 1", "sim run 'my file.yaml' --seed 7", version()} {
		require.Contains(t, text, part)
	}
}

func TestQuoted(t *testing.T) {
	require.Equal(t, `sim run dir/a-b.yaml`, quoted([]string{"sim", "run", "dir/a-b.yaml"}))
	require.Equal(t, `'a b' 'it'\''s' '$x' ''`, quoted([]string{"a b", "it's", "$x", ""}))
}

func TestHarmless(t *testing.T) {
	require.Equal(t, "no \\u001b[31mfile\\u202e\n\t…", harmless("no \x1b[31mfile\u202e\n\t…"))
}
