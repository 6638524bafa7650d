package grants_test

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/flow"
	"github.com/graphwarden/graphwarden/grants"
)

// TestAFlowIsProposedToBeNarrowedToWhatItUsed, in either version of Graph and in whatever
// letters; what is not known for long enough is not called unused.
func TestAFlowIsProposedToBeNarrowedToWhatItUsed(t *testing.T) {
	var listed []flow.Operation
	for _, text := range []string{"GET /users/{id}/events", "GET /users/{id}/messages", "GET /users/{id}/messages/{id}", "POST /users/{id}/sendMail"} {
		op, err := flow.ParseAsked(text)
		if err != nil {
			t.Fatal(err)
		}
		listed = append(listed, op)
	}
	h := open(t, nil)
	h.Grants.Flows = slices.Clone(h.Grants.Flows)
	h.Grants.Flows[0].Kind = flow.Through(listed)
	proposed := func(days int) string {
		t.Helper()
		r, err := h.Grants.Show(t.Context(), "contoso", "main", grants.Asked{Administrator: "boss", UnusedDays: days})
		if err != nil {
			t.Fatal(err)
		}
		if len(r.Narrower) == 0 {
			return ""
		}
		n := r.Narrower[0]
		return fmt.Sprintf("%s keep %q drop %q spare %v", n.Flow, n.Keep, n.Drop, n.Spared)
	}
	now := h.World.Clock().Now
	uses := func(at time.Time, allowed bool, flow, method, path string) {
		t.Helper()
		err := h.Store.Update(t.Context(), func(ctx context.Context, tx graphwarden.Tx) error {
			_, err := h.Ledger.Append(ctx, tx, graphwarden.Entry{Kind: graphwarden.Decided, At: at, Call: "c", Tenant: "contoso", Flow: flow, Method: method, Path: path, Allowed: allowed})
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	uses(now(), true, "office", "GET", "/v1.0/users/{mailbox}/messages/{id}") // too long ago, in the end
	if got := proposed(90); got != "" {
		t.Errorf("on the first day it is proposed to %s", got)
	}
	h.later("2400h")
	uses(now(), true, "office", "GET", "/beta/users/{mailbox}/Events")
	uses(now(), true, "other", "GET", "/v1.0/users/{mailbox}/messages")
	uses(now(), false, "office", "POST", "/v1.0/users/{mailbox}/sendMail")
	if got, want := proposed(90), `office keep ["GET /users/{id}/events"] drop ["GET /users/{id}/messages" "GET /users/{id}/messages/{id}" "POST /users/{id}/sendMail"] spare [Mail.Read Mail.Send]`; got != want {
		t.Errorf("it is proposed to %s,\nwant %s", got, want)
	}
	if got := proposed(1000); got != "" {
		t.Errorf("of more days than are counted it is proposed to %s", got)
	}
	for _, op := range []string{"messages", "messages/{id}"} {
		uses(now(), true, "office", "GET", "/v1.0/users/{mailbox}/"+op)
	}
	if got, want := proposed(90), `office keep ["GET /users/{id}/events" "GET /users/{id}/messages" "GET /users/{id}/messages/{id}"] drop ["POST /users/{id}/sendMail"] spare [Mail.Send]`; got != want {
		t.Errorf("in the end it is proposed to %s,\nwant %s", got, want)
	}
	uses(now(), true, "office", "POST", "/v1.0/users/{mailbox}/sendMail")
	if got := proposed(90); got != "" {
		t.Errorf("all is used, and it is proposed to %s", got)
	}
}
