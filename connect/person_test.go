package connect_test

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"testing"
	"time"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/connect"
	"github.com/graphwarden/graphwarden/entra"
	"github.com/graphwarden/graphwarden/internal/browser"
	"github.com/graphwarden/graphwarden/internal/simulated"
	"github.com/graphwarden/graphwarden/seal"
	"github.com/graphwarden/graphwarden/watch"
)

// served calls a handler as if over the network.
type served struct{ http.Handler }

func (s served) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Body == nil {
		r.Body = http.NoBody
	}
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	return w.Result(), nil
}

// someone is a person of the tenant at a browser.
func someone(tn *simulated.Tenant, number int) *browser.Person {
	u := tn.Ready.Users[number]
	return browser.New(served{tn.Handler()}, u.UserPrincipalName, u.Password)
}

func byPerson(t *testing.T, tn *simulated.Tenant, mode graphwarden.SignIn) simulated.Rooms {
	d := tn.Door(t, "public")
	d.Credential, d.Mode, d.Scopes = entra.Credential{}, mode, []string{"Calendars.ReadWrite"}
	return tn.Knock(t, d)
}

const back = "http://localhost/callback"

func TestAPersonSignsInByCodeAndIsRenewedByTheRefreshToken(t *testing.T) {
	tn := simulated.New(t)
	rooms := byPerson(t, tn, graphwarden.ByCode)
	var refusal *graphwarden.Refusal
	if _, err := rooms.Custody.Bearer(t.Context(), rooms.Registration); !errors.As(err, &refusal) || refusal.Code != "connect.nobody_signed_in" {
		t.Fatalf("before anybody signed in: %v", err)
	}
	attempt, link, err := rooms.Entra.Begin(rooms.Tenant, rooms.Registration, entra.Credential{}, []string{"Calendars.ReadWrite"}, back, entra.Claims{})
	if err != nil {
		t.Fatal(err)
	}
	end, heading, err := someone(tn, 1).Open(link, back)
	if err != nil || heading != "" {
		t.Fatalf("the browser ended at %q with %q, %v", end, heading, err)
	}
	code, err := attempt.Answer(http.MethodGet, end, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	token, err := rooms.Entra.Redeem(t.Context(), attempt, code)
	if err != nil {
		t.Fatal(err)
	}
	if token.Account.ID != tn.Ready.Users[1].ID || token.TenantID != tn.Ready.Tenant.ID || token.Refresh.Empty() {
		t.Fatalf("signed in: %+v", token)
	}
	if err := rooms.Custody.Accept(t.Context(), rooms.Registration, token); err != nil {
		t.Fatal(err)
	}
	if err := rooms.Custody.Connect(t.Context(), rooms.Registration, "test"); err != nil {
		t.Fatal(err)
	}
	lent, err := rooms.Custody.Bearer(t.Context(), rooms.Registration)
	if err != nil || !lent.Equal(token.Access) {
		t.Fatalf("lent another token, %v", err)
	}
	fresh, err := rooms.Custody.Renew(t.Context(), rooms.Registration, lent, "")
	if err != nil || fresh.Equal(lent) {
		t.Fatalf("renewed with %v", err)
	}
	seen, readable := entra.Seen(fresh)
	if !readable || seen.Account != tn.Ready.Users[1].ID || len(seen.Scopes) == 0 || len(seen.Roles) != 0 {
		t.Errorf("the token opens %+v", seen)
	}
	if _, err := rooms.Entra.Redeem(t.Context(), attempt, code); !errors.As(err, &refusal) || refusal.Code != "entra.code_used" {
		t.Errorf("redeemed twice: %v", err)
	}
}

// TestOneIsAwaitedUntilSomebodyHasSignedIn: whoever begins to connect and goes away
// has not signed in, and operators are told of that all the while.
func TestOneIsAwaitedUntilSomebodyHasSignedIn(t *testing.T) {
	tn := simulated.New(t)
	rooms := byPerson(t, tn, graphwarden.ByDevice)
	if _, err := rooms.Custody.Bearer(t.Context(), rooms.Registration); refusalOf(err) != "connect.nobody_signed_in" {
		t.Fatalf("before anybody signed in: %v", err)
	}
	awaited := func() string {
		t.Helper()
		look := watch.Connections(listed(func(ctx context.Context) ([]graphwarden.Standing, error) {
			s, err := rooms.Custody.Standing(ctx, rooms.Registration)
			return []graphwarden.Standing{s}, err
		}), nil)
		list, err := look.See(t.Context(), time.Now())
		if err != nil || len(list) > 1 {
			t.Fatalf("it is told that %+v, %v", list, err)
		}
		for _, s := range list {
			return s.Code
		}
		return ""
	}
	if code := awaited(); code != "notice.sign_in_awaited" {
		t.Fatalf("before anybody signed in: %q", code)
	}
	if err := rooms.Custody.Connect(t.Context(), rooms.Registration, "test"); err != nil {
		t.Fatal(err)
	}
	if code := awaited(); code != "notice.sign_in_awaited" {
		t.Errorf("somebody went away without having signed in: %q", code)
	}
	device, err := rooms.Entra.BeginDevice(t.Context(), rooms.Tenant, rooms.Registration, entra.Credential{}, []string{"Calendars.ReadWrite"})
	if err != nil {
		t.Fatal(err)
	}
	person := someone(tn, 1)
	person.Code = device.UserCode
	if _, _, err := person.Open(device.Address, ""); err != nil {
		t.Fatal(err)
	}
	token, err := rooms.Entra.Poll(t.Context(), device)
	if err != nil {
		t.Fatal(err)
	}
	if err := rooms.Custody.Accept(t.Context(), rooms.Registration, token); err != nil {
		t.Fatal(err)
	}
	if code := awaited(); code != "" {
		t.Errorf("somebody has signed in: %q", code)
	}
}

// listed gives standings to those who look at them.
type listed func(context.Context) ([]graphwarden.Standing, error)

// Standings gives them.
func (l listed) Standings(ctx context.Context) ([]graphwarden.Standing, error) { return l(ctx) }

// TestOnlyThePersonsOwnMailboxIsTouched although the flow names another, and
// although Microsoft would let a shared one be read.
func TestOnlyThePersonsOwnMailboxIsTouched(t *testing.T) {
	tn := simulated.New(t)
	d := tn.Door(t, "public")
	own := graphwarden.Mailbox{ID: tn.Ready.Users[1].ID, UPN: tn.Ready.Users[1].UserPrincipalName}
	other := graphwarden.Mailbox{ID: tn.Ready.Users[2].ID, UPN: tn.Ready.Users[2].UserPrincipalName}
	d.Credential, d.Mode, d.Scopes, d.Mailboxes = entra.Credential{}, graphwarden.ByDevice, []string{"Calendars.ReadWrite"}, graphwarden.MailboxScope{own, other}
	rooms := tn.Knock(t, d)
	if _, err := rooms.Graph.Calendars(t.Context(), rooms.Flow, own); refusalOf(err) != "connect.nobody_signed_in" {
		t.Fatalf("before anybody signed in: %v", err)
	}
	device, err := rooms.Entra.BeginDevice(t.Context(), rooms.Tenant, rooms.Registration, entra.Credential{}, d.Scopes)
	if err != nil {
		t.Fatal(err)
	}
	person := someone(tn, 1)
	person.Code = device.UserCode
	if _, _, err := person.Open(device.Address, ""); err != nil {
		t.Fatal(err)
	}
	token, err := rooms.Entra.Poll(t.Context(), device)
	if err != nil {
		t.Fatal(err)
	}
	if err := rooms.Custody.Accept(t.Context(), rooms.Registration, token); err != nil {
		t.Fatal(err)
	}
	if _, err := rooms.Graph.Calendars(t.Context(), rooms.Flow, own); refusalOf(err) != "" {
		t.Errorf("the person's own: %v", err)
	}
	if _, err := rooms.Graph.Calendars(t.Context(), rooms.Flow, other); refusalOf(err) != "gate.denied" {
		t.Errorf("somebody else's: %v", err)
	}
}

func TestAPersonSignsInByDeviceCode(t *testing.T) {
	tn := simulated.New(t)
	rooms := byPerson(t, tn, graphwarden.ByDevice)
	for _, declines := range []bool{false, true} {
		d, err := rooms.Entra.BeginDevice(t.Context(), rooms.Tenant, rooms.Registration, entra.Credential{}, []string{"Calendars.ReadWrite"})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := rooms.Entra.Poll(t.Context(), d); !errors.Is(err, entra.ErrPending) {
			t.Fatalf("before the person came: %v", err)
		}
		person := someone(tn, 2)
		person.Code, person.Declines = d.UserCode, declines
		if _, _, err := person.Open(d.Address, ""); err != nil {
			t.Fatal(err)
		}
		token, err := rooms.Entra.Poll(t.Context(), d)
		var refusal *graphwarden.Refusal
		switch {
		case declines && (!errors.As(err, &refusal) || refusal.Code != "entra.consent_declined"):
			t.Errorf("declined: %v", err)
		case !declines && (err != nil || token.Account.ID != tn.Ready.Users[2].ID):
			t.Errorf("signed in: %+v, %v", token, err)
		}
	}
}

func TestAConnectionIsNotHandedToAnotherPerson(t *testing.T) {
	tn := simulated.New(t)
	rooms := byPerson(t, tn, graphwarden.ByCode)
	token := func(id string) entra.Token {
		return entra.Token{Access: seal.FromString("a"), Refresh: seal.FromString("r"), ExpiresAt: time.Now().Add(time.Hour), Account: graphwarden.Account{ID: id, Name: id}}
	}
	if err := rooms.Custody.Accept(t.Context(), rooms.Registration, token("one")); err != nil {
		t.Fatal(err)
	}
	var refusal *graphwarden.Refusal
	if err := rooms.Custody.Accept(t.Context(), rooms.Registration, token("two")); !errors.As(err, &refusal) || refusal.Code != "connect.other_account" {
		t.Errorf("the other was accepted: %v", err)
	}
	if _, err := rooms.Custody.Revoke(t.Context(), rooms.Registration, "test"); err != nil {
		t.Fatal(err)
	}
	if err := rooms.Custody.Accept(t.Context(), rooms.Registration, token("two")); err != nil {
		t.Errorf("after the revocation: %v", err)
	}
}

// TestWhoSignsInAnewReplacesATokenThatDoesNotOpen, and nothing else does: with the right
// key it would be lent again.
func TestWhoSignsInAnewReplacesATokenThatDoesNotOpen(t *testing.T) {
	tn := simulated.New(t)
	rooms := byPerson(t, tn, graphwarden.ByCode)
	token := func(id, access string) entra.Token {
		return entra.Token{Access: seal.FromString(access), Refresh: seal.FromString("r"), ExpiresAt: time.Now().Add(time.Hour), Account: graphwarden.Account{ID: id, Name: id}}
	}
	if err := rooms.Custody.Accept(t.Context(), rooms.Registration, token("one", "first")); err != nil {
		t.Fatal(err)
	}
	config := rooms.Custody.CustodyConfig
	var err error
	if config.Sealer, err = seal.OpenKeyFile(filepath.Join(t.TempDir(), "key"), 0); err != nil {
		t.Fatal(err)
	}
	other := connect.NewCustody(config)
	for range 2 {
		if _, err := other.Bearer(t.Context(), rooms.Registration); refusalOf(err) != "seal.wrong_key" {
			t.Fatalf("with another key: %v", err)
		}
		if err := other.Connect(t.Context(), rooms.Registration, "test"); err != nil {
			t.Fatal(err)
		}
	}
	if lent, err := rooms.Custody.Bearer(t.Context(), rooms.Registration); err != nil || !lent.Equal(seal.FromString("first")) {
		t.Fatalf("with the right key it is not lent any more: %v", err)
	}
	if err := other.Accept(t.Context(), rooms.Registration, token("two", "second")); refusalOf(err) != "connect.other_account" {
		t.Errorf("somebody else was accepted: %v", err)
	}
	if err := other.Accept(t.Context(), rooms.Registration, token("one", "second")); err != nil {
		t.Fatal(err)
	}
	if lent, err := other.Bearer(t.Context(), rooms.Registration); err != nil || !lent.Equal(seal.FromString("second")) {
		t.Errorf("who signed in anew lends nothing: %v", err)
	}
}

func TestWhatADatabaseHoldsOfAPersonIsSealed(t *testing.T) {
	tn := simulated.New(t)
	rooms := byPerson(t, tn, graphwarden.ByCode)
	err := rooms.Custody.Accept(t.Context(), rooms.Registration, entra.Token{Access: seal.FromString("canary-access"),
		Refresh: seal.FromString("canary-refresh"), ExpiresAt: time.Now().Add(time.Hour), Account: graphwarden.Account{ID: "x"}})
	if err != nil {
		t.Fatal(err)
	}
	for name, content := range rooms.Files(t) {
		if bytes.Contains(content, []byte("canary")) {
			t.Errorf("%s holds a token in the clear", name)
		}
	}
}
