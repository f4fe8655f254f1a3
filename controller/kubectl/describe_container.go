package kubectl

import (
	"cmp"
	"fmt"
	"maps"
	"net"
	"net/url"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
)

// containers describes those of a template.
// Source: k8s.io/kubectl pkg/describe/describe.go:describeContainers and what it calls.
func (p *page) containers(title string, containers []corev1.Container) {
	if len(containers) == 0 {
		p.add(1, "%s: <none>", title)
		return
	}
	p.add(1, "%s:", title)
	for i := range containers {
		c := &containers[i]
		p.add(1, " %s:", c.Name)
		p.add(2, "Image:\t%s", c.Image)
		p.ports(c)
		if s := c.SecurityContext; s != nil && s.SeccompProfile != nil {
			p.add(2, "SeccompProfile:\t%s", s.SeccompProfile.Type)
			if s.SeccompProfile.Type == corev1.SeccompProfileTypeLocalhost {
				p.add(3, "LocalhostProfile:\t%s", *s.SeccompProfile.LocalhostProfile)
			}
		}
		p.words("Command:", c.Command)
		p.words("Args:", c.Args)
		p.quantities("Limits:", c.Resources.Limits)
		p.quantities("Requests:", c.Resources.Requests)
		p.probe("Liveness", c.LivenessProbe)
		p.probe("Readiness", c.ReadinessProbe)
		p.probe("Startup", c.StartupProbe)
		p.environment(c)
		p.mounts(c)
	}
}

func (p *page) ports(c *corev1.Container) {
	var inside, outside []string
	for _, port := range c.Ports {
		name := ""
		if port.Name != "" {
			name = " (" + port.Name + ")"
		}
		inside = append(inside, fmt.Sprintf("%d/%s%s", port.ContainerPort, port.Protocol, name))
		outside = append(outside, fmt.Sprintf("%d/%s%s", port.HostPort, port.Protocol, name))
	}
	several := ""
	if len(inside) > 1 {
		several = "s"
	}
	p.add(2, "Port%s:\t%s", several, cmp.Or(strings.Join(inside, ", "), "<none>"))
	p.add(2, "Host Port%s:\t%s", several, cmp.Or(strings.Join(outside, ", "), "<none>"))
}

// words adds each word of a command line by itself.
func (p *page) words(title string, words []string) {
	if len(words) == 0 {
		return
	}
	p.add(2, "%s", title)
	for _, word := range words {
		for line := range strings.SplitSeq(word, "\n") {
			p.add(3, "%s", line)
		}
	}
}

func (p *page) quantities(title string, list corev1.ResourceList) {
	if len(list) == 0 {
		return
	}
	p.add(2, "%s", title)
	for _, name := range slices.Sorted(maps.Keys(list)) {
		quantity := list[name]
		p.add(3, "%s:\t%s", name, quantity.String())
	}
}

// Source: k8s.io/kubectl pkg/describe/describe.go:DescribeProbe.
func (p *page) probe(title string, probe *corev1.Probe) {
	if probe == nil {
		return
	}
	what := "unknown"
	switch {
	case probe.Exec != nil:
		what = fmt.Sprintf("exec %v", probe.Exec.Command)
	case probe.HTTPGet != nil:
		get := probe.HTTPGet
		address := url.URL{Scheme: strings.ToLower(string(get.Scheme)), Host: net.JoinHostPort(get.Host, get.Port.String()), Path: get.Path}
		what = "http-get " + address.String()
	case probe.TCPSocket != nil:
		what = fmt.Sprintf("tcp-socket %s:%s", probe.TCPSocket.Host, probe.TCPSocket.Port.String())
	case probe.GRPC != nil:
		what = fmt.Sprintf("grpc <pod>:%d %s", probe.GRPC.Port, *probe.GRPC.Service)
	}
	p.add(2, "%s:\t%s delay=%ds timeout=%ds period=%ds successThreshold=%d failureThreshold=%d", title, what,
		probe.InitialDelaySeconds, probe.TimeoutSeconds, probe.PeriodSeconds, probe.SuccessThreshold, probe.FailureThreshold)
}

func (p *page) environment(c *corev1.Container) {
	if len(c.EnvFrom) > 0 {
		p.add(2, "Environment Variables from:")
		for _, e := range c.EnvFrom {
			p.environmentFrom(e)
		}
	}
	if len(c.Env) == 0 {
		p.add(2, "Environment:\t<none>")
		return
	}
	p.add(2, "Environment:")
	for _, e := range c.Env {
		p.variable(e)
	}
}

func (p *page) environmentFrom(e corev1.EnvFromSource) {
	name, from, optional := "", "", false
	switch {
	case e.ConfigMapRef != nil:
		name, from, optional = e.ConfigMapRef.Name, "ConfigMap", isTrue(e.ConfigMapRef.Optional)
	case e.SecretRef != nil:
		name, from, optional = e.SecretRef.Name, "Secret", isTrue(e.SecretRef.Optional)
	}
	if e.Prefix != "" {
		from += " with prefix '" + e.Prefix + "'"
	}
	p.add(3, "%s\t%s\tOptional: %t", name, from, optional)
}

// variable describes an environment variable. What only a running pod can tell is left out.
func (p *page) variable(e corev1.EnvVar) {
	if e.ValueFrom == nil {
		first, rest, several := strings.Cut(e.Value, "\n")
		p.add(3, "%s:\t%s", e.Name, first)
		for several {
			first, rest, several = strings.Cut(rest, "\n")
			p.add(3, "\t%s", first)
		}
		return
	}
	switch from := e.ValueFrom; {
	case from.FieldRef != nil:
		p.add(3, "%s:\t (%s:%s)", e.Name, from.FieldRef.APIVersion, from.FieldRef.FieldPath)
	case from.ResourceFieldRef != nil:
		p.add(3, "%s:\t (%s)", e.Name, from.ResourceFieldRef.Resource)
	case from.SecretKeyRef != nil:
		p.add(3, "%s:\t<set to the key '%s' in secret '%s'>\tOptional: %t", e.Name, from.SecretKeyRef.Key, from.SecretKeyRef.Name,
			isTrue(from.SecretKeyRef.Optional))
	case from.ConfigMapKeyRef != nil:
		p.add(3, "%s:\t<set to the key '%s' of config map '%s'>\tOptional: %t", e.Name, from.ConfigMapKeyRef.Key, from.ConfigMapKeyRef.Name,
			isTrue(from.ConfigMapKeyRef.Optional))
	}
}

func isTrue(b *bool) bool { return b != nil && *b }

func (p *page) mounts(c *corev1.Container) {
	if len(c.VolumeMounts) == 0 {
		p.add(2, "Mounts:\t<none>")
	} else {
		p.add(2, "Mounts:")
	}
	byPath := slices.SortedStableFunc(slices.Values(c.VolumeMounts), func(a, b corev1.VolumeMount) int { return cmp.Compare(a.MountPath, b.MountPath) })
	for _, m := range byPath {
		how := "rw"
		if m.ReadOnly {
			how = "ro"
		}
		if m.SubPath != "" {
			how += fmt.Sprintf(",path=%q", m.SubPath)
		}
		p.add(3, "%s from %s (%s)", m.MountPath, m.Name, how)
	}
}
