package scenarios

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/stretchr/testify/require"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
)

func parseWith(t *testing.T, manifest string) *Scenario {
	t.Helper()
	s, err := Parse("s.yaml", []byte("for: 1m\nmanifests: [m.yaml]\n"), fstest.MapFS{"m.yaml": &fstest.MapFile{Data: []byte(manifest)}})
	require.NoError(t, err)
	return s
}

const smallSet = `# a comment
---
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: db, labels: {app.kubernetes.io/name: db}}
spec:
  serviceName: db
  selector:
    matchLabels: &labels {app: db}
  template:
    metadata:
      labels:
        <<: *labels
        tier: data
    spec:
      containers:
        - name: db
          image: "db:1"
          env:
            - {name: A, value: "1"}
            - name: B
              value: two
...
---
# Source: nothing but a comment
---
apiVersion: v1
kind: List
items:
  - apiVersion: v1
    kind: ConfigMap
    metadata: {name: c, namespace: other}
    data: {mode: "0644"}
  - {apiVersion: v1, kind: Secret, metadata: {name: s}, data: {key: dmFsdWU=}}
`

func TestManifests(t *testing.T) {
	s := parseWith(t, smallSet)
	require.Len(t, s.Objects, 3)
	set := s.Objects[0].Object.(*appsv1.StatefulSet)
	require.Equal(t, "default", set.Namespace)
	require.Equal(t, map[string]string{"app": "db", "tier": "data"}, set.Spec.Template.Labels)
	require.Equal(t, "two", set.Spec.Template.Spec.Containers[0].Env[1].Value)
	config := s.Objects[1].Object.(*corev1.ConfigMap)
	require.Equal(t, "other", config.Namespace)
	require.Equal(t, map[string]string{"mode": "0644"}, config.Data)
	require.Equal(t, []byte("value"), s.Objects[2].Object.(*corev1.Secret).Data["key"])
	require.Equal(t, Pos{"m.yaml", 30, 5}, s.Objects[1].Pos)
}

func TestFieldPositions(t *testing.T) {
	set := parseWith(t, smallSet).Objects[0]
	for path, want := range map[string]string{
		"":                 "m.yaml:3:1",
		"kind":             "m.yaml:4:7",
		"metadata.name":    "m.yaml:5:18",
		"spec":             "m.yaml:6:1",
		"spec.serviceName": "m.yaml:7:16",
		"spec.replicas":    "m.yaml:6:1", // not there: the nearest above
		"metadata.labels[app.kubernetes.io/name]":                "m.yaml:5:55",
		"spec.template.spec.containers[0]":                       "m.yaml:17:11",
		"spec.template.spec.containers[0].name":                  "m.yaml:17:17",
		"spec.template.spec.containers[0].env[1].value":          "m.yaml:22:22",
		"spec.template.spec.containers[0].env[7].value":          "m.yaml:19:11",
		"spec.template.spec.containers[1].name":                  "m.yaml:16:7",
		"spec.template.spec.containers[0].ports[0].protocol":     "m.yaml:17:11",
		"spec.template.metadata.labels":                          "m.yaml:12:7",
		"spec.volumeClaimTemplates[0].spec.resources.requests[]": "m.yaml:6:1",
	} {
		require.Equal(t, want, set.At(path).String(), path)
	}
	p := set.Problem("spec.template.spec.containers[0].image", "the image is old", "a newer one")
	require.Equal(t, "m.yaml:18:18: the image is old\n    |           image: \"db:1\"\n    |                  ^\n  cure: a newer one", p.String())
}

func TestInlineManifestPositions(t *testing.T) {
	s, err := Parse("s.yaml", []byte("for: 1m\nmanifests:\n  - |\n\n    apiVersion: v1\n    kind: ConfigMap\n    metadata:\n      name: c\n"), nil)
	require.NoError(t, err)
	require.Equal(t, "s.yaml:8:13", s.Objects[0].At("metadata.name").String())
}

func TestKindsThatAreNotSimulated(t *testing.T) {
	s := parseWith(t, `{apiVersion: apps/v1, kind: Deployment, metadata: {name: d}}
---
{apiVersion: example.com/v1, kind: Database, metadata: {name: d}, spec: {anything: [1, 2]}}
---
{apiVersion: v1, kind: Node, metadata: {name: n}}
`)
	require.Empty(t, s.Objects)
	require.Len(t, s.Warnings, 3)
	require.Equal(t, "the kind Deployment is not simulated: the object has no effect", s.Warnings[0].What)
	require.Equal(t, Pos{"m.yaml", 3, 36}, s.Warnings[1].Pos)
	require.Contains(t, s.Warnings[2].Cure, "cluster")
}

func TestColonsWithoutSpaces(t *testing.T) {
	s := parseWith(t, `{apiVersion: v1, kind: Pod, metadata: {name: p}, spec: {containers: [
  {name: p, image: nginx:1.29, command: [a:b, c, http://d:80/e, h:8]}]}}`)
	c := s.Objects[0].Object.(*corev1.Pod).Spec.Containers[0]
	require.Equal(t, "nginx:1.29", c.Image)
	require.Equal(t, []string{"a:b", "c", "http://d:80/e", "h:8"}, c.Command)
}

func TestServiceThatIsMissing(t *testing.T) {
	s := parseWith(t, smallSet)
	require.Len(t, s.Warnings, 1)
	require.Equal(t, `m.yaml:7:16: no Service of the manifests is named "db", so the pods have no names in DNS`, strings.Split(s.Warnings[0].String(), "\n")[0])
}

func TestTextsAreSafeForATerminal(t *testing.T) {
	s, err := Parse("s.yaml", []byte(`{title: "a\u001b[31m\nb", why: "c\u0007\nd", for: 1m, expect: [{name: "e\u202ef", finally: "now > 1"}]}`), nil)
	require.NoError(t, err)
	require.Equal(t, "a [31m b", s.Title)
	require.Equal(t, "c·\nd", s.Why)
	require.Equal(t, "e f", s.Expect[0].Name)
}

func TestFilesThatAreTooMuch(t *testing.T) {
	for name, test := range map[string]struct{ text, want string }{
		"binary":      {"\x7fELF\x00\xff", "not text in UTF-8"},
		"null bytes":  {"for: 1m\n\x00", "s.yaml:2:1: the file holds a control character"},
		"size":        {"why: " + strings.Repeat("x", mostBytes), "larger than 8 MiB"},
		"tokens":      {strings.Repeat("- a\n", mostTokens), "more than 100000 words"},
		"aliases":     {"a: &a 1\nb: [" + strings.Repeat("*a,", mostAliases+1) + "]", "more than 10000 aliases"},
		"flow":        {strings.Repeat("[", 100_000), "within each other"},
		"entries":     {strings.Repeat("- ", 40_000) + "a", "within each other"},
		"indentation": {indented(200), "within each other"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Parse("s.yaml", []byte(test.text), nil)
			require.ErrorContains(t, err, test.want)
			require.Less(t, len(err.Error()), 1000)
		})
	}
}

func indented(depth int) string {
	var b strings.Builder
	for i := range depth {
		fmt.Fprintf(&b, "%sa:\n", strings.Repeat(" ", i))
	}
	return b.String()
}

func TestLoadFromDisk(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) {
		require.NoError(t, os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o755))
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644))
	}
	write("in/my-story.yaml", "for: 1m\nmanifests: [deeper/m.yaml, inside.yaml]\n")
	write("in/deeper/m.yaml", "{apiVersion: v1, kind: ConfigMap, metadata: {name: c}}")
	write("in/outside.yaml", "for: 1m\nmanifests: [link.yaml, deeper]\n")
	write("secret.yaml", "{apiVersion: v1, kind: ConfigMap, metadata: {name: c}}")
	write("in/deeper/other.yaml", "{apiVersion: v1, kind: ConfigMap, metadata: {name: d}}")
	require.NoError(t, os.Symlink("../secret.yaml", filepath.Join(dir, "in/link.yaml")))
	require.NoError(t, os.Symlink("deeper/other.yaml", filepath.Join(dir, "in/inside.yaml")))

	s, err := Single(Load(filepath.Join(dir, "in/my-story.yaml"), Choice{}))
	require.NoError(t, err)
	require.Equal(t, "my-story", s.Name)
	require.Len(t, s.Objects, 2)
	require.Equal(t, filepath.ToSlash(filepath.Join(dir, "in/deeper/m.yaml")), s.Objects[0].Pos.File)

	_, err = Single(Load(filepath.Join(dir, "in/outside.yaml"), Choice{}))
	require.ErrorContains(t, err, `outside.yaml:2:13: the path "link.yaml" leads outside of the scenario's directory`)
	require.ErrorContains(t, err, `outside.yaml:2:24: the file "deeper" cannot be read: it is not a regular file`)

	require.NoError(t, os.Symlink("loop.yaml", filepath.Join(dir, "in/loop.yaml")))
	_, err = Single(Load(filepath.Join(dir, "in/loop.yaml"), Choice{}))
	require.ErrorContains(t, err, "loop.yaml: the file cannot be read: too many levels of symbolic links")

	// The user may name a link that leads anywhere; the manifests are looked for beside the link.
	write("elsewhere.yaml", "for: 1m\nmanifests: [deeper/m.yaml]\n")
	require.NoError(t, os.Symlink("../elsewhere.yaml", filepath.Join(dir, "in/linked.yaml")))
	s, err = Single(Load(filepath.Join(dir, "in/linked.yaml"), Choice{}))
	require.NoError(t, err)
	require.Equal(t, "linked", s.Name)

	_, err = Single(Load(filepath.Join(dir, "in/my-stori.yaml"), Choice{}))
	require.ErrorContains(t, err, "there is no such file")
	require.ErrorContains(t, err, `my-story.yaml"?`)
	_, err = Single(Load(dir, Choice{}))
	require.ErrorContains(t, err, "this is a directory")
}

// TestDocumentedLanguage reads the example of the package's documentation.
func TestDocumentedLanguage(t *testing.T) {
	text, err := os.ReadFile("doc.go")
	require.NoError(t, err)
	var example strings.Builder
	for line := range strings.Lines(string(text)) {
		if yaml, is := strings.CutPrefix(line, "//\t"); is {
			example.WriteString(strings.Replace(yaml, ", heartbeatTimeout: 1s, …", "", 1))
		}
	}
	runs, err := parseAll("doc.yaml", []byte(example.String()), embedded, Choice{})
	require.NoError(t, err)
	require.Len(t, runs, 4)
	s := runs[0]
	require.Equal(t, "bug, kubernetes=1.34", s.Variant)
	require.Empty(t, s.Warnings)
	require.Len(t, s.Cluster.Nodes, 4)
	require.Len(t, s.Steps, 6)
	require.Len(t, s.Expect, 5)
	require.Equal(t, Client{Name: "writer", Writes: true, Service: "mysql-primary", Namespace: "default", Zone: "zone-a", Rate: 5, Timeout: time.Second,
		Retries: 3, Keys: 8, From: 30 * time.Second, Until: 80 * time.Second, Pos: s.Clients[0].Pos}, s.Clients[0])
	require.Equal(t, Process{Kind: Raft}, s.Runs["mysql"])
	require.Equal(t, LogNormal(300*time.Microsecond, 2*time.Millisecond), s.Latency("network"))
}

func TestLoadFindsEmbeddedScenarios(t *testing.T) {
	s, err := Single(Load("ordered-start", Choice{}))
	require.NoError(t, err)
	require.Equal(t, "ordered-start", s.Name)
	t.Chdir(t.TempDir())
	require.NoError(t, os.Mkdir("ordered-start", 0o755))
	_, err = Single(Load("ordered-start", Choice{}))
	require.NoError(t, err, "a directory is no scenario")
	_, err = Single(Load("orderd-start", Choice{}))
	require.ErrorContains(t, err, `did you mean "ordered-start"?`)
	_, err = Single(Load("nowhere/primary-crash.yaml", Choice{}))
	require.ErrorContains(t, err, `did you mean the embedded scenario "primary-crash"?`)
}
