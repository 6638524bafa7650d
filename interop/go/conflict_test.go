package interop

import (
	"net/http"
	"testing"
	"time"

	"github.com/google/uuid"
	abstractions "github.com/microsoft/kiota-abstractions-go"
	khttp "github.com/microsoft/kiota-http-go"
	"github.com/microsoftgraph/msgraph-sdk-go/models"
	"github.com/microsoftgraph/msgraph-sdk-go/organization"
	"github.com/microsoftgraph/msgraph-sdk-go/users"
)

func TestConflicts(t *testing.T) {
	x, ctx := open(t), t.Context()
	c, who := x.as(t, "everything"), x.Users[19]
	events := c.Users().ByUserId(who.ID).Events()
	t.Run("a transactionId works once", func(t *testing.T) { // resources/event, transactionId
		form := meeting("Interop once", day(510))
		form.SetTransactionId(new(uuid.NewString()))
		made, err := events.Post(ctx, form, nil)
		fine(t, err)
		if value(made.GetTransactionId()) != value(form.GetTransactionId()) {
			t.Errorf("transactionId is %q", value(made.GetTransactionId()))
		}
		_, err = events.Post(ctx, form, nil)
		refused(t, err, http.StatusConflict, "ErrorDuplicateTransactionId")
		if got := view(t, c, who, day(510), day(511), "Interop once"); len(got) != 1 {
			t.Errorf("there are %d of it", len(got))
		}
	})
	t.Run("If-Match guards against lost updates", func(t *testing.T) { // concepts/errors: 412
		made, err := events.Post(ctx, meeting("Interop match", day(511)), nil)
		fine(t, err)
		etag, _ := made.GetAdditionalData()["@odata.etag"].(*string)
		if value(etag) == "" {
			t.Fatal("the event has no @odata.etag")
		}
		change := models.NewEvent()
		change.SetSubject(new("Interop match, changed"))
		patch := func(tag string) error {
			_, err := events.ByEventId(value(made.GetId())).Patch(ctx, change,
				&users.ItemEventsEventItemRequestBuilderPatchRequestConfiguration{Headers: headers("If-Match", tag)})
			return err
		}
		fine(t, patch(value(etag)))
		refused(t, patch(value(etag)), http.StatusPreconditionFailed, "ErrorIrresolvableConflict")
	})
	t.Run("what does not exist is not found", func(t *testing.T) { // concepts/errors
		_, err := c.Users().ByUserId("nobody@"+x.Tenant.Domain).Get(ctx, nil)
		refused(t, err, http.StatusNotFound, "Request_ResourceNotFound")
		_, err = c.Users().ByUserId("nobody@"+x.Tenant.Domain).Events().Get(ctx, nil)
		refused(t, err, http.StatusNotFound, "ErrorInvalidUser", "ResourceNotFound", "Request_ResourceNotFound")
		_, err = events.ByEventId("AAMkAGI2").Get(ctx, nil)
		refused(t, err, http.StatusBadRequest, "ErrorInvalidIdMalformed")
	})
}

// TestThrottling follows concepts/throttling: the SDK waits as Retry-After says,
// tries again, and gives up with the error in the end.
func TestThrottling(t *testing.T) {
	x, ctx := open(t), t.Context()
	c := x.as(t, "everything")
	_, err := c.Organization().Get(ctx, nil) // so that the token is there
	fine(t, err)
	t.Run("429 is waited out", func(t *testing.T) {
		x.faults(t, `[{"match":"GET /organization*","status":429,"retryAfter":1,"times":2}]`)
		began := time.Now()
		_, err := c.Organization().Get(ctx, nil)
		fine(t, err)
		if took := time.Since(began); took < 2*time.Second || took > 30*time.Second {
			t.Errorf("two waits of a second took %s", took)
		}
	})
	t.Run("503 is waited out", func(t *testing.T) {
		x.faults(t, `[{"match":"GET /organization*","status":503,"retryAfter":1,"times":1}]`)
		_, err := c.Organization().Get(ctx, nil)
		fine(t, err)
	})
	t.Run("too many of them are an error", func(t *testing.T) {
		x.faults(t, `[{"match":"GET /organization*","status":429,"retryAfter":1,"times":20}]`)
		cfg := &organization.OrganizationRequestBuilderGetRequestConfiguration{Options: []abstractions.RequestOption{&khttp.RetryHandlerOptions{
			MaxRetries: 1, ShouldRetry: func(time.Duration, int, *http.Request, *http.Response) bool { return true }}}}
		_, err := c.Organization().Get(ctx, cfg)
		e := refused(t, err, http.StatusTooManyRequests, "TooManyRequests")
		if after := e.ResponseHeaders.Get("Retry-After"); len(after) != 1 || after[0] != "1" {
			t.Errorf("Retry-After is %v", after)
		}
	})
}
