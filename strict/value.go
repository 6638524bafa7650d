package strict

import (
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"

	"github.com/graphwarden/graphwarden/meant"
)

// value holds a node against the type that it is to become.
func (r *Reading) value(node ast.Node, t reflect.Type, at string, tag reflect.StructTag) {
	if r.nodes++; r.nodes > most {
		r.turning(node)
		return
	}
	node = r.settled(node)
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if _, empty := node.(*ast.NullNode); empty || node == nil {
		if node != nil && at != "" {
			r.misfit(node, at, "it is empty; leave it out, or say something")
		}
		return
	}
	own := reflect.PointerTo(t).Implements(reflect.TypeFor[yaml.BytesUnmarshaler]())
	_, mapping := node.(ast.MapNode)
	switch {
	case own && mapping && reflect.PointerTo(t).Implements(reflect.TypeFor[Either]()):
		r.names(node, t, at)
	case own:
		r.own(node, t, at)
	case t.Kind() == reflect.Struct:
		r.names(node, t, at)
	case t.Kind() == reflect.Map:
		r.free(node, t, at)
	case t.Kind() == reflect.Slice:
		r.list(node, t, at, tag)
	default:
		r.scalar(node, t, at, tag)
	}
}

// settled is the node that an anchor names or an alias repeats.
func (r *Reading) settled(node ast.Node) ast.Node {
	for first := node; ; r.nodes++ {
		if r.nodes > most {
			r.turning(first)
			return nil
		}
		switch n := node.(type) {
		case *ast.AnchorNode:
			r.anchors[n.Name.GetToken().Value] = n.Value
			node = n.Value
		case *ast.AliasNode:
			node = r.anchors[n.Value.GetToken().Value]
		case *ast.TagNode:
			node = n.Value
		default:
			return node
		}
	}
}

// turning tells, once, of a file that refers to itself over and over.
func (r *Reading) turning(node ast.Node) {
	if !r.turns {
		r.turns = true
		r.wrong(node, "", "the file refers to itself, or is far too large")
	}
}

// pair is a name and its value.
type pair struct {
	name  string
	key   ast.Node
	value ast.Node
}

// pairs are what a mapping says, with what is merged into it; a name that stands
// twice is a mistake.
func (r *Reading) pairs(node ast.Node, at string) []pair {
	mapping, is := node.(ast.MapNode)
	if !is {
		r.misfit(node, at, "names with values belong here, such as \"name: value\"")
		return nil
	}
	if r.nodes++; r.nodes > most {
		r.turning(node)
		return nil
	}
	var out []pair
	seen := map[string]bool{}
	for i := mapping.MapRange(); i.Next(); {
		entry := i.KeyValue()
		if entry.Key.IsMergeKey() {
			out = append(out, r.merged(entry.Value, at)...)
			continue
		}
		name := entry.Key.GetToken().Value
		if seen[name] {
			r.wrong(entry, join(at, name), "it stands here twice")
			continue
		}
		seen[name] = true
		r.places[join(at, name)] = placeOf(entry.Key.GetToken())
		out = append(out, pair{name, entry.Key, entry.Value})
	}
	return out
}

// merged are what "<<" brings in.
func (r *Reading) merged(node ast.Node, at string) []pair {
	switch n := r.settled(node).(type) {
	case *ast.SequenceNode:
		var out []pair
		for _, one := range n.Values {
			out = append(out, r.merged(one, at)...)
		}
		return out
	case nil:
		return nil
	default:
		return r.pairs(n, at)
	}
}

// names holds a mapping against a struct.
func (r *Reading) names(node ast.Node, t reflect.Type, at string) {
	fields := fieldsOf(t)
	said := map[string]bool{}
	before := len(r.Mistakes)
	for _, p := range r.pairs(node, at) {
		f, known := fields[p.name]
		if said[p.name] = true; !known {
			r.misfit(p.key, join(at, p.name), "there is no such setting%s", r.guess(p.name, said, fields))
			continue
		}
		r.value(p.value, f.Type, join(at, p.name), f.Tag)
	}
	if _, is := node.(ast.MapNode); !is {
		return
	}
	for _, name := range sorted(fields) {
		if fields[name].Tag.Get("need") != "" && !said[name] && !r.mistyped(before, at, name) {
			r.wrong(node, join(at, name), "it is missing")
		}
	}
}

// guess is what an unknown name may have meant.
func (r *Reading) guess(name string, said map[string]bool, fields map[string]reflect.StructField) string {
	var free []string
	for _, one := range sorted(fields) {
		if !said[one] {
			free = append(free, one)
		}
	}
	if word := meant.Word(name, free); word != "" {
		return ", did you mean " + word + "?"
	}
	return "; there are " + strings.Join(sorted(fields), ", ")
}

// mistyped says whether a name is missing only because it was mistyped, which has
// been told.
func (r *Reading) mistyped(before int, at, name string) bool {
	return slices.ContainsFunc(r.Mistakes[before:], func(m Mistake) bool {
		return strings.HasPrefix(m.At, at) && strings.HasSuffix(m.Say, "did you mean "+name+"?")
	})
}

// free holds a mapping with names of the writer's own against a map.
func (r *Reading) free(node ast.Node, t reflect.Type, at string) {
	for _, p := range r.pairs(node, at) {
		r.value(p.value, t.Elem(), join(at, p.name), "")
	}
}

func (r *Reading) list(node ast.Node, t reflect.Type, at string, tag reflect.StructTag) {
	sequence, is := node.(*ast.SequenceNode)
	if !is {
		r.misfit(node, at, "a list belongs here, such as [one, two]")
		return
	}
	for i, one := range sequence.Values {
		r.places[Entry(at, i)] = beginning(one)
		r.value(one, t.Elem(), at, tag)
	}
}

// Entry names an entry of a list, the first is 0, as Place takes it.
func Entry(at string, i int) string { return join(at, strconv.Itoa(i)) }

// own has a type read what it reads in its own way.
func (r *Reading) own(node ast.Node, t reflect.Type, at string) {
	_, text := node.(*ast.StringNode)
	scalar, single := node.(ast.ScalarNode)
	if !single {
		r.misfit(node, at, "text belongs here")
		return
	}
	err := reflect.New(t).Interface().(yaml.BytesUnmarshaler).UnmarshalYAML([]byte(scalar.String()))
	switch {
	case err != nil:
		r.misfit(node, at, "%v", err)
	case !text:
		r.misfit(node, at, "text belongs here%s", quoted(node))
	}
}

func join(at, name string) string {
	if at == "" {
		return name
	}
	return at + "." + name
}
