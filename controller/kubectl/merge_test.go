package kubectl

import (
	"encoding/json"
	"fmt"
	"reflect"
	"testing"

	"github.com/stretchr/testify/require"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"pgregory.net/rapid"
)

// TestStrategicMerge has results that k8s.io/apimachinery's strategicpatch gives.
func TestStrategicMerge(t *testing.T) {
	for _, c := range []struct{ live, patch, want string }{
		{`{"replicas": 3}`, `{"replicas": null, "serviceName": "x"}`, `{"serviceName": "x"}`},
		// What a patch has and the object has not comes first.
		{`{"containers": [{"name": "a", "image": "1"}]}`, `{"containers": [{"name": "b"}]}`,
			`{"containers": [{"name": "b"}, {"name": "a", "image": "1"}]}`},
		{`{"containers": [{"name": "a"}, {"name": "b"}, {"name": "c"}]}`, `{"containers": [{"name": "c", "image": "1"}, {"name": "a", "image": "2"}]}`,
			`{"containers": [{"name": "b"}, {"name": "c", "image": "1"}, {"name": "a", "image": "2"}]}`},
		// With an order of its own, a new item takes the place of one that goes.
		{`{"containers": [{"name": "b"}, {"name": "c"}]}`,
			`{"$setElementOrder/containers": [{"name": "a"}], "containers": [{"name": "a"}, {"$patch": "delete", "name": "b"}]}`,
			`{"containers": [{"name": "c"}, {"name": "a"}]}`},
		{`{"containers": [{"name": "a"}, {"name": "b"}]}`, `{"$setElementOrder/containers": [{"name": "b"}, {"name": "a"}]}`,
			`{"containers": [{"name": "b"}, {"name": "a"}]}`},
		{`{"containers": [{"name": "a"}]}`, `{"containers": [{"$patch": "replace"}, {"name": "b"}]}`, `{"containers": [{"name": "b"}]}`},
		{`{"containers": [{"name": "a", "ports": [{"containerPort": 80, "name": "http"}]}]}`,
			`{"containers": [{"name": "a", "ports": [{"containerPort": 80, "hostPort": 8080}]}]}`,
			`{"containers": [{"name": "a", "ports": [{"containerPort": 80, "hostPort": 8080, "name": "http"}]}]}`},
		// Nothing is removed from what is not there.
		{`{"containers": [{"name": "a"}]}`, `{"containers": [{"name": "a", "env": [{"$patch": "delete", "name": "A"}, {"name": "B"}]}]}`,
			`{"containers": [{"name": "a", "env": [{"name": "B"}]}]}`},
		{`{"containers": [{"name": "a", "command": ["x", "y"]}]}`, `{"containers": [{"name": "a", "command": ["z"]}]}`,
			`{"containers": [{"name": "a", "command": ["z"]}]}`},
		{`{"volumes": [{"name": "v", "emptyDir": {}}]}`, `{"volumes": [{"name": "v", "$retainKeys": ["name", "configMap"], "configMap": {"name": "c"}}]}`,
			`{"volumes": [{"name": "v", "configMap": {"name": "c"}}]}`},
		{`{"securityContext": {"runAsUser": 1}}`, `{"securityContext": {"$patch": "replace", "runAsGroup": 2}}`, `{"securityContext": {"runAsGroup": 2}}`},
		{`{"securityContext": {"runAsUser": 1}}`, `{"securityContext": {"$patch": "delete"}}`, `{}`},
		{`{"nodeSelector": {"a": "b"}}`, `{"nodeSelector": {"a": null, "c": "d"}}`, `{"nodeSelector": {"c": "d"}}`},
	} {
		got := merge(parsed(t, c.live), parsed(t, c.patch), reflect.TypeFor[corev1.PodSpec]())
		require.Equal(t, parsed(t, c.want), got, "%s\n%s", c.live, c.patch)
	}
}

// TestThreeWay has results that k8s.io/apimachinery's strategicpatch gives.
func TestThreeWay(t *testing.T) {
	for _, c := range []struct{ last, now, live, want string }{
		// What somebody else has set stays, and what the manifest had goes.
		{`{"nodeName": "a", "priority": 1}`, `{"priority": 2}`, `{"nodeName": "a", "priority": 3, "hostname": "h"}`, `{"priority": 2, "hostname": "h"}`},
		// A volume has one source, whoever set the other.
		{`{"volumes": [{"name": "v", "emptyDir": {}}]}`, `{"volumes": [{"name": "v", "configMap": {"name": "c"}}]}`,
			`{"volumes": [{"name": "v", "hostPath": {"path": "/x"}}]}`, `{"volumes": [{"name": "v", "configMap": {"name": "c"}}]}`},
		{`{"containers": [{"name": "a"}, {"name": "b"}]}`, `{"containers": [{"name": "c"}, {"name": "a"}]}`,
			`{"containers": [{"name": "a", "image": "1"}, {"name": "b"}, {"name": "side"}]}`,
			`{"containers": [{"name": "side"}, {"name": "c"}, {"name": "a", "image": "1"}]}`},
	} {
		spec := func(text string) any { return map[string]any{"spec": parsed(t, text)} }
		got := threeWay(spec(c.last), spec(c.now), spec(c.live), &corev1.Pod{})
		require.Equal(t, spec(c.want), got, "%s\n%s\n%s", c.last, c.now, c.live)
	}
}

func parsed(t *testing.T, text string) (tree any) {
	require.NoError(t, json.Unmarshal([]byte(text), &tree), text)
	return tree
}

// TestApplyTwice applies manifests to objects that differ from what was applied last: all that the manifest says is there
// then, what it no longer says is gone, and a second time nothing changes.
func TestApplyTwice(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		last, now, live := drawSet(t, "last"), drawSet(t, "now"), drawSet(t, "live")
		Applied(last)
		live.Annotations = last.Annotations
		once, err := reconciled(live, now.DeepCopy())
		require.NoError(t, err)
		twice, err := reconciled(once, now.DeepCopy())
		require.NoError(t, err)
		require.Equal(t, once, twice)
		got := once.(*appsv1.StatefulSet)
		for _, c := range now.Spec.Template.Spec.Containers {
			require.Contains(t, fmt.Sprint(got.Spec.Template.Spec.Containers), "{"+c.Name+" "+c.Image+" ")
		}
		for _, c := range got.Spec.Template.Spec.Containers {
			_, said := container(now, c.Name)
			_, had := container(last, c.Name)
			require.True(t, said || !had, "%s is still there", c.Name)
		}
		for key, value := range now.Labels {
			require.Equal(t, value, got.Labels[key])
		}
		for key := range last.Labels {
			require.Equal(t, now.Labels[key], got.Labels[key])
		}
	})
}

func container(set *appsv1.StatefulSet, name string) (corev1.Container, bool) {
	for _, c := range set.Spec.Template.Spec.Containers {
		if c.Name == name {
			return c, true
		}
	}
	return corev1.Container{}, false
}

func drawSet(t *rapid.T, label string) *appsv1.StatefulSet {
	set := &appsv1.StatefulSet{}
	set.Name = "web"
	word := rapid.SampledFrom([]string{"a", "b", "c", "d"})
	set.Labels = rapid.MapOfN(word, word, 0, 3).Draw(t, label+" labels")
	set.Finalizers = rapid.SliceOfNDistinct(word, 0, 3, rapid.ID).Draw(t, label+" finalizers")
	for _, name := range rapid.SliceOfNDistinct(word, 0, 4, rapid.ID).Draw(t, label+" containers") {
		c := corev1.Container{Name: name, Image: word.Draw(t, label+" image")}
		for _, variable := range rapid.SliceOfNDistinct(word, 0, 3, rapid.ID).Draw(t, label+" env") {
			c.Env = append(c.Env, corev1.EnvVar{Name: variable, Value: word.Draw(t, label+" value")})
		}
		set.Spec.Template.Spec.Containers = append(set.Spec.Template.Spec.Containers, c)
	}
	return set
}
