package tui

import (
	"flag"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/charmbracelet/x/ansi"
	"github.com/stretchr/testify/require"

	"statefulsim/sim/story"
	"statefulsim/sim/why"
)

// update tells whether golden files are to be written anew. The flag comes with teatest.
func update() bool { return flag.Lookup("update").Value.String() == "true" }

type painter func(v *view, width, height int) drawing

var panesByName = []struct {
	name string
	draw painter
}{{"cluster", drawCluster}, {"raft", drawRaft}, {"clients", drawClients}, {"inspector", drawInspector}}

// seenAt is a view of a story at an instant.
func seenAt(s *story.Story, at time.Duration, selected thing) *view {
	scene := s.At(at)
	return &view{story: s, scene: scene, at: at, seq: scene.Seq, selected: selected, theme: newTheme(true, true), memo: &memo{}}
}

// The panes at instants that people look at, in three sizes, as text without colours.
func TestDrawings(t *testing.T) {
	for _, c := range []struct {
		scenario, variant string
		at                []shot
	}{
		{"primary-crash", "", []shot{{61, thing{"pod", "mysql-0"}}, {62.5, thing{}}, {120, thing{"statefulset", "mysql"}}}},
		{"partial-partition", "held", []shot{{71.6, thing{"fault", "pause"}}, {85, thing{"service", "mysql-primary"}}}},
		{"rolling-update-partition", "", []shot{{90, thing{"pod", "mysql-1"}}, {160, thing{"client", "writer"}}}},
		{"async-failover-loses-acks", "bug", []shot{{67, thing{"pod", "mysql-0"}}, {130, thing{"client", "writer"}}}},
		{"isolated-primary-keeps-writing", "bug", []shot{{150, thing{"pod", "mysql-0"}}}},
		{"split-vote", "together", []shot{{82.3, thing{"pod", "mysql-1"}}}},
		{"broken-rollout-wont-rollback", "bug", []shot{{300, thing{"pod", "mysql-2"}}}},
		{"control-plane-away", "controllers", []shot{{70, thing{"component", "kube-controller-manager"}}, {71, thing{"service", "mysql"}}}},
		{"multi-attach-six-minutes", "bug", []shot{{100, thing{"pod", "mysql-0"}}, {200, thing{"node", "big"}}, {200, thing{"volume", "data-mysql-0"}}, {300, thing{"pod", "mysql-0"}}}},
	} {
		t.Run(c.scenario, func(t *testing.T) {
			s := story.Of(simulate(t, load(t, c.scenario, c.variant)))
			var b strings.Builder
			for _, m := range c.at {
				for _, size := range [][2]int{{40, 12}, {78, 24}, {120, 40}} {
					v := seenAt(s, time.Duration(m.at*float64(time.Second)), m.about)
					for _, p := range panesByName {
						d := p.draw(v, size[0], size[1])
						fmt.Fprintf(&b, "== %s at %g s, %d×%d", p.name, m.at, size[0], size[1])
						if p.name == "inspector" {
							fmt.Fprintf(&b, ", %s %s", m.about.kind, m.about.name)
						}
						b.WriteString("\n")
						for _, line := range d.lines {
							b.WriteString(strings.TrimRight(ansi.Strip(line), " ") + "\n")
						}
					}
				}
			}
			golden(t, filepath.Join("testdata", "panes", c.scenario+".txt"), b.String())
		})
	}
}

// What is stuck is found out for the instant that is seen, and may only be up to a second old while time goes on.
func TestStuckIsOfNow(t *testing.T) {
	s := story.Of(simulate(t, load(t, "multi-attach-six-minutes", "bug")))
	remembered := &memo{}
	for _, at := range []time.Duration{144900, 145100, 150010, 150900, 150020, 510900} {
		v := seenAt(s, at*time.Millisecond, thing{})
		v.memo = remembered
		require.Equal(t, why.At(s.Rec, v.at), v.stuck(), "at %s", v.at)
	}
	v := seenAt(s, 510*time.Second, thing{})
	v.memo, v.playing = remembered, true
	require.Equal(t, why.At(s.Rec, 510900*time.Millisecond), v.stuck())
}

// shot is an instant, in seconds, with what is selected then.
type shot struct {
	at    float64
	about thing
}
