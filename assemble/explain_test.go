package assemble_test

import (
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/assemble"
)

const (
	unknownID = "99999999-2222-3333-4444-555555555555"
	groupID   = "31111111-2222-3333-4444-555555555555"
)

// written loads a configuration from a folder of its own, which has no secret, no key
// and no database.
func written(t *testing.T, text string) *assemble.Config {
	t.Helper()
	path := filepath.Join(t.TempDir(), "graphwarden.yaml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	c, err := assemble.Load(path)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

const explained = `tenants:
  contoso:
    id: 11111111-2222-3333-4444-555555555555
    registrations:
      portal: {client_id: 21111111-2222-3333-4444-555555555555, secret_file: portal.secret}
flows:
  portal-mail:
    app: portal
    kind: graph
    tenant: contoso
    registration: portal
    mailboxes:
      - in@contoso.com
      - in2@contoso.com
    private: full
    operations: [` + listedOperations + `]
  desk-mail:
    app: desk
    kind: graph
    tenant: contoso
    registration: portal
    groups: [` + groupID + `]
    operations:
      - GET /users/{id}/messages
      - GET /users/{id}/messages/{id}/attachments
  crm-calendars: {app: crm, kind: calendar, tenant: contoso, registration: portal, mailboxes: [in@contoso.com], sink: {type: none}}
`

func TestAnExplanationNamesRuleFileAndLine(t *testing.T) {
	c := written(t, explained)
	for _, test := range []struct {
		app, method, path, body string
		verdict                 assemble.Verdict
		rule, flow              string
		because                 []int // lines
		declare                 string
	}{
		{"desk", "GET", "/users/a@contoso.com/messages?$top=2&$expand=attachments", "", assemble.Depends, "flow:desk-mail", "desk-mail", []int{24, 25}, ""},
		{"portal", "GET", "/users/IN@contoso.com/messages", "", assemble.Allowed, "flow:portal-mail", "portal-mail", []int{16, 13}, ""},
		{"portal", "GET", "https://graph.microsoft.com/beta/Users('in2@contoso.com')/messages", "", assemble.Allowed, "flow:portal-mail", "portal-mail", []int{16, 14}, ""},
		{"portal", "GET", "/graph/v1.0/users/" + unknownID + "/messages", "", assemble.Depends, "flow:portal-mail", "portal-mail", []int{16}, ""},
		{"portal", "POST", "/users/in@contoso.com/calendar/getSchedule", `{"schedules":["in2@contoso.com"],"startTime":{"dateTime":"2026-12-01T09:00:00","timeZone":"UTC"},"endTime":{"dateTime":"2026-12-01T10:00:00","timeZone":"UTC"}}`,
			assemble.Allowed, "flow:portal-mail", "portal-mail", []int{16, 13, 14}, ""},
		{"portal", "POST", "/users/in@contoso.com/calendar/getSchedule", `{"schedules":["out@contoso.com"],"startTime":{"dateTime":"2026-12-01T09:00:00","timeZone":"UTC"},"endTime":{"dateTime":"2026-12-01T10:00:00","timeZone":"UTC"}}`,
			assemble.Refused, "proxy.mailbox", "portal-mail", []int{7}, "flows.portal-mail.mailboxes: out@contoso.com"},
		{"portal", "GET", "/users/out@contoso.com/messages", "", assemble.Refused, "proxy.mailbox", "portal-mail", []int{7}, "flows.portal-mail.mailboxes: out@contoso.com"},
		{"portal", "GET", "/users/in@contoso.com/contacts", "", assemble.Refused, "proxy.operation", "portal-mail", []int{7}, "flows.portal-mail.operations: GET /users/{id}/contacts"},
		{"desk", "GET", "/users/a@contoso.com/messages?$expand=extensions", "", assemble.Refused, "proxy.operation", "desk-mail", []int{17}, "flows.desk-mail.operations: GET /users/{id}/messages/{id}/extensions"},
		{"crm", "GET", "/users/in@contoso.com/events", "", assemble.Refused, "proxy.no_flow", "", nil, "flows: NAME: {app: crm, kind: graph, tenant: TENANT, registration: REGISTRATION, mailboxes: [in@contoso.com], operations: [GET /users/{id}/events]}"},
		{"portal", "GET", "/users/in@contoso.com/mesages", "", assemble.Refused, "proxy.path", "", nil, ""},
		{"portal", "GET", "/subscriptions", "", assemble.Refused, "proxy.way", "", nil, ""},
	} {
		var body []byte
		if test.body != "" {
			body = []byte(test.body)
		}
		e, err := c.Explain(t.Context(), assemble.Question{App: test.app, Method: test.method, Path: test.path, Body: body})
		if err != nil {
			t.Errorf("%s %s %s: %v", test.app, test.method, test.path, err)
			continue
		}
		var lines []int
		for _, one := range e.Because {
			lines = append(lines, one.Line)
		}
		declare := ""
		if e.Declare != nil {
			declare = e.Declare.At + ": " + e.Declare.Text
		}
		refused := e.Verdict == assemble.Refused
		if e.Verdict != test.verdict || e.Rule != test.rule || e.Flow != test.flow || !slices.Equal(lines, test.because) || declare != test.declare ||
			(e.Verdict != assemble.Allowed) != (e.Say != "" && e.Do != "") || e.Code == "" && e.Verdict != assemble.Allowed || (len(e.Unknown) == 0) != refused {
			t.Errorf("%s %s %s:\n%+v\n%s", test.app, test.method, test.path, e, declare)
		}
	}
	var r *graphwarden.Refusal
	if _, err := c.Explain(t.Context(), assemble.Question{App: "protal", Method: "GET", Path: "/users"}); !errors.As(err, &r) || r.Code != "appkey.app" || !strings.Contains(r.Do, "portal") {
		t.Errorf("of an app that there is not: %v", err)
	}
}

// elsewhere are requests that the server answers before they are judged, links that are
// sealed, batches, and what only goes with an object id.
var elsewhere = regexp.MustCompile(`(?i)[{](link|theirs|delta|theirdelta)[}]|gw1|batch|%(zz|u|/|2/)|@[{]tenant|@0000`)

// TestAnExplanationIsWhatTheProxyAnswers holds explanations against the answers that a
// gateway gave to the corpora.
func TestAnExplanationIsWhatTheProxyAnswers(t *testing.T) {
	c := written(t, explained)
	names := strings.NewReplacer("{in}", "in@contoso.com", "{inname}", "in@contoso.com", "{INNAME}", "IN@CONTOSO.COM", "{in2}", "in2@contoso.com", "{in2name}", "in2@contoso.com",
		"{out}", "out@contoso.com", "{OUT}", "OUT@contoso.com", "{outname}", "out@contoso.com", "{OUTNAME}", "OUT@CONTOSO.COM", "{outnick}", "out", "{domain}", "contoso.com",
		"{tenant}", "11111111-2222-3333-4444-555555555555", "{key}", "gwk_1", "{event}", "AAMk1", "{outevent}", "AAMk2", "{message}", "AAMk3", "{outfolder}", "AAMk4", "https://tenant.example/", "https://graph.microsoft.com/")
	_, hostile := corpus(t, "testdata/hostile.txt")
	_, legitimate := corpus(t, "testdata/legitimate.txt")
	for i := range legitimate {
		legitimate[i].want = "200 -"
	}
	compared := 0
	for _, r := range append(hostile, legitimate...) {
		_, code, _ := strings.Cut(r.want, " ")
		if len(r.headers) > 0 || code == "" || code == "proxy.key" || code == "proxy.body_kind" || elsewhere.MatchString(r.path+r.body) {
			continue
		}
		var body []byte
		if r.body != "" {
			body = []byte(names.Replace(r.body))
		}
		e, err := c.Explain(t.Context(), assemble.Question{App: "portal", Method: r.method, Path: "/v1.0" + names.Replace(r.path), Body: body})
		if err != nil {
			t.Errorf("%s %s: %v", r.method, r.path, err)
			continue
		}
		compared++
		if got := e.Code; got != code && !(got == "" && code == "-") && !(e.Verdict == assemble.Depends && code == "proxy.mailbox") {
			t.Errorf("%s %s %s: explained as %s %q, and the proxy answers %s", r.method, r.path, r.body, e.Verdict, got, code)
		}
	}
	if compared < 500 {
		t.Errorf("only %d requests were compared", compared)
	}
}
