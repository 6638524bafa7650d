// Package strict reads YAML into Go's types and takes nothing on trust: a name
// that the type does not have, a value of another kind, an empty value and a name
// that stands twice are mistakes. It promises to find all of them, each with its
// line and column and with the word that was probably meant; and that whoever
// looks further can ask where something stands.
package strict

import (
	"cmp"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"
)

// Place is where something stands: its line and column from 1, both 0 when it
// stands nowhere.
type Place struct{ Line, Column int }

// Mistake is something that is not as the types want it.
type Mistake struct {
	Place
	At  string // the names that lead there, "flows.office.kind"
	Say string // what is wrong, without a full stop
}

// Reading is what came of reading a file.
type Reading struct {
	Mistakes []Mistake // by place
	places   map[string]Place
	lists    map[string][]string
	anchors  map[string]ast.Node
	unfit    map[ast.Node]bool // what no type can take: left out, so that the rest is read
	nodes    int
	turns    bool
}

// Either is a type that may be written as text instead of by its names.
type Either interface{ AlsoText() }

// most is how many nodes are looked at: more is a file that refers to itself over
// and over.
const most = 1 << 16

// Read reads raw into a struct. Lists are the words that the tag one:"@name" of a
// field refers to. When Mistakes come back, into holds what could be read.
func Read(raw []byte, into any, lists map[string][]string) *Reading {
	r := &Reading{places: map[string]Place{}, lists: lists, anchors: map[string]ast.Node{}, unfit: map[ast.Node]bool{}}
	file, err := parser.ParseBytes(raw, 0, parser.AllowDuplicateMapKey())
	if err != nil {
		r.foreign("", err)
		return r
	}
	var bodies []ast.Node
	for _, d := range file.Docs {
		if d.Body != nil && d.Body.Type() != ast.CommentType {
			bodies = append(bodies, d.Body)
		}
	}
	switch len(bodies) {
	case 0:
		return r
	case 1:
		r.value(bodies[0], reflect.TypeOf(into).Elem(), "", "")
	default:
		r.wrong(bodies[1], "", "a second document begins here, and one file is one document")
		return r
	}
	if r.turns {
		return r
	}
	decoder := yaml.NewDecoder(strings.NewReader(string(raw)), yaml.AllowDuplicateMapKey())
	if len(r.unfit) > 0 {
		err = decoder.DecodeFromNode(r.fitting(bodies[0]), into)
	} else {
		err = decoder.Decode(into)
	}
	if err != nil && len(r.Mistakes) == 0 {
		r.foreign("", err)
	}
	slices.SortStableFunc(r.Mistakes, func(a, b Mistake) int {
		return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
	})
	return r
}

// Place is where the value stands that the names lead to, or the nearest around it
// when it stands nowhere.
func (r *Reading) Place(at string) Place {
	for at != "" {
		if p, known := r.places[at]; known {
			return p
		}
		cut := strings.LastIndexByte(at, '.')
		at = at[:max(cut, 0)]
	}
	return Place{}
}

// Stands says whether the names lead to something in the file.
func (r *Reading) Stands(at string) bool {
	_, known := r.places[at]
	return known
}

// foreign takes what the parser itself found.
func (r *Reading) foreign(at string, err error) {
	m := Mistake{At: at, Say: err.Error()}
	var syntax *yaml.SyntaxError
	var kind *yaml.TypeError
	switch {
	case errors.As(err, &syntax):
		m.Say, m.Place = syntax.Message, placeOf(syntax.Token)
	case errors.As(err, &kind):
		m.Say, m.Place = "it is not of the kind that belongs here", placeOf(kind.Token)
	}
	r.Mistakes = append(r.Mistakes, m)
}

func placeOf(t *token.Token) Place {
	if t == nil || t.Position == nil {
		return Place{}
	}
	return Place{t.Position.Line, t.Position.Column}
}

func (r *Reading) wrong(node ast.Node, at, format string, args ...any) {
	r.Mistakes = append(r.Mistakes, Mistake{Place: beginning(node), At: at, Say: fmt.Sprintf(format, args...)})
}

// beginning is where a node begins: a mapping with its first name.
func beginning(node ast.Node) Place {
	switch n := node.(type) {
	case *ast.MappingNode:
		if !n.IsFlowStyle && len(n.Values) > 0 {
			return beginning(n.Values[0])
		}
	case *ast.MappingValueNode:
		return placeOf(n.Key.GetToken())
	case *ast.AnchorNode:
		return placeOf(n.Start)
	}
	return placeOf(node.GetToken())
}
