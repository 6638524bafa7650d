package store_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/graphwarden/graphwarden"
)

func TestHowAConnectionIsComesBackWhole(t *testing.T) {
	h := open(t)
	if s, err := h.Standing(t.Context(), "contoso", "contoso/main"); err != nil || s != (graphwarden.Standing{}) {
		t.Errorf("before it was ever tried: %+v, %v", s, err)
	}
	at := func(minutes int) time.Time { return h.clock.now.Add(time.Duration(minutes) * time.Minute).UTC() }
	want := graphwarden.Standing{Tenant: "contoso", Registration: "contoso/main", Account: graphwarden.Account{ID: "id", Name: "anna@contoso.com"},
		Mark: 7, RevokedAt: at(1), ConnectedAt: at(2), SignedInAt: at(3), RefusedAt: at(4), RefusedCode: "entra.x", RefusedSay: "says", RefusedDo: "do",
		WaitingSince: at(5), WaitingFor: "consent", ExpiresAt: at(6), ExpiryBy: "directory"}
	h.update(t, func(ctx context.Context, tx graphwarden.Tx) error {
		if s, err := h.StandingIn(ctx, tx, "contoso", "contoso/main"); err != nil || s.Registration != "contoso/main" || s.Mark != 0 {
			t.Errorf("in a transaction, before: %+v, %v", s, err)
		}
		if err := h.PutStanding(ctx, tx, graphwarden.Standing{Tenant: "contoso", Registration: "contoso/main", Mark: 1}); err != nil {
			return err
		}
		if err := h.PutStanding(ctx, tx, want); err != nil {
			return err
		}
		s, err := h.StandingIn(ctx, tx, "contoso", "contoso/main")
		if s != want {
			t.Errorf("in the transaction: %+v", s)
		}
		return err
	})
	if s, err := h.Standing(t.Context(), "contoso", "contoso/main"); err != nil || s != want {
		t.Errorf("it is %+v, %v", s, err)
	}
	if all, err := h.Standings(t.Context()); err != nil || len(all) != 1 || all[0] != want {
		t.Errorf("all are %+v, %v", all, err)
	}
}

// TestOnlyARegistrationsOwnTokensAreDropped: names that begin alike, and what would
// be a pattern elsewhere, stay.
func TestOnlyARegistrationsOwnTokensAreDropped(t *testing.T) {
	h := open(t)
	names := []string{"a/main#1", "a/main#2", "a/main", "a/main2#1", "a/main@anna#1", "a/mai#1", "a/%#1", "a/_ain#1", "ä/main#1"}
	h.update(t, func(ctx context.Context, tx graphwarden.Tx) error {
		for _, tenant := range []string{"a", "b"} {
			for _, name := range names {
				if err := h.PutToken(ctx, tx, graphwarden.SealedToken{Tenant: tenant, Registration: name, Version: 1, Account: "x", Sealed: []byte(name)}); err != nil {
					return err
				}
			}
		}
		return nil
	})
	for name, want := range map[string]int{"a/main": 4, "a/%": 1, "ä/main": 1, "a/other": 0} {
		h.update(t, func(ctx context.Context, tx graphwarden.Tx) error {
			n, err := h.DropTokens(ctx, tx, "a", name)
			if n != want {
				t.Errorf("%s: %d tokens were dropped", name, n)
			}
			return err
		})
	}
	if n, err := h.SealedRows(t.Context()); err != nil || n != 2*len(names)-6 {
		t.Errorf("%d rows are left, %v", n, err)
	}
}

func TestSealedRowsArePagedAndReplacedByVersion(t *testing.T) {
	h := open(t)
	h.update(t, func(ctx context.Context, tx graphwarden.Tx) error {
		for i := range 5 {
			k := graphwarden.SealedToken{Tenant: fmt.Sprint("t", i%2), Registration: fmt.Sprint("r", i), Version: 1, Account: "x", Sealed: []byte("old")}
			if err := h.PutToken(ctx, tx, k); err != nil {
				return err
			}
		}
		return nil
	})
	var seen []graphwarden.SealedToken
	tenant, registration := "", ""
	for {
		page, err := h.SealedTokens(t.Context(), tenant, registration, 2)
		if err != nil {
			t.Fatal(err)
		}
		if len(page) == 0 {
			break
		}
		seen = append(seen, page...)
		tenant, registration = page[len(page)-1].Tenant, page[len(page)-1].Registration
	}
	if len(seen) != 5 || seen[0].Account != "x" || string(seen[4].Sealed) != "old" {
		t.Fatalf("the pages hold %+v", seen)
	}
	h.update(t, func(ctx context.Context, tx graphwarden.Tx) error {
		first, moved := seen[0], seen[1]
		first.Sealed, moved.Sealed, moved.Version = []byte("new"), []byte("new"), 2
		if done, err := h.Reseal(ctx, tx, first); err != nil || !done {
			t.Errorf("resealed: %t, %v", done, err)
		}
		if done, err := h.Reseal(ctx, tx, moved); err != nil || done {
			t.Errorf("one that was renewed meanwhile: %t, %v", done, err)
		}
		return nil
	})
	if k, err := h.Token(t.Context(), seen[0].Tenant, seen[0].Registration); err != nil || string(k.Sealed) != "new" || k.Version != 1 {
		t.Errorf("it is %+v, %v", k, err)
	}
}
