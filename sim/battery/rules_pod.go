package battery

import (
	"fmt"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
)

const (
	podSpec   = "spec.template.spec"
	container = podSpec + ".containers[0]"
)

func noReadiness(s *subject) []spot {
	c := mainContainer(s.set)
	if c == nil || c.ReadinessProbe != nil {
		return nil
	}
	return one(container, "container "+c.Name+" has no readinessProbe", "readinessProbe:\n  tcpSocket: {port: "+port(c)+"}    # better: what a client would ask\n  periodSeconds: 5")
}

func noLiveness(s *subject) []spot {
	c := mainContainer(s.set)
	if c == nil || c.LivenessProbe != nil {
		return nil
	}
	return one(container, "container "+c.Name+" has no livenessProbe", "livenessProbe:\n  tcpSocket: {port: "+port(c)+"}    # better: what only a living process answers\n  periodSeconds: 10\n"+
		"  failureThreshold: 6")
}

// port is one that the container names, for an example.
func port(c *corev1.Container) string {
	if len(c.Ports) == 0 {
		return "PORT"
	}
	return fmt.Sprint(c.Ports[0].ContainerPort)
}

// patienceOf is how long a probe lets a container fail, with the defaults of pkg/apis/core/v1/defaults.go:SetDefaults_Probe.
func patienceOf(p *corev1.Probe) time.Duration {
	period, failures := p.PeriodSeconds, p.FailureThreshold
	if period == 0 {
		period = 10
	}
	if failures == 0 {
		failures = 3
	}
	return time.Duration(p.InitialDelaySeconds)*time.Second + time.Duration(period)*time.Duration(failures)*time.Second
}

// patientStartup is a probe that waits long enough.
const patientStartup = "startupProbe:    # the same check as the livenessProbe\n  periodSeconds: 5\n  failureThreshold: 120    # 10 minutes"

func livenessKillsStart(s *subject) []spot {
	c := mainContainer(s.set)
	if c == nil || c.LivenessProbe == nil || c.StartupProbe != nil || len(s.Spec.VolumeClaimTemplates) == 0 || patienceOf(c.LivenessProbe) >= longStart {
		return nil
	}
	return one(container+".livenessProbe", fmt.Sprintf("the livenessProbe of %s gives up after %v, and there is no startupProbe", c.Name, patienceOf(c.LivenessProbe)), patientStartup)
}

func startupTooShort(s *subject) []spot {
	c := mainContainer(s.set)
	if c == nil || c.StartupProbe == nil || len(s.Spec.VolumeClaimTemplates) == 0 || patienceOf(c.StartupProbe) >= longStart {
		return nil
	}
	return one(container+".startupProbe", fmt.Sprintf("the startupProbe of %s gives up after %v", c.Name, patienceOf(c.StartupProbe)), patientStartup)
}

// grace is how long a pod of the set has to end; its default is 30 s (pkg/apis/core/v1/defaults.go:SetDefaults_PodSpec).
func (s *subject) grace() int64 {
	if seconds := s.Spec.Template.Spec.TerminationGracePeriodSeconds; seconds != nil {
		return *seconds
	}
	return 30
}

func graceZero(s *subject) []spot {
	if s.grace() != 0 {
		return nil
	}
	return one(podSpec+".terminationGracePeriodSeconds", "the pods are given no time to end", "terminationGracePeriodSeconds: 30")
}

func graceTooShort(s *subject) []spot {
	const enough = 30
	if s.grace() == 0 || s.grace() >= enough || !s.leads() {
		return nil
	}
	return one(podSpec+".terminationGracePeriodSeconds", fmt.Sprintf("the pods have %d s to end", s.grace()), "terminationGracePeriodSeconds: 60")
}

func noRequests(s *subject) (spots []spot) {
	for i, c := range s.Spec.Template.Spec.Containers {
		var lacking []string
		for _, name := range []corev1.ResourceName{corev1.ResourceCPU, corev1.ResourceMemory} {
			if _, is := requested(c.Resources)[name]; !is {
				lacking = append(lacking, string(name))
			}
		}
		if lacking != nil {
			spots = append(spots, spot{path: fmt.Sprintf("%s.containers[%d].resources", podSpec, i), what: "container " + c.Name + " requests no " + strings.Join(lacking, " and no "),
				yaml: "resources:\n  requests: {cpu: 500m, memory: 1Gi}    # what it uses when it is busy"})
		}
	}
	return spots
}

func imageLatest(s *subject) (spots []spot) {
	for i, c := range s.Spec.Template.Spec.Containers {
		_, name, _ := strings.Cut("/"+c.Image, "/")
		name = name[strings.LastIndex(name, "/")+1:]
		if _, version, tagged := strings.Cut(name, ":"); !strings.Contains(name, "@") && (!tagged || version == "latest") {
			spots = append(spots, spot{path: fmt.Sprintf("%s.containers[%d].image", podSpec, i), what: "the image of " + c.Name + " is " + c.Image, yaml: "image: " + strings.TrimSuffix(c.Image, ":latest") + ":VERSION"})
		}
	}
	return spots
}
