// Package oracle asks Kubernetes' own StatefulSet controller what it does in one sync. Everything that decides is upstream's:
// UpdateStatefulSet, the control of pods and claims, the history of revisions, the updater of the status and the claiming of
// pods. Only the API server behind them is a stand-in, and the time is handed in.
//
// Upstream keeps the loop around UpdateStatefulSet (adopt revisions, claim pods, update, requeue) in methods that can't be
// called from outside; Sync goes through the same steps with upstream's exported parts
// (pkg/controller/statefulset/stateful_set.go:sync, syncStatefulSet).
package oracle

import (
	"context"
	"flag"
	"fmt"
	"io"
	"regexp"
	"slices"
	"sync"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	utilfeature "k8s.io/apiserver/pkg/util/feature"
	"k8s.io/client-go/tools/record"
	"k8s.io/klog/v2"
	"k8s.io/kubernetes/pkg/controller"
	"k8s.io/kubernetes/pkg/controller/history"
	upstream "k8s.io/kubernetes/pkg/controller/statefulset"
	"k8s.io/kubernetes/pkg/controller/util/consistency"

	_ "k8s.io/kubernetes/pkg/apis/apps/install" // the defaults that upstream applies to a revision's template

	"statefulsim/conformance/vector"
)

var kind = appsv1.SchemeGroupVersion.WithKind("StatefulSet")

func init() {
	// Upstream logs each refused write, which a random history is full of.
	flags := flag.NewFlagSet("klog", flag.PanicOnError)
	klog.InitFlags(flags)
	for name, value := range map[string]string{"logtostderr": "false", "stderrthreshold": "FATAL"} {
		if err := flags.Set(name, value); err != nil {
			panic(err)
		}
	}
	klog.SetOutput(io.Discard)
}

// SetGates turns feature gates on and off, in the form "MaxUnavailableStatefulSet=false,StatefulSetRecreateStrategy=true".
// They hold for the whole process.
func SetGates(gates string) error { return utilfeature.DefaultMutableFeatureGate.Set(gates) }

// Sync lets upstream's controller do one sync of what in describes, and returns what it did and the server as it left it.
func Sync(in *vector.In, faults []vector.Fault) (vector.Out, *vector.Server) {
	objects := in.Objects()
	server := vector.NewServer(objects, faults)
	s := newSync(objects, server)
	status, again, err := s.run(context.Background())
	return server.Out(vector.Outcome{Status: status, Events: s.events.said, Again: again, Err: err}), server
}

// oneSync is one sync of upstream's controller.
type oneSync struct {
	*vector.Objects
	client  *client
	control upstream.StatefulSetControlInterface
	events  *events
}

func newSync(objects *vector.Objects, server *vector.Server) *oneSync {
	said, c := &events{}, &client{server: server}
	return &oneSync{
		Objects: objects, client: c, events: said,
		control: upstream.NewDefaultStatefulSetControl(
			upstream.NewStatefulPodControlFromManager(manager{server}, said),
			upstream.NewRealStatefulSetStatusUpdater(c, sets{set: objects.Set}, consistency.NewNoopConsistencyStore()),
			history.NewHistory(c, revisions(objects.Revisions), nil),
		),
	}
}

// run is stateful_set.go:sync.
func (s *oneSync) run(ctx context.Context) (*appsv1.StatefulSetStatus, time.Duration, error) {
	if err := s.adoptRevisions(); err != nil {
		return nil, 0, err
	}
	pods, err := s.claimPods(ctx)
	if err != nil {
		return nil, 0, err
	}
	status, err := s.control.UpdateStatefulSet(ctx, s.Set, pods, s.Now)
	if err != nil {
		return nil, 0, err
	}
	return status, s.again(status, pods), nil
}

func (s *oneSync) adoptRevisions() error {
	all, err := s.control.ListRevisions(s.Set)
	if err != nil {
		return err
	}
	orphans := slices.DeleteFunc(all, func(r *appsv1.ControllerRevision) bool { return metav1.GetControllerOf(r) != nil })
	if len(orphans) == 0 {
		return nil
	}
	if err := s.canAdopt(context.Background()); err != nil {
		return fmt.Errorf("can't adopt ControllerRevisions: %v", err)
	}
	return s.control.AdoptOrphanRevisions(s.Set, orphans)
}

// canAdopt reads the set anew; between two reads of one sync nothing happens here.
func (s *oneSync) canAdopt(ctx context.Context) error {
	return controller.RecheckDeletionTimestamp(func(context.Context) (metav1.Object, error) { return s.Set, nil })(ctx)
}

// podName is how upstream takes a pod's name apart (stateful_set_utils.go:getParentNameAndOrdinal).
var podName = regexp.MustCompile("(.*)-([0-9]+)$")

// claimPods hands upstream's claiming the set's own pods first and then the orphans, as its index does; within either the
// index leaves the order to chance, and here it is that of the names.
func (s *oneSync) claimPods(ctx context.Context) ([]*corev1.Pod, error) {
	selector, err := metav1.LabelSelectorAsSelector(s.Set.Spec.Selector)
	if err != nil {
		return nil, err
	}
	var own, orphans []*corev1.Pod
	for _, pod := range s.Pods {
		if owner := metav1.GetControllerOfNoCopy(pod); owner == nil {
			orphans = append(orphans, pod)
		} else if owner.UID == s.Set.UID {
			own = append(own, pod)
		}
	}
	control := controller.RealPodControl{KubeClient: s.client, Recorder: s.events}
	claiming := controller.NewPodControllerRefManager(control, s.Set, selector, kind, s.canAdopt)
	return claiming.ClaimPods(ctx, append(own, orphans...), func(pod *corev1.Pod) bool {
		parts := podName.FindStringSubmatch(pod.Name)
		return parts != nil && parts[1] == s.Set.Name
	})
}

// again is the end of stateful_set.go:syncStatefulSet.
func (s *oneSync) again(status *appsv1.StatefulSetStatus, pods []*corev1.Pod) time.Duration {
	minReady := s.Set.Spec.MinReadySeconds
	if minReady == 0 || status == nil || status.ReadyReplicas == status.AvailableReplicas {
		return 0
	}
	if next := controller.FindMinNextPodAvailabilityCheck(pods, minReady, s.Now, still(s.Now)); next != nil {
		return *next
	}
	return time.Duration(minReady) * time.Second
}

// still is a clock that stands.
type still time.Time

func (c still) Now() time.Time                  { return time.Time(c) }
func (c still) Since(t time.Time) time.Duration { return time.Time(c).Sub(t) }

// events notes down what is said about the set.
type events struct {
	lock sync.Mutex
	said []string
}

var _ record.EventRecorder = (*events)(nil)

func (e *events) Event(_ runtime.Object, eventtype, reason, _ string) {
	e.lock.Lock()
	defer e.lock.Unlock()
	e.said = append(e.said, eventtype+" "+reason)
}

func (e *events) Eventf(obj runtime.Object, eventtype, reason, _ string, _ ...any) {
	e.Event(obj, eventtype, reason, "")
}

func (e *events) AnnotatedEventf(obj runtime.Object, _ map[string]string, eventtype, reason, _ string, _ ...any) {
	e.Event(obj, eventtype, reason, "")
}

// Decider returns upstream's UpdateStatefulSet on what in describes, to be called again and again where there is nothing to
// do: the objects, the caches and the control are made once, as a running controller has them.
func Decider(in *vector.In) func() error {
	objects := in.Objects()
	s := newSync(objects, vector.NewServer(objects, nil))
	return func() error {
		_, err := s.control.UpdateStatefulSet(context.Background(), s.Set, s.Pods, s.Now)
		return err
	}
}
