package sim

import (
	"strconv"
	"strings"

	"statefulsim/controller/attachdetach"
	"statefulsim/controller/nodelifecycle"
	"statefulsim/controller/statefulset"
	"statefulsim/controller/statefulset/reconcile"
	"statefulsim/controller/store"
	"statefulsim/scenarios"
)

// What follows hands a scenario's version of Kubernetes to each component, in the component's own terms.

func minor(k scenarios.Kubernetes) int {
	minor, _ := strconv.Atoi(strings.TrimPrefix(k.Number(), "1.")) // a version that can be simulated is a number
	return minor
}

func storeGates(k scenarios.Kubernetes) store.Gates {
	gates := store.GatesOf(minor(k))
	gates.MaxUnavailableStatefulSet = k.Enabled("MaxUnavailableStatefulSet")
	gates.StatefulSetRecreateStrategy = k.Enabled("StatefulSetRecreateStrategy")
	return gates
}

func setGates(k scenarios.Kubernetes) reconcile.Gates {
	gates := statefulset.GatesOf(minor(k))
	gates.MaxUnavailableStatefulSet = k.Enabled("MaxUnavailableStatefulSet")
	gates.StatefulSetSemanticRevisionComparison = k.Enabled("StatefulSetSemanticRevisionComparison")
	gates.StatefulSetRecreateStrategy = k.Enabled("StatefulSetRecreateStrategy")
	return reconcile.Gates{Gates: gates, StaleControllerConsistencyStatefulSet: k.Enabled("StaleControllerConsistencyStatefulSet")}
}

func nodeGates(k scenarios.Kubernetes) nodelifecycle.Gates {
	return nodelifecycle.Gates{NodeControllerLeaseCircuitBreaker: k.Enabled("NodeControllerLeaseCircuitBreaker")}
}

func attachOptions(k scenarios.Kubernetes) attachdetach.Options {
	return attachdetach.Options{MultiAttachError: k.Number() < "1.37"}
}
