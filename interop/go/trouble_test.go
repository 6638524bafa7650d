package interop

import (
	"net/http"
	"testing"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azidentity"
	"github.com/google/uuid"
	"github.com/microsoftgraph/msgraph-sdk-go/models"
)

// TestAnswerIsLost: with a transactionId a create can be repeated without a
// second effect (resources/event, transactionId).
func TestAnswerIsLost(t *testing.T) {
	x, ctx := open(t), t.Context()
	c, who := x.as(t, "everything"), x.Users[19]
	events := c.Users().ByUserId(who.ID).Events()
	_, err := events.Get(ctx, nil) // so that the token is there
	fine(t, err)
	x.faults(t, `[{"match":"POST /users/*/events","cut":"after","times":1}]`)
	form := meeting("Interop lost", day(550))
	form.SetTransactionId(new(uuid.NewString()))
	if _, err := events.Post(ctx, form, nil); err == nil {
		t.Fatal("the answer was not lost")
	}
	_, err = events.Post(ctx, form, nil)
	refused(t, err, http.StatusConflict, "ErrorDuplicateTransactionId")
	if got := view(t, c, who, day(550), day(551), "Interop lost"); len(got) != 1 {
		t.Errorf("there are %d of it, want one", len(got))
	}
}

// TestDeltaTokenIsTooOld follows concepts/delta-query-overview: directory tokens
// are valid for seven days, then 410 and a full synchronisation.
func TestDeltaTokenIsTooOld(t *testing.T) {
	x, ctx := open(t), t.Context()
	page, err := x.as(t, "everything").Groups().Delta().GetAsDeltaGetResponse(ctx, nil)
	for ; ; fine(t, err) {
		fine(t, err)
		if page.GetOdataNextLink() == nil {
			break
		}
		page, err = x.as(t, "everything").Groups().Delta().WithUrl(*page.GetOdataNextLink()).GetAsDeltaGetResponse(ctx, nil)
	}
	x.steer(t, "clock", `{"advance":"192h"}`)
	defer x.steer(t, "clock", `{"advance":"-192h"}`)
	_, err = x.as(t, "everything").Groups().Delta().WithUrl(*page.GetOdataDeltaLink()).GetAsDeltaGetResponse(ctx, nil)
	refused(t, err, http.StatusGone)
}

// TestCertificateIsAdded follows api/application-update and
// entra/identity-platform/certificate-credentials.
func TestCertificateIsAdded(t *testing.T) {
	x, ctx := open(t), t.Context()
	c := x.as(t, "everything")
	certs, key := selfSigned(t)
	form := models.NewApplication()
	form.SetDisplayName(new("Interop certificate"))
	made, err := c.Applications().Post(ctx, form, nil)
	fine(t, err)
	enterprise := models.NewServicePrincipal()
	enterprise.SetAppId(made.GetAppId())
	principal, err := c.ServicePrincipals().Post(ctx, enterprise, nil)
	fine(t, err)
	grantRole(t, c, value(principal.GetId()), "Organization.Read.All")
	change := models.NewApplication()
	credential := models.NewKeyCredential()
	credential.SetTypeEscaped(new("AsymmetricX509Cert"))
	credential.SetUsage(new("Verify"))
	credential.SetKey(certs[0].Raw)
	credential.SetDisplayName(new("CN=interop"))
	change.SetKeyCredentials([]models.KeyCredentialable{credential})
	_, err = c.Applications().ByApplicationId(value(made.GetId())).Patch(ctx, change, nil)
	fine(t, err)
	signer, err := azidentity.NewClientCertificateCredential(x.Tenant.ID, value(made.GetAppId()), certs, key,
		&azidentity.ClientCertificateCredentialOptions{ClientOptions: x.options(), DisableInstanceDiscovery: true})
	fine(t, err)
	_, err = x.client(t, signer).Organization().Get(ctx, nil)
	fine(t, err)
	read, err := c.Applications().ByApplicationId(value(made.GetId())).Get(ctx, nil)
	fine(t, err)
	got := read.GetKeyCredentials()
	if len(got) != 1 || got[0].GetKeyId() == nil || got[0].GetEndDateTime() == nil || got[0].GetEndDateTime().Sub(certs[0].NotAfter).Abs() > time.Second {
		t.Errorf("%d keyCredentials, want one that ends with its certificate", len(got))
	}
	fine(t, c.Applications().ByApplicationId(value(made.GetId())).Delete(ctx, nil))
}
