package sim

import (
	"errors"
	"fmt"
	"time"

	"statefulsim/controller/kubelet"
	"statefulsim/controller/store"
	"statefulsim/scenarios"
)

// pullFault is images that some nodes cannot pull.
type pullFault struct {
	image    string // a pattern
	machines []*machine
}

// failPull lets machines fail to pull images.
func (w *world) failPull(a scenarios.FailPull) (undo func(), err error) {
	machines := w.machines
	if a.Target.Kind != "" {
		if machines, err = w.machinesOf(a.Target); err != nil {
			return nil, err
		}
	}
	return w.injected.pulls.begin(pullFault{a.Image, machines}), nil
}

// pullError is why the machine cannot pull an image, in the words of containerd, or nil. Containerd puts the registry and the tag
// before and after a name that lacks them; here the image is named as its pod names it.
func (m *machine) pullError(image string) error {
	for _, f := range m.w.injected.pulls {
		for _, on := range f.machines {
			if on == m && matches(f.image, image) {
				return fmt.Errorf("rpc error: code = NotFound desc = failed to pull and unpack image %q: failed to resolve reference %q: %s: not found",
					image, image, image)
			}
		}
	}
	return nil
}

// evict asks the API server to evict pods. What it refuses is the error, in its words.
func (w *world) evict(t scenarios.Target) error {
	pods, err := w.pods(t)
	if err != nil {
		return err
	}
	var refused []error
	for _, s := range pods {
		refused = append(refused, w.api().Evict(s.pod.Namespace, s.pod.Name, store.DeleteOptions{}))
	}
	return errors.Join(refused...)
}

// immediateEviction is the grace of a pod that is evicted because a hard threshold is met
// (pkg/kubelet/eviction/eviction_manager.go:immediateEvictionGracePeriodSeconds).
const immediateEviction = time.Second

// nodePressureEvict has kubelets evict pods. The message is that of pkg/kubelet/eviction/helpers.go:evictionMessage, without what
// it knows of usage.
func (w *world) nodePressureEvict(a scenarios.NodePressureEvict) error {
	pods, err := w.pods(a.Target)
	if err != nil {
		return err
	}
	for _, s := range pods {
		m := s.machine
		if !m.works() {
			return fmt.Errorf("the kubelet of node %s does not run", m.place.Node)
		}
		w.because(w.cause, m.actor(), func() {
			m.kubelet.Evict(s.pod.UID, kubelet.Eviction{Reason: "Evicted", Grace: immediateEviction,
				Message: "The node was low on resource: " + a.Resource + ". "})
			m.sync(store.KeyOf(s.pod))
		})
	}
	return nil
}

// restartKubelets ends the kubelets of machines and starts them anew. Their containers go on.
func (w *world) restartKubelets(t scenarios.Target) error {
	machines, err := w.machinesOf(t)
	if err != nil {
		return err
	}
	for _, m := range machines {
		if m.down != nil {
			return fmt.Errorf("machine %s is down", m.place.Node)
		}
		m.restartKubelet()
	}
	return nil
}

// restartKubelet ends the kubelet and starts it anew. Until it has listed its pods it works at none.
func (m *machine) restartKubelet() {
	w := m.w
	seq := w.tell(Event{Verb: "restart", Kind: "Kubelet", Name: m.place.Node, Reason: "Restarted", Level: Headline})
	w.because(seq, m.actor(), func() {
		m.forgetPlans()
		m.kubelet.RestartKubelet(w.now())
		m.begin()
	})
}

// works tells whether the kubelet works at pods.
func (m *machine) works() bool { return m.down == nil && !m.listing }
