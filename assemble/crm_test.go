package assemble_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/internal/browser"
)

const (
	operated = "127.0.0.1:4003" // where operators are answered, indoors
	answered = "127.0.0.1:4004" // where apps are
)

// crmApp is a CRM that lives by its key alone: what it does, it asks for by HTTP.
type crmApp struct {
	*crm
	key      string // for all its flows, may write
	requests int
}

// putUpCRM runs a gateway that a CRM's users connect to. More are flows besides crm,
// which works in both directions.
func putUpCRM(j *journey, more string) *crmApp {
	j.Helper()
	c := &crmApp{crm: letPeopleIn(j, "Calendars.ReadWrite", "Calendars.Read")}
	before := j.changed
	j.changed = func() {
		before()
		j.replace("    people: true\n", "    people: true\n    direction: both\n    conflicts: refuse\n")
		if more != "" {
			j.replace("  crm:\n    app: crm\n", more+"  crm:\n    app: crm\n")
		}
	}
	j.operate, j.apps = j.net.Listen(operated), j.net.Listen(answered)
	j.run("5m")
	c.key = c.newKey("crm")
	return c
}

// newKey has an operator make a key that may write.
func (c *crmApp) newKey(app string, flows ...string) string {
	c.Helper()
	token, err := os.ReadFile(filepath.Join(c.folder, "operator.token"))
	if err != nil {
		c.Fatal(err)
	}
	wanted := map[string]any{"scope": "write"}
	if len(flows) > 0 {
		wanted["flows"] = flows
	}
	_, made := c.ask(operated, strings.TrimSpace(string(token)), http.MethodPost, "/v1/apps/"+app+"/keys", wanted)
	key, _ := made["key"].(string)
	if key == "" {
		c.Fatalf("making a key answered %v", made)
	}
	return key
}

// ask asks the gateway with a key, and gives what it answers.
func (c *crmApp) ask(at, key, method, path string, body any, headers ...string) (int, map[string]any) {
	c.Helper()
	var raw []byte
	if body != nil {
		var err error
		if raw, err = json.Marshal(body); err != nil {
			c.Fatal(err)
		}
	}
	r, err := http.NewRequestWithContext(c.Context(), method, "http://"+at+path, bytes.NewReader(raw))
	if err != nil {
		c.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+key)
	if body != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	if c.requests++; method == http.MethodPost {
		r.Header.Set("Idempotency-Key", fmt.Sprintf("request-%d", c.requests))
	}
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	answer, err := c.net.Client().Do(r)
	if err != nil {
		c.Fatal(err)
	}
	defer answer.Body.Close()
	var out map[string]any
	if answer.StatusCode != http.StatusNoContent {
		if err := json.NewDecoder(answer.Body).Decode(&out); err != nil {
			c.Fatalf("%s %s answered %d: %v", method, path, answer.StatusCode, err)
		}
	}
	return answer.StatusCode, out
}

const (
	signIns = "/v1/tenants/contoso/sign-ins"
	people  = "/v1/tenants/contoso/people"
)

// begins asks for a link as the CRM does.
func (c *crmApp) begins(more map[string]any) (id, link string) {
	c.Helper()
	want := map[string]any{"registration": "people", "return_to": page, "state": "session-7"}
	for k, v := range more {
		want[k] = v
	}
	status, begun := c.ask(answered, c.key, http.MethodPost, signIns, want)
	if status != http.StatusOK {
		c.Fatalf("beginning answered %d %v", status, begun)
	}
	return begun["id"].(string), begun["link"].(string)
}

// progress is how a sign-in is.
func (c *crmApp) progress(id string) map[string]any {
	c.Helper()
	_, p := c.ask(answered, c.key, http.MethodGet, signIns+"/"+id, nil)
	return p
}

// connects has a person sign in and the CRM take them.
func (c *crmApp) connects(person int, more map[string]any) map[string]any {
	c.Helper()
	id, link := c.begins(more)
	_, to, _ := c.signs(link, person)
	status, who := c.ask(answered, c.key, http.MethodPost, signIns+"/"+id+"/take", map[string]any{"code": to.Get("code")})
	if status != http.StatusOK || who["account"] != c.ready.Users[person].ID {
		c.Fatalf("taking answered %d %v; the browser came back with %v", status, who, to)
	}
	return who
}

// consents has an administrator follow the link that somebody was told, and gives
// what the page of the gateway says then.
func (c *crmApp) consents(do string) string {
	c.Helper()
	link := regexp.MustCompile(`https://\S+/adminconsent\?\S+`).FindString(do)
	u := c.ready.Users[0]
	end, _, err := browser.New(inProcess{c.sim.Handler()}, u.UserPrincipalName, u.Password).Open(link, "http://"+received)
	if err != nil {
		c.Fatalf("%q: %v", do, err)
	}
	_, _, text := c.comes(end)
	return text
}

// truthOf are the rows of the simulator's truth ledger that are about the CRM's
// registration.
func (c *crmApp) truthOf() (rows []truthRow) {
	c.Helper()
	err := c.sim.Truth.After(0, func(line []byte) bool {
		var row truthRow
		if err := json.Unmarshal(line, &row); err != nil {
			c.Fatal(err)
		}
		if row.App == c.client {
			rows = append(rows, row)
		}
		return true
	})
	if err != nil {
		c.Fatal(err)
	}
	return rows
}

// truthRow is what the simulator says that it did for somebody.
type truthRow struct {
	App, Principal, Method, Path, Mailbox, Effect string
	Status                                        int
}

// TestACRMsUserConnectsWorksAndLeaves is a CRM's own way with one user: the link on
// its page, an administrator's consent, the code, the calendar both ways, and the
// end, of which nothing is left: no token, no copy, no subscription at Microsoft.
func TestACRMsUserConnectsWorksAndLeaves(t *testing.T) {
	t.Parallel()
	indoors(t, 4, func(j *journey, _ *copied) {
		c := putUpCRM(j, "")
		u := c.ready.Users[2]
		id, link := c.begins(map[string]any{"hint": u.UserPrincipalName})
		if q := mustParse(t, link); q.Get("code_challenge_method") != "S256" || q.Get("state") == "" || q.Get("nonce") == "" || !strings.Contains(q.Get("scope"), "Calendars.ReadWrite") || strings.Contains(q.Get("scope"), "Mail") {
			t.Errorf("the link asks for %v", q)
		}
		_, to, _ := c.signs(link, 2)
		p := c.progress(id)
		if to.Get("error") != "entra.consent_admin" || to.Get("state") != "session-7" || to.Get("code") != "" || p["state"] != "failed" || p["code"] != "entra.consent_admin" {
			t.Fatalf("who may not consent comes back with %v, and the app sees %v", to, p)
		}
		if text := c.consents(fmt.Sprint(p["do"])); !strings.Contains(text, "the consent has arrived") {
			t.Fatalf("the administrator sees %q", text)
		}
		who := c.connects(2, nil)
		if fmt.Sprint(who["flows"]) != "[crm]" || who["state"] != "connected" {
			t.Errorf("who connected: %v", who)
		}
		time.Sleep(10 * time.Minute)
		c.both(2)
		c.signedOut(2)
		time.Sleep(10 * time.Second) // until the subscription is there again
		before, err := c.gateway.Store.Subscriptions(c.Context(), "crm")
		if err != nil || len(before) != 1 || before[0].Mailbox.ID != u.ID {
			t.Fatalf("the subscriptions are %v: %v", before, err)
		}
		status, left := c.ask(answered, c.key, http.MethodDelete, people+"/people/"+u.ID, nil)
		if status != http.StatusNoContent {
			t.Fatalf("leaving answered %d %v", status, left)
		}
		c.nothingLeft(2, before)
		if status, _ := c.ask(answered, c.key, http.MethodGet, "/v1/tenants/contoso/mailboxes/"+u.ID+"/events?from=2026-03-01T00:00:00Z&to=2026-04-30T00:00:00Z", nil); status != http.StatusNotFound {
			t.Errorf("the events of who left are answered with %d", status)
		}
		c.connects(2, map[string]any{"account": u.ID})
		time.Sleep(10 * time.Minute)
		if c.stored(2) == 0 {
			t.Error("who comes again is not read")
		}
	})
}

func mustParse(t *testing.T, link string) url.Values {
	t.Helper()
	u, err := url.Parse(link)
	if err != nil {
		t.Fatal(err)
	}
	return u.Query()
}

// both: what the person does in Outlook reaches the CRM, what the CRM writes reaches
// Outlook with its reference, and of two changes the flow's policy decides.
func (c *crmApp) both(person int) {
	c.Helper()
	u := c.ready.Users[person]
	c.meetingOf(person, "Made in Outlook")
	time.Sleep(time.Minute)
	events := "/v1/tenants/contoso/mailboxes/" + u.UserPrincipalName + "/events"
	status, list := c.ask(answered, c.key, http.MethodGet, events+"?from=2026-04-01T00:00:00Z&to=2026-04-30T00:00:00Z", nil)
	if status != http.StatusOK || !strings.Contains(fmt.Sprint(list), "Made in Outlook") {
		c.Errorf("the CRM reads %d %v", status, list)
	}
	at := func(hour int) map[string]any {
		return map[string]any{"dateTime": fmt.Sprintf("2026-04-03T%02d:00:00", hour), "timeZone": "UTC"}
	}
	status, made := c.ask(answered, c.key, http.MethodPost, events, map[string]any{"event": map[string]any{"subject": "Made in the CRM", "start": at(9), "end": at(10), "isOnlineMeeting": true}, "reference": "deal-17"})
	if status != http.StatusCreated || !strings.Contains(fmt.Sprint(made["item"]), "meetup-join") {
		c.Fatalf("writing answered %d %v", status, made)
	}
	event := "/v1.0/users/" + u.ID + "/events/" + url.PathEscape(made["event"].(string))
	back := c.journey.told(made["event"].(string), graphwarden.Created)
	if back.Data.Reference != "deal-17" {
		c.Errorf("it comes back as %+v", back.Data)
	}
	c.outlook(http.MethodPatch, event, map[string]any{"subject": "Changed in Outlook"})
	r := map[string]any{"change": map[string]any{"subject": "Changed in the CRM"}}
	status, no := c.matching(events+"/"+made["event"].(string), made["etag"].(string), r)
	if status != http.StatusConflict || no["code"] != "act.conflict" || c.outlook(http.MethodGet, event, nil)["subject"] != "Changed in Outlook" {
		c.Errorf("a conflict answered %d %v", status, no)
	}
	other := c.ready.Users[3].UserPrincipalName
	if status, no := c.ask(answered, c.key, http.MethodPost, "/v1/tenants/contoso/schedule", map[string]any{"people": []any{other}, "start": at(8), "end": at(12)}); status < 400 {
		c.Errorf("the schedule of somebody else answered %d %v", status, no)
	}
}

// signedOut: the CRM is told at once when a request shows that Microsoft has ended a
// sign-in, and when its user is back; in between nothing of theirs is reached.
func (c *crmApp) signedOut(person int) {
	c.Helper()
	u := c.ready.Users[person]
	c.outlook(http.MethodPost, "/v1.0/users/"+u.ID+"/revokeSignInSessions", map[string]any{})
	c.outlook(http.MethodPost, "/sim/challenge", map[string]any{"user": u.ID, "all": true})
	at := map[string]any{"dateTime": "2026-04-03T09:00:00", "timeZone": "UTC"}
	until := map[string]any{"dateTime": "2026-04-03T12:00:00", "timeZone": "UTC"}
	if status, no := c.ask(answered, c.key, http.MethodPost, "/v1/tenants/contoso/schedule", map[string]any{"people": []any{u.ID}, "start": at, "end": until}); status < 400 || no["code"] != "entra.sign_in_revoked" ||
		!strings.Contains(fmt.Sprint(no["fix"]), `POST /v1/tenants/contoso/sign-ins with {"registration": "people", "account": "`+u.ID+`"}`) {
		c.Errorf("of somebody whom Microsoft signed out the CRM is answered %d %v", status, no)
	}
	if status, list := c.ask(answered, c.key, http.MethodGet, "/v1/tenants/contoso/mailboxes/"+u.ID+"/events?from=2026-04-01T00:00:00Z&to=2026-04-30T00:00:00Z", nil); status != http.StatusOK || !strings.Contains(fmt.Sprint(list), "Made in Outlook") {
		c.Errorf("the copy of who is only signed out is answered %d %v", status, list)
	}
	time.Sleep(time.Second)
	c.outlook(http.MethodPost, "/sim/challenge", map[string]any{"clear": true})
	c.connects(person, map[string]any{"account": u.ID})
	time.Sleep(time.Second)
	c.app.mu.Lock()
	defer c.app.mu.Unlock()
	if len(c.crm.told) != 2 || c.crm.told[0].Type != "com.graphwarden.connection.lost" || c.crm.told[1].Type != "com.graphwarden.connection.restored" || c.crm.told[1].Subject != u.ID {
		c.Errorf("within a second the CRM is told %+v", c.crm.told)
	}
}

// matching changes an event of a version.
func (c *crmApp) matching(path, etag string, body any) (int, map[string]any) {
	c.Helper()
	raw, err := json.Marshal(body)
	if err != nil {
		c.Fatal(err)
	}
	r, err := http.NewRequestWithContext(c.Context(), http.MethodPatch, "http://"+answered+path, bytes.NewReader(raw))
	if err != nil {
		c.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+c.key)
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("If-Match", etag)
	answer, err := c.net.Client().Do(r)
	if err != nil {
		c.Fatal(err)
	}
	defer answer.Body.Close()
	var out map[string]any
	if err := json.NewDecoder(answer.Body).Decode(&out); err != nil {
		c.Fatal(err)
	}
	return answer.StatusCode, out
}

// nothingLeft looks for what is left of somebody who has left.
func (c *crmApp) nothingLeft(person int, before []graphwarden.Subscription) {
	c.Helper()
	u := c.ready.Users[person]
	tokens, err := c.gateway.Store.SealedTokens(c.Context(), "", "", 1000)
	if err != nil || slices.ContainsFunc(tokens, func(k graphwarden.SealedToken) bool { return k.Account == u.ID }) {
		c.Errorf("right after it a token is left: %v", err)
	}
	for _, was := range before {
		if !slices.ContainsFunc(c.truthOf(), func(row truthRow) bool {
			return row.Method == http.MethodDelete && row.Path == "/subscriptions/"+was.ID && row.Principal == u.ID && row.Status == http.StatusNoContent
		}) {
			c.Errorf("the subscription %s was not ended at Microsoft", was.ID)
		}
	}
	time.Sleep(10 * time.Minute)
	subscriptions, err := c.gateway.Store.Subscriptions(c.Context(), "crm")
	if err != nil || len(subscriptions) > 0 || c.stored(person) > 0 || len(c.mailboxes()) > 0 {
		c.Errorf("left are %v, %d feeds, the mailboxes %v: %v", subscriptions, c.stored(person), c.mailboxes(), err)
	}
	c.app.mu.Lock()
	defer c.app.mu.Unlock()
	copied := map[string]bool{}
	for _, e := range c.app.got {
		if strings.HasPrefix(e.Type, "com.graphwarden.event.") && strings.EqualFold(e.Data.Mailbox, u.UserPrincipalName) {
			copied[e.Subject] = !strings.HasSuffix(e.Type, ".deleted")
		}
	}
	for id, there := range copied {
		if there {
			c.Errorf("the app was not told that %s is gone", id)
		}
	}
}

// TestWhatGoesWrongWhenAUserConnects to a CRM, and what person and app see then.
func TestWhatGoesWrongWhenAUserConnects(t *testing.T) {
	t.Parallel()
	indoors(t, 4, func(j *journey, _ *copied) {
		c := putUpCRM(j, "")
		administrator, u := c.ready.Users[0], c.ready.Users[2]

		id, link := c.begins(nil) // an administrator may consent for herself, and does not
		declining := browser.New(inProcess{c.sim.Handler()}, administrator.UserPrincipalName, administrator.Password)
		declining.Declines = true
		end, _, err := declining.Open(link, cameBack)
		if err != nil {
			t.Fatal(err)
		}
		_, to, _ := c.comes(end)
		if p := c.progress(id); to.Get("error") != "entra.consent_declined" || p["code"] != "entra.consent_declined" || p["say"] == "" || p["do"] == "" {
			t.Errorf("who declines comes back with %v, and the app sees %v", to, p)
		}

		id, link = c.begins(nil) // somebody of another tenant
		end, _, err = browser.New(inProcess{c.sim.Handler()}, "eve@fabrikam.example", "x").Open(link, cameBack)
		if err == nil || strings.HasPrefix(end, cameBack) {
			t.Errorf("somebody of another tenant ended at %q", end)
		}
		if p := c.progress(id); p["state"] != "waiting" {
			t.Errorf("of somebody whom Microsoft does not let in the app sees %v", p)
		}
		time.Sleep(16 * time.Minute)
		if p := c.progress(id); p["state"] != "over" {
			t.Errorf("after 16 minutes it sees %v", p)
		}

		id, link = c.begins(nil)
		_, _, _ = c.signs(link, 2)
		c.consents(fmt.Sprint(c.progress(id)["do"]))

		id, link = c.begins(map[string]any{"account": u.ID}) // somebody else comes
		_, to, _ = c.signs(link, 3)
		if p := c.progress(id); to.Get("error") != "connect.other_account" || p["code"] != "connect.other_account" {
			t.Errorf("somebody else comes back with %v, and the app sees %v", to, p)
		}

		id, link = c.begins(nil) // what came back comes once more
		end, _, err = browser.New(inProcess{c.sim.Handler()}, u.UserPrincipalName, u.Password).Open(link, cameBack)
		if err != nil {
			t.Fatal(err)
		}
		_, to, _ = c.comes(end)
		if status, _, text := c.comes(end); status != http.StatusConflict || !strings.Contains(text, "answered before") {
			t.Errorf("once more it is answered %d %q", status, text)
		}
		take := signIns + "/" + id + "/take"
		if status, no := c.ask(answered, c.key, http.MethodPost, take, map[string]any{"code": "sc_guessed"}); status != http.StatusForbidden || no["code"] != "connect.code_wrong" {
			t.Errorf("a guessed code answered %d %v", status, no)
		}
		if status, who := c.ask(answered, c.key, http.MethodPost, take, map[string]any{"code": to.Get("code")}); status != http.StatusOK {
			t.Errorf("the code answered %d %v", status, who)
		}
		if status, no := c.ask(answered, c.key, http.MethodPost, take, map[string]any{"code": to.Get("code")}); status != http.StatusForbidden || no["code"] != "connect.code_wrong" {
			t.Errorf("the code answers twice: %d %v", status, no)
		}

		_, link = c.begins(nil) // too late
		end, _, err = browser.New(inProcess{c.sim.Handler()}, u.UserPrincipalName, u.Password).Open(link, cameBack)
		if err != nil {
			t.Fatal(err)
		}
		time.Sleep(16 * time.Minute)
		if status, _, text := c.comes(end); status != http.StatusGone || !strings.Contains(text, "took too long") {
			t.Errorf("too late it is answered %d %q", status, text)
		}
		if status, no := c.ask(answered, c.key, http.MethodPost, signIns, map[string]any{"registration": "people", "return_to": "https://evil.example/"}); status != http.StatusBadRequest || no["code"] != "connect.return_to" {
			t.Errorf("another page answered %d %v", status, no)
		}
		c.expires(u.ID)
		if status, no := c.ask(answered, c.newKey("portal"), http.MethodGet, signIns+"/"+id, nil); status != http.StatusNotFound {
			t.Errorf("another app sees the sign-in: %d %v", status, no)
		}
	})
}

// TestOnlyTheUsersOwnDataIsTouched asks Microsoft, not Graphwarden: two people connect
// to a CRM, a third to another app by the same registration, the fourth nowhere. The
// CRM reads, writes, and tries its way into the others' mailboxes. Then every request
// that the simulator saw of that registration must be one by a person's token on that
// person's own mailbox, and of the CRM's doings none may be outside its two.
func TestOnlyTheUsersOwnDataIsTouched(t *testing.T) {
	t.Parallel()
	indoors(t, 4, func(j *journey, _ *copied) {
		c := putUpCRM(j, strings.NewReplacer("reading:", "desk:", "app: crm", "app: desk").Replace(reading))
		id, link := c.begins(nil)
		_, _, _ = c.signs(link, 2)
		c.consents(fmt.Sprint(c.progress(id)["do"]))
		c.connects(2, nil)
		c.connects(3, nil)
		crm := c.key
		c.key = c.newKey("desk")
		c.connects(1, nil)
		c.key = crm
		for person := range 4 {
			c.meetingOf(person, "Of "+c.ready.Users[person].UserPrincipalName)
		}
		time.Sleep(time.Hour)
		at := func(hour int) map[string]any {
			return map[string]any{"dateTime": fmt.Sprintf("2026-04-03T%02d:00:00", hour), "timeZone": "UTC"}
		}
		for person, mine := range []bool{false, false, true, true} {
			u := c.ready.Users[person]
			for _, name := range []string{u.ID, u.UserPrincipalName} {
				events := "/v1/tenants/contoso/mailboxes/" + name + "/events"
				read, list := c.ask(answered, c.key, http.MethodGet, events+"?from=2026-04-01T00:00:00Z&to=2026-04-30T00:00:00Z", nil)
				wrote, made := c.ask(answered, c.key, http.MethodPost, events, map[string]any{"event": map[string]any{"subject": "By the CRM", "start": at(9), "end": at(10)}})
				busy, free := c.ask(answered, c.key, http.MethodPost, "/v1/tenants/contoso/schedule", map[string]any{"people": []any{c.ready.Users[2].ID, name}, "start": at(8), "end": at(12)})
				if mine != (read == http.StatusOK) || mine != (wrote == http.StatusCreated) || mine != (busy == http.StatusOK) {
					t.Errorf("%s: read %d %v, written %d %v, schedule %d", name, read, list, wrote, made, busy)
				}
				met, times := c.ask(answered, c.key, http.MethodPost, "/v1/tenants/contoso/mailboxes/"+c.ready.Users[2].ID+"/meeting-times",
					map[string]any{"people": []any{name}, "start": at(8), "end": at(12), "hours": "unrestricted"})
				if text := fmt.Sprint(times["items"]); mine != (met == http.StatusOK) || mine && (!strings.Contains(text, "2026-04-03T08:00:00Z") || strings.Contains(text, "start:2026-04-03T09:")) {
					t.Errorf("%s: meeting times %d %v", name, met, times)
				}
				if all, _ := free["value"].([]any); mine && len(all) != 2 {
					t.Errorf("the schedules of two are %v", free)
				}
			}
		}
		time.Sleep(time.Hour)
		c.theirOwn(map[string]bool{c.ready.Users[1].ID: true, c.ready.Users[2].ID: true, c.ready.Users[3].ID: true})
		_, list := c.ask(answered, c.key, http.MethodGet, "/v1/mailboxes", nil)
		if items, _ := list["items"].([]any); len(items) != 2 || strings.Contains(fmt.Sprint(list), c.ready.Users[1].ID) {
			t.Errorf("the CRM is shown the mailboxes %v", list)
		}
	})
}

// theirOwn reads the simulator's truth ledger: all that anybody's token of the CRM's
// registration did concerns the mailbox of that person. Then it reads Graphwarden's,
// which says for which flow a call was.
func (c *crmApp) theirOwn(connected map[string]bool) {
	c.Helper()
	calls := map[string]int{}
	for _, row := range c.truthOf() {
		own := row.Mailbox == row.Principal || row.Mailbox == "" && strings.HasPrefix(row.Path, "/subscriptions")
		if !own || !connected[row.Principal] {
			c.Errorf("the token of %s did %s %s in the mailbox %q: %d", row.Principal, row.Method, row.Path, row.Mailbox, row.Status)
		}
		calls[row.Principal]++
	}
	for id := range connected {
		if calls[id] < 3 {
			c.Errorf("Microsoft saw %d calls of %s", calls[id], id)
		}
	}
	theirs := map[string]bool{c.ready.Users[2].ID: true, c.ready.Users[3].ID: true}
	err := c.gateway.Store.EntriesAfter(c.Context(), 0, 100_000, func(e graphwarden.Entry, _ [32]byte) error {
		if e.Flow == "crm" && e.Kind == graphwarden.Decided && e.Allowed && !theirs[e.Mailbox] {
			c.Errorf("the CRM's flow did %s %s in %q", e.Method, e.Path, e.Mailbox)
		}
		return nil
	})
	if err != nil {
		c.Error(err)
	}
}

// expires: Microsoft ends a session that is too old, of which the CRM is told.
func (c *crmApp) expires(account string) {
	c.Helper()
	c.outlook(http.MethodPost, "/sim/signin", map[string]any{"rules": []any{map[string]any{"app": c.client, "grant": "refresh_token", "code": 700082}}})
	c.outlook(http.MethodPost, "/sim/challenge", map[string]any{"user": account, "all": true}) // so that a new token is needed
	time.Sleep(10 * time.Minute)
	c.app.mu.Lock()
	defer c.app.mu.Unlock()
	if len(c.crm.told) != 1 || c.crm.told[0].Subject != account || !strings.Contains(string(c.crm.told[0].Data.Connection), "entra.sign_in_expired") {
		c.Errorf("of a session that is too old the CRM is told %+v", c.crm.told)
	}
}

// reading is a flow of the CRM that only reads.
const reading = `  reading:
    app: crm
    kind: calendar
    tenant: contoso
    registration: people
    people: true
    sinks: {screen: {type: none}}
`

// TestAUsersConsentGrowsAndEndsAsAWhole: somebody connects for a flow that reads, and
// later for one that writes: Microsoft is asked for what is missing. A key that is
// for one of the flows sees who is in it, and cannot end what the other works by.
func TestAUsersConsentGrowsAndEndsAsAWhole(t *testing.T) {
	t.Parallel()
	indoors(t, 4, func(j *journey, _ *copied) {
		c := putUpCRM(j, reading)
		administrator := c.ready.Users[0] // who may consent for herself
		who := c.connects(0, map[string]any{"flows": []string{"reading"}})
		if fmt.Sprint(who["flows"]) != "[reading]" {
			t.Errorf("at first: %v", who)
		}
		time.Sleep(10 * time.Minute)
		if ids := c.mailboxes(); len(ids) != 0 {
			t.Fatalf("the flow that nobody consented to may touch %v", ids)
		}
		wide, narrow := c.newKey("crm", "crm"), c.newKey("crm", "reading")
		of := func(key string) int {
			_, list := c.ask(answered, key, http.MethodGet, people, nil)
			items, _ := list["items"].([]any)
			return len(items)
		}
		if of(wide) != 0 || of(narrow) != 1 {
			t.Errorf("a key of the flow that nobody is in sees %d, the other's %d", of(wide), of(narrow))
		}
		_, link := c.begins(map[string]any{"flows": []string{"crm"}, "account": administrator.ID})
		if scope := mustParse(t, link).Get("scope"); !strings.Contains(scope, "Calendars.ReadWrite") {
			t.Errorf("the second link asks for %q", scope)
		}
		who = c.connects(0, map[string]any{"flows": []string{"crm"}, "account": administrator.ID})
		if flows, _ := who["flows"].([]any); len(flows) != 2 {
			t.Errorf("afterwards: %v", who)
		}
		time.Sleep(10 * time.Minute)
		if ids := c.mailboxes(); len(ids) != 1 || of(wide) != 1 {
			t.Errorf("the flow may touch %v", ids)
		}
		for _, key := range []string{wide, narrow} {
			if status, no := c.ask(answered, key, http.MethodDelete, people+"/people/"+administrator.ID, nil); status != http.StatusForbidden || no["code"] != "api.key_flows" {
				t.Errorf("a key of one flow ends the sign-in: %d %v", status, no)
			}
		}
		if status, no := c.ask(answered, c.key, http.MethodDelete, people+"/people/"+administrator.ID, nil); status != http.StatusNoContent {
			t.Errorf("a key of the whole app: %d %v", status, no)
		}
	})
}
