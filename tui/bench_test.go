package tui

import "testing"

// A frame is to take less than 5 ms.
func BenchmarkFrame(b *testing.B) {
	for p := range pane(panes) {
		for _, zoomed := range []bool{false, true} {
			name := paneNames[p]
			if zoomed {
				name += " zoomed"
			}
			b.Run(name, func(b *testing.B) {
				s := opened(b, options("primary-crash"), 200, 60)
				s.focus, s.zoomed = p, zoomed
				s.prepare()
				b.ReportAllocs()
				for b.Loop() {
					s.View()
				}
			})
		}
	}
}

// While it plays, each frame shows another instant.
func BenchmarkPlay(b *testing.B) {
	s := opened(b, options("primary-crash"), 200, 60)
	s.press("home")
	b.ReportAllocs()
	for b.Loop() {
		if s.goTo(s.view.at + second/6); s.view.at >= s.tale.end() {
			s.goTo(0)
		}
		s.View()
	}
}

// Each key of a command line looks for completions anew, in a world of a thousand pods too.
func BenchmarkCompletions(b *testing.B) {
	s := newSession(recorded("primary-crash").Scenario).scenario()
	scene := crowd(250, 4)
	for _, line := range []string{"", "kill ", "cut web-19 ", "delete pod web-1"} {
		b.Run(line, func(b *testing.B) {
			for b.Loop() {
				completions(line, scene, s)
			}
		})
	}
}
