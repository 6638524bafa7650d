package interop

import (
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/microsoftgraph/msgraph-sdk-go/models"
	"github.com/microsoftgraph/msgraph-sdk-go/users"
)

// newCalendar makes a calendar beside the default one (api/user-post-calendars).
func newCalendar(t *testing.T, mailbox *users.UserItemRequestBuilder) (models.Calendarable, *users.ItemCalendarsCalendarItemRequestBuilder) {
	t.Helper()
	form := models.NewCalendar()
	form.SetName(new("Interop calendar"))
	made, err := mailbox.Calendars().Post(t.Context(), form, nil)
	fine(t, err)
	return made, mailbox.Calendars().ByCalendarId(value(made.GetId()))
}

func TestCalendars(t *testing.T) {
	x, ctx := open(t), t.Context()
	c, who := x.as(t, "everything"), x.Users[6]
	mailbox := c.Users().ByUserId(who.ID)
	made, calendar := newCalendar(t, mailbox)

	t.Run("a new calendar is the owner's", func(t *testing.T) { // resources/calendar
		if value(made.GetIsDefaultCalendar()) || !value(made.GetCanEdit()) || !value(made.GetIsRemovable()) {
			t.Errorf("default %v, editable %v, removable %v", value(made.GetIsDefaultCalendar()), value(made.GetCanEdit()), value(made.GetIsRemovable()))
		}
		if o := made.GetOwner(); o == nil || value(o.GetAddress()) != who.UserPrincipalName {
			t.Error("the owner is somebody else")
		}
	})
	t.Run("it stands beside the default one", func(t *testing.T) { // api/user-list-calendars
		list, err := mailbox.Calendars().Get(ctx, nil)
		fine(t, err)
		defaults := 0
		for _, k := range list.GetValue() {
			if value(k.GetIsDefaultCalendar()) {
				defaults++
			}
		}
		if defaults != 1 || !slices.ContainsFunc(list.GetValue(), func(k models.Calendarable) bool { return value(k.GetId()) == value(made.GetId()) }) {
			t.Errorf("%d calendars, %d default", len(list.GetValue()), defaults)
		}
		primary, err := mailbox.Calendar().Get(ctx, nil)
		fine(t, err)
		if !value(primary.GetIsDefaultCalendar()) || value(primary.GetIsRemovable()) {
			t.Error("/calendar is not the default calendar")
		}
	})
	t.Run("its events are its own", func(t *testing.T) { // api/calendar-list-calendarview
		ten := day(410).Add(10 * time.Hour)
		event, err := calendar.Events().Post(ctx, meeting("Interop elsewhere", ten), nil)
		fine(t, err)
		q := &users.ItemCalendarsItemCalendarViewRequestBuilderGetQueryParameters{
			StartDateTime: new(day(410).Format(time.RFC3339)), EndDateTime: new(day(411).Format(time.RFC3339))}
		page, err := calendar.CalendarView().Get(ctx, &users.ItemCalendarsItemCalendarViewRequestBuilderGetRequestConfiguration{QueryParameters: q})
		fine(t, err)
		if len(page.GetValue()) != 1 || value(page.GetValue()[0].GetId()) != value(event.GetId()) {
			t.Errorf("%d events in the new calendar", len(page.GetValue()))
		}
		if got := view(t, c, who, day(410), day(411), "Interop elsewhere"); len(got) != 0 {
			t.Error("the default calendar shows it too")
		}
	})
}

func TestCalendarIsRenamedAndDeleted(t *testing.T) { // api/calendar-update, api/calendar-delete
	x, ctx := open(t), t.Context()
	_, calendar := newCalendar(t, x.as(t, "everything").Users().ByUserId(x.Users[7].ID))
	change := models.NewCalendar()
	change.SetName(new("Interop calendar, renamed"))
	after, err := calendar.Patch(ctx, change, nil)
	fine(t, err)
	if value(after.GetName()) != "Interop calendar, renamed" {
		t.Errorf("its name is %q", value(after.GetName()))
	}
	fine(t, calendar.Delete(ctx, nil))
	_, err = calendar.Get(ctx, nil)
	refused(t, err, http.StatusNotFound, "ErrorItemNotFound")
}

// TestImmutableIDs follows concepts/outlook-immutable-id.
func TestImmutableIDs(t *testing.T) {
	x, ctx := open(t), t.Context()
	c, who := x.as(t, "everything"), x.Users[6]
	const immutable = `IdType="ImmutableId"`
	made, err := c.Users().ByUserId(who.ID).Events().Post(ctx, meeting("Interop immutable", day(412)), nil)
	fine(t, err)
	plain := value(made.GetId())
	kept := value(read(t, c, who, plain, immutable).GetId())
	if kept == plain || kept == "" {
		t.Fatalf("the immutable id is %q, the other %q", kept, plain)
	}
	if again := value(read(t, c, who, kept, immutable).GetId()); again != kept {
		t.Errorf("the immutable id reads %q, then %q", kept, again)
	}
	body := users.NewItemTranslateExchangeIdsPostRequestBody() // api/user-translateexchangeids
	body.SetInputIds([]string{plain})
	body.SetSourceIdType(new(models.RESTID_EXCHANGEIDFORMAT))
	body.SetTargetIdType(new(models.RESTIMMUTABLEENTRYID_EXCHANGEIDFORMAT))
	translated, err := c.Users().ByUserId(who.ID).TranslateExchangeIds().PostAsTranslateExchangeIdsPostResponse(ctx, body, nil)
	fine(t, err)
	if list := translated.GetValue(); len(list) != 1 || value(list[0].GetTargetId()) != kept || value(list[0].GetSourceId()) != plain {
		t.Errorf("translateExchangeIds gives %d ids, not the immutable one", len(list))
	}
}
