package kubectl

import "strings"

// command is one that can be read.
type command struct {
	usage string // how it is written; its first word is its verb
	flags flags
	doc   string // what it does here, where that is not plain
	parse func(args []string) (Command, error)
}

// commands are all that can be read, in alphabetical order.
var commands = []command{
	{"annotate KIND NAME… KEY=VALUE… KEY-…", labelFlags, "Sets annotations, and takes away those written with a dash.", parseLabel(true)},
	{"apply -f FILE…", fileFlags, "Creates what is not there. Merges into the rest what the file says, and takes away what it said when it was applied last and no longer says.", parseApply("apply")},
	{"cordon NODE…", nodeFlags, "Nothing new is scheduled to the nodes.", parseCordon(false)},
	{"create -f FILE…", fileFlags, "Fails if an object is there already.", parseApply("create")},
	{"delete KIND NAME… or delete -f FILE…", deleteFlags, "Waits until the objects are gone, unless told not to.", parseDelete},
	{"drain NODE…", drainFlags, "Cordons the nodes, evicts the pods of one after the other, asks again after 5 s if a disruption budget forbids it, and waits until they are gone.", parseDrain},
	{"evict POD…", evictFlags, "Asks once for the eviction. kubectl has no such command: it stands for a POST to the pod's subresource `eviction`.", parseEvict},
	{"get KIND[,KIND…] [NAME…]", getFlags, "Shows objects, with `-w` until the step ends.", parseGet},
	{"label KIND NAME… KEY=VALUE… KEY-…", labelFlags, "Sets labels, and takes away those written with a dash.", parseLabel(false)},
	{"patch KIND NAME… -p PATCH", patchFlags, "The patch is JSON or YAML.", parsePatch},
	{"replace -f FILE…", fileFlags, "Fails if an object is not there.", parseApply("replace")},
	{"rollout history statefulset NAME", rollouts["history"], "Lists the revisions, or shows the template of one.", parseRollout},
	{"rollout pause statefulset NAME", rollouts["pause"], "Always fails: a partition pauses the rollout of a StatefulSet.", parseRollout},
	{"rollout restart statefulset NAME", rollouts["restart"], "Replaces all pods.", parseRollout},
	{"rollout resume statefulset NAME", rollouts["resume"], "Always fails, like `pause`.", parseRollout},
	{"rollout status statefulset NAME", rollouts["status"], "Waits until the rollout is complete.", parseRollout},
	{"rollout undo statefulset NAME", rollouts["undo"], "Goes back to the revision before, or to another one.", parseRollout},
	{"scale statefulset NAME… --replicas=N", scaleFlags, "", parseScale},
	{"set image KIND NAME… CONTAINER=IMAGE…", selecting, "For StatefulSets and pods; `*` is every container.", parseSet},
	{"taint node NAME… KEY=VALUE:EFFECT… KEY[:EFFECT]-…", taintFlags, "Sets taints, and takes away those written with a dash.", parseTaint},
	{"uncordon NODE…", nodeFlags, "", parseCordon(true)},
	{"wait KIND NAME… --for=CONDITION…", waitFlags, "Waits for `condition=NAME[=STATUS]`, `delete`, `create` or `jsonpath={PATH}[=VALUE]`, where a path has fields and indexes and no filters.", parseWait},
}

// verbs are the first words of the commands.
var verbs = func() map[string]func(args []string) (Command, error) {
	by := map[string]func(args []string) (Command, error){}
	for _, c := range commands {
		verb, _, _ := strings.Cut(c.usage, " ")
		by[verb] = c.parse
	}
	return by
}()

// Usage is how a command is written, for a manual.
type Usage struct {
	Line  string
	Flags []string // by their long names, with dashes, in order
	Doc   string   // what it does that its name does not tell; may be empty
}

// Usages lists the commands that can be read.
func Usages() []Usage {
	all := make([]Usage, len(commands))
	for i, c := range commands {
		all[i] = Usage{Line: c.usage, Flags: c.flags.written(), Doc: c.doc}
	}
	return all
}

// written are the flags' names with dashes.
func (f flags) written() (names []string) {
	for _, name := range sortedKeys(f) {
		names = append(names, "--"+name)
	}
	return names
}
