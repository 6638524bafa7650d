package interop

import (
	"testing"
	"time"

	"github.com/microsoftgraph/msgraph-sdk-go/models"
	"github.com/microsoftgraph/msgraph-sdk-go/users"
)

// springForward is the last Sunday of March in the year after the next, when
// clocks in Europe are put forward.
func springForward() time.Time {
	d := time.Date(time.Now().Year()+2, time.March, 31, 0, 0, 0, 0, time.UTC)
	return d.AddDate(0, 0, -int(d.Weekday()))
}

// TestSeriesKeepsItsWallClock: a series takes place at the same time of day in
// its own zone (resources/event, originalStartTimeZone).
func TestSeriesKeepsItsWallClock(t *testing.T) {
	x, ctx := open(t), t.Context()
	c, who := x.as(t, "everything"), x.Users[11]
	before := springForward().AddDate(0, 0, -4).Add(9 * time.Hour)
	form := weekly("Interop wall clock", before, 2)
	form.SetStart(at(before, "Romance Standard Time"))
	form.SetEnd(at(before.Add(time.Hour), "Romance Standard Time"))
	_, err := c.Users().ByUserId(who.ID).Events().Post(ctx, form, nil)
	fine(t, err)
	from, to := before.AddDate(0, 0, -1), before.AddDate(0, 0, 14)
	utc := view(t, c, who, from, to, "Interop wall clock")
	local := view(t, c, who, from, to, "Interop wall clock", `outlook.timezone="Romance Standard Time"`)
	if len(utc) != 2 || len(local) != 2 {
		t.Fatalf("%d occurrences in UTC, %d in Paris, want 2", len(utc), len(local))
	}
	for i, hour := range []int{8, 7} { // winter, then summer
		if got := wall(t, utc[i].GetStart()); got.Hour() != hour {
			t.Errorf("occurrence %d starts at %s UTC, want %d o'clock", i, got, hour)
		}
		if got := wall(t, local[i].GetStart()); got.Hour() != 9 {
			t.Errorf("occurrence %d starts at %s in Paris, want 9 o'clock", i, got)
		}
	}
}

// TestMasterSpeaksForItsSeries follows api/event-update and api/event-get (example
// with exceptionOccurrences and cancelledOccurrences).
func TestMasterSpeaksForItsSeries(t *testing.T) {
	x, ctx := open(t), t.Context()
	c, who := x.as(t, "everything"), x.Users[11]
	events := c.Users().ByUserId(who.ID).Events()
	first := day(540).Add(9 * time.Hour)
	made, err := events.Post(ctx, weekly("Interop master", first, 5), nil)
	fine(t, err)
	shown := view(t, c, who, day(540), day(580), "Interop master")
	if len(shown) != 5 {
		t.Fatalf("%d occurrences", len(shown))
	}
	own := models.NewEvent()
	own.SetSubject(new("Interop master, exception"))
	_, err = events.ByEventId(value(shown[1].GetId())).Patch(ctx, own, nil)
	fine(t, err)
	fine(t, events.ByEventId(value(shown[2].GetId())).Delete(ctx, nil))

	t.Run("it knows what deviates", func(t *testing.T) {
		q := &users.ItemEventsEventItemRequestBuilderGetQueryParameters{Select: []string{"subject", "cancelledOccurrences"}, Expand: []string{"exceptionOccurrences"}}
		master, err := events.ByEventId(value(made.GetId())).Get(ctx, &users.ItemEventsEventItemRequestBuilderGetRequestConfiguration{QueryParameters: q})
		fine(t, err)
		if got := master.GetExceptionOccurrences(); len(got) != 1 || value(got[0].GetSubject()) != "Interop master, exception" {
			t.Errorf("%d exceptionOccurrences", len(got))
		}
		if got := master.GetCancelledOccurrences(); len(got) != 1 {
			t.Errorf("cancelledOccurrences are %v", got)
		}
	})
	t.Run("its change reaches the occurrences", func(t *testing.T) {
		change := models.NewEvent()
		change.SetLocation(models.NewLocation())
		change.GetLocation().SetDisplayName(new("Room 7"))
		_, err := events.ByEventId(value(made.GetId())).Patch(ctx, change, nil)
		fine(t, err)
		for _, e := range view(t, c, who, day(540), day(580), "Interop master") {
			if value(e.GetTypeEscaped()) == models.OCCURRENCE_EVENTTYPE && value(e.GetLocation().GetDisplayName()) != "Room 7" {
				t.Errorf("the occurrence of %s is at %q", value(e.GetStart().GetDateTime()), value(e.GetLocation().GetDisplayName()))
			}
		}
	})
	t.Run("a new recurrence drops the deviations", func(t *testing.T) {
		change := models.NewEvent()
		change.SetRecurrence(weekly("", first, 3).GetRecurrence())
		_, err := events.ByEventId(value(made.GetId())).Patch(ctx, change, nil)
		fine(t, err)
		got := view(t, c, who, day(540), day(580), "Interop master")
		for _, e := range got {
			if value(e.GetTypeEscaped()) != models.OCCURRENCE_EVENTTYPE {
				t.Errorf("a %v is left", e.GetTypeEscaped())
			}
		}
		if len(got) != 3 {
			t.Errorf("%d occurrences, want 3", len(got))
		}
	})
}
