package tui

import (
	"strconv"
	"time"

	tea "charm.land/bubbletea/v2"
)

// player lets time go on by itself.
type player struct {
	on    bool
	turn  int       // which playing it is: a tick of one before is too late
	speed int       // the place in speeds, relative to usual
	last  time.Time // of the last tick; zero before the first
}

// speeds are in virtual seconds a second.
var speeds = []float64{0.1, 0.25, 0.5, 1, 2, 5, 10, 20, 30, 60}

const usual = 5 // the place of the usual speed

func (p *player) stop() { p.on = false }

func (p *player) rate() float64 { return speeds[usual+p.speed] }

// String tells the speed as people do: "5x".
func (p *player) String() string { return strconv.FormatFloat(p.rate(), 'g', -1, 64) + "x" }

// tickMsg moves time on.
type tickMsg struct {
	turn int
	now  time.Time
}

func (m *model) nextTick() tea.Cmd {
	turn := m.player.turn
	return tea.Tick(second/framesPerSecond, func(now time.Time) tea.Msg { return tickMsg{turn, now} })
}

// togglePlay plays or pauses; at the end it plays from the beginning.
func (m *model) togglePlay() tea.Cmd {
	p := &m.player
	p.on = !p.on
	if !p.on {
		return nil
	}
	if m.view.at >= m.tale.end() {
		m.goTo(0)
	}
	p.turn++
	p.last = time.Time{}
	return m.nextTick()
}

// tick moves time on by what has passed since the tick before; a longer break, of a machine that slept, counts as a short one.
func (m *model) tick(msg tickMsg) tea.Cmd {
	p := &m.player
	if !p.on || msg.turn != p.turn || m.tale == nil {
		return nil
	}
	passed := second / framesPerSecond
	if !p.last.IsZero() {
		passed = min(max(msg.now.Sub(p.last), 0), second/5)
	}
	p.last = msg.now
	m.goTo(m.view.at + time.Duration(float64(passed)*p.rate()))
	if m.view.at >= m.tale.end() {
		p.stop()
		m.say(hint, "the end; space plays it again")
		return nil
	}
	return m.nextTick()
}

func (m *model) changeSpeed(by int) tea.Cmd {
	p := &m.player
	p.speed = min(max(p.speed+by, -usual), len(speeds)-1-usual)
	m.say(hint, "plays at "+p.String()+" virtual seconds a second")
	return nil
}
