package statefulset_test

import (
	"fmt"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"statefulsim/controller/statefulset"
)

// A test of an operator plays the API server and the kubelets, and lets the controller sync until it is content. Here each
// pod becomes Ready as soon as it is made.
func ExampleState() {
	labels := map[string]string{"app": "db"}
	set := &appsv1.StatefulSet{
		ObjectMeta: metav1.ObjectMeta{Name: "db", Namespace: "default", UID: "db-uid", Generation: 1},
		Spec: appsv1.StatefulSetSpec{
			Replicas: new(int32(2)), ServiceName: "db", Selector: &metav1.LabelSelector{MatchLabels: labels},
			Template: corev1.PodTemplateSpec{
				ObjectMeta: metav1.ObjectMeta{Labels: labels},
				Spec:       corev1.PodSpec{Containers: []corev1.Container{{Name: "db", Image: "db:1"}}},
			},
		},
	}
	state := statefulset.NewState(set, statefulset.DefaultGates())
	made := map[string]metav1.Object{}
	apply := func(w statefulset.Write) (metav1.Object, error) {
		fmt.Println(w)
		made[w.String()] = w.Object
		return w.Object, nil
	}
	for again := true; again; {
		clear(made)
		outcome := state.Sync(state.Set(), time.Unix(0, 0), apply)
		if outcome.Err != nil {
			fmt.Println(outcome.Err)
		}
		for _, obj := range made { // What a sync wrote is told to the state when the sync is over.
			switch obj := obj.(type) {
			case *corev1.Pod:
				obj.Status.Phase = corev1.PodRunning
				obj.Status.Conditions = []corev1.PodCondition{{Type: corev1.PodReady, Status: corev1.ConditionTrue}}
				state.PutPod(obj)
			case *appsv1.ControllerRevision:
				state.PutRevision(obj)
			case *appsv1.StatefulSet:
				state.PutSet(obj)
			}
		}
		again = len(made) > 0
	}
	fmt.Println(state.Set().Status.ReadyReplicas, "ready")
	// Output:
	// create ControllerRevision db-6586b6d998
	// create Pod db-0
	// updateStatus StatefulSet db
	// create Pod db-1
	// updateStatus StatefulSet db
	// updateStatus StatefulSet db
	// 2 ready
}

// A set of three replicas, one of which has just become Ready: the controller goes on with the next.
func ExampleDecide() {
	labels := map[string]string{"app": "db"}
	set := &appsv1.StatefulSet{
		ObjectMeta: metav1.ObjectMeta{Name: "db", Namespace: "default", UID: "db-uid", Generation: 1},
		Spec: appsv1.StatefulSetSpec{
			Replicas: new(int32(3)), ServiceName: "db", Selector: &metav1.LabelSelector{MatchLabels: labels},
			Template: corev1.PodTemplateSpec{
				ObjectMeta: metav1.ObjectMeta{Labels: labels},
				Spec:       corev1.PodSpec{Containers: []corev1.Container{{Name: "db", Image: "db:1"}}},
			},
			VolumeClaimTemplates: []corev1.PersistentVolumeClaim{{ObjectMeta: metav1.ObjectMeta{Name: "data"}}},
		},
	}
	pod := &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{
			Name: "db-0", Namespace: "default", UID: "db-0-uid",
			Labels:          map[string]string{"app": "db", appsv1.StatefulSetPodNameLabel: "db-0"},
			OwnerReferences: []metav1.OwnerReference{*metav1.NewControllerRef(set, appsv1.SchemeGroupVersion.WithKind("StatefulSet"))},
		},
		Spec: corev1.PodSpec{Volumes: []corev1.Volume{{Name: "data", VolumeSource: corev1.VolumeSource{
			PersistentVolumeClaim: &corev1.PersistentVolumeClaimVolumeSource{ClaimName: "data-db-0"},
		}}}},
		Status: corev1.PodStatus{
			Phase:      corev1.PodRunning,
			Conditions: []corev1.PodCondition{{Type: corev1.PodReady, Status: corev1.ConditionTrue}},
		},
	}
	input := statefulset.Input{Set: set, Live: set, Pods: []*corev1.Pod{pod}, Now: time.Unix(0, 0)}
	outcome := statefulset.Decide(input, func(w statefulset.Write) (metav1.Object, error) {
		fmt.Println(w)
		return w.Object, nil
	})
	fmt.Println(outcome.Status.ReadyReplicas, "ready;", outcome.Events[1].Message)
	// Output:
	// create ControllerRevision db-6586b6d998
	// create PersistentVolumeClaim data-db-1
	// create Pod db-1
	// updateStatus StatefulSet db
	// 1 ready; Create Pod db-1 in StatefulSet db successful
}
