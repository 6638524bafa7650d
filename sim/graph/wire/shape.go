package wire

import (
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/graphwarden/graphwarden/odata"
	"github.com/graphwarden/graphwarden/odata/expr"
)

// shape makes of what a handler found what the query asked for.
func (k *Kernel) shape(c *Call, a Answer) (Answer, error) {
	if a.Status == 0 {
		a.Status = http.StatusOK
	}
	if a.Type == "" {
		a.Type = c.Route.Type
	}
	switch {
	case c.counting:
		return k.shapeCount(c, a)
	case a.IsList:
		return k.shapeList(c, a)
	case a.Doc != nil && a.Context == "":
		d, err := k.project(c, a.Doc, a.Type, c.Query)
		if err != nil {
			return a, err
		}
		a.Doc = d
		if etag, ok := d["@odata.etag"].(string); ok {
			a.Header = withHeader(a.Header, "ETag", etag)
		}
	}
	return a, nil
}

// shapeCount answers a /$count: the plain number (OData 4.01 Part 1, 11.2.10).
func (k *Kernel) shapeCount(c *Call, a Answer) (Answer, error) {
	if !a.IsList {
		return a, NoSegment("$count")
	}
	docs, err := k.filter(c, a)
	if err != nil {
		return a, err
	}
	return Answer{Status: http.StatusOK, Raw: []byte(strconv.Itoa(len(docs))), ContentType: "text/plain"}, nil
}

func (k *Kernel) shapeList(c *Call, a Answer) (Answer, error) {
	if a.Exact {
		return a, nil
	}
	if a.Shaped {
		return a, k.projectAll(c, &a)
	}
	docs, err := k.filter(c, a)
	if err != nil {
		return a, err
	}
	if by := c.Query.OrderBy; len(by) > 0 {
		rules := k.rules(c)
		docs = slices.Clone(docs)
		slices.SortStableFunc(docs, func(x, y Doc) int { return rules.Order(by, x, y) })
	}
	total := len(docs)
	if docs, a.NextLink, err = k.page(c, docs); err != nil {
		return a, err
	}
	a.List = docs
	if err := k.projectAll(c, &a); err != nil {
		return a, err
	}
	a.Doc = Doc{}
	if c.countsToo() {
		a.Doc["@odata.count"] = float64(total)
	}
	return a, nil
}

// countsToo says whether the answer tells the size of the collection: on the
// first page, and in the directory only with the header of advanced queries.
func (c *Call) countsToo() bool {
	wanted := c.Query.Count != nil && *c.Query.Count
	return wanted && !c.continued() && (!c.Route.Query.Directory || c.Eventual())
}

// continued says whether this is a later page; the count stands on the first
// (graph-facts §2.3).
func (c *Call) continued() bool { return c.Query.SkipToken != nil }

func (k *Kernel) projectAll(c *Call, a *Answer) error {
	list := make([]Doc, len(a.List))
	for i, d := range a.List {
		p, err := k.project(c, d, a.Type, c.Query)
		if err != nil {
			return err
		}
		list[i] = p
	}
	a.List = list
	return nil
}

func (k *Kernel) rules(c *Call) expr.Rules {
	return expr.Rules{FoldCase: c.Route.Query.Directory, Now: c.Now}
}

// filter applies a cast, $filter and $search.
func (k *Kernel) filter(c *Call, a Answer) ([]Doc, error) {
	rules := k.rules(c)
	out := make([]Doc, 0, len(a.List))
	for _, d := range a.List {
		if c.Cast != "" && !k.isType(d, a.Type, c.Cast) {
			continue
		}
		if c.Query.Filter != nil {
			ok, err := rules.Match(c.Query.Filter, d)
			var wrong *expr.TypeError
			if errors.As(err, &wrong) {
				return nil, BadRequest("%s", wrong.Message)
			}
			if err != nil || !ok {
				continue
			}
		}
		if c.Query.Search != nil && !odata.MatchSearch(c.Query.Search, d) {
			continue
		}
		out = append(out, d)
	}
	return out, nil
}

// isType compares a resource's type, its own or else its collection's, with the
// one that a cast segment asks for.
func (k *Kernel) isType(d Doc, collection, cast string) bool {
	own, _ := d["@odata.type"].(string)
	if own == "" {
		return strings.EqualFold(collection, cast)
	}
	return strings.EqualFold(expr.Unqualified(strings.TrimPrefix(own, "#")), cast)
}

// PageSize is how many items a page may hold: $top, or the client's
// odata.maxpagesize, or the collection's own size.
func (c *Call) PageSize() (int, error) {
	o := c.Route.Query
	size := o.Page
	if v, ok := c.Prefer("odata.maxpagesize"); ok {
		n, err := strconv.Atoi(v)
		if err != nil || n < 1 {
			return 0, BadRequest("Invalid value '%s' for the preference odata.maxpagesize.", v)
		}
		size = n
	}
	if top := c.Query.Top; top != nil {
		if o.MaxPage > 0 && (*top > o.MaxPage || *top < 1) {
			return 0, c.badTop(*top)
		}
		size = *top
	}
	if o.MaxPage > 0 {
		size = min(size, o.MaxPage)
	}
	return size, nil
}

// badTop words the refusal as the directory and as Outlook do.
func (c *Call) badTop(top int) error {
	if c.Route.Query.Directory {
		return Refuse(http.StatusBadRequest, "Request_BadRequest",
			"Invalid page size specified: '%d'. Must be between 1 and %d inclusive.", top, c.Route.Query.MaxPage)
	}
	if top < 1 {
		return BadRequest("Invalid value '%d' for $top query option found. The $top query option requires a positive integer value.", top)
	}
	return BadRequest("The limit of '%d' for Top query has been exceeded. The value from the incoming request is '%d'.", c.Route.Query.MaxPage, top)
}

// Link is the request's own address with other query parameters: each in set
// replaces what was there, and an empty one removes it.
func (c *Call) Link(set map[string]string) string {
	var parts []string
	seen := map[string]bool{}
	for piece := range strings.SplitSeq(c.Request.URL.RawQuery, "&") {
		name, _, _ := strings.Cut(piece, "=")
		name = strings.ToLower(strings.Replace(name, "%24", "$", 1))
		if piece == "" {
			continue
		}
		if _, replaced := set[name]; !replaced {
			parts = append(parts, piece)
		}
		seen[name] = true
	}
	names := make([]string, 0, len(set))
	for name := range set {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		if set[name] != "" {
			parts = append(parts, name+"="+queryEscape(set[name]))
		}
	}
	link := c.Base + c.path
	if len(parts) > 0 {
		link += "?" + strings.Join(parts, "&")
	}
	return link
}

func withHeader(h http.Header, name, value string) http.Header {
	if h == nil {
		h = http.Header{}
	}
	h.Set(name, value)
	return h
}

// unknownProperty is the answer to a $select of what the type does not have.
func unknownProperty(name, typ string) error {
	return BadRequest("Parsing OData Select and Expand failed: Could not find a property named '%s' on type 'microsoft.graph.%s'.", name, typ)
}
