// Replay holds the model beside a recording and prints after how many syncs the first difference came. It knows nothing of
// Kubernetes' controller, so that it builds in a moment, also with a changed model.
package main

import (
	"fmt"
	"os"

	"statefulsim/conformance/model"
	"statefulsim/conformance/vector"
	"statefulsim/controller/statefulset"
)

func main() {
	gates := statefulset.DefaultGates()
	var follower *model.Follower
	syncs, history := 0, -1
	for line, err := range vector.Read(os.Args[1]) {
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(3)
		}
		if line.History != history {
			follower, history = model.NewFollower(&line.In, gates), line.History
		}
		syncs++
		want := line.Out.Arranged(line.In.Set.Policy)
		whole, _ := model.Decide(&line.In, line.Faults, gates)
		followed, _ := follower.Sync(&line.In, line.Faults)
		for _, got := range []vector.Out{whole, followed} {
			if diff := vector.Differences(want, got); diff != nil {
				fmt.Printf("%d syncs, then: %s\n", syncs, diff[0])
				os.Exit(1)
			}
		}
	}
	fmt.Printf("%d syncs, no difference\n", syncs)
}
