package story

import (
	"sort"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	storagev1 "k8s.io/api/storage/v1"
	"pgregory.net/rapid"

	"statefulsim/controller/store"
	"statefulsim/sim"
)

var drawn = []string{"primary-crash", "force-delete-split-brain async", "multi-attach-six-minutes bug", "rolling-update-partition",
	"crash-loop-back-off memory", "isolated-primary-keeps-writing bug", "isolated-primary-keeps-writing raft", "scale-down-up-stale-pvc bug", "claim-retention deleted"}

// The spans of every lane are in order, within the run, apart from each other, and each begins with its event and shows something new.
func TestSpansAreInOrder(t *testing.T) {
	for _, name := range drawn {
		rec := record(t, name)
		for _, lane := range Of(rec).Lanes {
			var before *Span
			for i := range lane.Spans {
				span := &lane.Spans[i]
				about := name + ": " + string(lane.Kind) + " " + lane.Name
				require.Less(t, span.From, span.Until, about)
				require.LessOrEqual(t, span.Until, rec.Virtual, about)
				require.Equal(t, rec.Events[span.Seq-1].At, span.From, about)
				if before != nil {
					require.LessOrEqual(t, before.Until, span.From, about)
					require.False(t, before.Until == span.From && before.likens(*span), about)
				}
				before = span
			}
		}
	}
}

// At every instant the lanes show the pods, nodes and claims that are there, as they are.
func TestLanesShowWhatIsThere(t *testing.T) {
	stories := map[string]*Story{}
	for _, name := range drawn {
		stories[name] = Of(record(t, name))
	}
	rapid.Check(t, func(t *rapid.T) {
		s := stories[rapid.SampledFrom(drawn).Draw(t, "scenario")]
		at := time.Duration(rapid.Int64Range(0, int64(s.Rec.Virtual)-1).Draw(t, "at"))
		if rapid.Bool().Draw(t, "at an event") {
			at = rapid.SampledFrom(s.Rec.Events).Draw(t, "event").At
		}
		if at < s.Rec.Virtual {
			require.Equal(t, seenAt(s.Rec, at), shownAt(s, at))
		}
	})
}

// shownAt is what the lanes of objects show at an instant.
func shownAt(s *Story, at time.Duration) map[string]string {
	shown := map[string]string{}
	for _, lane := range s.Lanes {
		for _, span := range lane.Spans {
			if span.From <= at && at < span.Until && lane.Kind != LeaderLane && lane.Kind != FaultLane && span.Text != "no power" && span.Text != "reboots" {
				shown[string(lane.Kind)+" "+lane.Name] = span.Text
			}
		}
	}
	return shown
}

// seenAt is what the frame of that instant holds, but for the nodes whose machines are down.
func seenAt(rec *sim.Recording, at time.Duration) map[string]string {
	seen := map[string]string{}
	view := rec.Frames[sort.Search(len(rec.Frames), func(i int) bool { return rec.Frames[i].At > at })-1].Store
	for pod := range store.All[*corev1.Pod](view) {
		seen["pod "+sim.DisplayName(pod.Namespace, pod.Name)] = podText(pod)
	}
	down := map[string]bool{}
	for i := range rec.Events {
		if e := &rec.Events[i]; e.Kind == "Machine" && e.At <= at {
			down[e.Name] = e.Verb != "boot"
		}
	}
	for node := range store.All[*corev1.Node](view) {
		if !down[node.Name] {
			_, seen["node "+node.Name] = nodeState(node)
		}
	}
	for claim := range store.All[*corev1.PersistentVolumeClaim](view) {
		var attachments []*storagev1.VolumeAttachment
		for a := range store.All[*storagev1.VolumeAttachment](view) {
			if *a.Spec.Source.PersistentVolumeName == claim.Spec.VolumeName {
				attachments = append(attachments, a)
			}
		}
		_, seen["volume "+sim.DisplayName(claim.Namespace, claim.Name)] = claimState(claim, attachments)
	}
	return seen
}

// Whom the lane of a leader names was a leader then, as the frames have it.
func TestLeadersAreThoseOfTheFrames(t *testing.T) {
	for _, name := range []string{"primary-crash", "isolated-primary-keeps-writing raft", "partial-partition flapping"} {
		s := Of(record(t, name))
		for i := range s.Lanes {
			if s.Lanes[i].Kind != LeaderLane {
				continue
			}
			for f := range s.Rec.Frames {
				frame := &s.Rec.Frames[f]
				leader := ledBy(frame.Raft)[s.Lanes[i].Name]
				span := s.at(&s.Lanes[i], frame.At)
				if leader == nil {
					require.Nil(t, span, "%s at %s", name, frame.At)
				} else if frame.At < s.Rec.Virtual {
					require.NotNil(t, span, "%s at %s", name, frame.At)
					require.True(t, span.State == Broken || strings.HasPrefix(span.Text, leader.Pod+" leads") && span.Term == leader.Term, "%s at %s: %s", name, frame.At, span.Text)
				}
			}
		}
	}
}
