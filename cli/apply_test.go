package cli_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/graphwarden/graphwarden/api"
	"github.com/graphwarden/graphwarden/assemble"
	"github.com/graphwarden/graphwarden/cli"
	"github.com/graphwarden/graphwarden/ledger/audit"
)

// edit changes a file's text.
func edit(t *testing.T, path string, changes ...string) {
	t.Helper()
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	text := string(raw)
	for i := 0; i < len(changes); i += 2 {
		if !strings.Contains(text, changes[i]) {
			t.Fatalf("%q does not stand in the file", changes[i])
		}
		text = strings.Replace(text, changes[i], changes[i+1], 1)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// awaitFeeds waits until a flow has feeds that were all read, or none.
func (tn *tenant) awaitFeeds(t *testing.T, config, flow string, many bool) {
	t.Helper()
	for deadline := time.Now().Add(2 * time.Minute); ; {
		code, out, stderr := run(t, "feeds", "--flow", flow, "--json", "--config", config)
		if !many && code == cli.ExitUsage && strings.Contains(stderr, "api.name") { // nothing is left of it
			return
		}
		var list []api.Feed
		unread := func(f api.Feed) bool { return f.ReadAt == nil }
		if err := json.Unmarshal([]byte(out), &list); err == nil && many == (len(list) > 0) && !slices.ContainsFunc(list, unread) {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("the feeds of %s are %s", flow, out)
		}
		<-time.After(20 * time.Millisecond)
	}
}

// TestAPlanBeforeAnyConfigurationWasTaken: there is a database, of a connect or an older
// version, and no server has noted what it runs on.
func TestAPlanBeforeAnyConfigurationWasTaken(t *testing.T) {
	t.Parallel()
	tn := open(t)
	config := tn.configure(t, nil)
	says(t, cli.ExitOK, "", "connect", "contoso", "calendar", "--no-input", "--config", config)
	says(t, 2, "+ flow office", "plan", "--config", config)
	says(t, cli.ExitUnreachable, "cli.no_server", "apply", "--dry-run", "--config", config)
}

// TestAChangedConfigurationIsPlannedAndApplied goes through what an operator does:
// a flow begins, a plan goes stale, a setting needs a restart, a flow ends.
func TestAChangedConfigurationIsPlannedAndApplied(t *testing.T) {
	t.Parallel()
	tn := open(t)
	shop := newCounter(t, http.StatusNoContent)
	config := tn.server(t, func(s *settings) { s.sink = strings.TrimPrefix(shop.URL, "http://") })
	says(t, 0, "Nothing would change.", "plan", "--config", config)

	second := fmt.Sprintf("  second:\n    app: crm\n    kind: calendar\n    tenant: contoso\n    registration: signed\n    mailboxes: [%q]\n    sink: {type: table}\n", tn.Users[1].UserPrincipalName)
	edit(t, config, "flows:\n", "flows:\n"+second, "listen: \"127.0.0.1:0\"", "listen: \"127.0.0.1:1\"")
	made := filepath.Join(t.TempDir(), "change.plan")
	out := says(t, 2, "+ flow second", "plan", "--config", config, "--out", made)
	if _, _, wrong := run(t, "plan", "--config", config); wrong != "" {
		t.Errorf("that there are differences looks like an error: %s", wrong)
	}
	for _, want := range []string{tn.Users[1].UserPrincipalName + " joins", "needs Calendars.Read", "start it again", "listen: 127.0.0.1:1"} {
		if !strings.Contains(out, want) {
			t.Errorf("the plan does not say %q:\n%s", want, out)
		}
	}
	_, text, _ := run(t, "plan", "--json", "--config", config)
	validates(t, "plan", text)
	says(t, cli.ExitUsage, "cli.unconfirmed", "apply", "--config", config, "--no-input")
	says(t, 0, "Nothing was changed", "apply", "--config", config, "--dry-run")
	text = says(t, 0, `"listen"`, "apply", "--config", config, "--plan", made, "--yes", "--json")
	validates(t, "apply", text)
	tn.awaitFeeds(t, config, "second", true)
	says(t, 2, "listen", "plan", "--config", config) // until it is started again
	says(t, cli.ExitConflict, "config.stale", "apply", "--config", config, "--plan", made, "--yes")
	edit(t, config, "listen: \"127.0.0.1:1\"", "listen: \"127.0.0.1:0\"")

	told := len(shop.ids)
	raw, err := os.ReadFile(config)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, _ := strings.Cut(string(raw), "  office:\n")
	if err := os.WriteFile(config, []byte(before), 0o600); err != nil {
		t.Fatal(err)
	}
	says(t, 2, "the flow office ends", "plan", "--config", config)
	says(t, cli.ExitUsage, "Type office to go on", "apply", "--config", config)
	says(t, 0, "The server has taken it.", "apply", "--config", config, "--yes")
	tn.awaitFeeds(t, config, "office", false)
	shop.await(t, "that each item is deleted", func(ids map[string]int) bool { return len(ids) >= 2*told })
	says(t, 0, "Nothing would change.", "plan", "--config", config)

	if err := os.WriteFile(config, []byte(before+"  office:\n"+rest), 0o600); err != nil {
		t.Fatal(err)
	}
	says(t, 0, "+ flow office", "apply", "--config", config, "--yes")
	tn.awaitFeeds(t, config, "office", true)
	edit(t, config, "      reader: ", "      seeker: ")
	says(t, 2, "(connect.reader_missing)", "plan", "--config", config)
	edit(t, config, "      seeker: ", "      reader: ")
	edit(t, config, "kind: calendar", "kind: calender")
	says(t, 1, "did you mean calendar", "plan", "--config", config)
}

// TestNoRequestIsDroppedWhileAConfigurationIsTaken asks all the time, on
// connections that are kept, while the configuration changes 20 times.
func TestNoRequestIsDroppedWhileAConfigurationIsTaken(t *testing.T) {
	t.Parallel()
	tn := open(t)
	shop := newCounter(t, http.StatusNoContent)
	path := tn.configure(t, func(s *settings) { s.operate, s.sink = freePort(t), strings.TrimPrefix(shop.URL, "http://") })
	loaded, err := assemble.Load(path)
	if err != nil {
		t.Fatal(err)
	}
	outside := assemble.Outside{Log: quiet()}
	g, err := assemble.Build(t.Context(), loaded, outside)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = g.Close() }()
	s := assemble.NewServing(g, outside)
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- s.Run(ctx) }()
	tn.awaitFeeds(t, path, "office", true)

	asking, enough := context.WithCancel(context.Background())
	var asks sync.WaitGroup
	var mu sync.Mutex
	asked, dropped := 0, []string{}
	for range 4 {
		asks.Go(func() {
			own := &http.Client{Transport: &http.Transport{}}
			for asking.Err() == nil {
				answer, err := own.Post("http://"+g.Address()+"/hooks/graph?validationToken=x", "text/plain", strings.NewReader(""))
				mu.Lock()
				if asked++; err != nil || answer.StatusCode >= 500 {
					dropped = append(dropped, fmt.Sprint(err))
				}
				mu.Unlock()
				if err == nil {
					_, _ = io.Copy(io.Discard, answer.Body)
					answer.Body.Close()
				}
			}
		})
	}
	for i := range 20 {
		edit(t, path, "sweep: {woken: ", fmt.Sprintf("sweep: {woken: %d", i%2+1))
		if p, err := s.Reload(t.Context(), "a test", func(assemble.Plan) error { return nil }); err != nil || len(p.Differences) != 1 {
			t.Errorf("%+v, %v", p, err)
		}
		edit(t, path, fmt.Sprintf("sweep: {woken: %d", i%2+1), "sweep: {woken: ")
		if _, err := s.Reload(t.Context(), "a test", func(assemble.Plan) error { return nil }); err != nil {
			t.Error(err)
		}
	}
	enough()
	asks.Wait()
	if asked < 100 || len(dropped) > 0 {
		t.Errorf("of %d requests %d were dropped: %v", asked, len(dropped), dropped)
	}
	t.Logf("%d requests during 40 changes, %d dropped", asked, len(dropped))
	last, found, err := g.Store.Applied(t.Context())
	if err != nil || !found || last.By != "a test" || last.Seq != 41 {
		t.Errorf("applied last: %+v, %v", last, err)
	}
	shop.mu.Lock()
	for id, n := range shop.ids {
		if n > 1 {
			t.Errorf("%s was delivered %d times", id, n)
		}
	}
	shop.mu.Unlock()
	if r, err := audit.Database(t.Context(), g.Store, nil); err != nil || !r.Sound() {
		t.Error(r, err)
	}
	stop()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}
