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
	Permissions  []string // the least that open them
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
	delegated := map[string]bool{}
	for _, connection := range d.connections {
		delegated[connection.Registration.Name] = connection.Registration.Mode.Delegated()
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
		if n.Permissions, err = policy.PermissionsIn(scheme, f.Kind, c.Table()); err != nil {
			return nil, err
		}
		for _, op := range f.Kind.Operations() {
			if op.API() == flow.Graph && !op.Own() {
				n.Operations = append(n.Operations, op.Method()+" "+strings.TrimPrefix(op.Template(), "/v1.0"))
			}
		}
		out = append(out, n)
	}
	return out, nil
}
