package kubectl

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	storagev1 "k8s.io/api/storage/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"statefulsim/controller/store"
	"statefulsim/scenarios/kubectl"
)

// shownBy runs a command and returns what it prints.
func shownBy(t *testing.T, api *store.Client, line string) (lines []string) {
	command, err := kubectl.Parse(line)
	require.NoError(t, err)
	_, _, err = Start(command, Terminal{Namespace: "default", Print: func(line string) { lines = append(lines, line) }}).Proceed(api)
	require.NoError(t, err)
	return lines
}

// TestDefaultStorageClass: of three classes that claim to be the default the two latest are equally old.
func TestDefaultStorageClass(t *testing.T) {
	s := store.New()
	for i, name := range []string{"a", "c", "b", "d"} {
		class := &storagev1.StorageClass{ObjectMeta: metav1.ObjectMeta{Name: name}, Provisioner: "csi.example.com"}
		if name != "d" {
			class.Annotations = map[string]string{"storageclass.kubernetes.io/is-default-class": "true"}
		}
		_, err := s.At(noon.Add(time.Duration(min(i, 1))*time.Minute), nil).Create(class)
		require.NoError(t, err)
	}
	api := s.At(noon.Add(2*time.Minute), nil)
	require.Equal(t, []string{
		"NAME          PROVISIONER       RECLAIMPOLICY   VOLUMEBINDINGMODE   ALLOWVOLUMEEXPANSION   AGE",
		"a             csi.example.com   Delete          Immediate           false                  2m",
		"b (default)   csi.example.com   Delete          Immediate           false                  60s",
		"c             csi.example.com   Delete          Immediate           false                  60s",
		"d             csi.example.com   Delete          Immediate           false                  60s",
	}, shownBy(t, api, "get sc"))
	require.Equal(t, []string{"b     csi.example.com   Delete   Immediate   false   60s"}, shownBy(t, api, "get sc b --no-headers"))
}

// TestOrderOfNamespaces: the API server's keys have a slash between a namespace and a name, and a dash comes before a slash.
func TestOrderOfNamespaces(t *testing.T) {
	s := store.New()
	for _, namespace := range []string{"team", "team-b", "default"} {
		_, err := s.At(noon, nil).Create(&corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: "conf"}})
		require.NoError(t, err)
	}
	require.Equal(t, []string{
		"NAMESPACE   NAME   DATA   AGE",
		"default     conf   0      0s",
		"team-b      conf   0      0s",
		"team        conf   0      0s",
	}, shownBy(t, s.At(noon, nil), "get cm -A"))
}

// TestDocumentIsTheObject: a document has what the object's own JSON has, and says what kind it is.
func TestDocumentIsTheObject(t *testing.T) {
	pod := written(t, `{containers: [{name: a, resources: {limits: {memory: 64Mi}}}], terminationGracePeriodSeconds: 0}`, `{phase: Running}`)
	pod.CreationTimestamp = metav1.NewTime(noon)
	content, err := document(pod)
	require.NoError(t, err)
	text, err := asJSON(content)
	require.NoError(t, err)
	require.Equal(t, `{
    "apiVersion": "v1",
    "kind": "Pod",
    "metadata": {
        "creationTimestamp": "2030-01-01T12:00:00Z",
        "name": "web-0"
    },
    "spec": {
        "containers": [
            {
                "name": "a",
                "resources": {
                    "limits": {
                        "memory": "64Mi"
                    }
                }
            }
        ],
        "terminationGracePeriodSeconds": 0
    },
    "status": {
        "phase": "Running"
    }
}
`, text)
}
