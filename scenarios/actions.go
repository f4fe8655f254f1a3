package scenarios

import (
	"fmt"
	"time"
)

// Action is what a step does: one of the types below, each of them the value of a step's key. It prints as the scenario language
// writes it.
//
// The tags of their fields are the language: key is the field's name there, is says what a text may be (see Field.Type), one lists
// the words that it can be, default is what it is if nothing is written, and doc what it means. A field without default is
// required; default:"-" says that nothing stands for nothing.
type Action interface{ fmt.Stringer }

type (
	// Kill kills a container's process: SIGKILL from nowhere.
	Kill struct {
		Target    Target `key:"target" is:"pods" doc:"the pods"`
		Container string `key:"container" is:"container" default:"-" doc:"which of their containers; without it the one that serves the pod's address"`
	}
	// OOMKill has the kernel kill a container's process because its memory is used up.
	OOMKill struct {
		Target    Target `key:"target" is:"pods" doc:"the pods"`
		Container string `key:"container" is:"container" default:"-" doc:"as in kill"`
	}
	// CrashLoop ends a container's process, and again each time as soon as it starts.
	CrashLoop struct {
		Target    Target `key:"target" is:"pods" doc:"the pods, by name: their successors too"`
		Container string `key:"container" is:"container" default:"-" doc:"as in kill"`
	}
	// Hang stops a container's process without ending it.
	Hang struct {
		Target    Target `key:"target" is:"pods" doc:"the pods"`
		Container string `key:"container" is:"container" default:"-" doc:"as in kill"`
	}
	// SlowStart makes the processes that start take longer until they serve.
	SlowStart struct {
		Target Target        `key:"target" is:"pods" doc:"the pods, by name: their successors too"`
		By     time.Duration `key:"by" doc:"how much longer"`
	}
	// FailProbe lets the probes of a container fail, whatever its process does.
	FailProbe struct {
		Target    Target `key:"target" is:"pods" doc:"the pods, by name: their successors too"`
		Container string `key:"container" is:"container" default:"-" doc:"as in kill"`
		Probe     string `key:"probe" one:"readiness liveness startup" default:"-" doc:"which of its probes; without it all"`
	}
	// SlowProbe makes a container's answers to its probes late.
	SlowProbe struct {
		Target    Target        `key:"target" is:"pods" doc:"the pods, by name: their successors too"`
		Container string        `key:"container" is:"container" default:"-" doc:"as in kill"`
		Probe     string        `key:"probe" one:"readiness liveness startup" default:"-" doc:"which of its probes; without it all"`
		By        time.Duration `key:"by" doc:"how much later each answer comes"`
	}
	// FailPull lets nodes fail to pull images that they do not have.
	FailPull struct {
		Image  string `key:"image" doc:"the image; * stands for any characters"`
		Target Target `key:"target" is:"machines" default:"-" doc:"the nodes; without it all"`
	}
	// Evict asks the API server to evict pods, which budgets can refuse.
	Evict struct {
		Target Target `key:"target" is:"pods" doc:"the pods"`
	}
	// NodePressureEvict has the kubelet evict pods because their node runs out of something. Budgets are not asked.
	NodePressureEvict struct {
		Target   Target `key:"target" is:"pods" doc:"the pods"`
		Resource string `key:"resource" one:"memory ephemeral-storage" default:"memory" doc:"what the node runs out of"`
	}
	// Crash takes the power from machines. When the step ends they have it back, and boot.
	Crash struct {
		Target Target `key:"target" is:"machines" doc:"the machines"`
	}
	// Reboot shuts machines down, and has them back when the step ends.
	Reboot struct {
		Target Target `key:"target" is:"machines" doc:"the machines"`
	}
	// RestartKubelet restarts the kubelets of machines, whose containers go on.
	RestartKubelet struct {
		Target Target `key:"target" is:"machines" doc:"the machines"`
	}
	// Partition cuts the links between two sides.
	Partition struct {
		From   Target `key:"from" is:"places" doc:"one side"`
		To     Target `key:"to" is:"places" default:"everything else" doc:"the other"`
		OneWay bool   `key:"oneWay" default:"false" doc:"only what goes from from to to is lost"`
		Except Target `key:"except" is:"places" default:"-" doc:"who is on neither side, and still reaches both: a bridge"`
	}
	// Hold keeps the messages between two sides back until they are released.
	Hold struct {
		From Target `key:"from" is:"places" doc:"one side"`
		To   Target `key:"to" is:"places" default:"everything else" doc:"the other"`
	}
	// Degrade makes the links between two sides worse.
	Degrade struct {
		From      Target        `key:"from" is:"places" doc:"one side"`
		To        Target        `key:"to" is:"places" default:"everything else" doc:"the other"`
		Latency   time.Duration `key:"latency" default:"0s" doc:"added to each message"`
		Jitter    time.Duration `key:"jitter" default:"0s" doc:"up to so much more, evenly"`
		Loss      float64       `key:"loss" default:"0" doc:"the probability that a message is lost"`
		Duplicate float64       `key:"duplicate" default:"0" doc:"the probability that it arrives twice"`
		Reorder   float64       `key:"reorder" default:"0" doc:"the probability that it may overtake those before it"`
		Bandwidth int64         `key:"bandwidth" is:"bytes" default:"0" doc:"bytes a second that fit through, each way; 0: no bound"`
	}
	// FailDNS spoils the answers of CoreDNS.
	FailDNS struct {
		Answer string `key:"answer" one:"error nxdomain timeout" doc:"SERVFAIL, or that there is no such name, or nothing at all"`
		Names  string `key:"names" default:"*" doc:"which names; * stands for any characters"`
		From   Target `key:"from" is:"places" default:"-" doc:"who asks; without it everybody"`
	}
	// Disk spoils the volumes of pods.
	Disk struct {
		Target Target        `key:"target" is:"pods" doc:"the pods whose volumes are meant"`
		Fault  string        `key:"fault" one:"full readOnly slow lyingFsync corrupt lost" doc:"what is wrong with them"`
		By     time.Duration `key:"by" default:"0s" doc:"for slow: how much longer each use of the disk takes"`
	}
	// Storage spoils what the storage system behind the CSI driver does.
	Storage struct {
		Operation string `key:"operation" one:"attach detach provision" doc:"what it fails to do"`
		How       string `key:"how" one:"fails hangs" default:"fails" doc:"with an error, or without an answer"`
		Target    Target `key:"target" is:"machines" default:"-" doc:"on which nodes, for attach and detach; without it all"`
	}
	// Stop stops a component of the control plane, and starts it again when the step ends.
	Stop struct {
		Component string `key:"component" is:"component" doc:"the component"`
	}
	// Slow makes all that a component of the control plane does take longer.
	Slow struct {
		Component string        `key:"component" is:"component" doc:"the component"`
		By        time.Duration `key:"by" doc:"how much longer"`
	}
	// Stale keeps what changes from the caches of a component of the control plane.
	Stale struct {
		Component string `key:"component" is:"component" doc:"the component"`
	}
	// TransferLeadership has the primary of a set hand over to a pod of it.
	TransferLeadership struct {
		Target Target `key:"target" is:"pods" doc:"the pod that is to lead"`
	}
	// Timers lets the followers of a set's raft group become candidates together, or one after another, when they have lost their
	// leader.
	Timers struct {
		Set string `key:"set" is:"set" doc:"the StatefulSet, whose pods run raft"`
		How string `key:"how" one:"together apart" doc:"all of them in the same instant, or one after another"`
	}
	// Heal ends a named step's fault, or all of them: partitions end, what was held is released.
	Heal struct {
		Step string `key:"step" is:"step" doc:"the step, or all"`
	}
)

// String returns "kill: mysql-0", or "kill: {target: mysql-0, container: mysql}".
func (a Kill) String() string { return printed(a) }

// String returns "oomKill: mysql-0".
func (a OOMKill) String() string { return printed(a) }

// String returns "crashLoop: mysql-0".
func (a CrashLoop) String() string { return printed(a) }

// String returns "hang: mysql-0".
func (a Hang) String() string { return printed(a) }

// String returns "slowStart: {target: mysql-0, by: 30s}".
func (a SlowStart) String() string { return printed(a) }

// String returns "failProbe: {target: mysql-0, probe: readiness}".
func (a FailProbe) String() string { return printed(a) }

// String returns "slowProbe: {target: mysql-0, by: 5s}".
func (a SlowProbe) String() string { return printed(a) }

// String returns "failPull: mysql:8.4".
func (a FailPull) String() string { return printed(a) }

// String returns "evict: mysql-0".
func (a Evict) String() string { return printed(a) }

// String returns "nodePressureEvict: mysql-0".
func (a NodePressureEvict) String() string { return printed(a) }

// String returns "crash: node node-a".
func (a Crash) String() string { return printed(a) }

// String returns "reboot: node node-a".
func (a Reboot) String() string { return printed(a) }

// String returns "restartKubelet: node node-a".
func (a RestartKubelet) String() string { return printed(a) }

// String returns "partition: {from: node node-a}".
func (a Partition) String() string { return printed(a) }

// String returns "hold: {from: mysql-0, to: mysql-1}".
func (a Hold) String() string { return printed(a) }

// String returns "degrade: {from: mysql-0, latency: 50ms, loss: 0.1}".
func (a Degrade) String() string { return printed(a) }

// String returns "dns: {answer: nxdomain, names: mysql-0.*}".
func (a FailDNS) String() string { return printed(a) }

// String returns "disk: {target: mysql-0, fault: full}".
func (a Disk) String() string { return printed(a) }

// String returns "storage: {operation: attach, how: hangs}".
func (a Storage) String() string { return printed(a) }

// String returns "stop: kube-scheduler".
func (a Stop) String() string { return printed(a) }

// String returns "slow: {component: kube-scheduler, by: 2s}".
func (a Slow) String() string { return printed(a) }

// String returns "stale: kube-controller-manager".
func (a Stale) String() string { return printed(a) }

// String returns "transferLeadership: mysql-0".
func (a TransferLeadership) String() string { return printed(a) }

// String returns "timers: {set: mysql, how: together}".
func (a Timers) String() string { return printed(a) }

// String returns "heal: all", or "heal: cut" for a step of that name.
func (a Heal) String() string { return printed(a) }
