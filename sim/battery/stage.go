package battery

import (
	"fmt"
	"io/fs"
	"path"
	"strconv"
	"strings"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/intstr"

	"statefulsim/scenarios"
	"statefulsim/sim"
)

// stage is the scenario on which every drill takes place: a cluster, the manifests, what runs, and clients.
type stage struct {
	fsys     fs.FS
	file     string // the name under which the scenario is read; there is no such file
	text     string // the scenario without what differs between the drills
	objects  []scenarios.Manifest
	sets     []set
	clients  []client
	assumed  []string
	warnings []scenarios.Problem
}

// set is a StatefulSet of the manifests.
type set struct {
	*appsv1.StatefulSet
	manifest scenarios.Manifest
	replicas int    // in the drills
	runs     string // in the words of a scenario: "raft"
	served   bool   // it has a client
}

// mostReplicas is how many pods of a set take part in the drills. What can go wrong with more goes wrong with these.
const mostReplicas = 9

func newStage(fsys fs.FS, file string, manifests []string, o Options) (*stage, error) {
	st := &stage{fsys: fsys, file: file}
	listed := make([]string, len(manifests))
	for i, m := range manifests {
		listed[i] = strconv.Quote(m)
	}
	s, err := scenarios.Parse(file, []byte("for: 1m\nmanifests: ["+strings.Join(listed, ", ")+"]\n"), fsys)
	if err != nil {
		return nil, err
	}
	if problems := sim.Validate(s); len(problems) > 0 {
		return nil, problems
	}
	st.objects, st.warnings = s.Objects, s.Warnings
	if err := st.takeSets(path.Join(path.Dir(file), manifests[0])); err != nil {
		return nil, err
	}
	processes, err := st.processes(o.Runs)
	if err != nil {
		return nil, err
	}
	st.takeClients()
	st.text = st.written(listed, processes, o)
	return st, nil
}

// takeSets finds the sets; the first manifest is where one is missed.
func (st *stage) takeSets(first string) error {
	pods := 0
	for _, m := range st.objects {
		object, is := m.Object.(*appsv1.StatefulSet)
		if !is {
			continue
		}
		replicas := wanted(object)
		if replicas > mostReplicas {
			st.assume("%s has %d replicas; %d of them take part in the drills", object.Name, replicas, mostReplicas)
		}
		st.sets = append(st.sets, set{StatefulSet: object, manifest: m, replicas: min(replicas, mostReplicas), runs: scenarios.Plain})
		pods += replicas
	}
	at := scenarios.Pos{File: first}
	switch {
	case len(st.sets) == 0:
		return scenarios.Problems{{Pos: at, What: "there is no StatefulSet in what was named", Cure: "name the file that has it, too"}}
	case pods == 0:
		return scenarios.Problems{st.sets[0].manifest.Problem("spec.replicas", "no StatefulSet has any replicas, so there is nothing to break", "replicas: 3")}
	}
	return nil
}

func (st *stage) assume(format string, args ...any) {
	st.assumed = append(st.assumed, fmt.Sprintf(format, args...))
}

// wanted is how many replicas a set has; its default is 1 (pkg/apis/apps/v1/defaults.go:SetDefaults_StatefulSet).
func wanted(s *appsv1.StatefulSet) int {
	if s.Spec.Replicas == nil {
		return 1
	}
	return int(*s.Spec.Replicas)
}

// pod is the name of the i-th pod of a set.
func (s *set) pod(i int) string {
	first := 0
	if s.Spec.Ordinals != nil {
		first = int(s.Spec.Ordinals.Start)
	}
	return fmt.Sprintf("%s-%d", s.Name, first+i)
}

// leads tells whether one of the set's pods leads the others.
func (s *set) leads() bool { return kindOf(s.runs) != scenarios.Plain }

// display is a name with its namespace in front, unless that is the one that everybody is in.
func display(namespace, name string) string {
	if namespace == corev1.NamespaceDefault || namespace == "" {
		return name
	}
	return namespace + "/" + name
}

// scenario is the one of a run.
func (st *stage) scenario(r *run) (*scenarios.Scenario, error) {
	text := st.text
	if len(r.steps) > 0 {
		text += "steps:\n  - " + strings.Join(r.steps, "\n  - ") + "\n"
	}
	s, err := scenarios.Parse(st.file, []byte(text), st.fsys)
	if err != nil {
		return nil, fmt.Errorf("drill %s: %w", r.drill.ID, err)
	}
	cut(s.Objects)
	s.Name, s.Recovers = "check", r.patience
	s.For = r.at + r.length + r.patience + time.Second
	return s, nil
}

// cut makes large sets smaller, and leaves the budgets of their pods as many disruptions as they allow the whole sets.
func cut(objects []scenarios.Manifest) {
	for _, m := range objects {
		object, is := m.Object.(*appsv1.StatefulSet)
		if !is || wanted(object) <= mostReplicas {
			continue
		}
		for _, b := range budgetsOf(object, objects) {
			if least := b.Spec.MinAvailable; least != nil && least.Type == intstr.Int {
				least.IntVal = max(mostReplicas-max(int32(wanted(object))-least.IntVal, 0), 0)
			}
		}
		*object.Spec.Replicas = mostReplicas
	}
}

// patience is how long after its last fault a world may take until all is well. A rollout goes through all pods, one after the other.
func (st *stage) patience() time.Duration {
	patience := 5 * time.Minute
	for i := range st.sets {
		s := &st.sets[i]
		each := 30*time.Second + time.Duration(s.Spec.MinReadySeconds)*time.Second
		if c := mainContainer(s); c != nil && c.ReadinessProbe != nil {
			each += time.Duration(c.ReadinessProbe.InitialDelaySeconds) * time.Second
		}
		patience += min(time.Duration(s.replicas)*each, 12*time.Hour)
	}
	return patience
}

// mainContainer is the one that serves the pod's address; nil if there is none.
func mainContainer(s *set) *corev1.Container {
	if containers := s.Spec.Template.Spec.Containers; len(containers) > 0 {
		return &containers[0]
	}
	return nil
}
