package kubelet

import (
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/types"
)

// condition is one of a pod's, as the API server has it, without its times.
func (w *world) condition(of corev1.PodConditionType) corev1.PodCondition {
	c := *find(w.pod("web-0").Status.Conditions, of)
	require.False(w.t, c.LastTransitionTime.IsZero())
	require.EqualValues(w.t, 1, c.ObservedGeneration)
	c.LastTransitionTime, c.ObservedGeneration = w.pod("web-0").CreationTimestamp, 0
	c.LastTransitionTime.Reset()
	return c
}

func (w *world) expectConditions(want ...corev1.PodCondition) {
	for _, c := range want {
		require.Equal(w.t, c, w.condition(c.Type))
	}
}

// The conditions tell, in Kubernetes' words, what a pod still lacks.
func TestConditions(t *testing.T) {
	is, isNot := corev1.ConditionTrue, corev1.ConditionFalse
	w := newWorld(t)
	w.hops["mount"] = 5 * time.Second
	w.createClaim("data-web-0")
	w.bind("data-web-0", "pv-1")
	w.attach("pv-1")
	w.acts["prepare"], w.acts["app"] = act{ends: time.Second}, act{ready: 10 * time.Second, stop: -1}
	w.create(pod("web-0", uses("data-web-0"), inits(corev1.Container{Name: "prepare", Image: "tools:1"}, sidecar("proxy")),
		app(func(c *corev1.Container) { c.ReadinessProbe = tcp(0, 1, 1) }), grace(5), func(p *corev1.Pod) {
			p.Spec.ReadinessGates = []corev1.PodReadinessGate{{ConditionType: "example.com/attached"}}
		}))

	w.run(time.Second) // waits for its volume
	require.Equal(t, corev1.PodPending, w.pod("web-0").Status.Phase)
	unready := "containers with unready status: [proxy app]"
	w.expectConditions(
		corev1.PodCondition{Type: corev1.PodReadyToStartContainers, Status: isNot, Reason: "PodSandboxNotReady", Message: "no pod sandbox exists"},
		corev1.PodCondition{Type: corev1.PodInitialized, Status: isNot, Reason: "ContainersNotInitialized",
			Message: "containers with incomplete status: [prepare proxy]"},
		corev1.PodCondition{Type: corev1.ContainersReady, Status: isNot, Reason: "ContainersNotReady", Message: unready},
		corev1.PodCondition{Type: corev1.PodReady, Status: isNot, Reason: "ContainersNotReady", Message: unready},
		corev1.PodCondition{Type: corev1.PodScheduled, Status: is},
	)
	w.run(16 * time.Second) // runs, and is not ready
	require.Equal(t, corev1.PodRunning, w.pod("web-0").Status.Phase)
	unready = "containers with unready status: [app]"
	w.expectConditions(
		corev1.PodCondition{Type: corev1.PodReadyToStartContainers, Status: is},
		corev1.PodCondition{Type: corev1.PodInitialized, Status: is},
		corev1.PodCondition{Type: corev1.ContainersReady, Status: isNot, Reason: "ContainersNotReady", Message: unready},
		corev1.PodCondition{Type: corev1.PodReady, Status: isNot, Reason: "ContainersNotReady", Message: unready},
	)
	w.run(30 * time.Second) // is ready, but for its gate
	w.expectConditions(
		corev1.PodCondition{Type: corev1.ContainersReady, Status: is},
		corev1.PodCondition{Type: corev1.PodReady, Status: isNot, Reason: "ReadinessGatesNotReady",
			Message: `corresponding condition of pod readiness gate "example.com/attached" does not exist.`},
	)
	w.openGate()
	w.run(31 * time.Second)
	w.expectConditions(corev1.PodCondition{Type: corev1.PodReady, Status: is})
	require.EqualValues(t, 1, w.pod("web-0").Status.ObservedGeneration)

	w.markFailed()
	w.run(50 * time.Second)
	w.expectConditions(
		corev1.PodCondition{Type: corev1.PodReadyToStartContainers, Status: isNot, Reason: "PodSandboxNotReady", Message: "pod sandbox is not ready"},
		corev1.PodCondition{Type: corev1.PodInitialized, Status: is},
		corev1.PodCondition{Type: corev1.ContainersReady, Status: isNot, Reason: "PodFailed"},
		corev1.PodCondition{Type: corev1.PodReady, Status: isNot, Reason: "PodFailed"},
	)
}

// A condition's last transition is when its status changed, not its reason.
func TestLastTransition(t *testing.T) {
	w := newWorld(t)
	w.acts["app"] = act{stop: 10 * time.Second}
	w.create(pod("web-0", restartPolicy(corev1.RestartPolicyOnFailure)))
	w.at(20*time.Second, func() { w.alive[w.living("")[0]][0].end(0) })
	w.run(10 * time.Second)
	ready := find(w.pod("web-0").Status.Conditions, corev1.PodReady)
	require.Equal(t, epoch.Add(2*time.Second), ready.LastTransitionTime.Time, "in whole seconds")
	w.run(30 * time.Second)
	require.Equal(t, corev1.PodCondition{Type: corev1.PodReady, Status: corev1.ConditionFalse, Reason: "PodCompleted"}, w.condition(corev1.PodReady))
	w.expectConditions(corev1.PodCondition{Type: corev1.PodInitialized, Status: corev1.ConditionTrue, Reason: "PodCompleted"})
	require.Equal(t, epoch.Add(20*time.Second), find(w.pod("web-0").Status.Conditions, corev1.PodReady).LastTransitionTime.Time)
}

// The conditions of others stay what the API server has, but for the disruption that the kubelet tells of when the pod ends.
func TestMerge(t *testing.T) {
	status := func(phase corev1.PodPhase, ready corev1.ConditionStatus, disruption string) corev1.PodStatus {
		return corev1.PodStatus{Phase: phase, Conditions: []corev1.PodCondition{
			{Type: corev1.PodReady, Status: ready}, {Type: corev1.DisruptionTarget, Reason: disruption}}}
	}
	stored := status(corev1.PodRunning, "False", "new")
	merged := Merge(stored, status(corev1.PodRunning, "True", "old"))
	require.Equal(t, "new", find(merged.Conditions, corev1.DisruptionTarget).Reason)
	require.EqualValues(t, "True", find(merged.Conditions, corev1.PodReady).Status)
	merged = Merge(stored, status(corev1.PodFailed, "False", "own"))
	require.Equal(t, "own", find(merged.Conditions, corev1.DisruptionTarget).Reason)
	require.Len(t, merged.Conditions, 2)
	merged = Merge(status(corev1.PodFailed, "False", "new"), status(corev1.PodFailed, "False", "old"))
	require.Equal(t, "new", find(merged.Conditions, corev1.DisruptionTarget).Reason)
}

// A change of the spec that does not touch the containers is observed.
func TestObservedGeneration(t *testing.T) {
	w := newWorld(t)
	w.create(pod("web-0"))
	w.run(10 * time.Second)
	require.EqualValues(t, 1, w.pod("web-0").Status.ObservedGeneration)
	changed := w.pod("web-0").DeepCopy()
	changed.Spec.Tolerations = append(changed.Spec.Tolerations, corev1.Toleration{Key: "x", Operator: corev1.TolerationOpExists})
	_, err := w.api().Update(changed)
	require.NoError(t, err)
	w.run(20 * time.Second)
	require.EqualValues(t, 2, w.pod("web-0").Status.ObservedGeneration)
	require.EqualValues(t, 2, find(w.pod("web-0").Status.Conditions, corev1.PodReady).ObservedGeneration)
}

// What a container's status says of why it does not run.
func TestWaitingMessages(t *testing.T) {
	uid := func(w *world) types.UID { return w.pod("web-0").UID }
	state := func(w *world) corev1.ContainerState { return w.pod("web-0").Status.ContainerStatuses[0].State }

	w := newWorld(t)
	w.acts["app"] = act{ends: time.Second, code: 1}
	w.create(pod("web-0"))
	w.run(141 * time.Second)
	require.Equal(t, &corev1.ContainerStateWaiting{Reason: "CrashLoopBackOff",
		Message: "back-off 1m20s restarting failed container=app pod=web-0_default(" + string(uid(w)) + ")"}, state(w).Waiting)
	last := w.pod("web-0").Status.ContainerStatuses[0].LastTerminationState.Terminated
	require.Equal(t, "Error", last.Reason)
	require.EqualValues(t, 1, last.ExitCode)
	require.Equal(t, epoch.Add(77*time.Second), last.StartedAt.Time)
	require.Equal(t, epoch.Add(78*time.Second), last.FinishedAt.Time)
	require.Equal(t, "containerd://"+string(uid(w))+"/app/4", last.ContainerID)

	w = newWorld(t)
	w.kubelet.cfg.PullError = func(string) error { return errors.New("app:1: not found") }
	w.create(pod("web-0"))
	w.run(5 * time.Second)
	require.Equal(t, &corev1.ContainerStateWaiting{Reason: "ErrImagePull", Message: "app:1: not found"}, state(w).Waiting)
	w.run(14 * time.Second)
	require.Equal(t, &corev1.ContainerStateWaiting{Reason: "ImagePullBackOff",
		Message: `Back-off pulling image "app:1": ErrImagePull: app:1: not found`}, state(w).Waiting)
}

// The statuses of main containers are in the order of their names, those of init containers in their own.
func TestOrderOfStatuses(t *testing.T) {
	w := newWorld(t)
	w.create(pod("web-0", beside(corev1.Container{Name: "aid", Image: "app:1"}), inits(sidecar("z"), sidecar("b"))))
	w.run(20 * time.Second)
	names := func(all []corev1.ContainerStatus) (names []string) {
		for _, c := range all {
			names = append(names, c.Name)
		}
		return names
	}
	require.Equal(t, []string{"aid", "app"}, names(w.pod("web-0").Status.ContainerStatuses))
	require.Equal(t, []string{"z", "b"}, names(w.pod("web-0").Status.InitContainerStatuses))
}

// Whether a container that ended is run again is for its own policy and rules to say, and else for the pod's policy.
func TestRestartPolicies(t *testing.T) {
	never, onFailure := corev1.ContainerRestartPolicyNever, corev1.ContainerRestartPolicyOnFailure
	rule := func(op corev1.ContainerRestartRuleOnExitCodesOperator, codes ...int32) []corev1.ContainerRestartRule {
		return []corev1.ContainerRestartRule{{Action: corev1.ContainerRestartRuleActionRestart,
			ExitCodes: &corev1.ContainerRestartRuleOnExitCodes{Operator: op, Values: codes}}}
	}
	in, notIn := corev1.ContainerRestartRuleOnExitCodesOpIn, corev1.ContainerRestartRuleOnExitCodesOpNotIn
	for name, c := range map[string]struct {
		pod         corev1.RestartPolicy
		own         *corev1.ContainerRestartPolicy
		rules       []corev1.ContainerRestartRule
		init        bool
		well, badly bool // whether it is run again after 0 and after 42
	}{
		"always":                        {pod: "Always", well: true, badly: true},
		"on failure":                    {pod: "OnFailure", badly: true},
		"never":                         {pod: "Never"},
		"an init container that is run": {pod: "Always", init: true, badly: true},
		"one of a pod run once":         {pod: "Never", init: true},
		"a sidecar of a pod run once":   {pod: "Never", own: &always, init: true, well: true, badly: true},
		"its own never":                 {pod: "Always", own: &never},
		"its own on failure":            {pod: "Never", own: &onFailure, badly: true},
		"a rule for its code":           {pod: "Never", own: &never, rules: rule(in, 7, 42), badly: true},
		"a rule for all codes but some": {pod: "Never", own: &never, rules: rule(notIn, 7, 42), well: true},
		"a rule for another code":       {pod: "Never", own: &onFailure, rules: rule(in, 7), badly: true},
	} {
		t.Run(name, func(t *testing.T) {
			p := pod("web-0", restartPolicy(c.pod))
			main := newContainer(&worker{pod: p}, &corev1.Container{Name: "it", RestartPolicy: c.own, RestartPolicyRules: c.rules}, c.init)
			require.Equal(t, c.well, main.restarts(0))
			require.Equal(t, c.badly, main.restarts(42))
		})
	}
}
