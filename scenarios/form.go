package scenarios

import "github.com/invopop/jsonschema"

// form is a mapping of the language: the reader and the JSON schema are both made of it.
type form struct {
	of     string // what it is, for messages: "a step"
	fields []entry
}

// entry is one key of a mapping.
type entry struct {
	name     string
	doc      string // in full sentences
	is       *jsonschema.Schema
	required bool
}

// names are the keys that the mapping can have.
func (s *form) names() []string {
	names := make([]string, len(s.fields))
	for i := range s.fields {
		names[i] = s.fields[i].name
	}
	return names
}

// fits reports whether n is a mapping, and each of its keys that the form does not have.
func (r *reader) fits(n *node, s *form) bool { return r.mapping(n, s.of, s.names()...) }

var scenarioForm = form{"a scenario", []entry{
	{"name", "Lower case letters, digits and '-'. Without it, the file's name without its ending.", aName, false},
	{"title", "One line, for listings.", aText, false},
	{"teaches", "The topic under which listings show it.", oneOf(Topics...), false},
	{"why", "What the scenario teaches; several lines.", aText, false},
	{"links", "Where people had the trouble that it shows.", listOf(&jsonschema.Schema{Type: "string", Pattern: "^https://"}), false},
	{"for", "How long it runs in virtual time.", aDuration, true},
	{"recovers", "How long after the last fault the world may take until all is well again. Without it that is not judged.", aDuration, false},
	{"kubernetes", "The version of Kubernetes, and its feature gates.", either(aVersion, refTo("kubernetes")), false},
	{"vars", "Values that stand wherever the file says ${name}.", mappingOf(anything), false},
	{"matrix", "Variables with several values each: the file is run once for every combination.", mappingOf(listOf(anything)), false},
	{"variants", "By name, what is different in a run of its own: it is laid over the rest of the file.", mappingOf(refTo("variant")), false},
	{"cluster", "The nodes.", refTo("cluster"), false},
	{"manifests", "What is applied when the run begins: paths, objects, or texts of several documents.", listOf(aManifest), false},
	{"files", "What is in the files that commands name and that do not lie beside the scenario, by their paths.", mappingOf(listOf(aManifest)), false},
	{"runs", "What runs in the pods of each StatefulSet, by its name.", mappingOf(either(aProcess, refTo("process"))), false},
	{"clients", "Who uses the Services.", listOf(refTo("client")), false},
	{"latencies", "How long things take, where the defaults do not suit.", refTo("latencies"), false},
	{"steps", "What somebody, or fate, does to the world.", listOf(refTo("step")), false},
	{"expect", "What should be true.", listOf(refTo("expectation")), false},
	{"breaks", "The invariants that it is there to break.", listOf(oneOf(Breakable...)), false},
}}

var kubernetesForm = form{"the version of Kubernetes", []entry{
	{"version", "The minor version.", aVersion, false},
	{"gates", "Feature gates, true or false by their names.", mappingOf(aBoolean), false},
}}

var clusterForm = form{"a cluster", []entry{
	{"zones", "The zones, each with nodesPerZone nodes: node-a in zone-a.", listOf(aName), false},
	{"nodesPerZone", "How many nodes each zone has; 1 without it.", whole(1, mostNodesOfCluster), false},
	{"node", "The size of every node.", refTo("machine"), false},
	{"nodes", "Single nodes.", listOf(refTo("node")), false},
	{"dns", "How long clients and peers keep what CoreDNS told them.", refTo("dnsCache"), false},
}}

var dnsForm = form{"the DNS of a cluster", []entry{
	{"ttl", "How long the addresses of a name are kept; 30s without it.", aDuration, false},
	{"negative", "How long it is kept that there is no such name; 30s without it.", aDuration, false},
}}

var machineForm = form{"a node", []entry{
	{"cpu", "The CPUs that pods can have, as a quantity; 4 without it.", aQuantity, false},
	{"memory", "The memory that pods can have, as a quantity; 16Gi without it.", aQuantity, false},
	{"pods", "How many pods fit; 110 without it.", whole(0, mostPodsOfNode), false},
	{"labels", "Labels beside those that every node has.", mappingOf(aText), false},
	{"taints", "Taints, as key=value:NoSchedule.", listOf(aText), false},
}}

var nodeForm = form{"a node", append([]entry{
	{"name", "Its name.", aName, true},
	{"zone", "Its zone; in none without it.", aName, false},
}, machineForm.fields...)}

var clientForm = form{"a client", []entry{
	{"name", "How others name it.", aName, true},
	{"writes", "The Service to which it writes.", aText, false},
	{"reads", "The Service from which it reads.", aText, false},
	{"stale", "For reads: content with what a replica has, however old.", aBoolean, false},
	{"namespace", "That of the Service; default without it.", aName, false},
	{"zone", "Where it stands; outside of the cluster without it.", aText, false},
	{"rate", "Operations begun per second; 1 without it.", aNumber, false},
	{"timeout", "For one attempt; 1s without it.", aDuration, false},
	{"retries", "Attempts after the first; 3 without it.", whole(0, 1000), false},
	{"keys", "How many registers it uses; 8 without it.", whole(1, 100_000), false},
	{"from", "When it begins; with the run without it.", aDuration, false},
	{"until", "When it ends; with the run without it.", aDuration, false},
}}

var expectationForm = form{"an expectation", []entry{
	{"name", "What it is called in reports.", aText, false},
	{"finally", "A condition that holds when the run ends.", aCondition, false},
	{"at", "The instant of that.", aDuration, false},
	{"that", "A condition that holds at an instant.", aCondition, false},
	{"always", "A condition that holds after every step of the run.", aCondition, false},
	{"never", "A condition that does not hold after any step of the run.", aCondition, false},
	{"eventually", "A condition that holds at some instant.", aCondition, false},
	{"inOrder", "Conditions, each of which holds at some instant, and none earlier than the one before it.", listOf(aCondition), false},
	{"after", "The step, or the steps, from whose begin on it is judged.", either(aStepName, listOf(aStepName)), false},
	{"within", "With after: how long it is judged from then on.", aDuration, false},
	{"from", "For always and never: the instant from which on it is judged.", aDuration, false},
	{"until", "For always and never: the last instant at which it is judged; the end of the run without it.", aDuration, false},
	{"by", "For eventually and inOrder: the last instant at which it is judged; the end of the run without it.", aDuration, false},
}}

var stepForm = form{"a step", append([]entry{
	{"name", "How other steps, heal, expectations and the timeline name it.", aStepName, false},
	{"at", "The instant.", aDuration, false},
	{"when", "Instead of at: the condition that must hold first.", aCondition, false},
	{"follows", "Instead of at: the step, or the steps, that must be over first.", either(aStepName, listOf(aStepName)), false},
	{"after", "With when and follows, and within a sequence: so much later.", aDuration, false},
	{"for", "How long the fault lasts, or when a command is broken off.", aDuration, false},
	{"every", "It comes again and again, so much after it began.", aDuration, false},
	{"until", "With every: from this instant on it does not come again.", aDuration, false},
	{"optional", "If it never begins or cannot be done, the run does not fail.", aBoolean, false},
	{"fails", "With kubectl: the command is to fail, and its error to contain this.", aText, false},
	{"sequence", "Steps, each of which begins when the one before it is over.", listOf(refTo("step")), false},
	{"parallel", "Steps that begin together.", listOf(refTo("step")), false},
	{"kubectl", "A command in kubectl's words.", aText, false},
}, actionEntries()...)}

// actionEntries are the keys of a step that say what it does.
func actionEntries() (entries []entry) {
	for i := range actionKinds {
		k := &actionKinds[i]
		is := refTo(k.Key)
		if k.short() {
			is = either(fieldSchema(k.Fields[0]), is)
		}
		entries = append(entries, entry{k.Key, k.Models, is, false})
	}
	return entries
}

// form is that of an action in its long form.
func (k *ActionKind) form() *form {
	s := &form{of: "the action " + k.Key}
	for _, f := range k.Fields {
		s.fields = append(s.fields, entry{f.Key, sentence(f.Doc), fieldSchema(f), f.Required})
	}
	return s
}
