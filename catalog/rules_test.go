package catalog_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/graphwarden/graphwarden/catalog"
)

func TestFallbackRules(t *testing.T) {
	tested := map[string]bool{}
	for _, tc := range []struct{ ask, rules, want string }{
		{"GET /users/$count", "count", "GET /users"},
		{"GET /groups/{id}/members/microsoft.graph.user/$count", "count, cast", "GET /groups/{id}/members"},
		{"GET /users/{id}/photo/$value", "value", "GET /users/{id}/photo"},
		{"GET /groups/{id}/members/$ref", "reference", "GET /groups/{id}/members"},
		{"GET /users/{id}/memberOf/microsoft.graph.group", "cast", "GET /users/{id}/memberof"},
		{"GET /users/microsoft.graph.delta()", "qualified name", "GET /users/delta"},
		{"POST /me/microsoft.graph.getMailTips", "qualified name", "POST /me/getmailtips"},
		{"GET /me/drive/root/delta(token='1230919asd190410jlka')", "arguments", "GET /me/drive/root/delta"},
		{"PATCH /me/events/{id}/instances/{id}", "occurrence as event", "PATCH /me/events/{id}"},
		{"PATCH /users/{id}/calendarView/{id}", "occurrence as event", "PATCH /users/{id}/events/{id}"},
		{"GET /me/events/{id}/calendar", "calendar of an event, default calendar, item of its collection", "GET /me/calendars"},
		{"GET /me/calendarView", "owner", "GET /users/{id}/calendarview"},
		{"POST /me/assignLicense", "owner", "POST /users/{id}/assignlicense"},
		{"GET /users/{id}/calendarGroups/{id}/calendars/{id}/calendarView/delta", "calendar group", "GET /users/{id}/calendars/{id}/calendarview/delta"},
		{"GET /users/{id}/calendar/calendarView/delta", "default calendar", "GET /users/{id}/calendars/{id}/calendarview/delta"},
		{"GET /me/calendars/{id}/calendarPermissions", "default calendar, owner", "GET /users/{id}/calendar/calendarpermissions"},
		{"POST /me/calendars/{id}/events/{id}/attachments/createUploadSession", "events of a calendar", "POST /me/events/{id}/attachments/createuploadsession"},
		{"GET /directory/administrativeUnits/delta", "delta", "GET /directory/administrativeunits"},
		{"GET /users/{id}/extensions/{id}", "extension", "GET /users/{id}"},
		{"POST /me/events/{id}/extensions", "extension", "PATCH /me/events/{id}"},
		{"GET /me/events/{id}/attachments/{id}", "item of its collection", "GET /me/events/{id}/attachments"},
		{"GET /me/events/{id}/attachments/{id}/$value", "value, item of its collection", "GET /me/events/{id}/attachments"},
		{"GET /groups/{id}/members/{id}", "item of its collection", "GET /groups/{id}/members"},
		{"GET /servicePrincipals/{id}/appRoleAssignedTo/{id}", "item of its collection", "GET /serviceprincipals/{id}/approleassignedto"},
		{"DELETE /users/{id}/events/{id}/attachments/{id}", "item of its collection", "POST /users/{id}/events/{id}/attachments"},
		{"PATCH /users/{id}/calendar", "default calendar, item of its collection", "POST /users/{id}/calendars"},
	} {
		t.Run(tc.ask, func(t *testing.T) {
			op := operation(t, tc.ask)
			if op.Rule() != tc.rules || op.String() != tc.want {
				t.Errorf("%s is taken for %s by %q, want %s by %q", tc.ask, op, op.Rule(), tc.want, tc.rules)
			}
			for _, rule := range strings.Split(op.Rule(), ", ") {
				tested[rule] = true
			}
		})
	}
	for _, rule := range catalog.RuleNames() {
		if !tested[rule] {
			t.Errorf("no situation needs the rule %q", rule)
		}
	}
}

// TestEveryOperationOfTheTableIsFound asks for each template of the table and
// for a real path of it, in the spelling of a client.
func TestEveryOperationOfTheTableIsFound(t *testing.T) {
	c := catalog.Load()
	count := 0
	c.EachOperation(func(method, template string) {
		count++
		for _, path := range []string{template, strings.ReplaceAll(template, "{id}", "5f88184c-80bb"), strings.ToUpper(template)} {
			op, ok := c.Operation(method, path)
			if method == "SUBSCRIBE" {
				op, ok = c.Subscription(path)
			}
			if !ok || op.String() != method+" "+template || op.Rule() != "" {
				t.Errorf("%s %s is taken for %v (%v)", method, path, op, ok)
				return
			}
		}
	})
	if count < 11000 {
		t.Errorf("only %d operations", count)
	}
}

func TestCorrectionsAreWhatTheTableLacks(t *testing.T) {
	for _, corrected := range catalog.CorrectedOperations() {
		op := operation(t, corrected[0]+" "+corrected[1])
		if op.Rule() != "" {
			t.Errorf("%v is not in the table but by %s", corrected, op.Rule())
		}
	}
}

func FuzzOperation(f *testing.F) {
	for _, path := range []string{
		"/users/{id}/events", "/me/drive/root:/a/b.txt:/content", "/users(appId='a/b')/x", "/groups/$count", "(", ")", "a=(", "/:/:", "{}",
		"/me/calendarGroups/{id}/calendars/{id}/events/{id}/instances/{id}/attachments/{id}/$value",
	} {
		f.Add("GET", path)
	}
	c := catalog.Load()
	known := map[string]bool{}
	c.EachOperation(func(method, template string) { known[method+" "+template] = true })
	f.Fuzz(func(t *testing.T, method, path string) {
		op, ok := c.Operation(method, path)
		if ok && !known[op.String()] {
			t.Errorf("%s %s is taken for %s, which is not in the table", method, path, op)
		}
		if again, ok2 := c.Operation(method, path); ok != ok2 || ok && again.String() != op.String() {
			t.Errorf("%s %s is not always the same", method, path)
		}
		if ok && !slices.ContainsFunc([]string{"GET", "POST", "PATCH", "PUT", "DELETE"}, func(m string) bool { return strings.EqualFold(m, method) }) {
			t.Errorf("%q is taken for a method", method)
		}
	})
}
