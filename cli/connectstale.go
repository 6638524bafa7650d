package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/graphwarden/graphwarden/api"
	"github.com/graphwarden/graphwarden/assemble"
)

// tellStale warns where the running server goes on with another tenant or registration
// than the configuration file says, before somebody signs in to the wrong one. Without
// a registration it looks at all of the tenant's. It is help only: what cannot be
// compared says why elsewhere.
func (c *call) tellStale(ctx context.Context, server *client, tenant, registration string) {
	var now api.InForce
	var before assemble.Facts
	if server.get(ctx, "/v1/configuration", nil, &now) != nil || json.Unmarshal(now.Facts, &before) != nil {
		return // no server runs: this command works with the file
	}
	loaded, err := c.load(c.config)
	if err != nil {
		return
	}
	after, err := loaded.Facts()
	if err != nil {
		return
	}
	for _, d := range assemble.Compare(before, after).Differences {
		of, name, _ := strings.Cut(d.Name, "/")
		if of != tenant || d.What != "tenant" && (d.What != "registration" || registration != "" && name != registration) {
			continue
		}
		how := d.Change
		if len(d.How) > 0 {
			how += ": " + strings.Join(d.How, "; ")
		}
		fmt.Fprintf(c.Stderr, "warning: the server does not work with what %s says of the %s %s yet (%s).\nRun graphwarden plan, and graphwarden apply, before anybody signs in.\n", c.config, d.What, d.Name, how)
	}
}
