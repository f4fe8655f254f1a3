package store

import (
	"fmt"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	apivalidation "k8s.io/apimachinery/pkg/api/validation"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	metavalidation "k8s.io/apimachinery/pkg/apis/meta/v1/validation"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/util/validation/field"
)

var (
	completionModes     = []batchv1.CompletionMode{batchv1.NonIndexedCompletion, batchv1.IndexedCompletion}
	replacementPolicies = []batchv1.PodReplacementPolicy{batchv1.Failed, batchv1.TerminatingOrFailed}
)

// validateJob checks a Job. One that was never created has no UID, and so no selector yet: that it gets one is looked at when
// it is created. The rules of podFailurePolicy and successPolicy, which nothing here follows, are let through.
// Source: pkg/apis/batch/validation/validation.go:ValidateJobCreate, ValidateJobSpec.
func validateJob(job *batchv1.Job, path *field.Path) field.ErrorList {
	if job.UID == "" && !*job.Spec.ManualSelector {
		return validateJobSpec(&job.Spec, path)
	}
	errs := validateGeneratedSelector(job, path)
	errs = append(errs, validateJobSpec(&job.Spec, path)...)
	if job.Spec.Selector == nil {
		errs = append(errs, field.Required(path.Child("selector"), ""))
	} else {
		errs = append(errs, validateSelector(job.Spec.Selector, path.Child("selector"))...)
	}
	template := &job.Spec.Template
	if selector, err := metav1.LabelSelectorAsSelector(job.Spec.Selector); err == nil && !selector.Matches(labels.Set(template.Labels)) {
		errs = append(errs, field.Invalid(path.Child("template", "metadata", "labels"), template.Labels, "`selector` does not match template `labels`"))
	}
	return errs
}

// validateGeneratedSelector finds labels and selectors of the manifest that differ from those that every Job has.
// Source: pkg/apis/batch/validation/validation.go:validateGeneratedSelector; ValidateHasLabel for the messages.
func validateGeneratedSelector(job *batchv1.Job, path *field.Path) field.ErrorList {
	if *job.Spec.ManualSelector || job.Spec.Selector == nil {
		return nil
	}
	var errs field.ErrorList
	generated := generatedLabels(job)
	path = path.Child("template", "metadata", "labels")
	for _, name := range []string{legacyControllerUIDLabel, legacyJobNameLabel, batchv1.ControllerUidLabel, batchv1.JobNameLabel} {
		if is := job.Spec.Template.Labels[name]; is != generated[name] {
			errs = append(errs, field.Invalid(path.Key(name), job.Spec.Template.Labels, fmt.Sprintf("must be '%s'", generated[name])))
		}
	}
	if selector, err := metav1.LabelSelectorAsSelector(job.Spec.Selector); err == nil && !selector.Matches(labels.Set(generated)) {
		errs = append(errs, field.Invalid(field.NewPath("spec", "selector"), job.Spec.Selector, "`selector` not auto-generated"))
	}
	return errs
}

// validateJobSpec checks what a Job and a CronJob's template of one have in common.
// Source: pkg/apis/batch/validation/validation.go:validateJobSpec.
func validateJobSpec(spec *batchv1.JobSpec, path *field.Path) field.ErrorList {
	errs := nonnegativePointer(spec.Parallelism, path.Child("parallelism"))
	errs = append(errs, nonnegativePointer(spec.Completions, path.Child("completions"))...)
	errs = append(errs, nonnegativePointer(spec.ActiveDeadlineSeconds, path.Child("activeDeadlineSeconds"))...)
	errs = append(errs, nonnegativePointer(spec.BackoffLimit, path.Child("backoffLimit"))...)
	errs = append(errs, nonnegativePointer(spec.TTLSecondsAfterFinished, path.Child("ttlSecondsAfterFinished"))...)
	errs = append(errs, validateCompletionMode(spec, path)...)
	if policy := spec.PodReplacementPolicy; policy != nil {
		supported := replacementPolicies
		if spec.PodFailurePolicy != nil {
			supported = supported[:1]
		}
		errs = append(errs, oneOf(*policy, path.Child("podReplacementPolicy"), supported)...)
	}
	return append(errs, validateJobTemplate(spec, path.Child("template"))...)
}

func validateCompletionMode(spec *batchv1.JobSpec, path *field.Path) field.ErrorList {
	mode := batchv1.NonIndexedCompletion
	if spec.CompletionMode != nil {
		mode = *spec.CompletionMode
	}
	errs := nonnegativePointer(spec.BackoffLimitPerIndex, path.Child("backoffLimitPerIndex"))
	errs = append(errs, oneOf(mode, path.Child("completionMode"), completionModes)...)
	if mode == batchv1.IndexedCompletion && spec.Completions == nil {
		errs = append(errs, field.Required(path.Child("completions"), "when completion mode is Indexed"))
	}
	if mode == batchv1.NonIndexedCompletion && spec.BackoffLimitPerIndex != nil {
		errs = append(errs, field.Invalid(path.Child("backoffLimitPerIndex"), *spec.BackoffLimitPerIndex, "requires indexed completion mode"))
	}
	return errs
}

func validateJobTemplate(spec *batchv1.JobSpec, path *field.Path) field.ErrorList {
	template := &spec.Template
	errs := byField(metavalidation.ValidateLabels(template.Labels, path.Child("labels")))
	errs = append(errs, byField(apivalidation.ValidateAnnotations(template.Annotations, path.Child("annotations")))...)
	errs = append(errs, validatePodSpec(&template.Spec, path.Child("spec"))...)
	restart := path.Child("spec", "restartPolicy")
	switch policy := template.Spec.RestartPolicy; {
	case policy == corev1.RestartPolicyAlways:
		return append(errs, field.Required(restart, `valid values: "OnFailure", "Never"`))
	case policy != corev1.RestartPolicyOnFailure && policy != corev1.RestartPolicyNever:
		return append(errs, field.NotSupported(restart, policy, []corev1.RestartPolicy{corev1.RestartPolicyOnFailure, corev1.RestartPolicyNever}))
	case spec.PodFailurePolicy != nil && policy != corev1.RestartPolicyNever:
		return append(errs, field.Invalid(restart, policy, `only "Never" is supported when podFailurePolicy is specified`))
	}
	return errs
}

// validateJobUpdate keeps what a Job is: of its template, only a suspended one may change what decides on which node its pods
// run and what they are given. That the completions of an Indexed Job may change with its parallelism is left out.
// Source: pkg/apis/batch/validation/validation.go:ValidateJobSpecUpdate, validatePodTemplateUpdate.
func validateJobUpdate(spec, old *batchv1.JobSpec, path *field.Path) field.ErrorList {
	template := &old.Template
	if *old.Suspend {
		template = movable(template, &spec.Template)
	}
	errs := apivalidation.ValidateImmutableField(spec.Completions, old.Completions, path.Child("completions"))
	errs = append(errs, apivalidation.ValidateImmutableField(spec.Selector, old.Selector, path.Child("selector"))...)
	errs = append(errs, apivalidation.ValidateImmutableField(&spec.Template, template, path.Child("template"))...)
	errs = append(errs, apivalidation.ValidateImmutableField(spec.CompletionMode, old.CompletionMode, path.Child("completionMode"))...)
	errs = append(errs, apivalidation.ValidateImmutableField(spec.PodFailurePolicy, old.PodFailurePolicy, path.Child("podFailurePolicy"))...)
	errs = append(errs, apivalidation.ValidateImmutableField(spec.BackoffLimitPerIndex, old.BackoffLimitPerIndex, path.Child("backoffLimitPerIndex"))...)
	errs = append(errs, apivalidation.ValidateImmutableField(spec.ManagedBy, old.ManagedBy, path.Child("managedBy"))...)
	return append(errs, apivalidation.ValidateImmutableField(spec.SuccessPolicy, old.SuccessPolicy, path.Child("successPolicy"))...)
}

// movable is a template with what may change while its Job is suspended taken over from the new one.
func movable(old, template *corev1.PodTemplateSpec) *corev1.PodTemplateSpec {
	same := old.DeepCopy()
	same.Labels, same.Annotations = template.Labels, template.Annotations
	same.Spec.NodeSelector, same.Spec.Tolerations = template.Spec.NodeSelector, template.Spec.Tolerations
	same.Spec.SchedulingGates = template.Spec.SchedulingGates
	if affinity := template.Spec.Affinity; affinity != nil {
		if same.Spec.Affinity == nil {
			same.Spec.Affinity = &corev1.Affinity{}
		}
		same.Spec.Affinity.NodeAffinity = affinity.NodeAffinity
	}
	for i := range same.Spec.Containers[:min(len(same.Spec.Containers), len(template.Spec.Containers))] {
		same.Spec.Containers[i].Resources = template.Spec.Containers[i].Resources
	}
	return same
}
