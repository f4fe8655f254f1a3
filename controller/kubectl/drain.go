package kubectl

import (
	"context"
	"errors"
	"fmt"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"

	"statefulsim/controller/store"
	"statefulsim/scenarios/kubectl"
)

// How kubectl paces a drain: after a refused eviction, and between two looks at whether a pod is gone.
// Source: k8s.io/kubectl pkg/drain/drain.go:evictPods, pkg/cmd/drain/drain.go:NewDrainCmdOptions.
const (
	evictionRetry = 5 * time.Second
	deletionPoll  = time.Second
)

// drain is `drain`: it cordons the nodes, and then empties one after the other.
// Source: k8s.io/kubectl pkg/cmd/drain/drain.go:RunDrain.
type drain struct {
	terminal Terminal
	command  kubectl.Drain
	begun    bool
	nodes    []store.Object // those that are not done
	entered  bool           // the first of them is being emptied
	pods     []*leaving
	deadline deadline // of the node under way
	failed   []error
	pending  []string // nodes that could not be emptied
}

// Hear has nothing to hear: kubectl polls.
func (*drain) Hear(store.Change) {}

// Proceed does what is due.
func (d *drain) Proceed(api *store.Client) (again time.Duration, done bool, err error) {
	if !d.begun {
		d.begun = true
		if err = cordon(api, d.terminal, d.command.Objects, true); err == nil {
			d.nodes, err = objects(api, d.terminal, d.command.Objects)
		}
		if err != nil {
			return 0, true, worded(err)
		}
	}
	for len(d.nodes) > 0 {
		if wait := d.empty(api, d.nodes[0]); wait > 0 {
			return wait, false, nil
		}
		d.nodes, d.entered, d.pods = d.nodes[1:], false, nil
	}
	if len(d.pending) > 0 {
		d.terminal.Print("There are pending nodes to be drained:")
		for _, name := range d.pending {
			d.terminal.Print(" " + name)
		}
	}
	return 0, true, worded(errors.Join(d.failed...))
}

// empty takes the pods of a node further; 0 says that it is done with the node.
func (d *drain) empty(api *store.Client, node store.Object) (wait time.Duration) {
	if !d.entered {
		if err := d.enter(api, node); err != nil {
			d.giveUp(node, err)
			return 0
		}
	}
	var all []error
	for _, p := range d.pods {
		if !p.ended && !p.next.After(api.Now) {
			d.push(api, p)
		}
		if left := p.next.Sub(api.Now); !p.ended && (wait == 0 || left < wait) {
			wait = left
		}
		all = append(all, p.err)
	}
	err := errors.Join(all...)
	switch {
	case wait > 0:
		return wait
	case err != nil:
		d.remaining(api, node, err)
		d.giveUp(node, err)
	default:
		d.terminal.done(node, "drained")
	}
	return 0
}

// enter begins with a node.
func (d *drain) enter(api *store.Client, node store.Object) error {
	d.entered, d.deadline = true, within(api.Now, d.command.Timeout)
	pods, warning, err := d.choose(api, node.GetName())
	if err != nil {
		return err
	}
	if warning != "" {
		d.terminal.Print("Warning: " + warning)
	}
	for _, pod := range pods {
		d.pods = append(d.pods, &leaving{pod: pod, next: api.Now})
	}
	if d.command.DisableEviction {
		return d.deleteAll(api)
	}
	return nil
}

// leaving is a pod on its way from a node.
type leaving struct {
	pod   *corev1.Pod
	asked bool // its deletion is under way
	next  time.Time
	ended bool
	err   error
}

func (p *leaving) fail(format string, args ...any) {
	p.ended, p.err = true, fmt.Errorf(format, args...)
}

// push takes one pod a step further: asks for its eviction, or looks whether it is gone.
func (d *drain) push(api *store.Client, p *leaving) {
	if !p.asked && !d.evict(api, p) {
		return
	}
	switch {
	case isGone(api.View(), p.pod):
		p.ended = true
		d.terminal.done(p.pod, map[bool]string{false: "evicted", true: "deleted"}[d.command.DisableEviction])
	case d.deadline.over(api.Now) && d.command.DisableEviction:
		p.ended, p.err = true, context.DeadlineExceeded
	case d.deadline.over(api.Now):
		p.fail("error when waiting for pod %q in namespace %q to terminate: %v", p.pod.Name, p.pod.Namespace, context.DeadlineExceeded)
	default:
		p.next = api.Now.Add(deletionPoll)
		if left := d.deadline.left(api.Now); left > 0 && left < deletionPoll {
			p.next = d.deadline.at
		}
	}
}

// evict asks for a pod's eviction. What is refused is asked for again, for the pod that has the name by then.
// Source: k8s.io/kubectl pkg/drain/drain.go:evictPods.
func (d *drain) evict(api *store.Client, p *leaving) (done bool) {
	namespace, name := p.pod.Namespace, p.pod.Name
	if live, ok := store.Get[*corev1.Pod](api.View(), namespace, name); ok {
		p.pod = live
	}
	d.terminal.Print("evicting pod " + namespace + "/" + name)
	if d.deadline.over(api.Now) {
		p.fail("error when evicting pods/%q -n %q: global timeout reached: %v", name, namespace, d.command.Timeout)
		return false
	}
	err := api.Evict(namespace, name, d.options())
	switch {
	case err == nil:
		p.asked = true
	case apierrors.IsNotFound(err):
		p.ended = true
	case apierrors.IsTooManyRequests(err):
		d.terminal.Print(fmt.Sprintf("error when evicting pods/%q -n %q (will retry after %v): %v", name, namespace, evictionRetry, err))
		p.next = api.Now.Add(evictionRetry)
	default:
		p.fail("error when evicting pods/%q -n %q: %v", name, namespace, err)
	}
	return p.asked
}

// deleteAll deletes the pods, without asking what their disruption budgets say.
// Source: k8s.io/kubectl pkg/drain/drain.go:deletePods.
func (d *drain) deleteAll(api *store.Client) error {
	for _, p := range d.pods {
		if err := api.Delete(store.KeyOf(p.pod), d.options()); err != nil && !apierrors.IsNotFound(err) {
			return err
		}
		p.asked = true
	}
	return nil
}

func (d *drain) options() store.DeleteOptions {
	if d.command.GracePeriod < 0 {
		return store.DeleteOptions{}
	}
	return store.DeleteOptions{GracePeriodSeconds: &d.command.GracePeriod}
}

// remaining tells which pods would still have to go when a node is given up.
func (d *drain) remaining(api *store.Client, node store.Object, err error) {
	pods, _, _ := d.choose(api, node.GetName())
	if len(pods) == 0 {
		return
	}
	d.terminal.Print(fmt.Sprintf("There are pending pods in node %q when an error occurred: %s", node.GetName(), inBrackets(err)))
	for _, pod := range pods {
		d.terminal.Print("pod/" + pod.Name)
	}
}

func (d *drain) giveUp(node store.Object, err error) {
	d.terminal.Print(fmt.Sprintf("error: unable to drain node %q due to error: %s, continuing command...", node.GetName(), inBrackets(err)))
	d.failed = append(d.failed, err)
	d.pending = append(d.pending, node.GetName())
}
