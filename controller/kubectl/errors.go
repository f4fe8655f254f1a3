package kubectl

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	utilerrors "k8s.io/apimachinery/pkg/util/errors"

	"statefulsim/controller/store"
)

// printed is an error in the words that kubectl prints for it.
type printed struct {
	text  string
	cause error
}

func (p printed) Error() string { return p.text }

func (p printed) Unwrap() error { return p.cause }

// worded gives an error the words that kubectl has for it on the terminal: one alone says who refused, and of several each has
// a line.
// Source: k8s.io/kubectl pkg/cmd/util/helpers.go:checkErr.
func worded(err error) error {
	if err == nil {
		return nil
	}
	all := flattened(err)
	if len(all) == 1 {
		return printed{alone(all[0]), err}
	}
	lines := make([]string, len(all))
	for i, one := range all {
		lines[i] = oneOfSeveral(one)
	}
	return printed{strings.Join(lines, "\n"), err}
}

// flattened takes joined errors apart.
func flattened(err error) (all []error) {
	several, is := err.(interface{ Unwrap() []error })
	if !is {
		return []error{err}
	}
	for _, one := range several.Unwrap() {
		all = append(all, flattened(one)...)
	}
	return all
}

// inBrackets writes errors in one line, as k8s.io/apimachinery's Aggregate does.
func inBrackets(err error) string { return utilerrors.NewAggregate(flattened(err)).Error() }

func alone(err error) string {
	status, is := err.(apierrors.APIStatus)
	switch {
	case is && status.Status().Reason == metav1.StatusReasonInvalid:
		return invalid(status.Status())
	case is || strings.HasPrefix(err.Error(), "error: "):
		return oneOfSeveral(err)
	}
	return "error: " + err.Error()
}

// oneOfSeveral is the standard form of an error.
// Source: k8s.io/kubectl pkg/cmd/util/helpers.go:messageForError, StandardErrorMessage.
func oneOfSeveral(err error) string {
	status, is := err.(apierrors.APIStatus)
	switch {
	case !is:
		return err.Error()
	case status.Status().Reason != "":
		return fmt.Sprintf("Error from server (%s): %s", status.Status().Reason, err)
	}
	return "Error from server: " + err.Error()
}

// invalid lists what the API server found wrong with an object.
// Source: k8s.io/kubectl pkg/cmd/util/helpers.go:checkErr, statusCausesToAggrError, MultilineError.
func invalid(status metav1.Status) string {
	text, details := "The request is invalid", status.Details
	switch {
	case details == nil:
		return text + ": " + status.Message
	case details.Kind != "" || details.Name != "":
		text = fmt.Sprintf("The %s %q is invalid", details.Kind, details.Name)
	case status.Message != "" && len(details.Causes) == 0:
		text += ": " + status.Message
	}
	var causes []string
	for _, cause := range details.Causes {
		if line := cause.Field + ": " + cause.Message; !slices.Contains(causes, line) {
			causes = append(causes, line)
		}
	}
	switch len(causes) {
	case 0:
		return text
	case 1:
		return text + ": " + causes[0]
	}
	return text + ": \n* " + strings.Join(causes, "\n* ")
}

// whileDoing says in an error what was done with the object of a file.
// Source: k8s.io/kubectl pkg/cmd/util/helpers.go:AddSourceToErr.
func whileDoing(what, file string, err error) error {
	if err == nil || file == "" {
		return err
	}
	status, is := err.(apierrors.APIStatus)
	if !is {
		return fmt.Errorf("error when %s %q: %v", what, file, err)
	}
	told := status.Status()
	told.Message = fmt.Sprintf("error when %s %q: %s", what, file, told.Message)
	return &apierrors.StatusError{ErrStatus: told}
}

// Unreachable is how every command ends while nobody listens at the API server's address.
// Source: k8s.io/kubectl pkg/cmd/util/helpers.go:StandardErrorMessage.
func Unreachable(server string) error {
	return printed{"The connection to the server " + server + " was refused - did you specify the right host or port?", nil}
}

func notFound(kind store.Kind, name string) error {
	return apierrors.NewNotFound(kind.GroupResource(), name)
}

// errTimeout is how a wait of kubectl ends that takes too long.
// Source: k8s.io/apimachinery pkg/util/wait/error.go.
var errTimeout = errors.New("timed out waiting for the condition")
