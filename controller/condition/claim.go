package condition

import (
	"slices"

	corev1 "k8s.io/api/core/v1"
)

// aboutGrowth are the conditions of a claim that tell how far its volume has grown.
var aboutGrowth = []corev1.PersistentVolumeClaimConditionType{
	corev1.PersistentVolumeClaimResizing, corev1.PersistentVolumeClaimFileSystemResizePending,
	corev1.PersistentVolumeClaimControllerResizeError, corev1.PersistentVolumeClaimNodeResizeError,
}

// Growing returns a claim's conditions with one more about its growth, which takes the place of another one of its type. The
// others about growth stay or go; those about anything else stay
// (pkg/volume/util/resize_util.go:MergeResizeConditionOnPVC; external-resizer pkg/util/util.go:MergeResizeConditionsOfPVC).
func Growing(conditions []corev1.PersistentVolumeClaimCondition, now corev1.PersistentVolumeClaimCondition, keep bool) []corev1.PersistentVolumeClaimCondition {
	merged := slices.Clone(conditions)
	if !keep {
		merged = slices.DeleteFunc(merged, func(c corev1.PersistentVolumeClaimCondition) bool {
			return c.Type != now.Type && slices.Contains(aboutGrowth, c.Type)
		})
	}
	for i := range merged {
		if merged[i].Type == now.Type {
			merged[i] = now
			return merged
		}
	}
	return append(merged, now)
}

// Grown returns a claim's conditions without those about its growth.
func Grown(conditions []corev1.PersistentVolumeClaimCondition) []corev1.PersistentVolumeClaimCondition {
	return slices.DeleteFunc(slices.Clone(conditions), func(c corev1.PersistentVolumeClaimCondition) bool {
		return slices.Contains(aboutGrowth, c.Type)
	})
}

// ResizeStatus is how far a claim's volume has grown, "" if nothing goes on.
func ResizeStatus(status *corev1.PersistentVolumeClaimStatus) corev1.ClaimResourceStatus {
	return status.AllocatedResourceStatuses[corev1.ResourceStorage]
}

// SetResizeStatus notes it; "" ends it. The map is replaced, not written to.
func SetResizeStatus(status *corev1.PersistentVolumeClaimStatus, to corev1.ClaimResourceStatus) {
	statuses := map[corev1.ResourceName]corev1.ClaimResourceStatus{}
	for name, s := range status.AllocatedResourceStatuses {
		if name != corev1.ResourceStorage {
			statuses[name] = s
		}
	}
	if to != "" {
		statuses[corev1.ResourceStorage] = to
	}
	if len(statuses) == 0 {
		statuses = nil
	}
	status.AllocatedResourceStatuses = statuses
}
