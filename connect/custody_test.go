package connect_test

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net/http"
	"os"
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

// mint is Entra: it gives numbered tokens that live an hour.
type mint struct {
	given atomic.Int64
	slow  time.Duration
	fails atomic.Int64 // how many answers fail from now on
}

func (m *mint) ServeHTTP(w http.ResponseWriter, _ *http.Request) {
	time.Sleep(m.slow)
	if m.fails.Add(-1) >= 0 {
		w.WriteHeader(http.StatusUnauthorized)
		fmt.Fprint(w, `{"error":"invalid_client","error_codes":[7000222]}`)
		return
	}
	fmt.Fprintf(w, `{"token_type":"Bearer","expires_in":3600,"access_token":"token-%d"}`, m.given.Add(1))
}

// custody puts up a custody over a rig, obtaining from m.
func custody(t *testing.T, r *rig.Rig, m *mint) *connect.Custody {
	t.Helper()
	r.Microsoft.Answer(m.ServeHTTP)
	rows, err := r.Store.SealedRows(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	sealer, err := seal.OpenKeyFile(filepath.Join(filepath.Dir(r.Path), "key"), rows)
	if err != nil {
		t.Fatal(err)
	}
	return over(r, sealer, connect.Connection{
		Tenant: r.Tenant, Registration: r.Registration,
		Credential: entra.Credential{Secret: seal.FromString("s3cret")},
	})
}

// over puts up a custody of a connection, as one more process over the rig's store.
func over(r *rig.Rig, sealer *seal.Sealer, c ...connect.Connection) *connect.Custody {
	return connect.NewCustody(connect.CustodyConfig{
		Connections: c, Source: entra.New(r.Gate, time.Now, rand.Reader),
		Vault: r.Store, Standings: r.Store, Leases: r.Store, Ledger: r.Ledger,
		Sealer: sealer, Now: time.Now, Holder: rand.Text(),
	})
}

// wants borrows a token that must be the numbered one.
func wants(t *testing.T, c *connect.Custody, r *rig.Rig, number int) seal.Secret {
	t.Helper()
	token, err := c.Bearer(t.Context(), r.Registration)
	if err != nil {
		t.Fatal(err)
	}
	if !token.Equal(seal.FromString(fmt.Sprintf("token-%d", number))) {
		t.Fatalf("lent another token than number %d", number)
	}
	return token
}

func TestATokenIsObtainedOnceAndRenewedBeforeItsEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, m := rig.New(t, nil), &mint{}
		c := custody(t, r, m)
		wants(t, c, r, 1)
		time.Sleep(54 * time.Minute)
		wants(t, c, r, 1)
		time.Sleep(90 * time.Second) // less than five minutes before the end
		wants(t, c, r, 2)
		wants(t, custody(t, r, m), r, 2) // it is the one on disk
	})
}

func TestATokenIsNotLentOnceWhatItFollowsFromHasChanged(t *testing.T) {
	for name, change := range map[string]func(*connect.Connection){
		"the secret": func(c *connect.Connection) { c.Credential.Secret = seal.FromString("another") },
		"the client": func(c *connect.Connection) { c.Registration.ClientID = "another" },
		"the tenant": func(c *connect.Connection) { c.Tenant.ID = "11111111-2222-3333-4444-555555555555" },
	} {
		t.Run(name, func(t *testing.T) {
			r, m := rig.New(t, nil), &mint{}
			wants(t, custody(t, r, m), r, 1)
			sealer, err := seal.OpenKeyFile(filepath.Join(filepath.Dir(r.Path), "key"), 1)
			if err != nil {
				t.Fatal(err)
			}
			now := connect.Connection{Tenant: r.Tenant, Registration: r.Registration, Credential: entra.Credential{Secret: seal.FromString("s3cret")}}
			change(&now)
			changed := over(r, sealer, now)
			wants(t, changed, r, 2)
			wants(t, custody(t, r, m), r, 1)
		})
	}
}

func TestATokenOutlivesARestartSealed(t *testing.T) {
	r, m := rig.New(t, nil), &mint{}
	wants(t, custody(t, r, m), r, 1)
	wants(t, custody(t, r, m), r, 1) // another custody over the same store
	if err := r.Store.Close(); err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob(r.Path + "*")
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	for _, file := range files {
		content, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(content), "token-1") || strings.Contains(string(content), "s3cret") {
			t.Errorf("%s holds a secret in the clear", filepath.Base(file))
		}
	}
}

func TestAThousandCallersCostOneTokenRequest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, m := rig.New(t, nil), &mint{slow: 2 * time.Second}
		c := custody(t, r, m)
		var all sync.WaitGroup
		for range 1000 {
			all.Go(func() {
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

func TestWhoGivesUpLeavesTheOthersTheirToken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, m := rig.New(t, nil), &mint{slow: 10 * time.Second}
		c := custody(t, r, m)
		hasty, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		var all sync.WaitGroup
		all.Go(func() {
			if _, err := c.Bearer(hasty, r.Registration); !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("the hasty one got %v", err)
			}
		})
		synctest.Wait() // the hasty one is under way
		for range 5 {
			all.Go(func() {
				if _, err := c.Bearer(t.Context(), r.Registration); err != nil {
					t.Errorf("a patient one got %v", err)
				}
			})
		}
		all.Wait()
	})
}

func TestARefusedTokenIsReplacedOnceForAll(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, m := rig.New(t, nil), &mint{slow: time.Second}
		c := custody(t, r, m)
		stale := wants(t, c, r, 1)
		var all sync.WaitGroup
		for range 50 {
			all.Go(func() {
				fresh, err := c.Renew(t.Context(), r.Registration, stale, "")
				if err != nil || !fresh.Equal(seal.FromString("token-2")) {
					t.Errorf("renewed with %v", err)
				}
			})
		}
		all.Wait()
		wants(t, c, r, 2)
		if n := m.given.Load(); n != 2 {
			t.Errorf("Entra was asked %d times", n)
		}
	})
}

func TestATokenThatIsDeniedSomethingIsReplacedOnceItIsOld(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, m := rig.New(t, nil), &mint{}
		c := custody(t, r, m)
		first := wants(t, c, r, 1)
		if c.Aged(r.Registration, first) {
			t.Error("a new token is called old")
		}
		time.Sleep(5 * time.Minute)
		if !c.Aged(r.Registration, first) {
			t.Error("a token of five minutes is not called old")
		}
		if _, err := c.Renew(t.Context(), r.Registration, first, ""); err != nil {
			t.Fatal(err)
		}
		if c.Aged(r.Registration, wants(t, c, r, 2)) || !c.Aged(r.Registration, first) {
			t.Error("the new token is called old, or the one before it new")
		}
	})
}

func TestARefusedCredentialIsNotTriedAgainAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, m := rig.New(t, nil), &mint{}
		m.fails.Store(1)
		c := custody(t, r, m)
		for range 10 {
			_, err := c.Bearer(t.Context(), r.Registration)
			var refusal *graphwarden.Refusal
			if !errors.As(err, &refusal) || refusal.Code != "entra.secret_expired" {
				t.Fatalf("Bearer = %v", err)
			}
		}
		if n := len(r.Microsoft.Requests()); n != 1 {
			t.Errorf("Entra was asked %d times", n)
		}
		time.Sleep(time.Minute)
		wants(t, c, r, 1)
	})
}

// TestNoTokenIsUsedBeforeItIsOnDisk cuts between Entra and the disk, and the disk
// before and after its effect.
func TestNoTokenIsUsedBeforeItIsOnDisk(t *testing.T) {
	obtain := "POST /" + rig.Tenant + "/oauth2/v2.0/token"
	// The commits of obtaining are the lease's, the decision's, the close's and
	// the token's.
	for _, test := range []struct {
		situation string
		cut       faulty.Cut
		next      int // the token that is lent after the cut
	}{
		{"the request is not sent", faulty.Cut{Step: obtain, At: faulty.Before}, 1},
		{"its answer is lost", faulty.Cut{Step: obtain, At: faulty.After}, 2},
		{"the token is not stored", faulty.Cut{Step: "commit", Nth: 4, At: faulty.Before}, 2},
		{"the token is stored, the word of it lost", faulty.Cut{Step: "commit", Nth: 4, At: faulty.After}, 1},
	} {
		t.Run(test.situation, func(t *testing.T) {
			r, m := rig.New(t, faulty.NewPlan(t, test.cut)), &mint{}
			c := custody(t, r, m)
			if _, err := c.Bearer(t.Context(), r.Registration); err == nil {
				t.Fatal("a token was lent although the step was cut")
			}
			wants(t, c, r, test.next)
			wants(t, custody(t, r, m), r, test.next)
		})
	}
}

func TestARegistrationThatNobodyConnectedHasNoToken(t *testing.T) {
	r, m := rig.New(t, nil), &mint{}
	if _, err := custody(t, r, m).Bearer(t.Context(), graphwarden.Registration{Name: "other"}); err == nil {
		t.Error("a token was lent")
	}
}
