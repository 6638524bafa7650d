package api_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/api"
	"github.com/graphwarden/graphwarden/connect"
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

// TestAFlowThatNobodyHasSignedInForIsListedAsNotRead: each of its mailboxes and groups
// once, with what to do. A flow that reads nothing, one of another registration and one
// of a person who has signed in are not.
func TestAFlowThatNobodyHasSignedInForIsListedAsNotRead(t *testing.T) {
	at := time.Date(2026, 3, 1, 8, 0, 0, 0, time.UTC)
	views := []connect.View{{Tenant: "contoso", Registration: "anna", State: "refused", RefusedCode: "connect.nobody_signed_in",
		Refused: "Nobody has signed in yet. Run: graphwarden connect contoso anna", RefusedAt: &at},
		{Tenant: "contoso", Registration: "expired", State: "refused", RefusedCode: "entra.secret_expired", Refused: "It expired.", RefusedAt: &at}}
	flowOf := func(name, kind, registration string) api.Flow {
		return api.Flow{Name: name, Kind: kind, Tenant: "contoso", Registration: registration, Mailboxes: []string{"anna@contoso.example", "room@contoso.example"}}
	}
	d := put(t, func(c *api.Config) {
		c.Connections = &listed{views: views}
		c.Declared.Flows = []api.Flow{flowOf("desks", "calendar", "anna"), flowOf("office", "calendar", "expired"), flowOf("send", "mail-send", "anna")}
		c.Declared.Flows[0].Groups = []string{"a-group"}
	})
	err := d.store.Update(t.Context(), func(ctx context.Context, tx graphwarden.Tx) error {
		return d.store.SkipMailbox(ctx, tx, graphwarden.Skipped{Flow: "desks", Tenant: "contoso", Mailbox: graphwarden.Mailbox{UPN: "Room@contoso.example"}, Code: "graph.user_unknown", Say: "There is no such user."})
	})
	if err != nil {
		t.Fatal(err)
	}
	for query, want := range map[string]string{"": "Room@contoso.example graph.user_unknown, anna@contoso.example connect.nobody_signed_in, a-group connect.nobody_signed_in",
		"?flow=office": "", "?mailbox=anna@contoso.example": "anna@contoso.example connect.nobody_signed_in"} {
		var got []string
		for _, k := range read[api.Page[api.Skipped]](t, d.ask(t, http.MethodGet, "/v1/skipped"+query)).Items {
			got = append(got, k.Mailbox+k.Group+" "+k.Code)
			if k.Code == "connect.nobody_signed_in" && (k.Say != views[0].Refused || !k.Since.Equal(at) || k.Flow != "desks") {
				t.Errorf("%s: %+v", query, k)
			}
		}
		if strings.Join(got, ", ") != want {
			t.Errorf("%q lists %v, want %s", query, got, want)
		}
	}
}
