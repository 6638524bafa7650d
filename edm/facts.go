package edm

import (
	"bytes"
	"compress/gzip"
	_ "embed"
	"fmt"
	"io"
	"strings"
)

//go:embed facts.txt.gz
var packed []byte

// read unpacks the facts: one fact a line, words separated by spaces.
//
//	enum|flags NAME MEMBER...
//	entity|complex NAME BASE|- [abstract] [open], followed by its
//	  k NAME                     key property
//	  a NAME                     alternate key
//	  p NAME TYPE [!]            property; "!" means that null is not allowed
//	  n NAME TYPE [!] [contained] navigation property
//	action|function NAME BOUND RETURN|-, followed by its
//	  p NAME TYPE [!]            parameter
//	set|single NAME TYPE
//
// Names lack the main namespace; "[]" stands before the type of elements.
// The facts are part of the program: if they do not read, it is broken.
func read() *Model {
	z, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		panic(fmt.Sprintf("unpacking the embedded schema: %v", err))
	}
	text, err := io.ReadAll(z)
	if err != nil {
		panic(fmt.Sprintf("unpacking the embedded schema: %v", err))
	}
	r := &reader{
		model: &Model{types: map[string]*Type{}, enums: map[string]*Enum{}, operations: map[string][]*Operation{}, roots: map[string]Root{}},
		bases: map[*Type]string{},
		names: map[string]string{},
	}
	for line := range strings.Lines(string(text)) {
		r.line(strings.Fields(line))
	}
	r.link()
	return r.model
}

type reader struct {
	model *Model
	typ   *Type      // that the following lines describe
	op    *Operation // or this
	bases map[*Type]string
	names map[string]string // qualified names, so that each is kept once
}

func (r *reader) line(w []string) {
	switch w[0] {
	case "p":
		p := r.property(w)
		if r.op != nil {
			r.op.Params = append(r.op.Params, p)
		} else {
			r.typ.properties = append(r.typ.properties, p)
		}
	case "n":
		p := r.property(w)
		r.typ.navs = append(r.typ.navs, Nav{p.Name, p.Type, p.Collection, w[len(w)-1] == "contained"})
	case "k":
		r.typ.keys = append(r.typ.keys, w[1])
	case "a":
		r.typ.alternateKeys = append(r.typ.alternateKeys, w[1])
	case "enum", "flags":
		e := &Enum{Name: r.name(w[1]), Flags: w[0] == "flags", Members: w[2:]}
		r.model.enums[strings.ToLower(e.Name)] = e
	case "entity", "complex":
		r.structure(w)
	case "action", "function":
		r.operation(w)
	case "set", "single":
		ref := r.ref(w[2])
		ref.Collection = w[0] == "set"
		r.model.roots[strings.ToLower(w[1])] = Root{w[1], ref}
	default:
		panic("reading the embedded schema: unknown fact " + w[0])
	}
}

func (r *reader) structure(w []string) {
	t := &Type{Name: r.name(w[1]), Entity: w[0] == "entity"}
	for _, word := range w[3:] {
		t.Abstract = t.Abstract || word == "abstract"
		t.Open = t.Open || word == "open"
	}
	if w[2] != "-" {
		r.bases[t] = r.name(w[2])
	}
	r.typ, r.op = t, nil
	r.model.types[strings.ToLower(t.Name)] = t
}

func (r *reader) operation(w []string) {
	o := &Operation{Name: r.name(w[1]), Action: w[0] == "action", BoundTo: r.ref(w[2])}
	if w[3] != "-" {
		ref := r.ref(w[3])
		o.Returns = &ref
	}
	r.op = o
	key := strings.ToLower(lastName(o.Name))
	r.model.operations[key] = append(r.model.operations[key], o)
}

func (r *reader) property(w []string) Property {
	ref := r.ref(w[2])
	return Property{w[1], ref.Type, ref.Collection, len(w) < 4 || w[3] != "!"}
}

func (r *reader) ref(s string) Ref {
	element, collection := strings.CutPrefix(s, "[]")
	return Ref{r.name(element), collection}
}

func (r *reader) name(s string) string {
	q, ok := r.names[s]
	if !ok {
		q = qualify(s)
		r.names[s] = q
	}
	return q
}

// link connects types with their bases, and passes openness on to what derives
// from an open type.
func (r *reader) link() {
	for t, base := range r.bases {
		t.Base = r.model.types[strings.ToLower(base)]
		if t.Base == nil {
			panic("reading the embedded schema: " + t.Name + " has no base " + base)
		}
	}
	for _, t := range r.model.types {
		for x := range t.line() {
			t.Open = t.Open || x.Open
		}
	}
}
