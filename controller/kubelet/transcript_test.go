package kubelet

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
)

var update = flag.Bool("update", false, "rewrite the transcripts in testdata")

func (w *world) say(format string, args ...any) {
	if !w.quiet {
		w.lines = append(w.lines, fmt.Sprintf("%10.3f  ", w.now.Sub(epoch).Seconds())+fmt.Sprintf(format, args...))
	}
}

func (w *world) sayPod(pod *corev1.Pod) {
	if line := podLine(pod); !w.quiet && line != w.before {
		w.before = line
		w.say("status %s", line)
	}
}

func podLine(pod *corev1.Pod) string {
	parts := []string{string(pod.Status.Phase)}
	for _, c := range pod.Status.Conditions {
		if c.Status == corev1.ConditionTrue && c.Type != corev1.PodScheduled {
			parts = append(parts, string(c.Type))
		}
	}
	for _, c := range slices.Concat(pod.Status.InitContainerStatuses, pod.Status.ContainerStatuses) {
		parts = append(parts, "|", containerLine(c))
	}
	return strings.Join(parts, " ")
}

func containerLine(c corev1.ContainerStatus) string {
	line := c.Name + " "
	switch s := c.State; {
	case s.Waiting != nil:
		line += s.Waiting.Reason
	case s.Running != nil:
		line += "running"
	default:
		line += fmt.Sprintf("%s(%d)", s.Terminated.Reason, s.Terminated.ExitCode)
	}
	if c.LastTerminationState.Terminated != nil {
		line += fmt.Sprintf(" last=%s(%d)", c.LastTerminationState.Terminated.Reason, c.LastTerminationState.Terminated.ExitCode)
	}
	if c.Ready {
		line += " ready"
	}
	if c.RestartCount > 0 {
		line += fmt.Sprintf(" restarts=%d", c.RestartCount)
	}
	return line
}

func nodeLine(status corev1.NodeStatus) string {
	return fmt.Sprintf("Ready=%s inUse=%v", findNode(status.Conditions, corev1.NodeReady).Status, status.VolumesInUse)
}

// golden compares the transcript with testdata/NAME.txt, or writes it there.
func (w *world) golden(t *testing.T, name string) {
	t.Helper()
	file := filepath.Join("testdata", name+".txt")
	got := strings.Join(w.lines, "\n") + "\n"
	if *update {
		require.NoError(t, os.WriteFile(file, []byte(got), 0o644))
	}
	want, err := os.ReadFile(file)
	require.NoError(t, err)
	require.Equal(t, string(want), got)
}

// seconds64 is when a line was told.
func seconds64(line string) float64 {
	at, err := strconv.ParseFloat(strings.TrimSpace(line[:10]), 64)
	if err != nil {
		panic(err)
	}
	return at
}
