package world

import (
	"strings"

	"github.com/graphwarden/graphwarden/sim/world/state"
)

// The template ids of directory roles (graph-facts §8; Microsoft Entra,
// "Built-in roles").
const (
	GlobalAdministrator                   = "62e90394-69f5-4237-9190-012177145e10"
	GlobalReader                          = "f2ef992c-3afb-46b9-b7cf-a126ee74c451"
	UserAdministrator                     = "fe930be7-5e62-47db-91af-98c3a49a38b1"
	GroupsAdministrator                   = "fdd7a751-b60b-444a-984c-02652fe8fa1c"
	ApplicationAdministrator              = "9b895d92-2cd3-44c7-9d02-a6ac2d5ea5c3"
	CloudApplicationAdministrator         = "158c047a-c907-4556-b7ef-446551a6b5f7"
	PrivilegedRoleAdministrator           = "e8611ab8-c189-46e8-94e1-60213ab1f814"
	PrivilegedAuthenticationAdministrator = "7be44c8a-adaf-4e2a-84d6-ab2649e08a13"
	AuthenticationAdministrator           = "c4e39bd9-1100-46d3-8c65-fb160da0071f"
	HelpdeskAdministrator                 = "729827e3-9c14-49f7-bb1b-9608f156bbb8"
	PasswordAdministrator                 = "966707d0-3269-4727-9be2-8c3a10f19b9d"
	ExchangeAdministrator                 = "29232cdf-9323-42fd-ade2-1d097af3e4de"
	DirectoryReaders                      = "88d8e3e3-8f55-4a1e-953a-9b9898b8876b"
	DirectoryWriters                      = "9360feb5-f418-4baa-8175-e2a00bac4301"
)

// RoleTemplate is a directory role that can be activated.
type RoleTemplate struct{ ID, Name, Description string }

// RoleTemplates is the table of the directory roles that the tenant knows.
func RoleTemplates() []RoleTemplate {
	return []RoleTemplate{
		{GlobalAdministrator, "Global Administrator", "Manages everything in the directory."},
		{GlobalReader, "Global Reader", "Reads what the Global Administrator can read."},
		{UserAdministrator, "User Administrator", "Manages users and groups."},
		{GroupsAdministrator, "Groups Administrator", "Manages groups."},
		{ApplicationAdministrator, "Application Administrator", "Manages app registrations and enterprise apps."},
		{CloudApplicationAdministrator, "Cloud Application Administrator", "Manages app registrations and enterprise apps, but no application proxy."},
		{PrivilegedRoleAdministrator, "Privileged Role Administrator", "Gives and takes directory roles."},
		{PrivilegedAuthenticationAdministrator, "Privileged Authentication Administrator", "Resets the sign-in of everybody, administrators included."},
		{AuthenticationAdministrator, "Authentication Administrator", "Resets the sign-in of users without a role."},
		{HelpdeskAdministrator, "Helpdesk Administrator", "Resets passwords of users without a role."},
		{PasswordAdministrator, "Password Administrator", "Resets passwords of users without a role."},
		{ExchangeAdministrator, "Exchange Administrator", "Manages Exchange."},
		{DirectoryReaders, "Directory Readers", "Reads the directory."},
		{DirectoryWriters, "Directory Writers", "Reads and writes users and groups."},
	}
}

// RoleTemplateOf gives the role with this template id.
func RoleTemplateOf(id string) (RoleTemplate, bool) {
	for _, t := range RoleTemplates() {
		if strings.EqualFold(t.ID, id) {
			return t, true
		}
	}
	return RoleTemplate{}, false
}

// ActivateRole makes a directory role out of its template.
func (w *World) ActivateRole(tx *state.Tx, t RoleTemplate) Object {
	return w.AddObject(tx, Object{ID: w.stableID("directoryRole", t.ID), Type: "directoryRole", Doc: Doc{
		"displayName": t.Name, "description": t.Description, "roleTemplateId": t.ID, "deletedDateTime": nil}})
}
