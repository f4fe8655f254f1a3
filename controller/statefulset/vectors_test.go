package statefulset

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"testing"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

var vectors = flag.String("vectors", "testdata", "directory of recorded syncs, *.jsonl.gz; seen from here or from the module's root")

// TestVectors replays recorded syncs of Kubernetes' own controller, each by itself. What it ends with is shown if it fails,
// with -v, and when the package is tested from within its directory: of a test that passes elsewhere, go shows nothing.
func TestVectors(t *testing.T) {
	syncs, differences := 0, 0
	for _, file := range recordings(t) {
		eachLine(t, file, func(line []byte) {
			syncs++
			want, got := replay(t, line)
			if reflect.DeepEqual(want, got) {
				return
			}
			if differences++; differences == 1 {
				t.Errorf("the first difference is in %s:\n%s\nwant %s\ngot  %s", file, line, asJSON(t, want), asJSON(t, got))
			}
		})
	}
	if syncs == 0 {
		t.Error("nothing was replayed")
	}
	summary := fmt.Sprintf("%d syncs replayed, %d differences", syncs, differences)
	if t.Failed() {
		t.Log(summary) // after the difference, which is shown only when the test is over
	} else {
		fmt.Println(summary)
	}
}

// recordings returns the files to replay. A test runs in the directory of its package, wherever it was started.
func recordings(t *testing.T) []string {
	for _, dir := range []string{*vectors, filepath.Join("..", "..", *vectors)} {
		if files, err := filepath.Glob(filepath.Join(dir, "*.jsonl.gz")); err == nil && len(files) > 0 {
			return files
		}
	}
	if _, err := os.Stat(*vectors); err != nil {
		t.Fatal(err)
	}
	t.Fatalf("no *.jsonl.gz in %s", *vectors)
	return nil
}

func eachLine(t *testing.T, file string, do func(line []byte)) {
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	unpacked, err := gzip.NewReader(f)
	if err != nil {
		t.Fatalf("%s: %v", file, err)
	}
	lines := bufio.NewReader(unpacked)
	for {
		line, err := lines.ReadBytes('\n')
		if err != nil && err != io.EOF {
			t.Fatalf("%s: %v", file, err)
		}
		if line = bytes.TrimSpace(line); len(line) > 0 {
			do(line)
		}
		if err == io.EOF {
			return
		}
	}
}

func asJSON(t *testing.T, v any) []byte {
	data, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// replay decides one recorded sync and returns what was recorded and what came out, in comparable form.
func replay(t *testing.T, line []byte) (want, got vectorOut) {
	var v vector
	if err := json.Unmarshal(line, &v); err != nil {
		t.Fatalf("%v in %s", err, line)
	}
	input := v.In.input()
	server := newVectorServer(&input, v.Faults)
	server.lastID = v.In.NextID
	outcome := Decide(input, server.apply)
	got = vectorOut{Actions: server.actions, Failed: outcome.Err != nil, RequeueAfter: -1}
	for _, event := range outcome.Events {
		got.Events = append(got.Events, event.Type+" "+event.Reason)
	}
	slices.Sort(got.Events)
	if outcome.Err == nil {
		got.Status = statusOf(&outcome.Status)
		if outcome.Again > 0 {
			got.RequeueAfter = outcome.Again.Seconds()
		}
	}
	want = v.Out
	want.Failed, want.Errors = len(want.Errors) > 0, nil
	if v.In.Set.Policy == string(appsv1.ParallelPodManagement) {
		want.Actions, got.Actions = byActionOrdinal(want.Actions), byActionOrdinal(got.Actions)
	}
	return want, got
}

// byActionOrdinal puts what is done to pods and claims in the order of ordinals: the order among ordinals is left to chance
// under Parallel, and the recording was put in this one.
func byActionOrdinal(actions []vectorAction) []vectorAction {
	slices.SortStableFunc(actions, func(a, b vectorAction) int {
		if !a.ordered() || !b.ordered() {
			return 0
		}
		_, i := ParentAndOrdinal(a.Name)
		_, j := ParentAndOrdinal(b.Name)
		return i - j
	})
	return actions
}

func (a vectorAction) ordered() bool { return a.Kind == "Pod" || a.Kind == "PersistentVolumeClaim" }

func statusOf(status *appsv1.StatefulSetStatus) *vectorStatus {
	return &vectorStatus{
		status.ObservedGeneration, status.Replicas, status.ReadyReplicas, status.AvailableReplicas, status.CurrentReplicas,
		status.UpdatedReplicas, status.CurrentRevision, status.UpdateRevision, status.CollisionCount,
	}
}

func at(seconds int64) metav1.Time { return metav1.NewTime(time.Unix(seconds, 0)) }
