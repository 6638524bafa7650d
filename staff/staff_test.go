package staff_test

import (
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/internal/rig"
	"github.com/graphwarden/graphwarden/staff"
)

// desk is a desk over a real store, whose clock a test moves.
func desk(r *rig.Rig, now *time.Time) *staff.Desk {
	return staff.New(staff.Config{Store: r.Store, Ledger: r.Ledger, Now: func() time.Time { return *now }, Random: rand.Reader, Tenants: []string{"contoso", "fabrikam"}})
}

func code(err error) string {
	var r *graphwarden.Refusal
	if errors.As(err, &r) {
		return r.Code
	}
	return fmt.Sprint(err)
}

func TestATokenLetsItsOperatorInUntilItIsOver(t *testing.T) {
	r := rig.New(t, nil)
	now := time.Now()
	d, elsewhere := desk(r, &now), desk(r, &now)
	made, err := d.Create(t.Context(), staff.Wanted{Operator: "anna", Posts: []string{"auditor@contoso", "helpdesk", "helpdesk"}, By: "owner"})
	if err != nil {
		t.Fatal(err)
	}
	if !regexp.MustCompile(`^gwp_[a-km-np-z2-9]{59}$`).MatchString(string(made.Plain)) || len(made.Token.Posts) != 2 {
		t.Errorf("made %+v of %d characters", made.Token, len(made.Plain))
	}
	is := func(d *staff.Desk, want string) {
		t.Helper()
		_, err := d.Admit(t.Context(), string(made.Plain))
		if code(err) != want {
			t.Errorf("let in: %v, want %s", err, want)
		}
		if still := d.Still(t.Context(), made.Token); code(still) != want {
			t.Errorf("still let in: %v, want %s", still, want)
		}
	}
	is(d, "<nil>")
	is(elsewhere, "<nil>")
	for _, wrong := range []string{"", "gwp_", string(made.Plain) + "a", strings.Replace(string(made.Plain), "gwp_", "gwk_", 1), "gwp_" + strings.Repeat("a", 59)} {
		if _, err := d.Admit(t.Context(), wrong); code(err) != "api.token" {
			t.Errorf("%q is let in: %v", wrong, err)
		}
	}
	now = made.Token.ExpiresAt
	is(d, "api.token_expired")
	now = now.Add(-time.Second)
	is(d, "<nil>")
	if _, err := d.Revoke(t.Context(), made.Token.ID, "owner"); err != nil {
		t.Fatal(err)
	}
	is(d, "api.token_revoked")
	now = now.Add(time.Second) // another process knows a second later
	now = now.Add(-time.Nanosecond)
	made.Token.ExpiresAt = now.Add(time.Hour)
	is(desk(r, &now), "api.token_revoked")
	now = now.Add(-time.Hour).Add(2 * time.Second)
	is(elsewhere, "api.token_revoked")
	list, err := d.List(t.Context())
	if err != nil || len(list) != 1 || list[0].UsedAt.IsZero() || list[0].State(now) != "revoked" {
		t.Errorf("%+v %v", list, err)
	}
}

func TestWhatATokenCannotBe(t *testing.T) {
	r := rig.New(t, nil)
	now := time.Now()
	d := desk(r, &now)
	for _, s := range []struct {
		w    staff.Wanted
		code string
	}{
		{staff.Wanted{Operator: "owner", Posts: []string{"owner"}}, "staff.name"},
		{staff.Wanted{Operator: "Anna", Posts: []string{"owner"}}, "staff.name"},
		{staff.Wanted{Operator: "anna\n", Posts: []string{"owner"}}, "staff.name"},
		{staff.Wanted{Operator: "аnna", Posts: []string{"owner"}}, "staff.name"}, // the first letter is Cyrillic
		{staff.Wanted{Operator: "anna, by bert", Posts: []string{"owner"}}, "staff.name"},
		{staff.Wanted{Operator: "anna"}, "staff.role"},
		{staff.Wanted{Operator: "anna", Posts: []string{"root"}}, "staff.role"},
		{staff.Wanted{Operator: "anna", Posts: []string{"owner@"}}, "staff.role"},
		{staff.Wanted{Operator: "anna", Posts: []string{"owner@contoso owner"}}, "staff.role"},
		{staff.Wanted{Operator: "anna", Posts: []string{"owner@nowhere"}}, "staff.tenant"},
		{staff.Wanted{Operator: "anna", Posts: []string{"owner"}, For: 367 * 24 * time.Hour}, "staff.expires"},
		{staff.Wanted{Operator: "anna", Posts: []string{"owner"}, For: -time.Hour}, "staff.expires"},
		{staff.Wanted{Operator: "anna@contoso.com", Posts: []string{"owner@contoso"}}, "<nil>"},
	} {
		if _, err := d.Create(t.Context(), s.w); code(err) != s.code {
			t.Errorf("%+v: %v, want %s", s.w, err, s.code)
		}
	}
	if _, err := d.Revoke(t.Context(), "tok_nobodys", "owner"); code(err) != "staff.unknown" {
		t.Errorf("ended: %v", err)
	}
}

func TestNoFileHoldsAToken(t *testing.T) {
	r := rig.New(t, nil)
	now := time.Now()
	made, err := desk(r, &now).Create(t.Context(), staff.Wanted{Operator: "anna", Posts: []string{"owner"}})
	if err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob(r.Path + "*")
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	for _, f := range files {
		raw, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(raw), string(made.Plain[4:40])) {
			t.Errorf("%s has it", f)
		}
	}
}
