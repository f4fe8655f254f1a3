package attachdetach

import (
	"fmt"
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

// reportMultiAttach tells the pods on a node that they have to wait because the volume is attached to another one, and names
// the pods that use it there. A node's pods are told once; those that join them later are not
// (pkg/controller/volume/attachdetach/reconciler/reconciler.go:reportMultiAttachError).
func (c *Controller) reportMultiAttach(name, node string, wanted map[string][]*corev1.Pod, api *store.Client) {
	v := c.volumes[name]
	if v.told[node] {
		return
	}
	v.told[node] = true
	what := "Waiting for detach"
	if c.options.MultiAttachError {
		what = "Multi-Attach error"
	}
	tell(wanted[node], corev1.EventTypeWarning, "FailedAttachVolume",
		fmt.Sprintf("%s for volume %q %s", what, name, c.usedElsewhere(v, wanted)), api)
}

// usedElsewhere says who uses the volume on the nodes that it is attached to. All of them mount the claim that the volume is
// bound to, and so are in its namespace.
func (c *Controller) usedElsewhere(v *volume, wanted map[string][]*corev1.Pod) string {
	var names []string
	for _, node := range v.certain() {
		for _, pod := range wanted[node] {
			names = append(names, pod.Name)
		}
	}
	switch {
	case len(names) > 0:
		return "Volume is already used by pod(s) " + strings.Join(names, ", ")
	case c.options.MultiAttachError:
		return "Volume is already exclusively attached to one node and can't be attached to another"
	}
	return "Volume is already exclusively attached to one node, waiting on detach before it can be attached to another node"
}
