package interop

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	abstractions "github.com/microsoft/kiota-abstractions-go"
	graph "github.com/microsoftgraph/msgraph-sdk-go"
	graphcore "github.com/microsoftgraph/msgraph-sdk-go-core"
	"github.com/microsoftgraph/msgraph-sdk-go-core/fileuploader"
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

// through calls Graph as an app by a gateway, which interop/run.sh has started: the base
// address and the credential are all that differs from calling Microsoft.
func through(t *testing.T, app string) *graph.GraphServiceClient {
	t.Helper()
	raw, err := os.ReadFile(os.Getenv("GRAPHWARDEN_GATEWAY"))
	if err != nil {
		t.Fatalf("GRAPHWARDEN_GATEWAY names no file: run interop/run.sh, which starts a gateway. %v", err)
	}
	var gateway struct {
		Graph string
		Keys  map[string]string
	}
	fine(t, json.Unmarshal(raw, &gateway))
	adapter, err := graph.NewGraphRequestAdapter(appKey(gateway.Keys[app]))
	fine(t, err)
	adapter.SetBaseUrl(gateway.Graph + "/v1.0")
	return graph.NewGraphServiceClient(adapter)
}

// TestThroughAGateway does with an app's flows what it does with Microsoft.
func TestThroughAGateway(t *testing.T) {
	x, g := open(t), through(t, "portal")
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

// TestABatchThroughAGateway: the SDK's own batch, whose steps are judged one by one.
func TestABatchThroughAGateway(t *testing.T) {
	x, g, ctx := open(t), through(t, "portal"), t.Context()
	events := func(i int) *users.ItemEventsRequestBuilder { return g.Users().ByUserId(x.Users[i].ID).Events() }
	batch := graphcore.NewBatchRequest(g.GetAdapter())
	step := func(info *abstractions.RequestInformation, err error) graphcore.BatchItem {
		t.Helper()
		fine(t, err)
		item, err := batch.AddBatchRequestStep(*info)
		fine(t, err)
		return item
	}
	listed := step(events(0).ToGetRequestInformation(ctx, nil))
	made := step(events(1).ToPostRequestInformation(ctx, meeting("through a gateway, in a batch", day(491)), nil))
	made.DependsOnItem(listed)
	outside := step(events(4).ToGetRequestInformation(ctx, nil))
	unlisted := step(g.Users().ByUserId(x.Users[0].ID).Messages().ToGetRequestInformation(ctx, nil))
	never := step(events(0).ToGetRequestInformation(ctx, nil))
	never.DependsOnItem(outside)
	answer, err := batch.Send(ctx, g.GetAdapter())
	fine(t, err)
	for item, status := range map[graphcore.BatchItem]int32{listed: http.StatusOK, made: http.StatusCreated, outside: http.StatusForbidden,
		unlisted: http.StatusForbidden, never: http.StatusFailedDependency} {
		if got := answer.GetStatusCodes()[value(item.GetId())]; got != status {
			t.Errorf("%s %s: %d, want %d", value(item.GetMethod()), value(item.GetUrl()), got, status)
		}
	}
	e, err := graphcore.GetBatchResponseById[models.Eventable](answer, value(made.GetId()), models.CreateEventFromDiscriminatorValue)
	fine(t, err)
	fine(t, events(1).ByEventId(value(e.GetId())).Delete(ctx, nil))
}

// TestALargeFileThroughAGateway: the SDK's own upload task puts a file piece by piece, behind a
// handle of the gateway's and with the app's key.
func TestALargeFileThroughAGateway(t *testing.T) {
	x, g, ctx := open(t), through(t, "portal"), t.Context()
	made, err := g.Users().ByUserId(x.Users[0].ID).Events().Post(ctx, meeting("with a file", day(493)), nil)
	fine(t, err)
	at := g.Users().ByUserId(x.Users[0].ID).Events().ByEventId(value(made.GetId()))
	content := bytes.Repeat([]byte("0123456789abcdef"), 3<<16+1)
	kind, name, size := models.FILE_ATTACHMENTTYPE, "plan.pdf", int64(len(content))
	item := models.NewAttachmentItem()
	item.SetAttachmentType(&kind)
	item.SetName(&name)
	item.SetSize(&size)
	body := users.NewItemEventsItemAttachmentsCreateUploadSessionPostRequestBody()
	body.SetAttachmentItem(item)
	session, err := at.Attachments().CreateUploadSession().Post(ctx, body, nil)
	fine(t, err)
	if !strings.Contains(value(session.GetUploadUrl()), "/graph/handles/") {
		t.Fatalf("the address is %s", value(session.GetUploadUrl()))
	}
	path := filepath.Join(t.TempDir(), name)
	fine(t, os.WriteFile(path, content, 0o600))
	file, err := os.Open(path)
	fine(t, err)
	defer file.Close()
	task := fileuploader.NewLargeFileUploadTask[models.FileAttachmentable](g.GetAdapter(), session, file, 4*320*1024, models.CreateFileAttachmentFromDiscriminatorValue, nil)
	if result := task.Upload(func(int64, int64) {}); !result.GetUploadSucceeded() || !strings.Contains(value(result.GetURI()), "/events") {
		t.Fatalf("%v, at %s", result.GetResponseErrors(), value(result.GetURI()))
	}
	list, err := x.as(t, "everything").Users().ByUserId(x.Users[0].ID).Events().ByEventId(value(made.GetId())).Attachments().Get(ctx, nil)
	fine(t, err)
	hangs, is := list.GetValue()[0].(models.FileAttachmentable)
	if len(list.GetValue()) != 1 || !is || !bytes.Equal(hangs.GetContentBytes(), content) {
		t.Errorf("%d files hang there", len(list.GetValue()))
	}
	fine(t, at.Delete(ctx, nil))
}

// TestPrivateEventsThroughAGateway: an app whose flow says nothing of private events reads
// with the SDK when one is, and nothing else of it; of others it reads everything.
func TestPrivateEventsThroughAGateway(t *testing.T) {
	x, portal, secretary, ctx := open(t), through(t, "portal"), through(t, "secretary"), t.Context()
	of := func(g *graph.GraphServiceClient) *users.ItemEventsRequestBuilder {
		return g.Users().ByUserId(x.Users[0].ID).Events()
	}
	for hides, sensitivity := range map[bool]models.Sensitivity{true: models.PRIVATE_SENSITIVITY, false: models.NORMAL_SENSITIVITY} {
		e := meeting("what the doctor says", day(492))
		e.SetSensitivity(&sensitivity)
		made, err := of(portal).Post(ctx, e, nil)
		fine(t, err)
		at := value(made.GetId())
		whole, err := of(portal).ByEventId(at).Get(ctx, nil)
		fine(t, err)
		shown, err := of(secretary).ByEventId(at).Get(ctx, nil)
		fine(t, err)
		if value(whole.GetSubject()) != "what the doctor says" || value(shown.GetStart().GetDateTime()) != value(whole.GetStart().GetDateTime()) {
			t.Errorf("%v: %q at %s is shown at %s", hides, value(whole.GetSubject()), value(whole.GetStart().GetDateTime()), value(shown.GetStart().GetDateTime()))
		}
		if hidden := shown.GetSubject() == nil && shown.GetBody() == nil && shown.GetBodyPreview() == nil; hidden != hides {
			t.Errorf("%v: its subject is %q", hides, value(shown.GetSubject()))
		}
		fine(t, of(portal).ByEventId(at).Delete(ctx, nil))
	}
	text := "subject eq 'what the doctor says'"
	_, err := of(secretary).Get(ctx, &users.ItemEventsRequestBuilderGetRequestConfiguration{QueryParameters: &users.ItemEventsRequestBuilderGetQueryParameters{Filter: &text}})
	denied(t, err, 403, "proxy.private")
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
