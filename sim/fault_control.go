package sim

import (
	"errors"
	"time"

	"statefulsim/controller/store"
	"statefulsim/network"
)

// The components of the control plane that the world asks about by name.
const (
	apiServer = "kube-apiserver"
	coreDNS   = "coredns"
	csiDriver = "csi-driver"
)

// apiServerAddress is where the API server listens, outside all ranges of nodes, pods and Services.
const apiServerAddress = "10.0.0.1:6443"

// errDown is what a call to an API server comes to that does not run.
var errDown = errors.New("dial tcp " + apiServerAddress + ": connect: connection refused")

// componentFault is a fault of a component of the control plane.
type componentFault struct {
	name           string
	stopped, stale bool
	slow           time.Duration
}

// stopComponent ends a component's process. undo starts it again: see informer.begin.
func (w *world) stopComponent(name string) (undo func(), err error) {
	ran := !w.stopped(name)
	end := w.injected.components.begin(componentFault{name: name, stopped: true})
	switch {
	case !ran:
	case name == apiServer:
		w.loseLeases()
	default:
		w.informerOf(name).exit("Stopped")
	}
	return func() {
		end()
		for _, i := range w.informers {
			i.begin()
		}
	}, nil
}

// renewDeadline is how long a component that leads goes on without an API server to renew its lease with; then it ends, and its new
// process begins when there is one (k8s.io/component-base config/v1alpha1/defaults.go:RecommendedDefaultLeaderElectionConfiguration,
// cmd/kube-controller-manager/app/controllermanager.go:Run).
const renewDeadline = 10 * time.Second

// loseLeases ends the components that lead unless the API server that just went is back in time.
func (w *world) loseLeases() {
	w.outages++
	outage := w.outages
	w.after(renewDeadline, func() {
		if !w.stopped(apiServer) || w.outages != outage {
			return
		}
		for _, i := range w.informers {
			if i.name != coreDNS {
				i.exit("LeaderElectionLost")
			}
		}
	})
}

func (w *world) slowComponent(name string, by time.Duration) (undo func(), err error) {
	return w.injected.components.begin(componentFault{name: name, slow: by}), nil
}

// staleComponent keeps what changes from a component until undo delivers all of it in its order. If it is the API server, whose own
// cache its watches are served from, nobody hears of anything.
func (w *world) staleComponent(name string) (undo func(), err error) {
	end := w.injected.components.begin(componentFault{name: name, stale: true})
	return func() {
		end()
		if name != apiServer {
			w.informerOf(name).catchUp()
			return
		}
		news := w.unannounced
		w.unannounced = nil
		for _, n := range news {
			w.announce(n.change, n.cause)
		}
	}, nil
}

// news is a change that somebody has not heard of yet, and the event that tells it.
type news struct {
	change store.Change
	cause  int
}

// informerOf returns the process of the control plane with that name.
func (w *world) informerOf(name string) *informer {
	for _, i := range w.informers {
		if i.name == name {
			return i
		}
	}
	panic("sim: no component " + name)
}

func (w *world) stopped(component string) bool {
	return w.ill(component, func(f *componentFault) bool { return f.stopped })
}

func (w *world) stale(component string) bool {
	return w.ill(component, func(f *componentFault) bool { return f.stale })
}

func (w *world) ill(component string, is func(*componentFault) bool) bool {
	for _, f := range w.injected.components {
		if f.name == component && is(f) {
			return true
		}
	}
	return false
}

// slowness is how much longer than usual a component takes for whatever it does.
func (w *world) slowness(component string) (by time.Duration) {
	for _, f := range w.injected.components {
		if f.name == component {
			by += f.slow
		}
	}
	return by
}

// call sends a call to the API server. Whether it arrives is the network's choice; a slow server takes up all calls in their order,
// and one that does not run refuses them. Whoever calls finds out by what he sees, and calls again.
func (w *world) call(from network.Place, kind string, apply func(api *store.Client)) {
	w.send(from, controlPlane, kind, func() {
		by := w.slowness(apiServer)
		if now := w.loop.Now(); by > 0 || w.lastCall > now {
			w.lastCall = max(now+by, w.lastCall+1)
			w.after(w.lastCall-now, func() { w.answer(kind, apply) })
			return
		}
		w.answer(kind, apply)
	})
}

func (w *world) answer(kind string, apply func(api *store.Client)) {
	api := w.api()
	if api.Down != nil {
		w.tell(Event{Verb: "fail", Kind: "Call", Name: kind, Reason: "Refused", Detail: api.Down.Error(), Level: Detail})
		return
	}
	apply(api)
}
