package sim_test

import (
	"net/url"
	"strings"
	"testing"

	"github.com/graphwarden/graphwarden/sim"
)

// TestMailboxesThatCannotBeUsed: what Graph answers for them, and by what in the
// directory they can be told apart beforehand (graph-facts §2.1, §8).
func TestMailboxesThatCannotBeUsed(t *testing.T) {
	const properties = "?$select=accountEnabled,assignedPlans,assignedLicenses,mail,onPremisesSyncEnabled,userType"
	for _, x := range []struct {
		as     string
		status int
		code   string
		tells  func(user doc) bool
	}{
		{"licensed", 200, "", func(u doc) bool { return len(u["assignedLicenses"].([]any)) == 1 }},
		{"unlicensed", 404, "MailboxNotEnabledForRESTAPI", func(u doc) bool {
			return len(u["assignedLicenses"].([]any)) == 0 && u["assignedPlans"].([]any)[0].(doc)["capabilityStatus"] == "Deleted"
		}},
		{"onPremises", 404, "MailboxNotEnabledForRESTAPI", func(u doc) bool { return u["onPremisesSyncEnabled"] == true }},
		{"guest", 404, "MailboxNotEnabledForRESTAPI", func(u doc) bool {
			return u["userType"] == "Guest" && strings.HasSuffix(u["mail"].(string), "@fabrikam.example")
		}},
		{"disabled", 200, "", func(u doc) bool { return u["accountEnabled"] == false }},
		{"deleted", 404, "ErrorInvalidUser", nil},
	} {
		for _, who := range []string{"", "one of the company"} {
			t.Run(x.as+" "+who, func(t *testing.T) {
				s := start(t, sim.Options{HTTPNotifications: true})
				wish := doc{"as": x.as}
				if who != "" {
					wish["user"] = s.ready.Users[2].UserPrincipalName
				}
				id := s.steer("/sim/people", wish)["id"].(string)
				token, user := s.ready.Tokens.Everything, "/v1.0/users/"+id
				for _, path := range []string{"/calendars", "/events", "/calendar", "/calendarView/delta?startDateTime=2026-01-01T00:00:00Z&endDateTime=2027-01-01T00:00:00Z"} {
					if status, out := s.call("GET", user+path, token, nil); status != x.status || code(out) != x.code {
						t.Errorf("%s: %d %v, want %d %s", path, status, out["error"], x.status, x.code)
					}
				}
				if x.status != 200 {
					status, out := s.call("POST", "/v1.0/subscriptions", token, doc{"resource": "users/" + id + "/events", "changeType": "created",
						"notificationUrl": "http://127.0.0.1:1/", "expirationDateTime": s.World.Clock().Now().AddDate(0, 0, 1).Format("2006-01-02T15:04:05Z")})
					if status != x.status || code(out) != x.code {
						t.Errorf("a subscription: %d %v", status, out)
					}
				}
				status, out := s.call("GET", user+properties, token, nil)
				if x.tells == nil {
					if status != 404 || code(out) != "Request_ResourceNotFound" {
						t.Errorf("the user: %d %v", status, out)
					}
				} else if status != 200 || !x.tells(out) {
					t.Errorf("the user: %d %v", status, out)
				}
			})
		}
	}
}

func code(out doc) string {
	e, _ := out["error"].(doc)
	c, _ := e["code"].(string)
	return c
}

// TestJoinersAndLeaversShowInDelta: what happens to a person is in the next round
// of the users' and the groups' delta, and the mailbox comes back as it was.
func TestJoinersAndLeaversShowInDelta(t *testing.T) {
	s := start(t, sim.Options{})
	token := s.ready.Tokens.Everything
	ann := s.ready.Users[3]
	round := func(link string) ([]any, string) {
		t.Helper()
		var all []any
		for {
			u, err := url.Parse(link)
			if err != nil {
				t.Fatal(err)
			}
			status, out := s.call("GET", u.RequestURI(), token, nil)
			if status != 200 {
				t.Fatalf("%d %v", status, out)
			}
			all = append(all, out["value"].([]any)...)
			if last, ok := out["@odata.deltaLink"].(string); ok {
				return all, last
			}
			link = out["@odata.nextLink"].(string)
		}
	}
	_, group := s.call("POST", "/v1.0/groups", token, doc{"displayName": "Scope", "mailNickname": "scope", "mailEnabled": false, "securityEnabled": true})
	members := "/v1.0/groups/" + group["id"].(string) + "/members/$ref"
	_, users := round("/v1.0/users/delta?$select=accountEnabled,assignedLicenses,assignedPlans,mail,userType,onPremisesSyncEnabled")
	_, groups := round("/v1.0/groups/delta?$select=displayName,members")
	if status, out := s.call("POST", members, token, doc{"@odata.id": "https://graph.microsoft.com/v1.0/directoryObjects/" + ann.ID}); status != 204 {
		t.Fatalf("%d %v", status, out)
	}
	changed := func(list []any, id string) doc {
		t.Helper()
		var found doc
		for _, v := range list {
			if v.(doc)["id"] == id {
				found = v.(doc)
			}
		}
		if found == nil {
			t.Fatalf("%s is not among %v", id, list)
		}
		return found
	}
	list, groups := round(groups)
	if m := changed(list, group["id"].(string))["members@delta"].([]any); len(m) != 1 || m[0].(doc)["id"] != ann.ID {
		t.Errorf("joined: %v", m)
	}
	for _, step := range []struct {
		as   string
		want func(doc) bool
	}{
		{"unlicensed", func(d doc) bool { return len(d["assignedLicenses"].([]any)) == 0 }},
		{"licensed", func(d doc) bool { return len(d["assignedLicenses"].([]any)) == 1 }},
		{"disabled", func(d doc) bool { return d["accountEnabled"] == false }},
		{"deleted", func(d doc) bool { return d["@removed"].(doc)["reason"] == "changed" }},
		{"restored", func(d doc) bool { return d["@removed"] == nil }},
	} {
		s.steer("/sim/people", doc{"user": ann.UserPrincipalName, "as": step.as})
		list, users = round(users)
		if d := changed(list, ann.ID); !step.want(d) {
			t.Errorf("%s: %v", step.as, d)
		}
	}
	if status, out := s.call("GET", "/v1.0/users/"+ann.ID+"/events", token, nil); status != 200 || len(out["value"].([]any)) == 0 {
		t.Errorf("the mailbox afterwards: %d %v", status, out)
	}
	s.call("DELETE", strings.Replace(members, "$ref", ann.ID+"/$ref", 1), token, nil)
	list, _ = round(groups)
	m := changed(list, group["id"].(string))["members@delta"].([]any)
	if last := m[len(m)-1].(doc); last["id"] != ann.ID || last["@removed"] == nil {
		t.Errorf("left: %v", m)
	}
	for _, bad := range []doc{{}, {"as": "tired"}, {"user": "nobody", "as": "guest"}, {"user": "nobody", "as": "restored"}} {
		if status, out := s.call("POST", "/sim/people", "", bad); status != 400 || out["error"] == "" {
			t.Errorf("%v: %d %v", bad, status, out)
		}
	}
}
