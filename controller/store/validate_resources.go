package store

import (
	"fmt"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	apivalidation "k8s.io/apimachinery/pkg/api/validation"
	"k8s.io/apimachinery/pkg/util/validation"
	"k8s.io/apimachinery/pkg/util/validation/field"
)

// Source: pkg/apis/core/validation/validation.go:ValidateContainerResourceRequirements.
func validateResources(resources *corev1.ResourceRequirements, path *field.Path) field.ErrorList {
	var errs field.ErrorList
	for _, name := range sortedKeys(resources.Limits) {
		limitPath := path.Child("limits").Key(string(name))
		errs = append(errs, validateResourceName(name, limitPath)...)
		errs = append(errs, validateAmount(name, resources.Limits[name], limitPath)...)
	}
	requestsPath := path.Child("requests")
	for _, name := range sortedKeys(resources.Requests) {
		request, requestPath := resources.Requests[name], requestsPath.Key(string(name))
		errs = append(errs, validateResourceName(name, requestPath)...)
		errs = append(errs, validateAmount(name, request, requestPath)...)
		limit, limited := resources.Limits[name]
		switch {
		case !limited && !mayOvercommit(name):
			errs = append(errs, field.Required(path.Child("limits"), "Limit must be set for non overcommitable resources"))
		case limited && !mayOvercommit(name) && request.Cmp(limit) != 0:
			errs = append(errs, field.Invalid(requestsPath, request.String(), fmt.Sprintf("must be equal to %s limit of %s", name, limit.String())))
		case limited && request.Cmp(limit) > 0:
			errs = append(errs, field.Invalid(requestsPath, request.String(), fmt.Sprintf("must be less than or equal to %s limit of %s", name, limit.String())))
		}
	}
	return errs
}

// validateResourceName checks that containers can ask for what has that name.
func validateResourceName(name corev1.ResourceName, path *field.Path) field.ErrorList {
	switch name {
	case corev1.ResourceCPU, corev1.ResourceMemory, corev1.ResourceEphemeralStorage:
		return nil
	}
	switch errs := messages(path, name, validation.IsQualifiedName(string(name))); {
	case len(errs) > 0:
		return errs
	case strings.HasPrefix(string(name), corev1.ResourceHugePagesPrefix), isExtended(name):
		return nil
	case !strings.Contains(string(name), "/"):
		return field.ErrorList{
			field.Invalid(path, name, "must be a standard resource type or fully qualified"),
			field.Invalid(path, name, "must be a standard resource for containers"),
		}
	}
	return nil
}

// isExtended tells whether a resource is none of Kubernetes' own: a number of devices.
func isExtended(name corev1.ResourceName) bool {
	return strings.Contains(string(name), "/") && !strings.Contains(string(name), corev1.ResourceDefaultNamespacePrefix)
}

// mayOvercommit tells whether more of a resource can be promised than asked for.
func mayOvercommit(name corev1.ResourceName) bool {
	return !isExtended(name) && !strings.HasPrefix(string(name), corev1.ResourceHugePagesPrefix)
}

// validateAmount checks a quantity of a resource.
// Source: pkg/apis/core/validation/validation.go:ValidateResourceQuantityValue.
func validateAmount(name corev1.ResourceName, amount resource.Quantity, path *field.Path) field.ErrorList {
	var errs field.ErrorList
	if amount.Sign() < 0 {
		errs = append(errs, field.Invalid(path, amount.String(), apivalidation.IsNegativeErrorMsg))
	}
	if (name == corev1.ResourcePods || isExtended(name)) && amount.MilliValue()%1000 != 0 {
		errs = append(errs, field.Invalid(path, amount, "must be an integer"))
	}
	return errs
}
