package chaosmesh

import "statefulsim/scenarios"

// inexpressible notes that Chaos Mesh has nothing like what a step does.
func (x *export) inexpressible(p *placed) {
	switch a := p.Do.(type) {
	case scenarios.Hang:
		x.gap(p, "Chaos Mesh stops no process", "send SIGSTOP to it on its node, and SIGCONT when it is over: crictl inspect tells its pid")
	case scenarios.SlowStart:
		x.gap(p, "Chaos Mesh does not reach what has not started", "add an init container that sleeps for "+length(a.By))
	case scenarios.FailProbe:
		x.gap(p, "Chaos Mesh does not know probes", "change the probe in the template, or let an HTTPChaos abort the path of an httpGet probe")
	case scenarios.SlowProbe:
		x.gap(p, "Chaos Mesh does not know probes", "let an HTTPChaos delay the path of an httpGet probe by "+length(a.By))
	case scenarios.FailPull:
		x.gap(p, "Chaos Mesh does not come between a kubelet and a registry", "kubectl set image to a tag that the registry does not have")
	case scenarios.Evict:
		x.gap(p, "pod-kill deletes a pod, and asks no budget", "kubectl create --raw /api/v1/namespaces/"+x.namespace()+
			"/pods/POD/eviction -f FILE, where POD is "+a.Target.Text+" and FILE holds an Eviction of policy/v1 for it")
	case scenarios.NodePressureEvict:
		x.gap(p, "Chaos Mesh does not fill a machine for the kubelet to see", "let pods without limits use up the node's "+a.Resource)
	case scenarios.Crash:
		x.gap(p, "Chaos Mesh takes the power from a machine only through its cloud, by the instance's id", "AWSChaos ec2-stop, GCPChaos node-stop or AzureChaos vm-stop")
	case scenarios.Reboot:
		x.gap(p, "Chaos Mesh restarts a machine only through its cloud, by the instance's id", "AWSChaos ec2-restart, GCPChaos node-reset or AzureChaos vm-restart")
	case scenarios.RestartKubelet:
		x.gap(p, "Chaos Mesh reaches the kubelet only with chaosd on the machine", "systemctl restart kubelet, on "+a.Target.Text)
	case scenarios.Hold:
		x.gap(p, "Chaos Mesh loses and delays packets, and does not keep them", "a partition, if the senders try again")
	case scenarios.Storage:
		x.gap(p, "Chaos Mesh does not come between the CSI driver and its storage", "scale the driver's controller to no replicas: it then hangs")
	case scenarios.Stop:
		x.gap(p, controlPlane, "move the manifest of "+a.Component+" out of /etc/kubernetes/manifests, or scale it to no replicas")
	case scenarios.Slow:
		x.gap(p, controlPlane, "a NetworkChaos delay of "+length(a.By)+" on the pods of "+a.Component+", if they are not on the network of their machine")
	case scenarios.Stale:
		x.gap(p, "Chaos Mesh does not know watches", "nothing comes near to it")
	case scenarios.Timers:
		x.gap(p, "Chaos Mesh does not reach the timers of a process", "give each peer of "+a.Set+" an election timeout of its own, if the database can be told so")
	case scenarios.TransferLeadership:
		x.gap(p, "that is a command of the database or its operator", "hand over to "+a.Target.Text+" by it")
	}
}

const controlPlane = "what the control plane runs in is different from cluster to cluster, and is often not reached"
