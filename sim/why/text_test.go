package why_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"statefulsim/sim/why"
)

// What somebody reads at three in the morning.
func TestText(t *testing.T) {
	f := why.Finding{
		Object: "Pod web-1", State: "Terminating", Since: seconds(415.117), Forever: true, Source: "pkg/kubelet/status/status_manager.go:canBeDeleted",
		Rule:    "A deleted pod stays until the kubelet of its node confirms that its containers have ended, and that kubelet has not been heard of.",
		Details: []string{"its machine is down"}, Because: "the step dead at 60 s (crash: the node of web-1)",
		Chain: []why.Step{{Seq: 1, At: seconds(60), Actor: "step", What: "dead begins"}, {Seq: 2, At: seconds(115.011), Actor: "node-lifecycle-controller", What: "Node node-c: Ready True → Unknown"}},
		Cure:  []string{"kubectl delete pod web-1 --grace-period=0 --force   # only if the machine is surely off"},
		Links: []string{"https://github.com/kubernetes/kubernetes/issues/54368"},
	}
	var out strings.Builder
	require.NoError(t, why.Text(&out, []why.Finding{f}))
	require.Equal(t, `Pod web-1: Terminating since 415.117 s, for ever: nothing that is under way ends it
  why: A deleted pod stays until the kubelet of its node confirms that its containers have ended,
       and that kubelet has not been heard of.
    - its machine is down
  rule: pkg/kubelet/status/status_manager.go:canBeDeleted
  because of the step dead at 60 s (crash: the node of web-1)
  what led to it:
            60 s  step  dead begins
       115.011 s  node-lifecycle-controller  Node node-c: Ready True → Unknown
  cure:
    kubectl delete pod web-1 --grace-period=0 --force   # only if the machine is surely off
  known as:
    https://github.com/kubernetes/kubernetes/issues/54368
`, out.String())

	out.Reset()
	other := why.Finding{Object: "StatefulSet web", State: "2/3 ready", Since: seconds(60), Until: "the step dead is healed at 900 s", Rule: "It waits."}
	require.NoError(t, why.Brief(&out, []why.Finding{f, other, other}, 2))
	require.Equal(t, `  Pod web-1: Terminating since 415.117 s, for ever: nothing that is under way ends it
    A deleted pod stays until the kubelet of its node confirms that its containers have ended, and
    that kubelet has not been heard of.
    cure: kubectl delete pod web-1 --grace-period=0 --force   # only if the machine is surely off
  StatefulSet web: 2/3 ready since 60 s, until the step dead is healed at 900 s
    It waits.
  and 1 more
`, out.String())
}
