package kubectl

import (
	"bufio"
	"compress/gzip"
	"encoding/json"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	appsv1 "k8s.io/api/apps/v1"
	batchv1 "k8s.io/api/batch/v1"
	coordinationv1 "k8s.io/api/coordination/v1"
	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	policyv1 "k8s.io/api/policy/v1"
	storagev1 "k8s.io/api/storage/v1"

	"statefulsim/controller/store"
)

// emptied makes an object of each kind that can be shown.
var emptied = map[string]func() store.Object{
	"Pod":                   func() store.Object { return &corev1.Pod{} },
	"StatefulSet":           func() store.Object { return &appsv1.StatefulSet{} },
	"ControllerRevision":    func() store.Object { return &appsv1.ControllerRevision{} },
	"PodDisruptionBudget":   func() store.Object { return &policyv1.PodDisruptionBudget{} },
	"Node":                  func() store.Object { return &corev1.Node{} },
	"Namespace":             func() store.Object { return &corev1.Namespace{} },
	"Lease":                 func() store.Object { return &coordinationv1.Lease{} },
	"ConfigMap":             func() store.Object { return &corev1.ConfigMap{} },
	"Secret":                func() store.Object { return &corev1.Secret{} },
	"ServiceAccount":        func() store.Object { return &corev1.ServiceAccount{} },
	"PersistentVolumeClaim": func() store.Object { return &corev1.PersistentVolumeClaim{} },
	"PersistentVolume":      func() store.Object { return &corev1.PersistentVolume{} },
	"StorageClass":          func() store.Object { return &storagev1.StorageClass{} },
	"VolumeAttachment":      func() store.Object { return &storagev1.VolumeAttachment{} },
	"Service":               func() store.Object { return &corev1.Service{} },
	"EndpointSlice":         func() store.Object { return &discoveryv1.EndpointSlice{} },
	"CronJob":               func() store.Object { return &batchv1.CronJob{} },
	"Job":                   func() store.Object { return &batchv1.Job{} },
}

// TestRowsAreTheServers holds the cells of made-up objects beside those that the API server's own printers make of them.
// Recorded with: cd conformance && go run ./rows -o ../controller/kubectl/testdata/rows.jsonl.gz
func TestRowsAreTheServers(t *testing.T) {
	file, err := os.Open("testdata/rows.jsonl.gz")
	require.NoError(t, err)
	defer file.Close()
	unzipped, err := gzip.NewReader(file)
	require.NoError(t, err)
	seen := map[string]bool{}
	for lines := bufio.NewScanner(unzipped); lines.Scan(); {
		var row struct {
			Kind           string
			Now            time.Time
			Object         json.RawMessage
			Columns, Cells []string
		}
		require.NoError(t, json.Unmarshal(lines.Bytes(), &row))
		obj := emptied[row.Kind]()
		require.NoError(t, json.Unmarshal(row.Object, obj))
		if !seen[row.Kind] {
			requireColumns(t, row.Columns, shown[row.Kind])
		}
		seen[row.Kind] = true
		require.Equal(t, row.Cells, shown[row.Kind].cells(obj, row.Now), "%s", lines.Text())
	}
	require.Len(t, seen, len(shown))
}

// requireColumns expects the titles of some columns; those that only -o wide shows are recorded with a star.
func requireColumns(t *testing.T, recorded []string, have columns) {
	var titles []string
	wide := 0
	for _, name := range recorded {
		title, star := strings.CutSuffix(strings.ToUpper(name), "*")
		titles = append(titles, title)
		if star {
			wide++
		}
	}
	require.Equal(t, titles, have.titles)
	require.Equal(t, wide, have.wide)
}
