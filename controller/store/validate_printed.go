package store

import (
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	policyv1 "k8s.io/api/policy/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
)

// What Kubernetes calls an invalid value it prints as its validation sees it: in the internal types of pkg/apis, whose fields
// go by their Go names and are never left out. The types here print as those do.
type (
	printedStrategy struct {
		Type          appsv1.StatefulSetUpdateStrategyType
		RollingUpdate *printedRollingUpdate
	}
	printedRollingUpdate struct {
		Partition      int32
		MaxUnavailable *intstr.IntOrString
	}
	printedBudget struct {
		MinAvailable               *intstr.IntOrString
		Selector                   *metav1.LabelSelector
		MaxUnavailable             *intstr.IntOrString
		UnhealthyPodEvictionPolicy *policyv1.UnhealthyPodEvictionPolicyType
	}
	printedTaint struct {
		Key, Value string
		Effect     corev1.TaintEffect
		TimeAdded  *metav1.Time
	}
	printedClaim struct {
		metav1.TypeMeta
		metav1.ObjectMeta
		Spec   printedClaimSpec
		Status printedClaimStatus
	}
	printedClaimSpec struct {
		AccessModes               []corev1.PersistentVolumeAccessMode
		Selector                  *metav1.LabelSelector
		Resources                 printedResources
		VolumeName                string
		StorageClassName          *string
		VolumeMode                *corev1.PersistentVolumeMode
		DataSource                *printedDataSource
		DataSourceRef             *printedDataSourceRef
		VolumeAttributesClassName *string
	}
	printedResources  struct{ Limits, Requests corev1.ResourceList }
	printedDataSource struct {
		APIGroup   *string
		Kind, Name string
	}
	printedDataSourceRef struct {
		APIGroup   *string
		Kind, Name string
		Namespace  *string
	}
	// printedClaimStatus is the status of a claim template: nobody gives it more than the phase that is its default.
	printedClaimStatus struct {
		Phase                                                                           corev1.PersistentVolumeClaimPhase
		AccessModes, Capacity, Conditions, AllocatedResources                           *struct{}
		AllocatedResourceStatuses, CurrentVolumeAttributesClassName, ModifyVolumeStatus *struct{}
		HealthStatus                                                                    *struct{}
	}
	printedServicePort struct {
		Name        string
		Protocol    corev1.Protocol
		AppProtocol *string
		Port        int32
		TargetPort  intstr.IntOrString
		NodePort    int32
	}
)

func printStrategy(strategy *appsv1.StatefulSetUpdateStrategy) printedStrategy {
	return printedStrategy{Type: strategy.Type, RollingUpdate: printRollingUpdate(strategy.RollingUpdate)}
}

func printRollingUpdate(rolling *appsv1.RollingUpdateStatefulSetStrategy) *printedRollingUpdate {
	if rolling == nil {
		return nil
	}
	printed := printedRollingUpdate{MaxUnavailable: rolling.MaxUnavailable}
	if rolling.Partition != nil {
		printed.Partition = *rolling.Partition
	}
	return &printed
}

func printClaims(claims []corev1.PersistentVolumeClaim) []printedClaim {
	var printed []printedClaim
	for i := range claims {
		claim, spec := &claims[i], &claims[i].Spec
		printed = append(printed, printedClaim{
			TypeMeta: claim.TypeMeta, ObjectMeta: claim.ObjectMeta,
			Spec: printedClaimSpec{
				AccessModes: spec.AccessModes, Selector: spec.Selector,
				Resources:  printedResources{Limits: spec.Resources.Limits, Requests: spec.Resources.Requests},
				VolumeName: spec.VolumeName, StorageClassName: spec.StorageClassName, VolumeMode: spec.VolumeMode,
				DataSource: (*printedDataSource)(spec.DataSource), DataSourceRef: (*printedDataSourceRef)(spec.DataSourceRef),
				VolumeAttributesClassName: spec.VolumeAttributesClassName,
			},
			Status: printedClaimStatus{Phase: claim.Status.Phase},
		})
	}
	return printed
}
