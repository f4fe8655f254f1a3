package kubectl

import (
	"slices"
	"time"

	"statefulsim/scenarios/words"
)

// Delete is `delete KIND NAME… [--grace-period=N] [--force] [--cascade=…] [--wait=false] [--timeout=…]`, or `delete -f FILE`.
type Delete struct {
	Objects
	Files          []string
	GracePeriod    *int64 // seconds, as kubectl sends it for its flags; nil: the object's own
	Cascade        string // "background", "foreground" or "orphan"
	Force          bool
	Wait           bool          // until the objects are gone
	Timeout        time.Duration // of that; 0: a week
	IgnoreNotFound bool
}

func (Delete) command() {}

var deleteFlags = selecting.and(flags{
	"filename": value, "grace-period": value, "cascade": optional, "force": toggle, "now": toggle, "wait": toggle, "timeout": value,
	"ignore-not-found": toggle,
})

var cascades = []string{"background", "foreground", "orphan"}

func parseDelete(args []string) (Command, error) {
	c, err := cutFlags(args, deleteFlags)
	if err != nil {
		return nil, err
	}
	d := Delete{Files: c.flags["filename"], Cascade: "background", Force: c.on("force", false), Wait: c.on("wait", true),
		IgnoreNotFound: c.on("ignore-not-found", c.on("all", false) || c.has("selector"))}
	switch {
	case len(d.Files) > 0 && len(c.args) > 0:
		return nil, wrongf("keep one of them", "when a file is given, objects may not be named by arguments as well")
	case len(d.Files) > 0:
		d.Namespace, err = c.namespace()
	default:
		d.Objects, err = c.objects(c.args)
	}
	if err != nil {
		return nil, err
	}
	if cascade := c.text("cascade"); cascade != "" && cascade != "true" {
		if d.Cascade = cascade; cascade == "false" {
			d.Cascade = "orphan"
		}
	}
	if !slices.Contains(cascades, d.Cascade) {
		return nil, wrongf(words.DidYouMean(d.Cascade, cascades), "--cascade=%s is not known", words.Printable(d.Cascade))
	}
	if err := c.grace(&d); err != nil {
		return nil, err
	}
	d.Timeout, err = c.duration("timeout", 0)
	return d, err
}

// grace turns the flags about the grace period into what kubectl sends to the API server.
// Source: k8s.io/kubectl pkg/cmd/delete/delete.go:Complete, delete_flags.go.
func (c line) grace(d *Delete) error {
	now, given := c.on("now", false), c.has("grace-period")
	seconds, err := c.whole("grace-period", -1)
	switch {
	case err != nil:
		return err
	case given && now:
		return wrongf("give one of them", "--now and --grace-period cannot be specified together")
	case d.Force && (now || seconds > 0):
		return wrongf("--force means a grace period of 0", "--force and --grace-period greater than 0 cannot be specified together")
	case d.Force:
		seconds = 0
	case now, seconds == 0:
		seconds = 1 // without --force, kubectl makes 1 of 0, so that the kubelet still confirms
	case seconds < 0:
		return nil
	}
	d.GracePeriod = &seconds
	return nil
}
