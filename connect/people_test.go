package connect_test

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/connect"
	"github.com/graphwarden/graphwarden/entra"
	"github.com/graphwarden/graphwarden/internal/rig"
	"github.com/graphwarden/graphwarden/seal"
)

// crowd is Entra for many people: whose refresh token comes gets that person's next
// access token.
type crowd struct {
	mu    sync.Mutex
	given int
	slow  time.Duration
}

func (c *crowd) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	time.Sleep(c.slow)
	_ = r.ParseForm()
	who, _, _ := strings.Cut(strings.TrimPrefix(r.PostForm.Get("refresh_token"), "refresh-"), "-")
	c.mu.Lock()
	defer c.mu.Unlock()
	c.given++
	fmt.Fprintf(w, `{"token_type":"Bearer","expires_in":3600,"access_token":"token-%s-%d","refresh_token":"refresh-%s-%d"}`, who, c.given, who, c.given)
}

// sealerOf seals what lies in a rig's store.
func sealerOf(t *testing.T, r *rig.Rig) *seal.Sealer {
	t.Helper()
	rows, err := r.Store.SealedRows(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	sealer, err := seal.OpenKeyFile(filepath.Join(filepath.Dir(r.Path), "key"), rows)
	if err != nil {
		t.Fatal(err)
	}
	return sealer
}

// forPeople puts up custodies, as of processes, of a registration for many people.
func forPeople(t *testing.T, r *rig.Rig, processes int) []*connect.Custody {
	t.Helper()
	sealer := sealerOf(t, r)
	registration := r.Registration
	registration.Mode = graphwarden.ByCode
	var all []*connect.Custody
	for range processes {
		all = append(all, over(r, sealer, connect.Connection{Tenant: r.Tenant, Registration: registration,
			Credential: entra.Credential{Secret: seal.FromString("s3cret")}, Scopes: []string{"Calendars.Read"}}))
	}
	return all
}

func arrives(t *testing.T, c *connect.Custody, r graphwarden.Registration, who string) error {
	t.Helper()
	return c.Accept(t.Context(), r, entra.Token{Access: seal.FromString("token-" + who + "-0"), Refresh: seal.FromString("refresh-" + who + "-0"),
		ExpiresAt: time.Now().Add(20 * time.Minute), Account: graphwarden.Account{ID: who, Name: who + "@contoso.com"}})
}

// whose names the person whose token it is.
func whose(s seal.Secret) (who string) {
	s.Reveal(func(plain []byte) {
		who, _, _ = strings.Cut(strings.TrimPrefix(string(plain), "token-"), "-")
	})
	return who
}

// TestNobodysTokenIsLentForAnother: by chance people sign in, are lent for, renewed
// and revoked, one and all, from two processes at once, while time goes on.
func TestNobodysTokenIsLentForAnother(t *testing.T) {
	for seed := range uint64(6) {
		synctest.Test(t, func(t *testing.T) {
			r := rig.New(t, nil)
			r.Microsoft.Answer((&crowd{slow: 50 * time.Millisecond}).ServeHTTP)
			processes := forPeople(t, r, 2)
			chance := rand.New(rand.NewPCG(seed, 1))
			people := []string{"anna", "bert", "cleo", "dora"}
			lent := 0
			for range 60 {
				var all sync.WaitGroup
				for range 6 {
					c, who, what := processes[chance.IntN(2)], people[chance.IntN(4)], chance.IntN(40)
					as := r.Registration.For(who)
					all.Go(func() {
						switch {
						case what < 6:
							_ = arrives(t, c, as, who) // two at once: the second is refused
						case what == 6:
							_, _ = c.Revoke(t.Context(), as, "test")
							_ = c.Connect(t.Context(), as, "test")
						case what == 7:
							_, _ = c.Revoke(t.Context(), r.Registration, "test")
							_ = c.Connect(t.Context(), r.Registration, "test")
						default:
							token, err := c.Bearer(t.Context(), as)
							if err == nil && what%2 == 0 {
								token, err = c.Renew(t.Context(), as, token, "")
							}
							if err == nil && whose(token) != who {
								t.Errorf("seed %d: for %s the token of %s is lent", seed, who, whose(token))
							}
						}
					})
				}
				all.Wait()
				for _, who := range people {
					if token, err := processes[0].Bearer(t.Context(), r.Registration.For(who)); err == nil {
						lent++
						if whose(token) != who {
							t.Errorf("seed %d: for %s the token of %s is lent", seed, who, whose(token))
						}
					}
				}
				time.Sleep(time.Duration(chance.IntN(30)) * time.Minute)
			}
			if lent < 50 {
				t.Errorf("seed %d: only %d tokens were lent", seed, lent)
			}
			if _, err := processes[0].Bearer(t.Context(), r.Registration); refusalOf(err) != "connect.nobody_signed_in" && refusalOf(err) != "connect.revoked" {
				t.Errorf("for nobody in particular: %v", err)
			}
		})
	}
}

func TestARevocationEndsAllPeopleOfARegistration(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := rig.New(t, nil)
		r.Microsoft.Answer((&crowd{}).ServeHTTP)
		processes := forPeople(t, r, 2)
		for _, who := range []string{"anna", "bert"} {
			if err := arrives(t, processes[0], r.Registration.For(who), who); err != nil {
				t.Fatal(err)
			}
			for _, c := range processes {
				if token, err := c.Bearer(t.Context(), r.Registration.For(who)); err != nil || whose(token) != who {
					t.Fatalf("%s: %v", who, err)
				}
			}
		}
		if n, err := processes[1].Revoke(t.Context(), r.Registration.For("anna"), "test"); err != nil || n != 1 {
			t.Fatalf("%d tokens deleted, %v", n, err)
		}
		if _, err := processes[1].Bearer(t.Context(), r.Registration.For("bert")); err != nil {
			t.Errorf("another's revocation: %v", err)
		}
		if n, err := processes[1].Revoke(t.Context(), r.Registration, "test"); err != nil || n != 1 {
			t.Fatalf("%d tokens deleted, %v", n, err)
		}
		if err := arrives(t, processes[0], r.Registration.For("cleo"), "cleo"); refusalOf(err) != "connect.revoked" {
			t.Errorf("signed in to what is revoked: %v", err)
		}
		time.Sleep(time.Second)
		for _, c := range processes {
			if _, err := c.Bearer(t.Context(), r.Registration.For("bert")); refusalOf(err) != "connect.revoked" || strings.Contains(doOf(err), "/sign-ins") {
				t.Errorf("after all were revoked: %v", err)
			}
		}
		if err := processes[1].Connect(t.Context(), r.Registration, "test"); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Second)
		for _, c := range processes {
			if _, err := c.Bearer(t.Context(), r.Registration.For("bert")); refusalOf(err) != "connect.nobody_signed_in" || !strings.Contains(doOf(err), "/sign-ins") {
				t.Errorf("after it was connected again: %v", err)
			}
		}
	})
}

func TestAPersonSignsInForNobodyElse(t *testing.T) {
	r := rig.New(t, nil)
	r.Microsoft.Answer((&crowd{}).ServeHTTP)
	c := forPeople(t, r, 1)[0]
	if err := arrives(t, c, r.Registration.For("bert"), "anna"); refusalOf(err) != "connect.other_account" {
		t.Errorf("anna signed in as bert: %v", err)
	}
	for _, odd := range []string{"a#b", "a@b", "a/b"} {
		if _, err := c.Bearer(t.Context(), r.Registration.For(odd)); err == nil {
			t.Errorf("%s is somebody", odd)
		}
	}
}
