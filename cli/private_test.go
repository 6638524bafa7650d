package cli_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
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
	writes := tn.app(t, "everything") // and reads
	raw = bytes.Replace(raw, []byte("sweep:"), []byte("apps: "+x.apps+"\nsweep:"), 1)
	raw = bytes.Replace(raw, []byte("kind: calendar\n"), []byte("kind: calendar\n    direction: both\n"), 1)
	raw = bytes.ReplaceAll(raw, []byte(tn.app(t, "calendar").ClientID), []byte(writes.ClientID))
	for file, text := range map[string][]byte{x.config: raw, filepath.Join(filepath.Dir(x.config), "calendar.secret"): []byte(writes.ClientSecret)} {
		if err := os.WriteFile(file, text, 0o600); err != nil {
			t.Fatal(err)
		}
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
	return x.sends(app, http.MethodGet, path, "", http.StatusOK)
}

// sends gives what an app is answered to a request, with a status.
func (x *exits) sends(app, method, path, body string, status int) string {
	x.Helper()
	if x.keys[app] == "" {
		x.keys[app] = strings.TrimSpace(says(x.T, 0, "gwk_", "apps", "key", "create", app, "--scope", "write", "--config", x.config))
	}
	ctx, stop := context.WithTimeout(x.Context(), time.Minute)
	defer stop()
	r, err := http.NewRequestWithContext(ctx, method, "http://"+x.apps+path, strings.NewReader(body))
	if err != nil {
		x.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+x.keys[app])
	if method != http.MethodGet {
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("Idempotency-Key", rand.Text())
	}
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
	if answer.StatusCode != status {
		x.Fatalf("%s %s answered %s %s", method, path, answer.Status, text.String())
	}
	return fmt.Sprint(answer.Header) + text.String()
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

// TestNoAnswerToAWriteTellsOfAPrivateMeeting: an app that is shown the time only tries
// what it may and may not do with an online meeting of somebody else's, which is private.
// Neither answers nor what is kept of them say who invites, where, to what.
func TestNoAnswerToAWriteTellsOfAPrivateMeeting(t *testing.T) {
	tn := open(t)
	x := tn.opens(t)
	me := tn.Users[0]
	now := time.Now().UTC().Truncate(time.Minute)
	at := func(d time.Duration) map[string]string {
		return map[string]string{"dateTime": now.Add(d).Format("2006-01-02T15:04:05"), "timeZone": "UTC"}
	}
	meeting := func(of, word, sensitivity string) (made struct {
		ID      string
		Meeting struct{ JoinURL string } `json:"onlineMeeting"`
	}) {
		t.Helper()
		tn.graph(t, "POST", "/users/"+of+"/events", map[string]any{"subject": word + " subject", "sensitivity": sensitivity, "isOnlineMeeting": true, "onlineMeetingProvider": "teamsForBusiness",
			"body": map[string]string{"contentType": "text", "content": word + " body"}, "location": map[string]string{"displayName": word + " place"}, "start": at(time.Hour), "end": at(2 * time.Hour),
			"attendees": []any{map[string]any{"emailAddress": map[string]string{"address": me.UserPrincipalName}, "type": "required"}}}, &made)
		return made
	}
	turned := meeting(me.ID, "Turncoat", "normal")
	x.hook.await(t, "Turncoat subject")
	events := "/v1/tenants/contoso/mailboxes/" + me.UserPrincipalName + "/events"
	host := tn.Users[1]
	invitation := meeting(host.ID, "Zebrafink", "private")
	known := func(masked bool, than string) (id string) {
		for late := time.Now().Add(time.Minute); time.Now().Before(late); {
			var list struct{ Items []api.Event }
			_, text, _ := strings.Cut(x.asks("portal", events+"?from="+now.Format(time.RFC3339)), "]{")
			if err := json.Unmarshal([]byte("{"+text), &list); err != nil {
				t.Fatal(err)
			}
			for _, e := range list.Items {
				if e.Start != nil && e.Start.Equal(now.Add(time.Hour)) && e.Masked == masked && e.ID != than {
					return e.ID
				}
			}
		}
		t.Fatal("the meeting is not known")
		return ""
	}
	private, open := known(true, ""), known(false, "")
	written := x.sends("portal", "PATCH", events+"/"+open, `{"change":{"importance":"high"}}`, http.StatusOK)
	tn.graph(t, "PATCH", "/users/"+me.ID+"/events/"+turned.ID, map[string]any{"sensitivity": "confidential"}, nil)
	known(true, private)
	told := len(x.hook.String())
	says(t, 0, "", "deliveries", "replay", "office", "--since", "2000-01-01T00:00:00Z", "--yes", "--config", x.config)
	says(t, 0, "", "deliveries", "replay", "office/warehouse", "--since", "2000-01-01T00:00:00Z", "--yes", "--config", x.config)
	for late := time.Now().Add(time.Minute); strings.Contains(says(t, 0, "office", "deliveries", "replays", "--json", "--config", x.config), `"ended_at": null`); {
		if time.Now().After(late) {
			t.Fatal("the replays do not end")
		}
	}
	_, body, _ := strings.Cut(written, "]{")
	var write api.Write
	if err := json.Unmarshal([]byte("{"+body), &write); err != nil || write.ID == "" {
		t.Fatal(err, written)
	}
	const slot = `{"start":{"dateTime":"2027-03-02T09:00:00","timeZone":"UTC"},"end":{"dateTime":"2027-03-02T10:00:00","timeZone":"UTC"}}`
	all := map[string]string{
		"a new body":          x.sends("portal", "PATCH", events+"/"+private, `{"change":{"body":{"contentType":"text","content":"x"}}}`, http.StatusForbidden),
		"lifted":              x.sends("portal", "PATCH", events+"/"+private, `{"change":{"sensitivity":"normal"}}`, http.StatusForbidden),
		"accepted":            x.sends("portal", "POST", events+"/"+private+"/respond", `{"answer":"accept"}`, http.StatusForbidden),
		"proposed":            x.sends("portal", "POST", events+"/"+private+"/respond", `{"answer":"decline","proposed_new_time":`+slot+`}`, http.StatusForbidden),
		"cancelled":           x.sends("portal", "POST", events+"/"+private+"/cancel", `{}`, http.StatusForbidden),
		"a new subject":       x.sends("portal", "PATCH", events+"/"+private, `{"change":{"subject":"Mine"}}`, http.StatusOK),
		"the earlier write":   x.asks("portal", "/v1/writes/"+write.ID),
		"one event":           x.asks("portal", events+"/"+private),
		"the copy":            x.asks("portal", events),
		"changes":             x.asks("portal", "/v1/changes?since=2000-01-01T00:00:00Z"),
		"the webhook":         x.hook.String()[told:],
		"the table":           x.rows(),
		"presence":            x.asks("switchboard", "/v1/presence"),
		"listen":              says(t, 0, "", "listen", "--flow", "office", "--since", "0", "--end", "--json", "--config", x.config),
		"writes":              says(t, 0, "act.private", "writes", "--json", "--config", x.config),
		"deliveries":          says(t, 0, "", "deliveries", "--json", "--config", x.config),
		"failed ones":         says(t, 0, "", "deliveries", "--failed", "--json", "--config", x.config),
		"replays":             says(t, 0, "office", "deliveries", "replays", "--json", "--config", x.config),
		"logs":                says(t, 0, "act", "logs", "tail", "--last", "1000", "--end", "--json", "--config", x.config),
		"the log":             x.log.String(),
		"the old version":     x.sends("portal", "PATCH", events+"/"+private, `{"change":{"importance":"low"}}`, http.StatusOK),
		"the times of people": x.sends("portal", "POST", "/v1/tenants/contoso/schedule", `{"people":["`+me.UserPrincipalName+`"],"start":{"dateTime":"`+at(0)["dateTime"]+`","timeZone":"UTC"},"end":{"dateTime":"`+at(5 * time.Hour)["dateTime"]+`","timeZone":"UTC"}}`, http.StatusOK),
	}
	for name, text := range all {
		for what, canary := range map[string]string{"what it is about": "Zebrafink", "who invites": host.UserPrincipalName, "its link": invitation.Meeting.JoinURL, "what it was": "Turncoat", "the link that was": turned.Meeting.JoinURL} {
			if what == "who invites" && slices.Contains([]string{"changes", "the webhook", "the table", "listen", "the copy"}, name) {
				continue // the host is in open meetings, too
			}
			if canary == "" || strings.Contains(text, canary) || strings.Contains(text, strings.ReplaceAll(canary, "&", `\u0026`)) {
				t.Errorf("%s tells %s (%q):\n%.2000s", name, what, canary, text)
			}
		}
	}
}
