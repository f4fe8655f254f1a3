package why

import (
	"strings"
	"time"

	"statefulsim/scenarios"
	"statefulsim/scenarios/kubectl"
	"statefulsim/sim"
)

// waitingCommands tells of the commands of the scenario that wait for something which does not come.
func waitingCommands(s *scene) {
	if len(s.findings) == 0 {
		return // whatever they wait for is on its way
	}
	for i := range s.events {
		e := &s.events[i]
		if e.Kind != "Terminal" || e.Verb != "type" || !s.impatient(e.At) || !s.stillWaits(e) {
			continue
		}
		f := Finding{State: "waiting", Since: e.At, Forever: true, from: []int{e.Seq}}
		f.Rule = "A command that waits for a state looks for nothing else: it does not notice that the state cannot come."
		f.Source = "k8s.io/kubectl pkg/cmd/wait/wait.go:RunWait; pkg/cmd/rollout/rollout_status.go:Run"
		f.Cure = []string{"# Ctrl-C ends the command, and nothing else; cure " + s.findings[0].Object + " first (" + s.findings[0].State + ")"}
		if end := s.timeout(e); end > 0 {
			f.Forever, f.Until = false, "its timeout at "+clock(end)
		}
		s.add(e.Detail, f)
	}
}

// command is the one that a Terminal's event is about, or nil.
func (s *scene) command(e *sim.Event) kubectl.Command {
	step := s.step(e.Name)
	if step == nil {
		return nil
	}
	c, _ := step.Do.(scenarios.Kubectl)
	return c.Do
}

// stillWaits tells whether a wait or a rollout status that began with the event has not ended, as far as what it printed shows.
func (s *scene) stillWaits(begun *sim.Event) bool {
	step := s.step(begun.Name)
	if step == nil || step.For > 0 && begun.At+step.For <= s.at {
		return false
	}
	last := s.lastAbout("Terminal", begun.Name, "print", "")
	switch c := s.command(begun).(type) {
	case kubectl.Wait:
		return last == nil && s.timeout(begun) > s.at
	case kubectl.Rollout:
		waits := last == nil || strings.HasPrefix(strings.ToLower(last.Detail), "waiting for ")
		return c.Verb == "status" && c.Watch && waits && (c.Timeout == 0 || s.timeout(begun) > s.at)
	}
	return false
}

// timeout is when a command gives up, 0 if it never does.
func (s *scene) timeout(begun *sim.Event) time.Duration {
	switch c := s.command(begun).(type) {
	case kubectl.Wait:
		return begun.At + c.Timeout
	case kubectl.Rollout:
		if c.Timeout > 0 {
			return begun.At + c.Timeout
		}
	}
	return 0
}
