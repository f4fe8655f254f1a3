package mutants

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"statefulsim/conformance/histories"
	"statefulsim/conformance/oracle"
	"statefulsim/conformance/vector"
)

const (
	modelDir = "../../controller/statefulset"
	lives    = 400 // histories that are recorded
	steps    = 40
)

// Every mistake is found by comparing the broken model with what upstream does in made-up histories; the model as it is is not.
func TestMutants(t *testing.T) {
	if testing.Short() {
		t.Skip("builds the model once for each mutant")
	}
	file := record(t)
	if out, caught := replay(t, file, nil); caught {
		t.Fatalf("the model itself differs: %s", out)
	}
	survivors := 0
	for _, m := range All {
		t.Run(m.Name, func(t *testing.T) {
			out, caught := replay(t, file, &m)
			if !caught {
				survivors++
				t.Errorf("survives: %s", out)
				return
			}
			t.Log(out)
		})
	}
	t.Logf("%d mutants, %d survive", len(All), survivors)
}

// record asks upstream about made-up histories, for all mutants at once.
func record(t *testing.T) string {
	file := filepath.Join(t.TempDir(), "upstream.jsonl.gz")
	out, err := vector.NewWriter(file)
	must(t, err)
	for number := range lives {
		h := histories.New(7, number, false)
		for range steps {
			line := h.Line()
			var server *vector.Server
			line.Out, server = oracle.Sync(&line.In, line.Faults)
			must(t, out.Write(line))
			h.Synced(server)
		}
	}
	must(t, out.Close())
	return file
}

// replay builds the replay with a mutant in the model's place, without touching the model, and runs it.
func replay(t *testing.T, file string, m *Mutant) (out string, caught bool) {
	dir := t.TempDir()
	args := []string{"build", "-o", filepath.Join(dir, "replay")}
	if m != nil {
		args = append(args, "-overlay", overlay(t, dir, m))
	}
	build := exec.Command("go", append(args, "./replay")...)
	if text, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	text, err := exec.Command(filepath.Join(dir, "replay"), file).CombinedOutput()
	out = strings.TrimSpace(string(text))
	if exit, ok := err.(*exec.ExitError); ok {
		// A mutant that panics is caught as well.
		return out, exit.ExitCode() == 1 || strings.Contains(out, "panic")
	}
	must(t, err)
	return out, false
}

// overlay writes what go build reads instead of the model's file.
func overlay(t *testing.T, dir string, m *Mutant) string {
	path, err := filepath.Abs(filepath.Join(modelDir, m.File))
	must(t, err)
	source, err := os.ReadFile(path)
	must(t, err)
	if n := strings.Count(string(source), m.Old); n != 1 {
		t.Fatalf("%q stands %d times in %s", m.Old, n, m.File)
	}
	broken := filepath.Join(dir, m.File)
	must(t, os.WriteFile(broken, []byte(strings.Replace(string(source), m.Old, m.New, 1)), 0o644))
	table, err := json.Marshal(map[string]map[string]string{"Replace": {path: broken}})
	must(t, err)
	file := filepath.Join(dir, "overlay.json")
	must(t, os.WriteFile(file, table, 0o644))
	return file
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
