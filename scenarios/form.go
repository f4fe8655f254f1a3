package scenarios

import "github.com/invopop/jsonschema"

// form is a mapping of the language: the reader and the JSON schema are both made of it.
type form struct {
	of       string // what it is, for messages: "a step"
	fields   []entry
	required []string // the names of the fields that must be there
}

// entry is one key of a mapping.
type entry struct {
	name string
	doc  string // in full sentences
	is   *jsonschema.Schema
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
	{"name", "Lower case letters, digits and '-'. Without it, the file's name without its ending.", aName},
	{"title", "One line, for listings.", aText},
	{"teaches", "The topic under which listings show it.", oneOf(topics...)},
	{"why", "What the scenario teaches; several lines.", aText},
	{"links", "Where people had the trouble that it shows.", listOf(&jsonschema.Schema{Type: "string", Pattern: "^https://"})},
	{"for", "How long it runs in virtual time.", aDuration},
	{"recovers", "How long after the last fault the world may take until all is well again. Without it that is not judged.", aDuration},
	{"kubernetes", "The version of Kubernetes, and its feature gates.", either(aVersion, refTo("kubernetes"))},
	{"vars", "Values that stand wherever the file says ${name}.", mappingOf(anything)},
	{"matrix", "Variables with several values each: the file is run once for every combination.", mappingOf(listOf(anything))},
	{"variants", "By name, what is different in a run of its own: it is laid over the rest of the file.", mappingOf(refTo("variant"))},
	{"cluster", "The nodes.", refTo("cluster")},
	{"manifests", "What is applied when the run begins: paths, objects, or texts of several documents.", listOf(aManifest)},
	{"files", "What is in the files that commands name and that do not lie beside the scenario, by their paths.", mappingOf(listOf(aManifest))},
	{"runs", "What runs in the pods of each StatefulSet, by its name.", mappingOf(either(aProcess, refTo("process")))},
	{"clients", "Who uses the Services.", listOf(refTo("client"))},
	{"latencies", "How long things take, where the defaults do not suit.", refTo("latencies")},
	{"steps", "What somebody, or fate, does to the world.", listOf(refTo("step"))},
	{"expect", "What should be true.", listOf(refTo("expectation"))},
	{"breaks", "The invariants that it is there to break.", listOf(oneOf(Breakable...))},
}, []string{"for"}}

var kubernetesForm = form{"the version of Kubernetes", []entry{
	{"version", "The minor version.", aVersion},
	{"gates", "Feature gates, true or false by their names.", mappingOf(aBoolean)},
}, nil}

var clusterForm = form{"a cluster", []entry{
	{"zones", "The zones, each with nodesPerZone nodes: node-a in zone-a.", listOf(aName)},
	{"nodesPerZone", "How many nodes each zone has; 1 without it.", whole(1, mostNodesOfCluster)},
	{"node", "The size of every node.", refTo("machine")},
	{"nodes", "Single nodes.", listOf(refTo("node"))},
	{"dns", "How long clients and peers keep what CoreDNS told them.", refTo("dnsCache")},
}, nil}

var dnsForm = form{"the DNS of a cluster", entries(dnsOptions), nil}

var machineForm = form{"a node", append(entries(nodeSizes), []entry{
	{"labels", "Labels beside those that every node has.", mappingOf(aText)},
	{"taints", "Taints, as key=value:NoSchedule.", listOf(aText)},
}...), nil}

var nodeForm = form{"a node", append([]entry{
	{"name", "Its name.", aName},
	{"zone", "Its zone; in none without it.", aName},
}, machineForm.fields...), []string{"name"}}

var clientForm = form{"a client", append([]entry{
	{"name", "How others name it.", aName},
	{"writes", "The Service to which it writes.", aText},
	{"reads", "The Service from which it reads.", aText},
}, entries(clientOptions)...), []string{"name"}}

var expectationForm = form{"an expectation", []entry{
	{"name", "What it is called in reports.", aText},
	{"finally", "A condition that holds when the run ends.", aCondition},
	{"at", "The instant of that.", aDuration},
	{"that", "A condition that holds at an instant.", aCondition},
	{"always", "A condition that holds after every step of the run.", aCondition},
	{"never", "A condition that does not hold after any step of the run.", aCondition},
	{"eventually", "A condition that holds at some instant.", aCondition},
	{"inOrder", "Conditions, each of which holds at some instant, and none earlier than the one before it.", listOf(aCondition)},
	{"after", "The step, or the steps, from whose begin on it is judged.", either(aStepName, listOf(aStepName))},
	{"within", "With after: how long it is judged from then on.", aDuration},
	{"from", "For always and never: the instant from which on it is judged.", aDuration},
	{"until", "For always and never: the last instant at which it is judged; the end of the run without it.", aDuration},
	{"by", "For eventually and inOrder: the last instant at which it is judged; the end of the run without it.", aDuration},
}, nil}

var stepForm = form{"a step", append([]entry{
	{"name", "How other steps, heal, expectations and the timeline name it.", aStepName},
	{"at", "The instant.", aDuration},
	{"when", "Instead of at: the condition that must hold first.", aCondition},
	{"follows", "Instead of at: the step, or the steps, that must be over first.", either(aStepName, listOf(aStepName))},
	{"after", "With when and follows, and within a sequence: so much later.", aDuration},
	{"for", "How long the fault lasts, or when a command is broken off.", aDuration},
	{"every", "It comes again and again, so much after it began.", aDuration},
	{"until", "With every: from this instant on it does not come again.", aDuration},
	{"optional", "If it never begins or cannot be done, the run does not fail.", aBoolean},
	{"fails", "With kubectl: the command is to fail, and its error to contain this.", aText},
	{"sequence", "Steps, each of which begins when the one before it is over.", listOf(refTo("step"))},
	{"parallel", "Steps that begin together.", listOf(refTo("step"))},
	{"kubectl", "A command in kubectl's words.", aText},
}, actionEntries()...), nil}

// actionEntries are the keys of a step that say what it does.
func actionEntries() (entries []entry) {
	for i := range actionKinds {
		k := &actionKinds[i]
		is := refTo(k.Key)
		if k.short() {
			is = either(fieldSchema(k.Fields[0]), is)
		}
		entries = append(entries, entry{k.Key, k.Models, is})
	}
	return entries
}

// form is that of an action in its long form.
func (k *ActionKind) form() *form {
	s := &form{of: "the action " + k.Key}
	for _, f := range k.Fields {
		s.fields = append(s.fields, entry{f.Key, sentence(f.Doc), fieldSchema(f)})
		if f.Required {
			s.required = append(s.required, f.Key)
		}
	}
	return s
}
