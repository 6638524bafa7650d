package wire

import (
	"errors"
	"fmt"
	"strings"

	"github.com/graphwarden/graphwarden/edm"
	"github.com/graphwarden/graphwarden/odata"
)

// lay puts a route into the tree. It holds every route to Microsoft's schema,
// where its path must lead somewhere, and to Microsoft's permission table, where
// something must open it: the simulator serves nothing that Graph does not have.
func (k *Kernel) lay(r *Route) error {
	return errors.Join(k.layPermits(r), k.layTypes(r), k.root.add(r))
}

// layTypes finds what the route addresses in the schema.
func (k *Kernel) layTypes(r *Route) error {
	target, err := k.model.Resolve(schemaPath(r.Path))
	if err != nil {
		return fmt.Errorf("%s %s leads nowhere in the schema: %w", r.Method, r.Path, err)
	}
	r.operation = target.Op
	if r.Body == Action && (r.operation == nil || !r.operation.Action) {
		return fmt.Errorf("%s %s is not an action", r.Method, r.Path)
	}
	for _, typ := range []string{r.Type, r.Body} {
		if _, ok := k.model.Type(typ); !ok && typ != "" && typ != Action {
			return fmt.Errorf("%s %s: the schema has no type %s", r.Method, r.Path, typ)
		}
	}
	return nil
}

func schemaPath(template string) []edm.Segment {
	path, err := odata.ParsePath(template)
	if err != nil {
		return []edm.Segment{{Text: template}}
	}
	out := make([]edm.Segment, 0, len(path))
	for _, s := range path {
		seg := edm.Segment{Text: s.Text, Key: s.Kind == odata.Key || strings.HasPrefix(s.Text, "{"), Call: s.Call}
		for _, a := range s.Args {
			seg.Args = append(seg.Args, a.Name)
		}
		out = append(out, seg)
	}
	return out
}
