package sim_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const module = "statefulsim/"

// mayImport says which of our own packages each may import; "…" stands for a name.
var mayImport = map[string][]string{
	"cmd/sim":         {"sim", "sim/battery", "sim/engine", "sim/explore", "sim/report", "sim/report/html", "sim/story", "sim/why", "tui", "scenarios", "scenarios/…"},
	"tui":             {"sim", "sim/story", "sim/why", "scenarios", "scenarios/…"},
	"sim/story":       {"sim", "sim/check", "scenarios", "scenarios/…", "controller/store", "controller/condition", "controller/kubectl", "controller/endpoints"},
	"sim/battery":     {"sim", "sim/report/junit", "sim/why", "scenarios", "scenarios/…", "controller/store"},
	"sim/why":         {"sim", "scenarios", "scenarios/…", "controller/store", "controller/condition", "controller/kubectl", "controller/volumebinding/pv"},
	"sim/explore":     {"sim", "sim/engine", "scenarios", "scenarios/…"},
	"sim/report":      {"sim", "sim/check", "sim/report/junit", "sim/story", "scenarios", "scenarios/…"},
	"sim/report/html": {"sim", "sim/check", "sim/report", "sim/story", "sim/why", "scenarios", "scenarios/…"},
	"sim":             {"sim/engine", "sim/check", "controller/…", "controller/…/…", "volume", "network", "raftnode", "scenarios", "scenarios/…"},
	"sim/engine":      {},
	"sim/check":       {"controller/store"},
	"raftnode":        {},
	"network":         {},
	"volume":          {},
	"scenarios":       {"scenarios/…"},
	"controller/…":    {"controller/store", "controller/condition"},

	"sim/report/junit":     {},
	"controller/store":     {},
	"controller/condition": {},
	"scenarios/chaosmesh":  {"scenarios", "scenarios/…"},
	"scenarios/kubectl":    {"scenarios/words"},
	"scenarios/words":      {},
}

// exceptions are rooms that are divided: an outer part that may import an inner one.
var exceptions = map[string][]string{
	"controller/statefulset":           {},
	"controller/statefulset/reconcile": {"controller/statefulset", "controller/store"},
	"controller/attachdetach":          {"controller/internal/csi", "controller/store", "controller/condition"},
	"controller/volumebinding":         {"controller/volumebinding/pv", "controller/internal/csi", "controller/store"},
	"controller/volumebinding/pv":      {"controller/store"},
	"controller/resize":                {"controller/volumebinding/pv", "controller/internal/csi", "controller/store", "controller/condition"},
	"controller/kubectl":               {"controller/store", "controller/condition", "scenarios/kubectl"},
	"controller/internal/csi":          {},                   // what the sidecars of a CSI driver share
	"controller/internal/rig":          {"controller/store"}, // what tests of controllers share
	"controller/scheduler":             {"controller/volumebinding/pv", "controller/store", "controller/condition"},
}

// waits lists the packages that may start goroutines or wait on time.
var waits = map[string]bool{"raftnode": true, "sim/engine": true, "sim/explore": true, "cmd/sim": true}

func TestImports(t *testing.T) {
	eachFile(t, func(pkg, file string, parsed *ast.File) {
		for _, spec := range parsed.Imports {
			name, err := strconv.Unquote(spec.Path.Value)
			require.NoError(t, err)
			if name == "testing" {
				require.Equal(t, "sim/engine", pkg, "%s imports testing outside tests", file)
			}
			if own, ok := strings.CutPrefix(name, module); ok {
				require.True(t, allowed(pkg, own), "%s imports %s", file, own)
			}
		}
	})
}

func allowed(pkg, imported string) bool {
	table, ok := exceptions[pkg]
	if !ok {
		table = mayImport[pkg]
	}
	if table == nil {
		for pattern, list := range mayImport {
			if matches(pattern, pkg) {
				table = list
			}
		}
	}
	for _, pattern := range table {
		if matches(pattern, imported) {
			return true
		}
	}
	return false
}

func matches(pattern, name string) bool {
	ok, err := path.Match(strings.ReplaceAll(pattern, "…", "*"), name)
	return err == nil && ok
}

// Only the rooms for it start goroutines or wait on time.
func TestOnlyRaftAndEngineWait(t *testing.T) {
	eachFile(t, func(pkg, file string, parsed *ast.File) {
		if waits[pkg] {
			return
		}
		ast.Inspect(parsed, func(n ast.Node) bool {
			if _, ok := n.(*ast.GoStmt); ok {
				t.Errorf("%s starts a goroutine", file)
			}
			call, ok := n.(*ast.SelectorExpr)
			if !ok {
				return true
			}
			if x, ok := call.X.(*ast.Ident); ok && x.Name == "time" {
				switch call.Sel.Name {
				case "Sleep", "After", "AfterFunc", "NewTimer", "NewTicker", "Tick":
					t.Errorf("%s waits: time.%s", file, call.Sel.Name)
				case "Now", "Since", "Until":
					if file != filepath.Join("sim", "run.go") { // which measures the wall time
						t.Errorf("%s reads the clock: time.%s", file, call.Sel.Name)
					}
				}
			}
			return true
		})
	})
}

// eachFile parses every Go file of the module that is not a test.
func eachFile(t *testing.T, f func(pkg, file string, parsed *ast.File)) {
	t.Helper()
	root := os.DirFS("..")
	files := 0
	require.NoError(t, fs.WalkDir(root, ".", func(file string, d fs.DirEntry, err error) error {
		if err == nil && d.IsDir() && file == "conformance" {
			return fs.SkipDir // a module of its own
		}
		if err != nil || d.IsDir() || !strings.HasSuffix(file, ".go") || strings.HasSuffix(file, "_test.go") {
			return err
		}
		source, err := fs.ReadFile(root, file)
		require.NoError(t, err)
		parsed, err := parser.ParseFile(token.NewFileSet(), file, source, 0)
		require.NoError(t, err)
		files++
		f(path.Dir(file), filepath.FromSlash(file), parsed)
		return nil
	}))
	require.Greater(t, files, 50)
}
