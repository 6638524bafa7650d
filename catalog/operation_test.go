package catalog_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/graphwarden/graphwarden/catalog"
)

// ask is "METHOD /path".
func operation(t *testing.T, ask string) catalog.Operation {
	t.Helper()
	method, path, _ := strings.Cut(ask, " ")
	c := catalog.Load()
	op, ok := c.Operation(method, path)
	if method == "SUBSCRIBE" {
		op, ok = c.Subscription(path)
	}
	if !ok {
		t.Fatalf("nothing knows %s", ask)
	}
	return op
}

func TestGrantsOpenWhatMicrosoftSays(t *testing.T) {
	const work, app, personal = catalog.DelegatedWork, catalog.Application, catalog.DelegatedPersonal
	for _, tc := range []struct {
		situation string
		ask       string
		scheme    catalog.Scheme
		held      string
		want      bool
	}{
		{"the permission of the table", "GET /users/{id}/events", app, "Calendars.Read", true},
		{"none", "GET /users/{id}/events", app, "", false},
		{"the permission in the other scheme", "POST /groups", work, "Group.Create", false},
		{"an unrelated one", "GET /users/{id}/events", app, "Mail.ReadWrite", false},
		{"a wider one that the table does not list", "GET /users/{id}/events/{id}", app, "Calendars.ReadWrite", true},
		{"a reader does not write", "PATCH /users/{id}/events/{id}", app, "Calendars.Read", false},
		{"the basic reader of all mailboxes", "GET /users/{id}/calendarView", app, "Calendars.ReadBasic.All", true},
		{"the basic reader does not see attachments", "GET /users/{id}/events/{id}/attachments", app, "Calendars.ReadBasic.All", false},
		{"a real key instead of a template", "GET /users/anna@contoso.com/events/AAMkAGI=", app, "Calendars.Read", true},
		{"spelling in another case", "get /USERS/{ID}/Events", app, "Calendars.Read", true},
		{"keys in brackets", "GET /users('anna@contoso.com')/events('AAMk')", app, "Calendars.Read", true},
		{"a query does not matter", "GET /users?$select=id", app, "User.ReadBasic.All", true},
		{"/me has no application permissions", "GET /me/events", app, "Calendars.ReadWrite", false},
		{"/me for the signed-in user", "GET /me/events", work, "Calendars.Read", true},
		{"shared includes own", "GET /me/events", work, "Calendars.Read.Shared", true},
		{"a personal account", "GET /me/events", personal, "Calendars.Read", true},
		{"a personal account has no directory", "GET /users", personal, "User.Read", false},
		{"free/busy by the basic reader", "POST /users/{id}/calendar/getSchedule", app, "Calendars.ReadBasic.All", true},
		{"meeting times are delegated only", "POST /me/findMeetingTimes", work, "Calendars.Read.Shared", true},
		{"meeting times not for own calendars only", "POST /me/findMeetingTimes", work, "Calendars.Read", false},
		{"group events are written by users only", "POST /groups/{id}/events", app, "Group.ReadWrite.All Calendars.ReadWrite", false},
		{"group events are changed by users only", "PATCH /groups/{id}/events/{id}", app, "Calendars.ReadWrite", false},
		{"group events are read by applications", "GET /groups/{id}/events/{id}", app, "Calendars.Read", true},
		{"group events on behalf of a user", "POST /groups/{id}/events", work, "Group.ReadWrite.All", true},
		{"directory reader reads groups", "GET /groups", app, "Directory.Read.All", true},
		{"directory reader reads no calendars", "GET /users/{id}/calendars", app, "Directory.ReadWrite.All", false},
		{"access as user includes the directory writer", "PATCH /groups/{id}", work, "Directory.AccessAsUser.All", true},
		{"directory writer does not delete users", "DELETE /users/{id}", app, "Directory.ReadWrite.All", false},
		{"organisation, application", "GET /organization", app, "Organization.Read.All", true},
		{"organisation, signed-in user", "GET /organization/{id}", work, "User.Read", true},
		{"adding a member", "POST /groups/{id}/members/$ref", app, "GroupMember.ReadWrite.All", true},
		{"adding a member by the group's writer", "POST /groups/{id}/members/$ref", app, "Group.ReadWrite.All", true},
		{"adding a member by a reader", "POST /groups/{id}/members/$ref", app, "Group.Read.All", false},
		{"removing an owner needs more than a member's writer", "DELETE /groups/{id}/owners/{id}/$ref", app, "GroupMember.ReadWrite.All", false},
		{"an owner of an application needs both", "POST /applications/{id}/owners/$ref", app, "Application.ReadWrite.OwnedBy Directory.Read.All", true},
		{"an owner of an application, half", "POST /applications/{id}/owners/$ref", app, "Application.ReadWrite.All", false},
		{"an owner of an application, the reading half", "POST /applications/{id}/owners/$ref", app, "Directory.Read.All", false},
		{"granting a role needs both", "POST /servicePrincipals/{id}/appRoleAssignments", app, "AppRoleAssignment.ReadWrite.All Application.Read.All", true},
		{"granting a role, wider second half", "POST /servicePrincipals/{id}/appRoleAssignments", app, "AppRoleAssignment.ReadWrite.All Directory.ReadWrite.All", true},
		{"granting a role without reading applications", "POST /servicePrincipals/{id}/appRoleAssignments", app, "AppRoleAssignment.ReadWrite.All", false},
		{"nobody grants himself a role by writing applications", "POST /servicePrincipals/{id}/appRoleAssignments", app, "Application.ReadWrite.All", false},
		{"nor by another way to the same", "POST /servicePrincipals(appId='x')/appRoleAssignedTo", app, "Application.ReadWrite.All Directory.Read.All", false},
		{"conditional access by its reader", "POST /identity/conditionalAccess/policies", app, "Policy.Read.All Application.Read.All", false},
		{"conditional access by all three", "POST /identity/conditionalAccess/policies", app, "Policy.ReadWrite.ConditionalAccess Policy.Read.All Application.Read.All", true},
		{"conditional access, one missing", "PATCH /identity/conditionalAccess/policies/{id}", app, "Policy.ReadWrite.ConditionalAccess Policy.Read.All", false},
		{"reading conditional access", "GET /identity/conditionalAccess/policies", app, "Policy.Read.All", true},
		{"an appointment by a reader of bookings", "POST /solutions/bookingBusinesses/{id}/appointments", app, "Bookings.Read.All", false},
		{"an appointment changed by a reader of bookings", "PATCH /solutions/bookingBusinesses/{id}/appointments/{id}", app, "Bookings.Read.All", false},
		{"an appointment by its writer", "POST /solutions/bookingBusinesses/{id}/appointments", app, "BookingsAppointment.ReadWrite.All", true},
		{"one path in two spellings, by the first", "GET /deviceManagement/deviceComplianceScripts", app, "DeviceManagementScripts.Read.All", true},
		{"one path in two spellings, by the second", "GET /deviceManagement/deviceComplianceScripts", app, "DeviceManagementConfiguration.Read.All", true},
		{"a secret of one's own application", "POST /applications/{id}/addPassword", app, "Application.ReadWrite.OwnedBy", true},
		{"delegated grants", "POST /oauth2PermissionGrants", app, "DelegatedPermissionGrant.ReadWrite.All", true},
		{"a mail writer does not attach to events", "POST /me/events/{id}/attachments/createUploadSession", work, "Mail.ReadWrite", false},
		{"a batch by any token", "POST /$batch", app, "", true},
		{"one's subscriptions by any token", "GET /subscriptions/{id}", work, "", true},
		{"notifications of events", "SUBSCRIBE /users/{id}/events", app, "Calendars.Read", true},
		{"notifications of events, resource as documented", "SUBSCRIBE me/events?$filter=x", work, "Calendars.ReadWrite", true},
		{"notifications of another calendar", "SUBSCRIBE users/{id}/calendars/{id}/events", app, "Calendars.Read", true},
		{"notifications need more than basic reading", "SUBSCRIBE users/{id}/events", app, "Calendars.ReadBasic.All", false},
		{"notifications of the directory", "SUBSCRIBE users", app, "User.ReadWrite.All", true},
		{"notifications of groups", "SUBSCRIBE groups", app, "GroupMember.Read.All", false},
		{"a name that does not exist", "GET /users", app, "User.Reed.All", false},
		{"resource-specific consent opens nothing tenant-wide", "GET /teams/{id}/members", app, "TeamMember.Read.Group", false},
	} {
		t.Run(tc.situation, func(t *testing.T) {
			held := catalog.Load().Grants(tc.scheme, strings.Fields(tc.held)...)
			if got := operation(t, tc.ask).Allowed(held); got != tc.want {
				t.Errorf("%s with %q as %s: %v, want %v", tc.ask, tc.held, tc.scheme, got, tc.want)
			}
		})
	}
}

func TestGrantsOfNobodyOpenNothing(t *testing.T) {
	if operation(t, "GET /users").Allowed(catalog.Grants{}) {
		t.Error("the zero grants open /users")
	}
	if operation(t, "GET /users").Allowed(catalog.Load().Grants("Nobody", "User.Read.All")) {
		t.Error("grants in an unknown scheme open /users")
	}
}

func TestUnknownOperationsAreRefused(t *testing.T) {
	c := catalog.Load()
	for _, ask := range []string{
		"GET /users/{id}/secrets",
		"GET ",
		"GET /",
		"BREW /users",
		"SUBSCRIBE /users",
		"DELETE /users",
		"PUT /users/{id}",
		"GET //users",
		"GET /users//events",
		"GET /users/../groups",
		"GET /users/{id}/events/{id}/$metadata",
		"DELETE /groups/{id}/members/{id}", // without $ref Graph deletes the member itself
		"POST /groups/{id}/owners",
		"PUT /users/{id}/manager",
		"POST /$batch/1",
		"GET /v1.0/users",
		"GET /groups/microsoft.graph.secret",
		"GET /users/find(name='x')",
		"GET /users/find()",
		"GET /users/a:",
		"POST /users/{id}/events/$ref",
		"POST /users/{id}/events/$count",
		"POST /users/{id}/events/delta",
		"DELETE /users/{id}/calendars/$count",
		"GET /groups/{id}/mailboxSettings",
		"POST /groups/{id}/appRoleAssignments/{id}",
		"GET /users/$count/events",
	} {
		method, path, _ := strings.Cut(ask, " ")
		if op, ok := c.Operation(method, path); ok {
			t.Errorf("%s is taken for %s (%s)", ask, op, op.Rule())
		}
	}
	for _, resource := range []string{"", "users/{id}/secrets", "applications", "$batch"} {
		if op, ok := c.Subscription(resource); ok {
			t.Errorf("a subscription to %q is taken for %s", resource, op)
		}
	}
}

func TestLeastPrivilege(t *testing.T) {
	const work, app = catalog.DelegatedWork, catalog.Application
	for _, tc := range []struct {
		situation string
		ask       string
		scheme    catalog.Scheme
		want      string
	}{
		{"the only one", "POST /users/{id}/events", app, "Calendars.ReadWrite"},
		{"two marks, a reader and a writer", "GET /users", app, "User.ReadBasic.All"},
		{"a mark on a narrow writer", "GET /groups", app, "Group.ReadBasic.All"},
		{"a mark that the documentation does not know", "GET /groups/{id}/transitiveMembers", app, "GroupMember.Read.All"},
		{"marks on writers only are not believed", "GET /applications/delta", app, "Application.Read.All"},
		{"the wrong mark corrected", "GET /organization", app, "Organization.Read.All"},
		{"the wrong mark corrected, delegated", "GET /organization", work, "User.Read"},
		{"a marked one that nobody can be granted", "GET /users/{id}/events", app, "Calendars.ReadBasic.All"},
		{"a marked one without an id", "POST /applications", app, "Application.ReadWrite.OwnedBy"},
		{"two that write: the one that opens less", "DELETE /users/{id}", app, "User.DeleteRestore.All"},
		{"with another in addition", "POST /identity/conditionalAccess/policies", app, "Policy.ReadWrite.ConditionalAccess+Policy.Read.All+Application.Read.All"},
		{"with one of two in addition", "POST /servicePrincipals/{id}/appRoleAssignedTo", app, "AppRoleAssignment.ReadWrite.All+Application.Read.All|Directory.Read.All"},
		{"two that write as much: the lower level", "GET /chats/{id}/permissionGrants", work, "TeamsAppInstallation.ReadForChat"},
		{"two of one level: the one that opens less", "GET /directoryRoles/{id}", app, "RoleManagement.Read.Directory"},
		{"a mark on a narrow writer corrected", "PATCH /groups/{id}", app, "Group.ReadWrite.All"},
		{"a delta round", "GET /users/{id}/calendarView/delta", app, "Calendars.Read"},
		{"no mark at all", "POST /oauth2PermissionGrants", app, "DelegatedPermissionGrant.ReadWrite.All"},
		{"nothing for an application", "GET /me", app, ""},
		{"free", "POST /$batch", app, ""},
	} {
		t.Run(tc.situation, func(t *testing.T) {
			least, ok := operation(t, tc.ask).Least(tc.scheme)
			got := least.Permission
			for _, group := range least.AlsoRequires {
				got += "+" + strings.Join(group, "|")
			}
			if got != tc.want || ok != (tc.want != "") {
				t.Errorf("the least for %s is %q, want %q", tc.ask, got, tc.want)
			}
		})
	}
}

func TestOpensListsTheLeastFirstAndTheWiderLast(t *testing.T) {
	opens := operation(t, "GET /users/{id}/events/{id}").Opens(catalog.DelegatedWork)
	var names []string
	for _, r := range opens {
		names = append(names, r.Permission)
	}
	want := []string{"Calendars.ReadBasic", "Calendars.Read", "Calendars.Read.Shared", "Calendars.ReadWrite", "Calendars.ReadWrite.Shared"}
	if !slices.Equal(names, want) || !opens[0].Least || opens[1].Least {
		t.Errorf("got %v", opens)
	}
	if got := operation(t, "GET /me").Opens(catalog.Application); got != nil {
		t.Errorf("an application opens /me by %v", got)
	}
	if got := operation(t, "GET /users").Opens("Nobody"); got != nil {
		t.Errorf("nobody opens /users by %v", got)
	}
}

// TestAQueryOfTheTableWidensNothing: the table opens agentInstances with a
// certain $filter to those who read cards.
func TestAQueryOfTheTableWidensNothing(t *testing.T) {
	for _, r := range operation(t, "GET /agentRegistry/agentInstances").Opens(catalog.Application) {
		if strings.HasPrefix(r.Permission, "AgentCardManifest") {
			t.Errorf("%s opens agentInstances", r.Permission)
		}
	}
}

// TestOpensAgreesWithAllowed takes each requirement of the whole table by
// itself: what Opens lists must open, and nothing must be listed twice.
func TestOpensAgreesWithAllowed(t *testing.T) {
	c := catalog.Load()
	c.EachOperation(func(method, template string) {
		op := operation(t, method+" "+template)
		for s := range catalog.Schemes() {
			listed := map[string]bool{}
			for _, r := range op.Opens(s) {
				held := append([]string{r.Permission}, firsts(r.AlsoRequires)...)
				if !op.Allowed(c.Grants(s, held...)) {
					t.Errorf("%s: %v opens by Opens and not by Allowed", op, held)
				}
				key := fmt.Sprint(r.Permission, r.AlsoRequires)
				if listed[key] {
					t.Errorf("%s: %s is listed twice", op, key)
				}
				listed[key] = true
			}
		}
	})
}

// TestWhatIsRememberedIsWhatTheRulesSay asks for every operation of the table in other
// forms, of a catalogue that remembers nothing and of one that was asked before with
// other keys.
func TestWhatIsRememberedIsWhatTheRulesSay(t *testing.T) {
	c, n := catalog.Load(), 0
	asked := c.Forgetful()
	c.EachOperation(func(method, template string) {
		if n++; method == "SUBSCRIBE" || n%7 > 0 {
			return
		}
		if n%700 == 0 {
			asked = c.Forgetful() // so that it never is full
		}
		for _, form := range []string{"$s", "$s/$count", "$s/$value", "$s/extensions/a.b", "$s/microsoft.graph.user/$count", "$s/AAMk="} {
			for _, key := range []string{"AAMkAGI1AAABBBB=", "02bd9fd6-8f93-4758-87c3-1fb73740a315", "anna", "delta"} {
				path := strings.ReplaceAll(strings.ReplaceAll(form, "$s", template), "{id}", key)
				afresh, ok := c.Forgetful().Operation(method, path)
				for range 2 { // the second time it is remembered at the latest
					if got, known := asked.Operation(method, path); known != ok || known && (got.String() != afresh.String() || got.Rule() != afresh.Rule()) {
						t.Fatalf("%s %s: %s by %q, the rules say %s by %q", method, path, got, got.Rule(), afresh, afresh.Rule())
					}
				}
			}
		}
	})
}

func TestWhatIsRememberedIsBounded(t *testing.T) {
	c := catalog.Load().Forgetful()
	for i := range 6000 {
		c.Operation("GET", "/users/x"+strings.Repeat("a", i%80)+"/"+strings.Repeat("b", i/80)+"/$count")
	}
	if n := c.Shapes(); n != 1<<12 {
		t.Errorf("%d shapes are remembered", n)
	}
}

func BenchmarkGrants(b *testing.B) {
	c := catalog.Load()
	var all []string
	for p := range c.Permissions() {
		if p.Offered(catalog.Application) {
			all = append(all, p.Name)
		}
	}
	for b.Loop() {
		c.Grants(catalog.Application, all...)
	}
}

// ways are operations as they are asked for, by how they are found.
func ways() []struct{ name, path string } {
	return []struct{ name, path string }{
		{"in the table", "/users/anna@contoso.com/calendarView/delta"},
		{"by three rules", "/users/anna@contoso.com/calendars/AAMkAGI1AAA=/events/AAMkAGI1AAABBBB=/attachments/AAA"},
		{"by two rules", "/me/calendars/AAMkAGI1AAA=/events/AAMkAGI1AAABBBB=/extensions/x.y"},
		{"count of a cast", "/groups/02bd9fd6-8f93-4758-87c3-1fb73740a315/members/microsoft.graph.user/$count"},
		{"unknown", "/users/anna@contoso.com/nothing/of/that"},
	}
}

// TestLookingUpAllocatesThePathOnly counts: a path in small letters is looked up without
// any allocation, another with one copy, whatever rules led to it before.
func TestLookingUpAllocatesThePathOnly(t *testing.T) {
	c := catalog.Load()
	held := c.Grants(catalog.Application, "Calendars.ReadWrite", "User.Read.All")
	for _, w := range ways() {
		n := testing.AllocsPerRun(10, func() {
			if op, ok := c.Operation("GET", w.path); ok {
				op.Allowed(held)
			}
		})
		if n > 1 || n > 0 && w.path == strings.ToLower(w.path) {
			t.Errorf("%s: %.0f allocations", w.name, n)
		}
	}
}

func BenchmarkAllowed(b *testing.B) {
	c := catalog.Load()
	held := c.Grants(catalog.Application, "Calendars.ReadWrite", "User.Read.All")
	for _, bc := range ways() {
		b.Run(bc.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if op, ok := c.Operation("GET", bc.path); ok {
					op.Allowed(held)
				}
			}
		})
	}
}
