package interop

import (
	"testing"
	"time"

	graph "github.com/microsoftgraph/msgraph-sdk-go"
	"github.com/microsoftgraph/msgraph-sdk-go/models"
	"github.com/microsoftgraph/msgraph-sdk-go/users"
)

// round is one round of delta: the changes by id, in how many pages, and the
// link to the next round.
type round struct {
	changes map[string]models.Eventable
	pages   int
	link    string
}

// readRound reads a round of calendarView delta (api/event-delta), two changes a
// page; link "" begins with the window.
func readRound(t *testing.T, c *graph.GraphServiceClient, who user, from, to time.Time, link string) round {
	t.Helper()
	delta := c.Users().ByUserId(who.ID).CalendarView().Delta()
	cfg := &users.ItemCalendarViewDeltaRequestBuilderGetRequestConfiguration{Headers: headers("Prefer", "odata.maxpagesize=2")}
	r := round{changes: map[string]models.Eventable{}}
	if link == "" {
		cfg.QueryParameters = &users.ItemCalendarViewDeltaRequestBuilderGetQueryParameters{
			StartDateTime: new(from.Format(time.RFC3339)), EndDateTime: new(to.Format(time.RFC3339))}
	} else {
		delta = delta.WithUrl(link)
	}
	for {
		page, err := delta.GetAsDeltaGetResponse(t.Context(), cfg)
		fine(t, err)
		r.pages++
		if len(page.GetValue()) > 2 {
			t.Errorf("%d changes on a page, want at most 2", len(page.GetValue()))
		}
		for _, e := range page.GetValue() {
			r.changes[value(e.GetId())] = e
		}
		next := page.GetOdataNextLink()
		if (next == nil) == (page.GetOdataDeltaLink() == nil) {
			t.Fatal("a page must have either a nextLink or a deltaLink")
		}
		if next == nil {
			r.link = value(page.GetOdataDeltaLink())
			return r
		}
		delta, cfg.QueryParameters = delta.WithUrl(*next), nil
	}
}

func TestCalendarViewDelta(t *testing.T) {
	x, ctx := open(t), t.Context()
	c, who := x.as(t, "everything"), x.Users[14]
	events := c.Users().ByUserId(who.ID).Events()
	from, to := day(440), day(450)
	var made []models.Eventable
	for i := range 5 {
		e, err := events.Post(ctx, meeting("Interop delta", from.AddDate(0, 0, i)), nil)
		fine(t, err)
		made = append(made, e)
	}
	first := readRound(t, c, who, from, to, "")
	for _, e := range made {
		if got := first.changes[value(e.GetId())]; got == nil || value(got.GetSubject()) != "Interop delta" {
			t.Errorf("event %s is not in the first round", value(e.GetId()))
		}
	}
	if first.pages < 3 {
		t.Errorf("%d pages for five events, want 3 at least", first.pages)
	}
	if quiet := readRound(t, c, who, from, to, first.link); len(quiet.changes) != 0 {
		t.Errorf("%d changes though nothing happened", len(quiet.changes))
	}

	change := models.NewEvent()
	change.SetSubject(new("Interop delta, changed"))
	_, err := events.ByEventId(value(made[0].GetId())).Patch(ctx, change, nil)
	fine(t, err)
	fine(t, events.ByEventId(value(made[1].GetId())).Delete(ctx, nil))
	added, err := events.Post(ctx, meeting("Interop delta, added", from.AddDate(0, 0, 6)), nil)
	fine(t, err)
	_, err = events.Post(ctx, meeting("Interop delta, outside", to.AddDate(0, 0, 6)), nil)
	fine(t, err)
	second := readRound(t, c, who, from, to, first.link)
	if got := second.changes[value(made[0].GetId())]; got == nil || value(got.GetSubject()) != "Interop delta, changed" {
		t.Error("the change is missing")
	}
	if second.changes[value(added.GetId())] == nil {
		t.Error("the new event is missing")
	}
	for id, e := range second.changes {
		if value(e.GetSubject()) == "Interop delta, outside" {
			t.Errorf("%s lies outside the window", id)
		}
	}
	deleted := second.changes[value(made[1].GetId())]
	if deleted == nil {
		t.Fatal("the deletion is missing")
	}
	removed, _ := deleted.GetAdditionalData()["@removed"].(map[string]any)
	if reason, _ := removed["reason"].(*string); value(reason) != "deleted" {
		t.Errorf("@removed is %v, want reason deleted", removed)
	}
}

// TestCalendarViewDeltaOfSeries: a series comes as its master and its
// occurrences (api/event-delta).
func TestCalendarViewDeltaOfSeries(t *testing.T) {
	x, ctx := open(t), t.Context()
	c, who := x.as(t, "everything"), x.Users[14]
	from, to := day(460), day(500)
	made, err := c.Users().ByUserId(who.ID).Events().Post(ctx, weekly("Interop delta series", from.Add(9*time.Hour), 3), nil)
	fine(t, err)
	kinds := map[models.EventType]int{}
	for _, e := range readRound(t, c, who, from, to, "").changes {
		if value(e.GetId()) == value(made.GetId()) || value(e.GetSeriesMasterId()) == value(made.GetId()) {
			kinds[value(e.GetTypeEscaped())]++
		}
	}
	if kinds[models.SERIESMASTER_EVENTTYPE] != 1 || kinds[models.OCCURRENCE_EVENTTYPE] != 3 {
		t.Errorf("%v, want one seriesMaster and three occurrences", kinds)
	}
}
