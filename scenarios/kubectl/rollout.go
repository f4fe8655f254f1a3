package kubectl

import (
	"slices"
	"time"

	"statefulsim/scenarios/words"
)

// Rollout is `rollout restart|undo|history|status|pause|resume statefulset/NAME`.
type Rollout struct {
	Objects
	Verb     string
	Revision int64         // to go back to, to show, or to wait for; 0: the one before, all of them, whichever comes
	Watch    bool          // status: until it is complete
	Timeout  time.Duration // status: how long to wait; 0: for ever
}

func (Rollout) command() {}

// rollouts are the verbs with the flags that each has.
var rollouts = map[string]flags{
	"restart": rolloutFlags, "pause": rolloutFlags, "resume": rolloutFlags,
	"undo":    rolloutFlags.and(flags{"to-revision": value}),
	"history": rolloutFlags.and(flags{"revision": value}),
	"status":  rolloutFlags.and(flags{"revision": value, "watch": toggle, "timeout": value}),
}

var rolloutFlags = flags{"namespace": value, "selector": value}

// parseRollout reads `rollout`.
// Source: k8s.io/kubectl pkg/cmd/rollout.
func parseRollout(args []string) (Command, error) {
	verbs := sortedKeys(rollouts)
	switch {
	case len(args) == 0:
		return nil, wrongf("rollout status statefulset/mysql", "the command does not say what is to be done with the rollout")
	case !slices.Contains(verbs, args[0]):
		return nil, wrongf(words.DidYouMean(args[0], verbs), "kubectl rollout %s is not simulated", words.Quoted(args[0]))
	}
	c, err := cutFlags(args[1:], rollouts[args[0]])
	if err != nil {
		return nil, err
	}
	r := Rollout{Verb: args[0], Watch: c.on("watch", true)}
	if r.Objects, err = c.objects(c.args, "StatefulSet"); err != nil {
		return nil, err
	}
	flag := "revision"
	if r.Verb == "undo" {
		flag = "to-revision"
	}
	if r.Revision, err = c.whole(flag, 0); err != nil {
		return nil, err
	}
	if r.Revision < 0 {
		return nil, wrongf("--"+flag+"=1", "revision must be a positive integer: %d", r.Revision)
	}
	r.Timeout, err = c.duration("timeout", 0)
	return r, err
}
