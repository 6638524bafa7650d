package grants

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/graphwarden/graphwarden/assess/plan"
	"github.com/graphwarden/graphwarden/catalog"
)

// access is one entry of a manifest.
type access struct {
	ID   string `json:"id"`
	Type string `json:"type"`
}

type resourceAccess struct {
	API    string   `json:"resourceAppId"`
	Access []access `json:"resourceAccess"`
}

// Manifest is what stands in the manifest of a registration, when it asks for
// exactly what its flows need and signs people in where it has to; ids are those of a
// permission table.
func Manifest(r Report, table *catalog.Catalog) string {
	scheme, kind := catalog.Application, "Role"
	var names []string
	if r.Scheme == string(plan.Delegated) {
		scheme, kind = catalog.DelegatedWork, "Scope"
		names = append(names, "offline_access")
	}
	for _, l := range r.Lines {
		if l.Needed && !slices.Contains(names, l.Permission) {
			names = append(names, l.Permission)
		}
	}
	slices.Sort(names)
	list := []access{}
	for _, name := range names {
		list = append(list, access{idOf(table, name, scheme), kind})
	}
	text, _ := json.MarshalIndent(map[string]any{"requiredResourceAccess": []resourceAccess{{catalog.MicrosoftGraph, list}}}, "", "  ") // strings marshal
	return string(text) + "\n"
}

// needsResource says whether the id of Microsoft Graph's service principal has to be
// looked up in a script.
func needsResource(r Report) bool {
	return slices.ContainsFunc(r.Changes, func(c Change) bool { return strings.Contains(c.Body, unknownResource) })
}

// ByAz is the change as a shell script for the Azure CLI. It asks for
// nothing: who runs it has read it.
func ByAz(r Report) string {
	var b strings.Builder
	fmt.Fprintf(&b, "#!/bin/sh\n# Makes the grants of %s/%s (app %s) what its flows need.\n# Run it as a Privileged Role Administrator: az login --tenant TENANT --allow-no-subscriptions\nset -eu\n", r.Tenant, r.Registration, r.ClientID)
	if len(r.Changes) == 0 {
		return b.String() + nothing(r)
	}
	if needsResource(r) {
		fmt.Fprintf(&b, "RESOURCE=$(az ad sp show --id %s --query id --output tsv)\n", catalog.MicrosoftGraph)
	}
	for _, c := range r.Changes {
		fmt.Fprintf(&b, "\n# %s: %s\naz rest --method %s --url '%s'", c.Do, oneLine(c.What), strings.ToLower(c.Method), inShell(r.Graph+c.Path))
		if c.Body != "" {
			body := strings.ReplaceAll(inShell(c.Body), unknownResource, `'"$RESOURCE"'`)
			fmt.Fprintf(&b, " \\\n  --headers 'Content-Type=application/json' --body '%s'", body)
		}
		b.WriteString("\n")
	}
	return b.String()
}

// ByPowerShell is the change as a script for the module Microsoft.Graph.
func ByPowerShell(r Report) string {
	var b strings.Builder
	fmt.Fprintf(&b, "# Makes the grants of %s/%s (app %s) what its flows need.\n# PowerShell 7, module Microsoft.Graph; run it as a Privileged Role Administrator.\n$ErrorActionPreference = 'Stop'\n", r.Tenant, r.Registration, r.ClientID)
	if len(r.Changes) == 0 {
		return b.String() + nothing(r)
	}
	b.WriteString("Connect-MgGraph -Scopes Application.Read.All, AppRoleAssignment.ReadWrite.All, DelegatedPermissionGrant.ReadWrite.All\n")
	if needsResource(r) {
		fmt.Fprintf(&b, "$resource = (Get-MgServicePrincipal -Filter \"appId eq '%s'\").Id\n", catalog.MicrosoftGraph)
	}
	for _, c := range r.Changes {
		fmt.Fprintf(&b, "\n# %s: %s\nInvoke-MgGraphRequest -Method %s -Uri '%s'", c.Do, oneLine(c.What), c.Method, strings.ReplaceAll(c.Path, "'", "''"))
		if c.Body != "" {
			body := "'" + strings.ReplaceAll(c.Body, "'", "''") + "'"
			if strings.Contains(c.Body, unknownResource) {
				body = "(" + body + ".Replace('" + unknownResource + "', $resource))"
			}
			b.WriteString(" -ContentType 'application/json' -Body " + body)
		}
		b.WriteString("\n")
	}
	return b.String()
}

func nothing(r Report) string {
	if r.ReadAt == nil {
		return "# What is granted is unknown: " + r.Unread + "\n"
	}
	return "# Nothing has to be changed.\n"
}

// inShell is a text as it stands between single quotes of a shell.
func inShell(s string) string { return strings.ReplaceAll(s, "'", `'\''`) }

// oneLine keeps a comment on its line, whatever an API is called.
func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }
