// Command sdk copies a calendar into SQLite with Microsoft's SDK for Go, as its
// documentation shows: typed events, page by page, each kept as the SDK writes it.
package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/microsoft/kiota-abstractions-go/authentication"
	"github.com/microsoft/kiota-abstractions-go/serialization"
	khttp "github.com/microsoft/kiota-http-go"
	graph "github.com/microsoftgraph/msgraph-sdk-go"
	core "github.com/microsoftgraph/msgraph-sdk-go-core"
	"github.com/microsoftgraph/msgraph-sdk-go/models"
	"github.com/microsoftgraph/msgraph-sdk-go/users"

	abstractions "github.com/microsoft/kiota-abstractions-go"

	"github.com/graphwarden/graphwarden/bench/copy"
)

func main() { copy.Main(run) }

func run(ctx context.Context, j copy.Job) (err error) {
	client, err := open(j)
	if err != nil {
		return err
	}
	store, err := copy.Open(ctx, j.Database)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	delta := client.Users().ByUserId(j.User).Calendars().ByCalendarId(j.Calendar).CalendarView().Delta()
	headers := abstractions.NewRequestHeaders()
	headers.Add("Prefer", "odata.maxpagesize=200")
	ask := &users.ItemCalendarsItemCalendarViewDeltaRequestBuilderGetRequestConfiguration{Headers: headers,
		QueryParameters: &users.ItemCalendarsItemCalendarViewDeltaRequestBuilderGetQueryParameters{
			StartDateTime: new("2026-01-01T00:00:00Z"), EndDateTime: new("2027-01-01T00:00:00Z")}}
	for {
		page, err := delta.GetAsDeltaGetResponse(ctx, ask)
		if err != nil {
			return err
		}
		events, err := rows(page.GetValue())
		if err != nil {
			return err
		}
		next := page.GetOdataNextLink()
		if err := store.Page(ctx, value(next)+value(page.GetOdataDeltaLink()), events); err != nil {
			return err
		}
		if next == nil {
			return nil
		}
		delta, ask.QueryParameters = delta.WithUrl(*next), nil
	}
}

// open gives a client for the job's Graph; what a token costs is not compared.
func open(j copy.Job) (*graph.GraphServiceClient, error) {
	transport, err := j.Transport()
	if err != nil {
		return nil, err
	}
	options := graph.GetDefaultClientOptions()
	client := core.GetDefaultClient(&options)
	client.Transport = khttp.NewCustomTransportWithParentTransport(transport, core.GetDefaultMiddlewaresWithOptions(&options)...)
	adapter, err := graph.NewGraphRequestAdapterWithParseNodeFactoryAndSerializationWriterFactoryAndHttpClient(
		&authentication.AnonymousAuthenticationProvider{}, nil, nil, client)
	if err != nil {
		return nil, err
	}
	adapter.SetBaseUrl(j.Graph + "/v1.0")
	return graph.NewGraphServiceClient(adapter), nil
}

func rows(events []models.Eventable) ([]copy.Event, error) {
	out := make([]copy.Event, 0, len(events))
	for _, e := range events {
		raw, err := serialization.SerializeToJson(e)
		if err != nil {
			return nil, fmt.Errorf("writing an event: %w", err)
		}
		_, removed := e.GetAdditionalData()["@removed"]
		row := copy.Event{ID: value(e.GetId()), Removed: removed, Body: string(raw)}
		if tag, ok := e.GetAdditionalData()["@odata.etag"].(*string); ok {
			row.ETag = value(tag)
		}
		out = append(out, row)
	}
	return out, nil
}

func value(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}
