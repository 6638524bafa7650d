package calendar

import (
	"errors"
	"net/http"
	"slices"
	"time"

	"github.com/graphwarden/graphwarden/sim/world/outlook"
	"github.com/graphwarden/graphwarden/sim/world/recur"
)

// settle brings what depends on a changed property in line with it, and gives
// the names of all that changed.
func (r *reading) settle(before *Event, changed []string) []string {
	if slices.Contains(changed, "recurrence") || slices.Contains(changed, "start") {
		given := slices.Contains(changed, "recurrence")
		if r.settleSeries(given); !given && r.Recurrence != before.Recurrence {
			changed = append(changed, "recurrence")
		}
	}
	if r.settleOnline() && !slices.Contains(changed, "body") {
		changed = append(changed, "body")
	}
	if before.Online != nil && r.Online == nil {
		changed = append(changed, "isOnlineMeeting")
	}
	return changed
}

// settleSeries makes the event a series or a single one. A series whose start
// was moved recurs from there.
func (r *reading) settleSeries(given bool) {
	switch {
	case r.inSeries():
		return
	case r.Recurrence == nil:
		r.Kind = Single
		return
	}
	r.Kind = Series
	rec := *r.Recurrence
	if rec.Range.RecurrenceTimeZone == "" {
		rec.Range.RecurrenceTimeZone = r.Start.Zone
	}
	if !given {
		rec.Range.StartDate = r.Start.At.In(outlook.Clock(rec.Range.RecurrenceTimeZone)).Format(time.DateOnly)
	}
	r.Recurrence = &rec
}

// longestEvent is how long an event may last (EWS reference, ResponseCode
// ErrorCalendarDurationIsTooLong: five years).
const longestEvent = 5 * 366 * 24 * time.Hour

// check holds the event to Exchange's rules.
func (r *reading) check() error {
	switch {
	case r.Start.Zone == "":
		return outlook.BadProperty("start", "it is required.")
	case r.End.Zone == "":
		return outlook.BadProperty("end", "it is required.")
	case r.End.At.Before(r.Start.At):
		return outlook.Refuse(http.StatusBadRequest, "ErrorCalendarEndDateIsEarlierThanStartDate",
			"The end date is earlier than the start date.")
	case r.End.At.Sub(r.Start.At) > longestEvent:
		return outlook.Refuse(http.StatusBadRequest, "ErrorCalendarDurationIsTooLong", "The event is longer than five years.")
	}
	if r.AllDay {
		if err := r.checkAllDay(); err != nil {
			return err
		}
	}
	if r.Recurrence == nil {
		return nil
	}
	err := r.Recurrence.Validate(r.Start.At.In(outlook.Clock(r.Recurrence.Range.RecurrenceTimeZone)))
	return refusedRecurrence(err)
}

// checkAllDay: an all-day event goes from midnight to midnight (graph-facts §7;
// wording from field reports of the service's answers).
func (r *reading) checkAllDay() error {
	switch {
	case !midnight(r.Start.Local()):
		return outlook.Invalid("The Event.Start property for an all-day event needs to be set to midnight.")
	case !midnight(r.End.Local()):
		return outlook.Invalid("The Event.End property for an all-day event needs to be set to midnight.")
	case !r.End.At.After(r.Start.At):
		return outlook.Invalid("The duration of an event marked as All day must be at least 24 hours.")
	}
	return nil
}

func midnight(t time.Time) bool {
	h, m, s := t.Clock()
	return h+m+s == 0 && t.Nanosecond() == 0
}

// refusedRecurrence words recur's refusal as Exchange's.
func refusedRecurrence(err error) error {
	var bad *recur.Invalid
	if errors.As(err, &bad) {
		return outlook.Refuse(http.StatusBadRequest, bad.Code, "recurrence.%s", bad.Error())
	}
	return err
}
