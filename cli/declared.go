package cli

import (
	"strings"

	"github.com/spf13/cobra"

	"github.com/graphwarden/graphwarden/api"
)

// tenants shows the connected tenants.
func (p Program) tenants() *cobra.Command {
	return show(p, &cobra.Command{
		Use: "tenants", Short: "Show the tenants and their registrations",
		Long:    "Tenants asks the running server for the Microsoft 365 tenants that its configuration declares.",
		Example: "  graphwarden tenants\n  graphwarden tenants --config /etc/graphwarden/graphwarden.yaml --json",
	}, "/v1/tenants", []string{"TENANT", "ID", "CLOUD", "REGISTRATIONS"}, func(t api.Tenant) []string {
		var names []string
		for _, r := range t.Registrations {
			names = append(names, r.Name+" ("+r.SignIn+")")
		}
		return []string{t.Name, t.ID, t.Cloud, strings.Join(names, ", ")}
	})
}

// flows shows the declared flows.
func (p Program) flows() *cobra.Command {
	return show(p, &cobra.Command{
		Use: "flows", Short: "Show the flows: which app reads which mailboxes",
		Long:    "Flows asks the running server for the flows that its configuration declares. Nothing else is permitted.",
		Example: "  graphwarden flows\n  graphwarden flows --json",
	}, "/v1/flows", []string{"FLOW", "APP", "KIND", "TENANT", "REGISTRATION", "MAILBOXES", "SINK"}, func(f api.Flow) []string {
		boxes := strings.Join(f.Mailboxes, ", ")
		return []string{f.Name, f.App, f.Kind, f.Tenant, f.Registration, boxes, f.Sink}
	})
}

// show makes a command that prints one of the API's lists.
func show[T any](p Program, c *cobra.Command, path string, head []string, row func(T) []string) *cobra.Command {
	var config string
	var asJSON bool
	c.Args = none
	c.RunE = func(c *cobra.Command, _ []string) error {
		server, err := dial(config)
		if err != nil {
			return err
		}
		list := []T{}
		t := table{head: head}
		err = everything(c.Context(), server, path, nil, func(item T) error {
			list = append(list, item)
			t.add(row(item)...)
			return nil
		})
		switch {
		case err != nil:
			return err
		case asJSON:
			return printJSON(p.Stdout, list)
		}
		return t.print(p.Stdout)
	}
	p.ask(c, &config, &asJSON)
	return c
}
