package cli_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/api"
	"github.com/graphwarden/graphwarden/assemble"
	"github.com/graphwarden/graphwarden/cli"
)

// frail passes connections on to a server, and cuts each after so many bytes of
// the answer.
type frail struct {
	net.Listener
	after int64
	mu    sync.Mutex
	cuts  int
}

func newFrail(t *testing.T, server string, after int64) *frail {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	f := &frail{Listener: l, after: after}
	var all sync.WaitGroup
	all.Go(func() {
		for {
			in, err := l.Accept()
			if err != nil {
				return
			}
			all.Go(func() { f.pass(t.Context(), in, server) })
		}
	})
	t.Cleanup(func() { _ = l.Close(); all.Wait() })
	return f
}

func (f *frail) pass(ctx context.Context, in net.Conn, server string) {
	defer in.Close()
	out, err := net.Dial("tcp", server)
	if err != nil {
		return
	}
	defer out.Close()
	stop := context.AfterFunc(ctx, func() { _ = in.Close(); _ = out.Close() }) // what is idle when the test ends
	defer stop()
	var both sync.WaitGroup
	both.Go(func() { _, _ = io.Copy(out, in) })
	n, _ := io.CopyN(in, out, f.after)
	if n == f.after {
		f.mu.Lock()
		f.cuts++
		f.mu.Unlock()
	}
	_ = in.Close()
	both.Wait()
}

// through gives a configuration like another, whose server is reached elsewhere.
func through(t *testing.T, config, address string) string {
	t.Helper()
	raw, err := os.ReadFile(config)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(filepath.Dir(config), "through.yaml")
	raw = regexp.MustCompile(`(?m)^operate:.*$`).ReplaceAll(raw, fmt.Appendf(nil, "operate: %q", address))
	if err := os.WriteFile(path, raw, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func operateAt(t *testing.T, config string) string {
	t.Helper()
	loaded, err := assemble.Load(config)
	if err != nil {
		t.Fatal(err)
	}
	return loaded.Operate().Address
}

// TestListenLosesNothingWhenItsConnectionBreaks cuts it again and again, wherever
// the bytes end, and wants exactly what one whole connection gives.
func TestListenLosesNothingWhenItsConnectionBreaks(t *testing.T) {
	t.Parallel()
	tn := open(t)
	config := tn.server(t, func(s *settings) { s.more = "    sinks: {warehouse: {type: table}}\n" })
	awaitSink(t, config, "office/warehouse", func(s api.Sink) bool { return s.Cursor > 0 && s.Pending == 0 })
	whole := func() string {
		return says(t, cli.ExitOK, "", "listen", "--flow", "office", "--since", "0", "--end", "--json", "--config", config)
	}
	before := whole()
	longest := 0
	for line := range strings.Lines(before) {
		longest = max(longest, len(line))
	}
	f := newFrail(t, operateAt(t, config), int64(longest+1000+len(before)/7))
	l := start(t, "listen", "--flow", "office", "--since", "0", "--end", "--json", "--config", through(t, config, f.Addr().String()))
	l.ends(t, cli.ExitOK)
	got, after := l.out.String(), whole()
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.cuts < 3 || !strings.HasPrefix(after, got) || len(got) < len(before) {
		t.Errorf("after %d cuts of %d bytes it told %d lines, want between %d and %d of one connection:\n%s", f.cuts, f.after,
			strings.Count(got, "\n"), strings.Count(before, "\n"), strings.Count(after, "\n"), l.err)
	}
}

// TestListenGoesOnWhenTheServerWasRestarted: what came meanwhile is told, and
// nothing twice.
func TestListenGoesOnWhenTheServerWasRestarted(t *testing.T) {
	t.Parallel()
	tn := open(t)
	config := tn.configure(t, func(s *settings) { s.operate = freePort(t) })
	_, stop := tn.serve(t, config)
	l := start(t, "listen", "--flow", "office", "--since", "0", "--json", "--config", config)
	l.out.await(t, `"sequence":`)
	happens := func(subject string) {
		day := time.Now().UTC().AddDate(0, 0, 3).Format("2006-01-02")
		tn.graph(t, http.MethodPost, "/users/"+tn.Users[0].ID+"/events", map[string]any{"subject": subject,
			"start": map[string]any{"dateTime": day + "T10:00:00", "timeZone": "UTC"}, "end": map[string]any{"dateTime": day + "T11:00:00", "timeZone": "UTC"}}, nil)
	}
	happens("Before the restart")
	l.out.await(t, "Before the restart")
	stop()
	l.err.await(t, "trying again")
	happens("While nobody served")
	tn.serve(t, config)
	l.out.await(t, "While nobody served")
	happens("After the restart")
	l.out.await(t, "After the restart")
	l.stop()
	l.ends(t, cli.ExitOK)
	whole := says(t, cli.ExitOK, "", "listen", "--flow", "office", "--since", "0", "--end", "--json", "--config", config)
	if got := l.out.String(); !strings.HasPrefix(whole, got) {
		t.Errorf("it told %d lines, and one connection gives %d:\n%s", strings.Count(got, "\n"), strings.Count(whole, "\n"), got)
	}
}

// TestALargeReplayWantsTheSinksNameTyped: from 1,001 deliveries on.
func TestALargeReplayWantsTheSinksNameTyped(t *testing.T) {
	tn := open(t)
	config := tn.configure(t, func(s *settings) {
		s.operate = freePort(t)
		s.more = "    sinks: {warehouse: {type: table}}\n"
	})
	g, _ := tn.serve(t, config)
	feeds, err := g.Store.Feeds(t.Context(), "office")
	if err != nil {
		t.Fatal(err)
	}
	const many = 1001
	err = g.Store.Update(t.Context(), func(ctx context.Context, tx graphwarden.Tx) error {
		feed, err := g.Store.EnsureFeed(ctx, tx, graphwarden.Feed{Flow: "office", Tenant: "contoso", Mailbox: feeds[0].Mailbox, Resource: "archive", Title: "Archive"})
		if err != nil {
			return err
		}
		page := graphwarden.Page{Next: "more"}
		for i := range many {
			id := fmt.Sprintf("item-%d", i)
			page.Items = append(page.Items, graphwarden.Item{ID: id, Body: json.RawMessage(`{"id":"` + id + `"}`)})
		}
		_, err = g.Store.ApplyPage(ctx, tx, feed, page)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	awaitSink(t, config, "office/warehouse", func(s api.Sink) bool { return s.Cursor >= many && s.Pending == 0 })
	replay := func(typed string, flags ...string) (code int, said string) {
		var out, stderr bytes.Buffer
		args := append([]string{"deliveries", "replay", "office/warehouse", "--config", config}, flags...)
		code = cli.Main(t.Context(), cli.Program{Args: args, Env: func(string) string { return "" }, Stdin: strings.NewReader(typed), Stdout: &out, Stderr: &stderr})
		return code, out.String() + stderr.String()
	}
	for _, s := range []struct {
		name, typed string
		flags       []string
		code        int
		says        string
		asked       bool
	}{
		{"nothing is typed", "", nil, cli.ExitUsage, "cli.unconfirmed", true},
		{"yes is typed", "yes\n", nil, cli.ExitUsage, "cli.unconfirmed", true},
		{"another sink's name is typed", "office\n", nil, cli.ExitUsage, "cli.unconfirmed", true},
		{"the name is typed", "office/warehouse\n", nil, cli.ExitOK, "tells", true},
		{"--yes is said", "", []string{"--yes"}, cli.ExitOK, "tells", false},
		{"it only counts", "", []string{"--dry-run"}, cli.ExitOK, "would tell", false},
		{"it is not that many", "", []string{"--to", "10"}, cli.ExitOK, "tells", false},
	} {
		code, said := replay(s.typed, s.flags...)
		if code != s.code || !strings.Contains(said, s.says) || strings.Contains(said, "Type office/warehouse to go on") != s.asked {
			t.Errorf("%s: exit code %d, want %d with %s:\n%s", s.name, code, s.code, s.says, said)
		}
	}
	if replays, err := g.Store.Replays(t.Context(), "office/warehouse"); err != nil || len(replays) != 3 {
		t.Errorf("begun were %d, %v", len(replays), err)
	}
}
