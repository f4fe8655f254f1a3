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

func storeGates(k scenarios.Kubernetes) store.Gates {
	minor, _ := strconv.Atoi(strings.TrimPrefix(k.Number(), "1."))
	gates := store.GatesOf(minor)
	gates.MaxUnavailableStatefulSet = k.Enabled("MaxUnavailableStatefulSet")
	gates.StatefulSetRecreateStrategy = k.Enabled("StatefulSetRecreateStrategy")
	return gates
}

func setGates(k scenarios.Kubernetes) reconcile.Gates {
	return reconcile.Gates{
		Gates: statefulset.Gates{
			MaxUnavailableStatefulSet:             k.Enabled("MaxUnavailableStatefulSet"),
			StatefulSetSemanticRevisionComparison: k.Enabled("StatefulSetSemanticRevisionComparison"),
			StatefulSetRecreateStrategy:           k.Enabled("StatefulSetRecreateStrategy"),
		},
		StaleControllerConsistencyStatefulSet: k.Enabled("StaleControllerConsistencyStatefulSet"),
	}
}

func nodeGates(k scenarios.Kubernetes) nodelifecycle.Gates {
	return nodelifecycle.Gates{NodeControllerLeaseCircuitBreaker: k.Enabled("NodeControllerLeaseCircuitBreaker")}
}

func attachOptions(k scenarios.Kubernetes) attachdetach.Options {
	return attachdetach.Options{MultiAttachError: k.Number() < "1.37"}
}
