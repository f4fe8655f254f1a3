package main

import (
	"fmt"

	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	storagev1 "k8s.io/api/storage/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	"k8s.io/apimachinery/pkg/runtime"
)

func (m maker) modes() []corev1.PersistentVolumeAccessMode {
	return some(m, 4, func(int) corev1.PersistentVolumeAccessMode {
		return one(m, corev1.ReadWriteOnce, corev1.ReadOnlyMany, corev1.ReadWriteMany, corev1.ReadWriteOncePod)
	})
}

func (m maker) size() corev1.ResourceList {
	return maybe(m, corev1.ResourceList{"storage": resource.MustParse("10Gi")}, corev1.ResourceList{"storage": resource.MustParse("1500M")})
}

func (m maker) annotations() map[string]string {
	return maybe(m, nil, nil, map[string]string{corev1.BetaStorageClassAnnotation: "old"})
}

func (m maker) claim() runtime.Object {
	claim := &corev1.PersistentVolumeClaim{ObjectMeta: m.meta("data-web")}
	claim.Annotations = m.annotations()
	claim.Spec = corev1.PersistentVolumeClaimSpec{
		VolumeName: maybe(m, "pvc-1"), StorageClassName: or(m, "standard", ""), VolumeAttributesClassName: or(m, "fast"),
		VolumeMode: or(m, corev1.PersistentVolumeFilesystem, corev1.PersistentVolumeBlock),
	}
	claim.Status = corev1.PersistentVolumeClaimStatus{
		Phase: one(m, corev1.ClaimPending, corev1.ClaimBound, corev1.ClaimLost), AccessModes: m.modes(), Capacity: m.size(),
	}
	return claim
}

func (m maker) volume() runtime.Object {
	volume := &corev1.PersistentVolume{ObjectMeta: m.meta("pvc")}
	volume.Namespace, volume.Annotations = "", m.annotations()
	volume.Spec = corev1.PersistentVolumeSpec{
		Capacity: m.size(), AccessModes: m.modes(), StorageClassName: maybe(m, "standard"), VolumeAttributesClassName: or(m, "fast"),
		PersistentVolumeReclaimPolicy: one(m, corev1.PersistentVolumeReclaimDelete, corev1.PersistentVolumeReclaimRetain),
		VolumeMode:                    or(m, corev1.PersistentVolumeFilesystem), ClaimRef: or(m, corev1.ObjectReference{Namespace: "default", Name: "data-web-0"}),
	}
	volume.Status = corev1.PersistentVolumeStatus{
		Phase: one(m, corev1.VolumeAvailable, corev1.VolumeBound, corev1.VolumeReleased, corev1.VolumeFailed), Reason: maybe(m, "", "Broken"),
	}
	return volume
}

func (m maker) class() runtime.Object {
	class := &storagev1.StorageClass{
		ObjectMeta: m.meta("standard"), Provisioner: "csi.example.com",
		ReclaimPolicy:     or(m, corev1.PersistentVolumeReclaimDelete, corev1.PersistentVolumeReclaimRetain),
		VolumeBindingMode: or(m, storagev1.VolumeBindingImmediate, storagev1.VolumeBindingWaitForFirstConsumer), AllowVolumeExpansion: or(m, true, false),
	}
	class.Namespace = ""
	class.Annotations = maybe(m, map[string]string{"storageclass.kubernetes.io/is-default-class": "true"})
	return class
}

func (m maker) attachment() runtime.Object {
	attachment := &storagev1.VolumeAttachment{ObjectMeta: m.meta("csi"), Spec: storagev1.VolumeAttachmentSpec{Attacher: "csi.example.com", NodeName: "node-a"}}
	attachment.Namespace, attachment.Spec.Source.PersistentVolumeName, attachment.Status.Attached = "", or(m, "pvc-1"), m.often(0.5)
	return attachment
}

func (m maker) service() runtime.Object {
	service := &corev1.Service{ObjectMeta: m.meta("web")}
	service.Spec = corev1.ServiceSpec{
		Type:       one(m, corev1.ServiceTypeClusterIP, corev1.ServiceTypeNodePort, corev1.ServiceTypeLoadBalancer, corev1.ServiceTypeExternalName, ""),
		ClusterIPs: maybe(m, []string{"None"}, []string{"10.96.0.10", "fd00::a"}), ExternalIPs: maybe(m, []string{"203.0.113.7", "203.0.113.8"}),
		ExternalName: maybe(m, "db.example.com"), Selector: maybe(m, map[string]string{"app": "web", "role": "primary"}),
		Ports: some(m, 3, func(i int) corev1.ServicePort {
			return corev1.ServicePort{Port: int32(80 + i), NodePort: maybe(m, int32(30080)), Protocol: one(m, corev1.ProtocolTCP, corev1.ProtocolUDP)}
		}),
	}
	service.Status.LoadBalancer.Ingress = some(m, 3, func(int) corev1.LoadBalancerIngress {
		return corev1.LoadBalancerIngress{IP: maybe(m, "203.0.113.20", "203.0.113.21"), Hostname: maybe(m, "a-long-name.lb.example.com")}
	})
	return service
}

func (m maker) slice() runtime.Object {
	return &discoveryv1.EndpointSlice{
		ObjectMeta: m.meta("web"), AddressType: one(m, discoveryv1.AddressTypeIPv4, discoveryv1.AddressTypeIPv6),
		Ports: some(m, 5, func(i int) discoveryv1.EndpointPort {
			return discoveryv1.EndpointPort{Name: or(m, "", "http"), Port: or(m, int32(80+i))}
		}),
		Endpoints: some(m, 5, func(i int) discoveryv1.Endpoint {
			return discoveryv1.Endpoint{Addresses: some(m, 2, func(j int) string { return fmt.Sprintf("10.0.%d.%d", i, j) })}
		}),
	}
}
