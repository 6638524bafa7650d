package sim_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/graphwarden/graphwarden/sim"
)

// TestMain serves a tenant instead of testing when TestAcknowledgedWrites… starts
// this program as the process to be killed.
func TestMain(m *testing.M) {
	dir := os.Getenv("SIM_TO_BE_KILLED")
	if dir == "" {
		os.Exit(m.Run())
	}
	err := sim.Serve(context.Background(), sim.Service{Addr: "127.0.0.1:0", Ready: filepath.Join(dir, "ready.json"), Options: sim.Options{
		Users: 8, Journal: filepath.Join(dir, "journal"), Truth: filepath.Join(dir, "truth")}}, slog.New(slog.DiscardHandler))
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}

func TestAcknowledgedWritesSurviveAKill(t *testing.T) {
	dir := t.TempDir()
	acknowledged := map[string]bool{}
	var authority, token string
	for round := range 3 {
		child := exec.CommandContext(t.Context(), os.Args[0])
		child.Env = append(os.Environ(), "SIM_TO_BE_KILLED="+dir)
		if err := os.RemoveAll(filepath.Join(dir, "ready.json")); err != nil {
			t.Fatal(err)
		}
		if err := child.Start(); err != nil {
			t.Fatal(err)
		}
		x := &tenant{T: t, ready: awaitReady(t, filepath.Join(dir, "ready.json"))}
		x.origin = x.ready.Graph
		pem, err := os.ReadFile(x.ready.CA)
		if err != nil {
			t.Fatal(err)
		}
		pool := x509.NewCertPool()
		pool.AppendCertsFromPEM(pem)
		x.client = &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool}}}
		if round == 0 {
			authority, token = string(pem), x.ready.Tokens.Everything
		}
		if string(pem) != authority {
			t.Error("after the kill another authority")
		}
		compare(t, x, token, acknowledged)
		hammer(x, token, round, acknowledged, 120, func() {
			_ = child.Process.Kill() // SIGKILL
			_ = child.Wait()
		})
		x.client.CloseIdleConnections()
	}
	s, err := sim.New(sim.Options{Users: 8, Journal: filepath.Join(dir, "journal"), Truth: filepath.Join(dir, "truth")})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	n := 0
	if err := s.Truth.After(0, func([]byte) bool { n++; return true }); err != nil {
		t.Fatal(err)
	}
	if n < len(acknowledged) || len(acknowledged) < 3*120 {
		t.Errorf("%d rows for %d acknowledged writes", n, len(acknowledged))
	}
}

// compare holds the tenant and its truth ledger against what was acknowledged and
// against each other: each user's job title is the id of the last write.
func compare(t *testing.T, x *tenant, token string, acknowledged map[string]bool) {
	t.Helper()
	last, seen := map[string]string{}, map[string]bool{}
	for i, row := range x.rows("0") {
		if row["seq"] != float64(i+1) {
			t.Fatalf("row %d is numbered %v", i+1, row["seq"])
		}
		if row["effect"] != "update" {
			continue
		}
		id := row["client_request_id"].(string)
		if seen[id] {
			t.Errorf("%s took effect twice", id)
		}
		seen[id], last[row["object"].(string)] = true, id
	}
	for id := range acknowledged {
		if !seen[id] {
			t.Errorf("%s was acknowledged and did not happen", id)
		}
	}
	for user, id := range last {
		if _, got := x.call("GET", "/v1.0/users/"+user+"?$select=jobTitle", token, nil); got["jobTitle"] != id {
			t.Errorf("the last write of %s was %s, its job title is %v", user, id, got["jobTitle"])
		}
	}
}

// hammer writes from several sides at once until enough was acknowledged, then
// kills, and gives back when nobody writes any more.
func hammer(x *tenant, token string, round int, acknowledged map[string]bool, enough int, kill func()) {
	x.Helper()
	var mu sync.Mutex
	var all sync.WaitGroup
	full := make(chan struct{})
	for side := range 4 {
		all.Go(func() {
			for i := 0; ; i++ {
				id := fmt.Sprintf("%d-%d-%d", round, side, i)
				body := strings.NewReader(`{"jobTitle":"` + id + `"}`)
				r, err := http.NewRequestWithContext(x.Context(), "PATCH", x.origin+"/v1.0/users/"+x.ready.Users[i%4].ID, body)
				if err != nil {
					return
				}
				r.Header.Set("Authorization", "Bearer "+token)
				r.Header.Set("Content-Type", "application/json")
				r.Header.Set("client-request-id", id)
				resp, err := x.client.Do(r)
				if err != nil {
					return
				}
				resp.Body.Close()
				if resp.StatusCode != http.StatusNoContent {
					x.Errorf("%s: %d", id, resp.StatusCode)
					return
				}
				mu.Lock()
				acknowledged[id] = true
				if enough--; enough == 0 {
					close(full)
				}
				mu.Unlock()
			}
		})
	}
	select {
	case <-full:
	case <-time.After(2 * time.Minute):
		x.Error("too slow to be killed")
	}
	kill()
	all.Wait()
}
