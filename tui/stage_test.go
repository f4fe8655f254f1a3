package tui

import (
	"context"
	"io"
	"strings"
	"sync"
	"testing"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"
	"github.com/stretchr/testify/require"

	"statefulsim/scenarios"
	"statefulsim/sim"
)

// stage plays the program without a terminal: what a message leads to is done at once, but for the ticks, and for what is held.
type stage struct {
	*model
	t     testing.TB
	hold  bool // runs do not end
	held  []tea.Cmd
	ticks []tickMsg
	gone  bool // the program has ended
	files map[string]string
}

// recorded runs an embedded scenario once for all tests.
var recorded = func() func(name string) *sim.Recording {
	known := map[string]func() *sim.Recording{}
	var lock sync.Mutex
	return func(name string) *sim.Recording {
		lock.Lock()
		defer lock.Unlock()
		if known[name] == nil {
			known[name] = sync.OnceValue(func() *sim.Recording {
				s, err := scenarios.Single(scenarios.Find(name))
				if err != nil {
					panic(err)
				}
				rec, err := sim.Run(context.Background(), s, sim.Options{Seed: 1})
				if err != nil {
					panic(err)
				}
				return rec
			})
		}
		return known[name]()
	}
}()

// options run an embedded scenario as it was recorded, and anything else for real.
func options(name string) Options {
	rec := recorded(name)
	return Options{
		Runs: []*scenarios.Scenario{rec.Scenario},
		Open: scenarios.Find,
		Run: func(ctx context.Context, s *scenarios.Scenario) (*sim.Recording, error) {
			if len(s.Steps) == len(rec.Scenario.Steps) && s.Name == rec.Scenario.Name {
				return rec, nil
			}
			return sim.Run(ctx, s, sim.Options{Seed: 1})
		},
	}
}

// opened shows a scenario on a screen of a size.
func opened(t testing.TB, o Options, width, height int) *stage {
	s := &stage{t: t, files: map[string]string{}}
	if o.Write == nil {
		o.Write = s.write
	}
	s.model = newModel(t.Context(), o)
	s.send(tea.WindowSizeMsg{Width: width, Height: height})
	s.do(s.Init())
	return s
}

func (s *stage) write(file string, fill func(io.Writer) error) error {
	if _, there := s.files[file]; there {
		return &exists{file}
	}
	var b strings.Builder
	err := fill(&b)
	s.files[file] = b.String()
	return err
}

type exists struct{ file string }

func (e *exists) Error() string { return e.file + " exists already: choose another name" }

func (s *stage) send(msg tea.Msg) {
	switch msg := msg.(type) {
	case tea.BatchMsg:
		for _, cmd := range msg {
			s.do(cmd)
		}
		return
	case tea.QuitMsg:
		s.gone = true
		return
	case tickMsg:
		s.ticks = append(s.ticks, msg)
		return
	}
	_, cmd := s.Update(msg)
	s.do(cmd)
}

func (s *stage) do(cmd tea.Cmd) {
	switch {
	case cmd == nil:
	case s.hold:
		s.held = append(s.held, cmd)
	default:
		s.send(cmd())
	}
}

// release lets what was held be done.
func (s *stage) release() {
	held := s.held
	s.hold, s.held = false, nil
	for _, cmd := range held {
		s.do(cmd)
	}
}

// press presses keys one after the other, by the names that bindings have.
func (s *stage) press(keys ...string) {
	for _, k := range keys {
		s.send(keyOf(k))
	}
}

// typed types a text.
func (s *stage) typed(text string) {
	for _, r := range text {
		s.send(tea.KeyPressMsg{Code: r, Text: string(r)})
	}
}

var namedKeys = map[string]tea.KeyPressMsg{
	"enter": {Code: tea.KeyEnter}, "esc": {Code: tea.KeyEscape}, "tab": {Code: tea.KeyTab}, "shift+tab": {Code: tea.KeyTab, Mod: tea.ModShift},
	"space": {Code: tea.KeySpace, Text: " "}, "up": {Code: tea.KeyUp}, "down": {Code: tea.KeyDown}, "left": {Code: tea.KeyLeft}, "right": {Code: tea.KeyRight},
	"shift+left": {Code: tea.KeyLeft, Mod: tea.ModShift}, "shift+right": {Code: tea.KeyRight, Mod: tea.ModShift}, "home": {Code: tea.KeyHome}, "end": {Code: tea.KeyEnd},
	"pgup": {Code: tea.KeyPgUp}, "pgdown": {Code: tea.KeyPgDown}, "backspace": {Code: tea.KeyBackspace}, "delete": {Code: tea.KeyDelete},
	"ctrl+r": {Code: 'r', Mod: tea.ModCtrl}, "ctrl+c": {Code: 'c', Mod: tea.ModCtrl}, "ctrl+w": {Code: 'w', Mod: tea.ModCtrl}, "ctrl+u": {Code: 'u', Mod: tea.ModCtrl}, "f1": {Code: tea.KeyF1},
}

func keyOf(name string) tea.KeyPressMsg {
	if k, known := namedKeys[name]; known {
		return k
	}
	return tea.KeyPressMsg{Code: []rune(name)[0], Text: name}
}

// screen is what is seen, without colours.
func (s *stage) screen() string { return ansi.Strip(s.View().Content) }

func (s *stage) sees(text string) {
	s.t.Helper()
	require.Contains(s.t, s.screen(), text)
}

// whole checks that a screen has its size, whatever is on it.
func (s *stage) whole() {
	lines := strings.Split(s.View().Content, "\n")
	if s.height > 0 {
		require.Len(s.t, lines, s.height)
	}
	for _, line := range lines {
		require.LessOrEqual(s.t, ansi.StringWidth(line), s.width, line)
	}
}
