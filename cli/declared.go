package cli

import (
	"fmt"
	"strings"

	"github.com/graphwarden/graphwarden/api"
)

// tenants shows the connected tenants.
func (p Program) tenants() *command {
	c := show(&command{
		use: "tenants", short: "Show the tenants and their registrations",
		long:     "Tenants asks the running server for the Microsoft 365 tenants that its configuration declares.",
		examples: []string{"graphwarden tenants", "graphwarden tenants --config graphwarden.yaml --json"},
	}, "/v1/tenants", []string{"TENANT", "ID", "CLOUD", "REGISTRATIONS"}, func(t api.Tenant) []string {
		var names []string
		for _, r := range t.Registrations {
			names = append(names, r.Name+" ("+r.SignIn+")")
		}
		return []string{t.Name, t.ID, t.Cloud, strings.Join(names, ", ")}
	})
	c.under = []*command{p.tenantApps()}
	return c
}

// flows shows the declared flows.
func (p Program) flows() *command {
	return show(&command{
		use: "flows", short: "Show the flows: which app reads which mailboxes",
		long: `Flows asks the running server for the flows that its configuration declares.
Nothing else is permitted. Of one with groups, or of people who sign in, it shows
whose mailboxes those are now.`,
		examples: []string{"graphwarden flows", "graphwarden flows --json"},
	}, "/v1/flows", []string{"FLOW", "APP", "KIND", "TENANT", "REGISTRATION", "MAILBOXES", "SINK"}, func(f api.Flow) []string {
		return []string{f.Name, f.App, f.Kind, f.Tenant, f.Registration, touched(f), f.Sink}
	})
}

// touched says whose mailboxes a flow touches: those that it names, or where they
// follow from groups or sign-ins, the first of those that there are.
func touched(f api.Flow) string {
	if len(f.Groups) == 0 && !f.People {
		return strings.Join(f.Mailboxes, ", ")
	}
	const few = 3
	of := "by sign-in"
	if len(f.Groups) > 0 {
		of = "with " + counted(len(f.Groups), "group", "groups")
	}
	shown := strings.Join(f.Touches[:min(few, len(f.Touches))], ", ")
	switch n := len(f.Touches); {
	case n == 0:
		return "none yet, " + of
	case n > few:
		return fmt.Sprintf("%s … (%d, %s)", shown, n, of)
	}
	return shown + " (" + of + ")"
}

// show makes a command that prints one of the API's lists.
func show[T any](d *command, path string, head []string, row func(T) []string) *command {
	d.config, d.prints = ofServer, []T{}
	d.run = func(c *call) error {
		server, err := c.server()
		if err != nil {
			return err
		}
		list, err := gather[T](c.ctx, server, path, nil)
		if err != nil {
			return err
		}
		t := &table{head: head}
		for _, one := range list {
			t.add(row(one)...)
		}
		return c.show(list, t)
	}
	return d
}
