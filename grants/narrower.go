package grants

import (
	"slices"
	"strings"
	"time"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/flow"
)

// Narrower is a proposal: what a flow that lists its operations would be, had it only
// those that it has used of late. Nothing is changed by it.
type Narrower struct {
	Flow  string    `json:"flow"`
	Since time.Time `json:"since" doc:"from when on uses count"`
	Keep  []string  `json:"keep" doc:"its operations that were used, as the configuration lists them"`
	Drop  []string  `json:"drop" doc:"those that were not"`
	// Spared are permissions that the registration needs no more once all its flows are as
	// proposed.
	Spared []string `json:"spared" doc:"permissions that the registration needs no more once all its flows are as proposed"`
}

// narrower proposes for each flow of the registration that lists its operations what it
// could be narrowed to, where it could. What the database is too young to know is not
// called unused. The uses are those that were counted.
func (v *visit) narrower(uses []graphwarden.Use, counted time.Time) ([]Narrower, error) {
	out := []Narrower{}
	since := v.room.Now().Add(-v.asked.unused())
	if counted.After(since) {
		return out, nil
	}
	flows := v.flows()
	for i, f := range flows {
		n := Narrower{Flow: f.Name, Since: since.UTC(), Keep: []string{}}
		var kept []flow.Operation
		for _, op := range f.Kind.Operations() {
			switch {
			case !op.IsAsked():
			case slices.ContainsFunc(uses, func(u graphwarden.Use) bool { return u.Flow == f.Name && !u.Last.Before(since) && of(op, u) }):
				n.Keep, kept = append(n.Keep, op.Name()), append(kept, op)
			default:
				n.Drop = append(n.Drop, op.Name())
			}
		}
		if len(n.Drop) > 0 {
			out = append(out, n)
			flows[i].Kind = flow.Through(kept)
		}
	}
	if len(out) == 0 {
		return out, nil
	}
	now, err := v.together(v.flows())
	if err != nil {
		return nil, err
	}
	then, err := v.together(flows)
	if err != nil {
		return nil, err
	}
	spared := without(sortedKeys(now), sortedKeys(then))
	for i := range out {
		out[i].Spared = spared
	}
	return out, nil
}

// of says whether the ledger counted a use of an operation. An app asks for its
// operations in either version of Graph, and may write the path in capitals.
func of(op flow.Operation, u graphwarden.Use) bool {
	if op.Method() == u.Method && op.Template() == u.Path {
		return true
	}
	version, rest, found := strings.Cut(strings.TrimPrefix(u.Path, "/"), "/")
	return op.IsAsked() && found && op.Shape() == flow.Asked(flow.Version(version), u.Method, "/"+strings.Replace(rest, "{mailbox}", "{id}", 1)).Shape()
}
