package sim_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// rulesPage is the table of the rules of Kubernetes that are simulated, each with the test that holds it.
const rulesPage = "../docs/rules.md"

// rulesOf says how many rules each section of the table has, so that none gets lost.
var rulesOf = []int{9, 4, 7, 12, 4, 5, 10, 4, 6, 9, 10, 11, 10, 4, 3, 8, 2, 8}

const outOfModel = "out of the model: "

// Every rule stands in the table once, with its source, and with a test that exists or the reason why it is left out.
func TestRules(t *testing.T) {
	rows := rules(t)
	tests := map[string]map[string]bool{}
	for section, many := range rulesOf {
		for n := 1; n <= many; n++ {
			number := fmt.Sprintf("%d.%d", section, n)
			row, ok := rows[number]
			if !ok {
				t.Errorf("the table has no rule %s", number)
				continue
			}
			delete(rows, number)
			require.NotEmpty(t, row.rule, number)
			require.NotEmpty(t, row.source, number)
			if reason, out := strings.CutPrefix(row.heldBy, outOfModel); out {
				require.NotEmpty(t, reason, number)
				continue
			}
			for _, test := range strings.Split(row.heldBy, ", ") {
				if !exists(t, strings.Trim(test, "`"), tests) {
					t.Errorf("rule %s is held by %s, which does not exist", number, test)
				}
			}
		}
	}
	require.Empty(t, rows, "rules that no section has")
}

type rule struct{ rule, source, heldBy string }

// rules reads the rows of the table: | number | rule | source | held by |.
func rules(t *testing.T) map[string]rule {
	page, err := os.ReadFile(rulesPage)
	require.NoError(t, err)
	rows := map[string]rule{}
	for _, line := range strings.Split(string(page), "\n") {
		cells := strings.Split(strings.Trim(line, "| "), " | ")
		if _, err := strconv.ParseFloat(cells[0], 64); err != nil || !strings.HasPrefix(line, "|") {
			continue
		}
		require.Len(t, cells, 4, line)
		require.NotContains(t, rows, cells[0])
		rows[cells[0]] = rule{cells[1], cells[2], cells[3]}
	}
	return rows
}

// exists tells whether a test exists, written as a package's directory, a colon, and the name of the test or of a subtest
// that the package's tests spell out; or the path of a golden file.
func exists(t *testing.T, test string, known map[string]map[string]bool) bool {
	dir, name, isTest := strings.Cut(test, ":")
	if !isTest {
		_, err := os.Stat(filepath.Join("..", filepath.FromSlash(test)))
		return err == nil
	}
	if known[dir] == nil {
		known[dir] = testsIn(t, filepath.Join("..", filepath.FromSlash(dir)))
	}
	function, sub, nested := strings.Cut(name, "/")
	return known[dir][function] && (!nested || known[dir]["/"+sub])
}

// testsIn lists the tests of a package by name, and each string in its test files with a slash before it: subtests are named by
// some of them.
func testsIn(t *testing.T, dir string) map[string]bool {
	found := map[string]bool{}
	files, err := filepath.Glob(filepath.Join(dir, "*_test.go"))
	require.NoError(t, err)
	for _, file := range files {
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
		require.NoError(t, err)
		ast.Inspect(parsed, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.FuncDecl:
				if n.Recv == nil && strings.HasPrefix(n.Name.Name, "Test") {
					found[n.Name.Name] = true
				}
			case *ast.BasicLit:
				if text, err := strconv.Unquote(n.Value); n.Kind == token.STRING && err == nil {
					found["/"+text] = true
				}
			}
			return true
		})
	}
	return found
}
