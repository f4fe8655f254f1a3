package store

import (
	"fmt"
	"regexp"
	"strings"
	"time"
	_ "time/tzdata" // time zones are the same on every machine, as those that the API server carries

	"github.com/robfig/cron/v3"
	batchv1 "k8s.io/api/batch/v1"
	"k8s.io/apimachinery/pkg/util/validation/field"
)

// longestCronJobName leaves room in the name of a Job for the eleven characters that its minute takes.
const longestCronJobName = 52

var concurrencyPolicies = []batchv1.ConcurrencyPolicy{batchv1.AllowConcurrent, batchv1.ForbidConcurrent, batchv1.ReplaceConcurrent}

// validateCronJob checks a CronJob; old is nil for a new one.
// Source: pkg/apis/batch/validation/validation.go:ValidateCronJobCreate, validateCronJobSpec, ValidateJobTemplateSpec.
func validateCronJob(job *batchv1.CronJob, old Object, path *field.Path) field.ErrorList {
	spec := &job.Spec
	was := &batchv1.CronJobSpec{}
	if old, ok := old.(*batchv1.CronJob); ok {
		was = &old.Spec
	}
	errs := validateSchedule(spec, was, path.Child("schedule"))
	errs = append(errs, nonnegativePointer(spec.StartingDeadlineSeconds, path.Child("startingDeadlineSeconds"))...)
	if zone := spec.TimeZone; zone != nil && !same(zone, was.TimeZone) {
		errs = append(errs, validateTimeZone(*zone, path.Child("timeZone"))...)
	}
	errs = append(errs, oneOf(spec.ConcurrencyPolicy, path.Child("concurrencyPolicy"), concurrencyPolicies)...)
	template, templatePath := &spec.JobTemplate.Spec, path.Child("jobTemplate", "spec")
	errs = append(errs, validateJobSpec(template, templatePath)...)
	if template.Selector != nil {
		errs = append(errs, field.Invalid(templatePath.Child("selector"), template.Selector, "`selector` will be auto-generated"))
	}
	if manual := template.ManualSelector; manual != nil && *manual {
		errs = append(errs, field.NotSupported(templatePath.Child("manualSelector"), *manual, []string{"nil", "false"}))
	}
	errs = append(errs, nonnegativePointer(spec.SuccessfulJobsHistoryLimit, path.Child("successfulJobsHistoryLimit"))...)
	errs = append(errs, nonnegativePointer(spec.FailedJobsHistoryLimit, path.Child("failedJobsHistoryLimit"))...)
	if old == nil && len(job.Name) > longestCronJobName {
		errs = append(errs, field.Invalid(field.NewPath("metadata", "name"), job.Name, "must be no more than 52 characters"))
	}
	return errs
}

// validateSchedule checks a schedule: one with a time zone in it may stay what it is.
// Source: pkg/apis/batch/validation/validation.go:validateScheduleFormat.
func validateSchedule(spec, old *batchv1.CronJobSpec, path *field.Path) field.ErrorList {
	if spec.Schedule == "" {
		return field.ErrorList{field.Required(path, "")}
	}
	var errs field.ErrorList
	if _, err := ParseSchedule(spec.Schedule); err != nil {
		errs = append(errs, field.Invalid(path, spec.Schedule, err.Error()))
	}
	const zone = "TZ"
	switch has, had := strings.Contains(spec.Schedule, zone), strings.Contains(old.Schedule, zone); {
	case has && had && spec.TimeZone != nil:
		errs = append(errs, field.Invalid(path, spec.Schedule, "cannot use both timeZone field and TZ or CRON_TZ in schedule"))
	case has && !had:
		errs = append(errs, field.Invalid(path, spec.Schedule, "cannot use TZ or CRON_TZ in schedule, use timeZone field instead"))
	}
	return errs
}

// ParseSchedule reads a CronJob's schedule, with a time zone before it or without. Errors are those of the parser, as Kubernetes
// shows them; a zone without a schedule behind it, on which the parser panics, is one too.
// Source: pkg/util/parsers/parsers.go:ParseCronScheduleWithPanicRecovery.
func ParseSchedule(text string) (schedule cron.Schedule, err error) {
	defer func() {
		if r := recover(); r != nil {
			schedule, err = nil, fmt.Errorf("invalid schedule format: %v", r)
		}
	}()
	return cron.ParseStandard(text)
}

// zonePart is one part of a time zone's name.
var zonePart = regexp.MustCompile(`^[A-Za-z._0-9+][A-Za-z.\-_0-9+]{0,13}$`)

// Source: pkg/apis/batch/validation/validation.go:validateTimeZone.
func validateTimeZone(zone string, path *field.Path) field.ErrorList {
	if zone == "" {
		return field.ErrorList{field.Invalid(path, zone, "timeZone must be nil or non-empty string")}
	}
	for part := range strings.SplitSeq(zone, "/") {
		if part == "." || part == ".." || !zonePart.MatchString(part) {
			return field.ErrorList{field.Invalid(path, zone, "unknown time zone "+zone)}
		}
	}
	var errs field.ErrorList
	if strings.EqualFold(zone, "Local") {
		errs = append(errs, field.Invalid(path, zone, "timeZone must be an explicit time zone as defined in https://www.iana.org/time-zones"))
	}
	if _, err := time.LoadLocation(zone); err != nil {
		errs = append(errs, field.Invalid(path, zone, err.Error()))
	}
	return errs
}
