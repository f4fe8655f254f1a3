package scenarios

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// command is a kubectl command line taken apart.
type command struct {
	words []string
	flags map[string]string // without dashes; "" for one without a value
}

// kubectlError is what is wrong with a command line, and the cure.
type kubectlError struct{ what, cure string }

func (e *kubectlError) Error() string { return e.what }

func wrongf(cure, format string, args ...any) error {
	return &kubectlError{fmt.Sprintf(format, args...), cure}
}

// parseKubectl reads a command line, without the word kubectl, that changes the cluster.
func parseKubectl(line string) (any, error) {
	words, err := splitShell(line)
	if err != nil {
		return nil, err
	}
	if len(words) > 0 && words[0] == "kubectl" {
		words = words[1:]
	}
	if len(words) == 0 {
		return nil, wrongf("scale statefulset/mysql --replicas=5", "the command is empty")
	}
	verbs := map[string]func([]string) (any, error){"scale": parseScale, "set": parseSetImage, "patch": parsePatch, "delete": parseDelete}
	parse, known := verbs[words[0]]
	if !known {
		cure := didYouMean(words[0], sortedKeys(verbs))
		if !strings.HasPrefix(cure, "did") {
			cure = "known are: scale, set image, patch, delete"
		}
		return nil, wrongf(cure, "kubectl %s is not simulated", quoted(words[0]))
	}
	return parse(words[1:])
}

// splitShell divides a line into words as a POSIX shell would, without expanding anything.
func splitShell(line string) ([]string, error) {
	var words []string
	var word strings.Builder
	started, quote := false, rune(0)
	escaped := false
	for _, c := range line {
		switch {
		case escaped:
			if quote == '"' && !strings.ContainsRune("\"\\$`", c) {
				word.WriteRune('\\')
			}
			word.WriteRune(c)
			escaped = false
		case c == '\\' && quote != '\'':
			escaped, started = true, true
		case quote != 0 && c == quote:
			quote = 0
		case quote != 0:
			word.WriteRune(c)
		case c == '\'' || c == '"':
			quote, started = c, true
		case strings.ContainsRune(" \t\n", c):
			if started {
				words, started = append(words, word.String()), false
				word.Reset()
			}
		case strings.ContainsRune("|&;<>$`", c):
			return nil, wrongf("one kubectl command a step; quote the character if it is meant as such", "%s is for a shell", quoted(string(c)))
		default:
			word.WriteRune(c)
			started = true
		}
	}
	if quote != 0 || escaped {
		return nil, wrongf("close it", "a quote is open at the end of the command")
	}
	if started {
		words = append(words, word.String())
	}
	return words, nil
}

// cutFlags separates flags from words. known says of each flag whether it takes a value.
func cutFlags(words []string, known map[string]bool) (command, error) {
	c := command{flags: map[string]string{}}
	for i := 0; i < len(words); i++ {
		if !strings.HasPrefix(words[i], "-") || words[i] == "-" {
			c.words = append(c.words, words[i])
			continue
		}
		name, value, given := strings.Cut(strings.TrimLeft(words[i], "-"), "=")
		takes, is := known[name]
		switch {
		case !is:
			return c, wrongf(didYouMean(name, sortedKeys(known)), "the flag %s is not known here", quoted(words[i]))
		case takes && !given:
			if i++; i == len(words) {
				return c, wrongf("", "the flag --%s takes a value", name)
			}
			value = words[i]
		case !takes && given && value != "true":
			return c, wrongf("leave it out or give it without a value", "the flag --%s takes no value", name)
		}
		if name == "p" {
			name = "patch"
		}
		c.flags[name] = value
	}
	return c, nil
}

// resources are the kinds that commands can name, with kubectl's short names.
var resources = map[string]string{
	"pod": "Pod", "pods": "Pod", "po": "Pod",
	"statefulset": "StatefulSet", "statefulsets": "StatefulSet", "sts": "StatefulSet", "statefulset.apps": "StatefulSet",
	"persistentvolumeclaim": "PersistentVolumeClaim", "persistentvolumeclaims": "PersistentVolumeClaim", "pvc": "PersistentVolumeClaim",
}

// object takes the kind and the name that a command is about from its words, written KIND/NAME or KIND NAME, and returns
// what follows them. A command that knows only one kind says which.
func (c command) object(only ...string) (kind, name string, rest []string, err error) {
	if len(c.words) == 0 {
		return "", "", nil, wrongf("for instance statefulset/mysql", "the command does not say what it is about")
	}
	resource, name, slash := strings.Cut(c.words[0], "/")
	rest = c.words[1:]
	if !slash {
		if len(rest) == 0 {
			return "", "", nil, wrongf(c.words[0]+"/NAME", "the command does not name the %s", Printable(c.words[0]))
		}
		name, rest = rest[0], rest[1:]
	}
	kind, known := resources[strings.ToLower(resource)]
	switch {
	case !known:
		return "", "", nil, wrongf(nearResource(resource), "no kind %s can be meant here", quoted(resource))
	case len(only) > 0 && !slices.Contains(only, kind):
		return "", "", nil, wrongf("the kinds are: "+oneOf(only), "a %s cannot be meant here", kind)
	case !objectName.MatchString(name):
		return "", "", nil, wrongf("", "%s is not a name", quoted(name))
	}
	return kind, name, rest, nil
}

// nearResource is the cure for a kind that no command can name.
func nearResource(resource string) string {
	if best := nearest(resource, sortedKeys(resources)); best != "" {
		return "did you mean " + quoted(best) + "?"
	}
	return "known are: pod, statefulset, persistentvolumeclaim"
}

func parseScale(words []string) (any, error) {
	c, err := cutFlags(words, map[string]bool{"replicas": true})
	if err != nil {
		return nil, err
	}
	_, set, rest, err := c.object("StatefulSet")
	if err != nil {
		return nil, err
	}
	count, given := c.flags["replicas"]
	replicas, err := strconv.ParseInt(count, 10, 32)
	switch {
	case len(rest) > 0:
		return nil, wrongf("one set a command", "%s is too much", quoted(rest[0]))
	case !given:
		return nil, wrongf("--replicas=5", "scale needs the flag --replicas")
	case err != nil || replicas < 0:
		return nil, wrongf("a whole number from 0 on", "%s is no number of replicas", quoted(count))
	case replicas > mostReplicas:
		return nil, wrongf(fmt.Sprintf("0 to %d", mostReplicas), "%d replicas are more than the %d that can be simulated", replicas, mostReplicas)
	}
	return Scale{Set: set, Replicas: int32(replicas)}, nil
}

func parseSetImage(words []string) (any, error) {
	if len(words) == 0 || words[0] != "image" {
		return nil, wrongf("set image statefulset/mysql mysql=mysql:8.4", "of kubectl set only set image is simulated")
	}
	c, err := cutFlags(words[1:], nil)
	if err != nil {
		return nil, err
	}
	_, set, rest, err := c.object("StatefulSet")
	if err != nil {
		return nil, err
	}
	if len(rest) != 1 {
		return nil, wrongf("set image statefulset/mysql mysql=mysql:8.4", "set image takes one CONTAINER=IMAGE")
	}
	container, image, found := strings.Cut(rest[0], "=")
	if !found || container == "" || image == "" {
		return nil, wrongf("mysql=mysql:8.4", "%s is not CONTAINER=IMAGE", quoted(rest[0]))
	}
	return SetImage{Set: set, Container: container, Image: image}, nil
}

func parseDelete(words []string) (any, error) {
	c, err := cutFlags(words, map[string]bool{"grace-period": true, "cascade": true, "force": false, "now": false})
	if err != nil {
		return nil, err
	}
	kind, name, rest, err := c.object()
	if err != nil {
		return nil, err
	}
	if len(rest) > 0 {
		return nil, wrongf("one object a command", "%s is too much", quoted(rest[0]))
	}
	d := Delete{Kind: kind, Name: name}
	if d.Cascade = c.flags["cascade"]; !slices.Contains([]string{"", "background", "foreground", "orphan"}, d.Cascade) {
		return nil, wrongf(didYouMean(d.Cascade, []string{"background", "foreground", "orphan"}), "--cascade=%s is not known", Printable(d.Cascade))
	}
	return d, c.grace(&d)
}

// grace turns the flags about the grace period into what kubectl sends to the API server: see RunDelete and Complete in
// staging/src/k8s.io/kubectl/pkg/cmd/delete/delete.go.
func (c command) grace(d *Delete) error {
	_, now := c.flags["now"]
	_, force := c.flags["force"]
	text, given := c.flags["grace-period"]
	seconds, err := strconv.ParseInt(text, 10, 32)
	switch {
	case given && err != nil:
		return wrongf("a whole number of seconds", "%s is no grace period", quoted(text))
	case given && now:
		return wrongf("give one of them", "--now and --grace-period cannot stand together")
	case force && (now || given && seconds > 0):
		return wrongf("--force means a grace period of 0", "--force and a grace period above 0 cannot stand together")
	case force:
		seconds = 0
	case now, given && seconds == 0:
		seconds = 1 // without --force, kubectl makes 1 of 0, so that the kubelet still confirms
	case !given || seconds < 0:
		return nil
	}
	d.GracePeriod = &seconds
	return nil
}
