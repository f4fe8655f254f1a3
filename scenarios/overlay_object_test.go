package scenarios

import (
	"reflect"
	"testing"

	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
)

// TestStrategicMerge has results that k8s.io/apimachinery's strategicpatch gives too, but for the place of new entries.
func TestStrategicMerge(t *testing.T) {
	for _, c := range []struct{ base, patch, want string }{
		{`{a: {b: 1, c: 2}}`, `{a: {c: 3, d: 4}}`, `{a: {b: 1, c: 3, d: 4}}`}, // of no field of the type: merged as JSON
		{`{hostname: x, subdomain: y}`, `{hostname: null, nodeName: n}`, `{subdomain: y, nodeName: n}`},
		{`{nodeSelector: {a: b}}`, `{nodeSelector: {a: null, c: d}}`, `{nodeSelector: {c: d}}`},
		{`{containers: [{name: a, image: i}]}`, `{containers: [{name: b}]}`, `{containers: [{name: a, image: i}, {name: b}]}`},
		{`{containers: [{name: a, ports: [{containerPort: 80, name: http}]}]}`, `{containers: [{name: a, ports: [{containerPort: 80, hostPort: 8080}]}]}`,
			`{containers: [{name: a, ports: [{containerPort: 80, name: http, hostPort: 8080}]}]}`},
		{`{containers: [{name: a, command: [x, y]}]}`, `{containers: [{name: a, command: [z]}]}`, `{containers: [{name: a, command: [z]}]}`},
		{`{containers: [{name: a}, {name: b}]}`, `{containers: [{name: a, $patch: delete}]}`, `{containers: [{name: b}]}`},
		{`{containers: [{name: a}]}`, `{containers: [{$patch: replace}, {name: b, env: [{name: A}]}]}`, `{containers: [{name: b, env: [{name: A}]}]}`},
		{`{volumes: [{name: v, emptyDir: {}}]}`, `{volumes: [{name: v, $retainKeys: [name, configMap], configMap: {name: c}}]}`,
			`{volumes: [{name: v, configMap: {name: c}}]}`},
		{`{securityContext: {runAsUser: 1}}`, `{securityContext: {$patch: replace, runAsGroup: 2}}`, `{securityContext: {runAsGroup: 2}}`},
		{`{securityContext: {runAsUser: 1}, hostname: x}`, `{securityContext: {$patch: delete}}`, `{hostname: x}`},
		{`{}`, `{securityContext: {$patch: replace, runAsGroup: 2, runAsUser: null}}`, `{securityContext: {runAsGroup: 2}}`},
		{`{tolerations: [{key: a}]}`, `{tolerations: [{key: b}]}`, `{tolerations: [{key: b}]}`},
	} {
		got := merged(tree(t, c.base), tree(t, c.patch), reflect.TypeFor[corev1.PodSpec](), "")
		require.JSONEq(t, string(tree(t, c.want).json(nil)), string(got.json(nil)), "%s over %s", c.patch, c.base)
	}
}

func TestTextsMergeByThemselves(t *testing.T) {
	got := merged(tree(t, `{finalizers: [a, b]}`), tree(t, `{finalizers: [b, c]}`), reflect.TypeFor[corev1.Pod]().Field(1).Type, "")
	require.JSONEq(t, `{"finalizers": ["a", "b", "c"]}`, string(got.json(nil)))
}

func tree(t *testing.T, text string) *node {
	t.Helper()
	docs := documents(newText("test", []byte(text)), text, func(p Problem) { require.Fail(t, p.String()) })
	require.Len(t, docs, 1)
	return docs[0]
}
