package flow

import (
	"encoding/json"
	"fmt"
	"net/http"

	"github.com/graphwarden/graphwarden"
)

// Exchange is the administration of Exchange Online.
const Exchange API = "exchange"

// cmdlet is a command of Exchange Online PowerShell, as its module sends it
// (graph-facts §12.3). All have one path: which one it is stands in the body, and
// Judge holds the body to it.
func cmdlet(name string) Operation {
	return Operation{name: "exchange." + name, api: Exchange, method: http.MethodPost, template: "/adminapi/beta/{tenant}/InvokeCommand", cmdlet: name}
}

// Cmdlet is the command that an operation of the API Exchange runs.
func (o Operation) Cmdlet() string { return o.cmdlet }

// judgeCmdlet holds the body to the operation's command. It is read strictly, and
// written out again it must be the same: a server may read the first or the last
// of two members of one name.
func (o Operation) judgeCmdlet(body []byte) error {
	var in struct {
		CmdletInput struct {
			CmdletName string
			Parameters map[string]json.RawMessage
		}
	}
	if err := json.Unmarshal(body, &in); err != nil {
		return fmt.Errorf("judging the body of %s: %w", o.name, err)
	}
	again, err := json.Marshal(in)
	if err != nil || string(again) != string(body) || in.CmdletInput.CmdletName != o.cmdlet {
		return fmt.Errorf("judging the body of %s: it is not a call of %s alone", o.name, o.cmdlet)
	}
	return nil
}

// GetServicePrincipal finds Exchange's pointer to an app.
func GetServicePrincipal() Operation { return cmdlet("Get-ServicePrincipal") }

// NewServicePrincipal makes Exchange's pointer to an app.
func NewServicePrincipal() Operation { return cmdlet("New-ServicePrincipal") }

// RemoveServicePrincipal removes it.
func RemoveServicePrincipal() Operation { return cmdlet("Remove-ServicePrincipal") }

// GetManagementScope finds a set of mailboxes that roles are for.
func GetManagementScope() Operation { return cmdlet("Get-ManagementScope") }

// NewManagementScope makes one.
func NewManagementScope() Operation { return cmdlet("New-ManagementScope") }

// SetManagementScope changes the mailboxes that it picks.
func SetManagementScope() Operation { return cmdlet("Set-ManagementScope") }

// RemoveManagementScope removes one that no role is for any more.
func RemoveManagementScope() Operation { return cmdlet("Remove-ManagementScope") }

// GetRoleAssignment lists the roles of an app.
func GetRoleAssignment() Operation { return cmdlet("Get-ManagementRoleAssignment") }

// NewRoleAssignment gives an app a role for a set of mailboxes.
func NewRoleAssignment() Operation { return cmdlet("New-ManagementRoleAssignment") }

// RemoveRoleAssignment takes it away.
func RemoveRoleAssignment() Operation { return cmdlet("Remove-ManagementRoleAssignment") }

// TestAuthorization asks what an app may do in a mailbox by its roles.
func TestAuthorization() Operation { return cmdlet("Test-ServicePrincipalAuthorization") }

// GetMailbox finds mailboxes.
func GetMailbox() Operation { return cmdlet("Get-Mailbox") }

// GetRecipient finds whoever has an address: mailboxes and groups.
func GetRecipient() Operation { return cmdlet("Get-Recipient") }

// GetAccessPolicy lists application access policies.
func GetAccessPolicy() Operation { return cmdlet("Get-ApplicationAccessPolicy") }

// NewAccessPolicy makes one.
func NewAccessPolicy() Operation { return cmdlet("New-ApplicationAccessPolicy") }

// RemoveAccessPolicy removes one.
func RemoveAccessPolicy() Operation { return cmdlet("Remove-ApplicationAccessPolicy") }

// TestAccessPolicy asks whether the policies let an app into a mailbox.
func TestAccessPolicy() Operation { return cmdlet("Test-ApplicationAccessPolicy") }

// ExchangeAdministration is what an administrator who signed in to Exchange does
// through Graphwarden, once: saying which mailboxes an app may touch.
func ExchangeAdministration() Kind {
	return Kind{"exchange", House, []Operation{
		GetServicePrincipal(), NewServicePrincipal(), RemoveServicePrincipal(),
		GetManagementScope(), NewManagementScope(), SetManagementScope(), RemoveManagementScope(),
		GetRoleAssignment(), NewRoleAssignment(), RemoveRoleAssignment(), TestAuthorization(),
		GetMailbox(), GetRecipient(),
		GetAccessPolicy(), NewAccessPolicy(), RemoveAccessPolicy(), TestAccessPolicy(),
	}}
}

// RevokeRole takes an application permission away that a principal was granted.
func RevokeRole() Operation {
	return Operation{name: "principal.role.revoke", api: Graph, method: http.MethodDelete,
		template: "/v1.0/servicePrincipals/{principal}/appRoleAssignments/{assignment}"}
}

// Restriction is what an administrator who signed in to Graph does once, so that an
// app keeps no permission that is for every mailbox.
func Restriction() Kind {
	return Kind{"restriction", House, []Operation{FindPrincipals(), ListRoles(), RevokeRole()}}
}

// Probing tries whether a registration can read a mailbox, inside and outside of
// what it was restricted to. It lists the calendars' names and keeps nothing.
func Probing() Kind { return Kind{"probe", House, []Operation{ListCalendars()}} }

// ForExchange is the house's own flow of a tenant's administrator who signed in to
// Exchange.
func ForExchange(tenant string) Flow {
	return Flow{Name: "exchange/" + tenant, App: graphwarden.House, Kind: ExchangeAdministration(), Tenant: tenant}
}

// ForRestriction is the house's own flow of a tenant's administrator who signed in
// to take consents away.
func ForRestriction(tenant string) Flow {
	return Flow{Name: "restriction/" + tenant, App: graphwarden.House, Kind: Restriction(), Tenant: tenant}
}

// ForProbe is the house's own flow that tries whether a registration can read two
// mailboxes. It is in force only while that is done.
func ForProbe(r graphwarden.Registration, mailboxes graphwarden.MailboxScope) Flow {
	return Flow{Name: "probe/" + r.Name, App: graphwarden.House, Kind: Probing(), Tenant: r.Tenant, Registration: r.Name, Mailboxes: mailboxes}
}
