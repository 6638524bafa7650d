package assemble_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net"
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

	"github.com/graphwarden/graphwarden/sim"
)

// line writes requests as they stand: no client puts them right first.
type line struct {
	*testing.T
	at   string
	conn net.Conn
	in   *bufio.Reader
}

// said is an answer.
type said struct {
	status int
	header http.Header
	body   string
}

// code is Graphwarden's, or "-" where the answer has none.
func (s said) code() string {
	var e struct {
		Error struct{ InnerError struct{ Code string } }
	}
	if json.Unmarshal([]byte(s.body), &e) != nil || e.Error.InnerError.Code == "" {
		return "-"
	}
	return e.Error.InnerError.Code
}

// write sends text on the connection, or on a new one.
func (w *line) write(text string) {
	w.Helper()
	if w.conn == nil {
		conn, err := net.Dial("tcp", w.at)
		if err != nil {
			w.Fatal(err)
		}
		w.conn, w.in = conn, bufio.NewReader(conn)
	}
	if err := w.conn.SetDeadline(time.Now().Add(time.Minute)); err != nil {
		w.Fatal(err)
	}
	_, _ = io.WriteString(w.conn, text) // a server that has heard enough may have gone
}

// answer reads the answer to a request; ok is false when the connection has ended.
func (w *line) answer(method string) (said, bool) {
	w.Helper()
	r, err := http.ReadResponse(w.in, &http.Request{Method: method})
	if err != nil {
		w.end()
		return said{}, false
	}
	body, err := io.ReadAll(r.Body)
	if err != nil || r.Close {
		w.end()
	}
	return said{r.StatusCode, r.Header, string(body)}, true
}

func (w *line) end() {
	if w.conn != nil {
		_ = w.conn.Close()
	}
	w.conn = nil
}

// ask sends one request and reads its answer.
func (w *line) ask(method, target, key, body string, headers ...string) said {
	w.Helper()
	var out strings.Builder
	fmt.Fprintf(&out, "%s %s HTTP/1.1\r\nHost: %s\r\nAuthorization: Bearer %s\r\n", method, target, w.at, key)
	if body != "" {
		if !slices.ContainsFunc(headers, func(h string) bool { return strings.HasPrefix(h, "Content-Type:") }) {
			out.WriteString("Content-Type: application/json\r\n")
		}
		fmt.Fprintf(&out, "Content-Length: %d\r\n", len(body))
	}
	for _, h := range headers {
		out.WriteString(h + "\r\n")
	}
	w.write(out.String() + "\r\n" + body)
	a, ok := w.answer(method)
	if !ok {
		w.Fatalf("%s %s has no answer", method, target)
	}
	return a
}

// guarded is a gateway of which two apps ask for the same in the first two mailboxes.
type guarded struct {
	*journey
	*line
	key, theirs string
	masked      string            // of an app that is shown the times of private events only
	names       *strings.Replacer // of what a corpus writes in braces
	before      int               // how many lines the tenant's truth had when it was put up
}

// listedOperations are what the flows of the corpora list.
const listedOperations = `"GET /users/{id}", "GET /users/{id}/events", "POST /users/{id}/events", "GET /users/{id}/events/{id}", "PATCH /users/{id}/events/{id}", "DELETE /users/{id}/events/{id}", ` +
	`"GET /users/{id}/events/{id}/instances", "GET /users/{id}/calendarView", "GET /users/{id}/calendarView/delta", "GET /users/{id}/calendars", "POST /users/{id}/calendar/getSchedule", ` +
	`"GET /users/{id}/mailboxSettings", "GET /users/{id}/messages", "POST /users/{id}/messages", "GET /users/{id}/messages/{id}", "PATCH /users/{id}/messages/{id}", "POST /users/{id}/messages/{id}/move", ` +
	`"GET /users/{id}/messages/{id}/attachments", "POST /users/{id}/messages/{id}/attachments/createUploadSession", "POST /users/{id}/sendMail", "GET /users/{id}/mailFolders", "GET /users/{id}/mailFolders/{id}", "GET /users/{id}/mailFolders/{id}/messages"`

// guard puts it up.
func guard(t *testing.T) *guarded {
	t.Helper()
	j := begin(t, 4)
	users := j.ready.Users
	operations := listedOperations
	more := "    private: full\n    operations: [" + operations + "]\n"
	var desk string
	for _, also := range []string{"GET /users/{id}/events/{id}/attachments", "POST /users/{id}/events/{id}/attachments", "GET /users/{id}/events/{id}/attachments/{id}", "GET /users/{id}/events/{id}/calendar", "GET /users/{id}/events/{id}/extensions",
		"POST /users/{id}/events/{id}/forward", "POST /users/{id}/events/{id}/accept", "POST /users/{id}/events/{id}/decline", "POST /users/{id}/events/{id}/tentativelyAccept", "POST /users/{id}/events/{id}/cancel",
		"GET /users/{id}/events/$count", "GET /users/{id}/calendars/{id}/events", "GET /users/{id}/calendar/events",
		"POST /users/{id}/calendar/calendarPermissions", "PATCH /users/{id}/calendar/calendarPermissions/{id}"} {
		desk += fmt.Sprintf(", %q", also)
	}
	third := fmt.Sprintf("  desk-graph:\n    app: desk\n    kind: graph\n    tenant: contoso\n    registration: portal\n    mailboxes: [%s]\n    operations: [%s%s]\n", users[0].UserPrincipalName, operations, desk)
	j.through(more + fmt.Sprintf("  erp-graph:\n    app: erp\n    kind: graph\n    tenant: contoso\n    registration: portal\n    mailboxes: [%s, %s]\n%s", users[0].UserPrincipalName, users[1].UserPrincipalName, more) + third)
	first := j.changed
	j.changed = func() {
		first()
		j.replace("public_url:", "apps_rate: 6000000\npublic_url:") // a corpus is refused more in a second than others in a day
		j.replace("mailboxes: ["+users[0].UserPrincipalName+"]\n", fmt.Sprintf("mailboxes: [%s, %s]\n", users[0].UserPrincipalName, users[1].UserPrincipalName))
	}
	j.operate, j.apps = j.listen(), j.listen()
	j.run("15m")
	token, err := os.ReadFile(filepath.Join(j.folder, "operator.token"))
	if err != nil {
		t.Fatal(err)
	}
	g := &guarded{journey: j, line: &line{T: t, at: j.apps.Addr().String()}}
	t.Cleanup(g.end)
	for app, key := range map[string]*string{"portal": &g.key, "erp": &g.theirs, "desk": &g.masked} {
		_, made := j.call(j.operate, strings.TrimSpace(string(token)), http.MethodPost, "/v1/apps/"+app+"/keys", map[string]any{"scope": "write"})
		*key, _ = made["key"].(string)
	}
	g.fill()
	return g
}

// fill makes what a corpus asks for, and gives each its name.
func (g *guarded) fill() {
	in, in2, out := g.ready.Users[0], g.ready.Users[1], g.ready.Users[3]
	at := map[string]any{"dateTime": "2026-12-01T09:00:00", "timeZone": "UTC"}
	event := map[string]any{"subject": "Plans of nobody's business", "start": at, "end": at}
	secret := map[string]any{"subject": "Zebrafink", "sensitivity": "private", "start": at, "end": at, "body": map[string]any{"contentType": "text", "content": "Zebrafink"}, "location": map[string]any{"displayName": "Zebrafink"}}
	made := func(path string, body any) string {
		id, _ := g.outlook(http.MethodPost, path, body)["id"].(string)
		return url.PathEscape(id)
	}
	nick, domain, _ := strings.Cut(out.UserPrincipalName, "@")
	names := []string{"{in}", in.ID, "{inname}", in.UserPrincipalName, "{INNAME}", strings.ToUpper(in.UserPrincipalName), "{in2}", in2.ID, "{in2name}", in2.UserPrincipalName,
		"{out}", out.ID, "{OUT}", strings.ToUpper(out.ID), "{outname}", out.UserPrincipalName, "{OUTNAME}", strings.ToUpper(out.UserPrincipalName), "{outnick}", nick, "{domain}", domain,
		"{tenant}", g.ready.Tenant.ID, "{key}", g.key,
		"{event}", made("/v1.0/users/"+in.ID+"/events", event), "{outevent}", made("/v1.0/users/"+out.ID+"/events", event),
		"{secret}", made("/v1.0/users/"+in.ID+"/events", secret),
		"{message}", made("/v1.0/users/"+in.ID+"/messages", map[string]any{"subject": "x"}), "{outfolder}", "AAMkAGI2AAAoZCfHAAA="}
	for name, from := range map[string]struct{ key, path string }{
		"{link}": {g.key, "/events?$top=1"}, "{theirs}": {g.theirs, "/events?$top=1"},
		"{delta}": {g.key, "/calendarView/delta?startDateTime=2026-01-01T00:00:00Z&endDateTime=2027-12-31T00:00:00Z"}, "{theirdelta}": {g.theirs, "/calendarView/delta?startDateTime=2026-01-01T00:00:00Z&endDateTime=2027-12-31T00:00:00Z"},
	} {
		a := g.ask(http.MethodGet, "/graph/v1.0/users/"+in.ID+from.path, from.key, "", "Prefer: odata.maxpagesize=1")
		token := regexp.MustCompile(`skiptoken=(gw1\.[\w-]+)`).FindStringSubmatch(a.body)
		if token == nil {
			g.line.Fatalf("%s has no link: %d %s", name, a.status, a.body)
		}
		names = append(names, name, token[1])
	}
	g.names = strings.NewReplacer(names...)
	g.before = len(g.truth(0))
}

// truth gives the lines of the tenant's truth after the first so many.
func (g *guarded) truth(after int) []string {
	w := httptest.NewRecorder()
	g.sim.Handler().ServeHTTP(w, httptest.NewRequestWithContext(g.line.Context(), http.MethodGet, fmt.Sprintf("https://%s/sim/truth?after=%d", host, after), nil))
	return slices.Collect(strings.Lines(w.Body.String()))
}

// caused gives those of them that the flows' registration has caused.
func (g *guarded) caused() []string {
	app := g.ready.Apps[slices.IndexFunc(g.ready.Apps, func(a sim.ReadyApp) bool { return a.Name == "everything" })]
	return slices.DeleteFunc(g.truth(g.before), func(line string) bool { return !strings.Contains(line, app.ClientID) })
}
