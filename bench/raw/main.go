// Command raw copies a calendar into SQLite as one would write it by hand: the
// standard library, pages cut into raw items, the id and the tag read of each.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"

	"github.com/graphwarden/graphwarden/bench/copy"
)

// page keeps each event's own text.
type page struct {
	Value     []json.RawMessage `json:"value"`
	NextLink  string            `json:"@odata.nextLink"`
	DeltaLink string            `json:"@odata.deltaLink"`
}

type event struct {
	ID      string    `json:"id"`
	ETag    string    `json:"@odata.etag"`
	Removed *struct{} `json:"@removed"`
}

func main() { copy.Main(run) }

func run(ctx context.Context, j copy.Job) (err error) {
	transport, err := j.Transport()
	if err != nil {
		return err
	}
	store, err := copy.Open(ctx, j.Database)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	client := &http.Client{Transport: transport}
	link := fmt.Sprintf("%s/v1.0/users/%s/calendars/%s/calendarView/delta?startDateTime=2026-01-01T00:00:00Z&endDateTime=2027-01-01T00:00:00Z", j.Graph, j.User, j.Calendar)
	for link != "" {
		p, err := fetch(ctx, client, link)
		if err != nil {
			return err
		}
		events, err := p.events()
		if err != nil {
			return err
		}
		if err := store.Page(ctx, p.NextLink+p.DeltaLink, events); err != nil {
			return err
		}
		link = p.NextLink
	}
	return nil
}

func fetch(ctx context.Context, client *http.Client, link string) (*page, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, link, nil)
	if err != nil {
		return nil, err
	}
	request.Header.Set("Prefer", "odata.maxpagesize=200")
	response, err := client.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("Graph answers %s", response.Status)
	}
	var p page
	return &p, json.NewDecoder(response.Body).Decode(&p)
}

func (p *page) events() ([]copy.Event, error) {
	rows := make([]copy.Event, 0, len(p.Value))
	for _, raw := range p.Value {
		var e event
		if err := json.Unmarshal(raw, &e); err != nil {
			return nil, err
		}
		rows = append(rows, copy.Event{ID: e.ID, ETag: e.ETag, Removed: e.Removed != nil, Body: string(raw)})
	}
	return rows, nil
}
