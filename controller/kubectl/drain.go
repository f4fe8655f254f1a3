package kubectl

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"

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
	nodes    []store.Object // nil until the first call; those that are not done
	begun    bool           // the first of them is being emptied
	pods     []*leaving
	deadline time.Time // of the node under way; zero: none
	failed   []error
	pending  []string // nodes that could not be emptied
}

// leaving is a pod on its way from a node.
type leaving struct {
	pod     *corev1.Pod
	evicted bool
	next    time.Time
	ended   bool
	err     error
}

// Hear has nothing to hear: kubectl polls.
func (*drain) Hear(store.Change) {}

// Proceed does what is due.
func (d *drain) Proceed(api *store.Client) (again time.Duration, done bool, err error) {
	if d.nodes == nil {
		if d.nodes, err = objects(api, d.terminal, d.command.Objects); err == nil {
			err = cordon(api, d.terminal, d.command.Objects, true)
		}
		if err != nil {
			return 0, true, worded(err)
		}
	}
	for len(d.nodes) > 0 {
		if wait := d.empty(api, d.nodes[0]); wait > 0 {
			return wait, false, nil
		}
		d.nodes, d.begun, d.pods = d.nodes[1:], false, nil
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
	if !d.begun {
		d.begun = true
		pods, err := d.choose(api, node.GetName())
		if err != nil {
			d.giveUp(node, err)
			return 0
		}
		d.deadline = time.Time{}
		if d.command.Timeout > 0 {
			d.deadline = api.Now.Add(d.command.Timeout)
		}
		for _, pod := range pods {
			d.pods = append(d.pods, &leaving{pod: pod, next: api.Now})
		}
	}
	var errs []error
	for _, p := range d.pods {
		if !p.ended && !p.next.After(api.Now) {
			d.push(api, p)
		}
		if !p.ended && (wait == 0 || p.next.Sub(api.Now) < wait) {
			wait = p.next.Sub(api.Now)
		}
		errs = append(errs, p.err)
	}
	if wait > 0 {
		return wait
	}
	if err := errors.Join(errs...); err != nil {
		d.left(node, err)
		d.giveUp(node, err)
		return 0
	}
	d.terminal.done(node, "drained")
	return 0
}

// push takes one pod a step further: asks for its eviction, or looks whether it is gone.
func (d *drain) push(api *store.Client, p *leaving) {
	late := !d.deadline.IsZero() && !api.Now.Before(d.deadline)
	switch {
	case p.evicted && isGone(api.View(), p.pod):
		p.ended = true
		d.terminal.done(p.pod, map[bool]string{false: "evicted", true: "deleted"}[d.command.DisableEviction])
	case p.evicted && late:
		p.fail("error when waiting for pod %q in namespace %q to terminate: global timeout reached: %v", p.pod.Name, p.pod.Namespace, d.command.Timeout)
	case p.evicted:
		p.next = api.Now.Add(deletionPoll)
	default:
		d.ask(api, p, late)
	}
}

func (p *leaving) fail(format string, args ...any) {
	p.ended, p.err = true, fmt.Errorf(format, args...)
}

// ask asks for a pod's eviction, or for its deletion if the command says so.
func (d *drain) ask(api *store.Client, p *leaving, late bool) {
	namespace, name := p.pod.Namespace, p.pod.Name
	opts := store.DeleteOptions{}
	if d.command.GracePeriod >= 0 {
		opts.GracePeriodSeconds = &d.command.GracePeriod
	}
	var err error
	if d.command.DisableEviction {
		err = api.Delete(store.KeyOf(p.pod), opts)
	} else {
		d.terminal.Print("evicting pod " + namespace + "/" + name)
		if late {
			p.fail("error when evicting pods/%q -n %q: global timeout reached: %v", name, namespace, d.command.Timeout)
			return
		}
		err = api.Evict(namespace, name, opts)
	}
	switch {
	case err == nil:
		p.evicted = true
		d.push(api, p)
	case apierrors.IsNotFound(err):
		p.ended = true
	case apierrors.IsTooManyRequests(err):
		d.terminal.Print(fmt.Sprintf("error when evicting pods/%q -n %q (will retry after %v): %v", name, namespace, evictionRetry, err))
		p.next = api.Now.Add(evictionRetry)
	default:
		p.fail("error when evicting pods/%q -n %q: %w", name, namespace, err)
	}
}

// left tells which pods are still there when a node is given up.
func (d *drain) left(node store.Object, err error) {
	d.terminal.Print(fmt.Sprintf("There are pending pods in node %q when an error occurred: %v", node.GetName(), err))
	for _, p := range d.pods {
		if p.err != nil || !p.ended {
			d.terminal.Print("pod/" + p.pod.Name)
		}
	}
}

func (d *drain) giveUp(node store.Object, err error) {
	d.terminal.Print(fmt.Sprintf("error: unable to drain node %q due to error: %s, continuing command...", node.GetName(), err))
	d.failed = append(d.failed, err)
	d.pending = append(d.pending, node.GetName())
}

// The reasons for which a pod is not simply evicted.
// Source: k8s.io/kubectl pkg/drain/filters.go.
const (
	daemonSetFatal      = "DaemonSet-managed Pods (use --ignore-daemonsets to ignore)"
	daemonSetWarning    = "ignoring DaemonSet-managed Pods"
	localStorageFatal   = "Pods with local storage (use --delete-emptydir-data to override)"
	localStorageWarning = "deleting Pods with local storage"
	unmanagedFatal      = "Pods that declare no controller (use --force to override)"
	unmanagedWarning    = "deleting Pods that declare no controller"
)

// choose lists the pods of a node that are to go, and tells of those for which somebody might mind.
func (d *drain) choose(api *store.Client, node string) (pods []*corev1.Pod, err error) {
	selector, err := labels.Parse(d.command.PodSelector)
	if err != nil {
		return nil, err
	}
	fatal, warnings := map[string][]string{}, map[string][]string{}
	for pod := range store.PodsOn(api.View(), node) {
		if !selector.Matches(labels.Set(pod.Labels)) {
			continue
		}
		goes := true
		for _, v := range d.verdicts(pod) {
			to := warnings
			if v.fatal {
				to = fatal
			}
			to[v.reason] = append(to[v.reason], pod.Namespace+"/"+pod.Name)
			goes = goes && !v.stays
		}
		if goes {
			pods = append(pods, pod)
		}
	}
	if len(fatal) > 0 {
		return nil, refusal(fatal)
	}
	if len(warnings) > 0 {
		d.terminal.Print("Warning: " + strings.Join(listed(warnings), "; "))
	}
	return pods, nil
}

type verdict struct {
	reason       string
	fatal, stays bool
}

func (d *drain) verdicts(pod *corev1.Pod) (all []verdict) {
	ended := pod.Status.Phase == corev1.PodSucceeded || pod.Status.Phase == corev1.PodFailed
	owner := metav1.GetControllerOf(pod)
	if owner != nil && owner.Kind == "DaemonSet" && !ended {
		if d.command.IgnoreDaemonSets {
			return []verdict{{daemonSetWarning, false, true}}
		}
		all = append(all, verdict{daemonSetFatal, true, true})
	}
	if !ended && slices.ContainsFunc(pod.Spec.Volumes, func(v corev1.Volume) bool { return v.EmptyDir != nil }) {
		all = append(all, choose(d.command.DeleteEmptyDir, localStorageWarning, localStorageFatal))
	}
	if !ended && owner == nil {
		all = append(all, choose(d.command.Force, unmanagedWarning, unmanagedFatal))
	}
	return all
}

func choose(allowed bool, warning, fatal string) verdict {
	if allowed {
		return verdict{warning, false, false}
	}
	return verdict{fatal, true, true}
}

// listed writes reasons with their pods, in the order of the reasons' words.
func listed(by map[string][]string) (all []string) {
	for reason, pods := range by {
		all = append(all, reason+": "+strings.Join(pods, ", "))
	}
	slices.Sort(all)
	return all
}

func refusal(fatal map[string][]string) error {
	var all []error
	for _, reason := range listed(fatal) {
		all = append(all, errors.New("cannot delete "+reason))
	}
	return errors.Join(all...)
}
