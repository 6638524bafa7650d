package sim_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/graphwarden/graphwarden/sim"
)

func TestMailboxAccessIsSteered(t *testing.T) {
	x := start(t, sim.Options{})
	ann, bob := x.ready.Users[0], x.ready.Users[1]
	out := x.steer("/sim/mailboxaccess", doc{"delay": "0s",
		"policies":    []doc{{"app": "calendar", "scope": ann.UserPrincipalName, "right": "RestrictAccess"}},
		"assignments": []doc{{"app": x.app("nothing").ClientID, "role": "Application Calendars.Read", "mailboxes": []string{bob.ID}}}})
	if p := out["policies"].([]any)[0].(doc); p["scope"] != ann.ID || p["app"] != x.app("calendar").ClientID {
		t.Errorf("%v", p)
	}
	token := x.token("calendar")
	for user, want := range map[string]int{ann.ID: 200, bob.ID: 403} {
		if status, out := x.call("GET", "/v1.0/users/"+user+"/calendars", token, nil); status != want {
			t.Errorf("restricted: %d %v, want %d", status, out, want)
		}
	}
	token = x.token("nothing")
	for user, want := range map[string]int{ann.ID: 403, bob.ID: 200} {
		if status, out := x.call("GET", "/v1.0/users/"+user+"/calendars", token, nil); status != want {
			t.Errorf("by a role of Exchange's: %d %v, want %d", status, out, want)
		}
	}
	x.steer("/sim/exchange", doc{"delay": "0s"}) // Exchange is quick from now on
	quick := x.steer("/sim/mailboxaccess", doc{"policies": []doc{{"app": "*", "scope": bob.ID, "right": "DenyAccess"}}})
	if from := quick["policies"].([]any); !slices.ContainsFunc(from, func(p any) bool {
		at, err := time.Parse(time.RFC3339, p.(doc)["from"].(string))
		return err == nil && p.(doc)["scope"] == bob.ID && !at.After(x.World.Clock().Now())
	}) {
		t.Errorf("a quick Exchange says %v", from)
	}
	if status, _ := x.call("POST", "/sim/exchange", "", doc{"delay": "soon"}); status != 400 {
		t.Errorf("a delay that is none: %d", status)
	}
	x.steer("/sim/exchange", doc{})
	late := x.steer("/sim/mailboxaccess", doc{"policies": []doc{{"app": "*", "scope": ann.ID, "right": "DenyAccess"}}})
	for _, p := range late["policies"].([]any) {
		from, err := time.Parse(time.RFC3339, p.(doc)["from"].(string))
		wait := from.Sub(x.World.Clock().Now())
		if p.(doc)["right"] == "DenyAccess" && p.(doc)["scope"] == ann.ID && (err != nil || wait < 29*time.Minute || wait > 2*time.Hour) {
			t.Errorf("without a delay it takes %v (%v)", wait, err)
		}
	}
	for want, bad := range map[string]doc{
		"no app":       {"policies": []doc{{"app": "unknown", "scope": ann.ID, "right": "DenyAccess"}}},
		"no user":      {"policies": []doc{{"app": "*", "scope": "unknown", "right": "DenyAccess"}}},
		"right":        {"policies": []doc{{"app": "*", "scope": ann.ID, "right": "Allow"}}},
		"no applicati": {"assignments": []doc{{"app": "nothing", "role": "Calendars.Read"}}},
		"delay":        {"delay": "soon"},
	} {
		if status, out := x.call("POST", "/sim/mailboxaccess", "", bad); status != 400 || !strings.Contains(out["error"].(string), want) {
			t.Errorf("%v: %d %v, want %q", bad, status, out, want)
		}
	}
}
