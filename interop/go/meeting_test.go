package interop

import (
	"net/http"
	"strings"
	"testing"
	"time"

	graph "github.com/microsoftgraph/msgraph-sdk-go"
	"github.com/microsoftgraph/msgraph-sdk-go/models"
	"github.com/microsoftgraph/msgraph-sdk-go/users"
)

// invite sends an invitation on a day and gives the organizer's event.
func invite(t *testing.T, c *graph.GraphServiceClient, on time.Time, organizer user, guests ...user) models.Eventable {
	t.Helper()
	form := meeting("Interop invitation", on.Add(11*time.Hour), guests...)
	made, err := c.Users().ByUserId(organizer.ID).Events().Post(t.Context(), form, nil)
	fine(t, err)
	return made
}

// copyOf is the copy that somebody has of the day's invitation.
func copyOf(t *testing.T, c *graph.GraphServiceClient, on time.Time, who user) models.Eventable {
	t.Helper()
	found := view(t, c, who, on, on.AddDate(0, 0, 1), "Interop invitation")
	if len(found) != 1 {
		t.Fatalf("%s has %d copies, want one", who.UserPrincipalName, len(found))
	}
	return found[0]
}

func TestAttendeesAnswer(t *testing.T) {
	x, ctx := open(t), t.Context()
	c, organizer, guest, other := x.as(t, "everything"), x.Users[7], x.Users[8], x.Users[9]
	on := day(420)
	made := invite(t, c, on, organizer, guest, other)
	invited := copyOf(t, c, on, guest)

	t.Run("the attendee's copy is the same meeting", func(t *testing.T) { // resources/event: iCalUId
		if value(invited.GetICalUId()) != value(made.GetICalUId()) || value(invited.GetId()) == value(made.GetId()) {
			t.Errorf("iCalUId %q here, %q there", value(made.GetICalUId()), value(invited.GetICalUId()))
		}
		if value(invited.GetIsOrganizer()) || !strings.EqualFold(value(invited.GetOrganizer().GetEmailAddress().GetAddress()), organizer.UserPrincipalName) {
			t.Error("the organizer is somebody else")
		}
		if r := invited.GetResponseStatus(); value(r.GetResponse()) != models.NOTRESPONDED_RESPONSETYPE || !value(invited.GetResponseRequested()) {
			t.Errorf("responseStatus is %v", r.GetResponse())
		}
		if r := made.GetResponseStatus(); value(r.GetResponse()) != models.ORGANIZER_RESPONSETYPE {
			t.Errorf("the organizer's responseStatus is %v", r.GetResponse())
		}
	})
	t.Run("an acceptance reaches the organizer", func(t *testing.T) { // api/event-accept
		body := users.NewItemEventsItemAcceptPostRequestBody()
		body.SetComment(new("I shall be there"))
		body.SetSendResponse(new(true))
		fine(t, c.Users().ByUserId(guest.ID).Events().ByEventId(value(invited.GetId())).Accept().Post(ctx, body, nil))
		if r := copyOf(t, c, on, guest).GetResponseStatus(); value(r.GetResponse()) != models.ACCEPTED_RESPONSETYPE {
			t.Errorf("the attendee's responseStatus is %v", r.GetResponse())
		}
		answers := map[string]models.ResponseType{}
		for _, a := range read(t, c, organizer, value(made.GetId())).GetAttendees() {
			answers[value(a.GetEmailAddress().GetAddress())] = value(a.GetStatus().GetResponse())
		}
		if answers[guest.UserPrincipalName] != models.ACCEPTED_RESPONSETYPE || answers[other.UserPrincipalName] == models.ACCEPTED_RESPONSETYPE {
			t.Errorf("the organizer sees %v", answers)
		}
	})
	t.Run("who declines no longer has it", func(t *testing.T) { // api/event-decline
		declined := copyOf(t, c, on, other)
		body := users.NewItemEventsItemDeclinePostRequestBody()
		body.SetSendResponse(new(true))
		fine(t, c.Users().ByUserId(other.ID).Events().ByEventId(value(declined.GetId())).Decline().Post(ctx, body, nil))
		if left := view(t, c, other, on, on.AddDate(0, 0, 1), "Interop invitation"); len(left) != 0 {
			t.Errorf("%d copies are left", len(left))
		}
	})
}

func TestOrganizerDecides(t *testing.T) {
	x, ctx := open(t), t.Context()
	c, organizer, guest := x.as(t, "everything"), x.Users[7], x.Users[8]
	on := day(422)
	own := c.Users().ByUserId(organizer.ID).Events().ByEventId(value(invite(t, c, on, organizer, guest).GetId()))
	t.Run("only attendees answer, only organizers cancel", func(t *testing.T) { // api/event-accept, api/event-cancel: 400
		err := own.Accept().Post(ctx, users.NewItemEventsItemAcceptPostRequestBody(), nil)
		refused(t, err, http.StatusBadRequest, "ErrorInvalidRequest")
		his := c.Users().ByUserId(guest.ID).Events().ByEventId(value(copyOf(t, c, on, guest).GetId()))
		err = his.Cancel().Post(ctx, users.NewItemEventsItemCancelPostRequestBody(), nil)
		refused(t, err, http.StatusBadRequest, "ErrorInvalidRequest")
	})
	t.Run("a moved meeting moves for everybody", func(t *testing.T) { // api/event-update
		change := models.NewEvent()
		change.SetStart(at(on.Add(14*time.Hour), "UTC"))
		change.SetEnd(at(on.Add(15*time.Hour), "UTC"))
		_, err := own.Patch(ctx, change, nil)
		fine(t, err)
		if got := wall(t, copyOf(t, c, on, guest).GetStart()); got != on.Add(14*time.Hour) {
			t.Errorf("the attendee's copy starts %s", got)
		}
	})
	t.Run("a cancelled meeting is gone for its organizer", func(t *testing.T) { // api/event-cancel
		body := users.NewItemEventsItemCancelPostRequestBody()
		body.SetComment(new("No longer needed"))
		fine(t, own.Cancel().Post(ctx, body, nil))
		if left := view(t, c, organizer, on, on.AddDate(0, 0, 1), "Interop invitation"); len(left) != 0 {
			t.Error("the organizer's calendar still shows it")
		}
		for _, e := range view(t, c, guest, on, on.AddDate(0, 0, 1), "Interop invitation") {
			if !value(e.GetIsCancelled()) {
				t.Error("the attendee's copy is not cancelled")
			}
		}
	})
}

// TestSchedule follows api/calendar-getschedule.
func TestSchedule(t *testing.T) {
	x, ctx := open(t), t.Context()
	c, who := x.as(t, "everything"), x.Users[10]
	from := day(425).Add(8 * time.Hour)
	_, err := c.Users().ByUserId(who.ID).Events().Post(ctx, meeting("Interop busy", from.Add(time.Hour)), nil)
	fine(t, err)
	body := users.NewItemCalendarGetSchedulePostRequestBody()
	body.SetSchedules([]string{who.UserPrincipalName, "nobody@" + x.Tenant.Domain})
	body.SetStartTime(at(from, "UTC"))
	body.SetEndTime(at(from.Add(4*time.Hour), "UTC"))
	body.SetAvailabilityViewInterval(new(int32(60)))
	answer, err := c.Users().ByUserId(x.Users[11].ID).Calendar().GetSchedule().PostAsGetSchedulePostResponse(ctx, body, nil)
	fine(t, err)
	if len(answer.GetValue()) != 2 {
		t.Fatalf("%d schedules, want 2", len(answer.GetValue()))
	}
	known, unknown := answer.GetValue()[0], answer.GetValue()[1]
	if got := value(known.GetAvailabilityView()); len(got) != 4 || got[1] != '2' {
		t.Errorf("availabilityView is %q, want busy (2) in the second of four hours", got)
	}
	if len(known.GetScheduleItems()) == 0 || known.GetWorkingHours() == nil || known.GetError() != nil {
		t.Errorf("%d items, working hours %v", len(known.GetScheduleItems()), known.GetWorkingHours())
	}
	body.SetAvailabilityViewInterval(nil)
	answer, err = c.Users().ByUserId(x.Users[11].ID).Calendar().GetSchedule().PostAsGetSchedulePostResponse(ctx, body, nil)
	fine(t, err)
	if got := value(answer.GetValue()[0].GetAvailabilityView()); len(got) != 8 {
		t.Errorf("availabilityView is %q, want half hours unless said otherwise", got)
	}
	if e := unknown.GetError(); e == nil || value(e.GetResponseCode()) == "" {
		t.Error("an unknown address has no error")
	}
}
