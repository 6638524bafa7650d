package api_test

import (
	"context"
	"errors"
	"net/http"
	"testing"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/api"
	"github.com/graphwarden/graphwarden/flow"
	"github.com/graphwarden/graphwarden/lookup"
	"github.com/graphwarden/graphwarden/store"
)

// TestWhoJoinedByAnotherProcessIsThere: before an app is told that a mailbox is not
// there, it is looked who joined meanwhile; while nobody can look, that is not said.
func TestWhoJoinedByAnotherProcessIsThere(t *testing.T) {
	list, looked := flows(), 0
	var fails error
	o := newOffice(t, func(c *api.Config) {
		c.Flows = func() []flow.Flow { return list }
		c.Reading = lookup.Lookup{Copy: c.Feeds.(*store.Store)}
		c.CatchUp = func(context.Context) error {
			looked++
			list[2].Mailboxes = append(list[2].Mailboxes, graphwarden.Mailbox{ID: anna, UPN: "anna@fabrikam.com"})
			return fails
		}
	})
	asks := func(key, at string) (int, string) {
		w := o.as(t, key, "GET", "/v1/tenants/"+at+"/events?from=2026-04-01T00:00:00Z&to=2026-04-30T00:00:00Z", "")
		return w.Code, code(t, w)
	}
	if _, is := asks(o.portal, "contoso/mailboxes/"+anna); is == "api.not_there" || looked != 0 {
		t.Errorf("who is known is answered %s, looked %d times", is, looked)
	}
	if _, is := asks(o.crm, "fabrikam/mailboxes/"+anna); is == "api.not_there" || looked != 1 {
		t.Errorf("who joined elsewhere is answered %s, looked %d times", is, looked)
	}
	if status, is := asks(o.crm, "fabrikam/mailboxes/"+ben); status != http.StatusNotFound || is != "api.not_there" {
		t.Errorf("who is nowhere is answered %d %s", status, is)
	}
	fails = &graphwarden.Refusal{Kind: graphwarden.Storage, Code: "store.unavailable", Say: "The database does not answer.", Do: "Wait.", Cause: errors.New("no")}
	if status, is := asks(o.crm, "fabrikam/mailboxes/"+ben); status != http.StatusServiceUnavailable {
		t.Errorf("while nobody can look it is answered %d %s", status, is)
	}
}
