package kubectl

import "time"

// Cordon is `cordon NODE…`, or `uncordon`.
type Cordon struct {
	Objects
	Off bool // uncordon
}

func (Cordon) command() {}

// Drain is `drain NODE…`.
type Drain struct {
	Objects
	PodSelector      string
	GracePeriod      int64         // seconds; -1: each pod's own
	Timeout          time.Duration // 0: for ever
	Force            bool          // pods without a controller too
	DeleteEmptyDir   bool          // pods with an emptyDir volume too
	IgnoreDaemonSets bool
	DisableEviction  bool // deletes, and so goes round the disruption budgets
}

func (Drain) command() {}

// Evict asks for the eviction of pods, as a POST to the pod's subresource does. kubectl has no command of its own for it.
type Evict struct {
	Objects
	GracePeriod *int64 // seconds; nil: the pod's own
}

func (Evict) command() {}

var (
	nodeFlags  = flags{"selector": value, "namespace": value}
	drainFlags = nodeFlags.and(flags{
		"pod-selector": value, "grace-period": value, "timeout": value, "force": toggle, "delete-emptydir-data": toggle,
		"ignore-daemonsets": toggle, "disable-eviction": toggle,
	})
	evictFlags = selecting.and(flags{"grace-period": value})
)

// nodes reads the nodes that a command is about: their names alone, or a selector.
func (c line) nodes() (o Objects, err error) {
	if o.Selector, err = c.selector("selector"); err != nil {
		return o, err
	}
	switch {
	case len(c.args) == 0 && o.Selector == "":
		return o, wrongf("cordon node-a", "the command does not name a node")
	case len(c.args) > 0 && o.Selector != "":
		return o, wrongf("keep one of them", "cannot specify both a node name and a --selector option")
	case len(c.args) == 0:
		o.Kinds = []string{"Node"}
		return o, nil
	}
	for _, arg := range c.args {
		if err := o.name("node", trimKind(arg)); err != nil {
			return o, err
		}
	}
	return o, nil
}

// trimKind takes node/ away: cordon and drain know no other kind.
func trimKind(arg string) string {
	for _, prefix := range []string{"node/", "nodes/", "no/"} {
		if len(arg) > len(prefix) && arg[:len(prefix)] == prefix {
			return arg[len(prefix):]
		}
	}
	return arg
}

// parseCordon reads `cordon` and `uncordon`.
func parseCordon(off bool) func(args []string) (Command, error) {
	return func(args []string) (Command, error) {
		c, err := cutFlags(args, nodeFlags)
		if err != nil {
			return nil, err
		}
		nodes, err := c.nodes()
		return Cordon{nodes, off}, err
	}
}

// parseDrain reads `drain`.
// Source: k8s.io/kubectl pkg/cmd/drain/drain.go:NewCmdDrain.
func parseDrain(args []string) (Command, error) {
	c, err := cutFlags(args, drainFlags)
	if err != nil {
		return nil, err
	}
	d := Drain{Force: c.on("force", false), DeleteEmptyDir: c.on("delete-emptydir-data", false),
		IgnoreDaemonSets: c.on("ignore-daemonsets", false), DisableEviction: c.on("disable-eviction", false)}
	if d.Objects, err = c.nodes(); err != nil {
		return nil, err
	}
	if d.PodSelector, err = c.selector("pod-selector"); err != nil {
		return nil, err
	}
	if d.GracePeriod, err = c.whole("grace-period", -1); err != nil {
		return nil, err
	}
	d.Timeout, err = c.duration("timeout", 0)
	return d, err
}

func parseEvict(args []string) (Command, error) {
	c, err := cutFlags(args, evictFlags)
	if err != nil {
		return nil, err
	}
	named := c.args
	if len(named) > 0 && resources[named[0]] == "" && !containsSlash(named) {
		named = append([]string{"pod"}, named...)
	}
	var e Evict
	if e.Objects, err = c.objects(named, "Pod"); err != nil {
		return nil, err
	}
	if seconds, err := c.whole("grace-period", -1); err != nil {
		return nil, err
	} else if seconds >= 0 {
		e.GracePeriod = &seconds
	}
	return e, nil
}
