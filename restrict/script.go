package restrict

import (
	"fmt"
	"strings"

	"github.com/graphwarden/graphwarden/catalog"
)

// exchangeEnvironments are what Connect-ExchangeOnline calls the clouds, by their
// names here.
func exchangeEnvironments() map[string]string {
	return map[string]string{"global": "O365Default", "usgov": "O365USGovGCCHigh", "usgovdod": "O365USGovDoD", "china": "O365China"}
}

// quoted writes a text as PowerShell reads it, in single quotes.
func quoted(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }

// script is what an administrator runs who does not want to sign in to Graphwarden:
// the same steps, each only where its effect is not there yet, and how to undo them.
func (w *want) script() string {
	var b strings.Builder
	say := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	say("# Restricts the app %s (%s/%s) to the mailboxes of its flows.", w.registration.ClientID, w.tenant.Name, w.short)
	say("# Written by graphwarden restrict. It may be run again: what is there already stays.")
	say("# Run it in PowerShell 7 as an Exchange Administrator. It needs two modules:")
	say("#   Install-Module ExchangeOnlineManagement, Microsoft.Graph.Applications")
	say("# -RemoveConsent takes the consents in Entra away that are for every mailbox: two hours after")
	say("#   the first run, because the roles need that long to work. -Undo takes everything away again.")
	say("param([switch]$RemoveConsent, [switch]$Undo)")
	say("$ErrorActionPreference = 'Stop'")
	w.connecting(say)
	say("")
	say("$appId = %s", quoted(w.registration.ClientID))
	say("$app = Get-MgServicePrincipal -Filter \"appId eq '$appId'\"")
	say("if (-not $app) { throw \"The tenant has no enterprise application for $appId.\" }")
	say("")
	w.undo(say)
	say("")
	say("# Exchange's pointer to the enterprise application (not to the app registration).")
	say("if (-not (Get-ServicePrincipal | Where-Object AppId -eq $appId)) {")
	say("  New-ServicePrincipal -AppId $appId -ObjectId $app.Id -DisplayName $app.DisplayName")
	say("}")
	for _, s := range w.scopes {
		s.script(say)
	}
	w.consent(say)
	say("")
	say("# The test does not wait for Exchange to go by it; calls do, for up to two hours.")
	for _, s := range w.scopes {
		if len(s.ids) > 0 {
			say("Test-ServicePrincipalAuthorization -Identity $app.Id -Resource %s | Format-Table", quoted(s.ids[0]))
		}
	}
	return b.String()
}

// connecting signs in to both.
func (w *want) connecting(say func(string, ...any)) {
	exchange, graph := "", ""
	if name := exchangeEnvironments()[w.tenant.Cloud.Name]; name != "" && w.tenant.Cloud.Name != "global" {
		exchange, graph = " -ExchangeEnvironmentName "+name, " -Environment "+w.tenant.Cloud.PowerShell
	}
	say("Connect-ExchangeOnline -ShowBanner:$false%s", exchange)
	say("Connect-MgGraph -NoWelcome -TenantId %s -Scopes Application.Read.All, AppRoleAssignment.ReadWrite.All%s", quoted(w.tenant.ID), graph)
}

// undo takes away what the script made.
func (w *want) undo(say func(string, ...any)) {
	say("if ($Undo) {")
	say("  Get-ManagementRoleAssignment -RoleAssignee $app.Id | Where-Object Name -like %s | ForEach-Object {", quoted(w.prefix()+"*"))
	say("    Remove-ManagementRoleAssignment -Identity $_.Name -Confirm:$false")
	say("  }")
	say("  Get-ManagementScope | Where-Object Name -like %s | ForEach-Object {", quoted(w.prefix()+"*"))
	say("    Remove-ManagementScope -Identity $_.Name -Confirm:$false")
	say("  }")
	say("  if (-not (Get-ManagementRoleAssignment -RoleAssignee $app.Id)) {")
	say("    Remove-ServicePrincipal -Identity $app.Id -Confirm:$false")
	say("  }")
	say("  Write-Host 'Undone. Consents that were taken away are given again in Entra.'")
	say("  return")
	say("}")
}

// script makes a scope and gives the roles for it.
func (s Scope) script(say func(string, ...any)) {
	say("")
	say("# %s: %s", strings.Join(s.Flows, ", "), strings.Join(append(append([]string{}, s.Mailboxes...), s.Groups...), ", "))
	dn := map[string]string{}
	for i, g := range s.Groups {
		name := fmt.Sprintf("$group%d", i+1)
		dn[g] = "$(" + name + ".DistinguishedName.Replace(\"'\", \"''\"))"
		say("%s = Get-Recipient -Identity %s", name, quoted(g))
	}
	filter := s.filter(func(group string) string { return "\x00" + group })
	for g, value := range dn {
		filter = strings.ReplaceAll(filter, "\x00"+g, value)
	}
	say("$filter = \"%s\"", filter)
	say("$scope = Get-ManagementScope | Where-Object Name -eq %s", quoted(s.Name))
	say("if (-not $scope) {")
	say("  New-ManagementScope -Name %s -RecipientRestrictionFilter $filter", quoted(s.Name))
	say("} elseif ($scope.RecipientFilter -ne $filter) {")
	say("  Set-ManagementScope -Identity %s -RecipientRestrictionFilter $filter", quoted(s.Name))
	say("}")
	for _, role := range s.Roles {
		say("if (-not (Get-ManagementRoleAssignment -RoleAssignee $app.Id -Role %s | Where-Object CustomResourceScope -eq %s)) {", quoted(role), quoted(s.Name))
		say("  New-ManagementRoleAssignment -Name %s -App $app.Id -Role %s -CustomResourceScope %s", quoted(s.assignment(role)), quoted(role), quoted(s.Name))
		say("}")
	}
}

// consent takes the consents away that would defeat the roles.
func (w *want) consent(say func(string, ...any)) {
	var names []string
	for _, r := range catalog.ExchangeRoles() {
		if replaces(w.roles(), r[0]) {
			names = append(names, quoted(r[0]))
		}
	}
	say("")
	say("# A consent in Entra is for every mailbox, and adds up with the roles.")
	say("$graph = Get-MgServicePrincipal -Filter \"appId eq '00000003-0000-0000-c000-000000000000'\"")
	say("$wide = $graph.AppRoles | Where-Object Value -in %s", strings.Join(names, ", "))
	say("Get-MgServicePrincipalAppRoleAssignment -ServicePrincipalId $app.Id | Where-Object AppRoleId -in $wide.Id | ForEach-Object {")
	say("  if ($RemoveConsent) {")
	say("    Remove-MgServicePrincipalAppRoleAssignment -ServicePrincipalId $app.Id -AppRoleAssignmentId $_.Id")
	say("  } else {")
	say("    Write-Warning 'A consent for every mailbox is left. Run this again with -RemoveConsent in two hours.'")
	say("  }")
	say("}")
}
