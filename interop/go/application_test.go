package interop

import (
	"net/http"
	"slices"
	"testing"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/google/uuid"
	graph "github.com/microsoftgraph/msgraph-sdk-go"
	"github.com/microsoftgraph/msgraph-sdk-go/applications"
	"github.com/microsoftgraph/msgraph-sdk-go/models"
	"github.com/microsoftgraph/msgraph-sdk-go/serviceprincipals"
)

// graphAppID is Microsoft Graph's own application id (entra/identity-platform,
// first-party apps).
const graphAppID = "00000003-0000-0000-c000-000000000000"

// TestAppIsRegisteredAndGranted follows concepts/permissions-grant-via-msgraph: an
// app that was made by Graph signs in, and may do what was granted to it.
func TestAppIsRegisteredAndGranted(t *testing.T) {
	x, ctx := open(t), t.Context()
	c := x.as(t, "everything")
	form := models.NewApplication() // api/application-post-applications
	form.SetDisplayName(new("Interop app"))
	made, err := c.Applications().Post(ctx, form, nil)
	fine(t, err)
	if value(made.GetSignInAudience()) != "AzureADMyOrg" && value(made.GetSignInAudience()) != "AzureADandPersonalMicrosoftAccount" {
		t.Errorf("signInAudience is %q", value(made.GetSignInAudience()))
	}
	application := c.Applications().ByApplicationId(value(made.GetId()))
	a := app{Name: "made", ClientID: value(made.GetAppId())}
	password := addSecret(t, application)
	a.ClientSecret = value(password.GetSecretText())
	principal := models.NewServicePrincipal() // api/serviceprincipal-post-serviceprincipals
	principal.SetAppId(&a.ClientID)
	enterprise, err := c.ServicePrincipals().Post(ctx, principal, nil)
	fine(t, err)
	t.Run("without a grant nothing is allowed", func(t *testing.T) {
		_, err := x.client(t, x.secret(t, a)).Users().Get(ctx, nil)
		refused(t, err, http.StatusForbidden, "Authorization_RequestDenied")
	})
	t.Run("a granted role is allowed", func(t *testing.T) { // api/serviceprincipal-post-approleassignments
		made := grantRole(t, c, value(enterprise.GetId()), "User.Read.All")
		_, err := x.client(t, x.secret(t, a)).Users().Get(ctx, nil)
		fine(t, err)
		assignments := c.ServicePrincipals().ByServicePrincipalId(value(enterprise.GetId())).AppRoleAssignments()
		list, err := assignments.Get(ctx, nil)
		fine(t, err)
		if len(list.GetValue()) != 1 || value(list.GetValue()[0].GetId()) != made {
			t.Errorf("%d assignments", len(list.GetValue()))
		}
		fine(t, assignments.ByAppRoleAssignmentId(made).Delete(ctx, nil))
	})
	t.Run("a removed secret does not work", func(t *testing.T) { // api/application-removepassword
		body := applications.NewItemRemovePasswordPostRequestBody()
		body.SetKeyId(password.GetKeyId())
		fine(t, application.RemovePassword().Post(ctx, body, nil))
		_, err := x.secret(t, a).GetToken(ctx, policy.TokenRequestOptions{Scopes: []string{graphScope}})
		notSignedIn(t, err, "AADSTS7000215")
	})
	t.Run("the app is deleted, with its principal", func(t *testing.T) { // api/application-delete
		fine(t, application.Delete(ctx, nil))
		_, err := application.Get(ctx, nil)
		refused(t, err, http.StatusNotFound, "Request_ResourceNotFound")
		_, err = x.secret(t, a).GetToken(ctx, policy.TokenRequestOptions{Scopes: []string{graphScope}})
		notSignedIn(t, err, "AADSTS700016")
	})
}

// addSecret adds a secret, which is shown once (api/application-addpassword).
func addSecret(t *testing.T, application *applications.ApplicationItemRequestBuilder) models.PasswordCredentialable {
	t.Helper()
	body := applications.NewItemAddPasswordPostRequestBody()
	body.SetPasswordCredential(models.NewPasswordCredential())
	body.GetPasswordCredential().SetDisplayName(new("first"))
	made, err := application.AddPassword().Post(t.Context(), body, nil)
	fine(t, err)
	if text := value(made.GetSecretText()); text == "" || value(made.GetHint()) != text[:3] {
		t.Errorf("secret of %d characters, hint %q", len(text), value(made.GetHint()))
	}
	if years := made.GetEndDateTime().Sub(*made.GetStartDateTime()).Hours() / 24 / 365; years < 1.99 || years > 2.01 {
		t.Errorf("the secret is good for %.2f years, want 2", years)
	}
	read, err := application.Get(t.Context(), nil)
	fine(t, err)
	if list := read.GetPasswordCredentials(); len(list) != 1 || list[0].GetSecretText() != nil || *list[0].GetKeyId() != *made.GetKeyId() {
		t.Errorf("%d secrets on the application, want the one without its text", len(list))
	}
	return made
}

// grantRole assigns one of Microsoft Graph's app roles and gives the assignment's id.
func grantRole(t *testing.T, c *graph.GraphServiceClient, principal, role string) string {
	t.Helper()
	q := &serviceprincipals.ServicePrincipalsRequestBuilderGetQueryParameters{Filter: new("appId eq '" + graphAppID + "'")}
	found, err := c.ServicePrincipals().Get(t.Context(), &serviceprincipals.ServicePrincipalsRequestBuilderGetRequestConfiguration{QueryParameters: q})
	fine(t, err)
	if len(found.GetValue()) != 1 {
		t.Fatalf("%d service principals of Microsoft Graph", len(found.GetValue()))
	}
	resource := found.GetValue()[0]
	i := slices.IndexFunc(resource.GetAppRoles(), func(r models.AppRoleable) bool { return value(r.GetValue()) == role })
	if i < 0 {
		t.Fatalf("Microsoft Graph has no app role %s", role)
	}
	resourceID, err := uuid.Parse(value(resource.GetId()))
	fine(t, err)
	principalID, err := uuid.Parse(principal)
	fine(t, err)
	form := models.NewAppRoleAssignment()
	form.SetPrincipalId(&principalID)
	form.SetResourceId(&resourceID)
	form.SetAppRoleId(resource.GetAppRoles()[i].GetId())
	made, err := c.ServicePrincipals().ByServicePrincipalId(principal).AppRoleAssignments().Post(t.Context(), form, nil)
	fine(t, err)
	if value(made.GetPrincipalType()) != "ServicePrincipal" || value(made.GetResourceDisplayName()) != "Microsoft Graph" {
		t.Errorf("assigned to a %s on %s", value(made.GetPrincipalType()), value(made.GetResourceDisplayName()))
	}
	return value(made.GetId())
}
