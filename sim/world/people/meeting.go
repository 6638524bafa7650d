package people

import (
	"encoding/base64"
	"iter"
	"time"

	"github.com/graphwarden/graphwarden/sim/world/recur"
)

// Meeting is an event on its organizer's calendar. The attendees' copies are
// the tenant's to make.
type Meeting struct {
	Organizer string // user principal name
	Calendar  string // name of a further calendar; empty is the organizer's own
	Event     Doc    // a Graph event, with the attendees' responses
	// Exceptions and Cancelled are of a series. Their dates are those of the
	// pattern (recur.Occurrence.Date).
	Exceptions []Exception
	Cancelled  []time.Time
	// Attachments are Graph fileAttachments.
	Attachments []Doc
}

// Exception is a change to one occurrence of a series.
type Exception struct {
	Date  time.Time
	Event Doc // the members that differ
}

// Meetings yields a year of meetings around Options.Around, person by person.
// The first two people have one of every sort.
func (c *Company) Meetings() iter.Seq[Meeting] {
	return func(yield func(Meeting) bool) {
		for _, p := range c.staff {
			d := &diary{c, p, chances(c.opt.Seed, ofMeetings, p.number)}
			if p.number < 2 {
				for _, m := range d.everySort() {
					if !yield(m) {
						return
					}
				}
			}
			for m := range d.year() {
				if !yield(m) {
					return
				}
			}
		}
	}
}

// How many meetings one person organizes in a year.
const (
	singlesAYear = 12
	seriesAYear  = 2
)

func (d *diary) year() iter.Seq[Meeting] {
	return func(yield func(Meeting) bool) {
		occasions, rhythms := occasions(), rhythms()
		for range singlesAYear {
			if !yield(d.single(pick(d.r, occasions), d.someDay())) {
				return
			}
		}
		for range seriesAYear {
			if !yield(d.series(pick(d.r, rhythms), d.beginning().AddDate(0, 0, d.r.IntN(90)))) {
				return
			}
		}
	}
}

// everySort returns what a reader of calendars must cope with: a series with
// an exception and a cancelled date, one of every pattern, a meeting organized
// by somebody else, attachments, a private and an all-day event, absence,
// another zone, another calendar.
func (d *diary) everySort() []Meeting {
	today := recur.DateOf(d.c.opt.Around)
	var list []Meeting
	for _, rhythm := range rhythms() {
		list = append(list, d.series(rhythm, d.beginning()))
	}
	list[0] = d.disturb(list[0], today)
	for i, o := range occasions() {
		list = append(list, d.single(o, today.AddDate(0, 0, i-4)))
	}

	attached := d.single(occasion{subject: "Contract review", minutes: 60, guests: 3, room: true}, today.AddDate(0, 0, 2))
	attached.Event["hasAttachments"] = true
	attached.Attachments = []Doc{{
		"@odata.type":  "#microsoft.graph.fileAttachment",
		"name":         "agenda.txt",
		"contentType":  "text/plain",
		"contentBytes": base64.StdEncoding.EncodeToString([]byte("1. Open points\n2. Prices\n3. Next steps\n")),
	}}
	far := d.single(occasion{subject: "Call with Tokyo", minutes: 45, guests: 2, online: true}, today.AddDate(0, 0, 1))
	for _, member := range []string{"start", "end"} {
		far.Event[member].(Doc)["timeZone"] = "Tokyo Standard Time"
	}
	list = append(list, attached, far)
	for _, calendar := range d.c.Calendars {
		if calendar.Owner == d.p.upn {
			m := d.single(occasion{subject: calendar.Name + ": milestone", minutes: 30}, today.AddDate(0, 0, 3))
			m.Calendar = calendar.Name
			list = append(list, m)
		}
	}
	if n := len(d.c.staff); n > 2 {
		host := &diary{d.c, d.c.staff[2], d.r}
		invitation := host.single(occasion{subject: "Quarterly review", minutes: 90, online: true}, today.AddDate(0, 0, 1))
		invitation.Event["attendees"] = []any{d.attends(d.p, "required")}
		list = append(list, invitation)
	}
	return list
}
