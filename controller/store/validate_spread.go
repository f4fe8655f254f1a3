package store

import (
	"fmt"
	"slices"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	metavalidation "k8s.io/apimachinery/pkg/apis/meta/v1/validation"
	"k8s.io/apimachinery/pkg/util/validation/field"
)

var (
	unsatisfiableActions = []corev1.UnsatisfiableConstraintAction{corev1.DoNotSchedule, corev1.ScheduleAnyway}
	inclusionPolicies    = []corev1.NodeInclusionPolicy{corev1.NodeInclusionPolicyHonor, corev1.NodeInclusionPolicyIgnore}
)

// Source: pkg/apis/core/validation/validation.go:validateTopologySpreadConstraints.
func validateSpread(constraints []corev1.TopologySpreadConstraint, path *field.Path) field.ErrorList {
	var errs field.ErrorList
	for i := range constraints {
		constraint, constraintPath := &constraints[i], path.Index(i)
		if constraint.MaxSkew <= 0 {
			errs = append(errs, field.Invalid(constraintPath.Child("maxSkew"), int64(constraint.MaxSkew), "must be greater than zero"))
		}
		if constraint.TopologyKey == "" {
			errs = append(errs, field.Required(constraintPath.Child("topologyKey"), "can not be empty"))
		}
		if action := constraint.WhenUnsatisfiable; !slices.Contains(unsatisfiableActions, action) {
			errs = append(errs, field.NotSupported(constraintPath.Child("whenUnsatisfiable"), action, unsatisfiableActions))
		}
		if repeated(constraint, constraints[i+1:]) {
			errs = append(errs, field.Duplicate(constraintPath.Child("{topologyKey, whenUnsatisfiable}"),
				fmt.Sprintf("{%v, %v}", constraint.TopologyKey, constraint.WhenUnsatisfiable)))
		}
		errs = append(errs, validateMinDomains(constraint, constraintPath.Child("minDomains"))...)
		errs = append(errs, validateInclusion(constraint.NodeAffinityPolicy, constraintPath.Child("nodeAffinityPolicy"))...)
		errs = append(errs, validateInclusion(constraint.NodeTaintsPolicy, constraintPath.Child("nodeTaintsPolicy"))...)
		errs = append(errs, validateMatchKeys(constraint.MatchLabelKeys, constraint.LabelSelector, constraintPath)...)
		errs = append(errs, validateSelector(constraint.LabelSelector, constraintPath.Child("labelSelector"))...)
	}
	return errs
}

func repeated(constraint *corev1.TopologySpreadConstraint, rest []corev1.TopologySpreadConstraint) bool {
	return slices.ContainsFunc(rest, func(other corev1.TopologySpreadConstraint) bool {
		return other.TopologyKey == constraint.TopologyKey && other.WhenUnsatisfiable == constraint.WhenUnsatisfiable
	})
}

func validateMinDomains(constraint *corev1.TopologySpreadConstraint, path *field.Path) field.ErrorList {
	if constraint.MinDomains == nil {
		return nil
	}
	var errs field.ErrorList
	if *constraint.MinDomains <= 0 {
		errs = append(errs, field.Invalid(path, int64(*constraint.MinDomains), "must be greater than zero"))
	}
	if action := constraint.WhenUnsatisfiable; action != corev1.DoNotSchedule {
		errs = append(errs, field.Invalid(path, *constraint.MinDomains,
			fmt.Sprintf("can only use minDomains if whenUnsatisfiable=%s, not %s", corev1.DoNotSchedule, action)))
	}
	return errs
}

func validateInclusion(policy *corev1.NodeInclusionPolicy, path *field.Path) field.ErrorList {
	if policy == nil || slices.Contains(inclusionPolicies, *policy) {
		return nil
	}
	return field.ErrorList{field.NotSupported(path, *policy, inclusionPolicies)}
}

// validateMatchKeys checks the keys of labels of which the pod's own values narrow a selector. That a key stands in the
// selector too is not noticed in matchLabels, and is told of the constraint and not of the key, as Kubernetes does it.
func validateMatchKeys(keys []string, selector *metav1.LabelSelector, path *field.Path) field.ErrorList {
	switch {
	case len(keys) == 0:
		return nil
	case selector == nil:
		return field.ErrorList{field.Forbidden(path.Child("matchLabelKeys"), "must not be specified when labelSelector is not set")}
	}
	var errs field.ErrorList
	for i, key := range keys {
		errs = append(errs, metavalidation.ValidateLabelName(key, path.Child("matchLabelKeys").Index(i))...)
	}
	return errs
}
