package read_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/graphwarden/graphwarden/assess/read"
	"github.com/graphwarden/graphwarden/catalog"
)

// TestOfWhichAPICodeAsks has what code asks of another API stand as not placed, by id or
// by name, even where Graph has a permission of that id or name.
func TestOfWhichAPICodeAsks(t *testing.T) {
	const (
		graph, billing = "00000003-0000-0000-c000-000000000000", "7c4f2d1a-52a7-4c55-9e2e-2b1d6c0a9f31"
		send, own      = "b633e1c5-b582-4048-a93e-9f11b44c7e96", "5f0c9c8e-1111-4f3e-8f9e-0d1c2b3a4f5e"
	)
	for _, s := range []struct {
		situation, file, text string
		want, unplaced        []string
	}{
		{"Terraform, by id", "main.tf", `resource "azuread_application" "a" {
  required_resource_access {
    resource_app_id = "` + graph + `"
    resource_access {
      id   = "` + send + `"
      type = "Role"
    }
  }
  required_resource_access {
    resource_access {
      id   = "` + own + `"
      type = "Role"
    }
    resource_access {
      id   = "` + send + `"
      type = "Role"
    }
    resource_app_id = "` + billing + `" # behind its entries
  }
}
`, []string{"5 Mail.Send application by id"}, []string{"11 " + own + " of " + billing, "15 " + send + " of " + billing}},
		{"Terraform, by name", "main.tf", `data "azuread_service_principal" "graph" {
  client_id = "` + graph + `"
}
data "azuread_service_principal" "billing" {
  client_id = var.billing_app
}
variable "billing_app" {
  billing_app = "` + billing + `"
}
resource "azuread_application" "self" {
  display_name = "self"
}
resource "azuread_app_role_assignment" "x" {
  app_role_id = data.azuread_service_principal.graph.app_role_ids["Mail.Send"]
}
resource "azuread_app_role_assignment" "y" {
  app_role_id = data.azuread_service_principal.billing.app_role_ids["User.Read.All"]
}
resource "azuread_app_role_assignment" "z" {
  app_role_id = azuread_application.self.app_role_ids["Mail.Read"]
}
`, []string{"14 Mail.Send application"}, []string{"17 User.Read.All of " + billing, "20 Mail.Read of azuread_application.self"}},
		{"Bicep", "app.bicep", `param graphAppId string = '` + graph + `'
resource app 'Microsoft.Graph/applications@v1.0' = {
  requiredResourceAccess: [
    {
      resourceAppId: graphAppId
      resourceAccess: [ { id: '` + send + `', type: 'Role' } ]
    }
    {
      resourceAppId: '` + billing + `'
      resourceAccess: [
        { id: '` + send + `', type: 'Role' }
      ]
    }
  ]
}
`, []string{"6 Mail.Send application by id"}, []string{"11 " + send + " of " + billing}},
		{"az", "register.sh", `#!/bin/sh
GRAPH=` + graph + `
az ad app permission add --id "$APP" --api "$GRAPH" \
  --api-permissions ` + send + `=Role
az ad app permission add --id "$APP" --api-permissions ` + send + `=Role --api ` + billing + `
az ad app permission add --id ` + own + ` --api ` + graph + ` --api-permissions ` + own + `=Role
`, []string{"4 Mail.Send application by id"}, []string{"5 " + send + " of " + billing, "6 " + own + " of no API"}},
		{"az in a page", "page.html", "<html><body><pre>az ad app permission add --api " + graph + " --api-permissions " + send + "=Role\naz ad app permission add --api " + billing + " --api-permissions " + own + "=Role\n</pre></body></html>",
			[]string{"1 Mail.Send application by id"}, []string{"2 " + own + " of " + billing}},
		{"PowerShell", "grant.ps1", `$access = @(
  @{
    ResourceAppId = "` + graph + `"
    ResourceAccess = @( @{ Id = "` + send + `"; Type = "Role" } )
  },
  @{
    ResourceAppId = "` + billing + `"
    ResourceAccess = @( @{ Id = "` + own + `"; Type = "Role" } )
  }
)
`, []string{"4 Mail.Send application by id"}, []string{"8 " + own + " of " + billing}},
	} {
		t.Run(s.situation, func(t *testing.T) {
			p, err := read.Bytes(catalog.Load(), s.file, []byte(s.text))
			if err != nil {
				t.Fatal(err)
			}
			if got := mentions(p); !slices.Equal(got, s.want) {
				t.Errorf("asked of Graph: %q, not %q", got, s.want)
			}
			var unplaced []string
			for _, u := range p.Unplaced {
				api := "no API"
				if _, rest, ok := strings.Cut(u.Why, "asked of the API "); ok {
					api, _, _ = strings.Cut(rest, ",")
				}
				unplaced = append(unplaced, fmt.Sprintf("%d %s of %s", u.Line, u.Written, api))
			}
			if !slices.Equal(unplaced, s.unplaced) {
				t.Errorf("not placed: %q, not %q", unplaced, s.unplaced)
			}
		})
	}
}
