package presence_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/graphwarden/graphwarden/internal/kernel"
	"github.com/graphwarden/graphwarden/sim/graph/presence"
	"github.com/graphwarden/graphwarden/sim/world/state"
)

// bench is a tenant of two people; Anna is signed in to Teams.
type bench struct {
	*kernel.Bench
	presences *presence.Presences
	now       *time.Time
}

func start(t *testing.T) *bench {
	t.Helper()
	now := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	b := &bench{Bench: kernel.New(t, now), now: &now}
	b.presences = presence.New(b.World)
	b.Serve(func(tx *state.Tx) error {
		b.World.Found(tx)
		for _, name := range []string{"anna", "ben"} {
			b.Object(tx, name, "user", map[string]any{"displayName": name, "userPrincipalName": name + "@contoso.example", "mail": name + "@contoso.example", "mailNickname": name})
		}
		b.presences.Show(tx, b.IDs["anna"], presence.Shown{Availability: "Available", Activity: "Available"})
		return nil
	}, nil, b.presences.Routes())
	return b
}

func TestPresenceIsReadByWhoMay(t *testing.T) {
	for _, s := range []kernel.Situation{
		{Name: "by an app", As: "app:Presence.Read.All", Request: "GET /users/{anna}/presence", Status: 200, Want: `"availability":"Available"`},
		{Name: "by the other way", As: "app:Presence.Read.All", Request: "GET /communications/presences/{anna}", Status: 200, Want: `"activity":"Available"`},
		{Name: "of who is signed in nowhere", As: "app:Presence.Read.All", Request: "GET /users/{ben}/presence", Status: 200, Want: `"availability":"Offline"`},
		{Name: "of oneself", As: "anna:Presence.Read", Request: "GET /me/presence", Status: 200, Want: `"availability":"Available"`},
		{Name: "of somebody else without the right", As: "anna:Presence.Read", Request: "GET /users/{ben}/presence", Status: 403, Want: "Insufficient"},
		{Name: "by an app that may read calendars", As: "app:Calendars.Read", Request: "GET /users/{anna}/presence", Status: 403, Want: "Insufficient"},
		{Name: "of nobody", As: "app:Presence.Read.All", Request: "GET /users/{none}/presence", Status: 404, Want: "NotFound"},
		{Name: "of several", As: "app:Presence.Read.All", Request: "POST /communications/getPresencesByUserId", Body: `{"ids":["{ben}","{anna}"]}`, Status: 200, Want: `"availability":"Offline"`},
		{Name: "of several, one of them nobody", As: "app:Presence.Read.All", Request: "POST /communications/getPresencesByUserId", Body: `{"ids":["{none}"]}`, Status: 200, Want: `PresenceUnknown`},
		{Name: "of several without the right", As: "app:Calendars.Read", Request: "POST /communications/getPresencesByUserId", Body: `{"ids":["{anna}"]}`, Status: 403, Want: "Insufficient"},
		{Name: "of none", As: "app:Presence.Read.All", Request: "POST /communications/getPresencesByUserId", Body: `{"ids":[]}`, Status: 400, Want: "650"},
		{Name: "of too many", As: "app:Presence.Read.All", Request: "POST /communications/getPresencesByUserId", Body: `{"ids":["` + strings.Repeat(`x","`, 650) + `x"]}`, Status: 400, Want: "650"},
	} {
		t.Run(s.Name, func(t *testing.T) { start(t).Try(s) })
	}
}

func TestPresenceIsSetAsDocumented(t *testing.T) {
	const set, prefer = "POST /users/{anna}/presence/setPresence", "POST /users/{anna}/presence/setUserPreferredPresence"
	for _, s := range []kernel.Situation{
		{Name: "a call", As: "app", Request: set, Body: `{"sessionId":"client","availability":"Busy","activity":"InACall","expirationDuration":"PT1H"}`, Status: 200},
		{Name: "without the right", As: "app:Presence.Read.All", Request: set, Body: `{"sessionId":"client","availability":"Busy","activity":"InACall"}`, Status: 403, Want: "Insufficient"},
		{Name: "a combination that is none", As: "app", Request: set, Body: `{"sessionId":"client","availability":"Busy","activity":"OutOfOffice"}`, Status: 400, Want: "not supported"},
		{Name: "another app's session", As: "app", Request: set, Body: `{"sessionId":"other","availability":"Busy","activity":"InACall"}`, Status: 400, Want: "sessionId"},
		{Name: "for too long", As: "app", Request: set, Body: `{"sessionId":"client","availability":"Busy","activity":"InACall","expirationDuration":"PT5H"}`, Status: 400, Want: "PT5H"},
		{Name: "for too short", As: "app", Request: set, Body: `{"sessionId":"client","availability":"Busy","activity":"InACall","expirationDuration":"PT1M"}`, Status: 400, Want: "PT1M"},
		{Name: "a session that is none is cleared", As: "app", Request: "POST /users/{anna}/presence/clearPresence", Body: `{"sessionId":"client"}`, Status: 404, Want: "NotFound"},
		{Name: "a preference", As: "app", Request: prefer, Body: `{"availability":"DoNotDisturb","activity":"DoNotDisturb","expirationDuration":"P2D"}`, Status: 200},
		{Name: "a preference that is none", As: "app", Request: prefer, Body: `{"availability":"Busy","activity":"InACall"}`, Status: 400, Want: "not supported"},
	} {
		t.Run(s.Name, func(t *testing.T) { start(t).Try(s) })
	}
}

func TestTheFirmestSessionIsShownAndAPreferenceOutdoesIt(t *testing.T) {
	b := start(t)
	shown := func() string {
		r := b.Must(200, "app", "GET /users/{anna}/presence", "")
		return fmt.Sprint(r.Body["availability"], "/", r.Body["activity"])
	}
	session := func(availability, activity string) {
		b.Must(200, "app", "POST /users/{anna}/presence/setPresence", `{"sessionId":"client","availability":"`+availability+`","activity":"`+activity+`"}`)
	}
	for _, step := range []struct {
		do   func()
		want string
	}{
		{func() { session("Away", "Away") }, "Available/Available"},
		{func() { session("Busy", "InACall") }, "Busy/InACall"},
		{func() {
			b.Must(200, "app", "POST /users/{anna}/presence/setUserPreferredPresence", `{"availability":"Available","activity":"Available"}`)
		}, "Available/Available"},
		{func() { b.Must(200, "app", "POST /users/{anna}/presence/clearUserPreferredPresence", `{}`) }, "Busy/InACall"},
		{func() { b.Must(200, "app", "POST /users/{anna}/presence/clearPresence", `{"sessionId":"client"}`) }, "Available/Available"},
	} {
		step.do()
		if got := shown(); got != step.want {
			t.Errorf("shown is %s, want %s", got, step.want)
		}
	}
	err := b.World.Update(func(tx *state.Tx) error {
		b.presences.Show(tx, b.IDs["ben"], presence.Shown{Availability: "Busy", Activity: "InACall", Until: b.now.Add(time.Minute)})
		for at, want := range map[time.Duration]string{59 * time.Second: "Busy", time.Minute: "Offline"} {
			if got := b.presences.At(tx, b.IDs["ben"], b.now.Add(at)); got.Availability != want {
				t.Errorf("after %s Ben is %+v, want %s", at, got, want)
			}
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}
