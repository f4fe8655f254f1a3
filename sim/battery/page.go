package battery

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	storagev1 "k8s.io/api/storage/v1"
	"k8s.io/apimachinery/pkg/api/resource"
)

// written is the scenario of the stage, without steps.
func (st *stage) written(manifests, processes []string, o Options) string {
	var b strings.Builder
	fmt.Fprintf(&b, "for: 1h\ncluster:\n  zones: [%s]\n  nodesPerZone: %d\n", strings.Join(zoneNames(o.Zones), ", "), o.NodesPerZone)
	cpu, memory := st.nodeSize(o.Zones * o.NodesPerZone)
	fmt.Fprintf(&b, "  node: {cpu: %q, memory: %q%s}\n", cpu, memory, st.nodeLabels())
	st.assume("the cluster has %d nodes in each of %d zones, with %s CPUs and %s of memory", o.NodesPerZone, o.Zones, cpu, memory)
	section(&b, "manifests", append(manifests, st.classes()...))
	if len(processes) > 0 {
		b.WriteString("runs:\n  " + strings.Join(processes, "\n  ") + "\n")
	}
	clients := make([]string, len(st.clients))
	for i := range st.clients {
		clients[i] = st.clients[i].line()
	}
	section(&b, "clients", clients)
	// A world that does not recover goes on to its end, because only there is counted what is lost.
	section(&b, "breaks", []string{recovers})
	return b.String()
}

func section(b *strings.Builder, key string, items []string) {
	if len(items) > 0 {
		b.WriteString(key + ":\n  - " + strings.Join(items, "\n  - ") + "\n")
	}
}

func zoneNames(n int) []string {
	names := make([]string, n)
	for i := range names {
		letter := ""
		for j := i + 1; j > 0; j = (j - 1) / 26 {
			letter = string(rune('a'+(j-1)%26)) + letter
		}
		names[i] = "zone-" + letter
	}
	return names
}

// classes are the StorageClasses that claims name and that nobody has made, as a scenario writes them.
func (st *stage) classes() (written []string) {
	known := []string{"", "standard"}
	for _, m := range st.objects {
		if class, is := m.Object.(*storagev1.StorageClass); is {
			known = append(known, class.Name)
		}
	}
	for i := range st.sets {
		for _, template := range st.sets[i].Spec.VolumeClaimTemplates {
			class := template.Spec.StorageClassName
			if class == nil || slices.Contains(known, *class) {
				continue
			}
			known = append(known, *class)
			st.assume("the StorageClass %s makes a volume in the zone of its pod (WaitForFirstConsumer); the manifests do not have it", *class)
			written = append(written, fmt.Sprintf("{apiVersion: storage.k8s.io/v1, kind: StorageClass, metadata: {name: %q}, provisioner: disk.csi.statefulsim, "+
				"volumeBindingMode: WaitForFirstConsumer}", *class))
		}
	}
	return written
}

// nodeLabels are those that pods ask of their nodes, as a setting of a node; nodes have those of Kubernetes' own by themselves.
func (st *stage) nodeLabels() string {
	var all []string
	seen := map[string]bool{}
	for i := range st.sets {
		for key, value := range st.sets[i].Spec.Template.Spec.NodeSelector {
			if !seen[key] && !strings.Contains(key, "kubernetes.io/") {
				all, seen[key] = append(all, fmt.Sprintf("%q: %q", key, value)), true
			}
		}
	}
	if all == nil {
		return ""
	}
	slices.Sort(all)
	list := strings.Join(all, ", ")
	st.assume("every node has the labels that nodeSelectors ask for: %s", strings.ReplaceAll(list, `"`, ""))
	return ", labels: {" + list + "}"
}

// nodeSize is what each of some nodes must have so that all pods fit even if half of the nodes are gone.
func (st *stage) nodeSize(nodes int) (cpu, memory string) {
	all, largest := corev1.ResourceList{}, corev1.ResourceList{}
	for i := range st.sets {
		s := &st.sets[i]
		pod := requests(&s.Spec.Template.Spec)
		for name, q := range pod {
			if l := largest[name]; q.Cmp(l) > 0 {
				largest[name] = q
			}
			sum := all[name]
			for range s.replicas {
				sum.Add(q)
			}
			all[name] = sum
		}
	}
	return size("4", all.Cpu(), largest.Cpu(), nodes), size("16Gi", all.Memory(), largest.Memory(), nodes)
}

// size is the least, or else what the largest pod asks for, or twice a node's share of all.
func size(least string, all, largest *resource.Quantity, nodes int) string {
	q := resource.MustParse(least)
	if largest.Cmp(q) > 0 {
		q = largest.DeepCopy()
	}
	share := resource.NewQuantity(all.Value()/int64(nodes)*2+1, q.Format)
	if share.Cmp(q) > 0 {
		q = *share
	}
	const step = 1 << 30
	if q.Format == resource.BinarySI && q.Value() < math.MaxInt64-step { // whole gibibytes are read better
		q = *resource.NewQuantity((q.Value()+step-1)/step*step, q.Format)
	}
	return q.String()
}

// requests is what a pod asks for: its containers together, or the largest of its init containers if that is more
// (k8s.io/component-helpers/resource/helpers.go:PodRequests, without what restarts and overhead add).
func requests(spec *corev1.PodSpec) corev1.ResourceList {
	total := corev1.ResourceList{}
	for _, c := range spec.Containers {
		for name, q := range requested(c.Resources) {
			sum := total[name]
			sum.Add(q)
			total[name] = sum
		}
	}
	for _, c := range spec.InitContainers {
		for name, q := range requested(c.Resources) {
			if has := total[name]; q.Cmp(has) > 0 {
				total[name] = q
			}
		}
	}
	return total
}

// requested is what a container asks for: a limit stands for a request that is missing
// (pkg/apis/core/v1/defaults.go:SetDefaults_Pod).
func requested(r corev1.ResourceRequirements) corev1.ResourceList {
	all := maps.Clone(r.Limits)
	if all == nil {
		return r.Requests
	}
	maps.Copy(all, r.Requests)
	return all
}
