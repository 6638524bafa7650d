package wire

import (
	"slices"
	"strings"

	"github.com/graphwarden/graphwarden/edm"
	"github.com/graphwarden/graphwarden/odata"
	"github.com/graphwarden/graphwarden/odata/expr"
)

// project gives what a query selects and expands of one resource. Annotations
// and the key stay; a declared property that the resource lacks is null.
func (k *Kernel) project(c *Call, d Doc, typ string, q *odata.Query) (Doc, error) {
	if d["@removed"] != nil { // what is gone has no more than its id (graph-facts §3.2)
		return d, nil
	}
	t, known := k.typeOf(d, typ)
	var names []string
	for _, p := range q.Select {
		names = append(names, p[0])
	}
	if known && names == nil {
		names = c.Route.Default[expr.Unqualified(t.Name)]
	}
	out := Doc{}
	switch {
	case !known || names == nil || slices.Contains(names, "*"):
		for name, value := range d {
			out[name] = value
		}
	default:
		if err := pick(out, d, t, names, typ == mixed, c.Route.Expand); err != nil {
			return nil, err
		}
	}
	if known && names == nil {
		k.model.Complete(t.Name, out)
	}
	return out, k.expandAll(c, out, d, typ, q)
}

// typeOf is the schema type of a resource: its own, where it says so, or its
// collection's.
func (k *Kernel) typeOf(d Doc, typ string) (*edm.Type, bool) {
	if own, ok := d["@odata.type"].(string); ok {
		typ = strings.TrimPrefix(own, "#")
	}
	return k.model.Type(typ)
}

// pick copies the named properties of d, its id and its annotations. Names
// compare without regard to case, as in Graph; the answer has the schema's
// spelling. In a mixed collection an object does without what its type lacks.
func pick(out, d Doc, t *edm.Type, names []string, inMixed bool, expand map[string]Expander) error {
	for name, value := range d {
		if name == "id" || strings.HasPrefix(name, "@") {
			out[name] = value
		}
	}
	for _, name := range names {
		spelt, ref, ok := t.Member(name)
		switch {
		case ok && !isNavigation(t, spelt):
			out[spelt] = valueOf(d, spelt, ref)
		case ok, expand[name] != nil, strings.Contains(name, "."), inMixed:
		case strings.HasPrefix(name, "extension_"): // left out where it is not set
			if value, there := d[name]; there {
				out[name] = value
			}
		default:
			return unknownProperty(name, expr.Unqualified(t.Name))
		}
	}
	return nil
}

// valueOf is a property of a resource; a collection that it lacks is empty.
func valueOf(d Doc, name string, ref edm.Ref) any {
	if value, there := d[name]; there || !ref.Collection {
		return value
	}
	return []any{}
}

func isNavigation(t *edm.Type, name string) bool {
	_, ok := t.Navigation(name)
	return ok
}

// expandAll fills in the navigation properties that the query expands.
func (k *Kernel) expandAll(c *Call, out, d Doc, typ string, q *odata.Query) error {
	for i := range q.Expand {
		item := &q.Expand[i]
		name := expanded(item)
		get := c.Route.Expand[name]
		if get == nil {
			return BadRequest("Parsing OData Select and Expand failed: Could not find a property named '%s' on type 'microsoft.graph.%s'.", name, typ)
		}
		value, err := get(c, d)
		if err != nil {
			return err
		}
		if value == nil { // a link to nothing is left out, as in user-list-manager
			continue
		}
		if out[name], err = k.nested(c, value, k.leadsTo(d, typ, name), item); err != nil {
			return err
		}
	}
	return nil
}

// expanded names the navigation property that is to be expanded: behind a cast,
// if there is one, as in microsoft.graph.itemAttachment/item.
func expanded(item *odata.ExpandItem) string {
	if len(item.Path) > 1 && strings.Contains(item.Path[0], ".") {
		return item.Path[1]
	}
	return item.Path[0]
}

// leadsTo is the type of what a navigation property of a resource leads to.
func (k *Kernel) leadsTo(d Doc, typ, name string) string {
	if t, known := k.typeOf(d, typ); known {
		if nav, ok := t.Navigation(name); ok {
			return expr.Unqualified(nav.Type)
		}
	}
	return mixed
}

// nested shapes an expanded value by the options in its parentheses. $levels
// expands the same property of what was found, until there is no more.
func (k *Kernel) nested(c *Call, value any, typ string, item *odata.ExpandItem) (any, error) {
	q := item.Options
	if item.Levels != 0 {
		deeper := *item
		if deeper.Levels > 0 {
			deeper.Levels--
		}
		if item.Levels != 1 {
			q.Expand = []odata.ExpandItem{deeper}
		}
	}
	switch v := value.(type) {
	case Doc:
		return k.project(c, v, typ, &q)
	case []Doc:
		return k.nestedList(c, v, typ, &q)
	}
	return value, nil
}

func (k *Kernel) nestedList(c *Call, docs []Doc, typ string, q *odata.Query) (any, error) {
	out := []any{}
	rules := k.rules(c)
	for _, d := range docs {
		if q.Filter != nil {
			ok, err := rules.Match(q.Filter, d)
			if err != nil {
				return nil, BadRequest("%s", err.Error())
			}
			if !ok {
				continue
			}
		}
		if q.Top != nil && len(out) >= *q.Top {
			break
		}
		p, err := k.project(c, d, typ, q)
		if err != nil {
			return nil, err
		}
		out = append(out, p)
	}
	return out, nil
}
