package grants

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/graphwarden/graphwarden"
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
// exactly what its flows need of Entra and signs people in where it has to; ids are those
// of a permission table. What a role in Exchange gives is not asked for: consent granted to
// it would be for every mailbox, and undo the restriction.
func Manifest(r Report, table *catalog.Catalog) string {
	scheme, kind := catalog.Application, "Role"
	var names []string
	if r.Scheme == string(plan.Delegated) {
		scheme, kind = catalog.DelegatedWork, "Scope"
		names = append(names, "offline_access")
	}
	for _, l := range r.Lines {
		if l.Needed && !slices.Contains(names, l.Permission) && !slices.Contains(r.InExchange(), l.Permission) {
			names = append(names, l.Permission)
		}
	}
	slices.Sort(names)
	list := []access{}
	for _, name := range names {
		list = append(list, access{idOf(table, name, scheme), kind})
	}
	required := []resourceAccess{{catalog.MicrosoftGraph, list}}
	if len(list) == 0 {
		required = required[:0] // Entra takes no API of which nothing is asked
	}
	text, _ := json.MarshalIndent(map[string]any{"requiredResourceAccess": required}, "", "  ") // strings marshal
	return string(text) + "\n"
}

// InExchange are the permissions that roles in Exchange give, for some mailboxes each.
func (r Report) InExchange() []string {
	var out []string
	for _, l := range r.Lines {
		if l.By == byExchange && l.Granted && !slices.Contains(out, l.Permission) {
			out = append(out, l.Permission)
		}
	}
	return out
}

// Warning says what must not be granted in Entra besides; "" where there is no such thing.
func (r Report) Warning() string {
	names := r.InExchange()
	if len(names) == 0 {
		return ""
	}
	return fmt.Sprintf("Roles in Exchange give %s to some mailboxes. Do not grant it in Entra as well: that is for every mailbox, adds up with the roles, and undoes the restriction.", strings.Join(names, " and "))
}

// unread refuses to write a change where it is not known what is granted now: a script
// that holds nothing would look as if there were nothing to change.
func (r Report) unread() error {
	if r.ReadAt != nil && r.Unread == "" {
		return nil
	}
	return &graphwarden.Refusal{Kind: graphwarden.Credential, Code: "grant.unread",
		Say: fmt.Sprintf("What %s/%s is granted now is unknown, so that nobody can write what has to be changed. %s", r.Tenant, r.Registration, r.Unread),
		Do:  "Add --administrator, so that somebody signs in who may read it; or declare a reader that may, as docs/grants.md says."}
}

// needsResource says whether the id of Microsoft Graph's service principal has to be
// looked up in a script.
func needsResource(r Report) bool {
	return slices.ContainsFunc(r.Changes, func(c Change) bool { return strings.Contains(c.Body, unknownResource) })
}

// ByAz is the change as a shell script for the Azure CLI. It asks for
// nothing: who runs it has read it. Where it is not known what is granted it refuses.
func ByAz(r Report) (string, error) {
	if err := r.unread(); err != nil {
		return "", err
	}
	var b strings.Builder
	fmt.Fprintf(&b, "#!/bin/sh\n# Makes the grants of %s/%s (app %s) what its flows need.\n# Run it as a Privileged Role Administrator: az login --tenant %s --allow-no-subscriptions\n%sset -eu\n", r.Tenant, r.Registration, r.ClientID, oneLine(r.TenantID), r.remark())
	if len(r.Changes) == 0 {
		return b.String() + nothing, nil
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
	return b.String(), nil
}

// ByPowerShell is the change as a script for the module Microsoft.Graph; it refuses as
// ByAz does.
func ByPowerShell(r Report) (string, error) {
	if err := r.unread(); err != nil {
		return "", err
	}
	var b strings.Builder
	fmt.Fprintf(&b, "# Makes the grants of %s/%s (app %s) what its flows need.\n# PowerShell 7, module Microsoft.Graph; run it as a Privileged Role Administrator.\n%s$ErrorActionPreference = 'Stop'\n", r.Tenant, r.Registration, r.ClientID, r.remark())
	if len(r.Changes) == 0 {
		return b.String() + nothing, nil
	}
	b.WriteString("Connect-MgGraph -TenantId '" + strings.ReplaceAll(oneLine(r.TenantID), "'", "''") + "' -Scopes Application.Read.All, AppRoleAssignment.ReadWrite.All, DelegatedPermissionGrant.ReadWrite.All\n")
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
	return b.String(), nil
}

// nothing is the change where there is none.
const nothing = "# Nothing has to be changed.\n"

// remark is the warning as a line of a script.
func (r Report) remark() string {
	if w := r.Warning(); w != "" {
		return "# " + oneLine(w) + "\n"
	}
	return ""
}

// inShell is a text as it stands between single quotes of a shell.
func inShell(s string) string { return strings.ReplaceAll(s, "'", `'\''`) }

// oneLine keeps a comment on its line, whatever an API is called.
func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }
