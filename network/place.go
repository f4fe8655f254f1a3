package network

import (
	"slices"
	"strings"
)

// Place is where an end of a link stands. A pod has its node and that node's zone too, a kubelet is a node with its zone, a
// client inside the cluster has its zone; a client outside has only its own name.
type Place struct {
	Pod          string // "namespace/name"
	Node, Zone   string
	Client       string
	ControlPlane bool
}

func (p Place) outside() bool { return p.Client != "" && p.Zone == "" && p.Node == "" }

// String returns the most particular name of the place: "pod default/web-0", "client writer", "control plane", "node a".
func (p Place) String() string {
	switch {
	case p.Pod != "":
		return "pod " + p.Pod
	case p.Client != "":
		return "client " + p.Client
	case p.ControlPlane:
		return "control plane"
	case p.Node != "":
		return "node " + p.Node
	}
	return "zone " + p.Zone
}

// Side is a set of places, as data: all that stand in any of the listed pods, nodes and zones, the listed clients, and the
// control plane if that is set. A node takes in the pods on it, and a zone all that is in it.
type Side struct {
	Pods, Nodes, Zones, Clients []string // Pods as "namespace/name"
	ControlPlane                bool
	Except                      bool // the complement: all places but those
}

// Rest returns the complement: everything else.
func (s Side) Rest() Side {
	s.Except = !s.Except
	return s
}

// empty tells whether no place can belong to the side.
func (s *Side) empty() bool {
	return !s.Except && !s.ControlPlane && len(s.Pods)+len(s.Nodes)+len(s.Zones)+len(s.Clients) == 0
}

// Has tells whether a place belongs to the side.
func (s Side) Has(p Place) bool {
	return s.lists(p) != s.Except
}

func (s *Side) lists(p Place) bool {
	return p.ControlPlane && s.ControlPlane ||
		p.Pod != "" && slices.Contains(s.Pods, p.Pod) ||
		p.Node != "" && slices.Contains(s.Nodes, p.Node) ||
		p.Zone != "" && slices.Contains(s.Zones, p.Zone) ||
		p.Client != "" && slices.Contains(s.Clients, p.Client)
}

// String returns "pod default/web-0 and zone a", "everything but node b", "everything" or "nothing".
func (s Side) String() string {
	var names []string
	for _, list := range []struct {
		kind  string
		names []string
	}{{"pod ", s.Pods}, {"node ", s.Nodes}, {"zone ", s.Zones}, {"client ", s.Clients}} {
		for _, name := range list.names {
			names = append(names, list.kind+name)
		}
	}
	if s.ControlPlane {
		names = append(names, "control plane")
	}
	switch listed := strings.Join(names, " and "); {
	case listed == "" && s.Except:
		return "everything"
	case listed == "":
		return "nothing"
	case s.Except:
		return "everything but " + listed
	default:
		return listed
	}
}
