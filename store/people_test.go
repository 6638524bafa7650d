package store_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/graphwarden/graphwarden"
)

func person(app, account string, at time.Time) graphwarden.Person {
	return graphwarden.Person{Tenant: "contoso", Registration: "contoso/people", App: app, Account: graphwarden.Account{ID: account, Name: account + "@contoso.com"},
		Scopes: []string{"Calendars.Read", "User.Read"}, SignedInAt: at}
}

// TestPeopleAreKeptForEachApp: written, read, lost, and forgotten by one app while
// another has them still.
func TestPeopleAreKeptForEachApp(t *testing.T) {
	h := open(t)
	anna, desk, bert := person("crm", "anna", h.clock.Now()), person("desk", "anna", h.clock.Now()), person("crm", "bert", h.clock.Now())
	elsewhere := person("crm", "cleo", h.clock.Now())
	elsewhere.Registration = "contoso/others"
	h.update(t, func(ctx context.Context, tx graphwarden.Tx) error {
		for _, p := range []graphwarden.Person{anna, desk, bert, elsewhere} {
			if err := h.PutPerson(ctx, tx, p); err != nil {
				return err
			}
		}
		return nil
	})
	bert.LostAt, bert.LostCode = h.clock.Now().Add(time.Minute), "connect.revoked"
	left, again := 0, 0
	var in, of []graphwarden.Person
	h.update(t, func(ctx context.Context, tx graphwarden.Tx) (err error) {
		if err = h.PutPerson(ctx, tx, bert); err != nil { // written over
			return err
		}
		if in, err = h.PersonIn(ctx, tx, "contoso", "contoso/people", "anna"); err != nil {
			return err
		}
		if of, err = h.PeopleIn(ctx, tx, "contoso", "contoso/people"); err != nil {
			return err
		}
		if left, err = h.DropPerson(ctx, tx, anna); err != nil {
			return err
		}
		again, err = h.DropPerson(ctx, tx, desk)
		return err
	})
	if len(in) != 2 || in[0].App != "crm" || in[1].App != "desk" || len(of) != 3 {
		t.Errorf("anna is %+v, all are %+v", in, of)
	}
	if left != 1 || again != 0 {
		t.Errorf("%d apps have anna, then %d", left, again)
	}
	all, err := h.People(t.Context(), "contoso", "")
	if err != nil || len(all) != 2 {
		t.Fatalf("%+v, %v", all, err)
	}
	list, err := h.People(t.Context(), "contoso", "contoso/people")
	if err != nil || len(list) != 1 {
		t.Fatalf("%+v, %v", list, err)
	}
	if is := list[0]; is.Account != bert.Account || !slices.Equal(is.Scopes, bert.Scopes) || !is.SignedInAt.Equal(bert.SignedInAt) || !is.LostAt.Equal(bert.LostAt) || is.LostCode != bert.LostCode {
		t.Errorf("%+v is read as %+v", bert, is)
	}
}

// TestASignInIsAnsweredAndTakenOnce: in time, by its code, and no more are under way
// than may be.
func TestASignInIsAnsweredAndTakenOnce(t *testing.T) {
	h := open(t)
	begin := func(id string) (under bool) {
		t.Helper()
		h.update(t, func(ctx context.Context, tx graphwarden.Tx) (err error) {
			under, err = h.BeginSignIn(ctx, tx, graphwarden.SignInAttempt{ID: id, State: "state of " + id, Tenant: "contoso", Registration: "contoso/people", App: "crm", Flows: []string{"a", "b"},
				ReturnTo: "https://crm.example", AppState: "x", By: "app crm", Sealed: []byte{0, 1, 255}, BegunAt: tx.Now(), Until: tx.Now().Add(15 * time.Minute)}, 2)
			return err
		})
		return under
	}
	yes := func(do func(context.Context, graphwarden.Tx) (bool, error)) (is bool) {
		t.Helper()
		h.update(t, func(ctx context.Context, tx graphwarden.Tx) (err error) { is, err = do(ctx, tx); return err })
		return is
	}
	claim := func(id string) bool {
		return yes(func(ctx context.Context, tx graphwarden.Tx) (bool, error) { return h.ClaimSignIn(ctx, tx, id) })
	}
	take := func(id, code string) bool {
		return yes(func(ctx context.Context, tx graphwarden.Tx) (bool, error) { return h.TakeSignIn(ctx, tx, id, code) })
	}
	if !begin("one") || !begin("two") || begin("three") {
		t.Error("not two of two are under way")
	}
	a, err := h.SignInByState(t.Context(), "state of one")
	if err != nil || a.ID != "one" || !slices.Equal(a.Flows, []string{"a", "b"}) || !slices.Equal(a.Sealed, []byte{0, 1, 255}) || !a.Until.Equal(h.clock.Now().Add(15*time.Minute)) {
		t.Fatalf("%+v, %v", a, err)
	}
	if none, err := h.SignIn(t.Context(), "none"); err != nil || none.ID != "" {
		t.Errorf("%+v, %v", none, err)
	}
	if !claim("one") || claim("one") || !begin("three") { // what is answered is not under way
		t.Error("an answer was not taken once")
	}
	a.Who, a.Scopes, a.Code = graphwarden.Account{ID: "anna", Name: "anna@contoso.com"}, []string{"User.Read"}, "print"
	h.update(t, func(ctx context.Context, tx graphwarden.Tx) error { return h.EndSignIn(ctx, tx, a) })
	if take("one", "") || take("one", "another") || take("two", "") || !take("one", "print") || take("one", "print") {
		t.Error("a person was not taken once, by the code alone")
	}
	if ended, err := h.SignIn(t.Context(), "one"); err != nil || ended.Who != a.Who || len(ended.Sealed) != 0 || ended.TakenAt.IsZero() {
		t.Errorf("%+v, %v", ended, err)
	}
	h.clock.Advance(15 * time.Minute)
	if claim("two") {
		t.Error("an answer was taken too late")
	}
	old, err := h.OldSignIns(t.Context(), h.clock.Now().Add(time.Minute), 2)
	if err != nil || len(old) != 2 {
		t.Fatalf("%+v, %v", old, err)
	}
	h.update(t, func(ctx context.Context, tx graphwarden.Tx) error { return h.DropSignIn(ctx, tx, "one") })
	if gone, err := h.SignIn(t.Context(), "one"); err != nil || gone.ID != "" {
		t.Errorf("%+v, %v", gone, err)
	}
}
