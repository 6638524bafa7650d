package sim_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/graphwarden/graphwarden/sim"
)

// cmdlet runs a cmdlet of Exchange Online PowerShell as its module does, and gives
// the rows, or the name of the exception.
func (x *tenant) cmdlet(token, name string, parameters doc) (rows []doc, problem string) {
	x.Helper()
	status, out := x.call("POST", "/adminapi/beta/"+x.ready.Tenant.ID+"/InvokeCommand", token,
		doc{"CmdletInput": doc{"CmdletName": name, "Parameters": parameters}})
	if status != 200 {
		e, _ := out["error"].(doc)
		details, _ := e["details"].([]any)
		if len(details) == 0 {
			return nil, fmt.Sprint(status)
		}
		said := details[0].(doc)["message"].(string)
		if parts := strings.Split(said, "|"); len(parts) == 3 {
			kind := parts[1][strings.LastIndexByte(parts[1], '.')+1:]
			return nil, kind
		}
		return nil, fmt.Sprint(status) + " " + said
	}
	list, _ := out["value"].([]any)
	for _, v := range list {
		rows = append(rows, v.(doc))
	}
	return rows, ""
}

// admin runs a cmdlet as the Global Administrator; it must work.
func (x *tenant) admin(name string, parameters doc) []doc {
	x.Helper()
	rows, problem := x.cmdlet(x.ready.Tokens.Exchange, name, parameters)
	if problem != "" {
		x.Fatalf("%s %v: %s", name, parameters, problem)
	}
	return rows
}

// reads says whether an app's own token may read a mailbox's calendars.
func (x *tenant) reads(token, user string) int {
	x.Helper()
	status, _ := x.call("GET", "/v1.0/users/"+user+"/calendars", token, nil)
	return status
}

func (x *tenant) principal(app string) string {
	x.Helper()
	_, out := x.call("GET", "/v1.0/servicePrincipals?$filter=appId eq '"+x.app(app).ClientID+"'&$select=id", x.ready.Tokens.Everything, nil)
	return out["value"].([]any)[0].(doc)["id"].(string)
}

// outsider is a person who is not in the group Leadership.
func (x *tenant) outsider() sim.ReadyUser {
	x.Helper()
	_, out := x.call("GET", "/v1.0/groups?$filter=displayName eq 'Leadership'&$expand=members", x.ready.Tokens.Everything, nil)
	members, _ := out["value"].([]any)[0].(doc)["members"].([]any)
	for _, u := range x.ready.Users {
		if !slices.ContainsFunc(members, func(m any) bool { return m.(doc)["id"] == u.ID }) {
			return u
		}
	}
	x.Fatal("everybody leads")
	return sim.ReadyUser{}
}

func (x *tenant) later(span string) {
	x.Helper()
	x.steer("/sim/clock", doc{"advance": span})
}

// TestARoleOfExchangeOpensItsScopeAndNothingElse follows Microsoft's own way: a
// pointer, a scope, an assignment, the test that bypasses the cache, and up to two
// hours later the effect.
func TestARoleOfExchangeOpensItsScopeAndNothingElse(t *testing.T) {
	x := start(t, sim.Options{})
	ann, bob := x.ready.Users[0], x.ready.Users[1]
	nothing := x.app("nothing").ClientID
	p := x.admin("New-ServicePrincipal", doc{"AppId": nothing, "ObjectId": x.principal("nothing"), "DisplayName": "nothing"})[0]
	x.admin("New-ManagementScope", doc{"Name": "some", "RecipientRestrictionFilter": "ExternalDirectoryObjectId -eq '" + ann.ID + "'"})
	x.admin("New-ManagementRoleAssignment", doc{"Name": "reads some", "App": p["ObjectId"], "Role": "Application Calendars.Read", "CustomResourceScope": "some"})
	for user, want := range map[string]string{ann.UserPrincipalName: "True", bob.UserPrincipalName: "False", "": "Not Run"} {
		in := doc{"Identity": nothing}
		if user != "" {
			in["Resource"] = user
		}
		row := x.admin("Test-ServicePrincipalAuthorization", in)[0]
		if row["InScope"] != want || row["RoleName"] != "Application Calendars.Read" || row["AllowedResourceScope"] != "some" || row["ScopeType"] != "CustomRecipientScope" {
			t.Errorf("%q: %v, want %s", user, row, want)
		}
	}
	if got := x.reads(x.token("nothing"), ann.ID); got != 403 {
		t.Errorf("at once: %d, want 403", got)
	}
	x.later("29m")
	if got := x.reads(x.token("nothing"), ann.ID); got != 403 {
		t.Errorf("after 29 minutes: %d, want 403", got)
	}
	x.later("1h31m")
	token := x.token("nothing")
	if in, out := x.reads(token, ann.ID), x.reads(token, bob.ID); in != 200 || out != 403 {
		t.Errorf("after two hours: %d inside and %d outside", in, out)
	}
	x.admin("Set-ManagementScope", doc{"Identity": "some", "RecipientRestrictionFilter": "ExternalDirectoryObjectId -eq '" + bob.ID + "'"})
	if in, out := x.reads(token, ann.ID), x.reads(token, bob.ID); in != 200 || out != 403 {
		t.Errorf("a changed scope took effect at once: %d, %d", in, out)
	}
	x.later("2h")
	token = x.token("nothing")
	if in, out := x.reads(token, ann.ID), x.reads(token, bob.ID); in != 403 || out != 200 {
		t.Errorf("the changed scope: %d, %d", in, out)
	}
	if _, problem := x.cmdlet(x.ready.Tokens.Exchange, "Remove-ManagementScope", doc{"Identity": "some", "Confirm": false}); problem != "CannotRemoveScopeWithAssignments" {
		t.Errorf("a scope in use: %s", problem)
	}
	x.admin("Remove-ManagementRoleAssignment", doc{"Identity": "reads some", "Confirm": false})
	x.admin("Remove-ManagementScope", doc{"Identity": "some", "Confirm": false})
	x.admin("Remove-ServicePrincipal", doc{"Identity": nothing, "Confirm": false})
	x.later("2h")
	if got := x.reads(x.token("nothing"), bob.ID); got != 403 {
		t.Errorf("when all is removed: %d", got)
	}
}

// TestConsentAndRoleAddUp: a consent that is for every mailbox is not narrowed by a
// scoped role beside it.
func TestConsentAndRoleAddUp(t *testing.T) {
	x := start(t, sim.Options{Users: 12})
	ann, bob := x.ready.Users[0], x.outsider()
	x.admin("New-ServicePrincipal", doc{"AppId": x.app("calendar").ClientID, "ObjectId": x.principal("calendar")})
	x.admin("New-ManagementRoleAssignment", doc{"App": x.principal("calendar"), "Role": "Application Calendars.Read", "RecipientGroupScope": "Leadership"})
	x.later("2h")
	for _, user := range []string{ann.ID, bob.ID} {
		if got := x.reads(x.token("calendar"), user); got != 200 {
			t.Errorf("%d, want 200: the consent is still there", got)
		}
	}
	x.steer("/sim/apps", doc{"app": "calendar", "do": "revoke"})
	if in, out := x.reads(x.token("calendar"), ann.ID), x.reads(x.token("calendar"), bob.ID); in != 200 || out != 403 {
		t.Errorf("without the consent: %d in the group, %d outside", in, out)
	}
}

// TestAWrongObjectIDFailsLaterSilently, as Microsoft's document warns.
func TestAWrongObjectIDFailsLaterSilently(t *testing.T) {
	x := start(t, sim.Options{})
	wrong := x.app("nothing").ClientID
	x.admin("New-ServicePrincipal", doc{"AppId": wrong, "ObjectId": wrong})
	x.admin("New-ManagementRoleAssignment", doc{"App": wrong, "Role": "Application Calendars.Read"})
	x.later("2h")
	if got := x.reads(x.token("nothing"), x.ready.Users[0].ID); got != 403 {
		t.Errorf("%d, want 403", got)
	}
}

func TestAccessPoliciesAreAdministered(t *testing.T) {
	x := start(t, sim.Options{Users: 12})
	calendar := x.app("calendar").ClientID
	p := x.admin("New-ApplicationAccessPolicy", doc{"AppId": calendar, "PolicyScopeGroupId": "Leadership", "AccessRight": "RestrictAccess", "Description": "ours"})[0]
	ann, last := x.ready.Users[0], x.outsider()
	for user, want := range map[string]string{ann.ID: "Granted", last.ID: "Denied"} {
		if row := x.admin("Test-ApplicationAccessPolicy", doc{"Identity": user, "AppId": calendar})[0]; row["AccessCheckResult"] != want {
			t.Errorf("%v, want %s", row, want)
		}
	}
	if got := x.reads(x.token("calendar"), last.ID); got != 200 {
		t.Errorf("at once: %d, want 200", got)
	}
	x.later("2h")
	status, out := x.call("GET", "/v1.0/users/"+last.ID+"/calendars", x.token("calendar"), nil)
	if e, _ := out["error"].(doc); status != 403 || !strings.Contains(fmt.Sprint(e["message"]), "[RAOP]") || x.reads(x.token("calendar"), ann.ID) != 200 {
		t.Errorf("after two hours: %d %v", status, out)
	}
	if rows := x.admin("Get-ApplicationAccessPolicy", nil); len(rows) != 1 || rows[0]["Identity"] != p["Identity"] || rows[0]["AppId"] != calendar {
		t.Errorf("%v", rows)
	}
	x.admin("Remove-ApplicationAccessPolicy", doc{"Identity": p["Identity"], "Confirm": false})
	x.later("2h")
	if got := x.reads(x.token("calendar"), last.ID); got != 200 {
		t.Errorf("removed: %d", got)
	}
}

// TestWhatExchangeRefuses names the exception of each refusal.
func TestWhatExchangeRefuses(t *testing.T) {
	x := start(t, sim.Options{})
	nothing := x.app("nothing").ClientID
	x.admin("New-ServicePrincipal", doc{"AppId": nothing, "ObjectId": x.principal("nothing")})
	x.admin("New-ManagementScope", doc{"Name": "some", "RecipientRestrictionFilter": "Department -eq 'x'"})
	x.admin("New-ManagementRoleAssignment", doc{"Name": "one", "App": nothing, "Role": "Application Mail.Send"})
	own, err := x.Entra.ExchangeToken(x.app("everything").ClientID, "", time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	employee, err := x.Entra.ExchangeToken(x.app("everything").ClientID, x.ready.Users[2].ID, time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		token, cmdlet string
		in            doc
		want          string
	}{
		{"", "Get-Mailbox", nil, "401"},
		{x.ready.Tokens.Admin, "Get-Mailbox", nil, "401"},
		{own, "Get-Mailbox", nil, "403 The role assigned to application " + x.app("everything").ClientID},
		{employee, "Get-Mailbox", nil, "CommandNotFoundException"},
		{"admin", "Get-Weather", nil, "CommandNotFoundException"},
		{"admin", "New-ManagementScope", doc{"Name": "some", "RecipientRestrictionFilter": "Department -eq 'x'"}, "ADObjectAlreadyExistsException"},
		{"admin", "New-ManagementScope", doc{"Name": "other"}, "ParameterBindingException"},
		{"admin", "New-ManagementScope", doc{"Name": "other", "RecipientRestrictionFilter": "Department is x"}, "ArgumentException"},
		{"admin", "New-ManagementScope", doc{"Name": "other", "RecipientRestrictionFilter": "Mood -eq 'good'"}, "ArgumentException"},
		{"admin", "New-ManagementScope", doc{"Name": strings.Repeat("x", 65), "RecipientRestrictionFilter": "Department -eq 'x'"}, "DataValidationException"},
		{"admin", "New-ManagementScope", doc{"Name": "other", "RecipientRestrictionFilter": "Department -eq 'x'", "Colour": "red"}, "ParameterBindingException"},
		{"admin", "Remove-ManagementScope", doc{"Identity": "some"}, "HostException"},
		{"admin", "Get-ManagementScope", doc{"Identity": "none"}, "ManagementObjectNotFoundException"},
		{"admin", "New-ServicePrincipal", doc{"AppId": nothing, "ObjectId": nothing}, "ADObjectAlreadyExistsException"},
		{"admin", "New-ServicePrincipal", doc{"AppId": "x", "ObjectId": nothing}, "ArgumentException"},
		{"admin", "New-ManagementRoleAssignment", doc{"Name": "one", "App": nothing, "Role": "Application Mail.Send"}, "ADObjectAlreadyExistsException"},
		{"admin", "New-ManagementRoleAssignment", doc{"App": nothing, "Role": "Mail Recipients"}, "ManagementObjectNotFoundException"},
		{"admin", "New-ManagementRoleAssignment", doc{"App": x.app("calendar").ClientID, "Role": "Application Mail.Send"}, "ManagementObjectNotFoundException"},
		{"admin", "New-ManagementRoleAssignment", doc{"App": nothing, "Role": "Application Mail.Read", "CustomResourceScope": "none"}, "ManagementObjectNotFoundException"},
		{"admin", "New-ApplicationAccessPolicy", doc{"AppId": nothing, "PolicyScopeGroupId": "Newsletter", "AccessRight": "RestrictAccess"}, "RecipientTaskException"},
		{"admin", "Test-ServicePrincipalAuthorization", doc{"Identity": nothing, "Resource": "nobody"}, "ManagementObjectNotFoundException"},
	} {
		token := c.token
		if token == "admin" {
			token = x.ready.Tokens.Exchange
		}
		if _, problem := x.cmdlet(token, c.cmdlet, c.in); !strings.HasPrefix(problem, c.want) {
			t.Errorf("%s %v: %s, want %s", c.cmdlet, c.in, problem, c.want)
		}
	}
	for _, path := range []string{"/adminapi/beta/fabrikam.example/InvokeCommand", "/adminapi/v3.0/" + x.ready.Tenant.ID + "/InvokeCommand", "/adminapi/beta/x"} {
		status, _, err := x.try("POST", path, x.ready.Tokens.Exchange, doc{"CmdletInput": doc{"CmdletName": "Get-Mailbox"}})
		if err != nil || status != 401 && status != 404 {
			t.Errorf("%s answered %d, %v", path, status, err)
		}
	}
}

// TestAnAppAdministratesExchangeWithADirectoryRole: Exchange.ManageAsApp alone does
// not do it.
func TestAnAppAdministratesExchangeWithADirectoryRole(t *testing.T) {
	x := start(t, sim.Options{})
	_, role := x.call("POST", "/v1.0/directoryRoles", x.ready.Tokens.Admin, doc{"roleTemplateId": "29232cdf-9323-42fd-ade2-1d097af3e4de"})
	status, out := x.call("POST", "/v1.0/directoryRoles/"+fmt.Sprint(role["id"])+"/members/$ref", x.ready.Tokens.Admin,
		doc{"@odata.id": origin + "/v1.0/directoryObjects/" + x.principal("everything")})
	if status != 204 {
		t.Fatalf("%d %v", status, out)
	}
	token, err := x.Entra.ExchangeToken(x.app("everything").ClientID, "", time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	rows, problem := x.cmdlet(token, "Get-Mailbox", doc{"ResultSize": 2})
	if problem != "" || len(rows) != 2 || rows[0]["ExternalDirectoryObjectId"] == "" || rows[0]["RecipientTypeDetails"] != "UserMailbox" {
		t.Errorf("%v %s", rows, problem)
	}
	if rows := x.admin("Get-Group", doc{"Identity": "Leadership"}); rows[0]["RecipientTypeDetails"] != "MailUniversalSecurityGroup" || !strings.HasPrefix(rows[0]["DistinguishedName"].(string), "CN=") {
		t.Errorf("%v", rows)
	}
}

// TestWhatExchangeKnowsSurvivesAKill: a journal keeps it.
func TestWhatExchangeKnowsSurvivesAKill(t *testing.T) {
	journal := t.TempDir() + "/tenant.journal"
	x := start(t, sim.Options{Journal: journal})
	x.admin("New-ManagementScope", doc{"Name": "some", "RecipientRestrictionFilter": "Department -eq 'x'"})
	if err := x.halt(); err != nil {
		t.Fatal(err)
	}
	x = start(t, sim.Options{Journal: journal})
	if rows := x.admin("Get-ManagementScope", nil); len(rows) != 1 || rows[0]["RecipientFilter"] != "Department -eq 'x'" {
		t.Errorf("%v", rows)
	}
}
