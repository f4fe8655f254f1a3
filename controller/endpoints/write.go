package endpoints

import (
	"hash/fnv"
	"maps"
	"strconv"

	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"statefulsim/controller/store"
)

// write creates, updates and deletes slices, in this order (endpointslice reconciler.go:finalize), and remembers the
// versions that this made. Nothing is created for a Service that is being deleted.
func (p *plan) write(s *service, api *store.Client) error {
	labels := sliceLabels(p.svc)
	for _, d := range p.drafts {
		if d.base == nil && p.svc.DeletionTimestamp == nil {
			d.name = p.freeName()
			if err := s.wrote(api.Create(p.slice(d, labels))); err != nil {
				return err
			}
		}
	}
	for _, d := range p.drafts {
		if d.base != nil && !d.dropped && (d.changed || !maps.Equal(labels, d.base.Labels)) {
			if err := s.wrote(api.Update(p.slice(d, labels))); err != nil {
				return err
			}
		}
	}
	for _, d := range p.drafts {
		if d.dropped {
			if err := api.Delete(store.KeyOf(d.base), store.DeleteOptions{}); err != nil && !apierrors.IsNotFound(err) {
				return err
			}
			s.written[d.name] = 0
		}
	}
	return nil
}

// wrote remembers the version of a slice that was just written.
func (s *service) wrote(slice store.Object, err error) error {
	if err == nil {
		s.written[slice.GetName()] = versionOf(slice)
	}
	return err
}

// slice returns the object of a draft (endpointslice utils.go:newEndpointSlice).
func (p *plan) slice(d *draft, labels map[string]string) *discoveryv1.EndpointSlice {
	slice := &discoveryv1.EndpointSlice{
		ObjectMeta: metav1.ObjectMeta{
			Namespace: p.svc.Namespace, Name: d.name,
			OwnerReferences: []metav1.OwnerReference{
				*metav1.NewControllerRef(p.svc, corev1.SchemeGroupVersion.WithKind("Service")),
			},
		},
		AddressType: addressType(p.svc),
	}
	if d.base != nil {
		slice.ObjectMeta = d.base.ObjectMeta
	}
	slice.Labels, slice.Ports, slice.Endpoints = maps.Clone(labels), d.ports, d.endpoints
	return slice
}

// sliceLabels returns the labels of a Service's slices: the Service's own, and those that say whose they are
// (endpointslice utils.go:setEndpointSliceLabels).
func sliceLabels(svc *corev1.Service) map[string]string {
	labels := make(map[string]string, len(svc.Labels)+3)
	maps.Copy(labels, svc.Labels)
	delete(labels, corev1.IsHeadlessService)
	if svc.Spec.ClusterIP == "" || svc.Spec.ClusterIP == corev1.ClusterIPNone {
		labels[corev1.IsHeadlessService] = ""
	}
	labels[discoveryv1.LabelServiceName] = svc.Name
	labels[discoveryv1.LabelManagedBy] = ControllerName
	return labels
}

// freeName returns a name for a slice that none of the plan's has. Upstream lets the API server draw the end of the name;
// here it follows from the Service and how many slices there were.
func (p *plan) freeName() string {
	taken := make(map[string]bool, len(p.drafts))
	for _, d := range p.drafts {
		taken[d.name] = true
	}
	for n := len(p.drafts); ; n++ {
		if name := p.svc.Name + "-" + suffix(string(p.svc.UID), n); !taken[name] {
			return name
		}
	}
}

// suffix returns five of the letters and digits that Kubernetes ends generated names with.
func suffix(uid string, n int) string {
	const alphabet = "bcdfghjklmnpqrstvwxz2456789"
	hash := fnv.New64a()
	_, _ = hash.Write([]byte(uid + "/" + strconv.Itoa(n)))
	sum := hash.Sum64()
	end := make([]byte, 5)
	for i := range end {
		end[i] = alphabet[sum%uint64(len(alphabet))]
		sum /= uint64(len(alphabet))
	}
	return string(end)
}
