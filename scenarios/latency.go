package scenarios

import "time"

// longestLatency bounds what a scenario may set and what a distribution may draw.
const longestLatency = 24 * time.Hour

// Hop is one of the ways in which time passes in a cluster, by the name under which a scenario can set how much of it.
type Hop struct {
	Name    string
	Default Distribution
	Doc     string // what it is the time of
	Source  string // where the default comes from
}

const assumed = "an assumption, of the order seen on managed clusters"

// hops is the table of all latencies, in the order in which a pod meets them.
var hops = []Hop{
	{"watch", LogNormal(2*time.Millisecond, 20*time.Millisecond),
		"From a write to the API server until a component's watch has brought the change into its cache.", assumed},
	{"apiCall", LogNormal(3*time.Millisecond, 30*time.Millisecond),
		"A component's call to the API server, there and back, with the write to etcd.", assumed},
	{"reconcile", LogNormal(500*time.Microsecond, 5*time.Millisecond),
		"From a change in a controller's cache until the controller works at the key.", assumed},
	{"schedule", LogNormal(3*time.Millisecond, 30*time.Millisecond),
		"One scheduling cycle and its binding.", assumed},
	{"provision", LogNormal(1500*time.Millisecond, 5*time.Second),
		"Creating a volume: the CSI provisioner and the cloud behind it.", assumed},
	{"resize", LogNormal(2*time.Second, 8*time.Second),
		"Growing a volume: the CSI resizer and the cloud behind it.", assumed},
	{"recycle", LogNormal(5*time.Second, 20*time.Second),
		"Emptying a volume for its next claim, with the reclaim policy Recycle.", assumed},
	{"attach", LogNormal(2*time.Second, 8*time.Second),
		"Attaching a volume to a node.", assumed},
	{"detach", LogNormal(1500*time.Millisecond, 6*time.Second),
		"Detaching a volume from a node.", assumed},
	{"mount", LogNormal(400*time.Millisecond, 2*time.Second),
		"Making an attached volume usable on its node: waiting for the device, a file system check, the mount.", assumed},
	{"unmount", LogNormal(150*time.Millisecond, time.Second),
		"Unmounting a volume from its node.", assumed},
	{"podSync", Uniform(0, 90*time.Second),
		"From the growth of a mounted volume until its kubelet looks at the pod anew.",
		"upstream default: syncFrequency of 1m with up to half as much again by chance, pkg/kubelet/pod_workers.go"},
	{"fsResize", LogNormal(300*time.Millisecond, 3*time.Second),
		"Growing the file system of a volume on its node.", assumed},
	{"sandbox", LogNormal(300*time.Millisecond, 1200*time.Millisecond),
		"Creating a pod's sandbox: its network namespace and its address.", assumed},
	{"imagePull", LogNormal(3*time.Second, 12*time.Second),
		"Pulling an image that the node does not have.", assumed},
	{"containerStart", LogNormal(120*time.Millisecond, 600*time.Millisecond),
		"Creating and starting one container.", assumed},
	{"initContainer", LogNormal(800*time.Millisecond, 5*time.Second),
		"From the start of an init container until it has done its work.", "a script that prepares a volume: an assumption"},
	{"jobRun", LogNormal(20*time.Second, 60*time.Second),
		"From the start of a Job's container until it has done its task.", "a backup of a small database: an assumption"},
	{"processStart", LogNormal(1500*time.Millisecond, 4*time.Second),
		"From the start of a container until its process serves.", "a database's start with a small buffer pool: an assumption"},
	{"processStop", LogNormal(400*time.Millisecond, 2*time.Second),
		"From SIGTERM until a process that obeys it has ended.", "a database's clean shutdown: an assumption"},
	{"probe", LogNormal(3*time.Millisecond, 40*time.Millisecond),
		"One probe of a healthy container.", assumed},
	{"pleg", Uniform(time.Millisecond, time.Second),
		"From a container's end or start until the kubelet sees it.",
		"upstream default: genericPlegRelistPeriod of 1s, pkg/kubelet/kubelet.go"},
	{"statusReport", LogNormal(10*time.Millisecond, 100*time.Millisecond),
		"From a change of a pod's state in the kubelet until its status is sent.",
		"upstream sends a changed status at once, pkg/kubelet/status/status_manager.go; how long that takes is an assumption"},
	{"kubeProxy", Uniform(5*time.Millisecond, time.Second),
		"From a change of a Service's endpoints until a node's proxy routes by it.",
		"upstream default: minSyncPeriod of 1s, pkg/proxy/apis/config/v1alpha1/defaults.go"},
	{"roleLabel", Uniform(200*time.Millisecond, 1200*time.Millisecond),
		"From a change of leadership until the pod's role label says so.", "an agent that looks once a second: an assumption"},
	{"disk", LogNormal(300*time.Microsecond, 3*time.Millisecond),
		"One synced write to a volume.", "network-attached solid state disks: an assumption"},
	{"nodeBoot", LogNormal(25*time.Second, 60*time.Second),
		"From the return of a machine's power until its kubelet runs.", assumed},
	{"network", LogNormal(150*time.Microsecond, time.Millisecond),
		"One way between two pods in one zone.", assumed},
	{"networkZones", LogNormal(600*time.Microsecond, 2500*time.Microsecond),
		"One way between two zones of one region.", assumed},
	{"networkOutside", LogNormal(12*time.Millisecond, 60*time.Millisecond),
		"One way between a client outside the cluster and a pod.", assumed},
	{"dns", LogNormal(500*time.Microsecond, 5*time.Millisecond),
		"CoreDNS's own time for an answer, beside the way to it and back.", assumed},
}

// Hops returns the table of latencies with their defaults.
func Hops() []Hop { return append([]Hop(nil), hops...) }

// hopNames returns the names in the table of latencies.
func hopNames() []string {
	names := make([]string, len(hops))
	for i := range hops {
		names[i] = hops[i].Name
	}
	return names
}

// Latency returns how long the named hop takes in this scenario: what its file says, or else the default. It panics for a
// name that is not in the table: that is a bug of the caller.
func (s *Scenario) Latency(name string) Distribution {
	if d, set := s.Latencies[name]; set {
		return d
	}
	for i := range hops {
		if hops[i].Name == name {
			return hops[i].Default
		}
	}
	panic("scenarios: no latency is named " + name)
}
