package scenarios

import (
	"slices"
	"strings"

	"statefulsim/scenarios/words"
)

// Kubernetes is the version that a scenario's cluster has. The zero value is the newest, with its own defaults.
type Kubernetes struct {
	Version string          // "1.34" to "1.37"; "" is the newest
	Gates   map[string]bool // feature gates that are set against the version's default
}

// versions are those that can be simulated, oldest first.
var versions = []string{"1.34", "1.35", "1.36", "1.37"}

// Number returns the version, which is the newest if none was chosen.
func (k Kubernetes) Number() string {
	if k.Version == "" {
		return versions[len(versions)-1]
	}
	return k.Version
}

// Enabled tells whether a feature gate is on. It panics for a gate that is not in the table: that is a bug of the caller.
func (k Kubernetes) Enabled(name string) bool {
	if value, set := k.Gates[name]; set {
		return value
	}
	for _, g := range gates {
		if g.name == name {
			return g.states[slices.Index(versions, k.Number())] == on
		}
	}
	panic("scenarios: no feature gate is named " + name)
}

// state is what a version does with a gate if nobody sets it.
type state string

const (
	unknown state = "–"
	off     state = "off"
	on      state = "on"
)

// gate is a feature gate of Kubernetes that changes what is simulated.
type gate struct {
	name   string
	doc    string  // what it changes
	states []state // by version, in the order of versions
}

// gates is the table of those that are known. Source: pkg/features/kube_features.go.
var gates = []gate{
	{"MaxUnavailableStatefulSet", "A rolling update takes down as many pods at once as `maxUnavailable` says; off, it is one.",
		[]state{off, off, off, on}},
	{"StatefulSetSemanticRevisionComparison", "A template that only serialises differently makes no new revision.",
		[]state{on, on, on, on}},
	{"StatefulSetRecreateStrategy", "The update strategy `Recreate`: all pods go before the first new one comes.",
		[]state{unknown, unknown, unknown, off}},
	{"StaleControllerConsistencyStatefulSet", "The controller waits until its caches show its own last writes.",
		[]state{unknown, unknown, on, on}},
	{"NodeControllerLeaseCircuitBreaker", "Before a node is called Unknown its lease is read from the API server itself.",
		[]state{unknown, unknown, unknown, on}},
	{"ReduceDefaultCrashLoopBackOffDecay", "The back-off of a crashing container begins with 1 s instead of 10 s, and up to 1.34 ends at 60 s instead of 300 s.",
		[]state{off, off, off, off}},
}

func (r *reader) readKubernetes(n *node) {
	if n == nil {
		return
	}
	k := &r.scenario.Kubernetes
	if n.kind != mapping {
		k.Version = r.version(n)
		return
	}
	if !r.fits(n, &kubernetesForm) {
		return
	}
	if v := n.value("version"); v != nil {
		k.Version = r.version(v)
	}
	if v := n.value("gates"); v != nil && v.kind != mapping {
		r.wrong(v, "the feature gates are no mapping", "gates: {MaxUnavailableStatefulSet: false}")
	} else if v != nil {
		k.Gates = r.gates(v, k.Number())
	}
}

func (r *reader) version(n *node) string {
	version := strings.TrimPrefix(r.str(n), "v")
	if !slices.Contains(versions, version) {
		r.wrong(n, "Kubernetes "+words.Quoted(version)+" is not simulated", "one of "+strings.Join(versions, ", "))
		return ""
	}
	return version
}

// gates reads gates by name; each must be one that the version lets one set.
func (r *reader) gates(n *node, version string) map[string]bool {
	set := make(map[string]bool, len(n.keys))
	var names []string
	for _, g := range gates {
		names = append(names, g.name)
	}
	for i, key := range n.keys {
		at := slices.Index(names, key.name)
		if at < 0 {
			r.wrongKey(key, words.Quoted(key.name)+" is no feature gate that changes what is simulated", words.DidYouMean(key.name, names))
			continue
		}
		if gates[at].states[slices.Index(versions, version)] == unknown {
			r.wrongKey(key, "Kubernetes "+version+" has no feature gate "+key.name, "choose a newer version")
			continue
		}
		set[key.name] = r.boolean(n.values[i])
	}
	return set
}
