package pv

import (
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
)

// The parameters of a class that the simulated storage understands, whatever its driver is called. As real drivers do, it
// hands them on to the volume, as the attributes of its CSI source.
const (
	MaxSize       = "maxSize"       // the largest volume that can be made, or become, as a quantity
	ZoneCapacity  = "zoneCapacity"  // how much all volumes of the class in one zone may have together, as a quantity
	Expansion     = "expansion"     // "offline" if a volume grows only while it is attached to no node
	NodeExpansion = "nodeExpansion" // "false" if a volume that grew needs nothing from its node
)

// Refusal is the answer of a CSI driver that does not do what it is asked for.
type Refusal struct {
	Code    string // of gRPC, such as OutOfRange
	Message string
}

// Error is what a client of gRPC prints.
func (r *Refusal) Error() string { return "rpc error: code = " + r.Code + " desc = " + r.Message }

// Fits tells whether the storage can have a volume of that size, by the class's parameters or the volume's attributes. The
// refusal is nil if it can.
func Fits(parameters map[string]string, size resource.Quantity) *Refusal {
	limit, refusal := quantity(parameters, MaxSize)
	if refusal != nil || limit == nil || size.Cmp(*limit) <= 0 {
		return refusal
	}
	return &Refusal{"OutOfRange", "size " + size.String() + " exceeds the limit of " + limit.String()}
}

// HasRoom tells whether a zone has room for one more volume of that size beside those that are there.
func HasRoom(parameters map[string]string, zone string, there []*corev1.PersistentVolume, size resource.Quantity) *Refusal {
	limit, refusal := quantity(parameters, ZoneCapacity)
	if refusal != nil || limit == nil {
		return refusal
	}
	total := size.DeepCopy()
	for _, volume := range there {
		total.Add(volume.Spec.Capacity[corev1.ResourceStorage])
	}
	if total.Cmp(*limit) <= 0 {
		return nil
	}
	return &Refusal{"ResourceExhausted", "zone " + zone + " has no room for " + size.String()}
}

// quantity reads a parameter; nil if it is not set.
func quantity(parameters map[string]string, name string) (*resource.Quantity, *Refusal) {
	text, ok := parameters[name]
	if !ok {
		return nil, nil
	}
	value, err := resource.ParseQuantity(text)
	if err != nil {
		return nil, &Refusal{"InvalidArgument", "parameter " + name + ": " + err.Error()}
	}
	return &value, nil
}
