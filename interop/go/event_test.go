package interop

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	graph "github.com/microsoftgraph/msgraph-sdk-go"
	"github.com/microsoftgraph/msgraph-sdk-go/models"
	"github.com/microsoftgraph/msgraph-sdk-go/users"
)

// day is midnight, UTC, so many days from now.
func day(n int) time.Time { return time.Now().UTC().Truncate(24*time.Hour).AddDate(0, 0, n) }

// at is a time as Graph writes it, without an offset.
func at(when time.Time, zone string) models.DateTimeTimeZoneable {
	d := models.NewDateTimeTimeZone()
	d.SetDateTime(new(when.Format("2006-01-02T15:04:05")))
	d.SetTimeZone(&zone)
	return d
}

// wall reads the time that an event's start or end shows, whatever the zone.
func wall(t *testing.T, d models.DateTimeTimeZoneable) time.Time {
	t.Helper()
	if d == nil {
		t.Fatal("there is no date")
	}
	got, err := time.Parse("2006-01-02T15:04:05.0000000", value(d.GetDateTime()))
	fine(t, err)
	return got
}

// meeting is an event of an hour, in UTC.
func meeting(subject string, start time.Time, attendees ...user) models.Eventable {
	e := models.NewEvent()
	e.SetSubject(&subject)
	e.SetStart(at(start, "UTC"))
	e.SetEnd(at(start.Add(time.Hour), "UTC"))
	var list []models.Attendeeable
	for _, who := range attendees {
		a := models.NewAttendee()
		a.SetTypeEscaped(new(models.REQUIRED_ATTENDEETYPE))
		a.SetEmailAddress(models.NewEmailAddress())
		a.GetEmailAddress().SetAddress(new(who.UserPrincipalName))
		list = append(list, a)
	}
	if list != nil {
		e.SetAttendees(list)
	}
	return e
}

// view is the calendarView of a person between two days (api/user-list-calendarview),
// only the events with that word in the subject.
func view(t *testing.T, c *graph.GraphServiceClient, who user, from, to time.Time, word string, prefer ...string) []models.Eventable {
	t.Helper()
	q := &users.ItemCalendarViewRequestBuilderGetQueryParameters{Top: new(int32(500)),
		StartDateTime: new(from.Format(time.RFC3339)), EndDateTime: new(to.Format(time.RFC3339))}
	cfg := &users.ItemCalendarViewRequestBuilderGetRequestConfiguration{Headers: headers(), QueryParameters: q}
	for _, p := range prefer {
		cfg.Headers.Add("Prefer", p)
	}
	page, err := c.Users().ByUserId(who.ID).CalendarView().Get(t.Context(), cfg)
	fine(t, err)
	if page.GetOdataNextLink() != nil {
		t.Fatal("the window holds more than one page")
	}
	return slices.DeleteFunc(page.GetValue(), func(e models.Eventable) bool { return !strings.Contains(value(e.GetSubject()), word) })
}

// read gets one event with headers.
func read(t *testing.T, c *graph.GraphServiceClient, who user, id string, prefer ...string) models.Eventable {
	t.Helper()
	cfg := &users.ItemEventsEventItemRequestBuilderGetRequestConfiguration{Headers: headers()}
	for _, p := range prefer {
		cfg.Headers.Add("Prefer", p)
	}
	e, err := c.Users().ByUserId(who.ID).Events().ByEventId(id).Get(t.Context(), cfg)
	fine(t, err)
	return e
}

// newEvent puts a private event into a calendar, at that time in Seattle
// (api/user-post-events).
func newEvent(t *testing.T, c *graph.GraphServiceClient, who user, nine time.Time) models.Eventable {
	t.Helper()
	form := meeting("Interop single", nine)
	form.SetStart(at(nine, "Pacific Standard Time"))
	form.SetEnd(at(nine.Add(time.Hour), "Pacific Standard Time"))
	form.SetCategories([]string{"Red category"})
	form.SetSensitivity(new(models.PRIVATE_SENSITIVITY))
	form.SetBody(models.NewItemBody())
	form.GetBody().SetContentType(new(models.HTML_BODYTYPE))
	form.GetBody().SetContent(new("<b>Bring</b> the plans"))
	made, err := c.Users().ByUserId(who.ID).Events().Post(t.Context(), form, nil)
	fine(t, err)
	return made
}

func TestNewEventIsDescribed(t *testing.T) { // resources/event
	x := open(t)
	who := x.Users[5]
	made := newEvent(t, x.as(t, "everything"), who, day(399).Add(9*time.Hour))
	if value(made.GetTypeEscaped()) != models.SINGLEINSTANCE_EVENTTYPE || value(made.GetICalUId()) == "" || value(made.GetChangeKey()) == "" {
		t.Errorf("type %v, iCalUId %q, changeKey %q", made.GetTypeEscaped(), value(made.GetICalUId()), value(made.GetChangeKey()))
	}
	organizer := made.GetOrganizer().GetEmailAddress()
	if !value(made.GetIsOrganizer()) || !strings.EqualFold(value(organizer.GetAddress()), who.UserPrincipalName) {
		t.Errorf("organizer is %s", value(organizer.GetAddress()))
	}
	if made.GetSeriesMasterId() != nil || made.GetRecurrence() != nil || value(made.GetIsCancelled()) {
		t.Error("a single meeting has no series")
	}
	if !strings.Contains(value(made.GetBodyPreview()), "Bring the plans") || value(made.GetOriginalStartTimeZone()) != "Pacific Standard Time" {
		t.Errorf("bodyPreview %q, originalStartTimeZone %q", value(made.GetBodyPreview()), value(made.GetOriginalStartTimeZone()))
	}
}

func TestEvents(t *testing.T) {
	x, ctx := open(t), t.Context()
	c, who := x.as(t, "everything"), x.Users[5]
	events := c.Users().ByUserId(who.ID).Events()
	nine := day(400).Add(9 * time.Hour)
	made := newEvent(t, c, who, nine)
	id := value(made.GetId())
	t.Run("Prefer decides about its time zone", func(t *testing.T) { // api/event-get: UTC without the header
		utc := read(t, c, who, id)
		pacific, err := time.LoadLocation("America/Los_Angeles")
		fine(t, err)
		want := time.Date(nine.Year(), nine.Month(), nine.Day(), 9, 0, 0, 0, pacific).UTC()
		if got := wall(t, utc.GetStart()); value(utc.GetStart().GetTimeZone()) != "UTC" || got != want {
			t.Errorf("start %s %s, want %s", got, value(utc.GetStart().GetTimeZone()), want)
		}
		local := read(t, c, who, id, `outlook.timezone="Pacific Standard Time"`)
		if got := wall(t, local.GetStart()); value(local.GetStart().GetTimeZone()) != "Pacific Standard Time" || got != nine {
			t.Errorf("start %s %s, want %s", got, value(local.GetStart().GetTimeZone()), nine)
		}
		_, err = events.Get(ctx, &users.ItemEventsRequestBuilderGetRequestConfiguration{Headers: headers("Prefer", `outlook.timezone="Nowhere Time"`)})
		refused(t, err, http.StatusBadRequest)
	})
	t.Run("Prefer decides about its body", func(t *testing.T) { // api/event-get, outlook.body-content-type
		text := read(t, c, who, id, `outlook.body-content-type="text"`)
		if b := text.GetBody(); value(b.GetContentType()) != models.TEXT_BODYTYPE || strings.Contains(value(b.GetContent()), "<b>") {
			t.Errorf("body %v %q", b.GetContentType(), value(b.GetContent()))
		}
	})
	t.Run("an update keeps what it does not name", func(t *testing.T) { // api/event-update
		change := models.NewEvent()
		change.SetSubject(new("Interop single, renamed"))
		after, err := events.ByEventId(id).Patch(ctx, change, nil)
		fine(t, err)
		if value(after.GetSubject()) != "Interop single, renamed" || !slices.Equal(after.GetCategories(), []string{"Red category"}) ||
			value(after.GetSensitivity()) != models.PRIVATE_SENSITIVITY || value(after.GetChangeKey()) == value(made.GetChangeKey()) {
			t.Errorf("%q %v, changeKey as before: %v", value(after.GetSubject()), after.GetCategories(), value(after.GetChangeKey()) == value(made.GetChangeKey()))
		}
	})
	t.Run("deleted it is gone", func(t *testing.T) { // api/event-delete
		fine(t, events.ByEventId(id).Delete(ctx, nil))
		_, err := events.ByEventId(id).Get(ctx, nil)
		refused(t, err, http.StatusNotFound, "ErrorItemNotFound")
	})
}

func TestKindsOfEvents(t *testing.T) {
	x, ctx := open(t), t.Context()
	c, who := x.as(t, "everything"), x.Users[5]
	events := c.Users().ByUserId(who.ID).Events()
	t.Run("a whole day starts and ends at midnight", func(t *testing.T) { // resources/event, isAllDay
		form := meeting("Interop all day", day(401))
		form.SetIsAllDay(new(true))
		_, err := events.Post(ctx, form, nil)
		refused(t, err, http.StatusBadRequest)
		form.SetEnd(at(day(402), "UTC"))
		made, err := events.Post(ctx, form, nil)
		fine(t, err)
		if !value(made.GetIsAllDay()) || wall(t, made.GetEnd()).Sub(wall(t, made.GetStart())) != 24*time.Hour {
			t.Errorf("all day: %v", value(made.GetIsAllDay()))
		}
	})
	t.Run("an online meeting has a link to join", func(t *testing.T) { // concepts/outlook-calendar-online-meetings
		form := meeting("Interop online", day(401))
		form.SetIsOnlineMeeting(new(true))
		form.SetOnlineMeetingProvider(new(models.TEAMSFORBUSINESS_ONLINEMEETINGPROVIDERTYPE))
		made, err := events.Post(ctx, form, nil)
		fine(t, err)
		if o := made.GetOnlineMeeting(); o == nil || !strings.HasPrefix(value(o.GetJoinUrl()), "https://") {
			t.Error("there is no joinUrl")
		}
	})
	t.Run("an attachment is kept", func(t *testing.T) { // api/event-post-attachments
		made, err := events.Post(ctx, meeting("Interop attachment", day(402)), nil)
		fine(t, err)
		file := models.NewFileAttachment()
		file.SetName(new("plan.txt"))
		file.SetContentType(new("text/plain"))
		file.SetContentBytes([]byte("the plan"))
		attachments := events.ByEventId(value(made.GetId())).Attachments()
		added, err := attachments.Post(ctx, file, nil)
		fine(t, err)
		if !value(read(t, c, who, value(made.GetId())).GetHasAttachments()) {
			t.Error("hasAttachments is not set")
		}
		got, err := attachments.ByAttachmentId(value(added.GetId())).Get(ctx, nil)
		fine(t, err)
		if f, ok := got.(models.FileAttachmentable); !ok || string(f.GetContentBytes()) != "the plan" || value(f.GetSize()) < 8 {
			t.Errorf("the attachment came back as %T", got)
		}
	})
	t.Run("$filter, $orderby and $select work on a list", func(t *testing.T) { // api/user-list-events
		for i, name := range []string{"Interop list b", "Interop list a"} {
			_, err := events.Post(ctx, meeting(name, day(403+i)), nil)
			fine(t, err)
		}
		q := &users.ItemEventsRequestBuilderGetQueryParameters{Filter: new("startsWith(subject,'Interop list')"),
			Orderby: []string{"subject"}, Select: []string{"subject"}, Count: new(true)}
		page, err := events.Get(ctx, &users.ItemEventsRequestBuilderGetRequestConfiguration{QueryParameters: q})
		fine(t, err)
		got := page.GetValue()
		if len(got) != 2 || value(got[0].GetSubject()) != "Interop list a" || got[0].GetStart() != nil || value(page.GetOdataCount()) != 2 {
			t.Errorf("%d events, @odata.count %d", len(got), value(page.GetOdataCount()))
		}
	})
}
