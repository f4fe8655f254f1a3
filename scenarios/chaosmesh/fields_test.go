package chaosmesh

import (
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/goccy/go-yaml"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"statefulsim/scenarios"
)

// kindOfKey are the kinds of experiments by their keys within a template.
var kindOfKey = map[string]string{"podChaos": "PodChaos", "networkChaos": "NetworkChaos", "ioChaos": "IOChaos", "stressChaos": "StressChaos", "dnsChaos": "DNSChaos"}

// fieldsOf are the fields of the types of chaos-mesh.org/v1alpha1, as far as they are for people to write. Source: api/v1alpha1 of
// Chaos Mesh, version 2026-09-06: podchaos_types.go, networkchaos_types.go, podnetworkchaos_types.go, iochaos_types.go,
// podiochaos_types.go, stresschaos_types.go, dnschaos_type.go, workflow_types.go, selector.go.
var fieldsOf = map[string]string{
	"":                    "apiVersion kind metadata spec",
	"metadata":            "name namespace",
	"spec":                "entry templates",
	"templates":           "name templateType deadline task children conditionalBranches schedule statusCheck abortWithStatusCheck podChaos networkChaos ioChaos stressChaos dnsChaos",
	"schedule":            "schedule startingDeadlineSeconds concurrencyPolicy historyLimit type podChaos networkChaos ioChaos stressChaos dnsChaos",
	"podChaos":            "selector mode value containerNames action duration gracePeriod remoteCluster",
	"networkChaos":        "selector mode value action partitionBehavior device duration delay loss duplicate corrupt bandwidth rate direction target targetDevice externalTargets remoteCluster",
	"ioChaos":             "selector mode value containerNames action delay errno attr mistake path methods percent volumePath duration remoteCluster",
	"stressChaos":         "selector mode value containerNames stressors stressngStressors duration remoteCluster",
	"dnsChaos":            "selector mode value containerNames action duration patterns remoteCluster",
	"target":              "selector mode value",
	"selector":            "namespaces fieldSelectors labelSelectors expressionSelectors annotationSelectors nodes pods nodeSelectors podPhaseSelectors",
	"delay":               "latency correlation jitter reorder",
	"reorder":             "reorder correlation gap",
	"loss":                "loss correlation",
	"duplicate":           "duplicate correlation",
	"rate":                "rate",
	"mistake":             "filling maxOccurrences maxLength",
	"stressors":           "memory cpu",
	"memory":              "workers size oomScoreAdj options",
	"labelSelectors":      "*",
	"nodeSelectors":       "*",
	"pods":                "*",
	"expressionSelectors": "key operator values",
}

// required are the fields that the types do not allow to be missing.
var required = map[string]string{
	"podChaos": "selector mode action", "networkChaos": "selector mode action", "ioChaos": "selector mode action volumePath",
	"stressChaos": "selector mode", "dnsChaos": "selector mode action", "target": "selector mode", "templates": "name templateType",
	"schedule": "schedule concurrencyPolicy type", "memory": "workers", "delay": "latency", "reorder": "reorder gap",
}

// onlyFields checks a mapping that stands at a key, and all in it.
func onlyFields(t *testing.T, at string, m map[string]any) {
	known, is := fieldsOf[at]
	require.True(t, is, "%s is no mapping", at)
	for key, value := range m {
		require.True(t, known == "*" || slices.Contains(strings.Fields(known), key), "%s has no field %s", at, key)
		switch value := value.(type) {
		case map[string]any:
			onlyFields(t, key, value)
		case []any:
			for _, v := range value {
				if o, is := v.(map[string]any); is {
					onlyFields(t, key, o)
				}
			}
		}
	}
	for _, key := range strings.Fields(required[at]) {
		require.Contains(t, m, key, "%s misses a field", at)
	}
}

// Every scenario that comes with the command becomes what Chaos Mesh takes.
func TestOnlyFieldsThatThereAre(t *testing.T) {
	all := []*scenarios.Scenario{everyAction(t)}
	for _, known := range scenarios.All() {
		runs, err := scenarios.Find(known.Name)
		require.NoError(t, err)
		all = append(all, runs...)
	}
	for _, s := range all {
		t.Run(s.Name+s.Variant, func(t *testing.T) {
			text, _ := exported(t, s)
			for _, doc := range documentsOf(t, text) {
				for _, key := range []string{"apiVersion", "kind", "metadata", "spec"} {
					require.Contains(t, doc, key)
				}
				require.Equal(t, "chaos-mesh.org/v1alpha1", doc["apiVersion"])
				require.Equal(t, "Workflow", doc["kind"])
				onlyFields(t, "", doc)
				checkWorkflow(t, doc["spec"].(map[string]any))
			}
		})
	}
}

// checkWorkflow holds a workflow to the rules of Chaos Mesh. Source: workflow_webhook.go:validateTemplates.
func checkWorkflow(t *testing.T, spec map[string]any) {
	templates := map[string]map[string]any{}
	asked := map[string]bool{spec["entry"].(string): true}
	for _, v := range spec["templates"].([]any) {
		template := v.(map[string]any)
		name := template["name"].(string)
		require.NotContains(t, templates, name, "two templates have one name")
		require.Regexp(t, `^[a-z0-9]([-a-z0-9]*[a-z0-9])?$`, name)
		templates[name] = template
		children, _ := template["children"].([]any)
		for _, child := range children {
			require.False(t, asked[child.(string)], "%s stands in two others", child)
			asked[child.(string)] = true
		}
		if template["templateType"] != "Serial" && template["templateType"] != "Parallel" {
			deadline, err := time.ParseDuration(template["deadline"].(string))
			require.NoError(t, err)
			require.Positive(t, deadline)
		}
		for key := range kindOfKey {
			if chaos, is := template[key].(map[string]any); is {
				require.Equal(t, kindOfKey[key], template["templateType"])
				require.NotContains(t, chaos, "duration", "the deadline says it")
			}
		}
	}
	for name := range asked {
		require.Contains(t, templates, name)
	}
	for name := range templates {
		require.True(t, asked[name], "nobody asks for %s", name)
	}
}

// The experiments of a file that nobody wrote for the test are those of a real one.
func TestPrimaryCrash(t *testing.T) {
	s, err := scenarios.Single(scenarios.Find("primary-crash"))
	require.NoError(t, err)
	text, gaps := exported(t, s)
	require.Empty(t, gaps)
	golden(t, "primary-crash.golden.yaml", text)
}

// Whatever text stands in a scenario is read back as itself.
func TestScalarsAreReadBack(t *testing.T) {
	texts := rapid.OneOf(rapid.StringOf(rapid.RuneFrom(nil, unicode.L, unicode.N, unicode.P, unicode.Zs)),
		rapid.SampledFrom([]string{"", "null", "Yes", "on", "1", "1.5", "0x1", "1e3", "~", "-", "a: b", "a #b", "*.mysql", "mysql-0.*", "@every 10s", "5s", "{a}", "[a]", "a\nb"}))
	rapid.Check(t, func(t *rapid.T) {
		text := texts.Draw(t, "text")
		p := &printer{}
		p.object(0, "", object{{"key", text}, {"list", list{text, object{{text, text}}}}})
		var read struct {
			Key  any
			List []any
		}
		require.NoError(t, yaml.Unmarshal([]byte(p.String()), &read), p.String())
		require.Equal(t, text, read.Key)
		require.Equal(t, []any{text, map[string]any{text: text}}, read.List)
	})
}
