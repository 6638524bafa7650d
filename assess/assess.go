// Package assess says of a plan of permissions, a document as people write it, what
// it asks for, what of that is needed, how dangerous it is and whether to accept it.
// It promises to find what is named and to invent nothing, and an answer that
// depends on the document and Microsoft's published table alone: it reads no tenant,
// no clock and no network.
package assess

import (
	"io"
	"slices"
	"strings"

	"github.com/graphwarden/graphwarden/assess/judge"
	"github.com/graphwarden/graphwarden/assess/plan"
	"github.com/graphwarden/graphwarden/assess/read"
	"github.com/graphwarden/graphwarden/catalog"
)

// Document reads a document and judges it.
func Document(c *catalog.Catalog, name string, r io.Reader) (*judge.Assessment, error) {
	p, err := read.From(name, r)
	if err != nil {
		return nil, err
	}
	named(c, p)
	return judge.Plan(c, p), nil
}

// named adds the mentions of permissions that a newer table has: the reader knows the
// names that the program came with.
func named(c *catalog.Catalog, p *plan.Plan) {
	if c.Embedded() {
		return
	}
	known := catalog.Load()
	for q := range c.Permissions() {
		if _, old := known.PermissionOf(q.ResourceAppID, q.Name); old {
			continue
		}
		for _, l := range p.Text {
			if holds(l.Text, q.Name) {
				p.Mentions = append(p.Mentions, plan.Mention{Line: l.Number, Written: q.Name, Name: q.Name, Resource: q.ResourceAppID, FoundBy: plan.ByName, Confidence: plan.Certain, Status: plan.Asked, Section: l.Section})
			}
		}
		p.Unplaced = slices.DeleteFunc(p.Unplaced, func(u plan.Unplaced) bool { return u.Written == q.Name })
	}
}

// holds says whether a name stands in a text, and not only as part of a longer one.
func holds(text, name string) bool {
	for at := 0; ; {
		i := strings.Index(text[at:], name)
		if i < 0 {
			return false
		}
		i += at
		before, after := text[:i], strings.TrimRight(text[i+len(name):], ".")
		if !inName(before[max(0, len(before)-1):]) && !inName(after[:min(1, len(after))]) {
			return true
		}
		at = i + len(name)
	}
}

func inName(s string) bool {
	return s != "" && (s[0] == '.' || s[0] == '-' || s[0] == '_' || s[0] >= '0' && s[0] <= '9' || s[0]|0x20 >= 'a' && s[0]|0x20 <= 'z')
}

// Plan judges a plan that was read elsewhere.
func Plan(c *catalog.Catalog, p *plan.Plan) *judge.Assessment { return judge.Plan(c, p) }
