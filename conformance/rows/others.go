package main

import (
	"fmt"

	appsv1 "k8s.io/api/apps/v1"
	coordinationv1 "k8s.io/api/coordination/v1"
	corev1 "k8s.io/api/core/v1"
	policyv1 "k8s.io/api/policy/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/intstr"
)

func (m maker) set() runtime.Object {
	replicas := int32(m.IntN(12))
	set := &appsv1.StatefulSet{ObjectMeta: m.meta("web"), Spec: appsv1.StatefulSetSpec{Replicas: &replicas}}
	set.Spec.Template.Spec.Containers = some(m, 3, func(i int) corev1.Container {
		return corev1.Container{Name: fmt.Sprintf("c-%d", i), Image: one(m, "nginx:1.27", "registry.k8s.io/nginx-slim:0.24")}
	})
	set.Status.ReadyReplicas = int32(m.IntN(12))
	return set
}

func (m maker) revision() runtime.Object {
	revision := &appsv1.ControllerRevision{ObjectMeta: m.meta("web-5f8c"), Revision: int64(m.IntN(200))}
	controller := m.often(0.8)
	revision.OwnerReferences = maybe(m,
		[]metav1.OwnerReference{{APIVersion: "apps/v1", Kind: "StatefulSet", Name: "web", Controller: &controller}},
		[]metav1.OwnerReference{{APIVersion: "v1", Kind: "ReplicationController", Name: "rc", Controller: &controller}})
	return revision
}

func (m maker) budget() runtime.Object {
	bounds := []intstr.IntOrString{intstr.FromInt32(1), intstr.FromString("30%")}
	return &policyv1.PodDisruptionBudget{
		ObjectMeta: m.meta("pdb"), Spec: policyv1.PodDisruptionBudgetSpec{MinAvailable: or(m, bounds...), MaxUnavailable: or(m, bounds...)},
		Status: policyv1.PodDisruptionBudgetStatus{DisruptionsAllowed: int32(m.IntN(4))},
	}
}

func (m maker) node() runtime.Object {
	node := &corev1.Node{ObjectMeta: m.meta("node"), Spec: corev1.NodeSpec{Unschedulable: m.often(0.3)}}
	node.Namespace = ""
	node.Labels = maybe(m, map[string]string{"node-role.kubernetes.io/control-plane": "", "kubernetes.io/role": "master"},
		map[string]string{"node-role.kubernetes.io/": "x", "kubernetes.io/role": ""}, map[string]string{"kubernetes.io/role": "b", "node-role.kubernetes.io/b": ""})
	node.Status.Conditions = some(m, 2, func(int) corev1.NodeCondition {
		return corev1.NodeCondition{
			Type:   one(m, corev1.NodeReady, corev1.NodeReady, corev1.NodeDiskPressure),
			Status: one(m, corev1.ConditionTrue, corev1.ConditionFalse, corev1.ConditionUnknown),
		}
	})
	node.Status.Addresses = some(m, 3, func(int) corev1.NodeAddress {
		return corev1.NodeAddress{Type: one(m, corev1.NodeInternalIP, corev1.NodeExternalIP, corev1.NodeHostName), Address: one(m, "10.1.0.4", "203.0.113.9")}
	})
	node.Status.NodeInfo = corev1.NodeSystemInfo{
		KubeletVersion: maybe(m, "v1.37.2"), OSImage: maybe(m, "Debian GNU/Linux 13"), KernelVersion: maybe(m, "6.12.0"),
		ContainerRuntimeVersion: maybe(m, "containerd://2.1.4"), Architecture: maybe(m, "amd64", "arm64"),
	}
	return node
}

func (m maker) namespace() runtime.Object {
	namespace := &corev1.Namespace{ObjectMeta: m.meta("ns")}
	namespace.Namespace, namespace.Status.Phase = "", one(m, corev1.NamespaceActive, corev1.NamespaceTerminating)
	return namespace
}

func (m maker) lease() runtime.Object {
	return &coordinationv1.Lease{ObjectMeta: m.meta("node"), Spec: coordinationv1.LeaseSpec{HolderIdentity: or(m, "node-a")}}
}

func (m maker) config() runtime.Object {
	return &corev1.ConfigMap{
		ObjectMeta: m.meta("conf"), Data: maybe(m, map[string]string{"a": "1", "b": "2"}), BinaryData: maybe(m, map[string][]byte{"c": {1}}),
	}
}

func (m maker) secret() runtime.Object {
	return &corev1.Secret{
		ObjectMeta: m.meta("secret"), Type: one(m, corev1.SecretTypeOpaque, corev1.SecretTypeTLS), Data: maybe(m, map[string][]byte{"a": {1}, "b": {}}),
	}
}

func (m maker) account() runtime.Object { return &corev1.ServiceAccount{ObjectMeta: m.meta("account")} }
