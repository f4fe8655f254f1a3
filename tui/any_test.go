package tui

import (
	"testing"

	tea "charm.land/bubbletea/v2"
	"pgregory.net/rapid"
)

// Whatever is pressed, clicked and resized: the program goes on, and each screen has its size.
func TestAnything(t *testing.T) {
	var keys []string
	for _, g := range bindings {
		for _, b := range g.bindings {
			keys = append(keys, b.keys...)
		}
	}
	keys = append(keys, "backspace", "ctrl+w", "ctrl+u", "a", "d", "世", "🙂", "é")
	o := options("primary-crash")
	rapid.Check(t, func(rt *rapid.T) {
		s := opened(t, o, 120, 40)
		s.hold = true // new runs would take long
		for range rapid.IntRange(1, 40).Draw(rt, "messages") {
			width, height := max(s.width, 1), max(s.height, 1)
			at := tea.Mouse{X: rapid.IntRange(0, width-1).Draw(rt, "x"), Y: rapid.IntRange(0, height-1).Draw(rt, "y")}
			at.Button = rapid.SampledFrom([]tea.MouseButton{tea.MouseLeft, tea.MouseRight, tea.MouseWheelUp, tea.MouseWheelDown}).Draw(rt, "button")
			switch rapid.IntRange(0, 9).Draw(rt, "what") {
			case 0:
				s.send(tea.WindowSizeMsg{Width: rapid.IntRange(1, 210).Draw(rt, "width"), Height: rapid.IntRange(1, 65).Draw(rt, "height")})
			case 1:
				s.send(tea.MouseMotionMsg(at))
			case 2, 3:
				if at.Button == tea.MouseWheelUp || at.Button == tea.MouseWheelDown {
					s.send(tea.MouseWheelMsg(at))
				} else {
					s.send(tea.MouseClickMsg(at))
				}
			case 4:
				if s.chooser != nil {
					s.send(s.browse()())
				}
			default:
				s.press(rapid.SampledFrom(keys).Draw(rt, "key"))
			}
			s.whole()
		}
	})
}
