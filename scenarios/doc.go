// Package scenarios is the language in which people write what happens to a cluster: its nodes, the manifests applied to
// it, what runs in its pods, who uses it, which steps go wrong when, and what is expected of it all. It reads files and says
// precisely what is wrong with them; it runs nothing.
//
// # The language
//
// A scenario is one YAML document. Durations are written as Go writes them (20s, 1m30s), quantities as Kubernetes does.
//
//	title: One line, for listings
//	why: What it teaches.
//	teaches: failover                     # a topic of sim list; links: [https://…] says where people had the trouble
//	for: 90s                              # how long it runs
//	recovers: 5m                          # within what time all must be well after the last fault
//	vars: {replicas: 3}                   # ${replicas}, here and in the manifests
//	matrix: {kubernetes: ["1.34", "1.37"]}   # one run for each combination of such variables
//	variants:                             # a run for each, with what it changes
//	  bug: {}
//	  cure: {clients: [{name: reader, drop: true}], vars: {replicas: 5}}
//	cluster:                              # absent: a node in each of three zones
//	  zones: [zone-a, zone-b, zone-c]     # a node is named after its zone: node-a
//	  nodesPerZone: 1
//	  node: {cpu: "4", memory: 16Gi, pods: 110, labels: {disk: ssd}, taints: [key=value:NoSchedule]}
//	  nodes:                              # single nodes; without zones, these are all
//	    - {name: spare, zone: zone-a, cpu: "2"}
//	manifests:
//	  - manifests/mysql.yaml              # beside the scenario or below it
//	  - apiVersion: v1                    # or an object, or a text block of several documents
//	    kind: ServiceAccount
//	    metadata: {name: mysql}
//	runs:                                 # by StatefulSet; what is not named runs plain
//	  mysql: raft                         # or {process: raft, container: mysql, heartbeatTimeout: 1s, …}
//	clients:
//	  - {name: writer, writes: mysql-primary, zone: zone-a, rate: 5, timeout: 1s, retries: 3, keys: 8, from: 30s, until: 80s}
//	  - {name: reader, reads: mysql-replica, stale: true}
//	latencies:                            # see Hops
//	  imagePull: 3s
//	  attach: {min: 2s, max: 6s}
//	  network: {median: 300us, p99: 2ms}
//	steps:                                # each has at, when or follows, and one action
//	  - {at: 60s, kill: the primary of mysql}
//	  - {name: cut, when: set.mysql.readyReplicas == 3, after: 5s, for: 20s, partition: {from: node node-a, to: everything else}}
//	  - {at: 70s, hold: {from: mysql-0, to: mysql-1}}
//	  - {at: 70s, degrade: {from: zone zone-a, latency: 50ms, jitter: 10ms, loss: 0.01, duplicate: 0.01}}
//	  - {at: 80s, heal: cut}
//	  - {at: 80s, kubectl: "scale statefulset/mysql --replicas=${replicas}"}
//	expect:                               # each has one condition
//	  - {name: all are ready, finally: set.mysql.readyReplicas == 3}
//	  - {eventually: failovers.size() == 1, by: 80s}
//	  - {at: 30s, that: 'pod["mysql-0"].ready'}
//	  - {always: 'pods.all(p, p.restarts < 3)'}
//	  - {never: 'clients.exists(c, c.lost > 0)'}
//
// Conditions are CEL, https://cel.dev. They read the lists pods, sets, nodes, claims, services, clients, peers, events,
// cronjobs, jobs and failovers, the maps pod, set, node, claim, service, client, peer, cronjob and job by name, and now, in
// seconds. The types named …Fact say which fields there are; in an expression they begin with a lower case letter.
//
// A target is "mysql-0", "pod mysql-0", "the primary of mysql", "a replica of mysql", "pods with role=replica",
// "node node-a", "the node of mysql-0", "zone zone-a", "client writer", "the control plane" or "everything else"; docs/scenarios.md
// has all of them.
package scenarios
