package scenarios

import (
	"reflect"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"cel.dev/cel-go/common/types/traits"
)

// variable is a kind of facts under the two names by which expressions read them.
type variable struct {
	list  string // all of them
	named string // the same by their names; "" if they have none
	kind  *factKind
	facts func(Facts) []ref.Val
	name  func(of any) string
}

var variables = []variable{
	variableOf("pods", "pod", podKind, Facts.Pods, func(f *PodFact) string { return f.Name }),
	variableOf("sets", "set", setKind, Facts.Sets, func(f *SetFact) string { return f.Name }),
	variableOf("nodes", "node", machineKind, Facts.Nodes, func(f *NodeFact) string { return f.Name }),
	variableOf("claims", "claim", claimKind, Facts.Claims, func(f *ClaimFact) string { return f.Name }),
	variableOf("services", "service", serviceKind, Facts.Services, func(f *ServiceFact) string { return f.Name }),
	variableOf("clients", "client", clientKind, Facts.Clients, func(f *ClientFact) string { return f.Name }),
	variableOf("peers", "peer", peerKind, Facts.Peers, func(f *PeerFact) string { return f.Pod }),
	variableOf("events", "", eventKind, Facts.Events, nil),
	variableOf("cronjobs", "cronjob", cronJobKind, Facts.CronJobs, func(f *CronJobFact) string { return f.Name }),
	variableOf("jobs", "job", jobKind, Facts.Jobs, func(f *JobFact) string { return f.Name }),
	variableOf("failovers", "", failoverKind, Facts.Failovers, nil),
}

// variableOf makes a variable. name is what its facts are found by; nil if they have none.
func variableOf[T any](list, named string, kind *factKind, facts func(Facts) []T, name func(*T) string) variable {
	v := variable{list: list, named: named, kind: kind, facts: func(f Facts) []ref.Val { return values(kind, facts(f)) }}
	if name != nil {
		v.name = func(of any) string { return name(of.(*T)) }
	}
	return v
}

const now = "now" // the variable that is not a fact: seconds since the start of the run

// variableNamed returns the variable of that name, and whether it is the one by names.
func variableNamed(name string) (v *variable, named bool) {
	for i := range variables {
		if variables[i].list == name || variables[i].named == name && name != "" {
			return &variables[i], variables[i].named == name
		}
	}
	return nil, false
}

// values makes CEL's values of facts.
func values[T any](kind *factKind, facts []T) []ref.Val {
	out := make([]ref.Val, len(facts))
	for i := range facts {
		out[i] = &fact{kind, &facts[i]}
	}
	return out
}

// fact is a fact as a value of CEL.
type fact struct {
	kind *factKind
	of   any // pointer to the fact
}

func (f *fact) ConvertToNative(reflect.Type) (any, error) { return f.of, nil }

func (f *fact) ConvertToType(t ref.Type) ref.Val {
	if t == types.TypeType {
		return f.kind.typ
	}
	return types.NewErr("a %s has no other form", f.kind.name)
}

func (f *fact) Equal(other ref.Val) ref.Val {
	o, is := other.(*fact)
	return types.Bool(is && reflect.DeepEqual(f.of, o.of))
}

func (f *fact) Type() ref.Type { return f.kind.typ }
func (f *fact) Value() any     { return f.of }

// Get returns a field. CEL asks it for those that it could not resolve when it compiled the expression.
func (f *fact) Get(name ref.Val) ref.Val {
	if field, known := f.kind.byName[string(name.(types.String))]; known {
		value, _ := field.GetFrom(f.of)
		return value.(ref.Val)
	}
	return types.NewErr("a %s has no field %v", f.kind.name, name)
}

// directory is a map from names to facts that looks through the list, which is short, and keeps its order.
type directory struct {
	*variable
	facts []ref.Val
}

func (d *directory) ConvertToNative(t reflect.Type) (any, error) { return d.facts, nil }
func (d *directory) ConvertToType(ref.Type) ref.Val              { return types.NewErr("a map has no other form") }
func (d *directory) Equal(ref.Val) ref.Val                       { return types.False }
func (d *directory) Type() ref.Type                              { return types.MapType }
func (d *directory) Value() any                                  { return d.facts }
func (d *directory) Size() ref.Val                               { return types.Int(len(d.facts)) }

func (d *directory) Find(key ref.Val) (ref.Val, bool) {
	wanted, is := key.(types.String)
	if !is {
		return nil, false
	}
	for _, f := range d.facts {
		if d.name(f.(*fact).of) == string(wanted) {
			return f, true
		}
	}
	return nil, false
}

func (d *directory) Contains(key ref.Val) ref.Val {
	_, found := d.Find(key)
	return types.Bool(found)
}

func (d *directory) Get(key ref.Val) ref.Val {
	if f, found := d.Find(key); found {
		return f
	}
	return types.NewErr("no such key: %v", key)
}

func (d *directory) Iterator() traits.Iterator {
	names := make([]string, len(d.facts))
	for i, f := range d.facts {
		names[i] = d.name(f.(*fact).of)
	}
	return types.NewStringList(types.DefaultTypeAdapter, names).Iterator()
}

// activation gives an expression the variables that it asks for, and asks for each kind of facts once.
type activation struct {
	facts Facts
	asked [11][]ref.Val // by place in variables
}

func (a *activation) Parent() cel.Activation { return nil }

func (a *activation) ResolveName(name string) (any, bool) {
	if name == now {
		return types.Double(a.facts.Now().Seconds()), true
	}
	for i := range variables {
		v := &variables[i]
		if name != v.list && (name != v.named || name == "") {
			continue
		}
		if a.asked[i] == nil {
			a.asked[i] = v.facts(a.facts)
		}
		if name == v.named {
			return &directory{v, a.asked[i]}, true
		}
		return types.NewRefValList(types.DefaultTypeAdapter, a.asked[i]), true
	}
	return nil, false
}
