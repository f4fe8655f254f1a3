package store

import (
	"strings"

	corev1 "k8s.io/api/core/v1"
	policyv1 "k8s.io/api/policy/v1"
	metavalidation "k8s.io/apimachinery/pkg/apis/meta/v1/validation"
	"k8s.io/apimachinery/pkg/util/intstr"
	"k8s.io/apimachinery/pkg/util/validation"
	"k8s.io/apimachinery/pkg/util/validation/field"
)

// validateNode names the taints as Kubernetes does, below the metadata.
// Source: pkg/apis/core/validation/validation.go:ValidateNode.
func validateNode(node *corev1.Node) field.ErrorList {
	path := field.NewPath("metadata", "taints")
	var errs field.ErrorList
	type identity struct {
		key    string
		effect corev1.TaintEffect
	}
	seen := map[identity]bool{}
	for i, taint := range node.Spec.Taints {
		taintPath := path.Index(i)
		errs = append(errs, metavalidation.ValidateLabelName(taint.Key, taintPath.Child("key"))...)
		if wrong := validation.IsValidLabelValue(taint.Value); len(wrong) > 0 {
			errs = append(errs, field.Invalid(taintPath.Child("value"), taint.Value, strings.Join(wrong, ";")))
		}
		errs = append(errs, oneOf(taint.Effect, taintPath.Child("effect"), taintEffects)...)
		if id := (identity{taint.Key, taint.Effect}); seen[id] {
			duplicate := field.Duplicate(taintPath, printedTaint(taint))
			duplicate.Detail = "taints must be unique by key and effect pair"
			errs = append(errs, duplicate)
		} else {
			seen[id] = true
		}
	}
	return append(errs, validateNodeResources(node)...)
}

func validateNodeResources(node *corev1.Node) field.ErrorList {
	var errs field.ErrorList
	for _, name := range sortedKeys(node.Status.Capacity) {
		errs = append(errs, validateAmount(name, node.Status.Capacity[name], field.NewPath("status", "capacity", string(name)))...)
	}
	for _, name := range sortedKeys(node.Status.Allocatable) {
		errs = append(errs, validateAmount(name, node.Status.Allocatable[name], field.NewPath("status", "allocatable", string(name)))...)
	}
	return errs
}

var evictionPolicies = []policyv1.UnhealthyPodEvictionPolicyType{policyv1.AlwaysAllow, policyv1.IfHealthyBudget}

// Source: pkg/apis/policy/validation/validation.go:ValidatePodDisruptionBudgetSpec.
func validateBudget(spec *policyv1.PodDisruptionBudgetSpec, path *field.Path) field.ErrorList {
	var errs field.ErrorList
	if spec.MinAvailable != nil && spec.MaxUnavailable != nil {
		errs = append(errs, field.Invalid(path, printedBudget(*spec), "minAvailable and maxUnavailable cannot be both set"))
	}
	for _, limit := range []struct {
		name  string
		value *intstr.IntOrString
	}{{"minAvailable", spec.MinAvailable}, {"maxUnavailable", spec.MaxUnavailable}} {
		if limit.value != nil {
			errs = append(errs, validateIntOrPercent(*limit.value, path.Child(limit.name))...)
			errs = append(errs, atMost100Percent(*limit.value, path.Child(limit.name))...)
		}
	}
	errs = append(errs, validateSelector(spec.Selector, path.Child("selector"))...)
	if policy := spec.UnhealthyPodEvictionPolicy; policy != nil {
		errs = append(errs, oneOf(*policy, path.Child("unhealthyPodEvictionPolicy"), evictionPolicies)...)
	}
	return errs
}

func validateBudgetStatus(status *policyv1.PodDisruptionBudgetStatus, path *field.Path) field.ErrorList {
	errs := nonnegative(status.DisruptionsAllowed, path.Child("disruptionsAllowed"))
	errs = append(errs, nonnegative(status.CurrentHealthy, path.Child("currentHealthy"))...)
	errs = append(errs, nonnegative(status.DesiredHealthy, path.Child("desiredHealthy"))...)
	return append(errs, nonnegative(status.ExpectedPods, path.Child("expectedPods"))...)
}
