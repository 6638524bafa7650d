package cli

import (
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/graphwarden/graphwarden/api"
)

// feeds shows how the feeds of a running server stand.
func (p Program) feeds() *cobra.Command {
	var config, flow, tenant, mailbox string
	var asJSON bool
	c := &cobra.Command{
		Use:   "feeds",
		Short: "Show every calendar that is kept in step, and how fresh it is",
		Long: `Feeds asks the running server for the calendars that it keeps in step: when each
was last read, how old that is, when it is read next, and how many items it has.`,
		Example: "  graphwarden feeds\n  graphwarden feeds --mailbox anna@contoso.com --json",
		Args:    none,
		RunE: func(c *cobra.Command, _ []string) error {
			server, err := dial(config)
			if err != nil {
				return err
			}
			list := []api.Feed{}
			query := map[string]string{"flow": flow, "tenant": tenant, "mailbox": mailbox, "limit": "1000"}
			err = everything(c.Context(), server, "/v1/feeds", query, func(f api.Feed) error {
				list = append(list, f)
				return nil
			})
			if err != nil {
				return err
			}
			if asJSON {
				return printJSON(p.Stdout, list)
			}
			return p.printFeeds(list)
		},
	}
	p.ask(c, &config, &asJSON)
	f := c.Flags()
	f.StringVar(&flow, "flow", "", "only those of a `flow`")
	f.StringVar(&tenant, "tenant", "", "only those of a `tenant`")
	f.StringVar(&mailbox, "mailbox", "", "only those of a `mailbox`, by name or id")
	return c
}

func (p Program) printFeeds(list []api.Feed) error {
	if len(list) == 0 {
		_, err := fmt.Fprintln(p.Stdout, "There is no feed yet. graphwarden flows shows what is declared, graphwarden doctor what is wrong.")
		return err
	}
	t := table{head: []string{"FLOW", "MAILBOX", "CALENDAR", "LAST READ", "AGE", "NEXT", "ITEMS", "STATE"}}
	for _, f := range list {
		read, age, next := "never", "-", "now"
		if f.ReadAt != nil {
			read = f.ReadAt.UTC().Format("2006-01-02 15:04:05Z")
		}
		if f.Age != nil {
			age = span(time.Duration(*f.Age) * time.Second)
		}
		if f.NextAt != nil {
			next = f.NextAt.UTC().Format("15:04:05Z")
		}
		t.add(f.Flow, f.Mailbox, f.Calendar, read, age, next, fmt.Sprint(f.Items), f.State)
	}
	return t.print(p.Stdout)
}

// ask gives a command that asks the server its two flags.
func (p Program) ask(c *cobra.Command, config *string, asJSON *bool) {
	c.Flags().StringVar(config, "config", "graphwarden.yaml", "the configuration `file` of the server")
	c.Flags().BoolVar(asJSON, "json", false, "print JSON for programs")
}
