package store

import (
	corev1 "k8s.io/api/core/v1"
	apivalidation "k8s.io/apimachinery/pkg/api/validation"
	"k8s.io/apimachinery/pkg/util/validation"
	"k8s.io/apimachinery/pkg/util/validation/field"
)

// Source: pkg/apis/core/validation/validation.go:ValidateConfigMap.
func validateConfigMap(config *corev1.ConfigMap) field.ErrorList {
	var errs field.ErrorList
	size := 0
	for _, key := range sortedKeys(config.Data) {
		path := field.NewPath("data").Key(key)
		errs = append(errs, messages(path, key, validation.IsConfigMapKey(key))...)
		if _, ok := config.BinaryData[key]; ok {
			errs = append(errs, field.Invalid(path, key, "duplicate of key present in binaryData"))
		}
		size += len(config.Data[key])
	}
	for _, key := range sortedKeys(config.BinaryData) {
		errs = append(errs, messages(field.NewPath("binaryData").Key(key), key, validation.IsConfigMapKey(key))...)
		size += len(config.BinaryData[key])
	}
	return append(errs, validateSize(size, field.NewPath(""))...)
}

// validateSize checks how many bytes the values of a ConfigMap or a Secret have together.
func validateSize(size int, path *field.Path) field.ErrorList {
	if size > corev1.MaxSecretSize {
		return field.ErrorList{field.TooLong(path, "", corev1.MaxSecretSize)}
	}
	return nil
}

func validateConfigMapUpdate(config, old *corev1.ConfigMap) field.ErrorList {
	if old.Immutable == nil || !*old.Immutable {
		return nil
	}
	errs := keepImmutable(config.Immutable)
	errs = append(errs, keepData(config.Data, old.Data, "data")...)
	return append(errs, keepData(config.BinaryData, old.BinaryData, "binaryData")...)
}

const immutableMessage = "field is immutable when `immutable` is set"

func keepImmutable(immutable *bool) field.ErrorList {
	if immutable != nil && *immutable {
		return nil
	}
	return field.ErrorList{field.Forbidden(field.NewPath("immutable"), immutableMessage)}
}

func keepData(data, old any, name string) field.ErrorList {
	if equal(data, old) {
		return nil
	}
	return field.ErrorList{field.Forbidden(field.NewPath(name), immutableMessage)}
}

// secretKeys are the keys that a Secret of a type has to have.
var secretKeys = map[corev1.SecretType][]string{
	corev1.SecretTypeDockercfg:        {corev1.DockerConfigKey},
	corev1.SecretTypeDockerConfigJson: {corev1.DockerConfigJsonKey},
	corev1.SecretTypeSSHAuth:          {corev1.SSHAuthPrivateKey},
	corev1.SecretTypeTLS:              {corev1.TLSCertKey, corev1.TLSPrivateKeyKey},
}

// Source: pkg/apis/core/validation/validation.go:ValidateSecret.
func validateSecret(secret *corev1.Secret) field.ErrorList {
	var errs field.ErrorList
	data := field.NewPath("data")
	size := 0
	for _, key := range sortedKeys(secret.Data) {
		errs = append(errs, messages(data.Key(key), key, validation.IsConfigMapKey(key))...)
		size += len(secret.Data[key])
	}
	errs = append(errs, validateSize(size, data)...)
	for _, key := range secretKeys[secret.Type] {
		if _, ok := secret.Data[key]; !ok {
			errs = append(errs, field.Required(data.Key(key), ""))
		}
	}
	return errs
}

func validateSecretUpdate(secret, old *corev1.Secret) field.ErrorList {
	errs := apivalidation.ValidateImmutableField(secret.Type, old.Type, field.NewPath("type"))
	if old.Immutable == nil || !*old.Immutable {
		return errs
	}
	errs = append(errs, keepImmutable(secret.Immutable)...)
	return append(errs, keepData(secret.Data, old.Data, "data")...)
}
