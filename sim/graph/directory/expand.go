package directory

import (
	"github.com/graphwarden/graphwarden/sim/graph/wire"
	"github.com/graphwarden/graphwarden/sim/world"
)

// expandLimit is how many objects of a relation $expand shows (graph-facts §2.3).
const expandLimit = 20

// expanders give the relations of a type for $expand.
func expanders(typ string) map[string]wire.Expander {
	out := map[string]wire.Expander{}
	for r := range relationsOf(typ) {
		out[r.name] = func(c *wire.Call, d wire.Doc) (any, error) {
			o, ok := c.World.Object(c.Tx, world.Text(d, "id"))
			if !ok {
				return nil, nil
			}
			docs := described(c, r.read(c, o))
			switch {
			case !r.single:
				return docs[:min(len(docs), expandLimit)], nil
			case len(docs) == 0:
				return nil, nil
			}
			return docs[0], nil
		}
	}
	return out
}
