package cli

import (
	"strings"

	"github.com/graphwarden/graphwarden/api"
)

// tenants shows the connected tenants.
func (p Program) tenants() *command {
	return show(&command{
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
}

// flows shows the declared flows.
func (p Program) flows() *command {
	return show(&command{
		use: "flows", short: "Show the flows: which app reads which mailboxes",
		long:     "Flows asks the running server for the flows that its configuration declares. Nothing else is permitted.",
		examples: []string{"graphwarden flows", "graphwarden flows --json"},
	}, "/v1/flows", []string{"FLOW", "APP", "KIND", "TENANT", "REGISTRATION", "MAILBOXES", "SINK"}, func(f api.Flow) []string {
		boxes := strings.Join(f.Mailboxes, ", ")
		return []string{f.Name, f.App, f.Kind, f.Tenant, f.Registration, boxes, f.Sink}
	})
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
