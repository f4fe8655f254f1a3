package statefulset

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// A pod that is in the way, and neither Failed nor Succeeded, is waited for, however long it takes: the controller asks
// neither for its node nor for the reason why its containers do not run.
func TestNothingIsReplacedThatHasNotEnded(t *testing.T) {
	waits := func(reason string) func(*corev1.Pod) {
		return func(pod *corev1.Pod) {
			pod.Status.ContainerStatuses = []corev1.ContainerStatus{{State: corev1.ContainerState{Waiting: &corev1.ContainerStateWaiting{Reason: reason}}}}
		}
	}
	for name, spoil := range map[string]func(*corev1.Pod){
		"its node fell silent": func(pod *corev1.Pod) {
			pod.Spec.NodeName = "gone"
			pod.Status.Reason = "NodeLost"
		},
		"it is not ready":     func(*corev1.Pod) {},
		"it crashes":          waits("CrashLoopBackOff"),
		"it finds no image":   waits("ImagePullBackOff"),
		"it is not scheduled": func(pod *corev1.Pod) { pod.Status.Phase = corev1.PodPending },
		"it is terminating":   func(pod *corev1.Pod) { pod.DeletionTimestamp = &metav1.Time{Time: time.Unix(900, 0)} },
	} {
		for _, policy := range []appsv1.PodManagementPolicyType{appsv1.OrderedReadyPodManagement, appsv1.ParallelPodManagement} {
			t.Run(name+", "+string(policy), func(t *testing.T) {
				set := newSet(3)
				set.Spec.PodManagementPolicy = policy
				w := newCluster(set)
				w.rest(t)
				w.change(w.pod(1), func(pod *corev1.Pod) {
					pod.Status.Conditions = []corev1.PodCondition{{Type: corev1.PodReady, Status: corev1.ConditionFalse}}
					spoil(pod)
				})
				for range 3 {
					w.sync()
					require.NotContains(t, strings.Join(w.log, "\n"), " Pod ", "%v", w.log)
					w.now = w.now.Add(24 * time.Hour)
				}
			})
		}
	}
}
