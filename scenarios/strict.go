package scenarios

import (
	"cmp"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"statefulsim/scenarios/words"
)

// checker holds a document to the Go type that it is going to be decoded into, and says where it differs. What decoders
// say of a mistake lacks its position, and they stop at the first.
type checker struct {
	of     string // what the document is, for messages about the whole of it
	report func(Problem)

	directives bool // fields that begin with $ tell how to merge: they are not of the type
}

var unmarshaler = reflect.TypeFor[json.Unmarshaler]()

func (c *checker) wrong(n *node, what, cure string) {
	c.report(n.problem(what, cure))
}

// check reports what of n does not fit t. path is the field's, for messages.
func (c *checker) check(n *node, t reflect.Type, path string) {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if n.kind == null {
		return
	}
	if reflect.PointerTo(t).Implements(unmarshaler) {
		c.leaf(n, t, path)
		return
	}
	switch t.Kind() {
	case reflect.Struct:
		c.object(n, t, path)
	case reflect.Map:
		c.mapping(n, t, path)
	case reflect.Slice:
		c.list(n, t, path)
	default:
		c.scalar(n, t, path)
	}
}

func (c *checker) mapping(n *node, t reflect.Type, path string) {
	if !c.is(n, path, mapping) {
		return
	}
	for i, k := range n.keys {
		c.harmless(n, path, k.name)
		c.check(n.values[i], t.Elem(), path+"["+k.name+"]")
	}
}

// list checks the items of a list. Bytes are none: they stand in a text.
func (c *checker) list(n *node, t reflect.Type, path string) {
	if t.Elem().Kind() == reflect.Uint8 {
		c.leaf(n, t, path)
		return
	}
	if !c.is(n, path, sequence) {
		return
	}
	for i, item := range n.values {
		c.check(item, t.Elem(), fmt.Sprintf("%s[%d]", path, i))
	}
}

func (c *checker) scalar(n *node, t reflect.Type, path string) {
	switch t.Kind() {
	case reflect.String:
		if c.is(n, path, str) {
			c.harmless(n, path, n.text)
		}
	case reflect.Bool:
		c.is(n, path, boolean)
	case reflect.Float32, reflect.Float64:
		c.is(n, path, float, integer)
	default:
		if c.is(n, path, integer) && json.Unmarshal([]byte(n.text), reflect.New(t).Interface()) != nil {
			c.wrong(n, path+" cannot be "+n.text, fmt.Sprintf("a number of %d bits", t.Bits()))
		}
	}
}

// harmless reports a text that a terminal might obey when a run tells of the object. What is never told may be anything.
func (c *checker) harmless(n *node, path, text string) {
	if !strings.ContainsFunc(text, obeyed) {
		return
	}
	for _, silent := range []string{"data[", "stringData[", "metadata.annotations["} {
		if strings.HasPrefix(path, silent) {
			return
		}
	}
	c.wrong(n, path+" holds a character that cannot be printed: "+words.Quoted(text), "leave it out")
}

// is reports a value that is of none of the kinds.
func (c *checker) is(n *node, path string, kinds ...nodeKind) bool {
	for _, k := range kinds {
		if n.kind == k {
			return true
		}
	}
	cure := ""
	if kinds[0] == str && n.kind != mapping && n.kind != sequence {
		cure = "put it in quotes: " + words.Quoted(n.text)
	}
	if _, err := strconv.ParseInt(n.text, 10, 64); err == nil && kinds[0] == integer && n.kind == str {
		cure = "write it without quotes"
	}
	c.wrong(n, path+" is "+string(kinds[0])+", and this is "+describe(n), cure)
	return false
}

// leaf lets a type that decodes itself say whether it can.
func (c *checker) leaf(n *node, t reflect.Type, path string) {
	if err := json.Unmarshal(n.json(nil), reflect.New(t).Interface()); err != nil {
		c.wrong(n, path+" cannot be "+describe(n), err.Error())
	}
}

func (c *checker) object(n *node, t reflect.Type, path string) {
	if !c.is(n, path, mapping) {
		return
	}
	fields := map[string]reflect.Type{}
	var names []string
	jsonFields(t, func(name string, typ reflect.Type) {
		fields[name] = typ
		names = append(names, name)
	})
	for i, k := range n.keys {
		typ, known := fields[k.name]
		if !known && c.directives && isDirective(k.name) {
			continue
		}
		if !known {
			c.report(k.problem(cmp.Or(path, c.of)+" has no field "+words.Quoted(k.name), words.DidYouMean(k.name, names)))
			continue
		}
		c.check(n.values[i], typ, strings.TrimPrefix(path+"."+k.name, "."))
	}
}

// isDirective is true for the words of a strategic merge patch that say more than a merge.
func isDirective(name string) bool {
	word, _, _ := strings.Cut(name, "/")
	return slices.Contains([]string{"$patch", "$retainKeys", "$deleteFromPrimitiveList", "$setElementOrder"}, word)
}

// jsonFields calls add for each field that a struct has in JSON, those of embedded structs included.
func jsonFields(t reflect.Type, add func(name string, typ reflect.Type)) {
	for i := range t.NumField() {
		f := t.Field(i)
		name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		switch {
		case name == "-":
		case name == "" && (f.Anonymous || strings.Contains(options, "inline")):
			embedded := f.Type
			if embedded.Kind() == reflect.Pointer {
				embedded = embedded.Elem()
			}
			jsonFields(embedded, add)
		case name != "":
			add(name, f.Type)
		}
	}
}

// patchProblem says what is wrong with a merge patch of an object: "" if nothing is.
func patchProblem(merge []byte, of Object) (problem, cure string) {
	var problems Problems
	report := func(p Problem) { problems = append(problems, p) }
	t := newText("patch", merge)
	for _, doc := range documents(t, string(merge), report) {
		c := &checker{of: "the patched object", report: report, directives: true}
		c.check(doc, reflect.TypeOf(of), "")
	}
	if len(problems) == 0 {
		return "", ""
	}
	return problems[0].What, problems[0].Cure
}
