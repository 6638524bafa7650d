# Harbour Connector: the registration
data "azuread_application_published_app_ids" "known" {}

data "azuread_service_principal" "graph" {
  client_id = data.azuread_application_published_app_ids.known.result.MicrosoftGraph
}

resource "azuread_application" "harbour" {
  display_name     = "Harbour Connector"
  sign_in_audience = "AzureADMyOrg"

  required_resource_access {
    resource_app_id = "00000003-0000-0000-c000-000000000000" # Microsoft Graph

    resource_access {
      id   = "b633e1c5-b582-4048-a93e-9f11b44c7e96"
      type = "Role"
    }
    resource_access {
      id   = "ef54d2bf-783f-4e0f-bca1-3210c0444d99" # Calendars.ReadWrite
      type = "Role"
    }
    resource_access {
      id   = "e1fe6dd8-ba31-4d61-89e7-88639da4683d"
      type = "Scope"
    }
    resource_access {
      id   = data.azuread_service_principal.graph.app_role_ids["User.Read.All"]
      type = "Role"
    }
    resource_access {
      id   = data.azuread_service_principal.graph.oauth2_permission_scope_ids["offline_access"]
      type = "Scope"
    }
  }

  required_resource_access {
    resource_app_id = "00000002-0000-0ff1-ce00-000000000000" # Exchange

    resource_access {
      id   = "dc890d15-9560-4a4c-9b7f-a736ec74ec40"
      type = "Role"
    }
  }
}

resource "azuread_service_principal_delegated_permission_grant" "harbour" {
  service_principal_object_id          = azuread_service_principal.harbour.object_id
  resource_service_principal_object_id = data.azuread_service_principal.graph.object_id
  claim_values                         = ["openid", "User.Read", "offline_access"]
}

# Group.Read.All is not needed any more
output "module" { value = "harbour.User.Read.tf" }
