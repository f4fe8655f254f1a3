package pv

import (
	"slices"
	"strconv"

	corev1 "k8s.io/api/core/v1"
	storagev1 "k8s.io/api/storage/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// MatchesNode tells whether one of the selector's terms matches the node
// (component-helpers/scheduling/corev1/nodeaffinity/nodeaffinity.go).
func MatchesNode(selector *corev1.NodeSelector, node *corev1.Node) bool {
	for i := range selector.NodeSelectorTerms {
		if MatchesTerm(&selector.NodeSelectorTerms[i], node) {
			return true
		}
	}
	return false
}

// MatchesTerm tells whether every requirement of the term holds for the node. A term without any matches no node.
func MatchesTerm(term *corev1.NodeSelectorTerm, node *corev1.Node) bool {
	if len(term.MatchExpressions) == 0 && len(term.MatchFields) == 0 {
		return false
	}
	for i := range term.MatchExpressions {
		r := &term.MatchExpressions[i]
		value, ok := node.Labels[r.Key]
		if !holds(r, value, ok) {
			return false
		}
	}
	for i := range term.MatchFields {
		r := &term.MatchFields[i]
		if r.Key != metav1.ObjectNameField || !holds(r, node.Name, true) {
			return false
		}
	}
	return true
}

// holds judges one requirement. As for labels elsewhere, NotIn holds where there is no label, and Gt and Lt compare
// integers and fail for anything else.
func holds(r *corev1.NodeSelectorRequirement, value string, present bool) bool {
	switch r.Operator {
	case corev1.NodeSelectorOpIn:
		return present && slices.Contains(r.Values, value)
	case corev1.NodeSelectorOpNotIn:
		return !present || !slices.Contains(r.Values, value)
	case corev1.NodeSelectorOpExists:
		return present
	case corev1.NodeSelectorOpDoesNotExist:
		return !present
	case corev1.NodeSelectorOpGt, corev1.NodeSelectorOpLt:
		return present && len(r.Values) == 1 && compares(r.Operator, value, r.Values[0])
	}
	return false
}

func compares(op corev1.NodeSelectorOperator, value, bound string) bool {
	v, err := strconv.ParseInt(value, 10, 64)
	b, boundErr := strconv.ParseInt(bound, 10, 64)
	if err != nil || boundErr != nil {
		return false
	}
	if op == corev1.NodeSelectorOpGt {
		return v > b
	}
	return v < b
}

// Allowed tells whether a class with these allowed topologies may make a volume for a node: any node without terms, else
// one on which every expression of some term holds (pkg/apis/core/v1/helper/helpers.go:MatchTopologySelectorTerms).
func Allowed(terms []corev1.TopologySelectorTerm, node *corev1.Node) bool {
	if len(terms) == 0 {
		return true
	}
	return slices.ContainsFunc(terms, func(term corev1.TopologySelectorTerm) bool {
		for _, r := range term.MatchLabelExpressions {
			if value, ok := node.Labels[r.Key]; !ok || !slices.Contains(r.Values, value) {
				return false
			}
		}
		return len(term.MatchLabelExpressions) > 0
	})
}

// Provisions tells whether somebody makes volumes for claims of this class.
func Provisions(class *storagev1.StorageClass) bool {
	return class.Provisioner != "" && class.Provisioner != NoProvisioner
}
