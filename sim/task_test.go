package sim

import (
	"testing"

	"github.com/stretchr/testify/require"

	"statefulsim/scenarios"
)

// A container of a Job ends by itself with exit code 0; one that is stopped before has failed, and its Job makes another pod.
func TestTasksEnd(t *testing.T) {
	s, err := scenarios.Parse("task.yaml", []byte(`title: Tasks
for: 3m
cluster: {zones: [zone-a]}
manifests:
  - apiVersion: batch/v1
    kind: Job
    metadata: {name: backup}
    spec:
      template:
        metadata: {labels: {app: backup}}
        spec:
          restartPolicy: Never
          containers: [{name: dump, image: "mysql:8.4"}]
latencies: {jobRun: 40s, imagePull: 1s}
steps:
  - {at: 20s, kubectl: delete pod -l app=backup}
expect:
  - {at: 19s, that: 'job.backup.active == 1 && pods.all(p, p.phase == "Running")'}
  - {eventually: job.backup.failed == 1, by: 25s}
  - {at: 60s, that: '!job.backup.complete'}
  - {finally: 'job.backup.complete && job.backup.succeeded == 1 && pods.all(p, p.phase == "Succeeded" && p.restarts == 0)'}
`), nil)
	require.NoError(t, err)
	rec, err := Run(t.Context(), s, Options{Seed: 1})
	require.NoError(t, err)
	require.Empty(t, said(rec))
	require.Empty(t, rec.Violations)
}
