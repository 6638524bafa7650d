package api_test

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"github.com/graphwarden/graphwarden"
)

// TestAFilterThatNamesNothingIsRefused: a list that is empty because of it says so,
// with what was perhaps meant; what a name left behind is listed all the same.
func TestAFilterThatNamesNothingIsRefused(t *testing.T) {
	d := put(t)
	err := d.store.Update(t.Context(), func(ctx context.Context, tx graphwarden.Tx) error {
		return d.store.SkipMailbox(ctx, tx, graphwarden.Skipped{Flow: "removed", Tenant: "gone", Mailbox: graphwarden.Mailbox{UPN: "anna@contoso.example"}, Code: "x", Say: "x"})
	})
	if err != nil {
		t.Fatal(err)
	}
	for path, says := range map[string]string{
		"/v1/feeds?flow=ofice":                     `There is no flow \"ofice\".`,
		"/v1/feeds?mailbox=ana@contoso.example":    "Did you mean anna@contoso.example?",
		"/v1/feeds?tenant=nope":                    `There is no tenant \"nope\".`,
		"/v1/skipped?flow=nope":                    `There is no flow \"nope\".`,
		"/v1/skipped?flow=removed&mailbox=other":   `There is no flow \"removed\".`,
		"/v1/skipped?flow=removed":                 "",
		"/v1/skipped?mailbox=ANNA@contoso.example": "",
		"/v1/feeds?mailbox=anna@contoso.example":   "", // is not read
	} {
		w := d.ask(t, "GET", path)
		switch {
		case says == "" && w.Code != http.StatusOK:
			t.Errorf("%s: %d %s", path, w.Code, w.Body)
		case says != "" && (w.Code != http.StatusBadRequest || code(t, w) != "api.name" || !strings.Contains(w.Body.String(), says)):
			t.Errorf("%s: %d %s, want %q", path, w.Code, w.Body, says)
		}
	}
}
