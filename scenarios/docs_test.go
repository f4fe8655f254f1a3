package scenarios

import (
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"

	"cel.dev/cel-go/cel"
	"github.com/stretchr/testify/require"

	"statefulsim/scenarios/kubectl"
)

const languagePage = "../docs/scenarios.md"

// generated is a block of the page between its markers, which a reader of the page does not see.
var generated = regexp.MustCompile(`(?s)<!-- generated: ([a-z ]+) -->\n(.*?)<!-- end -->`)

// TestDocsTables holds the tables of docs/scenarios.md against the code; with the flag -update it writes them anew. What a
// field of a fact means is written on the page alone, and is kept; a field without a meaning is an error.
func TestDocsTables(t *testing.T) {
	data, err := os.ReadFile(languagePage)
	require.NoError(t, err)
	wanted := docsBlocks()
	found := map[string]bool{}
	page := generated.ReplaceAllStringFunc(string(data), func(block string) string {
		m := generated.FindStringSubmatch(block)
		write, known := wanted[m[1]]
		require.True(t, known, "nothing generates the block %q", m[1])
		require.False(t, found[m[1]], "the block %q stands twice", m[1])
		found[m[1]] = true
		return "<!-- generated: " + m[1] + " -->\n" + write(m[2]) + "<!-- end -->"
	})
	for name := range wanted {
		require.True(t, found[name], "the page has no block %q", name)
	}
	if *update {
		require.NoError(t, os.WriteFile(languagePage, []byte(page), 0o644))
	} else {
		require.Equal(t, strings.Split(page, "\n"), strings.Split(string(data), "\n"), "run the test with -update")
	}
	require.False(t, strings.Contains(page, noMeaning), "the page has fields with %s: write down what they mean", noMeaning)
}

// docsBlocks are what writes each generated block, given what the page has there now.
func docsBlocks() map[string]func(was string) string {
	blocks := map[string]func(string) string{
		"latencies": func(string) string { return latencyTable() },
		"gates":     func(string) string { return gateTable() },
		"kinds":     func(string) string { return kindTable() },
		"limits":    func(string) string { return limitTable() },
		"commands":  func(string) string { return commandTable() },
		"actions":   func(string) string { return actionPages() },
	}
	for _, v := range variables {
		blocks["fields of "+v.kind.name] = func(was string) string { return fieldTable(v.kind, was) }
	}
	return blocks
}

func latencyTable() string {
	var b strings.Builder
	b.WriteString("| name | default | what it is the time of | where the default comes from |\n| --- | --- | --- | --- |\n")
	for _, h := range Hops() {
		fmt.Fprintf(&b, "| `%s` | `%s` | %s | %s |\n", h.Name, h.Default, h.Doc, h.Source)
	}
	return b.String()
}

func gateTable() string {
	var b strings.Builder
	b.WriteString("| gate | " + strings.Join(versions, " | ") + " | what it changes |\n| --- |" + strings.Repeat(" --- |", len(versions)) + " --- |\n")
	for _, g := range gates {
		fmt.Fprintf(&b, "| `%s` |", g.name)
		for _, s := range g.states {
			fmt.Fprintf(&b, " %s |", s)
		}
		fmt.Fprintf(&b, " %s |\n", g.doc)
	}
	return b.String()
}

func kindTable() string {
	var b strings.Builder
	b.WriteString("| apiVersion | kind |\n| --- | --- |\n")
	for _, k := range sortedKeys(simulated) {
		version, kind, _ := strings.Cut(k, " ")
		fmt.Fprintf(&b, "| `%s` | `%s` |\n", version, kind)
	}
	return b.String()
}

func commandTable() string {
	var b strings.Builder
	b.WriteString("| command | flags | what it does |\n| --- | --- | --- |\n")
	for _, u := range kubectl.Usages() {
		fmt.Fprintf(&b, "| `%s` | `%s` | %s |\n", u.Line, strings.Join(u.Flags, " "), u.Doc)
	}
	return b.String()
}

// actionPages is an index of the faults, and a section for each.
func actionPages() string {
	var b strings.Builder
	b.WriteString("| fault | what it models | lasts |\n| --- | --- | --- |\n")
	for _, k := range Actions() {
		first, _, _ := strings.Cut(k.Models, ". ")
		lasts := map[bool]string{true: "until it is healed", false: "no time"}[k.Lasts]
		fmt.Fprintf(&b, "| [`%s`](#%s) | %s | %s |\n", k.Key, strings.ToLower(k.Key), strings.TrimSuffix(first, ".")+".", lasts)
	}
	for _, k := range Actions() {
		b.WriteString("\n" + actionPage(&k))
	}
	return b.String()
}

func actionPage(k *ActionKind) string {
	var b strings.Builder
	length := ""
	if k.Lasts {
		length = "for: 30s, "
	}
	fmt.Fprintf(&b, "#### %s\n\n%s\n\n```yaml\nsteps:\n  - {at: 100s, %s%s: %s}\n```\n\n", k.Key, k.Models, length, k.Key, k.Example)
	b.WriteString("| field | type | default | what it is |\n| --- | --- | --- | --- |\n")
	for _, f := range k.Fields {
		typ, byDefault := f.Type, f.Default
		if len(f.OneOf) > 0 {
			typ = "`" + strings.Join(f.OneOf, "`, `") + "`"
		}
		switch {
		case f.Required:
			byDefault = "required"
		case byDefault == "":
			byDefault = "nothing"
		default:
			byDefault = "`" + byDefault + "`"
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s |\n", f.Key, typ, byDefault, f.Doc)
	}
	if k.Not != "" {
		b.WriteString("\nNot modelled: " + k.Not + "\n")
	}
	if k.ChaosMesh != "" {
		b.WriteString("\nIn Chaos Mesh: " + k.ChaosMesh + ".\n")
	}
	return b.String()
}

func limitTable() string {
	var b strings.Builder
	b.WriteString("| what | at most |\n| --- | --- |\n")
	for _, l := range []struct {
		what string
		most any
	}{
		{"bytes of one file", mostBytes},
		{"words of YAML in one document", mostTokens},
		{"mappings and lists within each other", mostDepth},
		{"aliases in one document", mostAliases},
		{"values in one document, each alias replaced by what it stands for", mostNodes},
		{"nodes of the cluster", mostNodesOfCluster},
		{"replicas of one set", kubectl.MostReplicas},
		{"any duration", longestRun},
		{"a latency", longestLatency},
	} {
		fmt.Fprintf(&b, "| %s | %v |\n", l.what, l.most)
	}
	return b.String()
}

const noMeaning = "(no meaning yet)"

var fieldRow = regexp.MustCompile("(?m)^\\| `(\\w+)` \\| [^|]* \\| (.*) \\|$")

// fieldTable writes the fields of a kind of facts. What each means is taken from the table as it was.
func fieldTable(kind *factKind, was string) string {
	meanings := map[string]string{}
	for _, m := range fieldRow.FindAllStringSubmatch(was, -1) {
		meanings[m[1]] = m[2]
	}
	var b strings.Builder
	b.WriteString("| field | type | meaning |\n| --- | --- | --- |\n")
	for _, f := range kind.fields {
		meaning := meanings[f.name]
		if meaning == "" {
			meaning = noMeaning
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s |\n", f.name, cel.FormatCELType(f.typ), meaning)
	}
	return b.String()
}

var yamlBlock = regexp.MustCompile("(?ms)^```yaml([^\n]*)\n(.*?)^```$")

// TestDocsExamplesParse reads every YAML block of docs/scenarios.md: a block marked "scenario" as it stands, and any other
// as part of a scenario that has all else.
func TestDocsExamplesParse(t *testing.T) {
	data, err := os.ReadFile(languagePage)
	require.NoError(t, err)
	whole := 0
	for i, m := range yamlBlock.FindAllStringSubmatch(string(data), -1) {
		mark, example := strings.TrimSpace(m[1]), m[2]
		t.Run(fmt.Sprintf("block %d", i+1), func(t *testing.T) {
			switch mark {
			case "scenario":
				whole++
			case "":
				example = completed(example)
			default:
				t.Fatalf("a YAML block is marked %q", mark)
			}
			runs, err := parseAll("example.yaml", []byte(example), os.DirFS("."), Choice{})
			require.NoError(t, err, "%s", example)
			for _, s := range runs {
				require.Empty(t, s.Warnings)
			}
		})
	}
	require.Positive(t, whole, "no block is a whole scenario")
}

// completed adds to an example the keys of a scenario that it leaves out.
func completed(example string) string {
	for _, rest := range []struct{ key, line string }{
		{"for", "for: 300s\n"},
		{"manifests", "manifests: [manifests/mysql.yaml]\n"},
		{"runs", "runs: {mysql: raft}\n"},
		{"clients", "clients: [{name: writer, writes: mysql-primary}]\n"},
	} {
		if !strings.Contains("\n"+example, "\n"+rest.key+":") {
			example += rest.line
		}
	}
	return example
}
