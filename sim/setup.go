package sim

import (
	"fmt"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	storagev1 "k8s.io/api/storage/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"statefulsim/controller/store"
	"statefulsim/scenarios"
)

// heartbeatSpread is within which time the kubelets of a cluster begin.
const heartbeatSpread = 10 * time.Second

// setUp fills the empty world: the cluster as it stands before anybody uses it, then the manifests, the clients, the steps.
func (w *world) setUp() {
	w.because(0, "cluster", func() {
		for _, name := range []string{corev1.NamespaceDefault, corev1.NamespaceNodeLease, "kube-system"} {
			w.create(&corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: name}})
		}
		for _, n := range w.scenario.Cluster.Nodes {
			w.create(nodeObject(n))
			w.addMachine(n.Name, n.Zone)
		}
	})
	for _, m := range w.machines {
		m.cache = *w.store.View()
		// Kubelets start at different instants, so that their heartbeats never fall into one.
		w.loop.Push(w.loop.Now()+1+time.Duration(w.dice.Throw("kubelet", m.place.Node)%uint64(heartbeatSpread)), m.heartbeat)
	}
	for _, c := range w.scenario.Clients {
		w.addClient(c)
	}
	w.because(0, "kubectl", func() {
		if !w.hasDefaultClass() {
			w.create(standardClass())
		}
		for _, m := range w.scenario.Objects {
			w.create(m.Object.DeepCopyObject().(store.Object))
		}
	})
	w.schedule()
}

// create applies one object. What a scenario applies has been checked before the run, so a refusal is a bug of ours.
func (w *world) create(obj store.Object) {
	if _, err := w.api().Create(obj); err != nil {
		w.fail("create "+store.KeyOf(obj).String(), err)
	}
}

// nodeObject is a node that has just joined and is well.
func nodeObject(n scenarios.Node) *corev1.Node {
	labels := map[string]string{
		corev1.LabelHostname: n.Name, corev1.LabelTopologyZone: n.Zone, corev1.LabelTopologyRegion: "region",
		corev1.LabelOSStable: "linux", corev1.LabelArchStable: "amd64",
	}
	for k, v := range n.Labels {
		labels[k] = v
	}
	capacity := corev1.ResourceList{
		corev1.ResourceCPU: resource.MustParse(n.CPU), corev1.ResourceMemory: resource.MustParse(n.Memory),
		corev1.ResourcePods: *resource.NewQuantity(n.Pods, resource.DecimalSI),
	}
	return &corev1.Node{
		ObjectMeta: metav1.ObjectMeta{Name: n.Name, Labels: labels},
		Spec:       corev1.NodeSpec{Taints: taints(n.Taints)},
		Status: corev1.NodeStatus{Capacity: capacity, Allocatable: capacity,
			Conditions: []corev1.NodeCondition{{Type: corev1.NodeReady, Status: corev1.ConditionTrue, Reason: "KubeletReady"}}},
	}
}

// standardClass is the default class of managed clusters: a disk of one zone, made where its pod is scheduled.
func standardClass() *storagev1.StorageClass {
	wait, reclaim, expand := storagev1.VolumeBindingWaitForFirstConsumer, corev1.PersistentVolumeReclaimDelete, true
	return &storagev1.StorageClass{
		ObjectMeta:  metav1.ObjectMeta{Name: "standard", Annotations: map[string]string{"storageclass.kubernetes.io/is-default-class": "true"}},
		Provisioner: driver, VolumeBindingMode: &wait, ReclaimPolicy: &reclaim, AllowVolumeExpansion: &expand,
	}
}

// hasDefaultClass tells whether the manifests bring a class named standard themselves.
func (w *world) hasDefaultClass() bool {
	for _, m := range w.scenario.Objects {
		if class, ok := m.Object.(*storagev1.StorageClass); ok && class.Name == "standard" {
			return true
		}
	}
	return false
}

// Validate holds a scenario against the API server's own rules, which reading it does not know: what it says of each of the
// manifests' objects, with the place in the file.
func Validate(s *scenarios.Scenario) scenarios.Problems {
	var problems scenarios.Problems
	for _, m := range s.Objects {
		obj := m.Object.DeepCopyObject().(store.Object)
		store.Default(obj)
		for _, err := range store.Validate(obj, nil) {
			problems = append(problems, scenarios.Problem{Pos: m.At(err.Field), What: fmt.Sprintf("%s: %v", store.KeyOf(obj), err)})
		}
	}
	return problems
}

// taints reads taints as kubectl writes them: key=value:Effect, or key:Effect.
func taints(all []string) (list []corev1.Taint) {
	for _, text := range all {
		what, effect, _ := strings.Cut(text, ":")
		key, value, _ := strings.Cut(what, "=")
		list = append(list, corev1.Taint{Key: key, Value: value, Effect: corev1.TaintEffect(effect)})
	}
	return list
}
