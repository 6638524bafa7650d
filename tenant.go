package graphwarden

import "strings"

// Tenant is one Microsoft 365 organisation.
type Tenant struct {
	Name  string // what the configuration calls it, e.g. "contoso"
	ID    string // the directory's GUID, or a verified domain of it
	Cloud Cloud
}

// Cloud names the endpoints of one of Microsoft's clouds, as origins without a
// path. The simulator is a cloud like any other.
type Cloud struct {
	Name  string // "global", "usgov", "usgovdod", "china", or "own"
	Login string // Entra's authority, e.g. "https://login.microsoftonline.com"
	Graph string // Microsoft Graph, e.g. "https://graph.microsoft.com"
	// Exchange is Exchange Online, e.g. "https://outlook.office365.com".
	Exchange string
	Portal   string // where people register apps; "" when nobody knows
	// CLI and PowerShell are what Microsoft's tools call the cloud.
	CLI, PowerShell string
}

// Global is Microsoft's worldwide cloud (graph-facts §14, from Microsoft's
// "National cloud deployments").
func Global() Cloud { return Clouds()[0] }

// Clouds lists Microsoft's clouds (graph-facts §14; the names of Microsoft's
// tools from the documentation of az cloud and of Connect-MgGraph). A tenant
// lives in exactly one of them, and so do its registrations and tokens.
func Clouds() []Cloud {
	return []Cloud{
		{"global", "https://login.microsoftonline.com", "https://graph.microsoft.com", "https://outlook.office365.com", "https://entra.microsoft.com", "AzureCloud", "Global"},
		{"usgov", "https://login.microsoftonline.us", "https://graph.microsoft.us", "https://outlook.office365.us", "https://entra.microsoft.us", "AzureUSGovernment", "USGov"},
		{"usgovdod", "https://login.microsoftonline.us", "https://dod-graph.microsoft.us", "https://webmail.apps.mil", "https://entra.microsoft.us", "AzureUSGovernment", "USGovDoD"},
		{"china", "https://login.chinacloudapi.cn", "https://microsoftgraph.chinacloudapi.cn", "https://partner.outlook.cn", "https://entra.microsoftonline.cn", "AzureChinaCloud", "China"},
	}
}

// TakesUploads says whether an upload session may be at an origin: at Graph's own, at
// Exchange Online's, or at the host that Microsoft's documentation names for its worldwide
// cloud ("Attach large files to Outlook messages or events"). For the others it names none.
func (c Cloud) TakesUploads(origin string) bool {
	return origin == c.Graph || origin == c.Exchange || c.Name == Global().Name && origin == "https://outlook.office.com"
}

// KeepsFiles says whether a file of SharePoint or OneDrive, or the progress of a copy, may be
// at an origin: at Graph's own, or at a tenant's host of SharePoint ("Office 365 URLs and IP
// address ranges", of each cloud).
func (c Cloud) KeepsFiles(origin string) bool {
	domain := map[string]string{"global": ".sharepoint.com", "usgov": ".sharepoint.us", "usgovdod": ".sharepoint-mil.us", "china": ".sharepoint.cn"}[c.Name]
	tenant, found := strings.CutPrefix(origin, "https://")
	tenant, is := strings.CutSuffix(tenant, domain)
	return origin == c.Graph || domain != "" && found && is && tenant != "" && strings.Trim(tenant, "abcdefghijklmnopqrstuvwxyz0123456789-") == ""
}

// CloudNamed finds one of Microsoft's clouds by its name.
func CloudNamed(name string) (Cloud, bool) {
	for _, c := range Clouds() {
		if c.Name == name {
			return c, true
		}
	}
	return Cloud{}, false
}
