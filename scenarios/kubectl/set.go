package kubectl

import (
	"slices"
	"strings"

	"statefulsim/scenarios/words"
)

// SetImage is `set image statefulset/NAME CONTAINER=IMAGE…`.
type SetImage struct {
	Objects
	Images []Pair // a container's name, or * for all of them, and its image
}

func (SetImage) command() {}

// Pair is KEY=VALUE.
type Pair struct{ Key, Value string }

// parseSet reads `set image`.
// Source: k8s.io/kubectl pkg/cmd/set/set_image.go:Validate.
func parseSet(args []string) (Command, error) {
	const example = "set image statefulset/mysql mysql=mysql:8.4"
	if len(args) == 0 || args[0] != "image" {
		return nil, wrongf(example, "of kubectl set only set image is simulated")
	}
	c, err := cutFlags(args[1:], selecting)
	if err != nil {
		return nil, err
	}
	named, pairs, err := cutPairs(c.args, "image", func(arg string) bool { return strings.Index(arg, "=") > 0 })
	if err != nil {
		return nil, err
	}
	var s SetImage
	if s.Objects, err = c.objects(named, "StatefulSet", "Pod"); err != nil {
		return nil, err
	}
	for _, pair := range pairs {
		container, image, _ := strings.Cut(pair, "=")
		if image == "" {
			return nil, wrongf("mysql=mysql:8.4", "%s is not CONTAINER=IMAGE", words.Quoted(pair))
		}
		s.Images = append(s.Images, Pair{container, image})
	}
	wildcard := slices.ContainsFunc(s.Images, func(p Pair) bool { return p.Key == "*" })
	switch {
	case len(s.Images) == 0:
		return nil, wrongf(example, "at least one image update is required")
	case wildcard && len(s.Images) > 1:
		return nil, wrongf("keep * or the names", "all containers are already specified by *, but saw more than one container_name=container_image pairs")
	}
	return s, nil
}
