package sim_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/graphwarden/graphwarden/sim"
)

func TestEveryAppIsDeliveredReadyToUse(t *testing.T) {
	x := start(t, sim.Options{Seed: 1})
	user := "/v1.0/users/" + x.ready.Users[1].ID
	for name, want := range map[string][2]int{ // reading a user, changing one
		"everything": {200, 204}, "reader": {200, 403}, "nothing": {403, 403}, "calendar": {403, 403},
	} {
		token := x.token(name)
		read, _ := x.call("GET", user, token, nil)
		write, _ := x.call("PATCH", user, token, doc{"jobTitle": "Tester"})
		if got := [2]int{read, write}; got != want {
			t.Errorf("%s reads with %d and writes with %d, want %v", name, got[0], got[1], want)
		}
	}
	if status, out := x.call("GET", "/v1.0/me", x.ready.Tokens.Admin, nil); status != 200 || out["userPrincipalName"] != x.ready.Users[0].UserPrincipalName {
		t.Errorf("the administrator's token: %d %v", status, out)
	}
	if status, _ := x.call("GET", "/v1.0/me", x.ready.Tokens.Everything, nil); status == 200 {
		t.Error("an app's own token has a /me")
	}
	if status, _ := x.call("GET", "/v1.0/organization", x.ready.Tokens.Everything, nil); status != 200 {
		t.Errorf("the app's token: %d", status)
	}
	if status, _ := x.call("GET", "/beta/organization", x.ready.Tokens.Everything, nil); status != 200 {
		t.Errorf("under /beta: %d", status)
	}
	if !slices.Contains(x.ready.Users[0].Roles, "Global Administrator") || len(x.ready.Users[1].Roles) != 0 {
		t.Errorf("roles %v and %v", x.ready.Users[0].Roles, x.ready.Users[1].Roles)
	}
}

func TestTheSameSeedIsTheSameTenant(t *testing.T) {
	describe := func(seed uint64) string {
		r := start(t, sim.Options{Seed: seed}).ready
		r.Tokens = sim.ReadyTokens{}
		b, err := json.Marshal(r)
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	if a, b := describe(1), describe(1); a != b {
		t.Errorf("%s\n%s", a, b)
	}
	if describe(1) == describe(2) {
		t.Error("another seed, the same tenant")
	}
}

// TestNothingWasChangedInTheFuture: however far ahead an event is, the tenant that is
// delivered had it by the day of its delivery.
func TestNothingWasChangedInTheFuture(t *testing.T) {
	x := start(t, sim.Options{Seed: 1})
	n := 0
	for _, u := range x.ready.Users {
		status, page := x.call("GET", "/v1.0/users/"+u.ID+"/events?$top=500&$select=createdDateTime,lastModifiedDateTime", x.ready.Tokens.Everything, nil)
		list, _ := page["value"].([]any)
		if status != 200 {
			t.Fatal(status, page)
		}
		for _, e := range list {
			for _, name := range []string{"createdDateTime", "lastModifiedDateTime"} {
				text, _ := e.(map[string]any)[name].(string)
				if at, err := time.Parse(time.RFC3339Nano, text); err != nil || at.After(time.Now()) {
					t.Fatalf("%s is %q: %v", name, text, err)
				}
			}
			n++
		}
	}
	if n < 100 {
		t.Errorf("only %d events", n)
	}
}

func TestLinksFollowTheHost(t *testing.T) {
	x := start(t, sim.Options{})
	for proto, want := range map[string]string{"": "https://front.example/", "http": "http://front.example/"} {
		r := httptest.NewRequest("GET", "/v1.0/users?$top=1", nil)
		r.Host = "front.example"
		r.Header.Set("Authorization", "Bearer "+x.ready.Tokens.Everything)
		r.Header.Set("X-Forwarded-Proto", proto)
		w := httptest.NewRecorder()
		x.Handler().ServeHTTP(w, r)
		var page map[string]any
		if err := json.Unmarshal(w.Body.Bytes(), &page); err != nil {
			t.Fatal(err)
		}
		for _, link := range []string{"@odata.context", "@odata.nextLink"} {
			if s, _ := page[link].(string); !strings.HasPrefix(s, want) {
				t.Errorf("X-Forwarded-Proto %q: %s is %q", proto, link, s)
			}
		}
	}
}

func TestTheCertificateNamesMicrosoftsHosts(t *testing.T) {
	x := start(t, sim.Options{Hosts: []string{"sim.internal"}})
	pool := x509.NewCertPool()
	pool.AddCert(x.Authority())
	for _, name := range []string{"localhost", "127.0.0.1", "::1", "graph.microsoft.com", "login.microsoftonline.com", "outlook.office365.com", "sim.internal"} {
		raw, err := x.Dial(t.Context(), "tcp", "anywhere:443")
		if err != nil {
			t.Fatal(err)
		}
		c := tls.Client(raw, &tls.Config{RootCAs: pool, ServerName: name})
		if err := c.HandshakeContext(t.Context()); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		c.Close()
	}
}

func TestWhatIsNotSimulatedIsRefusedAndSaid(t *testing.T) {
	x := start(t, sim.Options{})
	for _, path := range []string{"/EWS/Exchange.asmx", "/adminapi/v2.0/x/Mailbox", "/autodiscover/autodiscover.json", "/somewhere/else"} {
		if status, _, err := x.try("POST", path, "", nil); err != nil || status != http.StatusNotFound {
			t.Errorf("%s: %d %v", path, status, err)
		}
		if !strings.Contains(x.log.String(), path) {
			t.Errorf("the log does not speak of %s", path)
		}
	}
	if status, out := x.call("GET", "/v1.0/users/x/planner", x.ready.Tokens.Everything, nil); status < 400 || out["error"] == nil {
		t.Errorf("a part of Graph that is not simulated: %d %v", status, out)
	}
}

func TestTimeCanBeHeldStill(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		x := start(t, sim.Options{Journal: filepath.Join(dir, "journal")})
		token := x.token("everything")
		if status, _ := x.call("GET", "/v1.0/organization", token, nil); status != 200 {
			t.Fatalf("%d", status)
		}
		time.Sleep(91 * time.Minute)
		if status, out := x.call("GET", "/v1.0/organization", token, nil); status != 401 {
			t.Errorf("91 minutes later: %d %v", status, out)
		}
		if err := x.halt(); err != nil {
			t.Error(err)
		}
		x.client.CloseIdleConnections()
	})
}

func TestAnswersAreRecorded(t *testing.T) {
	record := filepath.Join(t.TempDir(), "answers.ndjson")
	x := start(t, sim.Options{Record: record})
	x.call("GET", "/v1.0/users?$top=1", x.ready.Tokens.Everything, nil)
	x.call("GET", "/beta/users/nobody@contoso.example", x.ready.Tokens.Everything, nil)
	x.call("PATCH", "/v1.0/users/"+x.ready.Users[1].ID, x.ready.Tokens.Everything, doc{"jobTitle": "x"})
	x.call("GET", "/v1.0/directory/deletedItems/graph.user", x.ready.Tokens.Everything, nil)
	x.token("reader") // Entra's answers are not Graph's
	if err := x.halt(); err != nil {
		t.Fatal(err)
	}
	raw, err := os.ReadFile(record)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for line := range strings.Lines(string(raw)) {
		var l struct {
			Method, URL string
			Status      int
			Body        map[string]any
		}
		if err := json.Unmarshal([]byte(line), &l); err != nil {
			t.Fatal(err)
		}
		if (l.Status == 204) != (l.Body == nil) {
			t.Errorf("%s", line)
		}
		got = append(got, l.Method+" "+l.URL)
	}
	want := []string{"GET /users?$top=1", "GET /users/nobody@contoso.example", "PATCH /users/" + x.ready.Users[1].ID,
		"GET /directory/deletedItems/microsoft.graph.user"}
	if !slices.Equal(got, want) {
		t.Errorf("recorded %v, want %v", got, want)
	}
}

func TestServingOverANetwork(t *testing.T) {
	dir := t.TempDir()
	ready := filepath.Join(dir, "ready.json")
	if err := os.WriteFile(ready, []byte("of an earlier run"), 0o600); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	ended := make(chan error, 1)
	go func() {
		ended <- sim.Serve(ctx, sim.Service{Addr: "127.0.0.1:0", Ready: ready, Options: sim.Options{Users: 5}}, slog.New(slog.DiscardHandler))
	}()
	r := awaitReady(t, ready)
	pem, err := os.ReadFile(r.CA)
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(pem)
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool}, ForceAttemptHTTP2: true}}
	defer client.CloseIdleConnections()
	q, err := http.NewRequestWithContext(ctx, "GET", r.Graph+"/v1.0/organization", nil)
	if err != nil {
		t.Fatal(err)
	}
	q.Header.Set("Authorization", "Bearer "+r.Tokens.Everything)
	resp, err := client.Do(q)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if resp.StatusCode != 200 || resp.ProtoMajor != 2 {
		t.Errorf("%s %d", resp.Proto, resp.StatusCode)
	}
	for _, a := range r.Apps {
		if a.Name != "calendar-certificate" {
			continue
		}
		if _, err := tls.LoadX509KeyPair(a.Certificate, a.Certificate); err != nil {
			t.Errorf("the certificate of %s: %v", a.Name, err)
		}
	}
	cancel()
	if err := <-ended; err != nil {
		t.Errorf("Serve = %v", err)
	}
}

// awaitReady looks for the ready file until it is whole.
func awaitReady(t *testing.T, path string) (r sim.Ready) {
	t.Helper()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for deadline := time.After(2 * time.Minute); ; {
		raw, err := os.ReadFile(path)
		if err == nil && len(raw) > 0 && raw[0] == '{' {
			if err := json.Unmarshal(raw, &r); err != nil {
				t.Fatalf("a half written ready file: %v", err)
			}
			return r
		}
		select {
		case <-tick.C:
		case <-deadline:
			t.Fatal("no ready file")
		}
	}
}

func TestTheReadyFileHasEveryKey(t *testing.T) {
	x := start(t, sim.Options{})
	b, err := json.Marshal(x.ready)
	if err != nil {
		t.Fatal(err)
	}
	var top map[string]any
	if err := json.Unmarshal(b, &top); err != nil {
		t.Fatal(err)
	}
	has := func(what string, d any, keys string) {
		m, _ := d.(map[string]any)
		for _, k := range strings.Fields(keys) {
			if _, ok := m[k]; !ok {
				t.Errorf("%s lacks %q", what, k)
			}
		}
	}
	has("the file", top, "graph authority exchange ca tenant apps users tokens")
	has("tenant", top["tenant"], "id domain")
	has("tokens", top["tokens"], "admin everything")
	for _, a := range top["apps"].([]any) {
		has("an app", a, "name client_id client_secret certificate permissions")
		has("permissions", a.(map[string]any)["permissions"], "application delegated")
	}
	for _, u := range top["users"].([]any) {
		has("a user", u, "id userPrincipalName password roles")
	}
}

func TestWhatKeepsATenantFromStarting(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	for want, s := range map[string]sim.Service{
		"--addr":          {Addr: l.Addr().String()},
		"journal.broken":  {Options: sim.Options{Journal: write("journal.broken", "nonsense\n")}},
		"no/such/truth":   {Options: sim.Options{Truth: filepath.Join(dir, "no/such/truth")}},
		"no/such/record":  {Options: sim.Options{Record: filepath.Join(dir, "no/such/record")}},
		"no/such/ready":   {Addr: "127.0.0.1:0", Ready: filepath.Join(dir, "no/such/ready.json")},
		"no PEM":          {Options: sim.Options{Trust: write("trust", "nonsense")}},
		"no/such/trust":   {Options: sim.Options{Trust: filepath.Join(dir, "no/such/trust")}},
		"called \"mild\"": {Options: sim.Options{Weather: "mild"}},
		"missing port":    {Addr: "127.0.0.1"},
		"no such profile": {Ready: write("ready.json", "of an earlier run"), Options: sim.Options{Weather: "no such profile"}},
	} {
		s.Users = 1
		err := sim.Serve(t.Context(), s, slog.New(slog.DiscardHandler))
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("Serve = %v, want %q", err, want)
		}
	}
	if _, err := os.Stat(filepath.Join(dir, "ready.json")); err == nil {
		t.Error("the ready file of an earlier run is still there")
	}
}

func TestTheRecordOfATenantTakenUpAgainGoesOn(t *testing.T) {
	dir := t.TempDir()
	o := sim.Options{Journal: filepath.Join(dir, "journal"), Record: filepath.Join(dir, "answers.ndjson")}
	for range 2 {
		x := start(t, o)
		x.call("GET", "/v1.0/users?$top=1", x.ready.Tokens.Everything, nil)
		if err := x.halt(); err != nil {
			t.Fatal(err)
		}
		f, err := os.OpenFile(o.Record, os.O_APPEND|os.O_WRONLY, 0)
		if err != nil {
			t.Fatal(err)
		}
		_, err = f.WriteString(`{"method":"GET","ur`) // as a killed process leaves it
		if err := errors.Join(err, f.Close()); err != nil {
			t.Fatal(err)
		}
	}
	raw, err := os.ReadFile(o.Record)
	lines := strings.Split(string(raw), "\n")
	if err != nil || len(lines) != 3 || !json.Valid([]byte(lines[0])) || !json.Valid([]byte(lines[1])) {
		t.Errorf("%v, %v", lines, err)
	}
}

func TestAJournalTakesATenantUpAgain(t *testing.T) {
	dir := t.TempDir()
	o := sim.Options{Journal: filepath.Join(dir, "journal"), Truth: filepath.Join(dir, "truth")}
	x := start(t, o)
	x.steer("/sim/clock", doc{"advance": "48h"})
	token := x.token("everything")
	user := x.ready.Users[1].ID
	x.call("PATCH", "/v1.0/users/"+user, token, doc{"jobTitle": "Kept"})
	before := x.World.Clock().Now()
	if err := x.halt(); err != nil {
		t.Fatal(err)
	}
	back := start(t, o)
	if ahead := back.World.Clock().Now().Sub(before); ahead < 0 || ahead > time.Minute {
		t.Errorf("the clock is off by %v", ahead)
	}
	if !back.Authority().Equal(x.Authority()) {
		t.Error("another authority")
	}
	if _, out := back.call("GET", "/v1.0/users/"+user+"?$select=jobTitle", token, nil); out["jobTitle"] != "Kept" {
		t.Errorf("%v", out)
	}
	if rows := back.rows("0"); len(rows) != 2 || rows[0]["effect"] != "update" || rows[1]["effect"] != "read" {
		t.Errorf("%v", rows)
	}
	if _, err := sim.New(o); !sim.Taken(err) || !strings.Contains(err.Error(), "another simulator runs on this journal") {
		t.Errorf("a second simulator on the journal: %v", err)
	}
	if err := back.halt(); err != nil {
		t.Fatal(err)
	}
	o.Users = 7
	if _, err := sim.New(o); err == nil || !strings.Contains(err.Error(), "5 users") {
		t.Errorf("another company on the same journal: %v", err)
	}
	now, then := back.ready, x.ready
	now.Tokens, then.Tokens = sim.ReadyTokens{}, sim.ReadyTokens{}
	a, _ := json.Marshal(now)
	b, _ := json.Marshal(then)
	if string(a) != string(b) {
		t.Error("another ready file")
	}
}

func TestACompanyNeedsADomainThatAddressesCanHave(t *testing.T) {
	for domain, good := range map[string]bool{"contoso.example": true, "a-1.b2.example": true, "1and1.example": true,
		"bad domain!!": false, "nodot": false, "-a.example": false, "a..example": false, "Contoso.example": false, ".example": false, "a.example.": false, "a@b.example": false} {
		s, err := sim.New(sim.Options{Users: 5, Domain: domain})
		if (err == nil) != good {
			t.Errorf("%q: %v", domain, err)
		}
		if err == nil {
			_ = s.Close()
		}
	}
}
