package assemble

import (
	"net/http"

	"github.com/graphwarden/graphwarden/outbound"
	"github.com/graphwarden/graphwarden/watch"
)

// clients call out, one for each set of certificate authorities: what a tenant or
// a sink trusts besides the system's is trusted for it alone.
type clients struct {
	options outbound.Options
	by      map[string]*http.Client // by CA file; "" is the system's alone
}

func newClients(o outbound.Options) *clients {
	return &clients{options: o, by: map[string]*http.Client{}}
}

// trusting gives the client that trusts a CA file; "" is none.
func (c *clients) trusting(ca string) (*http.Client, error) {
	if made := c.by[ca]; made != nil {
		return made, nil
	}
	o := c.options
	if ca != "" {
		o.CAFiles = []string{ca}
	}
	made, err := outbound.New(o)
	if err == nil {
		c.by[ca] = made
	}
	return made, err
}

// give has each tenant and each sink called with what it trusts.
func (c *clients) give(d *declared, s step, skew *watch.Skew) error {
	for name, route := range d.routes {
		client, err := c.trusting(d.authorities[route.Tenant.Name])
		if err != nil {
			return err
		}
		route.Doer = steppedDoer{s, "gate:send", skew.Through(finishing{client})}
		d.routes[name] = route
	}
	for i := range d.targets {
		client, err := c.trusting(d.sinkCAs[i])
		if err != nil {
			return err
		}
		d.targets[i].Doer = steppedDoer{s, "deliver:send", finishing{client}}
	}
	return nil
}
