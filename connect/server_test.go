package connect_test

import (
	"context"
	"crypto/rand"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/graphwarden/graphwarden/connect"
	"github.com/graphwarden/graphwarden/entra"
	"github.com/graphwarden/graphwarden/internal/pg"
	"github.com/graphwarden/graphwarden/internal/rig"
	"github.com/graphwarden/graphwarden/ledger"
	"github.com/graphwarden/graphwarden/seal"
	"github.com/graphwarden/graphwarden/store"
)

// TestThreeProcessesOnAServerRenewOnce: the cluster of TestTwoProcesses…, with
// connections of its own to PostgreSQL for each process, and a revocation.
func TestThreeProcessesOnAServerRenewOnce(t *testing.T) {
	pg.Need(t)
	url := pg.New(t)
	r, m := rig.New(t, nil), &mint{slow: 300 * time.Millisecond}
	r.Microsoft.Answer(m.ServeHTTP)
	key := filepath.Join(t.TempDir(), "key")
	var processes []*connect.Custody
	for range 3 {
		s, err := store.Open(context.WithoutCancel(t.Context()), store.Options{URL: url})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = s.Close() })
		sealer, err := seal.OpenKeyFile(key, 0)
		if err != nil {
			t.Fatal(err)
		}
		processes = append(processes, connect.NewCustody(connect.CustodyConfig{
			Connections: []connect.Connection{{Tenant: r.Tenant, Registration: r.Registration, Credential: entra.Credential{Secret: seal.FromString("s3cret")}}},
			Source:      entra.New(r.Gate, time.Now, rand.Reader), Vault: s, Standings: s, Leases: s, Ledger: ledger.New(s), Sealer: sealer, Now: time.Now, Holder: rand.Text(),
		}))
	}
	var all sync.WaitGroup
	for i := range 1000 {
		all.Go(func() {
			if token, err := processes[i%3].Bearer(t.Context(), r.Registration); err != nil || !token.Equal(seal.FromString("token-1")) {
				t.Errorf("lent with %v", err)
			}
		})
	}
	all.Wait()
	if n := m.given.Load(); n != 1 {
		t.Errorf("Entra was asked %d times", n)
	}
	if _, err := processes[0].Revoke(t.Context(), r.Registration, "test"); err != nil {
		t.Fatal(err)
	}
	begun := time.Now()
	for _, p := range processes[1:] {
		for {
			_, err := p.Bearer(t.Context(), r.Registration)
			if refusalOf(err) == "connect.revoked" {
				break
			}
			if time.Since(begun) > 30*time.Second {
				t.Fatalf("after %s it still lends, %v", time.Since(begun), err)
			}
			<-time.After(10 * time.Millisecond)
		}
	}
	t.Logf("revoked everywhere after %s", time.Since(begun))
}
