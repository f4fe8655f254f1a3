package battery

import (
	"fmt"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/labels"

	"statefulsim/scenarios"
	"statefulsim/scenarios/words"
)

const (
	roleLabel = "role" // by which the simulated databases tell who leads
	primary   = "primary"
	replica   = "replica"
)

// guessed is what runs in a set one of whose Services asks for a primary: the kind that promises the least.
const guessed = "replicated,replication=async"

// kindOf is the kind of a process in the words of --runs.
func kindOf(runs string) string {
	kind, _, _ := strings.Cut(runs, ",")
	return kind
}

// processes finds out what runs in the sets: what was said, or else what their Services suggest. It returns lines of a scenario.
func (st *stage) processes(said []string) (lines []string, err error) {
	bySet := map[string]string{}
	for _, text := range said {
		name, runs, _ := strings.Cut(text, "=")
		if err := st.known(text, name, runs); err != nil {
			return nil, err
		}
		bySet[name] = runs
	}
	for i := range st.sets {
		s := &st.sets[i]
		switch runs, is := bySet[s.Name]; {
		case is:
			s.runs = runs
		case st.wantsPrimary(s) != "":
			s.runs = guessed
			st.assume("%s runs a database with asynchronous replicas, because the Service %s asks for role=primary (if it is another: --runs %s=raft)",
				s.Name, st.wantsPrimary(s), s.Name)
		default:
			st.assume("%s runs servers that know nothing of each other, and keep nothing (if they do: --runs %s=raft, or =replicated)", s.Name, s.Name)
		}
		if s.runs != scenarios.Plain {
			lines = append(lines, fmt.Sprintf("%q: %s", s.Name, process(s.runs)))
		}
	}
	return lines, nil
}

// known finds what is wrong with a text of --runs.
func (st *stage) known(text, name, runs string) error {
	names := make([]string, len(st.sets))
	for i := range st.sets {
		names[i] = st.sets[i].Name
		if names[i] == name {
			kinds := []string{scenarios.Plain, scenarios.Raft, scenarios.Replicated}
			for _, kind := range kinds {
				if kindOf(runs) == kind {
					return nil
				}
			}
			return fmt.Errorf("--runs %s: %q is nothing that can run: %s", text, kindOf(runs), words.DidYouMean(kindOf(runs), kinds))
		}
	}
	return fmt.Errorf("--runs %s: there is no StatefulSet %q: %s", text, name, words.DidYouMean(name, names))
}

// process writes "replicated,replication=async" as a scenario does.
func process(runs string) string {
	kind, settings, _ := strings.Cut(runs, ",")
	written := "{process: " + kind
	for setting := range strings.SplitSeq(settings, ",") {
		if key, value, found := strings.Cut(setting, "="); found {
			written += ", " + key + ": " + value
		} else if setting != "" {
			written += ", " + setting
		}
	}
	return written + "}"
}

// wantsPrimary names a Service that only the primary of the set can serve; "" if there is none.
func (st *stage) wantsPrimary(s *set) string {
	for _, m := range st.objects {
		if service, is := m.Object.(*corev1.Service); is && service.Namespace == s.Namespace && selects(service, s, primary) && !selects(service, s, "") {
			return service.Name
		}
	}
	return ""
}

// selects tells whether a Service selects a pod of the set that has the role; "" is a pod without any.
func selects(service *corev1.Service, s *set, role string) bool {
	if len(service.Spec.Selector) == 0 || service.Namespace != s.Namespace {
		return false
	}
	pod := labels.Set(s.Spec.Template.Labels)
	if role != "" {
		pod = labels.Merge(pod, labels.Set{roleLabel: role})
	}
	return labels.SelectorFromSet(service.Spec.Selector).Matches(pod)
}
