package cli_test

import (
	"bytes"
	"context"
	"database/sql"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	_ "github.com/ncruces/go-sqlite3/driver"

	"github.com/graphwarden/graphwarden/api"
	"github.com/graphwarden/graphwarden/assemble"
)

// exits is a gateway whose every exit is read: a webhook, a table, apps' answers and
// streams, what commands print, and the log.
type exits struct {
	*testing.T
	*tenant
	config, apps string
	hook, log    *watched
	keys         map[string]string // of apps
}

// opens gives one that may tell what meetings are about, as far as anybody may.
func (tn *tenant) opens(t *testing.T) *exits {
	t.Helper()
	x := &exits{T: t, tenant: tn, apps: freePort(t), hook: newWatched(), log: newWatched(), keys: map[string]string{}}
	receiver := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { _, _ = io.Copy(x.hook, r.Body) }))
	t.Cleanup(receiver.Close)
	x.config = tn.configure(t, func(s *settings) {
		s.operate, s.sink = freePort(t), strings.TrimPrefix(receiver.URL, "http://")
		s.more = "    sinks: {warehouse: {type: table}}\n  board:\n    app: switchboard\n    kind: presence\n    tenant: contoso\n    registration: calendar\n    mailboxes: [\"" +
			tn.Users[0].UserPrincipalName + "\"]\n    presence: {subjects: true}\n"
	})
	raw, err := os.ReadFile(x.config)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(x.config, bytes.Replace(raw, []byte("sweep:"), []byte("apps: "+x.apps+"\nsweep:"), 1), 0o600); err != nil {
		t.Fatal(err)
	}
	loaded, err := assemble.Load(x.config)
	if err != nil {
		t.Fatal(err)
	}
	ctx, end := context.WithCancel(context.Background())
	g, err := assemble.Build(ctx, loaded, assemble.Outside{Log: slog.New(slog.NewTextHandler(x.log, &slog.HandlerOptions{Level: slog.LevelDebug})), Version: "test"})
	if err != nil {
		end()
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- g.Run(ctx) }()
	t.Cleanup(sync.OnceFunc(func() {
		end()
		if err := <-ended; err != nil {
			t.Errorf("the gateway ended with %v", err)
		}
		_ = g.Close()
	}))
	return x
}

// asks gives what an app is answered; of a stream what it says until it is live.
func (x *exits) asks(app, path string) string {
	x.Helper()
	if x.keys[app] == "" {
		x.keys[app] = strings.TrimSpace(says(x.T, 0, "gwk_", "apps", "key", "create", app, "--config", x.config))
	}
	ctx, stop := context.WithTimeout(x.Context(), time.Minute)
	defer stop()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+x.apps+path, nil)
	if err != nil {
		x.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+x.keys[app])
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		x.Fatal(err)
	}
	defer answer.Body.Close()
	var text bytes.Buffer
	for part := make([]byte, 4096); !strings.Contains(text.String(), "event: live"); {
		n, err := answer.Body.Read(part)
		text.Write(part[:n])
		if err != nil {
			break
		}
	}
	if answer.StatusCode != http.StatusOK {
		x.Fatalf("%s answered %s %s", path, answer.Status, text.String())
	}
	return text.String()
}

// rows is what a reader of the table finds in it.
func (x *exits) rows() string {
	x.Helper()
	db, err := sql.Open("sqlite3", "file:"+filepath.Join(filepath.Dir(x.config), "graphwarden.db")+"?mode=ro")
	if err != nil {
		x.Fatal(err)
	}
	defer db.Close()
	list, err := db.QueryContext(x.Context(), `SELECT coalesce(subject, '') || ' ' || coalesce(location, '') || ' ' || coalesce(organizer, '') || ' ' || coalesce(body, '') FROM calendar_items`)
	if err != nil {
		x.Fatal(err)
	}
	defer list.Close()
	all := ""
	for list.Next() {
		var row string
		if err := list.Scan(&row); err != nil {
			x.Fatal(err)
		}
		all += row + "\n"
	}
	return all
}

// TestAPrivateMeetingShowsItsTimeAtEveryExitAndNothingElse: one private meeting and one
// that is not, now. The one is known everywhere by its time, and by no word of it; the
// other shows that the exits were open.
func TestAPrivateMeetingShowsItsTimeAtEveryExitAndNothingElse(t *testing.T) {
	tn := open(t)
	x := tn.opens(t)
	now := time.Now().UTC().Truncate(time.Minute)
	at := func(d time.Duration) map[string]string {
		return map[string]string{"dateTime": now.Add(d).Format("2006-01-02T15:04:05"), "timeZone": "UTC"}
	}
	made := func(word, sensitivity, showAs string, from, to time.Duration) {
		t.Helper()
		tn.graph(t, "POST", "/users/"+tn.Users[0].ID+"/events", map[string]any{"subject": word + "subject", "sensitivity": sensitivity, "showAs": showAs,
			"body": map[string]string{"contentType": "text", "content": word + "body"}, "location": map[string]string{"displayName": word + "place"}, "categories": []string{word + "label"},
			"start": at(from), "end": at(to)}, nil)
	}
	made("Zebrafink", "private", "oof", -time.Hour, time.Hour)
	made("Openbill", "normal", "busy", time.Hour, 3*time.Hour)
	x.hook.await(t, "Openbillsubject")
	awaitSink(t, x.config, "office/warehouse", func(s api.Sink) bool { return s.Cursor > 0 && s.Pending == 0 })
	for late := time.Now().Add(time.Minute); !strings.Contains(x.asks("switchboard", "/v1/presence"), `"class":"private"`); {
		if time.Now().After(late) {
			t.Fatal("the private meeting is not known")
		}
	}
	who := tn.Users[0].UserPrincipalName
	span := "?from=" + now.Add(-2*time.Hour).Format(time.RFC3339) + "&to=" + now.Add(4*time.Hour).Format(time.RFC3339)
	for name, e := range map[string]struct {
		text string
		open string // what shows that it was open
	}{
		"presence":           {x.asks("switchboard", "/v1/presence"), "Openbillsubject"},
		"presence of one":    {x.asks("switchboard", "/v1/presence/"+who), `"class":"private"`},
		"presence, streamed": {x.asks("switchboard", "/v1/presence/stream"), "event: live"},
		"the local copy":     {x.asks("portal", "/v1/tenants/contoso/mailboxes/"+who+"/events"+span), "Openbillsubject"},
		"words of it":        {x.asks("portal", "/v1/tenants/contoso/mailboxes/"+who+"/events"+span+"&q=Zebrafinksubject"), `"items":[]`},
		"changes":            {x.asks("portal", "/v1/changes?since="+now.Add(-time.Hour).Format(time.RFC3339)), "Openbillsubject"},
		"the webhook":        {x.hook.String(), `"sensitivity":"private"`},
		"the table":          {x.rows(), "Openbillsubject"},
		"listen":             {says(t, 0, "", "listen", "--flow", "office", "--since", "0", "--end", "--json", "--config", x.config), "Openbillsubject"},
		"listen, for people": {says(t, 0, "", "listen", "--flow", "office", "--since", "0", "--end", "--config", x.config), "created"},
		"feeds":              {says(t, 0, "", "feeds", "--json", "--config", x.config), who},
		"deliveries":         {says(t, 0, "", "deliveries", "--json", "--config", x.config), "office"},
		"writes":             {says(t, 0, "", "writes", "--json", "--config", x.config), "[]"},
		"the log":            {x.log.String(), ""}, // at its most talkative
	} {
		if !strings.Contains(e.text, e.open) {
			t.Errorf("%s: nothing says %q in\n%.2000s", name, e.open, e.text)
		}
		if text := strings.ReplaceAll(e.text, "q=Zebrafinksubject", ""); strings.Contains(text, "Zebrafink") {
			t.Errorf("%s tells of a private meeting:\n%.2000s", name, text)
		}
	}
}
