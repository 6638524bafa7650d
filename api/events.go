package api

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/item"
	"github.com/graphwarden/graphwarden/lookup"
)

// Reading is the local copy, as apps may see it.
type Reading interface {
	Events(ctx context.Context, a lookup.Asked) (lookup.Found, error)
	Event(ctx context.Context, at lookup.At, id string, fields []string) (lookup.Event, bool, error)
	Calendars(ctx context.Context, at lookup.At) ([]graphwarden.FeedState, error)
	Fresh(ctx context.Context, at lookup.At) (asOf time.Time, complete bool, err error)
	References(ctx context.Context, flow string, ids []string) (map[string]string, error)
}

// Event is an event of the local copy.
type Event struct {
	ID        string          `json:"id" doc:"its immutable id" example:"AAMkAGI2TGuLAAABbmVZAAA="`
	Calendar  string          `json:"calendar" doc:"the id of its calendar" example:"AAMkAGI2TGuLAAABbmVYAAA="`
	Start     *time.Time      `json:"start" doc:"in UTC; null for the master of a series"`
	End       *time.Time      `json:"end"`
	ETag      string          `json:"etag,omitempty" doc:"its version in Microsoft 365, for If-Match"`
	Reference string          `json:"reference,omitempty" doc:"what the app calls it, or the series that it is of" example:"deal-17"`
	Masked    bool            `json:"masked" doc:"it is private, and only its time is shown"`
	SeenAt    time.Time       `json:"seen_at" doc:"when it was stored as it is"`
	Event     json.RawMessage `json:"event" rule:"object" doc:"the event as Microsoft Graph has it (v1.0, resource event); an occurrence with what it has of its series"`
}

// Events is a part of the events of a mailbox.
type Events struct {
	Items    []Event    `json:"items"`
	Next     string     `json:"next,omitempty" doc:"the cursor of the following page, which may be there although this page is not full; missing on the last"`
	AsOf     *time.Time `json:"as_of" doc:"when the calendar was last read that was so longest ago; null: not yet"`
	Complete bool       `json:"complete" doc:"false while calendars are read for the first time"`
}

// Calendar is a calendar of a mailbox.
type Calendar struct {
	ID     string     `json:"id" example:"AAMkAGI2TGuLAAABbmVYAAA="`
	Name   string     `json:"name" example:"Calendar"`
	Flow   string     `json:"flow" doc:"the flow that reads it" example:"office"`
	ReadAt *time.Time `json:"read_at" doc:"when it was last read whole; null: not yet"`
	From   time.Time  `json:"from" doc:"the window that is read"`
	To     time.Time  `json:"to"`
	Events int64      `json:"events" doc:"how many are in the copy"`
}

// Calendars are all of a mailbox.
type Calendars struct {
	Items []Calendar `json:"items"`
}

func (a *API) readingRoutes() []route {
	if a.config.Reading == nil {
		return nil
	}
	ofFlow := param{name: "flow", about: "as this flow of the app reads the mailbox; the first by name when nothing is said", sample: "office"}
	fields := param{name: "fields", about: "only these properties of the event as Graph has it", kind: list, oneOf: item.EventFields(), most: 4096, sample: "subject"}
	const mailbox = "/v1/tenants/{tenant}/mailboxes/{mailbox}"
	return []route{
		{pattern: "GET " + mailbox + "/calendars", name: "listCalendars", about: "the calendars of a mailbox, and how fresh the copy is", who: apps,
			query: []param{ofFlow}, out: Calendars{}, fresh: true, codes: []string{"api.name"}, answer: a.calendars},
		{pattern: "GET " + mailbox + "/events", name: "listEvents", about: "the events of a mailbox in a span of time, from the local copy", who: apps,
			query: paged(ofFlow, fields,
				param{name: "from", about: "where the span begins; a day ago when nothing is said", kind: instant, sample: "2026-03-02T00:00:00Z"},
				param{name: "to", about: "where it ends; 30 days after from when nothing is said", kind: instant, sample: "2026-04-01T00:00:00Z"},
				param{name: "calendar", about: "only those of a calendar, by id"},
				param{name: "q", about: "only those that mention these words in subject, place or people", most: 200, sample: "budget"}),
			out: Events{}, fresh: true, codes: []string{"api.name"}, answer: a.events},
		{pattern: "GET " + mailbox + "/events/{event}", name: "getEvent", about: "one event of a mailbox, from the local copy", who: apps,
			query: []param{ofFlow, fields}, out: Event{}, fresh: true, codes: []string{"api.name", "api.no_event"}, answer: a.event},
	}
}

// at finds the flow through which a mailbox is read.
func at(r *http.Request) (lookup.At, error) {
	p, wanted := placeOf(r), r.URL.Query().Get("flow")
	var names []string
	for _, f := range p.Flows {
		if f.Kind.Events() && f.Kind.Reads() && (wanted == "" || f.Name == wanted) {
			names = append(names, f.Name)
		}
	}
	if len(names) == 0 {
		return lookup.At{}, errNotIn("flow", wanted, "through which this mailbox is read")
	}
	return lookup.At{Flow: slices.Min(names), Mailbox: p.Mailbox}, nil
}

func (a *API) calendars(r *http.Request) (any, error) {
	where, err := at(r)
	if err != nil {
		return nil, err
	}
	feeds, err := a.config.Reading.Calendars(r.Context(), where)
	out := Calendars{Items: make([]Calendar, len(feeds))}
	for i, f := range feeds {
		out.Items[i] = Calendar{ID: f.Feed.Resource, Name: f.Feed.Title, Flow: f.Feed.Flow, ReadAt: moment(f.Feed.ReadAt),
			From: f.Feed.Window.Start.UTC(), To: f.Feed.Window.End.UTC(), Events: f.Items}
	}
	return out, err
}

func (a *API) events(r *http.Request) (any, error) {
	ask, t, err := a.askedEvents(r)
	if err != nil {
		return nil, err
	}
	found, err := a.config.Reading.Events(r.Context(), ask)
	if err != nil {
		return nil, err
	}
	out := Events{Items: make([]Event, len(found.Events))}
	for i, e := range found.Events {
		out.Items[i] = shownEvent(e)
	}
	if len(out.Items) == 0 {
		if err := a.calendarNamed(r.Context(), ask); err != nil {
			return nil, err
		}
	}
	if found.Next.Key != nil {
		out.Next = t.next(placeAt(found.Next))
	}
	asOf, complete, err := a.config.Reading.Fresh(r.Context(), ask.At)
	out.AsOf, out.Complete = moment(asOf), complete
	return out, err
}

// calendarNamed refuses a calendar that the mailbox does not have, once it is known
// which it has.
func (a *API) calendarNamed(ctx context.Context, ask lookup.Asked) error {
	if ask.Calendar == "" {
		return nil
	}
	feeds, err := a.config.Reading.Calendars(ctx, ask.At)
	for _, f := range feeds {
		if f.Feed.Resource == ask.Calendar {
			return nil
		}
	}
	if err != nil || len(feeds) == 0 {
		return err
	}
	return &graphwarden.Refusal{Kind: graphwarden.Invalid, Code: "api.name", Field: "calendar",
		Say: fmt.Sprintf("The mailbox has no calendar %q.", shortened(ask.Calendar)), Do: "Name one by the id that GET …/calendars gives."}
}

// askedEvents reads which events are asked for.
func (a *API) askedEvents(r *http.Request) (ask lookup.Asked, t turn, err error) {
	if ask.At, err = at(r); err != nil {
		return ask, t, err
	}
	if t, err = turnOf(r); err != nil {
		return ask, t, err
	}
	query := r.URL.Query()
	ask.Window.Start = a.config.Now().Add(-24 * time.Hour).Truncate(time.Minute)
	if from, err := time.Parse(time.RFC3339, query.Get("from")); err == nil { // the table has checked it
		ask.Window.Start = from
	}
	ask.Window.End = ask.Window.Start.AddDate(0, 0, 30)
	if to, err := time.Parse(time.RFC3339, query.Get("to")); err == nil {
		ask.Window.End = to
	}
	if !ask.Window.Start.Before(ask.Window.End) {
		do := "Send a to that is later than from."
		if query.Get("from") == "" {
			do = "Give from, too; without it the span begins a day ago."
		}
		return ask, t, wrongQuery("to", "it is not after from", do)
	}
	ask.Calendar, ask.Words, ask.Fields, ask.Limit = query.Get("calendar"), query.Get("q"), fieldsOfQuery(r), t.limit
	if ask.After, err = readPlace(t.after); err != nil {
		return ask, t, wrongQuery("cursor", "it is not one that a page of this list gave as next")
	}
	return ask, t, nil
}

func (a *API) event(r *http.Request) (any, error) {
	where, err := at(r)
	if err != nil {
		return nil, err
	}
	e, there, err := a.config.Reading.Event(r.Context(), where, r.PathValue("event"), fieldsOfQuery(r))
	if err == nil && !there {
		err = &graphwarden.Refusal{Kind: graphwarden.Unknown, Code: "api.no_event", Field: "event",
			Say: "The copy has no such event in this mailbox.", Do: "Use an id that GET …/events has given; an event outside the flow's window is not in the copy."}
	}
	return shownEvent(e), err
}

func shownEvent(e lookup.Event) Event {
	return Event{ID: e.ID, Calendar: e.Calendar, Start: moment(e.At.Start), End: moment(e.End), ETag: e.ETag, Reference: e.Reference, Masked: e.Masked, SeenAt: e.SeenAt.UTC(), Event: e.Shown}
}

// fieldsOfQuery reads ?fields=.
func fieldsOfQuery(r *http.Request) []string {
	var all []string
	for _, text := range r.URL.Query()["fields"] {
		if text != "" {
			all = append(all, strings.Split(text, ",")...)
		}
	}
	return all
}

// placeAt writes a place in the order of time.
func placeAt(k graphwarden.KeptAt) string {
	return fmt.Sprintf("%d %d %s", k.Start.UnixMicro(), k.Feed, base64.RawURLEncoding.EncodeToString(k.Key))
}

// readPlace reads what placeAt wrote; "" is the beginning.
func readPlace(text string) (k graphwarden.KeptAt, err error) {
	if text == "" {
		return k, nil
	}
	part := strings.Split(text, " ")
	if len(part) != 3 {
		return k, fmt.Errorf("%d parts", len(part))
	}
	start, err := strconv.ParseInt(part[0], 10, 64)
	if err != nil {
		return k, err
	}
	k.Start = time.UnixMicro(start).UTC()
	if k.Feed, err = strconv.ParseInt(part[1], 10, 64); err != nil {
		return k, err
	}
	k.Key, err = base64.RawURLEncoding.DecodeString(part[2])
	return k, err
}
