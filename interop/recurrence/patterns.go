package main

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/graphwarden/graphwarden/sim/world/recur"
	"github.com/graphwarden/graphwarden/zone"
)

// zonesUsed are zones of both hemispheres, with and without summer time, one of
// which changes by half an hour, one in winter, one no more.
func zonesUsed() []string {
	return []string{"UTC", "Europe/Copenhagen", "America/Los_Angeles", "America/New_York", "Australia/Lord_Howe",
		"Asia/Kolkata", "Europe/Dublin", "America/Santiago", "America/Sao_Paulo", "Africa/Cairo"}
}

// graphDraw makes one random Graph series. Its first date is drawn, and the
// pattern made to hold it.
type graphDraw struct {
	*rand.Rand
	zone   string
	loc    *time.Location
	allDay bool
	start  time.Time // wall clock
	length time.Duration
}

func newGraphDraw(seed uint64, n int) (*graphDraw, error) {
	d := &graphDraw{Rand: rand.New(rand.NewPCG(seed, uint64(n)))}
	d.zone = pick(d.Rand, zonesUsed())
	d.allDay = d.IntN(5) == 0
	if d.allDay {
		d.zone = "UTC"
	}
	loc, err := zone.Load(d.zone)
	if err != nil {
		return nil, err
	}
	d.loc = loc
	d.start = time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC).AddDate(0, 0, d.IntN(600))
	if d.allDay {
		d.length = time.Duration(1+d.IntN(3)) * 24 * time.Hour
		return d, nil
	}
	d.start = d.start.Add(time.Duration(d.IntN(96)) * 15 * time.Minute)
	d.length = time.Duration(d.IntN(12)) * 15 * time.Minute
	if d.IntN(6) == 0 {
		d.length += 8 * time.Hour
	}
	if shown := recur.WallTime(d.start, loc); shown.Hour() != d.start.Hour() {
		d.start = d.start.Add(3 * time.Hour) // no series starts at a time that is skipped
	}
	return d, nil
}

func pick[T any](r *rand.Rand, list []T) T { return list[r.IntN(len(list))] }

// pattern draws a pattern that holds the start.
func (d *graphDraw) pattern() recur.Pattern {
	p := recur.Pattern{Interval: 1 + d.IntN(3), FirstDayOfWeek: dayName(time.Weekday(d.IntN(7)))}
	lastOfMonth := d.start.AddDate(0, 0, 1).Day() == 1
	switch d.IntN(6) {
	case 0:
		p.Type, p.Interval = recur.Daily, 1+d.IntN(20)
	case 1:
		p.Type, p.DaysOfWeek = recur.Weekly, d.days()
	case 2:
		p.Type, p.DayOfMonth = recur.AbsoluteMonthly, d.start.Day()
		if lastOfMonth {
			p.DayOfMonth = 31
		}
	case 3:
		p.Type, p.DaysOfWeek = recur.RelativeMonthly, d.days()
		p.Index = d.index(p.DaysOfWeek)
	case 4:
		p.Type, p.DayOfMonth, p.Month, p.Interval = recur.AbsoluteYearly, d.start.Day(), int(d.start.Month()), 1
		if lastOfMonth {
			p.DayOfMonth = 31
		}
	default:
		p.Type, p.DaysOfWeek, p.Month, p.Interval = recur.RelativeYearly, d.days(), int(d.start.Month()), 1
		p.Index = d.index(p.DaysOfWeek)
	}
	return p
}

// days draws days of the week, that of the start among them.
func (d *graphDraw) days() []string {
	var days []string
	for day := time.Sunday; day <= time.Saturday; day++ {
		if day == d.start.Weekday() || d.IntN(4) == 0 {
			days = append(days, dayName(day))
		}
	}
	return days
}

// index returns the start's position among the month's days of these names.
func (d *graphDraw) index(days []string) string {
	rank, after := 0, 0
	for day := d.start.AddDate(0, 0, 1-d.start.Day()); day.Month() == d.start.Month(); day = day.AddDate(0, 0, 1) {
		if !strings.Contains(strings.Join(days, " "), dayName(day.Weekday())) {
			continue
		}
		if day.Before(d.start) {
			rank++
		} else if day.After(d.start) {
			after++
		}
	}
	if rank < 4 && (after > 0 || d.IntN(2) == 0) {
		return []string{"first", "second", "third", "fourth"}[rank]
	}
	if after == 0 {
		return "last"
	}
	return "" // the fifth and not the last: Graph has no word for it
}

func dayName(day time.Weekday) string { return strings.ToLower(day.String()) }

// writePatterns writes random Graph series, each also as an iCalendar file.
func writePatterns(seed uint64, count int, dir string) error {
	lines, err := os.Create(filepath.Join(dir, "series.ndjson"))
	if err != nil {
		return err
	}
	defer lines.Close()
	out := json.NewEncoder(lines)
	for n := 0; count > 0; n++ {
		d, err := newGraphDraw(seed, n)
		if err != nil {
			return err
		}
		p := d.pattern()
		if p.Index == "" && strings.HasPrefix(p.Type, "relative") {
			continue
		}
		count--
		r := recur.Recurrence{Pattern: p, Range: d.ends()}
		name := fmt.Sprintf("pattern-%04d.ics", n)
		if err := out.Encode(graphSeries{name, d.event(name, r)}); err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(dir, name), []byte(d.calendar(name, r)), 0o644); err != nil {
			return err
		}
	}
	return lines.Close()
}

// ends draws the range.
func (d *graphDraw) ends() recur.Range {
	r := recur.Range{Type: recur.NoEnd, StartDate: d.start.Format(time.DateOnly), RecurrenceTimeZone: d.zone}
	switch d.IntN(3) {
	case 0:
		r.Type, r.NumberOfOccurrences = recur.Numbered, 1+d.IntN(40)
	case 1:
		r.Type, r.EndDate = recur.EndDate, d.start.AddDate(0, 0, d.IntN(900)).Format(time.DateOnly)
	}
	return r
}

// event is the series as a Graph event.
func (d *graphDraw) event(name string, r recur.Recurrence) map[string]any {
	at := func(wall time.Time) map[string]any {
		return map[string]any{"dateTime": wall.Format("2006-01-02T15:04:05.0000000"), "timeZone": d.zone}
	}
	return map[string]any{
		"subject": "Series " + name, "iCalUId": name, "isAllDay": d.allDay,
		"start": at(d.start), "end": at(d.start.Add(d.length)), "recurrence": r.JSON(),
	}
}

// calendar is the series as an iCalendar file.
func (d *graphDraw) calendar(name string, r recur.Recurrence) string {
	c := &calendarText{zone: d.zone, allDay: d.allDay}
	c.line("BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Graphwarden//recurrence//EN", "BEGIN:VEVENT", "UID:"+name,
		"DTSTAMP:20250101T000000Z", "SUMMARY:Series "+name)
	c.time("DTSTART", d.start)
	c.time("DTEND", d.start.Add(d.length))
	c.line("RRULE:"+rrule(r, d), "END:VEVENT", "END:VCALENDAR")
	return c.String()
}

// rrule says in iCalendar's words what a Graph recurrence says.
func rrule(r recur.Recurrence, d *graphDraw) string {
	p := r.Pattern
	parts := []string{fmt.Sprintf("INTERVAL=%d", p.Interval)}
	if p.Month > 0 {
		parts = append(parts, fmt.Sprintf("BYMONTH=%d", p.Month))
	}
	if p.DayOfMonth > 0 {
		parts = append(parts, fmt.Sprintf("BYMONTHDAY=%d", p.DayOfMonth))
	}
	if len(p.DaysOfWeek) > 0 {
		var days []string
		for _, day := range p.DaysOfWeek {
			days = append(days, strings.ToUpper(day[:2]))
		}
		parts = append(parts, "BYDAY="+strings.Join(days, ","))
	}
	if p.Index != "" {
		parts = append(parts, "BYSETPOS="+map[string]string{"first": "1", "second": "2", "third": "3", "fourth": "4", "last": "-1"}[p.Index])
	}
	freq := map[string]string{recur.Daily: "DAILY", recur.Weekly: "WEEKLY", recur.AbsoluteMonthly: "MONTHLY",
		recur.RelativeMonthly: "MONTHLY", recur.AbsoluteYearly: "YEARLY", recur.RelativeYearly: "YEARLY"}[p.Type]
	if p.Type == recur.Weekly {
		parts = append(parts, "WKST="+strings.ToUpper(p.FirstDayOfWeek[:2]))
	}
	switch r.Range.Type {
	case recur.Numbered:
		parts = append(parts, fmt.Sprintf("COUNT=%d", r.Range.NumberOfOccurrences))
	case recur.EndDate:
		last, _ := time.Parse(time.DateOnly, r.Range.EndDate)
		if d.allDay {
			parts = append(parts, "UNTIL="+last.Format("20060102"))
		} else {
			midnight := recur.WallTime(last.AddDate(0, 0, 1), d.loc).Add(-time.Second)
			parts = append(parts, "UNTIL="+midnight.UTC().Format("20060102T150405Z"))
		}
	}
	return "FREQ=" + freq + ";" + strings.Join(parts, ";")
}
