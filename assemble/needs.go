package assemble

import (
	"log/slog"
	"slices"
	"strings"
	"time"

	"github.com/graphwarden/graphwarden/catalog"
	"github.com/graphwarden/graphwarden/flow"
	"github.com/graphwarden/graphwarden/policy"
)

// Need is what one flow needs of Microsoft, and why.
type Need struct {
	Flow         string
	Registration string   // tenant/name
	Delegated    bool     // on behalf of a person
	Operations   []string // of Graph, as "GET /users/{id}/events"
	Permissions  []string // of the least that open what all flows of the registration do, those that open these
}

// Needs tells of each flow, those that Graphwarden itself has among them, which
// permissions follow from its operations. No secret is read.
func (c *Config) Needs() ([]Need, error) {
	sketched := *c
	sketched.sketch = true
	d, err := sketched.declare(time.Now(), slog.New(slog.DiscardHandler))
	if err != nil {
		return nil, err
	}
	delegated, least := map[string]bool{}, map[string][]string{}
	for _, connection := range d.connections {
		r := connection.Registration
		delegated[r.Name] = r.Mode.Delegated()
		if least[r.Name], err = sketched.least(d, r); err != nil {
			return nil, err
		}
	}
	var out []Need
	for _, f := range slices.Concat(d.flows, d.house) {
		if f.Registration == "" || sketched.tries(f) {
			continue // signing in, or trying what there is, needs nothing of its own
		}
		n := Need{Flow: f.Name, Registration: f.Registration, Delegated: delegated[f.Registration]}
		scheme := catalog.Application
		if n.Delegated {
			scheme = catalog.DelegatedWork
		}
		for _, op := range f.Kind.Operations() {
			if op.API() == flow.Graph && !op.Own() {
				n.Operations = append(n.Operations, op.Method()+" "+strings.TrimPrefix(op.Template(), "/v1.0"))
				n.Permissions = append(n.Permissions, policy.Served(op, scheme, least[f.Registration], d.table)...)
			}
		}
		slices.Sort(n.Permissions)
		n.Permissions = slices.Compact(n.Permissions)
		out = append(out, n)
	}
	return out, nil
}
