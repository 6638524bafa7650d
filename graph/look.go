package graph

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/flow"
	"github.com/graphwarden/graphwarden/gate"
)

// Sight is an event that was looked for.
type Sight struct {
	There    bool            // false: it was deleted
	Calendar string          // the id of the calendar that it is in, if Graph says so
	Body     json.RawMessage // as Graph sent it, without its calendar
}

// Event looks for an event by its immutable id, wherever in the mailbox it is.
func (g *Graph) Event(ctx context.Context, f flow.Flow, m graphwarden.Mailbox, id string) (Sight, error) {
	body, err := g.ask(ctx, f, m, http.StatusOK, gate.Call{
		Operation: flow.GetEvent(), Args: flow.Args{"event": id}, Query: "$expand=calendar",
	})
	if Is(err, CodeItemUnknown) {
		return Sight{}, nil
	}
	if err != nil {
		return Sight{}, fmt.Errorf("looking for an event of %s: %w", m.UPN, err)
	}
	var event map[string]json.RawMessage
	if err := json.Unmarshal(body, &event); err != nil {
		return Sight{}, fmt.Errorf("reading an event of %s: %w", m.UPN, err)
	}
	var calendar struct {
		ID string `json:"id"`
	}
	if raw, has := event["calendar"]; has {
		if err := json.Unmarshal(raw, &calendar); err != nil {
			return Sight{}, fmt.Errorf("reading the calendar of an event of %s: %w", m.UPN, err)
		}
	}
	for _, name := range []string{"calendar", "calendar@odata.context", "calendar@odata.associationLink", "calendar@odata.navigationLink", "@odata.context"} {
		delete(event, name)
	}
	bare, err := json.Marshal(event)
	if err != nil {
		return Sight{}, fmt.Errorf("writing an event of %s: %w", m.UPN, err)
	}
	return Sight{There: true, Calendar: calendar.ID, Body: bare}, nil
}

// HasCalendar says whether a calendar is there: the list of calendars is not
// believed when it lacks one.
func (g *Graph) HasCalendar(ctx context.Context, f flow.Flow, m graphwarden.Mailbox, id string) (bool, error) {
	_, err := g.ask(ctx, f, m, http.StatusOK, gate.Call{
		Operation: flow.GetCalendar(), Args: flow.Args{"calendar": id}, Query: "$select=id",
	})
	if Is(err, CodeItemUnknown) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("looking for a calendar of %s: %w", m.UPN, err)
	}
	return true, nil
}
