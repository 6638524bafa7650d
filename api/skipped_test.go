package api_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/api"
)

func TestMailboxesThatAreNotReadAreListedWithTheReason(t *testing.T) {
	d := put(t)
	err := d.store.Update(t.Context(), func(ctx context.Context, tx graphwarden.Tx) error {
		for n := range 5 {
			k := graphwarden.Skipped{Flow: "office", Tenant: "contoso", Mailbox: graphwarden.Mailbox{ID: fmt.Sprint("id", n), UPN: fmt.Sprintf("p%d@contoso.example", n)}, Code: "graph.mailbox_not_enabled", Say: "It has no licence."}
			if n == 4 {
				k.Flow, k.Mailbox, k.Group = "desks", graphwarden.Mailbox{}, "a-group"
			}
			if err := d.store.SkipMailbox(ctx, tx, k); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	cursor := ""
	for range 5 {
		p := read[api.Page[api.Skipped]](t, d.ask(t, "GET", "/v1/skipped?flow=office&limit=3&cursor="+cursor))
		for _, k := range p.Items {
			names = append(names, k.Mailbox)
			if k.Code != "graph.mailbox_not_enabled" || k.Since.IsZero() || k.Flow != "office" || k.Tenant != "contoso" {
				t.Errorf("%+v", k)
			}
		}
		if cursor = p.Next; cursor == "" {
			break
		}
	}
	if fmt.Sprint(names) != "[p0@contoso.example p1@contoso.example p2@contoso.example p3@contoso.example]" {
		t.Errorf("not read are %v", names)
	}
	if all := read[api.Page[api.Skipped]](t, d.ask(t, "GET", "/v1/skipped")); len(all.Items) != 5 || all.Items[0].Group != "a-group" || all.Items[0].Mailbox+all.Items[0].MailboxID != "" {
		t.Errorf("of all flows: %+v", all)
	}
}
