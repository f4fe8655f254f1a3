package store

import (
	"fmt"

	corev1 "k8s.io/api/core/v1"
	apivalidation "k8s.io/apimachinery/pkg/api/validation"
	"k8s.io/apimachinery/pkg/util/validation"
	"k8s.io/apimachinery/pkg/util/validation/field"
)

var (
	protocols           = []corev1.Protocol{corev1.ProtocolSCTP, corev1.ProtocolTCP, corev1.ProtocolUDP}
	pullPolicies        = []corev1.PullPolicy{corev1.PullAlways, corev1.PullIfNotPresent, corev1.PullNever}
	terminationPolicies = []corev1.TerminationMessagePolicy{corev1.TerminationMessageReadFile, corev1.TerminationMessageFallbackToLogsOnError}
	containerPolicies   = []corev1.ContainerRestartPolicy{corev1.ContainerRestartPolicyAlways, corev1.ContainerRestartPolicyNever, corev1.ContainerRestartPolicyOnFailure}
)

// Source: pkg/apis/core/validation/validation.go:validateContainers.
func validateContainers(spec *corev1.PodSpec, volumes volumeSet, path *field.Path) field.ErrorList {
	if len(spec.Containers) == 0 {
		return field.ErrorList{field.Required(path, "")}
	}
	var errs field.ErrorList
	for i := range spec.Containers {
		container, containerPath := &spec.Containers[i], path.Index(i)
		errs = append(errs, validateContainer(container, volumes, containerPath)...)
		errs = append(errs, validateUniqueName(spec.Containers[:i], container, containerPath)...)
		errs = append(errs, validateHooks(container, *spec.TerminationGracePeriodSeconds, containerPath)...)
		errs = append(errs, validateProbes(container, containerPath)...)
		errs = append(errs, validateContainerRestartPolicy(container, containerPath)...)
	}
	return append(errs, validateHostPorts(spec.Containers, path)...)
}

// Source: pkg/apis/core/validation/validation.go:validateInitContainers.
func validateInitContainers(spec *corev1.PodSpec, volumes volumeSet, path *field.Path) field.ErrorList {
	var errs field.ErrorList
	for i := range spec.InitContainers {
		container, containerPath := &spec.InitContainers[i], path.Index(i)
		errs = append(errs, validateContainer(container, volumes, containerPath)...)
		errs = append(errs, validateUniqueName(spec.Containers, container, containerPath)...)
		errs = append(errs, validateUniqueName(spec.InitContainers[:i], container, containerPath)...)
		errs = append(errs, validateContainerRestartPolicy(container, containerPath)...)
		if policy := container.RestartPolicy; policy != nil && *policy == corev1.ContainerRestartPolicyAlways {
			errs = append(errs, validateHooks(container, *spec.TerminationGracePeriodSeconds, containerPath)...)
			errs = append(errs, validateProbes(container, containerPath)...)
			continue
		}
		errs = append(errs, forbidProbes(container, containerPath)...)
	}
	return errs
}

// forbidProbes says that an init container which has to end is neither probed nor told of its end.
func forbidProbes(container *corev1.Container, path *field.Path) field.ErrorList {
	var errs field.ErrorList
	for _, set := range []struct {
		name string
		set  bool
	}{
		{"lifecycle", container.Lifecycle != nil}, {"livenessProbe", container.LivenessProbe != nil},
		{"readinessProbe", container.ReadinessProbe != nil}, {"startupProbe", container.StartupProbe != nil},
	} {
		if set.set {
			errs = append(errs, field.Forbidden(path.Child(set.name), "may not be set for init containers without restartPolicy=Always"))
		}
	}
	return errs
}

func validateUniqueName(before []corev1.Container, container *corev1.Container, path *field.Path) field.ErrorList {
	for i := range before {
		if container.Name != "" && before[i].Name == container.Name {
			return field.ErrorList{field.Duplicate(path.Child("name"), container.Name)}
		}
	}
	return nil
}

func validateContainerRestartPolicy(container *corev1.Container, path *field.Path) field.ErrorList {
	switch {
	case container.RestartPolicy != nil:
		return oneOf(*container.RestartPolicy, path.Child("restartPolicy"), containerPolicies)
	case len(container.RestartPolicyRules) > 0:
		return field.ErrorList{field.Required(path.Child("restartPolicy"), "must specify restartPolicy when restart rules are used")}
	}
	return nil
}

// Source: pkg/apis/core/validation/validation.go:validateContainerCommon.
func validateContainer(container *corev1.Container, volumes volumeSet, path *field.Path) field.ErrorList {
	var errs field.ErrorList
	if container.Name == "" {
		errs = append(errs, field.Required(path.Child("name"), ""))
	} else {
		errs = append(errs, messages(path.Child("name"), container.Name, validation.IsDNS1123Label(container.Name))...)
	}
	if container.Image == "" {
		errs = append(errs, field.Required(path.Child("image"), ""))
	}
	errs = append(errs, oneOf(container.TerminationMessagePolicy, path.Child("terminationMessagePolicy"), terminationPolicies)...)
	errs = append(errs, validateContainerPorts(container.Ports, path.Child("ports"))...)
	errs = append(errs, validateEnv(container, path)...)
	errs = append(errs, validateVolumeMounts(container, volumes, path.Child("volumeMounts"))...)
	errs = append(errs, validateVolumeDevices(container, volumes, path.Child("volumeDevices"))...)
	errs = append(errs, oneOf(container.ImagePullPolicy, path.Child("imagePullPolicy"), pullPolicies)...)
	return append(errs, validateResources(&container.Resources, path.Child("resources"))...)
}

func validateContainerPorts(ports []corev1.ContainerPort, path *field.Path) field.ErrorList {
	var errs field.ErrorList
	for i, port := range ports {
		portPath := path.Index(i)
		if port.Name != "" {
			wrong := messages(portPath.Child("name"), port.Name, validation.IsValidPortName(port.Name))
			if errs = append(errs, wrong...); len(wrong) == 0 && hasPort(ports[:i], port.Name) {
				errs = append(errs, field.Duplicate(portPath.Child("name"), port.Name))
			}
		}
		if port.ContainerPort == 0 {
			errs = append(errs, field.Required(portPath.Child("containerPort"), ""))
		} else {
			errs = append(errs, messages(portPath.Child("containerPort"), port.ContainerPort, validation.IsValidPortNum(int(port.ContainerPort)))...)
		}
		if port.HostPort != 0 {
			errs = append(errs, messages(portPath.Child("hostPort"), port.HostPort, validation.IsValidPortNum(int(port.HostPort)))...)
		}
		errs = append(errs, oneOf(port.Protocol, portPath.Child("protocol"), protocols)...)
	}
	return errs
}

func hasPort(ports []corev1.ContainerPort, name string) bool {
	for i := range ports {
		if ports[i].Name == name {
			return true
		}
	}
	return false
}

// validateHostPorts finds ports of the node that two containers of a pod ask for.
func validateHostPorts(containers []corev1.Container, path *field.Path) field.ErrorList {
	var errs field.ErrorList
	taken := map[string]bool{}
	for i := range containers {
		for j, port := range containers[i].Ports {
			if port.HostPort == 0 {
				continue
			}
			key := fmt.Sprintf("%s/%s/%d", port.Protocol, port.HostIP, port.HostPort)
			if taken[key] {
				errs = append(errs, field.Duplicate(path.Index(i).Child("ports").Index(j).Child("hostPort"), key))
			}
			taken[key] = true
		}
	}
	return errs
}

// validateEnv checks the names of variables and the names and keys of what they refer to.
// Source: pkg/apis/core/validation/validation.go:ValidateEnv, ValidateEnvFrom.
func validateEnv(container *corev1.Container, path *field.Path) field.ErrorList {
	var errs field.ErrorList
	for i, variable := range container.Env {
		variablePath := path.Child("env").Index(i)
		if variable.Name == "" {
			errs = append(errs, field.Required(variablePath.Child("name"), ""))
		} else {
			errs = append(errs, messages(variablePath.Child("name"), variable.Name, validation.IsRelaxedEnvVarName(variable.Name))...)
		}
		if variable.ValueFrom != nil {
			errs = append(errs, validateEnvSource(&variable, variablePath.Child("valueFrom"))...)
		}
	}
	for i, from := range container.EnvFrom {
		errs = append(errs, validateEnvFrom(&from, path.Child("envFrom"), i)...)
	}
	return errs
}

func validateEnvSource(variable *corev1.EnvVar, path *field.Path) field.ErrorList {
	var errs field.ErrorList
	sources := 0
	from := variable.ValueFrom
	if from.FieldRef != nil {
		sources++
		if from.FieldRef.FieldPath == "" {
			errs = append(errs, field.Required(path.Child("fieldRef", "fieldPath"), ""))
		}
	}
	if from.ResourceFieldRef != nil {
		sources++
		if from.ResourceFieldRef.Resource == "" {
			errs = append(errs, field.Required(path.Child("resourceFieldRef", "resource"), ""))
		}
	}
	if ref := from.ConfigMapKeyRef; ref != nil {
		sources++
		errs = append(errs, validateKeyRef(ref.Name, ref.Key, path.Child("configMapKeyRef"))...)
	}
	if ref := from.SecretKeyRef; ref != nil {
		sources++
		errs = append(errs, validateKeyRef(ref.Name, ref.Key, path.Child("secretKeyRef"))...)
	}
	if from.FileKeyRef != nil {
		sources++
	}
	switch {
	case sources == 0:
		return append(errs, field.Invalid(path, "", "must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef`, `secretKeyRef` or `fileKeyRef`"))
	case variable.Value != "":
		return append(errs, field.Invalid(path, "", "may not be specified when `value` is not empty"))
	case sources > 1:
		return append(errs, field.Invalid(path, "", "may not have more than one field specified at a time"))
	}
	return errs
}

func validateKeyRef(name, key string, path *field.Path) field.ErrorList {
	errs := messages(path.Child("name"), name, apivalidation.NameIsDNSSubdomain(name, false))
	if key == "" {
		return append(errs, field.Required(path.Child("key"), ""))
	}
	return append(errs, messages(path.Child("key"), key, validation.IsConfigMapKey(key))...)
}

func validateEnvFrom(from *corev1.EnvFromSource, path *field.Path, i int) field.ErrorList {
	var errs field.ErrorList
	if from.Prefix != "" {
		errs = append(errs, messages(path.Index(i).Child("prefix"), from.Prefix, validation.IsRelaxedEnvVarName(from.Prefix))...)
	}
	sources := 0
	if from.ConfigMapRef != nil {
		sources++
		errs = append(errs, validateSourceName(from.ConfigMapRef.Name, path.Index(i).Child("configMapRef", "name"))...)
	}
	if from.SecretRef != nil {
		sources++
		errs = append(errs, validateSourceName(from.SecretRef.Name, path.Index(i).Child("secretRef", "name"))...)
	}
	switch sources {
	case 0:
		return append(errs, field.Invalid(path, "", "must specify one of: `configMapRef` or `secretRef`"))
	case 1:
		return errs
	}
	return append(errs, field.Invalid(path, "", "may not have more than one field specified at a time"))
}

func validateSourceName(name string, path *field.Path) field.ErrorList {
	if name == "" {
		return field.ErrorList{field.Required(path, "")}
	}
	return messages(path, name, apivalidation.NameIsDNSSubdomain(name, true))
}
