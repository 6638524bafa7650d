package act_test

import (
	"html"
	"math/rand/v2"
	"strings"
	"time"
)

type doc = map[string]any

// zones are some that matter: names of Windows and IANA, half hours, both hemispheres.
var zones = []string{"UTC", "W. Europe Standard Time", "Europe/Berlin", "America/New_York", "Pacific Standard Time", "Asia/Kolkata", "Australia/Sydney", "Tokyo Standard Time", "America/St_Johns"}

// words are in several scripts, with what JSON, HTML and OData find special.
var words = []string{"Review", "Überblick", "會議", "اجتماع", "совещание", "O'Neill & <Sons>", `"quoted"`, "emoji 🗓️", "naïve", "שלום", "a\\b", "100 %", "ǅ"}

func pick[T any](r *rand.Rand, list ...T) T { return list[r.IntN(len(list))] }

func phrase(r *rand.Rand, most int) string {
	out := make([]string, 1+r.IntN(most))
	for i := range out {
		out[i] = pick(r, words...)
	}
	return strings.Join(out, " ")
}

// randomEvent gives an event as Graph documents it, sometimes with everything in it.
// guests are addresses that may be invited; the last is a room.
func randomEvent(r *rand.Rand, guests []string) doc {
	all := r.IntN(8) == 0
	some := func() bool { return all || r.IntN(3) == 0 }
	e := doc{}
	first := times(r, e)
	if some() {
		e["subject"] = phrase(r, 5)
	}
	if some() {
		e["body"] = doc{"contentType": "text", "content": phrase(r, 20) + "\n" + phrase(r, 3)}
		if r.IntN(2) == 0 {
			e["body"] = doc{"contentType": "html", "content": "<p>" + html.EscapeString(phrase(r, 20)) + "</p>"}
		}
	}
	if some() {
		e["location"] = place(r)
	} else if some() {
		e["locations"] = []any{place(r), place(r)}
	}
	if some() {
		var list []any
		for i, address := range guests {
			if r.IntN(2) == 0 {
				kind := pick(r, "required", "optional")
				if i == len(guests)-1 {
					kind = "resource"
				}
				list = append(list, doc{"emailAddress": doc{"address": address, "name": phrase(r, 2)}, "type": kind})
			}
		}
		if list != nil {
			e["attendees"] = list
		}
	}
	for _, flag := range []string{"hideAttendees", "responseRequested", "allowNewTimeProposals", "isReminderOn"} {
		if some() {
			e[flag] = r.IntN(2) == 0
		}
	}
	for name, members := range map[string][]string{
		"importance": {"low", "normal", "high"}, "sensitivity": {"normal", "personal", "private", "confidential"},
		"showAs": {"free", "tentative", "busy", "oof", "workingElsewhere"},
	} {
		if some() {
			e[name] = pick(r, members...)
		}
	}
	if some() {
		e["categories"] = []any{"Red category", phrase(r, 2)}
	}
	if some() {
		e["reminderMinutesBeforeStart"] = float64(r.IntN(10_000))
	}
	if some() {
		e["isOnlineMeeting"], e["onlineMeetingProvider"] = true, "teamsForBusiness"
	}
	if some() {
		e["recurrence"] = recurrence(r, first)
	}
	if some() {
		e["singleValueExtendedProperties"] = []any{doc{"id": "String {11111111-2222-3333-4444-555555555555} Name Colour", "value": phrase(r, 2)}}
	}
	return e
}

// times gives an event its times, and the day on which it starts.
func times(r *rand.Rand, e doc) time.Time {
	zone := pick(r, zones...)
	day := time.Date(2027, 1, 4+r.IntN(300), 0, 0, 0, 0, time.UTC)
	clock := func(t time.Time) doc { return doc{"dateTime": t.Format("2006-01-02T15:04:05"), "timeZone": zone} }
	if r.IntN(6) == 0 {
		e["isAllDay"] = true
		e["start"], e["end"] = clock(day), clock(day.AddDate(0, 0, 1))
		return day
	}
	start := day.Add(time.Duration(6+r.IntN(12))*time.Hour + time.Duration(r.IntN(4))*15*time.Minute)
	e["start"], e["end"] = clock(start), clock(start.Add(time.Duration(1+r.IntN(6))*15*time.Minute))
	return day
}

func place(r *rand.Rand) doc {
	p := doc{"displayName": phrase(r, 2)}
	if r.IntN(2) == 0 {
		p["address"] = doc{"street": phrase(r, 2), "city": "Köln", "countryOrRegion": "Germany", "postalCode": "50667"}
	}
	if r.IntN(3) == 0 {
		p["coordinates"] = doc{"latitude": 50.5, "longitude": 7.25}
	}
	if r.IntN(3) == 0 {
		p["locationType"] = pick(r, "conferenceRoom", "businessAddress", "hotel")
	}
	return p
}

// recurrence gives a pattern that has an occurrence on the first day.
func recurrence(r *rand.Rand, first time.Time) doc {
	day := strings.ToLower(first.Weekday().String())
	pattern := pick(r,
		doc{"type": "daily", "interval": 2.0 + float64(r.IntN(5))},
		doc{"type": "weekly", "interval": 1.0 + float64(r.IntN(3)), "daysOfWeek": []any{day}, "firstDayOfWeek": pick(r, "sunday", "monday")},
		doc{"type": "absoluteMonthly", "interval": 1.0, "dayOfMonth": float64(first.Day())},
		doc{"type": "relativeMonthly", "interval": 1.0, "daysOfWeek": []any{day}, "index": pick(r, "first", "last")},
		doc{"type": "absoluteYearly", "interval": 1.0, "dayOfMonth": float64(first.Day()), "month": float64(first.Month())},
		doc{"type": "relativeYearly", "interval": 1.0, "daysOfWeek": []any{day}, "index": "second", "month": float64(first.Month())},
	)
	span := doc{"type": "noEnd", "startDate": first.Format(time.DateOnly)}
	switch r.IntN(3) {
	case 0:
		span["type"], span["numberOfOccurrences"] = "numbered", 1.0+float64(r.IntN(20))
	case 1:
		span["type"], span["endDate"] = "endDate", first.AddDate(1, 1, 0).Format(time.DateOnly)
	}
	return doc{"pattern": pattern, "range": span}
}
