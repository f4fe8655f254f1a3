package kubectl

import (
	"slices"
	"strconv"
	"strings"
	"time"

	coordinationv1 "k8s.io/api/coordination/v1"
	corev1 "k8s.io/api/core/v1"

	"statefulsim/controller/store"
)

var (
	nodeColumns = columns{
		store.Node, []string{
			"NAME", "STATUS", "ROLES", "AGE", "VERSION", "INTERNAL-IP", "EXTERNAL-IP", "OS-IMAGE", "KERNEL-VERSION", "CONTAINER-RUNTIME",
		}, 5, cellsOf(nodeCells),
	}
	namespaceColumns = columns{store.Namespace, []string{"NAME", "STATUS", "AGE"}, 0, cellsOf(namespaceCells)}
	leaseColumns     = columns{store.Lease, []string{"NAME", "HOLDER", "AGE"}, 0, cellsOf(leaseCells)}
	configColumns    = columns{store.ConfigMap, []string{"NAME", "DATA", "AGE"}, 0, cellsOf(configCells)}
	secretColumns    = columns{store.Secret, []string{"NAME", "TYPE", "DATA", "AGE"}, 0, cellsOf(secretCells)}
	accountColumns   = columns{store.ServiceAccount, []string{"NAME", "AGE"}, 0, cellsOf(accountCells)}
)

// Source: pkg/printers/internalversion/printers.go:printNode.
func nodeCells(node *corev1.Node, now time.Time) []string {
	info := node.Status.NodeInfo
	kernel := orUnknown(info.KernelVersion)
	if info.Architecture != "" {
		kernel += " (" + info.Architecture + ")"
	}
	return []string{
		node.Name, nodeStatus(node), nodeRoles(node), age(node.CreationTimestamp, now), info.KubeletVersion,
		address(node, corev1.NodeInternalIP), address(node, corev1.NodeExternalIP),
		orUnknown(info.OSImage), kernel, orUnknown(info.ContainerRuntimeVersion),
	}
}

// nodeStatus is Ready, NotReady (which an unknown condition is, too) or Unknown for a node without the condition. Of several
// such conditions the last counts.
func nodeStatus(node *corev1.Node) string {
	status := "Unknown"
	for _, c := range node.Status.Conditions {
		switch {
		case c.Type != corev1.NodeReady:
		case c.Status == corev1.ConditionTrue:
			status = "Ready"
		default:
			status = "NotReady"
		}
	}
	if node.Spec.Unschedulable {
		status += ",SchedulingDisabled"
	}
	return status
}

// nodeRoles are those that the node's labels tell of.
// Source: pkg/printers/internalversion/printers.go:findNodeRoles.
func nodeRoles(node *corev1.Node) string {
	var roles []string
	for key, value := range node.Labels {
		role, named := strings.CutPrefix(key, "node-role.kubernetes.io/")
		if key == "kubernetes.io/role" {
			role, named = value, true
		}
		if named && role != "" {
			roles = append(roles, role)
		}
	}
	slices.Sort(roles)
	return orNone(strings.Join(slices.Compact(roles), ","))
}

func address(node *corev1.Node, of corev1.NodeAddressType) string {
	for _, a := range node.Status.Addresses {
		if a.Type == of {
			return a.Address
		}
	}
	return "<none>"
}

func orUnknown(s string) string {
	if s == "" {
		return "<unknown>"
	}
	return s
}

// Source: pkg/printers/internalversion/printers.go:printNamespace.
func namespaceCells(namespace *corev1.Namespace, now time.Time) []string {
	return []string{namespace.Name, string(namespace.Status.Phase), age(namespace.CreationTimestamp, now)}
}

// Source: pkg/printers/internalversion/printers.go:printLease.
func leaseCells(lease *coordinationv1.Lease, now time.Time) []string {
	return []string{lease.Name, orEmpty(lease.Spec.HolderIdentity), age(lease.CreationTimestamp, now)}
}

// Source: pkg/printers/internalversion/printers.go:printConfigMap.
func configCells(config *corev1.ConfigMap, now time.Time) []string {
	return []string{config.Name, strconv.Itoa(len(config.Data) + len(config.BinaryData)), age(config.CreationTimestamp, now)}
}

// Source: pkg/printers/internalversion/printers.go:printSecret.
func secretCells(secret *corev1.Secret, now time.Time) []string {
	return []string{secret.Name, string(secret.Type), strconv.Itoa(len(secret.Data)), age(secret.CreationTimestamp, now)}
}

// Source: pkg/printers/internalversion/printers.go:printServiceAccount.
func accountCells(account *corev1.ServiceAccount, now time.Time) []string {
	return []string{account.Name, age(account.CreationTimestamp, now)}
}

func orEmpty(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}
