package scenarios

import "reflect"

// actionKinds is the table of what a step can do. The reader, the printer, the page about the language and the schema for editors
// are made of it.
var actionKinds = withFields([]ActionKind{
	{
		Key: "kill", zero: reflect.TypeFor[Kill](), ChaosMesh: "PodChaos container-kill", Example: "the primary of mysql",
		Models: "SIGKILL from nowhere: the process ends between two instructions, its connections are closed, and the kubelet starts it again.",
		Not:    "What a process leaves half-written in its memory; what it wrote to a volume counts as written.",
	}, {
		Key: "oomKill", zero: reflect.TypeFor[OOMKill](), ChaosMesh: "StressChaos memory", Example: "mysql-0",
		Models: "The kernel's OOM killer takes the process: as kill, and the container's last state says OOMKilled.",
		Not:    "Memory itself: nobody uses any, so no limit is ever reached by load.",
	}, {
		Key: "crashLoop", zero: reflect.TypeFor[CrashLoop](), Lasts: true, ChaosMesh: "PodChaos pod-failure", Example: "mysql-1",
		Models: "The process ends now, and again as soon as it is started, until the fault is healed: the kubelet's back-off grows.",
		Not:    "A process that crashes some time after its start: use kill with every.",
	}, {
		Key: "hang", zero: reflect.TypeFor[Hang](), Lasts: true, Example: "the primary of mysql",
		Models: "The process is stopped, as by SIGSTOP: it answers no request and no probe, and its messages to and from others wait until it " +
			"goes on; so does a SIGTERM. Only a tcpSocket probe finds what it found before, since the kernel accepts its connection. " +
			"SIGKILL ends the process, and then what waited is lost.",
		Not: "The process's own clock: raft's timers go on, so that a hung leader steps down and a hung follower becomes a candidate " +
			"within, where a stopped process would notice only when it goes on.",
	}, {
		Key: "slowStart", zero: reflect.TypeFor[SlowStart](), Lasts: true, Example: "{target: mysql-0, by: 90s}",
		Models: "Whatever is started while it lasts serves so much later: recovery of a large log, a cold cache.",
		Not:    "Load on the machine: only the time until it serves grows, and that of init containers does not.",
	}, {
		Key: "failProbe", zero: reflect.TypeFor[FailProbe](), Lasts: true, Example: "{target: mysql-0, probe: readiness}",
		Models: "The probe fails although the process is well, as with a wrong path, port or command.",
		Not:    "The process: it goes on serving whoever still reaches it.",
	}, {
		Key: "slowProbe", zero: reflect.TypeFor[SlowProbe](), Lasts: true, Example: "{target: mysql-0, probe: liveness, by: 5s}",
		Models: "Each answer to the probe comes so much later; beyond the probe's timeoutSeconds it has failed.",
		Not:    "Requests of clients: they are answered as ever.",
	}, {
		Key: "failPull", zero: reflect.TypeFor[FailPull](), Lasts: true, Example: `"mysql:*"`,
		Models: "The registry does not give the image: ErrImagePull, and then ImagePullBackOff, wherever it is not there yet, and with the policy Always everywhere.",
		Not:    "A registry that is slow: set the latency imagePull.",
	}, {
		Key: "evict", zero: reflect.TypeFor[Evict](), Example: "mysql-2",
		Models: "The Eviction API, as kubectl drain uses it: a budget without disruptions left refuses, and then the step has failed.",
		Not:    "A second try: kubectl drain tries again every five seconds.",
	}, {
		Key: "nodePressureEvict", zero: reflect.TypeFor[NodePressureEvict](), Example: "{target: mysql-2, resource: memory}",
		Models: "The kubelet fails the pod because its node runs out of memory or disk. No budget is asked, and its processes have two seconds to end.",
		Not:    "Which pod a kubelet would choose, and the node's condition and taint of pressure.",
	}, {
		Key: "crash", zero: reflect.TypeFor[Crash](), Lasts: true, Example: "the node of the primary of mysql",
		Models: "A loss of power: every process ends at the same instant, nobody is told, and what was not synced to a volume is lost. With " +
			"zone it is a zone outage. When it is healed the machine boots.",
		Not: "Hardware that comes back broken.",
	}, {
		Key: "reboot", zero: reflect.TypeFor[Reboot](), Lasts: true, Example: "node node-b",
		Models: "The machine is shut down, and is back after a minute, or after what for says. Connections are closed in order.",
		Not:    "Graceful node shutdown: pods are not terminated one by one before it.",
	}, {
		Key: "restartKubelet", zero: reflect.TypeFor[RestartKubelet](), Example: "node node-a",
		Models: "The kubelet alone starts anew: containers go on, probes begin again, and it lists its pods.",
		Not:    "A new version of the kubelet.",
	}, {
		Key: "partition", zero: reflect.TypeFor[Partition](), Lasts: true, ChaosMesh: "NetworkChaos partition",
		Example: "{from: zone zone-a, to: zone zone-b}", check: checkSides,
		Models: "Every message between the sides is lost, or with oneWay only those from from to to. Who is in except still reaches both sides.",
		Not:    "Connections that are refused: nothing comes back, as with a packet filter that drops.",
	}, {
		Key: "hold", zero: reflect.TypeFor[Hold](), Lasts: true, Example: "{from: node node-a, to: the control plane}", check: checkSides,
		Models: "Every message between the sides is kept back, and sent on when the fault is healed: a long pause of a switch.",
		Not:    "Buffers that overflow.",
	}, {
		Key: "degrade", zero: reflect.TypeFor[Degrade](), Lasts: true, ChaosMesh: "NetworkChaos netem",
		Example: "{from: zone zone-a, latency: 50ms, jitter: 10ms, loss: 0.01}", check: checkDegrade,
		Models: "Messages between the sides are slower, lost, doubled, overtake each other, or queue for the bandwidth. Both directions are hit.",
		Not:    "TCP: a lost message is lost for whoever sent it, who waits for his timeout, and is not sent again below.",
	}, {
		Key: "dns", zero: reflect.TypeFor[FailDNS](), Lasts: true, ChaosMesh: "DNSChaos error", Example: `{answer: nxdomain, names: "mysql-0.*"}`,
		Models: "CoreDNS fails for those names: with SERVFAIL, by saying that they do not exist, which whoever asked keeps for its time, or by silence.",
		Not:    "What was asked before it began: caches keep it. For old answers let coredns be stale.",
	}, {
		Key: "disk", zero: reflect.TypeFor[Disk](), Lasts: true, ChaosMesh: "IOChaos fault, latency or mistake", Example: "{target: mysql-0, fault: full}",
		Models: "The pod's volumes are full, read-only, or slow by so much; or they say that data is synced which a loss of power then takes " +
			"(lyingFsync); or what is on them is found corrupt at the next start, or is gone. The last two are not healed.",
		Not: "Processes of the kind plain, which have no files; and bytes that change unnoticed.",
	}, {
		Key: "storage", zero: reflect.TypeFor[Storage](), Lasts: true, Example: "{operation: attach, how: hangs}",
		Models: "The storage system answers calls of the CSI driver with an error, or not at all, until the driver's own timeout.",
		Not:    "Volumes that are attached already: they work on.",
	}, {
		Key: "stop", zero: reflect.TypeFor[Stop](), Lasts: true, Example: "kube-scheduler",
		Models: "A component of the control plane does not run. When it is back it lists everything and begins anew. Without the API server " +
			"nobody can write or hear of anything; containers go on. Whoever leads by a lease ends after ten seconds of that, and begins " +
			"anew when the server is back.",
		Not: "A second replica of it that takes over, and how long a new process waits for the lease of the one before.",
	}, {
		Key: "slow", zero: reflect.TypeFor[Slow](), Lasts: true, Example: "{component: kube-controller-manager, by: 2s}",
		Models: "Each piece of work of the component begins so much later; each call to the API server takes so much longer, if it is that.",
		Not:    "Rate limits and priorities of the API server. All calls of one piece of a component's work take that time once.",
	}, {
		Key: "stale", zero: reflect.TypeFor[Stale](), Lasts: true, Example: "kube-controller-manager",
		Models: "The component's watches are silent: it acts on what it knew when the fault began. When it is healed it hears all that it missed. " +
			"With kube-apiserver, from whose own cache watches are served, that is so for everybody.",
		Not: "A cache that goes back in time.",
	}, {
		Key: "transferLeadership", zero: reflect.TypeFor[TransferLeadership](), Example: "mysql-0",
		Models: "The primary hands over to the pod, as an operator would have it do before maintenance.",
		Not:    "A hand-over that fails half-way.",
	}, {
		Key: "timers", zero: reflect.TypeFor[Timers](), Lasts: true, Example: "{set: mysql, how: together}",
		Models: "When the followers of the set's raft group have heard of no leader for their heartbeatTimeout, their timers run out as the fault " +
			"says, and not as raft's dice do. Together: all are candidates in the same instant, promise each other their votes, and ask for " +
			"them when each has voted for itself, so that nobody has a majority; until then, a tenth of a heartbeatTimeout, what they ask is " +
			"held back. Apart: one after another by their ordinals, within one more heartbeatTimeout, so that the first who finds a majority " +
			"without a leader has no rival. A later step for the same set takes the place of an earlier one.",
		Not: "The rounds after a split vote, which raft's own dice decide. A peer that was a candidate before the others votes for the first who " +
			"asks it. A follower that alone hears of no leader waits for the others.",
	}, {
		Key: "heal", zero: reflect.TypeFor[Heal](), Example: "all",
		Models: "Ends the fault of a named step, or with all every one. If there is nothing to end, nothing happens.",
	},
})

// withFields completes the kinds with what their types say.
func withFields(kinds []ActionKind) []ActionKind {
	for i := range kinds {
		kinds[i].Fields = fieldsOf(kinds[i].zero)
	}
	return kinds
}

// checkSides refuses a fault between everything else and everything else.
func checkSides(r *reader, n *node, a Action) {
	from, to := sidesOf(a)
	if from.Kind == TargetRest && to.Kind == TargetRest {
		r.wrong(n, "both sides are everything else", "let one side name something")
	}
}

// sidesOf returns the two sides of an action that is about links.
func sidesOf(a Action) (from, to Target) {
	switch a := a.(type) {
	case Partition:
		return a.From, a.To
	case Hold:
		return a.From, a.To
	case Degrade:
		return a.From, a.To
	}
	panic("scenarios: the action has no sides")
}

func checkDegrade(r *reader, n *node, a Action) {
	checkSides(r, n, a)
	d := a.(Degrade)
	if d.Latency == 0 && d.Jitter == 0 && d.Loss == 0 && d.Duplicate == 0 && d.Reorder == 0 && d.Bandwidth == 0 {
		r.wrong(n, "the degradation makes nothing worse", "give it a latency, a jitter, a loss, a duplicate, a reorder or a bandwidth above 0")
	}
}
