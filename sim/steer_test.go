package sim_test

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/graphwarden/graphwarden/sim"
)

func TestTheClockIsSet(t *testing.T) {
	x := start(t, sim.Options{})
	if got := x.steer("/sim/clock", doc{"now": "2030-01-01T00:00:00Z"})["now"].(string); !strings.HasPrefix(got, "2030-01-01T00:00:0") {
		t.Errorf("now %s", got)
	}
	if got := x.steer("/sim/clock", doc{"advance": "36h"})["now"].(string); !strings.HasPrefix(got, "2030-01-02T12:00:0") {
		t.Errorf("now %s", got)
	}
	if status, _ := x.call("GET", "/v1.0/organization", x.ready.Tokens.Everything, nil); status != 401 {
		t.Errorf("a token of years ago: %d", status)
	}
	for _, bad := range []doc{{}, {"advance": "soon"}, {"now": "2030-01-01T00:00:00Z", "advance": "1h"}, {"later": true},
		{"now": "9999-12-31T23:59:59Z"}, {"now": "0001-01-01T00:00:00Z"}, {"advance": "2000000h"}} {
		if status, out := x.call("POST", "/sim/clock", "", bad); status != 400 || out["error"] == nil {
			t.Errorf("%v: %d %v", bad, status, out)
		}
	}
	if _, out := x.call("GET", "/sim/clock", "", nil); !strings.HasPrefix(out["now"].(string), "2030-01-02T12:00:0") {
		t.Errorf("what was refused moved the clock to %s", out["now"])
	}
}

func TestEveryAnswerIsDatedByTheTenantsClock(t *testing.T) {
	x := start(t, sim.Options{})
	x.steer("/sim/clock", doc{"now": "2030-01-01T00:00:00Z"})
	for _, path := range []string{"/v1.0/users", "/common/discovery/v2.0/keys", "/sim/clock", "/nowhere"} {
		r, err := http.NewRequestWithContext(t.Context(), "GET", x.origin+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		resp, err := x.client.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		_ = resp.Body.Close()
		if got := resp.Header.Values("Date"); len(got) != 1 || !strings.HasPrefix(got[0], "Tue, 01 Jan 2030 00:00:") {
			t.Errorf("%s is dated %q", path, got)
		}
	}
}

func TestFaultsStrikeGraphAndEntraAndNotTheSteering(t *testing.T) {
	x := start(t, sim.Options{})
	x.steer("/sim/faults", doc{"seed": 3, "rules": []doc{
		{"match": "GET /users*", "status": 429, "retryAfter": 3, "times": 1}, {"match": "POST /*/oauth2/v2.0/token", "status": 503, "times": 1},
		{"match": "* /sim/*", "cut": "before"}, {"match": "PATCH /users/*", "cut": "after", "times": 1}}})
	if status, out := x.call("GET", "/v1.0/users", x.ready.Tokens.Everything, nil); status != 429 || out["error"] == nil {
		t.Errorf("%d %v", status, out)
	}
	if status, _ := x.call("GET", "/v1.0/users", x.ready.Tokens.Everything, nil); status != 200 {
		t.Errorf("a second time: %d", status)
	}
	if status, _ := x.call("POST", "/common/oauth2/v2.0/token", "", doc{}); status != 503 {
		t.Errorf("Entra: %d", status)
	}
	user := "/v1.0/users/" + x.ready.Users[2].ID
	if status, _, err := x.try("PATCH", user, x.ready.Tokens.Everything, doc{"jobTitle": "Cut off"}); err == nil {
		t.Errorf("answered with %d", status)
	}
	if _, out := x.call("GET", user+"?$select=jobTitle", x.ready.Tokens.Everything, nil); out["jobTitle"] != "Cut off" {
		t.Errorf("the effect is not there: %v", out)
	}
	if status, out := x.call("GET", "/sim/faults", "", nil); status != 200 || out["seed"] != 3.0 {
		t.Errorf("%d %v", status, out)
	}
	if status, out := x.call("POST", "/sim/faults", "", doc{"rules": []doc{{"match": "nonsense"}}}); status != 400 || !strings.Contains(out["error"].(string), "rule 1") {
		t.Errorf("%d %v", status, out)
	}
}

func TestTheTruthIsTold(t *testing.T) {
	x := start(t, sim.Options{})
	user := x.ready.Users[3].ID
	x.call("GET", "/v1.0/users/"+user, x.ready.Tokens.Everything, nil)
	x.call("PATCH", "/v1.0/users/"+user, x.ready.Tokens.Admin, doc{"jobTitle": "Witness"})
	x.call("PATCH", "/v1.0/users/nobody", x.ready.Tokens.Admin, doc{"jobTitle": "Nobody"})
	rows := x.rows("0")
	if len(rows) != 2 {
		t.Fatalf("%d rows: %v", len(rows), rows)
	}
	everything := x.app("everything").ClientID
	for i, want := range []doc{
		{"seq": 1.0, "effect": "read", "object": user, "app": everything, "method": "GET", "status": 200.0, "mailbox": ""},
		{"seq": 2.0, "effect": "update", "object": user, "app": everything, "principal": x.ready.Users[0].ID, "method": "PATCH", "status": 204.0},
	} {
		for k, v := range want {
			if rows[i][k] != v {
				t.Errorf("row %d: %s is %v, want %v", i+1, k, rows[i][k], v)
			}
		}
	}
	if rows := x.rows("1"); len(rows) != 1 || rows[0]["seq"] != 2.0 {
		t.Errorf("after 1: %v", rows)
	}
	if status, out := x.call("GET", "/sim/truth?after=x", "", nil); status != 400 {
		t.Errorf("%d %v", status, out)
	}
}

const file = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//test//EN\r\nBEGIN:VEVENT\r\nUID:one@example.com\r\nDTSTAMP:20260101T000000Z\r\n" +
	"DTSTART:20260305T100000Z\r\nDTEND:20260305T110000Z\r\nSUMMARY:Imported\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"

func TestACalendarFileIsImported(t *testing.T) {
	x := start(t, sim.Options{})
	send := func(query, kind, body string) (int, string) {
		r, err := http.NewRequestWithContext(t.Context(), "POST", x.origin+"/sim/import?"+query, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Content-Type", kind)
		resp, err := x.client.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		var b strings.Builder
		_, _ = io.Copy(&b, resp.Body)
		return resp.StatusCode, b.String()
	}
	upn := x.ready.Users[0].UserPrincipalName
	for _, c := range []struct {
		query, kind, body string
		status            int
		says              string
	}{
		{"mailbox=" + upn, "text/calendar; charset=utf-8", file, 200, `"events":["`},
		{"mailbox=" + upn + "&calendar=Files", "text/calendar", file, 200, `"events":["`},
		{"mailbox=nobody", "text/calendar", file, 400, "no user"},
		{"mailbox=" + upn, "text/calendar", "nonsense", 400, "not an iCalendar file"},
		{"mailbox=" + upn, "message/rfc822", "From: x", 415, "text/calendar"},
	} {
		if status, body := send(c.query, c.kind, c.body); status != c.status || !strings.Contains(body, c.says) {
			t.Errorf("%s %s: %d %s", c.query, c.kind, status, body)
		}
	}
	if status, _ := x.call("POST", "/sim/lifecycle", "", doc{"event": "missed"}); status != 200 {
		t.Errorf("raising a lifecycle event: %d", status)
	}
	if status, out := x.call("POST", "/sim/lifecycle", "", doc{"event": "magic"}); status != 400 {
		t.Errorf("an unknown event: %d %v", status, out)
	}
	if status, _ := x.call("GET", "/sim/nothing", "", nil); status != 404 {
		t.Errorf("an unknown lever: %d", status)
	}
}
