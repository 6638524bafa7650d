package restrict_test

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/restrict"
)

// consents are the permissions in Entra that the app's token carries.
func (h *house) consents() []string {
	h.Helper()
	seen, err := h.Custody.Prove(h.Context(), h.Registration)
	if err != nil {
		h.Fatal(err)
	}
	return seen.Roles
}

// TestAConsentOutlivesARoleThatDoesNotWork: roles and consents add up, so a consent
// is taken away last, and only once Exchange's own test says that the role reaches
// the mailbox. Taken away before, the app would reach nothing.
func TestAConsentOutlivesARoleThatDoesNotWork(t *testing.T) {
	for name, now := range map[string]bool{"after two hours": false, "at once": true} {
		t.Run(name, func(t *testing.T) {
			h := open(t, nil)
			if !now {
				h.apply(restrict.Asked{})
				h.later("3h")
			}
			had := h.consents()
			h.Ask(t, http.MethodPost, "/sim/people", map[string]any{"user": h.in.UPN, "as": "unlicensed"})
			_, err := h.Restrict.Apply(t.Context(), "contoso", "main", restrict.Asked{Now: now})
			var refusal *graphwarden.Refusal
			if !errors.As(err, &refusal) || refusal.Code != "restrict.test_inside" {
				t.Errorf("a role that reaches nobody: %v", err)
			}
			if got := h.consents(); len(had) == 0 || !slices.Equal(got, had) {
				t.Errorf("the consents were %v and are %v", had, got)
			}
			h.Ask(t, http.MethodPost, "/sim/people", map[string]any{"user": h.in.UPN, "as": "licensed"})
			h.apply(restrict.Asked{Now: now})
			if got := h.consents(); len(got) > 0 {
				t.Errorf("in the end there are %v", got)
			}
		})
	}
}

// TestConsentsAreTakenAwayLast: whatever is asked for, and never by a run that told
// Exchange something, unless somebody said so.
func TestConsentsAreTakenAwayLast(t *testing.T) {
	var order []string
	h := open(t, func(name string, act func() error) error {
		if strings.HasPrefix(name, "restrict:") {
			order = append(order, name)
		}
		return act()
	})
	h.apply(restrict.Asked{})
	for span := range 4 { // 30, 60, 90 and 119 minutes
		h.later(map[bool]string{true: "30m", false: "29m"}[span < 3])
		if out := h.apply(restrict.Asked{}); does(out.Changes) != "later consent" {
			t.Fatalf("the %d. time: %s", span+1, does(out.Changes))
		}
	}
	h.cmdlet("Set-ManagementScope", map[string]any{"Identity": "Graphwarden main office", "RecipientRestrictionFilter": "Alias -eq 'nobody'"})
	h.later("10h")
	if out := h.apply(restrict.Asked{}); does(out.Changes) != "change management scope, later consent" {
		t.Errorf("somebody changed the scope: %s", does(out.Changes))
	}
	if slices.Contains(order, "restrict:revoke") || len(h.consents()) == 0 {
		t.Fatalf("a consent was taken away: %v", order)
	}
	h.later("1h")
	order = nil
	h.cmdlet("Remove-ManagementRoleAssignment", map[string]any{"Identity": "Graphwarden main office Calendars.Read", "Confirm": false})
	h.apply(restrict.Asked{Now: true})
	if i, j := slices.Index(order, "restrict:assign"), slices.Index(order, "restrict:revoke"); i < 0 || j < i {
		t.Errorf("the order is %v", order)
	}
}

// TestTheEndOfTheWaitingIsTold: with a line of the ledger and the mailboxes that
// prove it, once, also by the process that comes after.
func TestTheEndOfTheWaitingIsTold(t *testing.T) {
	h := open(t, nil)
	h.apply(restrict.Asked{})
	h.later("3h")
	h.apply(restrict.Asked{})
	told := func() (n int) {
		err := h.Store.EntriesAfter(t.Context(), 0, 10000, func(e graphwarden.Entry, _ [32]byte) error {
			if e.Path == "restriction.proven contoso/main" {
				n++
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	if told() != 0 {
		t.Error("it was told before it was so")
	}
	h.Restrict = restrict.New(h.Restrict.Config) // the process that comes after
	s := h.later("10m")
	if s.State != "proven" || s.ProvenAt.IsZero() || told() != 1 {
		t.Errorf("%+v, told %d times", s, told())
	}
	at := s.ProvenAt
	if s = h.later("7h"); s.State != "proven" || !s.ProvenAt.Equal(at) || told() != 1 {
		t.Errorf("hours later: %+v, told %d times", s, told())
	}
}

// TestWhoTakesConsentsAtOnceIsToldAtOnce: with --now the app may be kept out already,
// so that nobody waits minutes for the first look.
func TestWhoTakesConsentsAtOnceIsToldAtOnce(t *testing.T) {
	h := open(t, nil)
	h.Ask(t, http.MethodPost, "/sim/exchange", map[string]any{"delay": "0s"})
	h.apply(restrict.Asked{Now: true})
	if s := h.later("0s"); s.State != "proven" {
		t.Errorf("%+v", s)
	}
}

// TestARunThatChangesNothingKeepsTheProof, and it is looked at once more.
func TestARunThatChangesNothingKeepsTheProof(t *testing.T) {
	h := open(t, nil)
	h.Ask(t, http.MethodPost, "/sim/exchange", map[string]any{"delay": "0s"})
	h.apply(restrict.Asked{Now: true})
	proven := h.later("0s")
	if proven.State != "proven" {
		t.Fatalf("%+v", proven)
	}
	h.later("1h")
	out := h.apply(restrict.Asked{})
	if len(out.Changes) != 0 || out.State.State != "proven" || !out.State.ProvenAt.Equal(proven.ProvenAt) || !out.Applied {
		t.Errorf("%+v, %+v", out, out.State)
	}
	if out.State.LookAt.After(h.World.Clock().Now()) {
		t.Errorf("it is looked at only at %v", out.State.LookAt)
	}
	if s := h.later("0s"); s.State != "proven" || !s.ProvenAt.Equal(proven.ProvenAt) || !s.LookAt.After(out.State.LookAt) {
		t.Errorf("after the look: %+v", s)
	}
}

// TestAFlowThatWantsOtherMailboxesIsTold: Exchange goes by what it was told, and
// what the flows want by now is something else.
func TestAFlowThatWantsOtherMailboxesIsTold(t *testing.T) {
	h := open(t, nil)
	h.apply(restrict.Asked{Now: true})
	h.later("3h")
	if s := h.later("10m"); s.State != "proven" {
		t.Fatalf("%+v", s)
	}
	err := h.Store.Update(t.Context(), func(ctx context.Context, tx graphwarden.Tx) error {
		return h.Store.PinMailbox(ctx, tx, "contoso", h.out)
	})
	if err != nil {
		t.Fatal(err)
	}
	c := h.Restrict.Config
	c.Flows = slices.Clone(c.Flows)
	c.Flows[0].Mailboxes = graphwarden.MailboxScope{h.in, h.out}
	h.Restrict = restrict.New(c) // by another configuration
	if s := h.later("1m"); s.State != "outdated" || s.Code != "restrict.outdated" {
		t.Errorf("a mailbox more: %+v", s)
	}
	if out := h.apply(restrict.Asked{}); does(out.Changes) != "change management scope" {
		t.Errorf("%s", does(out.Changes))
	}
	if s := h.later("3h"); s.State != "proven" || s.Outside == h.out.UPN {
		t.Errorf("in the end: %+v", s)
	}
}

// TestARunThatWasCutOffIsTold until somebody brings it to its end.
func TestARunThatWasCutOffIsTold(t *testing.T) {
	cut := true
	h := open(t, func(name string, act func() error) error {
		if cut && name == "restrict:assign" {
			return errors.New("cut")
		}
		return act()
	})
	if _, err := h.Restrict.Apply(t.Context(), "contoso", "main", restrict.Asked{}); err == nil {
		t.Fatal("it was not cut")
	}
	if s := h.later("10m"); s.State != "outdated" || !strings.Contains(s.Say, "not brought to its end") {
		t.Errorf("%+v", s)
	}
	cut = false
	h.apply(restrict.Asked{})
	if s := h.later("10m"); s.State != "waiting" {
		t.Errorf("%+v", s)
	}
}
