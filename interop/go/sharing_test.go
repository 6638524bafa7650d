package interop

import (
	"net/http"
	"strings"
	"testing"
	"time"

	graph "github.com/microsoftgraph/msgraph-sdk-go"
	"github.com/microsoftgraph/msgraph-sdk-go/models"
)

// openAndPrivate puts two events into a signed-in person's calendar, of which one
// is private.
func openAndPrivate(t *testing.T, c *graph.GraphServiceClient, start time.Time) {
	t.Helper()
	_, err := c.Me().Events().Post(t.Context(), meeting("Interop shared, open", start), nil)
	fine(t, err)
	private := meeting("Interop shared, private", start.Add(2*time.Hour))
	private.SetSensitivity(new(models.PRIVATE_SENSITIVITY))
	private.SetBody(models.NewItemBody())
	private.GetBody().SetContent(new("nobody's business"))
	_, err = c.Me().Events().Post(t.Context(), private, nil)
	fine(t, err)
}

// reading lets somebody read a calendar (api/calendar-post-calendarpermissions).
func reading(who user) models.CalendarPermissionable {
	form := models.NewCalendarPermission()
	form.SetEmailAddress(models.NewEmailAddress())
	form.GetEmailAddress().SetAddress(new(who.UserPrincipalName))
	form.SetRole(new(models.READ_CALENDARROLETYPE))
	form.SetIsInsideOrganization(new(true))
	form.SetIsRemovable(new(true))
	return form
}

// TestSharedCalendar follows concepts/outlook-share-or-delegate-calendar and
// concepts/outlook-get-shared-events-calendars.
func TestSharedCalendar(t *testing.T) {
	x, ctx := open(t), t.Context()
	owner, reader := x.Users[20], x.Users[21]
	hers := x.signedIn(t, owner, "Calendars.ReadWrite")
	his := x.signedIn(t, reader, "Calendars.ReadWrite.Shared")
	start := day(520).Add(9 * time.Hour)
	openAndPrivate(t, hers, start)
	shared := his.Users().ByUserId(owner.ID)
	if _, err := shared.Calendar().Get(ctx, nil); err == nil {
		t.Error("the calendar can be read before it is shared")
	}
	grant, err := hers.Me().Calendar().CalendarPermissions().Post(ctx, reading(reader), nil)
	fine(t, err)
	t.Run("a reader reads", func(t *testing.T) {
		if got := view(t, his, owner, day(520), day(521), "Interop shared, open"); len(got) != 1 {
			t.Errorf("%d open events", len(got))
		}
		c, err := shared.Calendar().Get(ctx, nil)
		fine(t, err)
		if value(c.GetCanEdit()) {
			t.Error("canEdit is set for a reader")
		}
	})
	t.Run("what is private stays so", func(t *testing.T) { // canViewPrivateItems is for delegates
		private := 0
		for _, e := range view(t, his, owner, day(520), day(521), "") {
			if wall(t, e.GetStart()) != start.Add(2*time.Hour) || value(e.GetSensitivity()) != models.PRIVATE_SENSITIVITY {
				continue
			}
			private++
			if strings.Contains(value(e.GetSubject()), "Interop") || e.GetBody() != nil && strings.Contains(value(e.GetBody().GetContent()), "business") {
				t.Errorf("the private event reads %q", value(e.GetSubject()))
			}
		}
		if private != 1 {
			t.Errorf("%d private events are seen, want one without its content", private)
		}
	})
	t.Run("a reader does not write, a writer does", func(t *testing.T) { // api/calendarpermission-update
		_, err := shared.Events().Post(ctx, meeting("Interop shared, foreign", start), nil)
		refused(t, err, http.StatusForbidden, "ErrorAccessDenied")
		change := models.NewCalendarPermission()
		change.SetRole(new(models.WRITE_CALENDARROLETYPE))
		own := hers.Me().Calendar().CalendarPermissions().ByCalendarPermissionId(value(grant.GetId()))
		_, err = own.Patch(ctx, change, nil)
		fine(t, err)
		made, err := shared.Calendar().Events().Post(ctx, meeting("Interop shared, foreign", start), nil)
		fine(t, err)
		if value(made.GetOrganizer().GetEmailAddress().GetAddress()) != owner.UserPrincipalName {
			t.Errorf("the organizer is %s", value(made.GetOrganizer().GetEmailAddress().GetAddress()))
		}
		fine(t, own.Delete(ctx, nil)) // api/calendarpermission-delete
		if _, err = shared.Calendar().Get(ctx, nil); err == nil {
			t.Error("the calendar can still be read")
		}
	})
}
