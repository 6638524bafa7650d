// Package assess says of a plan of permissions, a document as people write it, what
// it asks for, what of that is needed, how dangerous it is and whether to accept it.
// It promises to find what is named and to invent nothing, and an answer that
// depends on the document and Microsoft's published table alone: it reads no tenant,
// no clock and no network.
package assess

import (
	"io"

	"github.com/graphwarden/graphwarden/assess/judge"
	"github.com/graphwarden/graphwarden/assess/plan"
	"github.com/graphwarden/graphwarden/assess/read"
	"github.com/graphwarden/graphwarden/catalog"
)

// Document reads a document and judges it, by the names and the facts of one catalogue.
func Document(c *catalog.Catalog, name string, r io.Reader) (*judge.Assessment, error) {
	p, err := read.From(c, name, r)
	if err != nil {
		return nil, err
	}
	return judge.Plan(c, p), nil
}

// Plan judges a plan that was read elsewhere.
func Plan(c *catalog.Catalog, p *plan.Plan) *judge.Assessment { return judge.Plan(c, p) }
