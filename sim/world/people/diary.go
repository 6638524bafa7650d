package people

import (
	"math/rand/v2"
	"strings"
	"time"

	"github.com/graphwarden/graphwarden/sim/world/recur"
)

// diary makes the meetings that one person organizes. Times are wall clocks of
// the person's office.
type diary struct {
	c *Company
	p *person
	r *rand.Rand
}

// beginning is the first day of the year around Options.Around.
func (d *diary) beginning() time.Time { return recur.DateOf(d.c.opt.Around).AddDate(0, 0, -182) }

// someDay draws a day of that year.
func (d *diary) someDay() time.Time { return d.beginning().AddDate(0, 0, d.r.IntN(365)) }

// single makes a meeting on a day, or on the Monday after a weekend.
func (d *diary) single(o occasion, day time.Time) Meeting {
	switch day.Weekday() {
	case time.Saturday:
		day = day.AddDate(0, 0, 2)
	case time.Sunday:
		day = day.AddDate(0, 0, 1)
	}
	start, end := d.times(o, day)
	return Meeting{Organizer: d.p.upn, Event: d.event(o, start, end)}
}

// times draws when a meeting on a day starts and ends.
func (d *diary) times(o occasion, day time.Time) (start, end time.Time) {
	if o.days > 0 {
		return day, day.AddDate(0, 0, o.days)
	}
	start = day.Add(8*time.Hour + time.Duration(d.r.IntN(18))*30*time.Minute)
	return start, start.Add(time.Duration(o.minutes) * time.Minute)
}

// event makes a Graph event.
func (d *diary) event(o occasion, start, end time.Time) Doc {
	e := Doc{
		"subject":               o.subject,
		"body":                  Doc{"contentType": "html", "content": "<p>" + o.subject + ", organized by " + d.p.displayName() + ".</p>"},
		"start":                 d.at(start),
		"end":                   d.at(end),
		"isAllDay":              o.days > 0,
		"location":              Doc{"displayName": ""},
		"attendees":             []any{},
		"organizer":             Doc{"emailAddress": Doc{"name": d.p.displayName(), "address": d.p.upn}},
		"showAs":                or(o.showAs, "busy"),
		"sensitivity":           "normal",
		"importance":            or(o.importance, "normal"),
		"categories":            []any{},
		"hasAttachments":        false,
		"isOnlineMeeting":       o.online,
		"isReminderOn":          o.days == 0,
		"responseRequested":     true,
		"allowNewTimeProposals": true,
	}
	if o.days == 0 {
		e["reminderMinutesBeforeStart"] = float64(15)
	}
	if o.private {
		e["sensitivity"] = "private"
	}
	if o.category != "" {
		e["categories"] = []any{o.category}
	}
	if o.online {
		e["onlineMeetingProvider"] = "teamsForBusiness"
	}
	e["attendees"] = d.guests(o)
	if o.room {
		d.book(e)
	}
	return e
}

// at writes a wall time of the organizer's office as Graph does.
func (d *diary) at(wall time.Time) Doc {
	return Doc{"dateTime": wall.Format("2006-01-02T15:04:05.0000000"), "timeZone": d.p.office.zone}
}

// guests draws who is invited: colleagues of the department first.
func (d *diary) guests(o occasion) []any {
	list := []any{}
	seen := map[*person]bool{d.p: true}
	team := d.c.byTeam[d.p.department.name]
	for i := range o.guests {
		other := pick(d.r, team)
		if d.r.IntN(4) == 0 {
			other = pick(d.r, d.c.staff)
		}
		if seen[other] {
			continue
		}
		seen[other] = true
		kind := "required"
		if i > 3 {
			kind = "optional"
		}
		list = append(list, d.attends(other, kind))
	}
	for range o.outside {
		given, family := pick(d.r, d.c.given), pick(d.r, d.c.family)
		address := strings.ToLower(given.plain) + "@" + pick(d.r, []string{"fabrikam.example", "northwind.example", "adatum.example"})
		list = append(list, d.invited(given.written+" "+family.written, address, "required", d.response()))
	}
	return list
}

func (d *diary) attends(p *person, kind string) Doc {
	return d.invited(p.displayName(), p.upn, kind, d.response())
}

func (d *diary) invited(name, address, kind, response string) Doc {
	at := "0001-01-01T00:00:00Z"
	if response != "none" {
		at = d.c.opt.Around.UTC().Truncate(time.Second).Add(-time.Duration(d.r.IntN(20*24)) * time.Hour).Format(time.RFC3339)
	}
	return Doc{
		"type":         kind,
		"emailAddress": Doc{"name": name, "address": address},
		"status":       Doc{"response": response, "time": at},
	}
}

func (d *diary) response() string {
	return pick(d.r, []string{"accepted", "accepted", "accepted", "accepted", "tentativelyAccepted", "declined", "none", "none"})
}

// book puts the meeting into a room of the organizer's office.
func (d *diary) book(e Doc) {
	var near []Room
	for _, room := range d.c.Rooms {
		if room.Account["city"] == d.p.office.city {
			near = append(near, room)
		}
	}
	place := pick(d.r, near).Place
	name, address := place["displayName"].(string), place["emailAddress"].(string)
	e["location"] = Doc{"displayName": name, "locationEmailAddress": address, "locationType": "conferenceRoom"}
	e["attendees"] = append(e["attendees"].([]any), d.invited(name, address, "resource", "accepted"))
}

// maxLooked bounds how many occurrences are looked at for what disturbs them.
const maxLooked = 60

// series makes a series that begins on a day or soon after. One date in twenty
// is an exception, one in thirty is cancelled.
func (d *diary) series(rh rhythm, from time.Time) Meeting {
	start, end := d.times(rh.occasion, from)
	rec := recur.Recurrence{Pattern: rh.pattern, Range: recur.Range{
		Type: recur.NoEnd, StartDate: from.Format(time.DateOnly), RecurrenceTimeZone: d.p.office.zone,
	}}
	all, err := recur.NewSeries(start, end, rec)
	if err != nil {
		panic("people: a rhythm that is no recurrence: " + err.Error())
	}
	var first recur.Occurrence
	for first = range all.Expand(start, start.AddDate(2, 0, 0)) {
		break
	}
	rec.Range.Type, rec.Range.StartDate = rh.ends, first.Date.Format(time.DateOnly)
	switch rh.ends {
	case recur.EndDate:
		rec.Range.EndDate = first.Date.AddDate(1, 0, 0).Format(time.DateOnly)
	case recur.Numbered:
		rec.Range.NumberOfOccurrences = rh.count
	}
	m := Meeting{Organizer: d.p.upn, Event: d.event(rh.occasion, first.Start, first.End)}
	m.Event["recurrence"] = rec.JSON()
	looked := 0
	for o := range all.Expand(first.End, first.Start.AddDate(0, 0, 300)) {
		if looked++; looked > maxLooked || rh.ends == recur.Numbered && looked >= rh.count {
			break
		}
		switch draw := d.r.IntN(60); {
		case draw < 2:
			m.Cancelled = append(m.Cancelled, o.Date)
		case draw < 5:
			m.Exceptions = append(m.Exceptions, Exception{o.Date, d.change(rh.occasion, o)})
		}
	}
	return m
}

// change draws what is different about one occurrence.
func (d *diary) change(o occasion, at recur.Occurrence) Doc {
	if o.days == 0 && d.r.IntN(2) == 0 {
		return Doc{"start": d.at(at.Start.Add(time.Hour)), "end": d.at(at.End.Add(time.Hour))}
	}
	return Doc{"subject": o.subject + pick(d.r, []string{" (guests from the board)", " – new agenda", " with demo"})}
}

// disturb makes sure that a weekly series has an exception and a cancelled
// date in the weeks after a day.
func (d *diary) disturb(m Meeting, today time.Time) Meeting {
	rec, err := recur.Decode(m.Event["recurrence"])
	if err != nil {
		panic("people: a recurrence that cannot be read: " + err.Error())
	}
	first, _ := time.Parse("2006-01-02T15:04:05", m.Event["start"].(Doc)["dateTime"].(string)[:19])
	all, err := recur.NewSeries(first, first.Add(time.Hour), rec)
	if err != nil {
		panic("people: a recurrence that is none: " + err.Error())
	}
	m.Exceptions, m.Cancelled = nil, nil
	for o := range all.Expand(today.AddDate(0, 0, 1), today.AddDate(0, 0, 30)) {
		switch {
		case len(m.Exceptions) == 0:
			m.Exceptions = []Exception{{o.Date, Doc{"start": d.at(o.Start.Add(2 * time.Hour)), "end": d.at(o.End.Add(2 * time.Hour))}}}
		case len(m.Cancelled) == 0:
			m.Cancelled = []time.Time{o.Date}
		}
	}
	return m
}

func or(value, otherwise string) string {
	if value == "" {
		return otherwise
	}
	return value
}
