package wire

import (
	"net/http"
	"strconv"
)

// skipToken is the use of the tokens of page links.
const skipToken = "page.skiptoken"

// anchors is how many items of a page its link remembers.
const anchors = 8

// place is where a page ended: after the last of these items, and when none of
// them is there any more, after so many. Clients must take it as opaque
// (graph-facts §2.3), and what comes or goes meanwhile shifts nothing.
type place struct {
	After []string `json:"a,omitempty"` // ids, the last one first
	Items int      `json:"n"`
}

// page cuts the page that was asked for out of a collection and links to the
// next one.
func (k *Kernel) page(c *Call, docs []Doc) ([]Doc, string, error) {
	o := c.Route.Query
	size, err := c.PageSize()
	if err != nil || o.Page == 0 && size == 0 {
		return docs, "", err
	}
	start := 0
	if c.Query.Skip != nil {
		start = *c.Query.Skip
	}
	if t := c.Query.SkipToken; t != nil {
		var p place
		if !c.ReadToken(skipToken, *t, &p) {
			return nil, "", Refuse(http.StatusBadRequest, "Request_BadRequest", "Skip token is not valid.")
		}
		start = p.find(docs)
	}
	start = min(start, len(docs))
	end := min(start+size, len(docs))
	if end == len(docs) {
		return docs[start:end], "", nil
	}
	link, err := c.next(docs[start:end], end)
	return docs[start:end], link, err
}

// next links to what follows a page that ends at so many items: by a token in the
// directory, and by $skip in a mailbox, which is what Outlook's links show
// (concepts/paging).
func (c *Call) next(page []Doc, end int) (string, error) {
	if o := c.Route.Query; !o.Directory && (!o.Top || o.Skip) {
		return c.Link(map[string]string{"$skip": strconv.Itoa(end)}), nil
	}
	p := place{Items: end}
	for i := len(page) - 1; i >= 0 && len(p.After) < anchors; i-- {
		if id, ok := page[i]["id"].(string); ok {
			p.After = append(p.After, id)
		}
	}
	token, err := c.SignToken(skipToken, p)
	return c.Link(map[string]string{"$skiptoken": token, "$skip": ""}), err
}

// find gives the number of items that were shown already.
func (p place) find(docs []Doc) int {
	at := make(map[string]int, len(p.After))
	for i, d := range docs {
		if id, ok := d["id"].(string); ok {
			at[id] = i + 1
		}
	}
	for _, id := range p.After {
		if n, ok := at[id]; ok {
			return n
		}
	}
	return p.Items
}
