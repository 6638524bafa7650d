package cli

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/pflag"

	"github.com/graphwarden/graphwarden/api"
)

// feeds shows how the feeds of a running server stand.
func (p Program) feeds() *command {
	var flow, tenant, mailbox string
	var onlySkipped bool
	return &command{
		use:   "feeds",
		short: "Show every calendar that is kept in step, and how fresh it is",
		long: `Feeds asks the running server for the calendars that it keeps in step: when each
was last read, how old that is, when it is read next, how many items it has, and
why it cannot be read, if so. Below stand the mailboxes and groups that are not read
at all, and why; with --skipped only those.`,
		examples: []string{"graphwarden feeds", "graphwarden feeds --mailbox anna@contoso.com --json", "graphwarden feeds --skipped"},
		config:   ofServer,
		prints:   []api.Feed{},
		flags: func(f *pflag.FlagSet) {
			f.StringVar(&flow, "flow", "", "only those of a `flow`")
			f.StringVar(&tenant, "tenant", "", "only those of a `tenant`")
			f.StringVar(&mailbox, "mailbox", "", "only those of a `mailbox`, by name or id")
			f.BoolVar(&onlySkipped, "skipped", false, "only the mailboxes and groups that are not read")
		},
		run: func(c *call) error {
			server, err := c.server()
			if err != nil {
				return err
			}
			skipped := []api.Skipped{}
			if onlySkipped || !c.json && mailbox == "" && tenant == "" {
				skipped, err = gather[api.Skipped](c.ctx, server, "/v1/skipped", map[string]string{"flow": flow, "limit": "1000"})
			}
			switch {
			case err != nil:
				return err
			case onlySkipped && c.json:
				return printJSON(p.Stdout, skipped)
			case onlySkipped:
				return p.printSkipped(skipped)
			}
			list, err := gather[api.Feed](c.ctx, server, "/v1/feeds", map[string]string{"flow": flow, "tenant": tenant, "mailbox": mailbox, "limit": "1000"})
			switch {
			case err != nil:
				return err
			case c.json:
				return printJSON(p.Stdout, list)
			}
			return errors.Join(p.printFeeds(list), p.printSkipped(skipped))
		},
	}
}

// gather reads a whole list of the server's.
func gather[T any](ctx context.Context, server *client, path string, query map[string]string) ([]T, error) {
	list := []T{}
	err := everything(ctx, server, path, query, func(one T) error {
		list = append(list, one)
		return nil
	})
	return list, err
}

// printSkipped says which mailboxes and groups are not read, if any.
func (p Program) printSkipped(list []api.Skipped) error {
	if len(list) == 0 {
		return nil
	}
	t := table{head: []string{"NOT READ", "FLOW", "SINCE", "WHY"}}
	for _, k := range list {
		what := k.Mailbox
		if k.Group != "" {
			what = "group " + k.Group
		}
		t.add(what, k.Flow, k.Since.Format("2006-01-02 15:04:05Z"), k.Say+" ("+k.Code+")")
	}
	return t.print(p.Stdout)
}

func (p Program) printFeeds(list []api.Feed) error {
	if len(list) == 0 {
		_, err := fmt.Fprintln(p.Stdout, "There is no feed yet. graphwarden flows shows what is declared, graphwarden doctor what is wrong.")
		return err
	}
	t := table{head: []string{"FLOW", "MAILBOX", "CALENDAR", "LAST READ", "AGE", "NEXT", "ITEMS", "STATE", "WHY"}}
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
		if f.State == "flow removed" {
			next = "never"
		}
		t.add(f.Flow, f.Mailbox, f.Calendar, read, age, next, fmt.Sprint(f.Items), f.State, why(f))
	}
	return t.print(p.Stdout)
}

// why says why a feed cannot be read.
func why(f api.Feed) string {
	switch {
	case f.Trouble == nil:
		return ""
	case f.Trouble.Code == "":
		return f.Trouble.Say
	}
	return f.Trouble.Say + " (" + f.Trouble.Code + ")"
}
