package connect_test

import (
	"context"
	"errors"
	"testing"
	"time"
)

// TestWhoLeavesIsNotHeldUp: the subscriptions of somebody who leaves are ended while
// their token is there, for every flow of the app and no other's. Whether that works
// or hangs, they have left afterwards, and nothing of theirs is kept.
func TestWhoLeavesIsNotHeldUp(t *testing.T) {
	for situation, does := range map[string]func(context.Context) error{
		"it works": func(context.Context) error { return nil },
		"it fails": func(context.Context) error { return errors.New("Microsoft is on fire") },
		"it hangs": func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() },
	} {
		t.Run(situation, func(t *testing.T) {
			t.Parallel() // one of them waits for 15 seconds
			f := open(t)
			begun, right := f.invited(nil)
			_, to := f.comes("GET", right.Encode())
			if _, err := f.Take(t.Context(), "crm", begun.ID, to.Get("code")); err != nil {
				t.Fatal(err)
			}
			flows := make(chan string, 10)
			f.Part = func(ctx context.Context, flow, account string) error {
				if _, err := f.Custody.Bearer(ctx, f.registration(anna)); err != nil || account != anna {
					t.Errorf("parting from %s there is no token for %s: %v", flow, account, err)
				}
				flows <- flow
				return does(ctx)
			}
			began := time.Now()
			if err := f.Leave(t.Context(), "crm", "contoso", "main", anna, "test"); err != nil || time.Since(began) > 30*time.Second {
				t.Errorf("left after %s: %v", time.Since(began), err)
			}
			f.nobody()
			if len(flows) != 2 { // calendars and mail; others is another app's
				t.Errorf("%d flows were parted from", len(flows))
			}
		})
	}
}

// TestWhoIsRevokedPartsFirst: a revocation of the whole registration ends everybody's
// subscriptions while there are tokens.
func TestWhoIsRevokedPartsFirst(t *testing.T) {
	f := open(t)
	begun, right := f.invited(nil)
	_, to := f.comes("GET", right.Encode())
	if _, err := f.Take(t.Context(), "crm", begun.ID, to.Get("code")); err != nil {
		t.Fatal(err)
	}
	parted := 0
	f.Part = func(ctx context.Context, flow, account string) error {
		_, err := f.Custody.Bearer(ctx, f.registration(account))
		if err == nil && flow == "calendars" {
			parted++
		}
		return err
	}
	if err := f.PartAll(t.Context(), "contoso", "main"); err != nil || parted != 1 {
		t.Errorf("%d parted: %v", parted, err)
	}
	if err := f.PartAll(t.Context(), "contoso", "alone"); err != nil || parted != 1 {
		t.Errorf("of a registration for one: %d, %v", parted, err)
	}
}

// TestWhoseRegistrationIsRevokedIsLost: nobody is listed as connected for whom there is
// no token any more, also when an operator has connected the registration again; until
// they have signed in anew.
func TestWhoseRegistrationIsRevokedIsLost(t *testing.T) {
	f := open(t)
	f.Custody.Turned = f.Turned
	signIn := func() {
		t.Helper()
		begun, right := f.invited(nil)
		_, to := f.comes("GET", right.Encode())
		if _, err := f.Take(t.Context(), "crm", begun.ID, to.Get("code")); err != nil {
			t.Fatal(err)
		}
	}
	state := func() (state, code string) {
		t.Helper()
		list, err := f.List(t.Context(), "crm", "contoso", "main")
		if err != nil || len(list) != 1 {
			t.Fatalf("%+v, %v", list, err)
		}
		return list[0].State, list[0].LostCode
	}
	signIn()
	whole := f.registration("")
	if _, err := f.Custody.Revoke(t.Context(), whole, "test"); err != nil {
		t.Fatal(err)
	}
	if is, why := state(); is != "lost" || why != "connect.revoked" {
		t.Errorf("revoked: %s %s", is, why)
	}
	if err := f.Custody.Connect(t.Context(), whole, "test"); err != nil {
		t.Fatal(err)
	}
	if is, _ := state(); is != "lost" {
		t.Errorf("there is no token, and the person is %s", is)
	}
	signIn()
	if is, why := state(); is != "connected" || why != "" {
		t.Errorf("signed in again: %s %s", is, why)
	}
}
