// Package csdl turns Microsoft's schema document (OData CSDL 4.0 XML) into the
// compact facts that package edm embeds: names, types, nullability, enum
// members, keys, operations and roots; no descriptions, no vocabularies beyond
// alternate keys. The same input gives the same bytes. Only the generator and
// its test use it.
package csdl

import (
	"bytes"
	"compress/gzip"
	"encoding/xml"
	"fmt"
	"io"
	"strings"
)

type document struct {
	Schemas []schema `xml:"DataServices>Schema"`
}

type schema struct {
	Namespace string      `xml:",attr"`
	Alias     string      `xml:",attr"`
	Enums     []enum      `xml:"EnumType"`
	Entities  []structure `xml:"EntityType"`
	Complexes []structure `xml:"ComplexType"`
	Actions   []operation `xml:"Action"`
	Functions []operation `xml:"Function"`
	Sets      []root      `xml:"EntityContainer>EntitySet"`
	Singles   []root      `xml:"EntityContainer>Singleton"`
}

type enum struct {
	Name    string `xml:",attr"`
	IsFlags bool   `xml:",attr"`
	Members []struct {
		Name string `xml:",attr"`
	} `xml:"Member"`
}

type structure struct {
	Name       string `xml:",attr"`
	BaseType   string `xml:",attr"`
	Abstract   bool   `xml:",attr"`
	OpenType   bool   `xml:",attr"`
	Keys       []part `xml:"Key>PropertyRef"`
	Properties []part `xml:"Property"`
	Navs       []part `xml:"NavigationProperty"`
	Notes      []note `xml:"Annotation"`
}

type part struct {
	Name           string `xml:",attr"`
	Type           string `xml:",attr"`
	Nullable       string `xml:",attr"`
	ContainsTarget bool   `xml:",attr"`
}

type note struct {
	Term string `xml:",attr"`
	Refs []struct {
		Path string `xml:"PropertyPath,attr"`
	} `xml:"Collection>Record>PropertyValue>Collection>Record>PropertyValue"`
}

type operation struct {
	Name    string `xml:",attr"`
	IsBound bool   `xml:",attr"`
	Params  []part `xml:"Parameter"`
	Return  *part  `xml:"ReturnType"`
}

type root struct {
	Name       string `xml:",attr"`
	Type       string `xml:",attr"`
	EntityType string `xml:",attr"`
}

// Compact reads CSDL and returns the facts, compressed.
func Compact(from io.Reader) ([]byte, error) {
	var doc document
	if err := xml.NewDecoder(from).Decode(&doc); err != nil {
		return nil, fmt.Errorf("reading CSDL: %w", err)
	}
	if len(doc.Schemas) == 0 {
		return nil, fmt.Errorf("reading CSDL: no schema in the document")
	}
	w := &writer{}
	for _, s := range doc.Schemas {
		w.schema(s)
	}
	var packed bytes.Buffer
	z, err := gzip.NewWriterLevel(&packed, gzip.BestCompression)
	if err != nil {
		return nil, err
	}
	if _, err := z.Write(w.out.Bytes()); err != nil {
		return nil, err
	}
	if err := z.Close(); err != nil {
		return nil, err
	}
	return packed.Bytes(), nil
}

// writer prints the line format that package edm reads; see its facts.go.
type writer struct {
	out              bytes.Buffer
	namespace, alias string
}

func (w *writer) line(words ...string) {
	w.out.WriteString(strings.Join(words, " "))
	w.out.WriteByte('\n')
}

func (w *writer) schema(s schema) {
	w.namespace, w.alias = s.Namespace, s.Alias
	for _, e := range s.Enums {
		words := []string{"enum", w.own(e.Name)}
		if e.IsFlags {
			words[0] = "flags"
		}
		for _, m := range e.Members {
			words = append(words, m.Name)
		}
		w.line(words...)
	}
	for _, t := range s.Entities {
		w.structure("entity", t)
	}
	for _, t := range s.Complexes {
		w.structure("complex", t)
	}
	for _, o := range s.Actions {
		w.operation("action", o)
	}
	for _, o := range s.Functions {
		w.operation("function", o)
	}
	for _, r := range s.Sets {
		w.line("set", r.Name, w.typ(r.EntityType))
	}
	for _, r := range s.Singles {
		w.line("single", r.Name, w.typ(r.Type))
	}
}

func (w *writer) structure(kind string, t structure) {
	words := []string{kind, w.own(t.Name), w.typ(t.BaseType)}
	if t.BaseType == "" {
		words[2] = "-"
	}
	if t.Abstract {
		words = append(words, "abstract")
	}
	if t.OpenType {
		words = append(words, "open")
	}
	w.line(words...)
	for _, k := range t.Keys {
		w.line("k", k.Name)
	}
	for _, n := range t.Notes {
		if n.Term != "Org.OData.Core.V1.AlternateKeys" {
			continue
		}
		for _, r := range n.Refs {
			if r.Path != "" {
				w.line("a", r.Path)
			}
		}
	}
	for _, p := range t.Properties {
		w.line(w.part("p", p)...)
	}
	for _, p := range t.Navs {
		words := w.part("n", p)
		if p.ContainsTarget {
			words = append(words, "contained")
		}
		w.line(words...)
	}
}

// part prints a property: name, type, and "!" when null is not allowed.
func (w *writer) part(kind string, p part) []string {
	words := []string{kind, p.Name, w.typ(p.Type)}
	if p.Nullable == "false" {
		words = append(words, "!")
	}
	return words
}

// operation prints a bound operation; Graph has no unbound ones.
func (w *writer) operation(kind string, o operation) {
	if !o.IsBound || len(o.Params) == 0 {
		return
	}
	result := "-"
	if o.Return != nil {
		result = w.typ(o.Return.Type)
	}
	w.line(kind, w.own(o.Name), w.typ(o.Params[0].Type), result)
	for _, p := range o.Params[1:] {
		w.line(w.part("p", p)...)
	}
}

const main = "microsoft.graph."

// own qualifies a name of this schema; the main namespace is left out.
func (w *writer) own(name string) string {
	return strings.TrimPrefix(w.namespace+"."+name, main)
}

// typ prints a reference to a type: aliases resolved, the main namespace left
// out, "[]" before the element type of a collection.
func (w *writer) typ(name string) string {
	if inner, ok := strings.CutPrefix(name, "Collection("); ok {
		return "[]" + w.typ(strings.TrimSuffix(inner, ")"))
	}
	if rest, ok := strings.CutPrefix(name, w.alias+"."); ok && w.alias != "" {
		return w.own(rest)
	}
	// Every schema of Graph uses the main one's alias without declaring it.
	if rest, ok := strings.CutPrefix(name, "graph."); ok {
		return rest
	}
	return strings.TrimPrefix(name, main)
}
