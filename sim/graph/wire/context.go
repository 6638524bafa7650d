package wire

import (
	"net/url"
	"strings"
)

// context is the @odata.context of an answer: what stands behind $metadata#
// (OData 4.01 Part 1, 10). For /users/{user}/events it is users('…')/events,
// with the selected properties behind it, and /$entity for a single resource.
func (c *Call) context(a Answer) string {
	at := a.Context
	if at == "" {
		at = c.Route.Context
	}
	if strings.HasPrefix(at, "Collection(") || strings.HasPrefix(at, "Edm.") || strings.HasPrefix(at, "microsoft.graph.") {
		return c.Base + "/$metadata#" + at
	}
	if at == "" {
		at = c.contextPath(a.IsList)
	}
	if c.Cast != "" && a.IsList {
		at = c.castContext(at)
	}
	at += c.selected()
	if !a.IsList && !c.complex() {
		at += "/$entity"
	}
	return c.Base + "/$metadata#" + at
}

// castContext narrows a context by the path's cast: directory objects of one
// type are that type's own set (group-list-members: $metadata#users).
func (c *Call) castContext(at string) string {
	if at == "directoryObjects" {
		return c.Cast + "s"
	}
	return at + "/microsoft.graph." + c.Cast
}

// complex says whether the answer is a structural property of a resource and
// not a resource.
func (c *Call) complex() bool {
	t, ok := c.kernel.model.Type(c.Route.Type)
	return ok && !t.Entity
}

// contextPath writes the route's path with the keys that were asked for. The
// key of a single resource is left out.
func (c *Call) contextPath(list bool) string {
	segments := strings.Split(strings.TrimPrefix(c.Route.Path, "/"), "/")
	if last := segments[len(segments)-1]; !list && strings.HasPrefix(last, "{") {
		segments = segments[:len(segments)-1]
	}
	var b strings.Builder
	for i, s := range segments {
		if name, isKey := strings.CutPrefix(s, "{"); isKey {
			b.WriteString("('" + url.PathEscape(c.Args[strings.TrimSuffix(name, "}")]) + "')")
			continue
		}
		if i > 0 {
			b.WriteByte('/')
		}
		b.WriteString(s)
	}
	return b.String()
}

func (c *Call) selected() string {
	if len(c.Query.Select) == 0 && len(c.Query.Expand) == 0 {
		return ""
	}
	names := make([]string, 0, len(c.Query.Select)+len(c.Query.Expand))
	for _, p := range c.Query.Select {
		names = append(names, p.String())
	}
	for _, e := range c.Query.Expand {
		names = append(names, e.Path.String()+"()")
	}
	return "(" + strings.Join(names, ",") + ")"
}
