package cli

// guides are the ways of making a registration, as templates. Microsoft's tools
// are used as their documentation shows: az ad app, Microsoft.Graph for
// PowerShell, and the requests of graph-facts §1.11.
func guides() map[string]string {
	return map[string]string{"portal": guidePortal, "az": guideAz, "powershell": guidePowerShell, "graph": guideGraph}
}

const guidePortal = `
The registration {{.View.Tenant}}/{{.View.Registration}} needs exactly this:
{{range .View.Needed}}  {{.Name}}  ({{if eq .Type "Role"}}Application{{else}}Delegated{{end}} permission of Microsoft Graph)
{{end}}
1. Open {{.Cloud.Portal}} as an administrator, App registrations, New registration.
   Name {{.Name}}; supported accounts: {{if .Multi}}any Entra directory (multi-tenant){{else}}this directory only (single tenant){{end}};
   redirect address: platform {{if eq .Platform "web"}}Web{{else}}Mobile and desktop applications{{end}}, {{.Redirect}}
{{- with .View.Redirect}}
   and afterwards under Authentication: platform Web, {{.}}
{{- end}}
2. API permissions: Add, Microsoft Graph, {{with .View.Needed}}{{if eq (index . 0).Type "Role"}}Application{{else}}Delegated{{end}} permissions{{end}}:
   those above, and remove everything else, User.Read too.
{{- if .View.Public}}
3. Authentication: switch on Allow public client flows. It needs no secret.
{{- else if .Certificate}}
3. Certificates & secrets, Certificates: upload {{.File}}.cer
   (graphwarden connect {{.View.Tenant}} {{.View.Registration}} --make-certificate makes it,
   and {{.File}} with the key).
{{- else}}
3. Certificates & secrets, New client secret, ending {{.Ends}} at the latest. Copy its
   Value (not its Secret ID) into {{.File}}; it is shown only then. A
   certificate is better: nobody can copy it off a screen.
{{- end}}
4. Overview: copy the Application (client) ID into client_id and the Directory
   (tenant) ID into id of the configuration.
5. Consent: have an administrator open
   {{.Link}}
   (this link is for the client_id {{.View.ClientID}}: when another stands in the
   configuration, this command gives another link)
   or press Grant admin consent under API permissions.
Other ways: --how az, --how powershell, --how graph.
`

const guideAz = `
# Registers {{.Name}} with exactly what its flows need. Azure CLI, bash.
{{- if .Own}}
# The cloud is none of Microsoft's, so the Azure CLI is told of it first. Where it
# cannot sign in there, take --how graph.
az cloud show --name {{.Cloud.CLI}} > /dev/null 2>&1 || az cloud register --name {{.Cloud.CLI}} \
  --endpoint-active-directory {{quote .Cloud.Login}} --endpoint-active-directory-resource-id {{quote .Cloud.Graph}} \
  --endpoint-microsoft-graph-resource-id {{quote .Cloud.Graph}} --endpoint-resource-manager {{quote .Cloud.Graph}}
{{- end}}
az cloud set --name {{.Cloud.CLI}}
az login --tenant {{.View.TenantID}} --allow-no-subscriptions
APP=$(az ad app create --display-name {{quote .Name}} --sign-in-audience {{.Audience}} \
  {{if eq .Platform "web"}}--web-redirect-uris{{with .View.Redirect}} {{quote .}}{{end}}{{else}}{{with .View.Redirect}}--web-redirect-uris {{quote .}} {{end}}--public-client-redirect-uris{{end}} {{.Redirect}}{{if .View.Public}} --is-fallback-public-client true{{end}} \
  --required-resource-accesses {{quote .Access}} --query appId --output tsv)
az ad sp create --id "$APP"
{{- if .View.Public}}
{{- else if .Certificate}}
az ad app credential reset --id "$APP" --append --cert @{{quote (print .File ".cer")}}
{{- else}}
(umask 077; az ad app credential reset --id "$APP" --append --display-name graphwarden \
  --end-date {{.Ends}} --query password --output tsv > {{quote .File}})
{{- end}}
az ad app permission admin-consent --id "$APP"
echo "client_id: $APP"
`

const guidePowerShell = `
# Registers {{.Name}} with exactly what its flows need. PowerShell, module Microsoft.Graph.
{{- if .Own}}
# The cloud is none of Microsoft's, so the module is told of it first.
Add-MgEnvironment -Name '{{.Cloud.PowerShell}}' -AzureADEndpoint '{{.Cloud.Login}}' -GraphEndpoint '{{.Cloud.Graph}}'
{{- end}}
Connect-MgGraph -TenantId {{.View.TenantID}} -Environment {{.Cloud.PowerShell}} -Scopes Application.ReadWrite.All
$app = New-MgApplication -DisplayName '{{.Name}}' -SignInAudience {{.Audience}} ` + "`" + `
  {{if eq .Platform "web"}}-Web @{RedirectUris=@({{with .View.Redirect}}'{{.}}', {{end}}'{{.Redirect}}')}{{else}}{{with .View.Redirect}}-Web @{RedirectUris=@('{{.}}')} {{end}}-PublicClient @{RedirectUris=@('{{.Redirect}}')}{{end}}{{if .View.Public}} -IsFallbackPublicClient{{end}} ` + "`" + `
  -RequiredResourceAccess @(@{ResourceAppId='{{.Resource}}'; ResourceAccess=@({{range $i, $n := .View.Needed}}{{if $i}}, {{end}}@{Id='{{$n.ID}}'; Type='{{$n.Type}}'}{{end}})})
New-MgServicePrincipal -AppId $app.AppId
{{- if .View.Public}}
{{- else if .Certificate}}
Update-MgApplication -ApplicationId $app.Id -KeyCredentials @(@{Type='AsymmetricX509Cert'; Usage='Verify'; DisplayName='graphwarden'; Key=[IO.File]::ReadAllBytes('{{single .File}}.cer')})
{{- else}}
$secret = Add-MgApplicationPassword -ApplicationId $app.Id -PasswordCredential @{DisplayName='graphwarden'; EndDateTime='{{.Ends}}'}
[IO.File]::WriteAllText('{{single .File}}', $secret.SecretText)
{{- end}}
"client_id: $($app.AppId)"
# Then an administrator consents. This link is for the client_id {{.View.ClientID}}: when
# another stands in the configuration, graphwarden connect gives another link.
# {{.Link}}
`

const guideGraph = `
POST {{.View.Graph}}/v1.0/applications
Content-Type: application/json

{{.JSON}}

# With id and appId of the answer:
POST {{.View.Graph}}/v1.0/servicePrincipals
{"appId": "APPID"}
{{if .View.Public}}
{{- else if .Certificate}}
PATCH {{.View.Graph}}/v1.0/applications/ID
{"keyCredentials": [{"type": "AsymmetricX509Cert", "usage": "Verify", "displayName": "graphwarden", "key": "BASE64 OF {{.File}}.cer"}]}
{{else}}
POST {{.View.Graph}}/v1.0/applications/ID/addPassword
{"passwordCredential": {"displayName": "graphwarden", "endDateTime": "{{.Ends}}T00:00:00Z"}}
# secretText of the answer goes into {{.File}}; it is shown only then.
{{end}}
# Then an administrator consents. This link is for the client_id {{.View.ClientID}}: when
# another stands in the configuration, graphwarden connect gives another link.
# {{.Link}}
`
