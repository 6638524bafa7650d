package interop

import (
	"net/http"
	"testing"
	"time"

	"github.com/microsoft/kiota-abstractions-go/serialization"
	"github.com/microsoftgraph/msgraph-sdk-go/models"
	"github.com/microsoftgraph/msgraph-sdk-go/users"
)

// TestSignedInPerson calls /me with what the person consented to.
func TestSignedInPerson(t *testing.T) {
	x, ctx := open(t), t.Context()
	who, colleague := x.Users[15], x.Users[16]
	c := x.signedIn(t, who, "Calendars.ReadWrite", "Calendars.ReadWrite.Shared", "User.Read")
	from := day(470).Add(9 * time.Hour)

	t.Run("an event of my own", func(t *testing.T) { // api/user-post-events
		made, err := c.Me().Events().Post(ctx, meeting("Interop mine", from), nil)
		fine(t, err)
		got := view(t, x.as(t, "everything"), who, day(470), day(471), "Interop mine")
		if len(got) != 1 || value(got[0].GetId()) != value(made.GetId()) {
			t.Errorf("the app sees %d events", len(got))
		}
	})
	t.Run("not those of others", func(t *testing.T) { // concepts/permissions-overview (delegated access), concepts/errors: 403
		_, err := c.Users().ByUserId(x.Users[0].ID).Calendar().Events().Get(ctx, nil)
		refused(t, err, http.StatusForbidden, "ErrorAccessDenied")
	})
	t.Run("findMeetingTimes keeps free of what is busy", func(t *testing.T) { // api/user-findmeetingtimes
		body := users.NewItemFindMeetingTimesPostRequestBody()
		a := models.NewAttendeeBase()
		a.SetTypeEscaped(new(models.REQUIRED_ATTENDEETYPE))
		a.SetEmailAddress(models.NewEmailAddress())
		a.GetEmailAddress().SetAddress(new(colleague.UserPrincipalName))
		body.SetAttendees([]models.AttendeeBaseable{a})
		slot := models.NewTimeSlot()
		slot.SetStart(at(from, "UTC"))
		slot.SetEnd(at(from.Add(4*time.Hour), "UTC"))
		constraint := models.NewTimeConstraint()
		constraint.SetActivityDomain(new(models.UNRESTRICTED_ACTIVITYDOMAIN))
		constraint.SetTimeSlots([]models.TimeSlotable{slot})
		body.SetTimeConstraint(constraint)
		body.SetMeetingDuration(serialization.NewDuration(0, 0, 0, 1, 0, 0, 0))
		body.SetReturnSuggestionReasons(new(true))
		answer, err := c.Me().FindMeetingTimes().Post(ctx, body, nil)
		fine(t, err)
		if len(answer.GetMeetingTimeSuggestions()) == 0 {
			t.Fatalf("no suggestion: %q", value(answer.GetEmptySuggestionsReason()))
		}
		for _, s := range answer.GetMeetingTimeSuggestions() {
			span := s.GetMeetingTimeSlot()
			start, end := wall(t, span.GetStart()), wall(t, span.GetEnd())
			if start.Before(from.Add(time.Hour)) || end.After(from.Add(4*time.Hour)) || end.Sub(start) != time.Hour {
				t.Errorf("suggested %s to %s, which is busy or outside", start, end)
			}
			if value(s.GetConfidence()) <= 0 || value(s.GetSuggestionReason()) == "" {
				t.Errorf("confidence %v, reason %q", value(s.GetConfidence()), value(s.GetSuggestionReason()))
			}
		}
	})
	t.Run("findMeetingTimes is not for apps", func(t *testing.T) { // api/user-findmeetingtimes: application not supported
		_, err := x.as(t, "everything").Users().ByUserId(who.ID).FindMeetingTimes().Post(ctx, users.NewItemFindMeetingTimesPostRequestBody(), nil)
		refused(t, err, http.StatusForbidden)
	})
}
