package tui

import (
	"context"
	"image/color"

	tea "charm.land/bubbletea/v2"

	"statefulsim/sim"
)

// framesPerSecond bounds how often the screen is drawn, and is how often time moves while it plays.
const framesPerSecond = 30

// model is all that the program knows. Only Update changes it.
type model struct {
	ctx context.Context
	o   Options

	theme         *theme
	dark, colours bool
	width, height int
	layout        layout
	scrubber      scrubber

	chooser  *chooser // while a scenario is being chosen
	session  *session // nil before one was
	tale     *tale    // nil before the first run has ended
	view     view
	focus    pane
	zoomed   bool
	level    sim.Level // of the events that are listed
	scrolled [panes]int
	player   player
	running  *running // a run that is under way
	runs     int      // how many were started
	waiting  []order  // commands that were given during it

	prompt *prompt // a line that is being typed
	popup  *popup  // what can be done with a thing
	help   *help
	note   note // for the line above the keys, until the next key

	typed   []string // the commands that were typed, also those that could not be read
	sought  string   // what was searched for last
	leaving bool     // leaving was asked for with commands that are not saved
}

// note is what the program says, in the style of what it is about.
type note struct {
	text string
	tone tone
}

// tone is what kind of news a note is.
type tone uint8

const (
	hint tone = iota
	done
	wrong
)

func newModel(ctx context.Context, o Options) *model {
	m := &model{ctx: ctx, o: o, dark: true, colours: !o.NoColour, layout: layoutOf(shape{})}
	m.repaint()
	return m
}

// Init opens the run that was asked for, or the list to choose one from.
func (m *model) Init() tea.Cmd {
	switch len(m.o.Runs) {
	case 0:
		return tea.Batch(tea.RequestBackgroundColor, m.browse())
	case 1:
		return tea.Batch(tea.RequestBackgroundColor, m.open(m.o.Runs[0]))
	}
	m.chooser = chooserOfRuns(m.o.Runs)
	return tea.RequestBackgroundColor
}

// repaint chooses the theme.
func (m *model) repaint() {
	m.theme = newTheme(m.dark, m.colours)
	m.view.theme = m.theme
}

// background takes in how bright the terminal is.
func (m *model) background(c color.Color) {
	if c == nil {
		return
	}
	m.dark = tea.BackgroundColorMsg{Color: c}.IsDark()
	m.repaint()
}

// say leaves a note.
func (m *model) say(t tone, text string) { m.note = note{text, t} }
