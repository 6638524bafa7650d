package presence_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/graphwarden/graphwarden/presence"
	"github.com/graphwarden/graphwarden/zone"
)

// ev is an event in few words: "busy 09:00-10:00" on the day of the table, or with
// dates, and what else it has as JSON members.
func ev(id, words string, more ...string) presence.Event {
	showAs, span, _ := strings.Cut(words, " ")
	start, end, _ := strings.Cut(span, "/")
	members := []string{
		fmt.Sprintf(`"id":%q,"type":"singleInstance","showAs":%q`, id, showAs),
		fmt.Sprintf(`"start":{"dateTime":%q,"timeZone":"UTC"},"end":{"dateTime":%q,"timeZone":"UTC"}`, full(start), full(end)),
	}
	return presence.Event{ID: id, Body: json.RawMessage("{" + strings.Join(append(members, more...), ",") + "}")}
}

// occurrence is one as a delta shows it: no more than when it is.
func occurrence(id, series, span string) presence.Event {
	start, end, _ := strings.Cut(span, "/")
	return presence.Event{ID: id, Body: json.RawMessage(fmt.Sprintf(
		`{"id":%q,"type":"occurrence","seriesMasterId":%q,"start":{"dateTime":%q,"timeZone":"UTC"},"end":{"dateTime":%q,"timeZone":"UTC"}}`,
		id, series, full(start), full(end)))}
}

func master(id, words string, more ...string) presence.Event {
	e := ev(id, words, more...)
	e.Body = json.RawMessage(strings.Replace(string(e.Body), "singleInstance", "seriesMaster", 1))
	return e
}

// full writes "09:00" as a time of 2 March 2026, a Monday, and "03-05T09:00" as one
// of that year.
func full(t string) string {
	switch {
	case t[2] == ':':
		t = "2026-03-02T" + t
	default:
		t = "2026-" + t
	}
	if !strings.Contains(t[len("2026-"):], "T") {
		t += "T00:00"
	}
	return t + ":00.0000000"
}

const (
	allDay   = `"isAllDay":true`
	private  = `"sensitivity":"private"`
	declined = `"responseStatus":{"response":"declined","time":"2026-03-01T08:00:00Z"}`
)

// told writes what At says: "busy until 10:00, then available"; times of the day of
// the table without their date.
func told(now, next presence.Spell, more bool) string {
	text := string(now.State)
	if now.Class != "" && now.Class != presence.Normal {
		text += " (" + string(now.Class) + ")"
	}
	if !now.Until.IsZero() {
		text += " until " + short(now.Until)
	}
	if more {
		text += ", then " + string(next.State)
		if !next.Until.IsZero() {
			text += " until " + short(next.Until)
		}
	}
	return text
}

func short(t time.Time) string {
	return strings.TrimPrefix(strings.TrimPrefix(t.UTC().Format("2006-01-02T15:04:05"), "2026-03-02T"), "2026-")
}

// TestWhatACalendarMakesOfAMoment is a table of situations; each expected answer
// was worked out by hand from the wall clocks in it.
func TestWhatACalendarMakesOfAMoment(t *testing.T) {
	for _, s := range situations() {
		t.Run(s.situation, func(t *testing.T) {
			at, err := time.Parse("2006-01-02T15:04:05.0000000", full(s.at))
			if err != nil {
				t.Fatal(err)
			}
			var home *time.Location
			if s.home != "" {
				if home, err = zone.Load(s.home); err != nil {
					t.Fatal(err)
				}
			}
			if got := told(presence.At(s.events, home, at)); got != s.want {
				t.Errorf("is %q,\n        want %q", got, s.want)
			}
			for i := range s.events { // whatever order they come in
				s.events[0], s.events[i] = s.events[i], s.events[0]
				if got := told(presence.At(s.events, home, at)); got != s.want {
					t.Errorf("in another order it is %q", got)
				}
			}
		})
	}
}

type situation struct {
	situation string
	home      string // the mailbox's zone, "" when nobody says
	at        string
	want      string
	events    []presence.Event
}

func situations() []situation {
	type e = []presence.Event
	series := master("s", "busy 09:00/10:00")
	return []situation{
		// Nothing and one thing.
		{"nothing at all", "", "09:00", "available", nil},
		{"before a meeting", "", "08:00", "available until 09:00:00, then busy until 10:00:00", e{ev("a", "busy 09:00/10:00")}},
		{"as it begins", "", "09:00", "busy until 10:00:00, then available", e{ev("a", "busy 09:00/10:00")}},
		{"within it", "", "09:59", "busy until 10:00:00, then available", e{ev("a", "busy 09:00/10:00")}},
		{"as it ends", "", "10:00", "available", e{ev("a", "busy 09:00/10:00")}},
		{"a meeting of no length", "", "09:00", "available", e{ev("a", "busy 09:00/09:00")}},
		{"a meeting that ends before it begins", "", "09:30", "available", e{ev("a", "busy 10:00/09:00")}},
		{"across midnight", "", "03-03T00:30", "busy until 03-03T01:00:00, then available", e{ev("a", "busy 23:00/03-03T01:00")}},

		// What an item shows as.
		{"free time that is written down", "", "09:30", "available", e{ev("a", "free 09:00/10:00")}},
		{"tentative", "", "09:30", "tentative until 10:00:00, then available", e{ev("a", "tentative 09:00/10:00")}},
		{"out of office", "", "09:30", "outOfOffice until 10:00:00, then available", e{ev("a", "oof 09:00/10:00")}},
		{"working elsewhere", "", "09:30", "workingElsewhere until 10:00:00, then available", e{ev("a", "workingElsewhere 09:00/10:00")}},
		{"unknown to Exchange", "", "09:30", "unknown until 10:00:00, then available", e{ev("a", "unknown 09:00/10:00")}},
		{"a word that is new to us", "", "09:30", "unknown until 10:00:00, then available", e{ev("a", "asleep 09:00/10:00")}},
		{"a cancelled meeting that is still there", "", "09:30", "available", e{ev("a", "busy 09:00/10:00", `"isCancelled":true`)}},
		{"a declined meeting that was kept", "", "09:30", "available", e{ev("a", "busy 09:00/10:00", declined)}},
		{"a meeting that nobody has answered", "", "09:30", "tentative until 10:00:00, then available", e{ev("a", "tentative 09:00/10:00", `"responseStatus":{"response":"notResponded"}`)}},

		// Several at once.
		{"out of office hides a meeting in it", "", "09:30", "outOfOffice until 12:00:00, then available", e{ev("a", "oof 08:00/12:00"), ev("b", "busy 09:00/10:00")}},
		{"a meeting hides a tentative one", "", "09:30", "busy until 10:00:00, then tentative until 11:00:00", e{ev("a", "busy 09:00/10:00"), ev("b", "tentative 09:00/11:00")}},
		{"a meeting hides working elsewhere", "", "09:30", "busy until 10:00:00, then workingElsewhere until 17:00:00", e{ev("a", "busy 09:00/10:00"), ev("b", "workingElsewhere 08:00/17:00")}},
		{"tentative hides working elsewhere", "", "09:30", "tentative until 10:00:00, then workingElsewhere until 17:00:00", e{ev("a", "tentative 09:00/10:00"), ev("b", "workingElsewhere 08:00/17:00")}},
		{"what is unknown hides a perhaps", "", "09:30", "unknown until 10:00:00, then tentative until 11:00:00", e{ev("a", "unknown 09:00/10:00"), ev("b", "tentative 09:00/11:00")}},
		{"a certain no hides what is unknown", "", "09:30", "busy until 10:00:00, then unknown until 11:00:00", e{ev("a", "busy 09:00/10:00"), ev("b", "unknown 09:00/11:00")}},
		{"a cancelled meeting hides nothing", "", "09:30", "tentative until 10:00:00, then available", e{ev("a", "oof 09:00/11:00", `"isCancelled":true`), ev("b", "tentative 09:00/10:00")}},
		{"back to back", "", "09:30", "busy until 12:00:00, then available", e{ev("a", "busy 09:00/10:00"), ev("b", "busy 10:00/11:00"), ev("c", "busy 11:00/12:00")}},
		{"overlapping", "", "09:30", "busy until 11:30:00, then available", e{ev("a", "busy 09:00/10:30"), ev("b", "busy 10:00/11:30")}},
		{"a minute between them", "", "09:30", "busy until 10:00:00, then available until 10:01:00", e{ev("a", "busy 09:00/10:00"), ev("b", "busy 10:01/11:00")}},
		{"another state follows at once", "", "09:30", "busy until 10:00:00, then tentative until 11:00:00", e{ev("a", "busy 09:00/10:00"), ev("b", "tentative 10:00/11:00")}},
		{"something firmer begins within", "", "09:30", "tentative until 09:45:00, then busy until 10:15:00", e{ev("a", "tentative 09:00/11:00"), ev("b", "busy 09:45/10:15")}},

		// Class.
		{"a private meeting", "", "09:30", "busy (private) until 10:00:00, then available", e{ev("a", "busy 09:00/10:00", private)}},
		{"a confidential one beside a normal one", "", "09:30", "busy (confidential) until 10:00:00, then available", e{ev("a", "busy 09:00/10:00"), ev("b", "busy 09:00/10:00", `"sensitivity":"confidential"`)}},
		{"a sensitivity that is new to us", "", "09:30", "busy (private) until 10:00:00, then available", e{ev("a", "busy 09:00/10:00", `"sensitivity":"secret"`)}},
		{"a private one that does not decide", "", "09:30", "busy until 10:00:00, then tentative until 11:00:00", e{ev("a", "busy 09:00/10:00"), ev("b", "tentative 09:00/11:00", private)}},

		// Series.
		{"an occurrence is as its series", "", "03-09T09:30", "busy until 03-09T10:00:00, then available", e{series, occurrence("o", "s", "03-09T09:00/03-09T10:00")}},
		{"a series by itself takes no time", "", "09:30", "available", e{series}},
		{"an occurrence whose series is not read yet", "", "03-09T09:30", "unknown (private) until 03-09T10:00:00, then available", e{occurrence("o", "s", "03-09T09:00/03-09T10:00")}},
		{"a cancelled series", "", "03-09T09:30", "available", e{master("s", "busy 09:00/10:00", `"isCancelled":true`), occurrence("o", "s", "03-09T09:00/03-09T10:00")}},
		{"a series that shows as free", "", "03-09T09:30", "available", e{master("s", "free 09:00/10:00"), occurrence("o", "s", "03-09T09:00/03-09T10:00")}},
		{"an exception has its own state", "", "03-09T09:30", "tentative until 03-09T10:00:00, then available", e{series, ev("o", "tentative 03-09T09:00/03-09T10:00", `"seriesMasterId":"s"`)}},
		{"an exception that moved", "", "03-10T09:30", "busy until 03-10T10:00:00, then available", e{series, ev("o", "busy 03-10T09:00/03-10T10:00", `"seriesMasterId":"s"`)}},
		{"an all-day series", "Europe/Berlin", "03-09T09:30", "outOfOffice until 03-09T23:00:00, then available", e{master("s", "oof 03-02/03-03", allDay), occurrence("o", "s", "03-09/03-10")}},

		// All-day events are days of the mailbox's zone, whatever UTC says.
		{"all day in Berlin, at its first moment", "Europe/Berlin", "03-01T23:00", "outOfOffice until 23:00:00, then available", e{ev("a", "oof 03-02/03-03", allDay)}},
		{"all day in Berlin, a minute before", "Europe/Berlin", "03-01T22:59", "available until 03-01T23:00:00, then outOfOffice until 23:00:00", e{ev("a", "oof 03-02/03-03", allDay)}},
		{"all day in Los Angeles", "Pacific Standard Time", "12:00", "outOfOffice until 03-03T08:00:00, then available", e{ev("a", "oof 03-02/03-03", allDay)}},
		{"all day in Auckland begins the day before", "Pacific/Auckland", "03-01T11:00", "outOfOffice until 11:00:00, then available", e{ev("a", "oof 03-02/03-03", allDay)}},
		{"all day in Kathmandu", "Asia/Kathmandu", "12:00", "outOfOffice until 18:15:00, then available", e{ev("a", "oof 03-02/03-03", allDay)}},
		{"all day, nobody says where: of who made it", "", "12:00", "outOfOffice until 03-03T05:00:00, then available", e{ev("a", "oof 03-02/03-03", allDay, `"originalStartTimeZone":"Eastern Standard Time"`)}},
		{"all day, made elsewhere: the mailbox's zone counts", "Europe/Berlin", "12:00", "outOfOffice until 23:00:00, then available", e{ev("a", "oof 03-02/03-03", allDay, `"originalStartTimeZone":"Eastern Standard Time"`)}},
		{"all day, nobody knows any zone", "", "12:00", "outOfOffice until 03-03T00:00:00, then available", e{ev("a", "oof 03-02/03-03", allDay, `"originalStartTimeZone":"tzone://Microsoft/Custom"`)}},
		{"two all-day events in a row are one absence", "Europe/Berlin", "12:00", "outOfOffice until 03-03T23:00:00, then available", e{ev("a", "oof 03-02/03-03", allDay), ev("b", "oof 03-03/03-04", allDay)}},
		{"a birthday all day is free time", "Europe/Berlin", "12:00", "available", e{ev("a", "free 03-02/03-03", allDay)}},

		// Clocks that change.
		{"all day of 23 hours in Berlin", "Europe/Berlin", "03-28T23:00", "outOfOffice until 03-29T22:00:00, then available", e{ev("a", "oof 03-29/03-30", allDay)}},
		{"all day of 25 hours in Berlin", "Europe/Berlin", "10-24T22:00", "outOfOffice until 10-25T23:00:00, then available", e{ev("a", "oof 10-25/10-26", allDay)}},
		{"all day of 23 hours in New York", "America/New_York", "03-08T05:00", "outOfOffice until 03-09T04:00:00, then available", e{ev("a", "oof 03-08/03-09", allDay)}},
		{"a day that begins at one, in Cairo", "Africa/Cairo", "04-23T22:00", "outOfOffice until 04-24T21:00:00, then available", e{ev("a", "oof 04-24/04-25", allDay)}},
		{"a day that begins twice, in Havana", "America/Havana", "11-01T04:00", "outOfOffice until 11-02T05:00:00, then available", e{ev("a", "oof 11-01/11-02", allDay)}},
		{"a week across the change", "Europe/Berlin", "03-26T12:00", "outOfOffice until 03-31T22:00:00, then available", e{ev("a", "oof 03-25/04-01", allDay)}},
		{"half an hour of change, on Lord Howe", "Australia/Lord_Howe", "04-04T13:00", "outOfOffice until 04-05T13:30:00, then available", e{ev("a", "oof 04-05/04-06", allDay)}},

		// Times on clocks of their own.
		{"a time on Berlin's clock", "", "08:30", "busy until 09:00:00, then available", e{zoned("a", "W. Europe Standard Time", "09:00", "10:00")}},
		{"the same clock in summer", "", "07-01T07:30", "busy until 07-01T08:00:00, then available", e{zoned("a", "W. Europe Standard Time", "07-01T09:00", "07-01T10:00")}},
		{"a time that the clocks leave out moves on", "", "03-29T01:30", "busy until 03-29T02:30:00, then available", e{zoned("a", "Europe/Berlin", "03-29T02:30", "03-29T04:30")}},
		{"a time that comes twice is the first", "", "10-25T00:30", "busy until 10-25T02:30:00, then available", e{zoned("a", "Europe/Berlin", "10-25T02:30", "10-25T03:30")}},
		{"a clock that nobody knows is the mailbox's", "Europe/Berlin", "08:30", "busy until 09:00:00, then available", e{zoned("a", "Customized Time Zone", "09:00", "10:00")}},
		{"a time on no clock is UTC's", "Europe/Berlin", "09:30", "busy until 10:00:00, then available", e{zoned("a", "", "09:00", "10:00")}},

		// What comes next lies beyond what is kept.
		{"a meeting in a fortnight", "", "09:00", "available", e{ev("a", "busy 03-16T09:00/03-16T10:00")}},
		{"an absence of months ends when it ends", "", "09:00", "outOfOffice until 09-01T00:00:00, then available", e{ev("a", "oof 01-01T00:00/09-01T00:00")}},
		{"a value of the wrong kind", "", "09:30", "unknown (private) until 10:00:00, then available", e{ev("a", "busy 09:00/10:00", `"isAllDay":"yes"`)}},
	}
}

// zoned is a busy event on the clock of a zone.
func zoned(id, clock, start, end string) presence.Event {
	return presence.Event{ID: id, Body: json.RawMessage(fmt.Sprintf(
		`{"id":%q,"type":"singleInstance","showAs":"busy","start":{"dateTime":%q,"timeZone":%q},"end":{"dateTime":%q,"timeZone":%q}}`,
		id, full(start), clock, full(end), clock))}
}
