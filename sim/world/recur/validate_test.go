package recur_test

import (
	"errors"
	"testing"
	"time"

	"github.com/graphwarden/graphwarden/sim/world/recur"
)

func TestValidateNamesTheMemberThatIsWrong(t *testing.T) {
	start := time.Date(2026, 11, 23, 9, 0, 0, 0, zone(t, "Europe/Copenhagen"))
	type edit func(*recur.Recurrence)
	for _, test := range []struct {
		situation, member string
		edit              edit
	}{
		{"no type", "pattern.type", func(r *recur.Recurrence) { r.Pattern.Type = "" }},
		{"unknown type", "pattern.type", func(r *recur.Recurrence) { r.Pattern.Type = "hourly" }},
		{"interval missing", "pattern.interval", func(r *recur.Recurrence) { r.Pattern.Interval = 0 }},
		{"interval too long", "pattern.interval", func(r *recur.Recurrence) { r.Pattern.Interval = 100 }},
		{"daily interval too long", "pattern.interval", func(r *recur.Recurrence) {
			r.Pattern = recur.Pattern{Type: recur.Daily, Interval: 1000}
		}},
		{"weekly without days", "pattern.daysOfWeek", func(r *recur.Recurrence) { r.Pattern.DaysOfWeek = nil }},
		{"a day that is none", "pattern.daysOfWeek", func(r *recur.Recurrence) { r.Pattern.DaysOfWeek = []string{"weekday"} }},
		{"daily with days", "pattern.daysOfWeek", func(r *recur.Recurrence) { r.Pattern.Type = recur.Daily }},
		{"first day that is none", "pattern.firstDayOfWeek", func(r *recur.Recurrence) { r.Pattern.FirstDayOfWeek = "noday" }},
		{"monthly without a day", "pattern.dayOfMonth", func(r *recur.Recurrence) {
			r.Pattern = recur.Pattern{Type: recur.AbsoluteMonthly, Interval: 1}
		}},
		{"day 32", "pattern.dayOfMonth", func(r *recur.Recurrence) {
			r.Pattern = recur.Pattern{Type: recur.AbsoluteMonthly, Interval: 1, DayOfMonth: 32}
		}},
		{"relative without days", "pattern.daysOfWeek", func(r *recur.Recurrence) {
			r.Pattern = recur.Pattern{Type: recur.RelativeMonthly, Interval: 1}
		}},
		{"fifth", "pattern.index", func(r *recur.Recurrence) {
			r.Pattern = recur.Pattern{Type: recur.RelativeMonthly, Interval: 1, DaysOfWeek: []string{"monday"}, Index: "fifth"}
		}},
		{"yearly without a month", "pattern.month", func(r *recur.Recurrence) {
			r.Pattern = recur.Pattern{Type: recur.AbsoluteYearly, Interval: 1, DayOfMonth: 1}
		}},
		{"relative yearly without a month", "pattern.month", func(r *recur.Recurrence) {
			r.Pattern = recur.Pattern{Type: recur.RelativeYearly, Interval: 1, DaysOfWeek: []string{"monday"}}
		}},
		{"no range type", "range.type", func(r *recur.Recurrence) { r.Range.Type = "" }},
		{"start missing", "range.startDate", func(r *recur.Recurrence) { r.Range.StartDate = "" }},
		{"start on another day than the event", "range.startDate", func(r *recur.Recurrence) { r.Range.StartDate = "2026-11-22" }},
		{"end missing", "range.endDate", func(r *recur.Recurrence) { r.Range.EndDate = "" }},
		{"end before start", "range.endDate", func(r *recur.Recurrence) { r.Range.EndDate = "2026-11-22" }},
		{"end after Exchange's last day", "range.endDate", func(r *recur.Recurrence) { r.Range.EndDate = "4500-09-02" }},
		{"no occurrence before the end", "range.endDate", func(r *recur.Recurrence) {
			r.Pattern.DaysOfWeek, r.Range.EndDate = []string{"sunday"}, "2026-11-28"
		}},
		{"no number", "range.numberOfOccurrences", func(r *recur.Recurrence) { r.Range.Type = recur.Numbered }},
		{"number too big", "range.numberOfOccurrences", func(r *recur.Recurrence) {
			r.Range.Type, r.Range.NumberOfOccurrences = recur.Numbered, 1000
		}},
	} {
		t.Run(test.situation, func(t *testing.T) {
			r := weekly("2026-11-23", "monday")
			r.Range.Type, r.Range.EndDate = recur.EndDate, "2027-11-23"
			if err := r.Validate(start); err != nil {
				t.Fatalf("the recurrence to edit is refused: %v", err)
			}
			test.edit(&r)
			var refused *recur.Invalid
			if err := r.Validate(start); !errors.As(err, &refused) {
				t.Fatalf("Validate = %v, want a refusal", err)
			}
			if _, err := recur.NewSeries(start, start, r); err == nil && test.situation != "start on another day than the event" &&
				test.situation != "no occurrence before the end" {
				t.Error("NewSeries took it")
			}
			if refused.Member != test.member || refused.Say == "" || refused.Code == "" {
				t.Errorf("refused %+v, want the member %s and a sentence", refused, test.member)
			}
		})
	}
}

func TestStartDateIsTheDateInTheZoneOfTheRecurrence(t *testing.T) {
	// 23:30 UTC is already the next day in Copenhagen.
	start := time.Date(2026, 11, 22, 23, 30, 0, 0, time.UTC)
	if err := weekly("2026-11-23", "monday").Validate(start.In(zone(t, "Europe/Copenhagen"))); err != nil {
		t.Error(err)
	}
	if err := weekly("2026-11-23", "monday").Validate(start); err == nil {
		t.Error("the date of another zone was accepted")
	}
}
