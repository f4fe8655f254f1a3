package sim

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	storagev1 "k8s.io/api/storage/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/validation/field"

	"statefulsim/controller/kubectl"
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
			w.create(nodeObject(n, w.scenario.Kubernetes))
			w.addMachine(n)
		}
	})
	for _, m := range w.machines {
		m.cache = *w.store.View()
		// Kubelets start at different instants, so that their heartbeats never fall into one.
		m.beat = w.loop.Push(w.loop.Now()+1+time.Duration(w.dice.Throw("kubelet", m.place.Node)%uint64(heartbeatSpread)), m.heartbeat)
	}
	for _, c := range w.scenario.Clients {
		w.addClient(c)
	}
	w.because(0, "kubectl", func() {
		if class := w.standardClass(); class != nil {
			w.create(class)
		}
		for _, m := range w.scenario.Objects {
			obj := m.Object.DeepCopyObject().(store.Object)
			kubectl.Applied(obj)
			w.create(obj)
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
func nodeObject(n scenarios.Node, k scenarios.Kubernetes) *corev1.Node {
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
		Status: corev1.NodeStatus{Capacity: capacity, Allocatable: capacity, NodeInfo: corev1.NodeSystemInfo{KubeletVersion: "v" + k.Number() + ".0"},
			Conditions: []corev1.NodeCondition{{Type: corev1.NodeReady, Status: corev1.ConditionTrue, Reason: "KubeletReady"}}},
	}
}

// isDefaultClass marks the StorageClass of claims that name none.
const isDefaultClass = "storageclass.kubernetes.io/is-default-class"

// standardClass is the default class of managed clusters: a disk of one zone, made where its pod is scheduled. It is nil if the
// manifests bring a class of that name, and not the default if they bring another that is.
func (w *world) standardClass() *storagev1.StorageClass {
	wait, reclaim, expand := storagev1.VolumeBindingWaitForFirstConsumer, corev1.PersistentVolumeReclaimDelete, true
	standard := &storagev1.StorageClass{
		ObjectMeta:  metav1.ObjectMeta{Name: "standard", Annotations: map[string]string{isDefaultClass: "true"}},
		Provisioner: driver, VolumeBindingMode: &wait, ReclaimPolicy: &reclaim, AllowVolumeExpansion: &expand,
	}
	for _, m := range w.scenario.Objects {
		class, ok := m.Object.(*storagev1.StorageClass)
		switch {
		case !ok:
		case class.Name == standard.Name:
			return nil
		case class.Annotations[isDefaultClass] == "true":
			delete(standard.Annotations, isDefaultClass)
		}
	}
	return standard
}

// Validate holds a scenario against the API server's own rules, which reading it does not know: what it says of each of the
// manifests' objects, with the place in the file.
func Validate(s *scenarios.Scenario) scenarios.Problems {
	gates := storeGates(s.Kubernetes)
	var problems scenarios.Problems
	for _, m := range s.Objects {
		obj := m.Object.DeepCopyObject().(store.Object)
		gates.Default(obj)
		first := len(problems)
		for _, err := range gates.Validate(obj, nil) {
			problems = append(problems, m.Problem(err.Field, fmt.Sprintf("%s: %v", store.KeyOf(obj), err), cure(err)))
		}
		slices.SortStableFunc(problems[first:], func(a, b scenarios.Problem) int {
			return cmp.Or(a.Pos.Line-b.Pos.Line, a.Pos.Column-b.Pos.Column)
		})
	}
	return problems
}

// cure says what to write instead of what the API server refuses, where its message leaves that open.
func cure(err *field.Error) string {
	switch {
	case err.Type == field.ErrorTypeRequired:
		return "add " + err.Field
	case err.Type == field.ErrorTypeDuplicate:
		return "give each its own"
	case err.Type == field.ErrorTypeNotFound:
		return "name one of the pod's volumes or of the set's volumeClaimTemplates"
	case err.Type == field.ErrorTypeForbidden:
		return "leave it out"
	case err.Field == "spec.selector":
		return "matchLabels, with labels that the template has"
	case err.Field == "spec.template.metadata.labels":
		return "give the template each label of the selector, or let the selector ask for what the template has"
	}
	return ""
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
