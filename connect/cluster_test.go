package connect_test

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/connect"
	"github.com/graphwarden/graphwarden/entra"
	"github.com/graphwarden/graphwarden/faulty"
	"github.com/graphwarden/graphwarden/internal/rig"
	"github.com/graphwarden/graphwarden/seal"
)

// grants is Entra for a person: refresh tokens are numbered, an old one stays
// good, and one that was never given is refused.
type grants struct {
	mu    sync.Mutex
	given int
	dead  bool
	asked []string // the refresh tokens that came
}

func (g *grants) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	g.mu.Lock()
	defer g.mu.Unlock()
	_ = r.ParseForm()
	old, n := r.PostForm.Get("refresh_token"), 0
	g.asked = append(g.asked, old)
	if _, err := fmt.Sscanf(old, "refresh-%d", &n); err != nil || n > g.given || g.dead {
		w.WriteHeader(http.StatusBadRequest)
		fmt.Fprint(w, `{"error":"invalid_grant","error_codes":[50173]}`)
		return
	}
	g.given++
	fmt.Fprintf(w, `{"token_type":"Bearer","expires_in":3600,"access_token":"token-%d","refresh_token":"refresh-%d"}`, g.given, g.given)
}

// forPerson puts up a custody of a connection that acts for a person.
func forPerson(t *testing.T, r *rig.Rig) *connect.Custody {
	t.Helper()
	rows, err := r.Store.SealedRows(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	sealer, err := seal.OpenKeyFile(filepath.Join(filepath.Dir(r.Path), "key"), rows)
	if err != nil {
		t.Fatal(err)
	}
	registration := r.Registration
	registration.Mode = graphwarden.ByCode
	return over(r, sealer, connect.Connection{Tenant: r.Tenant, Registration: registration,
		Credential: entra.Credential{Secret: seal.FromString("s3cret")}, Scopes: []string{"Calendars.Read"}})
}

func signIn(t *testing.T, c *connect.Custody, r *rig.Rig) {
	t.Helper()
	err := c.Accept(t.Context(), r.Registration, entra.Token{Access: seal.FromString("token-0"), Refresh: seal.FromString("refresh-0"),
		ExpiresAt: time.Now().Add(time.Minute), Account: graphwarden.Account{ID: rig.Alice, Name: "alice@contoso.com"}})
	if err != nil {
		t.Fatal(err)
	}
}

func TestTwoProcessesAndAThousandCallersCostOneRenewal(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, m := rig.New(t, nil), &mint{slow: 2 * time.Second}
		one := custody(t, r, m)
		two := custody(t, r, m)
		var all sync.WaitGroup
		for i := range 1000 {
			all.Go(func() {
				c := []*connect.Custody{one, two}[i%2]
				if token, err := c.Bearer(t.Context(), r.Registration); err != nil || !token.Equal(seal.FromString("token-1")) {
					t.Errorf("lent with %v", err)
				}
			})
		}
		all.Wait()
		if n := m.given.Load(); n != 1 {
			t.Errorf("Entra was asked %d times", n)
		}
	})
}

func TestOneRefusalIsHeardByTheWholeCluster(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, m := rig.New(t, nil), &mint{slow: 2 * time.Second}
		m.fails.Store(1)
		one, two := custody(t, r, m), custody(t, r, m)
		var all sync.WaitGroup
		for i := range 20 {
			all.Go(func() {
				_, err := []*connect.Custody{one, two}[i%2].Bearer(t.Context(), r.Registration)
				if refusalOf(err) != "entra.secret_expired" {
					t.Errorf("lent with %v", err)
				}
			})
		}
		all.Wait()
		if n := len(r.Microsoft.Requests()); n != 1 {
			t.Errorf("Entra was asked %d times", n)
		}
		standing, err := one.Standing(t.Context(), r.Registration)
		if err != nil || standing.RefusedCode != "entra.secret_expired" || standing.RefusedAt.IsZero() {
			t.Errorf("the standing is %+v, %v", standing, err)
		}
	})
}

// TestAHolderThatDiesHoldsUpNobodyForLong: the first process dies with the lease.
func TestAHolderThatDiesHoldsUpNobodyForLong(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, m := rig.New(t, nil), &mint{slow: time.Hour}
		one := custody(t, r, m)
		dying, kill := context.WithCancel(t.Context())
		var gone sync.WaitGroup
		gone.Go(func() { _, _ = one.Bearer(dying, r.Registration) })
		synctest.Wait()
		m.slow = 0
		begun := time.Now()
		wants(t, custody(t, r, m), r, 1)
		if waited := time.Since(begun); waited > 12*time.Second {
			t.Errorf("waited %s", waited)
		}
		kill()
		gone.Wait()
	})
}

// TestNoGrantOfAPersonIsLost cuts the renewal at every step. Whatever was cut, the
// next renewal works, and no token is lent that is not on disk.
func TestNoGrantOfAPersonIsLost(t *testing.T) {
	ask := "POST /" + rig.Tenant + "/oauth2/v2.0/token"
	for _, cut := range []faulty.Cut{
		{Step: ask, At: faulty.Before}, {Step: ask, At: faulty.After},
		// Commits: the sign-in's, the lease's, the decision's, the close's, the token's.
		{Step: "commit", Nth: 2, At: faulty.Before}, {Step: "commit", Nth: 2, At: faulty.After},
		{Step: "commit", Nth: 3, At: faulty.Before}, {Step: "commit", Nth: 3, At: faulty.After},
		{Step: "commit", Nth: 5, At: faulty.Before}, {Step: "commit", Nth: 5, At: faulty.After},
	} {
		t.Run(fmt.Sprintf("%s %d %v", cut.Step, cut.Nth, cut.At), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r, g := rig.New(t, faulty.NewPlan(t, cut)), &grants{}
				r.Microsoft.Answer(g.ServeHTTP)
				c := forPerson(t, r)
				signIn(t, c, r)
				if token, err := c.Bearer(t.Context(), r.Registration); err == nil {
					t.Fatalf("lent %v although the step was cut", token)
				}
				again := forPerson(t, r) // as after a crash
				token, err := again.Bearer(t.Context(), r.Registration)
				if err != nil {
					t.Fatalf("after the cut: %v", err)
				}
				third := forPerson(t, r)
				if same, err := third.Bearer(t.Context(), r.Registration); err != nil || !same.Equal(token) {
					t.Errorf("what was lent is not what lies on disk: %v", err)
				}
			})
		})
	}
}

func TestARotatedRefreshTokenIsUsedNextTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, g := rig.New(t, nil), &grants{}
		r.Microsoft.Answer(g.ServeHTTP)
		c := forPerson(t, r)
		signIn(t, c, r)
		for range 3 {
			if _, err := c.Bearer(t.Context(), r.Registration); err != nil {
				t.Fatal(err)
			}
			time.Sleep(time.Hour)
		}
		if got := strings.Join(g.asked, " "); got != "refresh-0 refresh-1 refresh-2" {
			t.Errorf("asked with %s", got)
		}
	})
}

func TestWhatAskingAgainCannotMendIsAskedOnceAnHour(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, g := rig.New(t, nil), &grants{dead: true}
		r.Microsoft.Answer(g.ServeHTTP)
		c := forPerson(t, r)
		signIn(t, c, r)
		for range 59 {
			if _, err := c.Bearer(t.Context(), r.Registration); refusalOf(err) != "entra.sign_in_revoked" {
				t.Fatalf("lent with %v", err)
			}
			time.Sleep(time.Minute)
		}
		if len(g.asked) != 1 {
			t.Errorf("Entra was asked %d times within the hour", len(g.asked))
		}
		g.dead = false
		if err := c.Connect(t.Context(), r.Registration, "test"); err != nil { // somebody did something about it
			t.Fatal(err)
		}
		if _, err := c.Bearer(t.Context(), r.Registration); err != nil {
			t.Errorf("after connecting anew: %v", err)
		}
	})
}

func TestARevocationReachesEveryProcessWithinASecond(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, m := rig.New(t, nil), &mint{}
		here, there := custody(t, r, m), custody(t, r, m)
		wants(t, here, r, 1)
		wants(t, there, r, 1)
		n, err := here.Revoke(t.Context(), r.Registration, "anna")
		if err != nil || n != 1 {
			t.Fatalf("%d tokens deleted, %v", n, err)
		}
		if _, err := here.Bearer(t.Context(), r.Registration); refusalOf(err) != "connect.revoked" {
			t.Errorf("here it lent with %v", err)
		}
		time.Sleep(time.Second)
		if _, err := there.Bearer(t.Context(), r.Registration); refusalOf(err) != "connect.revoked" {
			t.Errorf("there it lent with %v", err)
		}
		if _, err := custody(t, r, m).Bearer(t.Context(), r.Registration); refusalOf(err) != "connect.revoked" {
			t.Errorf("after a restart it lent with %v", err)
		}
		if rows, _ := r.Store.SealedRows(t.Context()); rows != 0 || m.given.Load() != 1 {
			t.Errorf("%d tokens are left, %d were given", rows, m.given.Load())
		}
		entries := r.Entries(t)
		if last := entries[len(entries)-1]; last.Kind != graphwarden.Acted || last.Path != "connection.revoke main" || last.Note != "anna" {
			t.Errorf("the ledger says %+v", last)
		}
		if err := there.Connect(t.Context(), r.Registration, "anna"); err != nil {
			t.Fatal(err)
		}
		wants(t, there, r, 2)
		time.Sleep(time.Second)
		wants(t, here, r, 2)
	})
}

// TestARevocationOvertakesARenewalUnderWay: what Entra gives after it is thrown
// away.
func TestARevocationOvertakesARenewalUnderWay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, m := rig.New(t, nil), &mint{slow: 5 * time.Second}
		c := custody(t, r, m)
		var all sync.WaitGroup
		all.Go(func() {
			if _, err := c.Bearer(t.Context(), r.Registration); refusalOf(err) != "connect.revoked" {
				t.Errorf("lent with %v", err)
			}
		})
		synctest.Wait()
		if _, err := c.Revoke(t.Context(), r.Registration, "anna"); err != nil {
			t.Fatal(err)
		}
		all.Wait()
		if rows, _ := r.Store.SealedRows(t.Context()); rows != 0 {
			t.Errorf("%d tokens are left", rows)
		}
	})
}

func TestAChallengeIsAnsweredOnceAndThenExplained(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, m := rig.New(t, nil), &mint{}
		c := custody(t, r, m)
		challenge := `Bearer error="insufficient_claims", claims="` + base64.StdEncoding.EncodeToString([]byte(`{"access_token":{"acrs":{"essential":true,"value":"c1"}}}`)) + `"`
		stale := wants(t, c, r, 1)
		fresh, err := c.Renew(t.Context(), r.Registration, stale, challenge)
		if err != nil || fresh.Equal(stale) {
			t.Fatalf("renewed with %v", err)
		}
		requests := r.Microsoft.Requests()
		if form := formOf(t, requests[len(requests)-1]); !strings.Contains(form.Get("claims"), `"acrs"`) {
			t.Errorf("asked for %s", form.Get("claims"))
		}
		for range 10 {
			_, err = c.Renew(t.Context(), r.Registration, fresh, challenge)
			if refusalOf(err) != "connect.claims_unmet" || !strings.Contains(err.Error(), "acrs") {
				t.Fatalf("challenged again: %v", err)
			}
		}
		if n := m.given.Load(); n != 2 {
			t.Errorf("Entra was asked %d times", n)
		}
	})
}

// TestAChallengeThatAnotherProcessHasAnsweredOrNot: a token that another process stored
// before the challenge came does not answer it, one that it obtained for it does, and
// when none does, nobody asks Entra again and again, though not for ever.
func TestAChallengeThatAnotherProcessHasAnsweredOrNot(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, m := rig.New(t, nil), &mint{}
		one, other := custody(t, r, m), custody(t, r, m)
		challenge := func(nbf string) string {
			return `Bearer error="insufficient_claims", claims="` + base64.StdEncoding.EncodeToString([]byte(`{"access_token":{"nbf":{"essential":true,"value":"`+nbf+`"}}}`)) + `"`
		}
		renew := func(c *connect.Custody, stale seal.Secret, challenge, want string) seal.Secret {
			t.Helper()
			got, err := c.Renew(t.Context(), r.Registration, stale, challenge)
			if refusalOf(err) != want || err == nil && got.Equal(stale) {
				t.Fatalf("renewed with %v, want %q", err, want)
			}
			return got
		}
		asked := func(want int64) {
			t.Helper()
			if n := m.given.Load(); n != want {
				t.Errorf("Entra was asked %d times, want %d", n, want)
			}
		}
		idle := wants(t, other, r, 1)
		before := renew(one, wants(t, one, r, 1), challenge("1"), "")
		asked(2)
		got := renew(other, idle, challenge("2"), "") // what is stored, from before the challenge
		if !got.Equal(before) {
			t.Error("what another has stored is not tried first")
		}
		asked(2)
		second := renew(other, got, challenge("2"), "") // which Microsoft refuses: now Entra is asked
		asked(3)
		renew(other, second, challenge("2"), "connect.claims_unmet")
		third := renew(one, renew(one, before, challenge("2"), ""), challenge("2"), "")
		asked(4)
		last := renew(other, second, challenge("2"), "") // what one got since may do
		if !last.Equal(third) {
			t.Error("what another has obtained since is not tried")
		}
		for _, c := range []*connect.Custody{one, other} {
			renew(c, third, challenge("2"), "connect.claims_unmet")
		}
		asked(4)
		time.Sleep(11 * time.Minute)
		renew(other, third, challenge("2"), "")
		asked(5)
	})
}

func TestANewCredentialIsUsedWithoutARestart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, m := rig.New(t, nil), &mint{}
		m.fails.Store(1)
		r.Microsoft.Answer(m.ServeHTTP)
		sealer, err := seal.OpenKeyFile(filepath.Join(t.TempDir(), "key"), 0)
		if err != nil {
			t.Fatal(err)
		}
		var secret atomic.Value
		secret.Store("old")
		c := over(r, sealer, connect.Connection{Tenant: r.Tenant, Registration: r.Registration,
			Credential: entra.Credential{Secret: seal.FromString("old")},
			Reload: func() (entra.Credential, error) {
				if secret.Load() == "" {
					return entra.Credential{}, errors.New("the file is gone")
				}
				return entra.Credential{Secret: seal.FromString(secret.Load().(string))}, nil
			}})
		if _, err := c.Bearer(t.Context(), r.Registration); refusalOf(err) != "entra.secret_expired" {
			t.Fatal(err)
		}
		secret.Store("") // a file that is gone for a moment
		if _, err := c.Bearer(t.Context(), r.Registration); refusalOf(err) != "entra.secret_expired" {
			t.Fatal(err)
		}
		secret.Store("new")
		wants(t, c, r, 1) // at once, without waiting the minute out
		requests := r.Microsoft.Requests()
		if got := formOf(t, requests[len(requests)-1]).Get("client_secret"); got != "new" {
			t.Errorf("signed in with %q", got)
		}
	})
}

func formOf(t *testing.T, r *http.Request) url.Values {
	t.Helper()
	if err := r.ParseForm(); err != nil {
		t.Fatal(err)
	}
	return r.PostForm
}

func refusalOf(err error) string {
	var refusal *graphwarden.Refusal
	if errors.As(err, &refusal) {
		return refusal.Code
	}
	return ""
}

// doOf is what a refusal says to do.
func doOf(err error) string {
	var refusal *graphwarden.Refusal
	if errors.As(err, &refusal) {
		return refusal.Do
	}
	return ""
}
