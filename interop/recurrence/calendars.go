package main

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/graphwarden/graphwarden/sim/world/recur"
	"github.com/graphwarden/graphwarden/zone"
)

// calendarText writes an iCalendar file.
type calendarText struct {
	strings.Builder
	zone   string
	allDay bool
}

func (c *calendarText) line(lines ...string) {
	for _, line := range lines {
		c.WriteString(line + "\r\n")
	}
}

// time writes a property whose value is a wall time in the file's zone.
func (c *calendarText) time(property string, walls ...time.Time) {
	var values []string
	layout := "20060102T150405"
	switch {
	case c.allDay:
		property, layout = property+";VALUE=DATE", "20060102"
	case c.zone == "UTC":
		layout += "Z"
	default:
		property += ";TZID=" + c.zone
	}
	for _, wall := range walls {
		values = append(values, wall.Format(layout))
	}
	c.line(property + ":" + strings.Join(values, ","))
}

// icsDraw makes one random calendar, of what iCalendar allows.
type icsDraw struct {
	*rand.Rand
	calendarText
	loc    *time.Location
	start  time.Time
	length time.Duration
	uid    string
}

// writeCalendars writes random iCalendar files.
func writeCalendars(seed uint64, count int, dir string) error {
	for n := range count {
		d := &icsDraw{Rand: rand.New(rand.NewPCG(seed, uint64(n)|1<<32)), uid: fmt.Sprintf("calendar-%04d", n)}
		if err := d.draw(); err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(dir, d.uid+".ics"), []byte(d.String()), 0o644); err != nil {
			return err
		}
	}
	return nil
}

func (d *icsDraw) draw() error {
	d.zone, d.allDay = pick(d.Rand, zonesUsed()), d.IntN(5) == 0
	if d.allDay {
		d.zone = "UTC"
	}
	var err error
	if d.loc, err = zone.Load(d.zone); err != nil {
		return err
	}
	d.start = time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC).AddDate(0, 0, d.IntN(700))
	if d.allDay {
		d.length = time.Duration(1+d.IntN(2)) * 24 * time.Hour
	} else {
		d.start = d.start.Add(time.Duration(d.IntN(96)) * 15 * time.Minute)
		d.length = time.Duration(d.IntN(10)) * 15 * time.Minute
		if shown := recur.WallTime(d.start, d.loc); shown.Hour() != d.start.Hour() {
			d.start = d.start.Add(3 * time.Hour)
		}
	}
	d.line("BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Graphwarden//recurrence//EN")
	d.ownZone()
	d.line("BEGIN:VEVENT", "UID:"+d.uid, "DTSTAMP:20250101T000000Z", "SUMMARY:Master "+d.uid)
	d.span(d.start)
	rule := d.rule()
	d.line("RRULE:" + rule)
	if d.IntN(10) == 0 {
		d.line("RRULE:" + d.rule())
	}
	d.dates()
	d.line("END:VEVENT")
	d.replacements()
	d.line("END:VCALENDAR")
	return nil
}

// ownZone gives some files a zone of their own: a fixed odd offset, or the
// clock of Berlin by another name.
func (d *icsDraw) ownZone() {
	if d.allDay || d.IntN(8) > 0 {
		return
	}
	if d.IntN(2) == 0 {
		d.zone = "Nowhere/Fixed"
		d.loc = time.FixedZone("", 5*3600+13*60)
		d.line("BEGIN:VTIMEZONE", "TZID:Nowhere/Fixed", "BEGIN:STANDARD", "DTSTART:16010101T000000",
			"TZOFFSETFROM:+0513", "TZOFFSETTO:+0513", "END:STANDARD", "END:VTIMEZONE")
		return
	}
	d.zone = "Our Office"
	d.loc, _ = zone.Load("Europe/Berlin")
	d.line("BEGIN:VTIMEZONE", "TZID:Our Office",
		"BEGIN:DAYLIGHT", "DTSTART:19810329T020000", "TZOFFSETFROM:+0100", "TZOFFSETTO:+0200",
		"RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU", "END:DAYLIGHT",
		"BEGIN:STANDARD", "DTSTART:19961027T030000", "TZOFFSETFROM:+0200", "TZOFFSETTO:+0100",
		"RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU", "END:STANDARD", "END:VTIMEZONE")
}

// span writes start and end, the latter in one of the ways that there are.
func (d *icsDraw) span(start time.Time) {
	d.time("DTSTART", start)
	switch {
	case d.allDay && d.length == 24*time.Hour && d.IntN(2) == 0, !d.allDay && d.length == 0 && d.IntN(2) == 0:
	case d.allDay || d.IntN(3) > 0:
		d.time("DTEND", start.Add(d.length))
	default:
		d.line(fmt.Sprintf("DURATION:PT%dM", int(d.length.Minutes())))
	}
}

// rule draws an RRULE: a template, filled in, and an end.
func (d *icsDraw) rule() string {
	templates := []string{
		"FREQ=DAILY;INTERVAL=#5", "FREQ=DAILY;BYDAY=MO,TU,WE,TH,FR", "FREQ=DAILY;INTERVAL=3;BYDAY=MO,WE",
		"FREQ=DAILY;BYMONTH=#12", "FREQ=DAILY;BYMONTHDAY=1,15", "FREQ=WEEKLY;INTERVAL=#4",
		"FREQ=WEEKLY;INTERVAL=#4;BYDAY=@,@;WKST=@", "FREQ=WEEKLY;BYDAY=@,@;BYMONTH=#12,#12", "FREQ=MONTHLY",
		"FREQ=MONTHLY;INTERVAL=#3;BYMONTHDAY=#31", "FREQ=MONTHLY;BYMONTHDAY=#15,#31", "FREQ=MONTHLY;BYMONTHDAY=-1",
		"FREQ=MONTHLY;BYMONTHDAY=-#15", "FREQ=MONTHLY;BYDAY=#5@", "FREQ=MONTHLY;BYDAY=-1@", "FREQ=MONTHLY;BYDAY=-#4@",
		"FREQ=MONTHLY;BYDAY=@", "FREQ=MONTHLY;INTERVAL=2;BYDAY=@", "FREQ=MONTHLY;BYDAY=1@,3@",
		"FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=#4", "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1",
		"FREQ=MONTHLY;BYDAY=SA,SU;BYSETPOS=1,-1", "FREQ=MONTHLY;BYDAY=FR;BYMONTHDAY=13", "FREQ=MONTHLY;BYMONTH=3,6,9;BYMONTHDAY=#28",
		"FREQ=YEARLY", "FREQ=YEARLY;INTERVAL=2;BYMONTH=#12", "FREQ=YEARLY;BYMONTH=#12;BYMONTHDAY=#31",
		"FREQ=YEARLY;BYMONTH=#12;BYDAY=#4@", "FREQ=YEARLY;BYMONTH=#12;BYDAY=@", "FREQ=YEARLY;BYYEARDAY=1,100,-1",
		"FREQ=YEARLY;BYWEEKNO=#52;BYDAY=@", "FREQ=YEARLY;BYDAY=#20@", "FREQ=YEARLY;BYMONTHDAY=#28",
		"FREQ=YEARLY;BYMONTH=1,7;BYMONTHDAY=31",
	}
	timed := []string{
		"FREQ=DAILY;BYHOUR=9,14;BYMINUTE=0,30", "FREQ=HOURLY;INTERVAL=#9", "FREQ=MINUTELY;INTERVAL=90",
		"FREQ=WEEKLY;BYDAY=@;BYHOUR=7", "FREQ=SECONDLY;INTERVAL=3600", "FREQ=HOURLY;BYHOUR=8,12,16;BYDAY=@",
	}
	if !d.allDay && d.IntN(6) == 0 {
		return d.fill(pick(d.Rand, timed)) + fmt.Sprintf(";COUNT=%d", 2+d.IntN(60))
	}
	rule := d.fill(pick(d.Rand, templates))
	switch d.IntN(4) {
	case 0:
		rule += fmt.Sprintf(";COUNT=%d", 1+d.IntN(50))
	case 1:
		until := d.start.AddDate(0, 0, d.IntN(800))
		switch {
		case d.allDay || d.IntN(5) == 0:
			rule += ";UNTIL=" + until.Format("20060102")
		default:
			until = until.Add(time.Duration(d.IntN(24)-12) * time.Hour)
			rule += ";UNTIL=" + recur.WallTime(until, d.loc).UTC().Format("20060102T150405Z")
		}
	}
	return rule
}

// fill draws a number for "#n" and a day of the week for "@".
func (d *icsDraw) fill(template string) string {
	var out strings.Builder
	for i := 0; i < len(template); i++ {
		switch template[i] {
		case '@':
			out.WriteString(pick(d.Rand, []string{"SU", "MO", "TU", "WE", "TH", "FR", "SA"}))
		case '#':
			most := 0
			for ; i+1 < len(template) && template[i+1] >= '0' && template[i+1] <= '9'; i++ {
				most = 10*most + int(template[i+1]-'0')
			}
			fmt.Fprint(&out, 1+d.IntN(most))
		default:
			out.WriteByte(template[i])
		}
	}
	return out.String()
}

// dates writes further and excepted dates, some of which fall on the rule's.
func (d *icsDraw) dates() {
	if d.IntN(4) == 0 {
		d.time("RDATE", d.start.AddDate(0, 0, 1+d.IntN(90)), d.start.AddDate(0, 0, 100+d.IntN(90)))
	}
	if !d.allDay && d.zone == "UTC" && d.IntN(4) == 0 {
		at := d.start.AddDate(0, 0, 3+d.IntN(40)).Add(time.Hour)
		d.line("RDATE;VALUE=PERIOD:" + at.Format("20060102T150405Z") + "/" + at.Add(95*time.Minute).Format("20060102T150405Z"))
	}
	if d.IntN(3) == 0 {
		d.time("EXDATE", d.start.AddDate(0, 0, 7*d.IntN(6)), d.start.AddDate(0, d.IntN(6), 0))
	}
	if !d.allDay && d.IntN(12) == 0 {
		d.line("EXDATE;VALUE=DATE:" + d.start.AddDate(0, 0, 7).Format("20060102"))
	}
}

// replacements writes VEVENTs that replace an occurrence, or all from one on.
func (d *icsDraw) replacements() {
	if d.IntN(3) > 0 {
		return
	}
	at := d.start.AddDate(0, 0, 7*d.IntN(4))
	parameter, status := "", ""
	switch d.IntN(5) {
	case 0:
		parameter, at = ";RANGE=THISANDFUTURE", d.start
	case 1:
		status = "STATUS:CANCELLED"
	}
	d.line("BEGIN:VEVENT", "UID:"+d.uid, "DTSTAMP:20250101T000000Z", "SEQUENCE:1", "SUMMARY:Replacement "+d.uid)
	d.time("RECURRENCE-ID"+parameter, at)
	moved := at.AddDate(0, 0, d.IntN(3)*d.IntN(8))
	if !d.allDay {
		moved = moved.Add(time.Duration(d.IntN(8)) * 15 * time.Minute)
	}
	d.span(moved)
	if status != "" {
		d.line(status)
	}
	d.line("END:VEVENT")
}
