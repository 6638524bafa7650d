package interop

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"strings"
	"testing"
	"time"

	abstractions "github.com/microsoft/kiota-abstractions-go"
	graph "github.com/microsoftgraph/msgraph-sdk-go"
	graphcore "github.com/microsoftgraph/msgraph-sdk-go-core"
	"github.com/microsoftgraph/msgraph-sdk-go/models"
	"github.com/microsoftgraph/msgraph-sdk-go/models/odataerrors"
	"github.com/microsoftgraph/msgraph-sdk-go/users"
)

// appKey is a credential: the app's key in place of Microsoft's token.
type appKey string

// AuthenticateRequest puts it into a request.
func (k appKey) AuthenticateRequest(_ context.Context, r *abstractions.RequestInformation, _ map[string]any) error {
	r.Headers.Add("Authorization", "Bearer "+string(k))
	return nil
}

// through calls Graph by a gateway, which interop/run.sh has started: the base address
// and the credential are all that differs from calling Microsoft.
func through(t *testing.T) *graph.GraphServiceClient {
	t.Helper()
	raw, err := os.ReadFile(os.Getenv("GRAPHWARDEN_GATEWAY"))
	if err != nil {
		t.Fatalf("GRAPHWARDEN_GATEWAY names no file: run interop/run.sh, which starts a gateway. %v", err)
	}
	var gateway struct{ Graph, Key string }
	fine(t, json.Unmarshal(raw, &gateway))
	adapter, err := graph.NewGraphRequestAdapter(appKey(gateway.Key))
	fine(t, err)
	adapter.SetBaseUrl(gateway.Graph + "/v1.0")
	return graph.NewGraphServiceClient(adapter)
}

// TestThroughAGateway does with an app's flows what it does with Microsoft.
func TestThroughAGateway(t *testing.T) {
	x, g := open(t), through(t)
	who := g.Users().ByUserId(x.Users[0].UserPrincipalName)
	start := time.Now().UTC().Truncate(time.Hour).AddDate(0, 0, 40)

	t.Run("an event is made, changed, found and deleted", func(t *testing.T) {
		e := models.NewEvent()
		subject, changed := "through a gateway", "through a gateway, changed"
		e.SetSubject(&subject)
		e.SetStart(moment(start))
		e.SetEnd(moment(start.Add(time.Hour)))
		made, err := who.Events().Post(t.Context(), e, nil)
		fine(t, err)
		patch := models.NewEvent()
		patch.SetSubject(&changed)
		at := who.Events().ByEventId(*made.GetId())
		_, err = at.Patch(t.Context(), patch, nil)
		fine(t, err)
		found, err := at.Get(t.Context(), nil)
		fine(t, err)
		if *found.GetSubject() != changed {
			t.Errorf("it is called %q", *found.GetSubject())
		}
		fine(t, at.Delete(t.Context(), nil))
	})
	t.Run("the page iterator follows the gateway's links", func(t *testing.T) {
		top := int32(3)
		first, err := who.Events().Get(t.Context(), &users.ItemEventsRequestBuilderGetRequestConfiguration{QueryParameters: &users.ItemEventsRequestBuilderGetQueryParameters{Top: &top, Select: []string{"id", "subject"}}})
		fine(t, err)
		if first.GetOdataNextLink() == nil || !strings.Contains(*first.GetOdataNextLink(), "gw1.") {
			t.Fatalf("the next link is %v", first.GetOdataNextLink())
		}
		pages, err := graphcore.NewPageIterator[models.Eventable](first, g.GetAdapter(), models.CreateEventCollectionResponseFromDiscriminatorValue)
		fine(t, err)
		seen := map[string]bool{}
		fine(t, pages.Iterate(t.Context(), func(e models.Eventable) bool { seen[*e.GetId()] = true; return true }))
		if len(seen) <= 3 {
			t.Errorf("%d events", len(seen))
		}
	})
	t.Run("what no flow lists is a clean 403", func(t *testing.T) {
		_, err := who.Messages().Get(t.Context(), nil)
		denied(t, err, 403, "proxy.operation")
		_, err = g.Users().ByUserId(x.Users[4].UserPrincipalName).Events().Get(t.Context(), nil)
		denied(t, err, 403, "proxy.mailbox")
		_, err = g.Me().Events().Get(t.Context(), nil)
		denied(t, err, 403, "")
	})
}

func moment(at time.Time) models.DateTimeTimeZoneable {
	m := models.NewDateTimeTimeZone()
	text, zone := at.Format("2006-01-02T15:04:05"), "UTC"
	m.SetDateTime(&text)
	m.SetTimeZone(&zone)
	return m
}

// denied wants the SDK's own error with a status, and the gateway's code in it.
func denied(t *testing.T, err error, status int, code string) {
	t.Helper()
	var e *odataerrors.ODataError
	if !errors.As(err, &e) || e.ResponseStatusCode != status {
		t.Fatalf("the SDK says %v", err)
	}
	inner := e.GetErrorEscaped().GetInnerError()
	if got := inner.GetAdditionalData()["code"]; code != "" && (got == nil || *got.(*string) != code) {
		t.Errorf("the inner error is %v", inner.GetAdditionalData())
	}
}
