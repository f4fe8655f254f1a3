package kubelet

import (
	"fmt"
	"net"
	"strconv"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
)

// output is what a probe that fails prints, in the words of its handler: pkg/probe/http/http.go:DoHTTPProbe,
// tcp/tcp.go:DoTCPProbe, grpc/grpc.go:Probe, exec/exec.go:Probe.
type output string

func (o output) Error() string { return string(o) }

// timedOut is what a probe prints when no answer comes in time.
func (c *container) timedOut(p *probe) error {
	switch limit := seconds(p.spec.TimeoutSeconds, 1); {
	case p.spec.HTTPGet != nil:
		return output(fmt.Sprintf("Get %q: context deadline exceeded (Client.Timeout exceeded while awaiting headers)", c.url(p.spec.HTTPGet)))
	case p.spec.TCPSocket != nil:
		return output("dial tcp " + c.endpoint(p.spec.TCPSocket.Host, p.spec.TCPSocket.Port) + ": i/o timeout")
	case p.spec.GRPC != nil:
		return output("timeout: health rpc did not complete within " + limit.String())
	case p.spec.Exec != nil:
		return output(fmt.Sprintf("command timed out: %q timed out after %s", strings.Join(p.spec.Exec.Command, " "), limit))
	}
	return output("context deadline exceeded")
}

// failed is what a probe prints that fails although its process is well: a path that is not there, a port where nobody listens, a
// command that ends with an error and prints nothing.
func (c *container) failed(p *probe) error {
	switch {
	case p.spec.HTTPGet != nil:
		return output("HTTP probe failed with statuscode: 404")
	case p.spec.TCPSocket != nil:
		return output("dial tcp " + c.endpoint(p.spec.TCPSocket.Host, p.spec.TCPSocket.Port) + ": connect: connection refused")
	case p.spec.GRPC != nil:
		return output(`service unhealthy (responded with "NOT_SERVING")`)
	}
	return output("")
}

// url is what an HTTP probe asks for: pkg/probe/http/request.go:NewRequestForHTTPGetAction.
func (c *container) url(get *corev1.HTTPGetAction) string {
	scheme := strings.ToLower(string(get.Scheme))
	if scheme == "" {
		scheme = "http"
	}
	return scheme + "://" + c.endpoint(get.Host, get.Port) + "/" + strings.TrimPrefix(get.Path, "/")
}

// endpoint is where a probe goes: the pod's own address if it names no host, and a port that may be named in the container.
func (c *container) endpoint(host string, port intstr.IntOrString) string {
	if host == "" {
		host = c.worker.podIP
	}
	number := port.String()
	for _, p := range c.spec.Ports {
		if port.Type == intstr.String && p.Name == port.StrVal {
			number = strconv.Itoa(int(p.ContainerPort))
		}
	}
	return net.JoinHostPort(host, number)
}

// hindrance is what comes between a probe and its process.
func (c *container) hindrance(p *probe) (late time.Duration, fails bool) {
	if process, ok := c.process.(Hindered); ok {
		return process.Hindrance(p.kind)
	}
	return 0, false
}
