package assemble_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/catalog"
	"github.com/graphwarden/graphwarden/connect"
	"github.com/graphwarden/graphwarden/internal/browser"
)

const (
	cameBack = "http://" + received + connect.SignedInPath
	page     = "https://crm.example/connected"
)

// inProcess calls the simulator as if over the network.
type inProcess struct{ http.Handler }

func (s inProcess) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Body == nil {
		r.Body = http.NoBody
	}
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	return w.Result(), nil
}

// crm is a journey whose gateway lets people sign in for an app besides.
type crm struct {
	*journey
	client string
	told   []graphwarden.Envelope // what the app was told of connections
	seen   []string               // mailboxes of items that its flow was told of
}

// letPeopleIn registers an app for people and adds it and its flow to the
// configuration.
func letPeopleIn(j *journey, permissions ...string) *crm {
	j.Helper()
	made := j.outlook(http.MethodPost, "/v1.0/applications", map[string]any{"displayName": "crm", "requiredResourceAccess": delegated(permissions), "web": map[string]any{"redirectUris": []string{cameBack, "http://" + received + connect.ConsentPath}}})
	j.outlook(http.MethodPost, "/v1.0/servicePrincipals", map[string]any{"appId": made["appId"]})
	secretOf := j.outlook(http.MethodPost, "/v1.0/applications/"+made["id"].(string)+"/addPassword", map[string]any{})
	c := &crm{journey: j, client: made["appId"].(string)}
	before := j.changed
	j.changed = func() {
		before()
		if err := os.WriteFile(filepath.Join(j.folder, "people.secret"), []byte(secretOf["secretText"].(string)), 0o600); err != nil {
			j.Fatal(err)
		}
		j.replace("    registrations:\n", fmt.Sprintf("    registrations:\n      people: {client_id: %s, mode: code, secret_file: people.secret, people: {return_to: [%q]}}\n", c.client, page))
		j.replace("flows:\n", fmt.Sprintf(`flows:
  crm:
    app: crm
    kind: calendar
    tenant: contoso
    registration: people
    people: true
    window: {from: "2026-01-01", to: "2028-07-01"}
    sink: {url: %q, secret_file: sink.secret}
`, j.app.URL))
	}
	take := j.app.take
	j.app.take = func(e graphwarden.Envelope) {
		if strings.HasPrefix(e.Type, "com.graphwarden.connection.") {
			c.told = append(c.told, e)
			return
		}
		c.seen = append(c.seen, e.Data.Mailbox)
		take(e)
	}
	return c
}

// invite begins a sign-in.
func (c *crm) invite(w connect.Invitation) connect.Invited {
	c.Helper()
	w.Tenant, w.Registration = "contoso", "people"
	begun, err := c.gateway.Reception.Invite(c.Context(), "crm", "test", w)
	if err != nil {
		c.Fatal(err)
	}
	return begun
}

// signs has a person sign in at a link and gives where the browser ends: at the
// gateway, which sends it on.
func (c *crm) signs(link string, person int) (status int, to url.Values, text string) {
	c.Helper()
	u := c.ready.Users[person]
	end, heading, err := browser.New(inProcess{c.sim.Handler()}, u.UserPrincipalName, u.Password).Open(link, cameBack)
	if err != nil || heading != "" {
		c.Fatalf("the browser ended at %q %q: %v", end, heading, err)
	}
	return c.comes(end)
}

// comes calls the gateway as a browser does that was sent there.
func (c *crm) comes(end string) (status int, to url.Values, text string) {
	c.Helper()
	r, err := http.NewRequestWithContext(c.Context(), http.MethodGet, end, nil)
	if err != nil {
		c.Fatal(err)
	}
	answer, err := c.net.Client().Do(r)
	if err != nil {
		c.Fatal(err)
	}
	defer answer.Body.Close()
	at := answer.Header.Get("Location")
	if at == "" {
		var page [400]byte
		n, _ := answer.Body.Read(page[:])
		return answer.StatusCode, nil, string(page[:n])
	}
	u, err := url.Parse(at)
	if err != nil || !strings.HasPrefix(at, page+"?") {
		c.Fatalf("the browser is sent to %q", at)
	}
	return answer.StatusCode, u.Query(), ""
}

// meetingOf makes a meeting of somebody.
func (c *crm) meetingOf(person int, subject string) {
	c.Helper()
	at := func(hour int) map[string]any {
		return map[string]any{"dateTime": fmt.Sprintf("2026-04-02T%02d:00:00", hour), "timeZone": "UTC"}
	}
	c.outlook(http.MethodPost, "/v1.0/users/"+c.ready.Users[person].ID+"/events", map[string]any{"subject": subject, "start": at(9), "end": at(10)})
}

// mailboxes are those that the app's flow may touch.
func (c *crm) mailboxes() (ids []string) {
	f, _ := c.gateway.Roster.Flow("crm")
	for _, m := range f.Mailboxes {
		ids = append(ids, m.ID)
	}
	return ids
}

// subjects are those of a person's items in the app's flow.
func (c *crm) stored(person int) int {
	c.Helper()
	feeds, err := c.gateway.Store.Feeds(c.Context(), "crm")
	if err != nil {
		c.Fatal(err)
	}
	n := 0
	for _, f := range feeds {
		if f.Mailbox.ID == c.ready.Users[person].ID {
			n++
		}
	}
	return n
}

// TestPeopleSignInForAnAppAndOnlyTheirsIsTouched: of four people two sign in. Only
// theirs is read, however often the app's flow is asked. Then one is signed out by
// an administrator and comes back, of which the app is told, and the other leaves.
func TestPeopleSignInForAnAppAndOnlyTheirsIsTouched(t *testing.T) {
	t.Parallel()
	indoors(t, 4, func(j *journey, _ *copied) {
		c := letPeopleIn(j, "Calendars.Read")
		stop := c.run("5m")
		defer stop()
		first, second := c.ready.Users[2], c.ready.Users[3]
		for person := range 4 {
			c.meetingOf(person, "secret of "+c.ready.Users[person].UserPrincipalName)
		}
		time.Sleep(10 * time.Minute)
		if ids := c.mailboxes(); len(ids) != 0 {
			t.Fatalf("before anybody signed in, the flow may touch %v", ids)
		}
		c.administrator()
		begun := c.invite(connect.Invitation{ReturnTo: page, State: "of the app", Hint: first.UserPrincipalName})
		status, to, _ := c.signs(begun.Link, 2)
		if status != http.StatusSeeOther || to.Get("state") != "of the app" || to.Get("sign_in") != begun.ID || to.Get("code") == "" || to.Get("error") != "" {
			t.Fatalf("back at the app: %d %v", status, to)
		}
		time.Sleep(time.Minute)
		if ids := c.mailboxes(); len(ids) != 0 {
			t.Fatalf("before the app took anybody, the flow may touch %v", ids)
		}
		if p, err := c.gateway.Reception.Progress(c.Context(), "crm", begun.ID); err != nil || p.State != "signed in" {
			t.Errorf("the sign-in: %+v %v", p, err)
		}
		who, err := c.gateway.Reception.Take(c.Context(), "crm", begun.ID, to.Get("code"))
		if err != nil || who.Account != first.ID || !strings.EqualFold(who.Name, first.UserPrincipalName) || !slices.Equal(who.Flows, []string{"crm"}) {
			t.Fatalf("taken: %+v %v", who, err)
		}
		other := c.invite(connect.Invitation{})
		if status, _, text := c.signs(other.Link, 3); status != http.StatusOK || !strings.Contains(text, "You are signed in") {
			t.Fatalf("an operator's link: %d %s", status, text)
		}
		time.Sleep(10 * time.Minute)
		if ids := c.mailboxes(); len(ids) != 2 || !slices.Contains(ids, first.ID) || !slices.Contains(ids, second.ID) {
			t.Fatalf("the flow may touch %v", ids)
		}
		if c.stored(2) == 0 || c.stored(3) == 0 {
			t.Fatal("the calendars of who signed in are not read")
		}
		c.ended(2)
		c.onlyTheirs()
		if n := len(c.told); n != 2 || c.told[0].Type != "com.graphwarden.connection.lost" || c.told[1].Type != "com.graphwarden.connection.restored" {
			t.Fatalf("the app was told of connections: %+v", c.told)
		}
		c.leaves(first.ID)
	})
}

// administrator: a person may not consent to calendars, is told so with a link, and
// an administrator follows it.
func (c *crm) administrator() {
	c.Helper()
	begun := c.invite(connect.Invitation{ReturnTo: page})
	_, to, _ := c.signs(begun.Link, 2)
	p, err := c.gateway.Reception.Progress(c.Context(), "crm", begun.ID)
	if err != nil || to.Get("error") != "entra.consent_admin" || p.State != "failed" || p.Code != "entra.consent_admin" {
		c.Fatalf("without an administrator: %v %+v %v", to, p, err)
	}
	link := regexp.MustCompile(`https://\S+/adminconsent\?\S+`).FindString(p.Do)
	u := c.ready.Users[0]
	end, _, err := browser.New(inProcess{c.sim.Handler()}, u.UserPrincipalName, u.Password).Open(link, "http://"+received)
	if err != nil {
		c.Fatal(err)
	}
	if status, _, text := c.comes(end); status != http.StatusOK || !strings.Contains(text, "the consent has arrived") {
		c.Fatalf("the administrator: %d %s", status, text)
	}
}

// delegated is what an app registration asks for that works for people.
func delegated(permissions []string) []any {
	var access []any
	for _, name := range permissions {
		p, _ := catalog.Load().PermissionOf(catalog.MicrosoftGraph, name)
		info, _ := p.In(catalog.DelegatedWork)
		access = append(access, map[string]any{"id": info.ID, "type": "Scope"})
	}
	return []any{map[string]any{"resourceAppId": catalog.MicrosoftGraph, "resourceAccess": access}}
}

// ended has an administrator end a person's sign-in, waits until that shows, and has
// the person sign in again.
func (c *crm) ended(person int) {
	c.Helper()
	u := c.ready.Users[person]
	c.outlook(http.MethodPost, "/v1.0/users/"+u.ID+"/revokeSignInSessions", map[string]any{})
	time.Sleep(2 * time.Hour) // until a new token is needed
	c.app.mu.Lock()
	told := slices.Clone(c.told)
	c.app.mu.Unlock()
	if len(told) != 1 || told[0].Subject != u.ID {
		c.Fatalf("the app was told: %+v", told)
	}
	var about struct{ Account, Code, Say, Do, App string }
	if err := json.Unmarshal(told[0].Data.Connection, &about); err != nil || about.Account != u.ID || about.App != "crm" || about.Code != "entra.sign_in_revoked" || about.Say == "" || about.Do == "" {
		c.Errorf("the app was told %s: %v", told[0].Data.Connection, err)
	}
	list, err := c.gateway.Reception.List(c.Context(), "crm", "contoso", "people")
	if err != nil || len(list) != 2 || list[slices.IndexFunc(list, func(v connect.PersonView) bool { return v.Account == u.ID })].State != "lost" {
		c.Errorf("the list: %+v %v", list, err)
	}
	notices, err := c.gateway.Store.Notices(c.Context(), false, 0, 100)
	if err != nil || !slices.ContainsFunc(notices, func(n graphwarden.Notice) bool {
		return n.Code == "notice.person_signed_out" && strings.Contains(n.Say, u.UserPrincipalName)
	}) {
		c.Errorf("operators are told: %+v %v", notices, err)
	}
	begun := c.invite(connect.Invitation{ReturnTo: page, Account: u.ID})
	_, to, _ := c.signs(begun.Link, 1) // somebody else
	if to.Get("error") != "connect.other_account" {
		c.Errorf("somebody else came back: %v", to)
	}
	begun = c.invite(connect.Invitation{ReturnTo: page, Account: u.ID})
	_, to, _ = c.signs(begun.Link, person)
	if _, err := c.gateway.Reception.Take(c.Context(), "crm", begun.ID, to.Get("code")); err != nil {
		c.Error(err)
	}
	time.Sleep(15 * time.Minute)
}

// onlyTheirs looks into the ledger for what the app's flow ever touched, and asks
// the gate for every other mailbox.
func (c *crm) onlyTheirs() {
	c.Helper()
	theirs := map[string]bool{c.ready.Users[2].ID: true, c.ready.Users[3].ID: true}
	calls := 0
	err := c.gateway.Store.EntriesAfter(c.Context(), 0, 100_000, func(e graphwarden.Entry, _ [32]byte) error {
		if e.Flow == "crm" && e.Kind == graphwarden.Decided && e.Allowed {
			calls++
			if !theirs[e.Mailbox] {
				c.Errorf("the flow touched %q: %s %s", e.Mailbox, e.Method, e.Path)
			}
		}
		return nil
	})
	if err != nil || calls < 20 {
		c.Errorf("%d calls of the flow: %v", calls, err)
	}
	c.app.mu.Lock()
	defer c.app.mu.Unlock()
	for _, m := range c.seen {
		if strings.EqualFold(m, c.ready.Users[2].UserPrincipalName) || strings.EqualFold(m, c.ready.Users[3].UserPrincipalName) {
			return
		}
	}
	c.Error("nothing of theirs arrived")
}

// leaves ends a person's sign-in for good.
func (c *crm) leaves(account string) {
	c.Helper()
	if err := c.gateway.Reception.Leave(c.Context(), "crm", "contoso", "people", account, "test"); err != nil {
		c.Fatal(err)
	}
	time.Sleep(10 * time.Minute)
	if ids := c.mailboxes(); len(ids) != 1 || ids[0] == account {
		c.Errorf("the flow may touch %v", ids)
	}
	if n := c.stored(2); n != 0 {
		c.Errorf("%d feeds are left", n)
	}
	rows, err := c.gateway.Store.SealedTokens(c.Context(), "", "", 1000)
	for _, k := range rows {
		if k.Account == account {
			c.Errorf("a token is left at %s", k.Registration)
		}
	}
	if err != nil {
		c.Error(err)
	}
}
