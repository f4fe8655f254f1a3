// Package model asks statefulsim's own StatefulSet decision what it does in one sync, in the same terms in which the oracle
// asks Kubernetes' controller. It does not import Kubernetes' controller, so that it builds in a moment.
package model

import (
	"fmt"

	appsv1 "k8s.io/api/apps/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"statefulsim/conformance/vector"
	"statefulsim/controller/statefulset"
)

// Decide lets the model do one sync of what in describes, everything looked at anew, and returns what it did and the server
// as it left it.
func Decide(in *vector.In, faults []vector.Fault, gates statefulset.Gates) (vector.Out, *vector.Server) {
	o := in.Objects()
	server := vector.NewServer(o, faults)
	outcome := statefulset.Decide(statefulset.Input{
		Set: o.Set, Live: o.Set, Pods: o.Pods, Claims: o.Claims, Revisions: o.Revisions, Now: o.Now, Gates: &gates,
	}, apply(server))
	return out(server, &outcome), server
}

func out(server *vector.Server, outcome *statefulset.Outcome) vector.Out {
	result := vector.Outcome{Again: outcome.Again, Err: outcome.Err}
	if outcome.Err == nil {
		result.Status = &outcome.Status
	}
	for _, event := range outcome.Events {
		result.Events = append(result.Events, event.Type+" "+event.Reason)
	}
	return server.Out(result)
}

// apply carries the model's writes to the server.
func apply(server *vector.Server) statefulset.Apply {
	return func(w statefulset.Write) (metav1.Object, error) {
		switch w.Verb {
		case statefulset.Create:
			return server.Create(w.Object)
		case statefulset.Update:
			return server.Update(w.Object)
		case statefulset.Patch:
			return server.Patch(w.Object)
		case statefulset.UpdateStatus:
			return server.UpdateStatus(w.Object.(*appsv1.StatefulSet))
		case statefulset.Delete:
			return nil, server.Delete(w.Object)
		}
		panic(fmt.Sprintf("the model writes %q", w.Verb))
	}
}
