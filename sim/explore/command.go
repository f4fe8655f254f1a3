package explore

import (
	"fmt"
	"slices"
	"time"

	appsv1 "k8s.io/api/apps/v1"

	"statefulsim/scenarios"
	"statefulsim/scenarios/kubectl"
)

// command is what somebody with kubectl may do at any time, and how it is undone; "" if nothing is left to undo.
type command struct{ form, line, undo string }

// forms are the forms of commands, each as likely to be drawn as every other.
var forms = []string{"delete", "delete in a second", "scale", "restart", "drain"}

// commands lists what can be done in a scenario, in all forms.
func commands(base *scenarios.Scenario, pods []string) (all []command) {
	for _, pod := range pods {
		all = append(all, command{"delete", "delete pod " + pod, ""}, command{"delete in a second", "delete pod " + pod + " --grace-period=1", ""})
	}
	for _, m := range base.Objects {
		if set, is := m.Object.(*appsv1.StatefulSet); is {
			scale := "scale statefulset " + set.Name + " --replicas="
			all = append(all, command{"scale", scale + fmt.Sprint(replicas(set)+3), scale + fmt.Sprint(replicas(set))},
				command{"restart", "rollout restart statefulset " + set.Name, ""})
		}
	}
	for _, n := range base.Cluster.Nodes {
		all = append(all, command{"drain", "drain " + n.Name + " --ignore-daemonsets --delete-emptydir-data --force --timeout=30s", "uncordon " + n.Name})
	}
	return all
}

// command draws one of a form.
func (s *stage) command(dice *drawer, form string) command {
	var all []command
	for _, c := range s.choices {
		if c.form == form {
			all = append(all, c)
		}
	}
	return all[dice.below(form, len(all))]
}

func kubectlLine(line string) scenarios.Kubectl {
	do, err := kubectl.Parse(line)
	if err != nil {
		panic(err) // the lines are written here
	}
	return scenarios.Kubectl{Line: line, Do: do}
}

// untilUndone is how long what a command did stays: long enough for three more pods.
const untilUndone = 20 * time.Second

// undoing lists the steps that undo what commands did, when all other steps are over: then nothing is left that could keep them
// from it. The first step that each follows is the one that it undoes.
func (s *stage) undoing(steps []scenarios.Step) (undo []scenarios.Step) {
	for _, step := range steps {
		line, is := step.Do.(scenarios.Kubectl)
		if !is {
			continue
		}
		c := s.choices[slices.IndexFunc(s.choices, func(c command) bool { return c.line == line.Line })]
		if c.undo == "" {
			continue
		}
		follows := []string{step.Name}
		for _, other := range steps {
			if other.Name != step.Name {
				follows = append(follows, other.Name)
			}
		}
		undo = append(undo, scenarios.Step{Name: step.Name + "-undo", Follows: follows, After: untilUndone, Optional: true, Do: kubectlLine(c.undo)})
	}
	return undo
}
