package store_test

import (
	"context"
	"testing"
	"time"

	"github.com/graphwarden/graphwarden"
)

func TestARestrictionIsKeptAsItWasPutLast(t *testing.T) {
	h := open(t)
	now := h.clock.now.UTC().Truncate(time.Microsecond)
	put := graphwarden.Restriction{Tenant: "contoso", Registration: "contoso/calendar", By: graphwarden.ByRoles, State: graphwarden.RestrictionWaiting,
		Inside: graphwarden.Mailbox{ID: "a", UPN: "ann@contoso.com"}, Outside: graphwarden.Mailbox{ID: "b", UPN: "bob@contoso.com"}, Reads: true,
		ChangedAt: now, LookAt: now.Add(time.Minute), Code: "restrict.inside_refused", Say: "Not yet.", Account: "boss", Roles: "Mail.Read Mail.Send"}
	for _, state := range []graphwarden.RestrictionState{graphwarden.RestrictionWaiting, graphwarden.RestrictionProven} {
		put.State, put.FreedAt = state, now.Add(time.Hour)
		h.update(t, func(ctx context.Context, tx graphwarden.Tx) error { return h.PutRestriction(ctx, tx, put) })
		if list, err := h.Restrictions(t.Context()); err != nil || len(list) != 1 || list[0] != put {
			t.Errorf("%+v, %v, want %+v", list, err, put)
		}
	}
	h.update(t, func(ctx context.Context, tx graphwarden.Tx) error {
		return h.DropRestriction(ctx, tx, put.Registration)
	})
	if list, err := h.Restrictions(t.Context()); err != nil || len(list) > 0 {
		t.Errorf("%+v, %v", list, err)
	}
}
