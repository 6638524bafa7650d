// Package apiclients holds the client that oapi-codegen makes of the description
// to a gateway that is served.
package apiclients_test

import (
	"context"
	"net/http"
	"os"
	"testing"
	"time"

	"github.com/graphwarden/graphwarden/interop/apiclients/go/client"
)

func as(key string) client.RequestEditorFn {
	return func(_ context.Context, r *http.Request) error {
		r.Header.Set("Authorization", "Bearer "+key)
		return nil
	}
}

func to[T any](v T) *T { return &v }

func TestTheGeneratedClientReadsWhatAnAppReads(t *testing.T) {
	address, key := os.Getenv("GRAPHWARDEN_API"), os.Getenv("GRAPHWARDEN_KEY")
	if address == "" {
		t.Skip("run.sh says where the gateway is")
	}
	c, err := client.NewClientWithResponses(address, client.WithRequestEditorFn(as(key)))
	if err != nil {
		t.Fatal(err)
	}
	ctx := t.Context()
	boxes, err := c.ListMailboxesWithResponse(ctx, nil)
	if err != nil || boxes.JSON200 == nil || len(boxes.JSON200.Items) != 3 {
		t.Fatalf("%v: %s", err, boxes.Body)
	}
	tenant, mailbox := boxes.JSON200.Items[0].Tenant, boxes.JSON200.Items[0].Id
	calendars, err := c.ListCalendarsWithResponse(ctx, tenant, mailbox, nil)
	if err != nil || calendars.JSON200 == nil || len(calendars.JSON200.Items) == 0 {
		t.Fatalf("%v: %s", err, calendars.Body)
	}
	ask := client.ListEventsParams{From: to(time.Now().AddDate(0, -1, 0)), To: to(time.Now().AddDate(0, 10, 0)), Limit: to(7),
		Fields: &[]client.ListEventsParamsFields{"subject", "showAs"}}
	seen := map[string]bool{}
	var first string
	for {
		page, err := c.ListEventsWithResponse(ctx, tenant, mailbox, &ask)
		if err != nil || page.JSON200 == nil {
			t.Fatalf("%v: %s", err, page.Body)
		}
		for _, e := range page.JSON200.Items {
			if seen[e.Id] || e.Start == nil {
				t.Fatalf("%+v", e)
			}
			seen[e.Id] = true
			if first == "" {
				first = e.Id
			}
		}
		if ask.Cursor = page.JSON200.Next; ask.Cursor == nil {
			break
		}
	}
	one, err := c.GetEventWithResponse(ctx, tenant, mailbox, first, nil)
	if err != nil || one.JSON200 == nil || one.JSON200.Id != first || one.JSON200.Event["id"] != first {
		t.Fatalf("%v: %s", err, one.Body)
	}
	changes, err := c.ListChangesWithResponse(ctx, &client.ListChangesParams{Since: to(time.Unix(1577836800, 0)), Limit: to(3)})
	if err != nil || changes.JSON200 == nil || len(changes.JSON200.Items) != 3 {
		t.Fatalf("%v: %s", err, changes.Body)
	}
	none, err := c.ListEventsWithResponse(ctx, tenant, "nobody@contoso.example", nil)
	if err != nil || none.ApplicationproblemJSON404 == nil || none.ApplicationproblemJSON404.Code != "api.not_there" {
		t.Errorf("%v: %s", err, none.Body)
	}
	stranger, err := c.ListMailboxesWithResponse(ctx, nil, as("gwk_nothing"))
	if err != nil || stranger.ApplicationproblemJSON401 == nil {
		t.Errorf("%v: %s", err, stranger.Body)
	}
	t.Logf("go: %d events, one by its id, %d changes, two refusals", len(seen), len(changes.JSON200.Items))
}
