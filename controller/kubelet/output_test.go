package kubelet

import (
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
)

// Each handler has its own words for a probe that has no answer in time, and for one that fails.
func TestProbeOutput(t *testing.T) {
	for _, of := range []struct {
		handler          corev1.ProbeHandler
		timedOut, failed string
	}{
		{corev1.ProbeHandler{HTTPGet: &corev1.HTTPGetAction{Path: "/healthz", Port: intstr.FromString("web"), Scheme: corev1.URISchemeHTTPS}},
			`Get "https://10.0.0.1:8443/healthz": context deadline exceeded (Client.Timeout exceeded while awaiting headers)`,
			"HTTP probe failed with statuscode: 404"},
		{corev1.ProbeHandler{HTTPGet: &corev1.HTTPGetAction{Host: "db", Port: intstr.FromInt32(80)}},
			`Get "http://db:80/": context deadline exceeded (Client.Timeout exceeded while awaiting headers)`,
			"HTTP probe failed with statuscode: 404"},
		{corev1.ProbeHandler{TCPSocket: &corev1.TCPSocketAction{Port: intstr.FromInt32(3306)}},
			"dial tcp 10.0.0.1:3306: i/o timeout", "dial tcp 10.0.0.1:3306: connect: connection refused"},
		{corev1.ProbeHandler{GRPC: &corev1.GRPCAction{Port: 9000}},
			"timeout: health rpc did not complete within 3s", `service unhealthy (responded with "NOT_SERVING")`},
		{corev1.ProbeHandler{Exec: &corev1.ExecAction{Command: []string{"mysqladmin", "ping"}}},
			`command timed out: "mysqladmin ping" timed out after 3s`, ""},
		{corev1.ProbeHandler{}, "context deadline exceeded", ""},
	} {
		spec := &corev1.Container{Name: "app", Ports: []corev1.ContainerPort{{Name: "web", ContainerPort: 8443}},
			ReadinessProbe: &corev1.Probe{ProbeHandler: of.handler, TimeoutSeconds: 3}}
		c := newContainer(&worker{podIP: "10.0.0.1"}, spec, false)
		require.EqualError(t, c.timedOut(c.readiness), of.timedOut)
		require.EqualError(t, c.failed(c.readiness), of.failed)
	}
}

// What comes between one probe and the process leaves the others alone, and is over when it is gone.
func TestHinderedProbes(t *testing.T) {
	both := func(c *corev1.Container) { c.ReadinessProbe, c.LivenessProbe = tcp(0, 2, 1), tcp(0, 2, 3) }
	for name, hinder := range map[string]func(ProbeKind) (time.Duration, bool){
		"dial tcp 10.0.0.1:3306: i/o timeout":                 func(k ProbeKind) (time.Duration, bool) { return 2 * time.Second, false },
		"dial tcp 10.0.0.1:3306: connect: connection refused": func(k ProbeKind) (time.Duration, bool) { return 0, true },
	} {
		w := probed(t, time.Minute, act{}, both, func(w *world) {
			w.hinder = func(kind ProbeKind) (time.Duration, bool) {
				if kind == ReadinessProbe && w.now.Sub(epoch) > 20*time.Second && w.now.Sub(epoch) < 40*time.Second {
					return hinder(kind)
				}
				return 0, false
			}
		})
		require.GreaterOrEqual(t, len(w.times("event Warning Unhealthy: Readiness probe failed: "+name)), 10)
		require.Empty(t, w.times("event Warning Unhealthy: Liveness"))
		require.InDelta(t, 41, w.times("note ProbeSucceeded Readiness")[1], 1.5)
	}
}

// An image that is on the node needs no registry, unless it is to be pulled always; and that it fails then takes no image away.
func TestPullErrorOfAnImageThatIsThere(t *testing.T) {
	w := newWorld(t)
	w.create(pod("web-0"))
	w.at(10*time.Second, func() {
		w.kubelet.cfg.PullError = func(string) error { return errors.New("not found") }
		w.create(pod("web-1"))
	})
	w.at(20*time.Second, func() {
		w.create(pod("web-2", app(func(c *corev1.Container) { c.ImagePullPolicy = corev1.PullAlways })))
	})
	w.at(40*time.Second, func() { w.create(pod("web-3")) })
	w.run(time.Minute)
	require.Len(t, w.times("start app"), 3)
	require.NotEmpty(t, w.times(`event Warning Failed: Failed to pull image "app:1": not found`))
}
