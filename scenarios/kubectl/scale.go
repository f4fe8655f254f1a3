package kubectl

import "fmt"

// Scale is `scale statefulset/NAME --replicas=N`.
type Scale struct {
	Objects
	Replicas int32
	Current  int64 // the number that there must be; -1: any
}

func (Scale) command() {}

// MostReplicas is how many pods of one set can be simulated.
const MostReplicas = 100_000

var scaleFlags = selecting.and(flags{"replicas": value, "current-replicas": value})

func parseScale(args []string) (Command, error) {
	c, err := cutFlags(args, scaleFlags)
	if err != nil {
		return nil, err
	}
	var s Scale
	if s.Objects, err = c.objects(c.args, "StatefulSet"); err != nil {
		return nil, err
	}
	if s.Current, err = c.whole("current-replicas", -1); err != nil {
		return nil, err
	}
	replicas, err := c.whole("replicas", 0)
	switch {
	case err != nil:
		return nil, err
	case !c.has("replicas"):
		return nil, wrongf("--replicas=5", "scale needs the flag --replicas")
	case replicas < 0:
		return nil, wrongf("a whole number from 0 on", "%d is no number of replicas", replicas)
	case replicas > MostReplicas:
		return nil, wrongf(fmt.Sprintf("0 to %d", MostReplicas), "%d replicas are more than the %d that can be simulated", replicas, MostReplicas)
	}
	s.Replicas = int32(replicas)
	return s, nil
}
