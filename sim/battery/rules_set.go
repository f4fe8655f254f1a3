package battery

import (
	"fmt"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	storagev1 "k8s.io/api/storage/v1"

	"statefulsim/scenarios"
)

func noDataVolume(s *subject) []spot {
	if !s.leads() || len(s.Spec.VolumeClaimTemplates) > 0 {
		return nil
	}
	return one("spec.volumeClaimTemplates", "the pods have no volumes of their own", "volumeClaimTemplates:\n  - metadata: {name: data}    # and mount it\n    spec:\n"+
		"      accessModes: [ReadWriteOnce]\n      resources: {requests: {storage: 10Gi}}")
}

func oneReplica(s *subject) []spot {
	if !s.leads() || wanted(s.StatefulSet) != 1 {
		return nil
	}
	return one("spec.replicas", "there is one replica", "replicas: 3")
}

func evenReplicas(s *subject) []spot {
	n := wanted(s.StatefulSet)
	if kindOf(s.runs) != scenarios.Raft || n%2 != 0 {
		return nil
	}
	return one("spec.replicas", fmt.Sprintf("there are %d replicas", n), fmt.Sprintf("replicas: %d", n+1))
}

func orderedReady(s *subject) []spot {
	if !s.leads() || wanted(s.StatefulSet) < 2 || s.Spec.PodManagementPolicy == appsv1.ParallelPodManagement {
		return nil
	}
	return one("spec.podManagementPolicy", "the pods are created one by one", "podManagementPolicy: Parallel")
}

func onDelete(s *subject) []spot {
	if s.Spec.UpdateStrategy.Type != appsv1.OnDeleteStatefulSetStrategyType {
		return nil
	}
	return one("spec.updateStrategy.type", "the pods are updated when somebody deletes them", "updateStrategy: {type: RollingUpdate}")
}

func partitionLeft(s *subject) []spot {
	r := s.Spec.UpdateStrategy.RollingUpdate
	if r == nil || r.Partition == nil || *r.Partition == 0 {
		return nil
	}
	return one("spec.updateStrategy.rollingUpdate.partition", fmt.Sprintf("ordinals below %d are not updated", *r.Partition), "partition: 0")
}

func claimsDeleted(s *subject) (spots []spot) {
	policy := s.Spec.PersistentVolumeClaimRetentionPolicy
	if policy == nil {
		return nil
	}
	if policy.WhenDeleted == appsv1.DeletePersistentVolumeClaimRetentionPolicyType {
		spots = append(spots, spot{path: "spec.persistentVolumeClaimRetentionPolicy.whenDeleted", what: "the claims go with the set", yaml: "whenDeleted: Retain"})
	}
	if policy.WhenScaled == appsv1.DeletePersistentVolumeClaimRetentionPolicyType {
		spots = append(spots, spot{path: "spec.persistentVolumeClaimRetentionPolicy.whenScaled", what: "the claims go when the set is scaled down", yaml: "whenScaled: Retain"})
	}
	return spots
}

// governing is the Service that the set names; nil if the manifests do not have it.
func (s *subject) governing() *corev1.Service {
	for _, m := range s.stage.objects {
		if service, is := m.Object.(*corev1.Service); is && service.Namespace == s.Namespace && service.Name == s.Spec.ServiceName {
			return service
		}
	}
	return nil
}

func (s *subject) headless() string {
	name := s.Spec.ServiceName
	if name == "" {
		name = s.Name
	}
	return fmt.Sprintf("serviceName: %s\n---\napiVersion: v1\nkind: Service\nmetadata: %s\nspec:\n  clusterIP: None\n  publishNotReadyAddresses: true\n  selector: %s",
		name, s.named(name), s.labels())
}

func (s *subject) noService() string {
	if s.Spec.ServiceName == "" {
		return "there is no serviceName"
	}
	return "there is no Service " + s.Spec.ServiceName
}

func noServiceForPeers(s *subject) []spot {
	switch service := s.governing(); {
	case !s.leads():
		return nil
	case service == nil:
		return one("spec.serviceName", s.noService(), s.headless())
	case service.Spec.ClusterIP != corev1.ClusterIPNone:
		return one("spec.serviceName", "the Service "+service.Name+" is not headless", s.headless())
	}
	return nil
}

func noServiceAtAll(s *subject) []spot {
	if s.leads() || s.governing() != nil {
		return nil
	}
	return one("spec.serviceName", s.noService(), s.headless())
}

func peersNotReady(s *subject) []spot {
	service := s.governing()
	if !s.leads() || service == nil || service.Spec.ClusterIP != corev1.ClusterIPNone || service.Spec.PublishNotReadyAddresses {
		return nil
	}
	return one("spec.serviceName", "the Service "+service.Name+" publishes ready pods alone", "publishNotReadyAddresses: true    # in the spec of the Service "+service.Name)
}

func serviceSelectsNothing(s *subject) (spots []spot) {
	for _, m := range s.stage.objects {
		service, is := m.Object.(*corev1.Service)
		if !is || selects(service, s.set, "") || s.leads() && (selects(service, s.set, primary) || selects(service, s.set, replica)) || !s.near(service) {
			continue
		}
		spots = append(spots, spot{"spec.selector", "it selects " + missing(service, s) + ", which no pod of " + s.Name + " has", "selector: " + s.labels(),
			"Service " + display(service.Namespace, service.Name), m})
	}
	return spots
}

// near tells whether a Service is meant for the set: it selects some of the pods' labels, and no set's pods alone.
func (s *subject) near(service *corev1.Service) bool {
	if service.Namespace != s.Namespace {
		return false
	}
	shared := false
	for key, value := range service.Spec.Selector {
		shared = shared || s.Spec.Template.Labels[key] == value
	}
	for i := range s.stage.sets {
		if selects(service, &s.stage.sets[i], "") {
			return false
		}
	}
	return shared
}

// missing is the first label, by name, that a Service selects and the set's pods do not have.
func missing(service *corev1.Service, s *subject) string {
	first := ""
	for key, value := range service.Spec.Selector {
		if text := key + "=" + value; s.Spec.Template.Labels[key] != value && (first == "" || text < first) {
			first = text
		}
	}
	return first
}

func immediateBinding(s *subject) (spots []spot) {
	for _, template := range s.Spec.VolumeClaimTemplates {
		for _, m := range s.stage.objects {
			class, is := m.Object.(*storagev1.StorageClass)
			if !is || template.Spec.StorageClassName == nil || class.Name != *template.Spec.StorageClassName {
				continue
			}
			if mode := class.VolumeBindingMode; mode == nil || *mode == storagev1.VolumeBindingImmediate {
				spots = append(spots, spot{"volumeBindingMode", fmt.Sprintf("the volumes of the claims %s of %s are made at once", template.Name, s.Name),
					"volumeBindingMode: WaitForFirstConsumer    # it cannot be changed: make another class", "StorageClass " + class.Name, m})
			}
		}
	}
	return spots
}
