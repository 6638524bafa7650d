package graph_test

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/flow"
	"github.com/graphwarden/graphwarden/graph"
	"github.com/graphwarden/graphwarden/internal/rig"
)

const (
	calendar     = "AAMkAGI2TGuLAAABbmVZAAA="
	subscription = "7f105c7d-2dc5-4530-97cd-4e7ae6534c07"
)

func put(t *testing.T, answer http.HandlerFunc) (*rig.Rig, *graph.Graph) {
	t.Helper()
	r := rig.New(t, nil)
	r.Microsoft.Answer(answer)
	return r, graph.New(r.Gate)
}

func alice() graphwarden.Mailbox { return graphwarden.Mailbox{ID: rig.Alice, UPN: "alice@contoso.com"} }

func feed(cursor graphwarden.Cursor) graphwarden.Feed {
	return graphwarden.Feed{
		Flow: "office", Mailbox: alice(), Resource: calendar, Title: "Calendar", Cursor: cursor,
		Window: graphwarden.Window{
			Start: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC), End: time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC)},
	}
}

// deltaURL is where a calendar's delta is read.
const deltaURL = "http://graph.test/v1.0/users/" + rig.Alice + "/calendars/" + calendar + "/calendarView/delta"

func TestADeltaRoundIsReadPageByPage(t *testing.T) {
	item := `{"@odata.etag":"W/\"1\"", "id":"AAMk1","subject":"Größe <b>","start":{"dateTime":"2026-03-01T09:00:00.0000000"}}`
	r, g := put(t, func(w http.ResponseWriter, q *http.Request) {
		switch q.URL.Query().Get("$skiptoken") {
		case "":
			_, _ = io.WriteString(w, `{"@odata.context":"x","@odata.nextLink":"`+deltaURL+`?$skiptoken=2","value":[`+item+`,{"@removed":{"reason":"deleted"},"id":"AAMk2"}]}`)
		case "2":
			_, _ = io.WriteString(w, `{"@odata.nextLink":"`+deltaURL+`?$skiptoken=3","value":[]}`)
		case "3":
			_, _ = io.WriteString(w, `{"value":[],"@odata.deltaLink":"`+deltaURL+`?$deltatoken=d1"}`)
		}
	})
	page, err := g.Page(t.Context(), r.Flow, feed(""))
	if err != nil {
		t.Fatal(err)
	}
	if len(page.Items) != 2 || page.Last || page.Next != deltaURL+"?$skiptoken=2" {
		t.Fatalf("read %+v", page)
	}
	if first := page.Items[0]; first.ID != "AAMk1" || first.ETag != `W/"1"` || first.Removed || string(first.Body) != item {
		t.Errorf("the item came as %+v", first)
	}
	if second := page.Items[1]; second.ID != "AAMk2" || !second.Removed || second.Body != nil {
		t.Errorf("the removed item came as %+v", second)
	}
	if page, err = g.Page(t.Context(), r.Flow, feed(page.Next)); err != nil || len(page.Items) != 0 || page.Last {
		t.Fatalf("an empty page was read as %+v, %v", page, err)
	}
	if page, err = g.Page(t.Context(), r.Flow, feed(page.Next)); err != nil || !page.Last || page.Next != deltaURL+"?$deltatoken=d1" {
		t.Fatalf("the last page was read as %+v, %v", page, err)
	}
	first := r.Microsoft.Requests()[0]
	if got := first.URL.Query(); got.Get("startDateTime") != "2026-01-01T00:00:00Z" || got.Get("endDateTime") != "2027-01-01T00:00:00Z" {
		t.Errorf("the round began with %s", first.URL)
	}
	for _, q := range r.Microsoft.Requests() {
		if got := strings.Join(q.Header.Values("Prefer"), ","); got != `IdType="ImmutableId",odata.maxpagesize=200` {
			t.Errorf("asked with Prefer %s", got)
		}
	}
}

func TestAPageThatIsNotOneIsNotTaken(t *testing.T) {
	for situation, body := range map[string]string{
		"no link":            `{"value":[]}`,
		"both links":         `{"value":[],"@odata.nextLink":"a","@odata.deltaLink":"b"}`,
		"no value":           `{"@odata.deltaLink":"b"}`,
		"an item without id": `{"value":[{"subject":"x"}],"@odata.deltaLink":"b"}`,
		"cut off":            `{"value":[{"id":"1"}`,
		"a page of a proxy":  `<html>`,
		"nothing":            ``,
	} {
		t.Run(situation, func(t *testing.T) {
			r, g := put(t, rig.Says(http.StatusOK, body))
			if page, err := g.Page(t.Context(), r.Flow, feed("")); err == nil {
				t.Errorf("taken as %+v", page)
			}
		})
	}
}

func TestAllCalendarsAreListed(t *testing.T) {
	r, g := put(t, func(w http.ResponseWriter, q *http.Request) {
		if q.URL.Query().Get("$skip") == "" {
			_, _ = io.WriteString(w, `{"value":[{"id":"`+calendar+`","name":"Calendar","isDefaultCalendar":true}],"@odata.nextLink":"http://graph.test/v1.0/users/`+rig.Alice+`/calendars?$skip=1"}`)
			return
		}
		_, _ = io.WriteString(w, `{"value":[{"id":"`+strings.ToLower(calendar)+`","name":"Geburtstage"}]}`)
	})
	calendars, err := g.Calendars(t.Context(), r.Flow, alice())
	if err != nil || len(calendars) != 2 || calendars[0].Name != "Calendar" || calendars[1].ID != strings.ToLower(calendar) {
		t.Fatalf("listed %+v, %v", calendars, err)
	}
}

func TestASubscriptionIsMadeAndRenewed(t *testing.T) {
	until := time.Date(2026, 3, 8, 9, 30, 0, 0, time.UTC)
	r, g := put(t, rig.Says(http.StatusCreated, `{"id":"`+subscription+`","expirationDateTime":"2026-03-08T09:00:00.0000000Z","notificationContentType":null}`))
	s, err := g.Subscribe(t.Context(), r.Flow, alice(), "https://warden.example/hooks/graph", "state", until)
	if err != nil {
		t.Fatal(err)
	}
	if s.ID != subscription || s.Flow != "office" || s.Tenant != "contoso" || s.Mailbox != alice() || s.ClientState != "state" || s.Address != "https://warden.example/hooks/graph" ||
		!s.ExpiresAt.Equal(until.Add(-30*time.Minute)) {
		t.Errorf("made %+v", s)
	}
	var body map[string]any
	if err := json.NewDecoder(r.Microsoft.Requests()[0].Body).Decode(&body); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{
		"changeType": "created,updated,deleted", "resource": "users/" + rig.Alice + "/events",
		"notificationUrl": "https://warden.example/hooks/graph", "lifecycleNotificationUrl": "https://warden.example/hooks/graph",
		"clientState": "state", "expirationDateTime": "2026-03-08T09:30:00.0000000Z",
		"latestSupportedTlsVersion": "v1_3",
	} {
		if body[name] != want {
			t.Errorf("asked for %s %v, want %s", name, body[name], want)
		}
	}
	if len(body) != 7 {
		t.Errorf("asked for %v", body)
	}

	r.Microsoft.Answer(rig.Says(http.StatusOK, `{"id":"`+subscription+`","expirationDateTime":"2026-03-15T09:00:00Z"}`))
	expires, err := g.Renew(t.Context(), r.Flow, s, until)
	if err != nil || !expires.Equal(time.Date(2026, 3, 15, 9, 0, 0, 0, time.UTC)) {
		t.Errorf("renewed until %s, %v", expires, err)
	}
	if q := r.Microsoft.Requests()[1]; q.Method != http.MethodPatch || q.URL.Path != "/v1.0/subscriptions/"+subscription {
		t.Errorf("renewed by %s %s", q.Method, q.URL)
	}
	for _, body := range []string{`{}`, `{"id":"x"}`, `[`} {
		r.Microsoft.Answer(rig.Says(http.StatusOK, body))
		if _, err := g.Renew(t.Context(), r.Flow, s, until); err == nil {
			t.Errorf("%s was taken for a subscription", body)
		}
	}
}

func TestAUserIsFoundByName(t *testing.T) {
	r, g := put(t, rig.Says(http.StatusOK, `{"id":"`+rig.Alice+`","userPrincipalName":"Alice@contoso.com"}`))
	reader := flow.ForReader(r.Registration)
	m, err := g.User(t.Context(), reader, "alice@contoso.com")
	if err != nil || m.ID != rig.Alice || m.UPN != "Alice@contoso.com" {
		t.Fatalf("found %+v, %v", m, err)
	}
	if q := r.Microsoft.Requests()[0]; q.RequestURI != "/v1.0/users/alice@contoso.com?$select=id,userPrincipalName,mail" {
		t.Errorf("asked for %s", q.RequestURI)
	}
	r.Microsoft.Answer(rig.Says(http.StatusOK, `{"id":"x"}`))
	if _, err := g.User(t.Context(), reader, "alice@contoso.com"); err == nil {
		t.Error("a user without a name was taken")
	}
	r.Microsoft.Answer(rig.Says(http.StatusNotFound, `{"error":{"code":"Request_ResourceNotFound","message":"Resource 'x' does not exist"}}`))
	if _, err := g.User(t.Context(), reader, "nobody@contoso.com"); !graph.Is(err, graph.CodeUserUnknown) || !strings.Contains(err.Error(), "nobody@contoso.com") {
		t.Errorf("an unknown user gave %v", err)
	}
}

// TestMicrosoftsErrorsBecomeOurs has the spellings of graph-facts §2.1, §3.3, §5
// and §12.
func TestMicrosoftsErrorsBecomeOurs(t *testing.T) {
	const later, resync = "later", "resync"
	for _, test := range []struct {
		situation string
		status    int
		body      string
		want      string // a code, or one of the above; "" for an error without a type
	}{
		{"cursor gone", 410, `{"error":{"code":"SyncStateNotFound","message":"x"}}`, resync},
		{"cursor gone, inner code", 400, `{"error":{"code":"BadRequest","innererror":{"code":"syncStateNotFound"}}}`, resync},
		{"cursor gone, as not found", 404, `{"error":{"code":"SyncStateInvalid"}}`, resync},
		{"resync required", 410, ``, resync},
		{"throttled", 429, `{"error":{"code":"ApplicationThrottled"}}`, later},
		{"busy", 503, `{"error":{"code":"ErrorMailboxStoreUnavailable"}}`, later},
		{"a gateway's page", 504, `<html>`, later},
		{"an internal error", 500, `{"error":{"code":"ErrorInternalServerTransientError"}}`, later},
		{"a bad gateway", 502, ``, later},
		{"token refused", 401, `{"error":{"code":"InvalidAuthenticationToken"}}`, "graph.token_refused"},
		{"access policy", 403, `{"error":{"code":"ErrorAccessDenied","message":"Access to OData is disabled: [RAOP] : Blocked by tenant configured AppOnly AccessPolicy settings."}}`, "graph.mailbox_restricted"},
		{"no permission", 403, `{"error":{"code":"ErrorAccessDenied","message":"Access is denied. Check credentials and try again."}}`, "graph.not_consented"},
		{"no permission, directory", 403, `{"error":{"code":"Authorization_RequestDenied"}}`, "graph.not_consented"},
		{"no mailbox", 404, `{"error":{"code":"MailboxNotEnabledForRESTAPI"}}`, graph.CodeMailboxNotEnabled},
		{"unknown mailbox", 404, `{"error":{"code":"ErrorInvalidUser"}}`, graph.CodeMailboxUnknown},
		{"unknown user", 404, `{"error":{"code":"Request_ResourceNotFound"}}`, graph.CodeMailboxUnknown},
		{"unknown calendar", 404, `{"error":{"code":"ErrorItemNotFound"}}`, "graph.item_unknown"},
		{"conflict", 409, `{"error":{"code":"ErrorIrresolvableConflict"}}`, "graph.conflict"},
		{"a bad request", 400, `{"error":{"code":"BadRequest"}}`, ""},
		{"a success of another kind", 202, `{}`, ""},
		{"a redirect", 302, ``, ""},
		{"an endless inner error", 400, `{"error":` + strings.Repeat(`{"innerError":`, 50) + `{}` + strings.Repeat(`}`, 50) + `}`, ""},
	} {
		t.Run(test.situation, func(t *testing.T) {
			r, g := put(t, rig.Says(test.status, test.body))
			_, err := g.Page(t.Context(), r.Flow, feed(deltaURL+"?$deltatoken=d1"))
			var refusal *graphwarden.Refusal
			var wait *graphwarden.Later
			got := ""
			switch {
			case errors.Is(err, graphwarden.ErrResync):
				got = resync
			case errors.As(err, &wait):
				got = later
			case errors.As(err, &refusal):
				got = refusal.Code
				if refusal.Say == "" || refusal.Do == "" || strings.ContainsAny(refusal.Say+refusal.Do, "{}") {
					t.Errorf("said %q %q", refusal.Say, refusal.Do)
				}
			}
			if err == nil || got != test.want {
				t.Errorf("Page = %v, want %q", err, test.want)
			}
		})
	}
}

// TestWhoIsToConsentIsSaid: in a flow for people it is the person.
func TestWhoIsToConsentIsSaid(t *testing.T) {
	r, g := put(t, rig.Says(http.StatusForbidden, `{"error":{"code":"ErrorAccessDenied"}}`))
	for people, says := range map[bool]string{false: "Exchange role", true: "Invite the person again"} {
		f := r.Flow
		f.People = people
		var refusal *graphwarden.Refusal
		if _, err := g.Calendars(t.Context(), f, alice()); !errors.As(err, &refusal) || refusal.Code != graph.CodeNotConsented || !strings.Contains(refusal.Do, says) {
			t.Errorf("people %t: %v", people, err)
		}
	}
}

func TestOnlyACursorCanEnd(t *testing.T) {
	r, g := put(t, rig.Says(http.StatusGone, `{"error":{"code":"resyncRequired"}}`))
	if _, err := g.Calendars(t.Context(), r.Flow, alice()); err == nil || errors.Is(err, graphwarden.ErrResync) {
		t.Errorf("listing calendars ended with %v", err)
	}
}

func TestACursorOfAnotherCloudHasEnded(t *testing.T) {
	r, g := put(t, nil)
	elsewhere := graphwarden.Cursor(strings.Replace(deltaURL, "graph.test", "graph.microsoft.com", 1) + "?$deltatoken=d1")
	if _, err := g.Page(t.Context(), r.Flow, feed(elsewhere)); !errors.Is(err, graphwarden.ErrResync) {
		t.Errorf("Page = %v", err)
	}
	if n := len(r.Microsoft.Requests()); n != 0 {
		t.Errorf("%d requests were sent", n)
	}
}

func TestTheWaitThatMicrosoftAsksForIsHandedOn(t *testing.T) {
	r, g := put(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Retry-After", "42")
		w.WriteHeader(http.StatusTooManyRequests)
	})
	var later *graphwarden.Later
	if _, err := g.Page(t.Context(), r.Flow, feed("")); !errors.As(err, &later) || later.After < 41*time.Second {
		t.Errorf("Page = %v", err)
	}
}

func TestSubscriptionsHaveProblemsOfTheirOwn(t *testing.T) {
	s := graphwarden.Subscription{ID: subscription, Mailbox: alice()}
	r, g := put(t, rig.Says(http.StatusNotFound, `{"error":{"code":"ResourceNotFound"}}`))
	if _, err := g.Renew(t.Context(), r.Flow, s, time.Now()); !graph.Is(err, graph.CodeSubscriptionGone) {
		t.Errorf("renewing what is gone gave %v", err)
	}
	if err := g.Unsubscribe(t.Context(), r.Flow, s); err != nil {
		t.Errorf("deleting what is gone gave %v", err)
	}
	r.Microsoft.Answer(rig.Says(http.StatusForbidden, `{}`))
	if err := g.Unsubscribe(t.Context(), r.Flow, s); err == nil {
		t.Error("a subscription that could not be deleted counts as deleted")
	}
	r.Microsoft.Answer(rig.Says(http.StatusNoContent, ``))
	if err := g.Unsubscribe(t.Context(), r.Flow, s); err != nil {
		t.Errorf("deleting gave %v", err)
	}
	r.Microsoft.Answer(rig.Says(http.StatusBadRequest, `{"error":{"code":"ValidationError","message":"Subscription validation request failed. HTTP status code is 'Forbidden'."}}`))
	_, err := g.Subscribe(t.Context(), r.Flow, alice(), "https://warden.example/x", "s", time.Now())
	if !graph.Is(err, "graph.receiver_unreachable") || !strings.Contains(err.Error(), "'Forbidden'") {
		t.Errorf("an unreachable receiver gave %v", err)
	}
}

func TestAnAnswerWithoutEndIsNotReadToIt(t *testing.T) {
	r, g := put(t, func(w http.ResponseWriter, _ *http.Request) {
		chunk := strings.Repeat(" ", 1<<20)
		for range 70 {
			if _, err := io.WriteString(w, chunk); err != nil {
				return
			}
		}
	})
	if _, err := g.Page(t.Context(), r.Flow, feed("")); err == nil || !strings.Contains(err.Error(), "longer than") {
		t.Errorf("Page = %v", err)
	}
}
