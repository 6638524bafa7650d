package calendar_test

import (
	"testing"
	"time"

	"github.com/graphwarden/graphwarden/sim/world"
	"github.com/graphwarden/graphwarden/sim/world/calendar"
	"github.com/graphwarden/graphwarden/sim/world/mailbox"
	"github.com/graphwarden/graphwarden/sim/world/outlook"
	"github.com/graphwarden/graphwarden/sim/world/people"
	"github.com/graphwarden/graphwarden/sim/world/state"
)

// busyMailbox has 2,000 events over a year, 40 of them series.
func busyMailbox(b *testing.B) (*world.World, *calendar.Calendars, mailbox.Calendar) {
	b.Helper()
	w := world.New(world.Options{Seed: 1, Domain: "contoso.example", Now: func() time.Time { return day("2026-03-02") }})
	boxes := mailbox.New(w)
	c := calendar.New(w, boxes)
	var x mailbox.Calendar
	err := w.Open(func(tx *state.Tx) error {
		anna := w.AddObject(tx, world.Object{Type: "user", Doc: doc{"displayName": "Anna", "mail": "anna@contoso.example"}}).ID
		boxes.Add(tx, anna, mailbox.ForUser, "W. Europe Standard Time")
		x, _ = boxes.Calendar(tx, anna, "")
		for i := range 2000 {
			start := day("2026-01-01").AddDate(0, 0, i%365).Add(time.Duration(i%10) * time.Hour)
			body := doc{"subject": "Meeting", "body": doc{"contentType": "html", "content": "<p>Something to talk about</p>"},
				"start":     at(start.Format("2006-01-02T15:04:05")),
				"end":       at(start.Add(time.Hour).Format("2006-01-02T15:04:05")),
				"attendees": []any{guest("eve@elsewhere.example"), guest("fay@elsewhere.example")}}
			if i%50 == 0 {
				body["recurrence"] = weekly(start.Format(time.DateOnly), "monday")
			}
			if _, err := c.Create(tx, x, body); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		b.Fatal(err)
	}
	return w, c, x
}

// BenchmarkMonth is a calendar view of one month in a mailbox with 2,000 events;
// the bar is 2 ms.
func BenchmarkMonth(b *testing.B) {
	w, c, x := busyMailbox(b)
	for b.Loop() {
		_ = w.View(func(tx *state.Tx) error {
			c.View(tx, x.Key, day("2026-06-01"), day("2026-07-01"))
			return nil
		})
	}
}

// BenchmarkDelta is a first round over 1,000 events, written; the bar is 20 ms.
func BenchmarkDelta(b *testing.B) {
	w, c, x := busyMailbox(b)
	var lines int
	for b.Loop() {
		_ = w.View(func(tx *state.Tx) error {
			all := c.Sync(tx, x, day("2026-01-01"), day("2026-05-31"))
			lines = len(all)
			for _, row := range all {
				row.Doc(c, tx, calendar.View{Zone: outlook.UTC()})
			}
			return nil
		})
	}
	b.ReportMetric(float64(lines), "rows")
}

// BenchmarkCompany builds the calendars of a company of 200 people.
func BenchmarkCompany(b *testing.B) {
	var events int
	for b.Loop() {
		events = 0
		company := people.Generate(people.Options{Seed: 1, Users: 200, Around: day("2026-03-02")})
		w := world.New(world.Options{Seed: 1, Domain: "contoso.example", Now: func() time.Time { return day("2026-03-02") }})
		boxes := mailbox.New(w)
		c := calendar.New(w, boxes)
		err := w.Open(func(tx *state.Tx) error {
			hire(w, boxes, tx, company)
			if err := c.Hold(tx, company.Meetings()); err != nil {
				return err
			}
			for _, m := range append(append([]doc{}, company.Users...), company.Shared...) {
				events += len(c.List(tx, mailbox.DefaultCalendar(m["id"].(string))))
			}
			return nil
		})
		if err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(events), "events")
}

// hire puts a made-up company into the directory, with mailboxes and calendars.
func hire(w *world.World, boxes *mailbox.Mailboxes, tx *state.Tx, company *people.Company) {
	account := func(d doc, purpose mailbox.Purpose) {
		o := w.AddObject(tx, world.Object{ID: d["id"].(string), Type: "user", Doc: d})
		boxes.Add(tx, o.ID, purpose, d["mailboxSettings"].(doc)["timeZone"].(string))
	}
	for _, d := range company.Users {
		account(d, mailbox.ForUser)
	}
	for _, r := range company.Rooms {
		account(r.Account, mailbox.ForRoom)
	}
	for _, k := range company.Calendars {
		owner, _ := w.User(tx, k.Owner)
		_, _ = boxes.AddCalendar(tx, owner.ID, mailbox.Calendar{Name: k.Name})
	}
}
