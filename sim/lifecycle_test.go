package sim_test

import (
	"net/http/httptest"
	"testing"
	"time"

	"github.com/graphwarden/graphwarden/sim"
)

// follow subscribes to the events of the third person, with lifecycle events.
func (x *tenant) follow(token, url string, more doc) (int, doc) {
	x.Helper()
	body := doc{"resource": "users/" + x.ready.Users[2].ID + "/events", "changeType": "created", "notificationUrl": url,
		"lifecycleNotificationUrl": url, "expirationDateTime": x.World.Clock().Now().AddDate(0, 0, 2).Format(time.RFC3339)}
	for name, value := range more {
		body[name] = value
	}
	return x.call("POST", "/v1.0/subscriptions", token, body)
}

// event waits for a notification and gives its lifecycle event, "" for a change.
func event(t *testing.T, notified <-chan doc) string {
	t.Helper()
	d, ok := await(notified, 2*time.Minute)
	if !ok {
		t.Fatal("nothing was notified")
	}
	e, _ := d["lifecycleEvent"].(string)
	return e
}

func TestTheTLSVersionOfAReceiverIsKept(t *testing.T) {
	server := httptest.NewServer(receiver(make(chan doc, 16)))
	defer server.Close()
	x := start(t, sim.Options{HTTPNotifications: true})
	for given, want := range map[any]any{nil: "v1_2", "v1_0": "v1_0", "v1_3": "v1_3"} {
		status, out := x.follow(x.ready.Tokens.Everything, server.URL, doc{"latestSupportedTlsVersion": given})
		if status != 201 || out["latestSupportedTlsVersion"] != want {
			t.Errorf("%v: %d %v", given, status, out)
			continue
		}
		if _, out := x.call("GET", "/v1.0/subscriptions/"+out["id"].(string), x.ready.Tokens.Everything, nil); out["latestSupportedTlsVersion"] != want {
			t.Errorf("%v: %v", given, out)
		}
	}
	if status, out := x.follow(x.ready.Tokens.Everything, server.URL, doc{"latestSupportedTlsVersion": "v2"}); status != 400 || code(out) != "InvalidRequest" {
		t.Errorf("%d %v", status, out)
	}
}

// TestASubscriptionWithoutConsentIsPausedAndThenRemoved (graph-facts §4.5).
func TestASubscriptionWithoutConsentIsPausedAndThenRemoved(t *testing.T) {
	notified := make(chan doc, 16)
	server := httptest.NewServer(receiver(notified))
	defer server.Close()
	x := start(t, sim.Options{HTTPNotifications: true})
	token := x.token("calendar")
	status, s := x.follow(token, server.URL, nil)
	if status != 201 {
		t.Fatalf("%d %v", status, s)
	}
	at := "/v1.0/subscriptions/" + s["id"].(string)
	meet := func() {
		t.Helper()
		when := doc{"dateTime": "2026-12-08T09:00:00", "timeZone": "UTC"}
		if status, out := x.call("POST", "/v1.0/users/"+x.ready.Users[2].ID+"/events", x.ready.Tokens.Everything, doc{"subject": "x", "start": when, "end": when}); status != 201 {
			t.Fatalf("%d %v", status, out)
		}
	}
	meet()
	if e := event(t, notified); e != "" {
		t.Fatalf("%s instead of the change", e)
	}
	x.steer("/sim/apps", doc{"app": "calendar", "do": "revoke"})
	if e := event(t, notified); e != "reauthorizationRequired" {
		t.Errorf("after the consent was revoked: %q", e)
	}
	meet() // nobody hears of it
	if status, out := x.call("POST", at+"/reauthorize", token, nil); status != 403 || code(out) != "ErrorAccessDenied" {
		t.Errorf("reauthorized without consent: %d %v", status, out)
	}
	x.steer("/sim/apps", doc{"app": "calendar", "do": "consent"})
	if status, out := x.call("POST", at+"/reauthorize", token, nil); status != 204 {
		t.Errorf("%d %v", status, out)
	}
	meet()
	if e := event(t, notified); e != "" {
		t.Errorf("%q instead of the change", e)
	}
	x.steer("/sim/apps", doc{"app": "calendar", "do": "revoke"})
	if e := event(t, notified); e != "reauthorizationRequired" {
		t.Errorf("after the second time: %q", e)
	}
	x.steer("/sim/clock", doc{"advance": "16m"})
	if e := event(t, notified); e != "subscriptionRemoved" {
		t.Errorf("nobody reauthorized: %q", e)
	}
	if status, out := x.call("GET", at, token, nil); status != 404 || code(out) != "ResourceNotFound" {
		t.Errorf("%d %v", status, out)
	}
	if len(notified) > 0 {
		t.Errorf("more was notified: %v", <-notified)
	}
}

// TestASubscriptionOfAUserEndsWithTheSignIn (graph-facts §4.5, causes).
func TestASubscriptionOfAUserEndsWithTheSignIn(t *testing.T) {
	for _, as := range []string{"disabled", "deleted"} {
		notified := make(chan doc, 16)
		server := httptest.NewServer(receiver(notified))
		defer server.Close()
		x := start(t, sim.Options{HTTPNotifications: true})
		_, out := x.ask(x.passwordForm(2))
		if status, s := x.follow(out["access_token"].(string), server.URL, nil); status != 201 {
			t.Fatalf("%d %v", status, s)
		}
		x.steer("/sim/people", doc{"user": x.ready.Users[2].ID, "as": as})
		if e := event(t, notified); e != "subscriptionRemoved" {
			t.Errorf("%s: %q", as, e)
		}
	}
}
