package interop

import (
	"net/http"
	"testing"

	abstractions "github.com/microsoft/kiota-abstractions-go"
	core "github.com/microsoftgraph/msgraph-sdk-go-core"
	"github.com/microsoftgraph/msgraph-sdk-go/models"
	"github.com/microsoftgraph/msgraph-sdk-go/models/odataerrors"
)

// TestBatch follows concepts/json-batching, with the SDK's own batch support.
func TestBatch(t *testing.T) {
	x, ctx := open(t), t.Context()
	c, who := x.as(t, "everything"), x.Users[18]
	events := c.Users().ByUserId(who.ID).Events()
	batch := core.NewBatchRequest(c.GetAdapter())
	step := func(info *abstractions.RequestInformation, err error) core.BatchItem {
		t.Helper()
		fine(t, err)
		item, err := batch.AddBatchRequestStep(*info)
		fine(t, err)
		return item
	}
	person := step(c.Users().ByUserId(who.ID).ToGetRequestInformation(ctx, nil))
	missing := step(c.Users().ByUserId("11111111-2222-3333-4444-555555555555").ToGetRequestInformation(ctx, nil))
	made := step(events.ToPostRequestInformation(ctx, meeting("Interop batch", day(490)), nil))
	after := step(c.Organization().ToGetRequestInformation(ctx, nil))
	after.DependsOnItem(made)
	never := step(c.Users().ByUserId(who.ID).ToGetRequestInformation(ctx, nil))
	never.DependsOnItem(missing)
	answer, err := batch.Send(ctx, c.GetAdapter())
	fine(t, err)

	want := map[core.BatchItem]int32{person: http.StatusOK, missing: http.StatusNotFound, made: http.StatusCreated,
		after: http.StatusOK, never: http.StatusFailedDependency}
	for item, status := range want {
		if got := answer.GetStatusCodes()[value(item.GetId())]; got != status {
			t.Errorf("%s %s: %d, want %d", value(item.GetMethod()), value(item.GetUrl()), got, status)
		}
	}
	u, err := core.GetBatchResponseById[models.Userable](answer, value(person.GetId()), models.CreateUserFromDiscriminatorValue)
	fine(t, err)
	if value(u.GetUserPrincipalName()) != who.UserPrincipalName {
		t.Errorf("the person is %s", value(u.GetUserPrincipalName()))
	}
	e, err := core.GetBatchResponseById[models.Eventable](answer, value(made.GetId()), models.CreateEventFromDiscriminatorValue)
	fine(t, err)
	read(t, c, who, value(e.GetId()))
	fine(t, core.RegisterError(core.BatchRequestErrorRegistryKey, abstractions.ErrorMappings{
		"4XX": odataerrors.CreateODataErrorFromDiscriminatorValue, "5XX": odataerrors.CreateODataErrorFromDiscriminatorValue}))
	_, err = core.GetBatchResponseById[models.Userable](answer, value(missing.GetId()), models.CreateUserFromDiscriminatorValue)
	if err == nil || explain(err)[:24] != "Request_ResourceNotFound" {
		t.Errorf("the missing user: %v", err)
	}
}
