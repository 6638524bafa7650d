package wire

import (
	"errors"
	"net/http"
	"slices"
	"strings"

	"github.com/graphwarden/graphwarden/odata"
	"github.com/graphwarden/graphwarden/odata/expr"
)

// readQuery parses the query and refuses what the operation does not offer.
func (k *Kernel) readQuery(c *Call) error {
	q, err := odata.ParseQuery(c.Request.URL.RawQuery)
	if err != nil {
		var syntax *expr.SyntaxError
		if errors.As(err, &syntax) {
			return BadRequest("%s", syntax.Message)
		}
		return BadRequest("%s", err.Error())
	}
	c.Query = q
	o := c.Route.Query
	if o.Directory {
		if err := c.advanced(); err != nil {
			return err
		}
	}
	for _, p := range []struct {
		name        string
		given, fine bool
	}{
		{"$filter", q.Filter != nil, o.Filter},
		{"$orderby", len(q.OrderBy) > 0, o.OrderBy},
		{"$search", q.Search != nil, o.Search},
		{"$skip", q.Skip != nil, o.Skip},
		{"$top", q.Top != nil, o.Top},
		{"$expand", len(q.Expand) > 0, o.Expand || len(c.Route.Expand) > 0},
		{"$select", len(q.Select) > 0, !o.NoSelect},
	} {
		if p.given && !p.fine {
			return BadRequest("Query option '%s' is not allowed.", p.name)
		}
	}
	if err := k.checkNames(c); err != nil {
		return err
	}
	return c.checkParams()
}

// checkParams refuses parameters that the operation does not know.
func (c *Call) checkParams() error {
	for _, p := range c.Query.Custom {
		known := slices.ContainsFunc(c.Route.Query.Params, func(name string) bool { return strings.EqualFold(name, p.Name) })
		if !known && !strings.EqualFold(p.Name, "mkt") {
			return BadRequest("The query parameter '%s' is not supported.", p.Name)
		}
	}
	return nil
}

// advanced holds a query on directory objects to the rules of advanced queries:
// they want ConsistencyLevel: eventual, and mostly $count=true (graph-facts
// §2.3, from "Advanced query capabilities on directory objects").
func (c *Call) advanced() error {
	q, eventual := c.Query, c.Eventual()
	counted := c.counting || q.Count != nil && *q.Count
	simple := q.Filter != nil && !(eventual && counted) // a filter of a query that is not advanced
	for _, rule := range []struct {
		broken        bool
		code, message string
	}{
		{c.counting && !eventual, "Request_BadRequest", "$count is not currently supported."},
		{q.Search != nil && !eventual, "Request_UnsupportedQuery",
			"Request with $search query parameter only works through MSGraph with a special request header: 'ConsistencyLevel: eventual'"},
		{q.Skip != nil, "Request_BadRequest", "'$skip' is not supported by the service."},
		{simple && len(q.OrderBy) > 0, "Request_UnsupportedQuery", "Sorting not supported for current query."},
		{simple && wantsAdvanced(q.Filter), "Request_UnsupportedQuery", "Unsupported Query."},
		{simple && c.Cast != "", "Request_UnsupportedQuery", "The specified filter to the reference property query is currently not supported."},
	} {
		if rule.broken {
			return Refuse(http.StatusBadRequest, rule.code, "%s", rule.message)
		}
	}
	return nil
}

// wantsAdvanced says whether a filter uses what only advanced queries know:
// ne, not, endsWith, $count.
func wantsAdvanced(e expr.Expr) bool {
	switch x := e.(type) {
	case expr.Binary:
		return x.Op == expr.Ne || wantsAdvanced(x.Left) || wantsAdvanced(x.Right)
	case expr.Not:
		return true
	case expr.Call:
		return x.Func == "endswith" || slices.ContainsFunc(x.Args, wantsAdvanced)
	case expr.Lambda:
		return x.Cond != nil && wantsAdvanced(x.Cond)
	case expr.Property:
		return len(x) > 1 && x[len(x)-1] == "$count"
	}
	return false
}
