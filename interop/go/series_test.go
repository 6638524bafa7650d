package interop

import (
	"net/http"
	"testing"
	"time"

	"github.com/microsoft/kiota-abstractions-go/serialization"
	"github.com/microsoftgraph/msgraph-sdk-go/models"
	"github.com/microsoftgraph/msgraph-sdk-go/users"
)

// weekly is a series of so many weeks, an hour each at that time.
func weekly(subject string, first time.Time, weeks int32, attendees ...user) models.Eventable {
	e := meeting(subject, first, attendees...)
	pattern := models.NewRecurrencePattern() // resources/recurrencepattern
	pattern.SetTypeEscaped(new(models.WEEKLY_RECURRENCEPATTERNTYPE))
	pattern.SetInterval(new(int32(1)))
	pattern.SetDaysOfWeek([]models.DayOfWeek{models.DayOfWeek(first.Weekday())})
	span := models.NewRecurrenceRange() // resources/recurrencerange
	span.SetTypeEscaped(new(models.NUMBERED_RECURRENCERANGETYPE))
	span.SetStartDate(serialization.NewDateOnly(first))
	span.SetNumberOfOccurrences(&weeks)
	e.SetRecurrence(models.NewPatternedRecurrence())
	e.GetRecurrence().SetPattern(pattern)
	e.GetRecurrence().SetRangeEscaped(span)
	return e
}

// instances are the occurrences of a series within sixty days (api/event-list-instances).
func instances(t *testing.T, series *users.ItemEventsEventItemRequestBuilder, from time.Time) []models.Eventable {
	t.Helper()
	q := &users.ItemEventsItemInstancesRequestBuilderGetQueryParameters{
		StartDateTime: new(from.Format(time.RFC3339)), EndDateTime: new(from.AddDate(0, 0, 60).Format(time.RFC3339))}
	page, err := series.Instances().Get(t.Context(), &users.ItemEventsItemInstancesRequestBuilderGetRequestConfiguration{QueryParameters: q})
	fine(t, err)
	return page.GetValue()
}

// TestSeries follows resources/event (type) and
// concepts/outlook-schedule-recurring-events.
func TestSeries(t *testing.T) {
	x, ctx := open(t), t.Context()
	c, who := x.as(t, "everything"), x.Users[12]
	first := day(430).Add(13 * time.Hour)
	made, err := c.Users().ByUserId(who.ID).Events().Post(ctx, weekly("Interop series", first, 6), nil)
	fine(t, err)
	t.Run("the master describes the recurrence", func(t *testing.T) {
		if value(made.GetTypeEscaped()) != models.SERIESMASTER_EVENTTYPE {
			t.Errorf("type is %v", made.GetTypeEscaped())
		}
		r := made.GetRecurrence()
		if got := r.GetPattern(); value(got.GetTypeEscaped()) != models.WEEKLY_RECURRENCEPATTERNTYPE || len(got.GetDaysOfWeek()) != 1 || value(got.GetInterval()) != 1 {
			t.Errorf("pattern of type %v on %v", got.GetTypeEscaped(), got.GetDaysOfWeek())
		}
		if got := r.GetRangeEscaped(); value(got.GetNumberOfOccurrences()) != 6 || got.GetStartDate().String() != first.Format(time.DateOnly) {
			t.Errorf("range of %d from %s", value(got.GetNumberOfOccurrences()), got.GetStartDate())
		}
	})
	t.Run("calendarView shows occurrences and no master", func(t *testing.T) { // api/user-list-calendarview
		got := view(t, c, who, day(430), day(490), "Interop series")
		for _, e := range got {
			if value(e.GetTypeEscaped()) != models.OCCURRENCE_EVENTTYPE || value(e.GetSeriesMasterId()) != value(made.GetId()) {
				t.Errorf("%v of %q", e.GetTypeEscaped(), value(e.GetSeriesMasterId()))
			}
		}
		if len(got) != 6 {
			t.Errorf("%d occurrences, want 6", len(got))
		}
	})
}

func TestOccurrences(t *testing.T) {
	x, ctx := open(t), t.Context()
	c, who := x.as(t, "everything"), x.Users[13]
	events := c.Users().ByUserId(who.ID).Events()
	first := day(430).Add(13 * time.Hour)
	made, err := events.Post(ctx, weekly("Interop occurrences", first, 6), nil)
	fine(t, err)
	series := events.ByEventId(value(made.GetId()))
	shown := func() int {
		t.Helper()
		return len(view(t, c, who, day(430), day(490), "Interop occurrences"))
	}
	occurrences := instances(t, series, day(430))
	if len(occurrences) != 6 {
		t.Fatalf("%d instances, want 6", len(occurrences))
	}
	t.Run("a changed occurrence becomes an exception", func(t *testing.T) { // api/event-update
		change := models.NewEvent()
		change.SetSubject(new("Interop occurrences, moved"))
		change.SetStart(at(first.AddDate(0, 0, 8), "UTC"))
		change.SetEnd(at(first.AddDate(0, 0, 8).Add(time.Hour), "UTC"))
		after, err := events.ByEventId(value(occurrences[1].GetId())).Patch(ctx, change, nil)
		fine(t, err)
		if value(after.GetTypeEscaped()) != models.EXCEPTION_EVENTTYPE || value(after.GetSeriesMasterId()) != value(made.GetId()) {
			t.Errorf("it is a %v", after.GetTypeEscaped())
		}
		got := instances(t, series, day(430))
		if len(got) != 6 || value(got[1].GetTypeEscaped()) != models.EXCEPTION_EVENTTYPE || wall(t, got[1].GetStart()) != first.AddDate(0, 0, 8) {
			t.Errorf("%d instances, the second at %s", len(got), wall(t, got[1].GetStart()))
		}
		if o := got[1].GetOriginalStart(); o == nil || !o.Equal(first.AddDate(0, 0, 7)) {
			t.Errorf("originalStart is %v", o)
		}
	})
	t.Run("an occurrence must not pass its neighbour", func(t *testing.T) { // ErrorOccurrenceCrossingBoundary
		change := models.NewEvent()
		change.SetStart(at(first.AddDate(0, 0, 29), "UTC"))
		change.SetEnd(at(first.AddDate(0, 0, 29).Add(time.Hour), "UTC"))
		_, err := events.ByEventId(value(occurrences[2].GetId())).Patch(ctx, change, nil)
		refused(t, err, http.StatusBadRequest, "ErrorOccurrenceCrossingBoundary")
	})
	t.Run("a deleted occurrence is no longer an instance", func(t *testing.T) { // api/event-delete
		fine(t, events.ByEventId(value(occurrences[3].GetId())).Delete(ctx, nil))
		if got := instances(t, series, day(430)); len(got) != 5 || shown() != 5 {
			t.Errorf("%d instances, %d in the calendarView, want 5", len(got), shown())
		}
	})
	t.Run("the series goes as a whole", func(t *testing.T) {
		fine(t, series.Delete(ctx, nil))
		if shown() != 0 {
			t.Errorf("%d occurrences are left", shown())
		}
	})
}

// TestSeriesWithAttendees follows api/event-cancel: the organizer can cancel one
// occurrence.
func TestSeriesWithAttendees(t *testing.T) {
	x, ctx := open(t), t.Context()
	c, organizer, guest := x.as(t, "everything"), x.Users[12], x.Users[13]
	first := day(500).Add(10 * time.Hour)
	_, err := c.Users().ByUserId(organizer.ID).Events().Post(ctx, weekly("Interop joint series", first, 4, guest), nil)
	fine(t, err)
	end := day(500 + 30)
	hers, his := view(t, c, organizer, day(500), end, "Interop joint"), view(t, c, guest, day(500), end, "Interop joint")
	if len(hers) != 4 || len(his) != 4 || value(hers[2].GetICalUId()) == "" {
		t.Fatalf("%d occurrences at the organizer, %d at the attendee, want 4", len(hers), len(his))
	}
	body := users.NewItemEventsItemCancelPostRequestBody()
	body.SetComment(new("Not this week"))
	fine(t, c.Users().ByUserId(organizer.ID).Events().ByEventId(value(hers[1].GetId())).Cancel().Post(ctx, body, nil))
	if got := view(t, c, organizer, day(500), end, "Interop joint"); len(got) != 3 {
		t.Errorf("%d occurrences at the organizer, want 3", len(got))
	}
	left := 0
	for _, e := range view(t, c, guest, day(500), end, "Interop joint") {
		if !value(e.GetIsCancelled()) {
			left++
		}
	}
	if left != 3 {
		t.Errorf("%d occurrences that hold at the attendee, want 3", left)
	}
}
