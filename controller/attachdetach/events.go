package attachdetach

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"

	"statefulsim/controller/store"
)

// tell tells each of the pods an Event.
func tell(pods []*corev1.Pod, eventtype, reason, message string, api *store.Client) {
	for _, pod := range pods {
		api.Event(pod, eventtype, reason, message)
	}
}

// reportMultiAttach tells pods once that they have to wait because the volume is attached to another node, and names the
// pods that use it there (pkg/controller/volume/attachdetach/reconciler/reconciler.go:reportMultiAttachError).
//
// The words are those by which this trouble is known and searched for. Kubernetes 1.37 itself says "Waiting for detach for
// volume" where this says "Multi-Attach error for volume".
func (v *volume) reportMultiAttach(name string, waiting []*corev1.Pod, wanted map[string][]*corev1.Pod, api *store.Client) {
	for _, pod := range waiting {
		if v.told[pod.UID] {
			continue
		}
		v.told[pod.UID] = true
		api.Event(pod, corev1.EventTypeWarning, "FailedAttachVolume",
			fmt.Sprintf("Multi-Attach error for volume %q %s", name, v.usedElsewhere(wanted)))
	}
}

// usedElsewhere says who uses the volume on the nodes that it is attached to. All of them mount the claim that the volume is
// bound to, and so are in its namespace.
func (v *volume) usedElsewhere(wanted map[string][]*corev1.Pod) string {
	var names []string
	for _, node := range slices.Sorted(maps.Keys(v.attached)) {
		for _, pod := range wanted[node] {
			names = append(names, pod.Name)
		}
	}
	if len(names) == 0 {
		return "Volume is already exclusively attached to one node and can't be attached to another"
	}
	return "Volume is already used by pod(s) " + strings.Join(names, ", ")
}
