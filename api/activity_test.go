package api_test

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/api"
	"github.com/graphwarden/graphwarden/flow"
	"github.com/graphwarden/graphwarden/ledger"
	"github.com/graphwarden/graphwarden/logbook"
)

const annasID = "6e7b768e-07e2-4810-8459-485f84f8f204"

// active is an API over a ledger with calls and a log with lines, at times that mix.
func active(t *testing.T, lines int) (*desk, *logbook.Book) {
	t.Helper()
	book := logbook.New("this-process", lines)
	d := put(t, func(c *api.Config) {
		c.Logbook = book
		c.Flows = func() []flow.Flow {
			return []flow.Flow{{Name: "office", App: "portal", Mailboxes: graphwarden.MailboxScope{{ID: annasID, UPN: "anna@contoso.com"}}}}
		}
		c.Entries = c.Feeds.(api.Entries)
	})
	return d, book
}

func (d *desk) enter(t *testing.T, list ...graphwarden.Entry) {
	t.Helper()
	l := ledger.New(d.store)
	for _, e := range list {
		err := d.store.Update(t.Context(), func(ctx context.Context, tx graphwarden.Tx) error {
			_, err := l.Append(ctx, tx, e)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

// activities asks for what is there.
func (d *desk) activities(t *testing.T, query url.Values) (list []api.Activity) {
	t.Helper()
	w := d.ask(t, http.MethodGet, "/v1/activity?"+query.Encode())
	if w.Code != http.StatusOK {
		t.Fatalf("%v: %d %s", query, w.Code, w.Body)
	}
	for line := range strings.Lines(w.Body.String()) {
		if strings.TrimSpace(line) == "" {
			continue
		}
		var x api.Activity
		if err := json.Unmarshal([]byte(line), &x); err != nil {
			t.Fatal(err)
		}
		list = append(list, x)
	}
	return list
}

func record(t *testing.T, book *logbook.Book, at time.Time, level slog.Level, message string, about ...any) {
	t.Helper()
	r := slog.NewRecord(at, level, message, 0)
	r.Add(about...)
	if err := book.Handler(slog.DiscardHandler).Handle(t.Context(), r); err != nil {
		t.Fatal(err)
	}
}

// TestActivityIsReadOnceInOrderAndOnFromAnywhere: after any line, its cursor gives
// exactly those that follow.
func TestActivityIsReadOnceInOrderAndOnFromAnywhere(t *testing.T) {
	d, book := active(t, 100)
	begun := time.Now().Add(-time.Hour).UTC().Truncate(time.Second)
	for i := range 30 {
		at := begun.Add(time.Duration(i) * time.Second)
		call := fmt.Sprintf("call-%d", i)
		d.enter(t, graphwarden.Entry{At: at, Kind: graphwarden.Decided, Call: call, App: "portal", Flow: "office", Tenant: "contoso", Method: "GET", Path: "/users/{id}", Mailbox: annasID, Allowed: i%3 > 0, Rule: "flow"},
			graphwarden.Entry{At: at.Add(250 * time.Millisecond), Kind: graphwarden.Closed, Call: call, Allowed: true, Status: 200 + 229*(i%2), Bytes: 7})
		record(t, book, at.Add(500*time.Millisecond), []slog.Level{slog.LevelInfo, slog.LevelWarn}[i%2], "a line", "flow", "office", "n", i)
	}
	all := d.activities(t, url.Values{"last": {"1000"}})
	if len(all) != 90 {
		t.Fatalf("%d lines", len(all))
	}
	for i, x := range all {
		if i > 0 && x.At.Before(all[i-1].At) {
			t.Fatalf("line %d is older than the one before", i)
		}
		if x.Kind != "log" && (x.Mailbox != "anna@contoso.com" || x.MailboxID != annasID || x.Flow != "office") || x.Kind == "close" && x.Took != 0.25 {
			t.Errorf("line %d is %+v", i, x)
		}
		rest := d.activities(t, url.Values{"cursor": {x.Cursor}})
		if len(rest) != len(all)-i-1 || len(rest) > 0 && (rest[0].Cursor != all[i+1].Cursor || rest[0].Flow != all[i+1].Flow) {
			t.Fatalf("after line %d come %d", i, len(rest))
		}
	}
	for _, c := range []struct {
		query string
		count int
	}{{"last=5", 5}, {"last=1000&kind=log", 30}, {"last=1000&kind=log,close", 60}, {"last=1000&allowed=false", 10}, {"last=1000&status=429", 15}, {"last=1000&status=4xx", 15},
		{"last=1000&level=warn", 15}, {"last=1000&call=call-7", 2}, {"last=1000&mailbox=anna@contoso.com", 60}, {"last=1000&mailbox=" + annasID, 60}, {"last=1000&flow=office", 90},
		{"last=1000&flow=other", 0}, {"last=1000&text=n=17", 1}, {"last=1000&text=users", 60}, {"last=3&status=429", 3}, {"", 0},
		{"since=" + begun.Add(20*time.Second).Format(time.RFC3339), 30}, {"since=" + begun.Format(time.RFC3339), 90}, {"since=" + begun.Add(time.Minute).Format(time.RFC3339), 0}} {
		query, _ := url.ParseQuery(c.query)
		if got := d.activities(t, query); len(got) != c.count {
			t.Errorf("%s gives %d, want %d", c.query, len(got), c.count)
		}
	}
}

// TestActivityAfterARestartAndAnOverflow: another process's log begins at its
// beginning, and what is gone is said.
func TestActivityAfterARestartAndAnOverflow(t *testing.T) {
	d, book := active(t, 10)
	for i := range 25 {
		record(t, book, time.Now(), slog.LevelInfo, "a line", "n", i)
	}
	list := d.activities(t, url.Values{"cursor": {"0.3@this-process"}})
	if len(list) != 11 || list[0].Message != "12 lines of the log are gone" || list[1].About["n"] != "15" {
		t.Errorf("%+v", list)
	}
	if list := d.activities(t, url.Values{"cursor": {"0.9999@another"}}); len(list) != 11 {
		t.Errorf("of another process: %d", len(list))
	}
	if list := d.activities(t, url.Values{"last": {"4"}}); len(list) != 4 || list[3].About["n"] != "24" {
		t.Errorf("the last: %+v", list)
	}
	for _, wrong := range []string{"cursor=x", "cursor=-1.2@y", "kind=everything", "level=loud", "last=-1", "allowed=maybe", "colour=red"} {
		if w := d.ask(t, http.MethodGet, "/v1/activity?"+wrong); w.Code != http.StatusBadRequest {
			t.Errorf("%s: %d", wrong, w.Code)
		}
	}
}
