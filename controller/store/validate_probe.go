package store

import (
	"fmt"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
	"k8s.io/apimachinery/pkg/util/validation"
	"k8s.io/apimachinery/pkg/util/validation/field"
)

var uriSchemes = []corev1.URIScheme{corev1.URISchemeHTTP, corev1.URISchemeHTTPS}

// Source: pkg/apis/core/validation/validation.go:validateLivenessProbe, validateReadinessProbe, validateStartupProbe.
func validateProbes(container *corev1.Container, path *field.Path) field.ErrorList {
	errs := validateProbe(container.LivenessProbe, true, path.Child("livenessProbe"))
	if readiness := container.ReadinessProbe; readiness != nil {
		readinessPath := path.Child("readinessProbe")
		errs = append(errs, validateProbe(readiness, false, readinessPath)...)
		if seconds := readiness.TerminationGracePeriodSeconds; seconds != nil {
			errs = append(errs, field.Invalid(readinessPath.Child("terminationGracePeriodSeconds"), seconds, "must not be set for readinessProbes"))
		}
	}
	return append(errs, validateProbe(container.StartupProbe, true, path.Child("startupProbe"))...)
}

// validateProbe checks a probe, and of one that kills its container that one success is enough.
func validateProbe(probe *corev1.Probe, kills bool, path *field.Path) field.ErrorList {
	if probe == nil {
		return nil
	}
	errs := validateHandler(handler{probe.Exec, probe.HTTPGet, probe.TCPSocket, probe.GRPC, nil}, 0, path)
	errs = append(errs, nonnegative(probe.InitialDelaySeconds, path.Child("initialDelaySeconds"))...)
	errs = append(errs, nonnegative(probe.TimeoutSeconds, path.Child("timeoutSeconds"))...)
	errs = append(errs, nonnegative(probe.PeriodSeconds, path.Child("periodSeconds"))...)
	errs = append(errs, nonnegative(probe.SuccessThreshold, path.Child("successThreshold"))...)
	errs = append(errs, nonnegative(probe.FailureThreshold, path.Child("failureThreshold"))...)
	if seconds := probe.TerminationGracePeriodSeconds; seconds != nil && *seconds <= 0 {
		errs = append(errs, field.Invalid(path.Child("terminationGracePeriodSeconds"), *seconds, "must be greater than 0"))
	}
	if kills && probe.SuccessThreshold != 1 {
		errs = append(errs, field.Invalid(path.Child("successThreshold"), probe.SuccessThreshold, "must be 1"))
	}
	return errs
}

func validateHooks(container *corev1.Container, grace int64, path *field.Path) field.ErrorList {
	if container.Lifecycle == nil {
		return nil
	}
	var errs field.ErrorList
	path = path.Child("lifecycle")
	if hook := container.Lifecycle.PostStart; hook != nil {
		errs = append(errs, validateHandler(handler{hook.Exec, hook.HTTPGet, hook.TCPSocket, nil, hook.Sleep}, grace, path.Child("postStart"))...)
	}
	if hook := container.Lifecycle.PreStop; hook != nil {
		errs = append(errs, validateHandler(handler{hook.Exec, hook.HTTPGet, hook.TCPSocket, nil, hook.Sleep}, grace, path.Child("preStop"))...)
	}
	return errs
}

// handler is what a probe or a hook does: one of these.
type handler struct {
	exec      *corev1.ExecAction
	httpGet   *corev1.HTTPGetAction
	tcpSocket *corev1.TCPSocketAction
	grpc      *corev1.GRPCAction
	sleep     *corev1.SleepAction
}

// validateHandler checks that there is one action and that it is right. grace is the pod's grace period in seconds, which a
// hook may not sleep longer than.
// Source: pkg/apis/core/validation/validation.go:validateHandler.
func validateHandler(h handler, grace int64, path *field.Path) field.ErrorList {
	var errs field.ErrorList
	found := false
	for _, action := range []struct {
		set   bool
		name  string
		check func(*field.Path) field.ErrorList
	}{
		{h.exec != nil, "exec", func(path *field.Path) field.ErrorList { return validateExec(h.exec, path) }},
		{h.httpGet != nil, "httpGet", func(path *field.Path) field.ErrorList { return validateHTTPGet(h.httpGet, path) }},
		{h.tcpSocket != nil, "tcpSocket", func(path *field.Path) field.ErrorList { return validatePort(h.tcpSocket.Port, path.Child("port")) }},
		{h.grpc != nil, "grpc", func(path *field.Path) field.ErrorList {
			return validatePort(intstr.FromInt32(h.grpc.Port), path.Child("port"))
		}},
		{h.sleep != nil, "sleep", func(path *field.Path) field.ErrorList { return validateSleep(h.sleep, grace, path) }},
	} {
		switch {
		case !action.set:
		case found:
			errs = append(errs, field.Forbidden(path.Child(action.name), "may not specify more than 1 handler type"))
		default:
			found = true
			errs = append(errs, action.check(path.Child(action.name))...)
		}
	}
	if !found {
		errs = append(errs, field.Required(path, "must specify a handler type"))
	}
	return errs
}

func validateExec(action *corev1.ExecAction, path *field.Path) field.ErrorList {
	if len(action.Command) == 0 {
		return field.ErrorList{field.Required(path.Child("command"), "")}
	}
	return nil
}

func validateHTTPGet(action *corev1.HTTPGetAction, path *field.Path) field.ErrorList {
	var errs field.ErrorList
	if action.Path == "" {
		errs = append(errs, field.Required(path.Child("path"), ""))
	}
	errs = append(errs, validatePort(action.Port, path.Child("port"))...)
	errs = append(errs, oneOf(action.Scheme, path.Child("scheme"), uriSchemes)...)
	for _, header := range action.HTTPHeaders {
		errs = append(errs, messages(path.Child("httpHeaders"), header.Name, validation.IsHTTPHeaderName(header.Name))...)
	}
	return errs
}

func validateSleep(action *corev1.SleepAction, grace int64, path *field.Path) field.ErrorList {
	if action.Seconds < 0 || action.Seconds > grace {
		return field.ErrorList{field.Invalid(path, action.Seconds,
			fmt.Sprintf("must be non-negative and less than terminationGracePeriodSeconds (%d)", grace))}
	}
	return nil
}

// validatePort checks a port that is given by number or by name.
func validatePort(port intstr.IntOrString, path *field.Path) field.ErrorList {
	if port.Type == intstr.String {
		return messages(path, port.StrVal, validation.IsValidPortName(port.StrVal))
	}
	return messages(path, port.IntValue(), validation.IsValidPortNum(port.IntValue()))
}
