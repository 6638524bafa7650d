package gate_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/faulty"
	"github.com/graphwarden/graphwarden/flow"
	"github.com/graphwarden/graphwarden/gate"
	"github.com/graphwarden/graphwarden/internal/rig"
	"github.com/graphwarden/graphwarden/ledger/audit"
	"github.com/graphwarden/graphwarden/seal"
)

const (
	calendar = "AAMkAGI2TGuLAAABbmVZAAA="
	carol    = "5d8d505c-864f-4804-88c7-4583c966cde8"
)

// put puts up a rig whose Microsoft answers every call with an empty page.
func put(t *testing.T, plan *faulty.Plan) (*rig.Rig, *rig.Microsoft) {
	t.Helper()
	r := rig.New(t, plan)
	r.Microsoft.Answer(rig.Says(http.StatusOK, `{"value":[]}`))
	return r, r.Microsoft
}

func list(mailbox string) gate.Call {
	return gate.Call{App: "crm", Flow: "office", Operation: flow.ListCalendars(), Mailbox: mailbox}
}

func delta(link string) gate.Call {
	return gate.Call{App: "crm", Flow: "office", Operation: flow.CalendarDelta(), Mailbox: rig.Alice,
		Args: flow.Args{"calendar": calendar}, Link: link}
}

func subscribe(resource string) gate.Call {
	return gate.Call{App: "crm", Flow: "office", Operation: flow.Subscribe(), Mailbox: rig.Alice,
		Body: []byte(`{"resource":"` + resource + `"}`)}
}

func obtain() gate.Call {
	return gate.Call{App: graphwarden.House, Flow: "sign-in/main", Operation: flow.ObtainToken(),
		Args: flow.Args{"tenant": rig.Tenant}, Body: []byte("grant_type=client_credentials")}
}

// finish reads an answer to its end and closes it.
func finish(t *testing.T, a *gate.Answer, err error) string {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(a.Body)
	if err != nil {
		t.Fatal(err)
	}
	if err := a.Body.Close(); err != nil {
		t.Fatal(err)
	}
	return string(body)
}

func TestACallIsDecidedRecordedSentAndClosed(t *testing.T) {
	r, m := put(t, nil)
	call := delta("")
	call.Query, call.Prefer = "startDateTime=x", []string{"odata.maxpagesize=7"}
	answer, err := r.Gate.Do(t.Context(), call)
	if body := finish(t, answer, err); body != `{"value":[]}` || answer.Status != http.StatusOK {
		t.Fatalf("answered %d %s", answer.Status, body)
	}
	came := m.Requests()[0]
	if want := "/v1.0/users/" + rig.Alice + "/calendars/" + calendar + "/calendarView/delta?startDateTime=x"; came.RequestURI != want {
		t.Errorf("asked for %s, want %s", came.RequestURI, want)
	}
	if got := came.Header.Get("Authorization"); got != "Bearer "+rig.Token {
		t.Errorf("sent with the authorization %q", got)
	}
	if got := came.Header.Values("Prefer"); strings.Join(got, "; ") != `IdType="ImmutableId"; odata.maxpagesize=7` {
		t.Errorf("preferred %q", got)
	}
	entries := r.Entries(t)
	if len(entries) != 2 {
		t.Fatalf("the ledger has %d entries, want a decision and a close", len(entries))
	}
	decided, closed := entries[0], entries[1]
	if decided.Kind != graphwarden.Decided || !decided.Allowed || decided.Rule != "flow:office" || decided.App != "crm" ||
		decided.Tenant != "contoso" || decided.Mailbox != rig.Alice || decided.Path != flow.CalendarDelta().Template() {
		t.Errorf("decided %+v", decided)
	}
	if decided.Call != came.Header.Get("client-request-id") || len(decided.Call) != 36 || closed.Call != decided.Call {
		t.Errorf("the call is %q in the ledger and %q at Microsoft", decided.Call, came.Header.Get("client-request-id"))
	}
	if closed.Kind != graphwarden.Closed || closed.Status != http.StatusOK || closed.Bytes != 12 || closed.Note != "" {
		t.Errorf("closed %+v", closed)
	}
	if report, err := audit.Database(t.Context(), r.Store, nil); err != nil || !report.Sound() {
		t.Errorf("the ledger verifies as %+v, %v", report, err)
	}
}

func TestEntraIsCalledWithoutAToken(t *testing.T) {
	r, m := put(t, nil)
	answer, err := r.Gate.Do(t.Context(), obtain())
	finish(t, answer, err)
	came := m.Requests()[0]
	if came.Host != "login.test" || came.Header.Get("Authorization") != "" || came.Header.Get("Prefer") != "" ||
		came.Header.Get("Content-Type") != "application/x-www-form-urlencoded" {
		t.Errorf("sent %s %v", came.Host, came.Header)
	}
}

// TestWhatIsNotPermittedIsRecordedAndNotSent has one case for each guard; without
// the guard the request would be sent.
func TestWhatIsNotPermittedIsRecordedAndNotSent(t *testing.T) {
	own := "users/" + rig.Alice + "/events"
	base := "http://graph.test/v1.0/users/" + rig.Alice + "/calendars/" + calendar + "/calendarView/delta"
	badCalendar := delta("")
	badCalendar.Args = flow.Args{"calendar": "../../" + carol}
	for situation, test := range map[string]struct {
		call gate.Call
		rule string
		code string
	}{
		"another's mailbox":         {list(carol), "default/mailbox", gate.CodeDenied},
		"another app":               {gate.Call{App: "x", Flow: "office", Operation: flow.ListCalendars(), Mailbox: rig.Alice}, "default/app", gate.CodeDenied},
		"no flow":                   {gate.Call{App: "crm", Operation: flow.ListCalendars(), Mailbox: rig.Alice}, "default/flow", gate.CodeDenied},
		"another operation":         {gate.Call{App: "crm", Flow: "office", Operation: flow.GetUser(), Args: flow.Args{"user": carol}}, "default/operation", gate.CodeDenied},
		"a body naming another":     {subscribe("users/" + carol + "/events"), "gate/body", gate.CodeDenied},
		"a body naming two":         {gate.Call{App: "crm", Flow: "office", Operation: flow.Subscribe(), Mailbox: rig.Alice, Body: []byte(`{"resource":"` + own + `","Resource":"users"}`)}, "gate/body", gate.CodeDenied},
		"a path that climbs":        {badCalendar, "gate/address", gate.CodeDenied},
		"a link to another host":    {delta(strings.Replace(base, "graph.test", "graph.test.evil", 1)), "gate/link", gate.CodeLink},
		"a link to another port":    {delta(strings.Replace(base, "graph.test", "graph.test:8443", 1)), "gate/link", gate.CodeLink},
		"a link with a user":        {delta(strings.Replace(base, "graph.test", "graph.test@evil.test", 1)), "gate/link", gate.CodeLink},
		"a link with our user":      {delta(strings.Replace(base, "graph.test", "x@graph.test", 1)), "gate/link", gate.CodeLink},
		"a link by another scheme":  {delta(strings.Replace(base, "http:", "https:", 1)), "gate/link", gate.CodeLink},
		"a link without a host":     {delta("/v1.0/me"), "gate/link", gate.CodeLink},
		"a link to another mailbox": {delta(strings.Replace(base, rig.Alice, carol, 1)), "gate/link", gate.CodeLink},
		"a link to another path":    {delta("http://graph.test/v1.0/users"), "gate/link", gate.CodeLink},
		"a link in another version": {delta(strings.Replace(base, "v1.0", "beta", 1)), "gate/link", gate.CodeLink},
		"a link with a fragment":    {delta(base + "#x"), "gate/link", gate.CodeLink},
		"a link that is none":       {delta("::"), "gate/link", gate.CodeLink},
	} {
		t.Run(situation, func(t *testing.T) {
			r, m := put(t, nil)
			_, err := r.Gate.Do(t.Context(), test.call)
			var refusal *graphwarden.Refusal
			if !errors.As(err, &refusal) || refusal.Kind != graphwarden.Denied || refusal.Code != test.code {
				t.Fatalf("Do = %v, want a refusal %s", err, test.code)
			}
			if n := len(m.Requests()); n != 0 {
				t.Errorf("%d requests were sent", n)
			}
			entries := r.Entries(t)
			if len(entries) != 1 || entries[0].Allowed || entries[0].Rule != test.rule || entries[0].Note == "" {
				t.Errorf("recorded %+v, want the rule %s", entries, test.rule)
			}
		})
	}
}

func TestALinkIsFollowedByOurOwnPathAndItsQuery(t *testing.T) {
	r, m := put(t, nil)
	answer, err := r.Gate.Do(t.Context(), delta("http://graph.test/v1.0/users('"+rig.Alice+"')/calendars('"+calendar+
		"')/calendarView/microsoft.graph.delta()?$skiptoken=R0us%2Bmci;x=1&y"))
	finish(t, answer, err)
	want := "/v1.0/users/" + rig.Alice + "/calendars/" + calendar + "/calendarView/delta?$skiptoken=R0us%2Bmci;x=1&y"
	if got := m.Requests()[0].RequestURI; got != want {
		t.Errorf("asked for %s, want %s", got, want)
	}
}

func TestARedirectIsAnAnswer(t *testing.T) {
	r, m := put(t, nil)
	m.Answer(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Location", "http://graph.test/v1.0/elsewhere")
		w.WriteHeader(http.StatusFound)
	})
	answer, err := r.Gate.Do(t.Context(), list(rig.Alice))
	finish(t, answer, err)
	if answer.Status != http.StatusFound || len(m.Requests()) != 1 {
		t.Errorf("answered %d after %d requests", answer.Status, len(m.Requests()))
	}
}

func TestARefusedTokenIsRenewedOnce(t *testing.T) {
	for situation, test := range map[string]struct {
		accepts  string
		status   int
		requests int
	}{
		"the new one works":         {"Bearer " + rig.Token + "-anew", http.StatusOK, 2},
		"the new one fails as well": {"none", http.StatusUnauthorized, 2},
	} {
		t.Run(situation, func(t *testing.T) {
			r, m := put(t, nil)
			m.Answer(func(w http.ResponseWriter, q *http.Request) {
				if q.Header.Get("Authorization") != test.accepts {
					w.WriteHeader(http.StatusUnauthorized)
				}
			})
			answer, err := r.Gate.Do(t.Context(), subscribe("users/"+rig.Alice+"/events"))
			finish(t, answer, err)
			came := m.Requests()
			if answer.Status != test.status || len(came) != test.requests {
				t.Fatalf("answered %d after %d requests", answer.Status, len(came))
			}
			again, _ := io.ReadAll(came[1].Body)
			if !strings.Contains(string(again), rig.Alice) {
				t.Errorf("the body was not sent again: %q", again)
			}
			entries := r.Entries(t)
			if len(entries) != 2 || entries[1].Status != test.status {
				t.Errorf("recorded %+v", entries)
			}
		})
	}
}

// renewing is a bearer whose renewal does what a test says.
type renewing func() (seal.Secret, error)

func (r renewing) Bearer(context.Context, graphwarden.Registration) (seal.Secret, error) {
	return seal.FromString(rig.Token), nil
}

func (r renewing) Renew(context.Context, graphwarden.Registration, seal.Secret, string) (seal.Secret, error) {
	return r()
}

// aging is a bearer whose tokens are old, or not.
type aging struct {
	renewing
	old bool
}

func (a aging) Aged(graphwarden.Registration, seal.Secret) bool { return a.old }

func TestAnOldTokenThatIsDeniedACallIsReplacedOnce(t *testing.T) {
	anew := renewing(func() (seal.Secret, error) { return seal.FromString(rig.Token + "-anew"), nil })
	for situation, test := range map[string]struct {
		bearer   gate.Bearer
		accepts  string
		status   int
		requests int
	}{
		"the new one may":         {aging{anew, true}, "Bearer " + rig.Token + "-anew", http.StatusOK, 2},
		"the new one may not":     {aging{anew, true}, "none", http.StatusForbidden, 2},
		"it is not old":           {aging{anew, false}, "none", http.StatusForbidden, 1},
		"nobody knows how old":    {anew, "none", http.StatusForbidden, 1},
		"there is no new one":     {aging{func() (seal.Secret, error) { return seal.Secret{}, io.EOF }, true}, "none", http.StatusForbidden, 1},
		"the new one is the same": {aging{func() (seal.Secret, error) { return seal.FromString(rig.Token), nil }, true}, "none", http.StatusForbidden, 1},
	} {
		t.Run(situation, func(t *testing.T) {
			r, m := put(t, nil)
			m.Answer(func(w http.ResponseWriter, q *http.Request) {
				if q.Header.Get("Authorization") != test.accepts {
					w.WriteHeader(http.StatusForbidden)
					_, _ = io.WriteString(w, "denied")
				}
			})
			answer, err := gate.New(r.Config(t, r.Net.Client())).With(test.bearer).Do(t.Context(), subscribe("users/"+rig.Alice+"/events"))
			said := finish(t, answer, err)
			if n := len(m.Requests()); n != test.requests || answer.Status != test.status || (said == "denied") != (test.status == http.StatusForbidden) {
				t.Errorf("answered %d %q after %d requests", answer.Status, said, n)
			}
		})
	}
}

func TestNothingIsSentAgainWithTheSameToken(t *testing.T) {
	r, m := put(t, nil)
	m.Answer(rig.Says(http.StatusUnauthorized, `{}`))
	same := gate.New(r.Config(t, r.Net.Client())).With(renewing(func() (seal.Secret, error) { return seal.FromString(rig.Token), nil }))
	answer, err := same.Do(t.Context(), list(rig.Alice))
	finish(t, answer, err)
	if n := len(m.Requests()); n != 1 || answer.Status != http.StatusUnauthorized {
		t.Errorf("answered %d after %d requests", answer.Status, n)
	}
}

func TestARenewalThatFailsIsTheOutcome(t *testing.T) {
	r, m := put(t, nil)
	m.Answer(rig.Says(http.StatusUnauthorized, `{}`))
	expired := &graphwarden.Refusal{Kind: graphwarden.Credential, Code: "entra.secret_expired"}
	g := gate.New(r.Config(t, r.Net.Client())).With(renewing(func() (seal.Secret, error) { return seal.Secret{}, expired }))
	if _, err := g.Do(t.Context(), list(rig.Alice)); !errors.Is(err, expired) {
		t.Errorf("Do = %v", err)
	}
	entries := r.Entries(t)
	if len(entries) != 2 || entries[1].Status != http.StatusUnauthorized || entries[1].Note != "entra.secret_expired" {
		t.Errorf("recorded %+v", entries)
	}
}

// TestAPauseHoldsForASecondAttemptToo: while the token is renewed, another call
// learns that the mailbox has to wait.
func TestAPauseHoldsForASecondAttemptToo(t *testing.T) {
	r, m := put(t, nil)
	m.Answer(rig.Says(http.StatusUnauthorized, `{}`))
	g := gate.New(r.Config(t, r.Net.Client()))
	g = g.With(renewing(func() (seal.Secret, error) {
		m.Answer(rig.Says(http.StatusTooManyRequests, `{}`))
		answer, err := g.With(rig.Lender{}).Do(t.Context(), list(rig.Alice))
		finish(t, answer, err)
		return seal.FromString("another"), nil
	}))
	var later *graphwarden.Later
	if _, err := g.Do(t.Context(), list(rig.Alice)); !errors.As(err, &later) || len(m.Requests()) != 2 {
		t.Errorf("Do = %v after %d requests", err, len(m.Requests()))
	}
}

func TestARefusalOfEntraIsAnAnswer(t *testing.T) {
	r, m := put(t, nil)
	m.Answer(rig.Says(http.StatusUnauthorized, `{"error":"invalid_client"}`))
	answer, err := r.Gate.Do(t.Context(), obtain())
	finish(t, answer, err)
	if n := len(m.Requests()); n != 1 || answer.Status != http.StatusUnauthorized {
		t.Errorf("answered %d after %d requests", answer.Status, n)
	}
}

func TestAGateWithoutTokensDoesNotCallGraph(t *testing.T) {
	r, m := put(t, nil)
	if _, err := gate.New(r.Config(t, r.Net.Client())).Do(t.Context(), list(rig.Alice)); err == nil || len(m.Requests()) != 0 {
		t.Errorf("Do = %v after %d requests", err, len(m.Requests()))
	}
}
