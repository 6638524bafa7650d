package directory_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/graphwarden/graphwarden/sim/world"
)

func TestDirectoryRolesAllowWhatTheyAreFor(t *testing.T) {
	everyRole := []string{""}
	for _, r := range world.RoleTemplates() {
		everyRole = append(everyRole, r.ID)
	}
	for _, s := range []struct {
		name, request, body string
		status              int
		roles               []string // besides the Global Administrator's
	}{
		{"a user made", "POST /users", newUser, 201, []string{world.UserAdministrator, world.DirectoryWriters}},
		{"a user changed", "PATCH /users/{bob}", `{"jobTitle":"x"}`, 204, []string{world.UserAdministrator, world.DirectoryWriters}},
		{"a user deleted", "DELETE /users/{bob}", "", 204, []string{world.UserAdministrator, world.DirectoryWriters}},
		{"a manager set", "PUT /users/{bob}/manager/$ref", `{"@odata.id":"users/{ada}"}`, 204, []string{world.UserAdministrator, world.DirectoryWriters}},
		{"sign-ins revoked", "POST /users/{bob}/revokeSignInSessions", "", 200, []string{world.UserAdministrator, world.HelpdeskAdministrator,
			world.PasswordAdministrator, world.AuthenticationAdministrator, world.PrivilegedAuthenticationAdministrator}},
		{"a group made", "POST /groups", newTeam, 201, []string{world.GroupsAdministrator, world.UserAdministrator, world.DirectoryWriters}},
		{"a member added", "POST /groups/{team}/members/$ref", `{"@odata.id":"users/{dan}"}`, 204, []string{world.GroupsAdministrator, world.UserAdministrator, world.DirectoryWriters}},
		{"an application made", "POST /applications", `{"displayName":"x"}`, 201, []string{world.ApplicationAdministrator, world.CloudApplicationAdministrator}},
		{"a secret added", "POST /applications/{app}/addPassword", `{}`, 200, []string{world.ApplicationAdministrator, world.CloudApplicationAdministrator}},
		{"a permission of Graph granted to an app", "POST /servicePrincipals/{sp}/appRoleAssignments", `{"principalId":"{sp}","resourceId":"{graph}","appRoleId":"{userRead}"}`, 201, []string{world.PrivilegedRoleAdministrator}},
		{"a person assigned to an app", "POST /users/{bob}/appRoleAssignments", `{"principalId":"{bob}","resourceId":"{sp}","appRoleId":"00000000-0000-0000-0000-000000000000"}`, 201,
			[]string{world.ApplicationAdministrator, world.CloudApplicationAdministrator, world.PrivilegedRoleAdministrator}},
		{"consent for everybody", "POST /oauth2PermissionGrants", `{"clientId":"{sp}","consentType":"AllPrincipals","resourceId":"{graph}","scope":"User.Read"}`, 201,
			[]string{world.ApplicationAdministrator, world.CloudApplicationAdministrator, world.PrivilegedRoleAdministrator}},
		{"a role given", "POST /directoryRoles(roleTemplateId='" + world.UserAdministrator + "')/members/$ref", `{"@odata.id":"users/{bob}"}`, 204, []string{world.PrivilegedRoleAdministrator}},
		{"the organisation changed", "PATCH /organization/" + world.StableID(1, "tenant"), `{"technicalNotificationMails":[]}`, 204, nil},
		{"users read", "GET /users", "", 200, everyRole},
	} {
		t.Run(s.name, func(t *testing.T) {
			for _, role := range everyRole {
				want := 403
				if slices.Contains(s.roles, role) || role == world.GlobalAdministrator {
					want = s.status
				}
				b := start(t)
				if r := b.Ask("dan+"+role, s.request, s.body); r.Status != want {
					t.Errorf("with the role %q: %d, want %d: %s", role, r.Status, want, r.Text)
				}
			}
		})
	}
}

func TestAGroupForRolesIsChangedLikeARole(t *testing.T) {
	b := start(t)
	r := b.Must(201, "ada", "POST /groups", `{"displayName":"R","mailNickname":"r","mailEnabled":false,"securityEnabled":true,"isAssignableToRole":true}`)
	b.IDs["new"] = world.Text(r.Body, "id")
	member := `{"@odata.id":"users/{bob}"}`
	for as, want := range map[string]int{
		fmt.Sprint("dan+", world.GroupsAdministrator):         403,
		fmt.Sprint("dan+", world.PrivilegedRoleAdministrator): 204,
		"app:Group.ReadWrite.All":                             403,
	} {
		b.Must(want, as, "POST /groups/{new}/members/$ref", member)
	}
	b.Must(204, "app", "DELETE /groups/{new}/members/{bob}/$ref", "")
	b.Must(204, "ada", "POST /directoryRoles(roleTemplateId='"+world.UserAdministrator+"')/members/$ref", `{"@odata.id":"groups/{new}"}`)
}
