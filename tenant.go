package graphwarden

// Tenant is one Microsoft 365 organisation.
type Tenant struct {
	Name  string // what the configuration calls it, e.g. "contoso"
	ID    string // the directory's GUID, or a verified domain of it
	Cloud Cloud
}

// Cloud names the endpoints of one of Microsoft's clouds, as origins without a
// path. The simulator is a cloud like any other.
type Cloud struct {
	Name  string // "global", "usgov", "china", "sim" …
	Login string // Entra's authority, e.g. "https://login.microsoftonline.com"
	Graph string // Microsoft Graph, e.g. "https://graph.microsoft.com"
}

// Global is Microsoft's worldwide cloud (graph-facts §14, from Microsoft's
// "National cloud deployments").
func Global() Cloud {
	return Cloud{Name: "global", Login: "https://login.microsoftonline.com", Graph: "https://graph.microsoft.com"}
}
