package simulated_test

import (
	"bytes"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/entra"
	"github.com/graphwarden/graphwarden/internal/simulated"
)

// requests counts what the ledger says was asked of Entra.
func requests(t *testing.T, r simulated.Rooms) int {
	t.Helper()
	n := 0
	err := r.Store.EntriesAfter(t.Context(), 0, 10_000, func(e graphwarden.Entry, _ [32]byte) error {
		if e.Kind == graphwarden.Decided && e.Method == http.MethodPost && e.Path == "/{tenant}/oauth2/v2.0/token" {
			n++
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// TestAClaimsChallengeOfGraphIsAnswered: continuous access evaluation ends a token
// in the middle, and the call goes through all the same, with one request to Entra.
func TestAClaimsChallengeOfGraphIsAnswered(t *testing.T) {
	for name, wish := range map[string]map[string]any{"a newer token": {}, "an authentication context": {"context": "c1"}} {
		t.Run(name, func(t *testing.T) {
			n := simulated.New(t)
			door := n.Door(t, "calendar")
			door.Mailboxes = graphwarden.MailboxScope{{ID: n.Ready.Users[0].ID, UPN: n.Ready.Users[0].UserPrincipalName}}
			r := n.Knock(t, door)
			if _, err := r.Graph.Calendars(t.Context(), r.Flow, door.Mailboxes[0]); err != nil {
				t.Fatal(err)
			}
			n.Ask(t, http.MethodPost, "/sim/challenge", wish)
			for range 3 {
				if _, err := r.Graph.Calendars(t.Context(), r.Flow, door.Mailboxes[0]); err != nil {
					t.Fatalf("after the challenge: %v", err)
				}
			}
			if got := requests(t, r); got != 2 {
				t.Errorf("Entra was asked %d times", got)
			}
		})
	}
}

// TestEveryErrorThatTheSimulatorKnowsIsExplained steers each of our numbers that
// the simulator can give, and hears our explanation of it, after one request.
func TestEveryErrorThatTheSimulatorKnowsIsExplained(t *testing.T) {
	n, met := simulated.New(t), 0
	for number, code := range entra.Explained() {
		wish := fmt.Sprintf(`{"rules":[{"app":"calendar","code":%d}]}`, number)
		w := httptest.NewRecorder()
		n.Handler().ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodPost, "https://tenant.example/sim/signin", bytes.NewReader([]byte(wish))))
		if w.Code != http.StatusOK {
			continue // the simulator gives it by state, or not at all
		}
		met++
		r := n.Knock(t, n.Door(t, "calendar"))
		for range 5 { // nobody hammers
			_, err := r.Custody.Bearer(t.Context(), r.Registration)
			var refusal *graphwarden.Refusal
			if !errors.As(err, &refusal) || refusal.Code != code {
				t.Errorf("%d: %v, want %s", number, err, code)
			}
		}
		if got := requests(t, r); got != 1 {
			t.Errorf("%d: Entra was asked %d times", number, got)
		}
	}
	if met < 30 {
		t.Errorf("only %d numbers were met", met)
	}
}
