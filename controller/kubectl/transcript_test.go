package kubectl_test

import (
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/goccy/go-yaml"
	"github.com/rogpeppe/go-internal/txtar"
	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"statefulsim/controller/disruption"
	"statefulsim/controller/garbagecollector"
	"statefulsim/controller/internal/rig"
	"statefulsim/controller/kubectl"
	"statefulsim/controller/statefulset/reconcile"
	"statefulsim/controller/store"
	words "statefulsim/scenarios/kubectl"
)

// TestTranscripts runs the scripts of testdata: each archive has manifests, a script, and all that is printed, with its instant.
//
//	$ COMMAND     runs a command until it ends, or for ten minutes at most
//	& COMMAND     begins a command and goes on
//	^C            breaks the latest off
//	after 10s     lets time pass
//	lag 50ms      delays watches by so much
//	ended POD     a pod whose containers have ended
//	stuck POD     a pod that will never end when it is told to
//	fail POD      a pod that will not become ready
//	mend POD      a pod that will end, and become ready, as others do
func TestTranscripts(t *testing.T) {
	archives, err := filepath.Glob("testdata/*.txtar")
	require.NoError(t, err)
	require.NotEmpty(t, archives)
	for _, name := range archives {
		t.Run(strings.TrimSuffix(filepath.Base(name), ".txtar"), func(t *testing.T) {
			archive, err := txtar.ParseFile(name)
			require.NoError(t, err)
			s := newSession(t, archive)
			for line := range strings.Lines(s.files["script"]) {
				s.play(strings.TrimSpace(line))
			}
			got := s.transcript()
			if flag.Lookup("update").Value.String() == "true" {
				rewrite(t, name, archive, got)
				return
			}
			require.Equal(t, s.files["want"], got)
		})
	}
}

// transcript is what stands on the terminal. What the controllers tell is left out.
func (s *session) transcript() string {
	var b strings.Builder
	for line := range strings.Lines(s.rig.Transcript()) {
		if !strings.Contains(line, "s  Normal ") && !strings.Contains(line, "s  error of ") {
			b.WriteString(line)
		}
	}
	return b.String()
}

func rewrite(t *testing.T, name string, archive *txtar.Archive, want string) {
	kept := archive.Files[:0]
	for _, f := range archive.Files {
		if f.Name != "want" {
			kept = append(kept, f)
		}
	}
	archive.Files = append(kept, txtar.File{Name: "want", Data: []byte(want)})
	require.NoError(t, os.WriteFile(name, txtar.Format(archive), 0o644))
}

// session is a cluster with somebody at a terminal.
type session struct {
	t       *testing.T
	rig     *rig.Rig
	kubelet *hands
	shell   *shell
	files   map[string]string
}

func newSession(t *testing.T, archive *txtar.Archive) *session {
	s := &session{t: t, kubelet: newHands(), shell: &shell{}, files: map[string]string{}}
	for _, f := range archive.Files {
		s.files[f.Name] = string(f.Data)
	}
	s.rig = rig.New(reconcile.New(reconcile.DefaultGates()), disruption.New(), garbagecollector.New(), s.kubelet, s.shell)
	for _, name := range []string{"node-a", "node-b", "node-c"} {
		s.rig.Create(t, newNode(name))
	}
	s.rig.Create(t, &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: "typist"}}) // a change of it lets a command begin
	s.rig.Advance(0)
	return s
}

func (s *session) play(line string) {
	verb, rest, _ := strings.Cut(line, " ")
	switch verb {
	case "", "#":
	case "$":
		command := s.start(rest)
		for i := 0; s.shell.runs(command) && i < 600; i++ {
			s.rig.Advance(time.Second)
		}
		if s.shell.runs(command) {
			s.play("^C")
		}
	case "&":
		s.start(rest)
		s.rig.Advance(0)
	case "^C":
		require.NotEmpty(s.t, s.shell.running, "nothing runs")
		s.rig.Note("^C")
		s.shell.running = s.shell.running[:len(s.shell.running)-1]
	case "after":
		s.rig.Advance(s.duration(rest))
	case "lag":
		s.rig.Lag = s.duration(rest)
	case "stuck":
		s.kubelet.stuck[rest] = true
	case "fail":
		s.kubelet.failing[rest] = true
	case "mend":
		delete(s.kubelet.stuck, rest)
		delete(s.kubelet.failing, rest)
		rig.Change(s.t, s.rig, "default", rest, func(pod *corev1.Pod) { metav1.SetMetaDataAnnotation(&pod.ObjectMeta, "mended", s.rig.Now().String()) })
	case "ended":
		rig.Change(s.t, s.rig, "default", rest, func(pod *corev1.Pod) { pod.Status.Phase = corev1.PodSucceeded })
	default:
		s.t.Fatalf("%q is no line of a script", line)
	}
}

func (s *session) duration(text string) time.Duration {
	d, err := time.ParseDuration(text)
	require.NoError(s.t, err)
	return d
}

// start begins a command. A change of an object is what lets it proceed for the first time.
func (s *session) start(line string) *running {
	command, err := words.Parse(line)
	require.NoError(s.t, err, line)
	s.rig.Note("$ kubectl " + line)
	r := &running{print: func(line string) { s.rig.Note("  " + line) }}
	r.process = kubectl.Start(command, kubectl.Terminal{Namespace: "default", Files: s.objects, Print: r.print})
	s.shell.proceed(r, s.rig.API())
	rig.Change(s.t, s.rig, "", "typist", func(n *corev1.Namespace) {
		metav1.SetMetaDataAnnotation(&n.ObjectMeta, "types", line+s.rig.Now().String())
	})
	return r
}

// objects reads a manifest of the archive.
func (s *session) objects(name string) (objects []store.Object) {
	text, is := s.files[name]
	require.True(s.t, is, "no file %s", name)
	for doc := range strings.SplitSeq(text, "---\n") {
		var head struct{ APIVersion, Kind string }
		require.NoError(s.t, yaml.Unmarshal([]byte(doc), &head))
		obj := empty(s.t, head.Kind)
		content, err := yaml.YAMLToJSON([]byte(doc))
		require.NoError(s.t, err)
		require.NoError(s.t, json.Unmarshal(content, obj))
		if store.KindOf(obj).Namespaced() && obj.GetNamespace() == "" {
			obj.SetNamespace("default")
		}
		objects = append(objects, obj)
	}
	return objects
}

// shell runs commands in the rig, as one of its components.
type shell struct{ running []*running }

// running is a command at work.
type running struct {
	process kubectl.Process
	print   func(string)
}

var shellKey = store.Key{Name: "shell"}

// Keys tells the commands of a change.
func (s *shell) Keys(change store.Change, _ *store.View) []store.Key {
	for _, r := range s.running {
		r.process.Hear(change)
	}
	return []store.Key{shellKey}
}

// Reconcile lets the commands proceed.
func (s *shell) Reconcile(_ store.Key, _ *store.View, api *store.Client) (soonest time.Duration, _ error) {
	for _, r := range slices.Clone(s.running) {
		if again := s.proceed(r, api); again > 0 && (soonest == 0 || again < soonest) {
			soonest = again
		}
	}
	return soonest, nil
}

func (s *shell) proceed(r *running, api *store.Client) time.Duration {
	if !s.runs(r) {
		s.running = append(s.running, r)
	}
	again, done, err := r.process.Proceed(api)
	if err != nil {
		for line := range strings.SplitSeq(err.Error(), "\n") {
			r.print(line)
		}
	}
	if done {
		s.running = slices.DeleteFunc(s.running, func(o *running) bool { return o == r })
		return 0
	}
	return again
}

func (s *shell) runs(r *running) bool { return slices.Contains(s.running, r) }
