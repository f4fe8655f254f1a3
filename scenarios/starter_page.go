package scenarios

import "text/template"

var starterPage = template.Must(template.New("starter").Parse(`# A scenario to begin with, made of your manifests. "sim run FILE" plays it.
# An editor that knows YAML completes it after "sim schema > scenario.schema.json".
# yaml-language-server: $schema=scenario.schema.json

title: {{with .Killed}}The first pod of {{.Name}} is killed, and comes back{{else}}{{(index .Sets 0).Name}} has no pods{{end}}
why: |
  Write down what you want to know of your cluster.

# Virtual time: a run of minutes takes a part of a second.
for: {{.Length}}

# The nodes: so many in each zone, named node-a and so on.
cluster:
  zones: [zone-a, zone-b, zone-c]
  nodesPerZone: {{.Nodes}}
{{- if or .CPU .Memory}}
  node: { {{- with .CPU}}cpu: "{{.}}"{{end}}{{if and .CPU .Memory}}, {{end}}{{with .Memory}}memory: "{{.}}"{{end -}} }
{{- end}}

# What is applied when the run begins. Paths are relative to this file.
manifests:
{{- range .Manifests}}
  - {{.}}
{{- end}}
{{- range .Classes}}
  # Your claims name this StorageClass, and your manifests do not have it.
  - apiVersion: storage.k8s.io/v1
    kind: StorageClass
    metadata: {name: "{{.}}"}
    provisioner: disk.csi.statefulsim
    volumeBindingMode: WaitForFirstConsumer
{{- end}}

# What runs in the pods. As it is, a container serves some seconds after its start, answers everybody, and knows nobody. Pods that
# are the members of one database, with a primary that takes the writes, need a headless Service and one of these. They get the label
# role: primary or role: replica.
# runs:
#   {{(index .Sets 0).Name}}: raft          # they elect a primary, as with group replication or etcd
#   {{(index .Sets 0).Name}}: replicated    # an operator fails the primary over; replication is asynchronous if you do not say
{{- with .Client}}

# Who uses the Services.
clients:
  - {name: reader, reads: {{.Name}}{{if ne .Namespace "default"}}, namespace: {{.Namespace}}{{end}}, zone: zone-a, rate: 2, from: 1m}
{{- end}}
{{- with .Primary}}
{{- if not $.Client}}

# Who uses the Services.
# clients:{{end}}
#  - {name: writer, writes: {{.}}, zone: zone-a, rate: 2, from: 1m}    # has a primary once something in runs elects one
{{- end}}

{{- with .Killed}}

# What goes wrong, and when.
steps:
  - name: kill
    when: '{{$.AllReady}}{{if $.Client}} && client.reader.acknowledged >= 10{{end}}'
    after: 5s
    kill: {{.Pod}}
  # Other things to try: crash: the node of {{.Pod}}
  #                      partition: {from: zone zone-a, to: everything else}
  #                      kubectl: rollout restart statefulset/{{.Name}}
{{- end}}

# What should be true.
expect:
{{- range .Sets}}
  - name: all pods of {{.Name}} are ready at the end
    finally: '{{.Fact}}.readyReplicas == {{.Replicas}}'
{{- end}}
{{- with .Killed}}
  - name: the killed pod was restarted where it was
    finally: 'pod["{{.Pod}}"].restarts >= 1 && pod["{{.Pod}}"].ready'
{{- end}}
{{- if .Client}}
  - name: the reader was served
    finally: client.reader.acknowledged > 0
{{- end}}
`))
