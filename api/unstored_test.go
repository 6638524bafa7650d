package api_test

import (
	"context"
	"net/http"
	"testing"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/api"
	"github.com/graphwarden/graphwarden/connect"
)

// TestNoFeedIsInStepWhileNothingCanBeKept: on a full disk every feed says so.
func TestNoFeedIsInStepWhileNothingCanBeKept(t *testing.T) {
	var no error
	d := put(t, func(c *api.Config) {
		c.Conditions = []api.Condition{{Name: "the database takes what is written", Ask: func(context.Context) error { return no }}}
	})
	err := d.store.Update(t.Context(), func(ctx context.Context, tx graphwarden.Tx) error {
		_, err := d.store.EnsureFeed(ctx, tx, graphwarden.Feed{Flow: "office", Tenant: "contoso", Resource: "c", Mailbox: graphwarden.Mailbox{ID: "1", UPN: "anna@contoso.example"}, Title: "Calendar"})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	feed := func() api.Feed {
		w := d.ask(t, http.MethodGet, "/v1/feeds")
		return read[api.Page[api.Feed]](t, w).Items[0]
	}
	if f := feed(); f.State != "not read yet" || f.Trouble != nil {
		t.Errorf("%+v", f)
	}
	no = &graphwarden.Refusal{Kind: graphwarden.Storage, Code: "storage.full", Say: "The disk is full."}
	if f := feed(); f.State != "not stored" || f.Trouble == nil || f.Trouble.Code != "storage.full" || f.Trouble.Say != "The disk is full." {
		t.Errorf("%+v %+v", f, f.Trouble)
	}
}

// listed are connections that are only listed.
type listed struct {
	api.Connections
	views []connect.View
}

func (l *listed) List(context.Context) ([]connect.View, error) { return l.views, nil }

// TestNoFeedIsInStepOnceItsConnectionIsRevoked: before the next attempt finds it out.
func TestNoFeedIsInStepOnceItsConnectionIsRevoked(t *testing.T) {
	connections := &listed{views: []connect.View{{Tenant: "contoso", Registration: "main", State: "connected"}, {Tenant: "contoso", Registration: "other", State: "revoked"}}}
	d := put(t, func(c *api.Config) {
		c.Connections = connections
		c.Declared.Flows = []api.Flow{{Name: "office", Tenant: "contoso", Registration: "main"}}
	})
	err := d.store.Update(t.Context(), func(ctx context.Context, tx graphwarden.Tx) error {
		_, err := d.store.EnsureFeed(ctx, tx, graphwarden.Feed{Flow: "office", Tenant: "contoso", Resource: "c", Mailbox: graphwarden.Mailbox{ID: "1", UPN: "anna@contoso.example"}, Title: "Calendar"})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, state := range []string{"connected", "revoked"} {
		connections.views[0].State = state
		f := read[api.Page[api.Feed]](t, d.ask(t, http.MethodGet, "/v1/feeds")).Items[0]
		if is := f.State == "not readable" && f.Trouble != nil && f.Trouble.Code == "connect.revoked"; is != (state == "revoked") {
			t.Errorf("%s: %+v %+v", state, f, f.Trouble)
		}
	}
}
