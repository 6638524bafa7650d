package directory

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/graphwarden/graphwarden/edm"
	"github.com/graphwarden/graphwarden/odata/expr"
	"github.com/graphwarden/graphwarden/sim/graph/wire"
)

// The terms of delta queries on directory objects (graph-facts §3.2, §3.3).
const (
	tokenLife = 7 * 24 * time.Hour
	maxIDs    = 50  // ids that $filter may name
	deltaPage = 200 // objects on a page
	linkPage  = 500 // members of one object on a page
)

// deltaRoutes give each collection that can be followed its delta query.
func deltaRoutes() []wire.Route {
	var out []wire.Route
	for _, k := range kinds() {
		if k.follows == nil {
			continue
		}
		out = append(out, wire.Route{Method: "GET", Path: "/" + k.set + "/delta", Type: k.typ, Context: k.set,
			Query: wire.Offers{Filter: true, Directory: true, Page: deltaPage, MaxPage: 999}, Handle: k.delta})
	}
	return out
}

// round is where a delta round stands. A token carries it, with the query that
// the round began with.
type round struct {
	Set    string   `json:"s"`
	Issued int64    `json:"t"`           // when the token was made, in Unix seconds
	Select []string `json:"p,omitempty"` // as in $select
	IDs    []string `json:"i,omitempty"` // as in $filter
	// The round tells the changes of the transactions after From up to To; Full
	// tells the whole collection instead, and what changes meanwhile is told by
	// the next round.
	Full bool   `json:"f,omitempty"`
	From uint64 `json:"a"`
	To   uint64 `json:"b"`
	// After is the last object told, and Told the last of its links when there
	// are more. Both stay good when others come or go between two pages.
	After string `json:"o,omitempty"`
	Told  string `json:"n,omitempty"`
	Begun bool   `json:"g,omitempty"` // a page has been given
}

// The uses of tokens: to go on with a round, and to begin the next.
const (
	skipToken  = "directory.skiptoken"
	deltaToken = "directory.deltatoken"
)

// delta answers one page of a delta round.
func (k kind) delta(c *wire.Call) (wire.Answer, error) {
	r, latest, err := k.round(c)
	if err != nil {
		return wire.Answer{}, err
	}
	a := wire.Answer{Status: http.StatusOK, IsList: true, Exact: true}
	next := (*round)(nil)
	if !latest {
		size, err := c.PageSize()
		if err != nil {
			return wire.Answer{}, err
		}
		a.List, next = k.page(c, r, size)
	}
	r.Issued = c.Now.Unix()
	if next != nil {
		next.Issued = r.Issued
		token, err := c.SignToken(skipToken, next)
		a.NextLink = k.link(c, "$skiptoken", token)
		return a, err
	}
	token, err := c.SignToken(deltaToken, round{Set: r.Set, Issued: r.Issued, Select: r.Select, IDs: r.IDs, From: r.To})
	a.DeltaLink = k.link(c, "$deltatoken", token)
	return a, err
}

func (k kind) link(c *wire.Call, name, token string) string {
	return c.Base + "/" + k.set + "/delta?" + name + "=" + token
}

// round reads where the client stands: in a round, before the next one, or
// before the first; latest means that it wants to know of nothing until now.
func (k kind) round(c *wire.Call) (r round, latest bool, err error) {
	q := c.Query
	switch {
	case q.SkipToken != nil:
		r, err = k.resume(c, skipToken, *q.SkipToken)
		return r, false, err
	case q.DeltaToken != nil && *q.DeltaToken != "" && *q.DeltaToken != "latest":
		r, err = k.resume(c, deltaToken, *q.DeltaToken)
		r.To = c.Tx.Seq()
		return r, false, err
	}
	r = round{Set: k.set, Full: true, To: c.Tx.Seq()}
	if r.Select, err = k.selected(c); err != nil {
		return r, false, err
	}
	r.IDs, err = filteredIDs(q.Filter)
	return r, q.DeltaToken != nil && *q.DeltaToken == "latest", err
}

// resume opens a token. One that is too old cannot be gone on with: the answer
// says where to begin anew (graph-facts §3.3).
func (k kind) resume(c *wire.Call, use, token string) (round, error) {
	var r round
	if !c.ReadToken(use, token, &r) || r.Set != k.set {
		return r, bad("Badly formed token.")
	}
	if c.Now.Sub(time.Unix(r.Issued, 0)) > tokenLife {
		p := wire.Refuse(http.StatusGone, "resyncRequired", "The token has expired. Start again with a full synchronization.")
		p.Header = http.Header{"Location": {k.link(c, "$deltatoken", "")}}
		return r, p
	}
	return r, nil
}

// selected reads $select: structural properties, and relations that can be
// followed.
func (k kind) selected(c *wire.Call) ([]string, error) {
	var names []string
	t, _ := edm.Load().Type(k.typ)
	for _, p := range c.Query.Select {
		name, _, ok := t.Member(p[0])
		if _, structural := t.Property(name); !ok || !structural && !slices.Contains(k.follows, name) {
			return nil, wire.BadRequest("Parsing OData Select and Expand failed: Could not find a property named '%s' on type 'microsoft.graph.%s'.", p[0], k.typ)
		}
		names = append(names, name)
	}
	return names, nil
}

// filteredIDs reads a $filter, which can only name ids: id eq '…' or id eq '…'.
func filteredIDs(filter expr.Expr) ([]string, error) {
	if filter == nil {
		return nil, nil
	}
	refused := wire.Refuse(http.StatusBadRequest, "Request_UnsupportedQuery", "Unsupported or invalid query filter clause specified for property 'id' of resource.")
	var ids []string
	for pending := []expr.Expr{filter}; len(pending) > 0; pending = pending[1:] {
		b, ok := pending[0].(expr.Binary)
		if !ok {
			return nil, refused
		}
		if b.Op == expr.Or {
			pending = append(pending, b.Left, b.Right)
			continue
		}
		name, isProperty := b.Left.(expr.Property)
		id, isLiteral := b.Right.(expr.Literal)
		if b.Op != expr.Eq || !isProperty || !isLiteral || !strings.EqualFold(name.String(), "id") {
			return nil, refused
		}
		ids = append(ids, strings.ToLower(id.Text))
	}
	if len(ids) > maxIDs {
		return nil, bad("Too many ids in $filter. The limit is %d.", maxIDs)
	}
	return ids, nil
}
