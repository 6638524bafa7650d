package calendar_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/graphwarden/graphwarden/sim/world/calendar"
	"github.com/graphwarden/graphwarden/sim/world/mailbox"
	"github.com/graphwarden/graphwarden/sim/world/outlook"
	"github.com/graphwarden/graphwarden/sim/world/state"
)

// life does something random to the calendars; refusals are part of it.
type life struct {
	*tenant
	r *rand.Rand
}

// body is a random event, or a random change of one.
func (l life) body() doc {
	d := doc{"subject": fmt.Sprint("Nr ", l.r.IntN(1000))}
	if l.r.IntN(2) == 0 {
		start := day("2026-03-01").AddDate(0, 0, l.r.IntN(45)).Add(time.Duration(l.r.IntN(48)) * 30 * time.Minute)
		d["start"] = at(start.Format("2006-01-02T15:04:05"))
		d["end"] = at(start.Add(time.Duration(1+l.r.IntN(6)) * 30 * time.Minute).Format("2006-01-02T15:04:05"))
		if l.r.IntN(4) == 0 {
			d["recurrence"] = weekly(start.Format(time.DateOnly), "monday", "thursday")
		}
	}
	if l.r.IntN(3) == 0 {
		all := []any{guest("ben@contoso.example"), guest("room1@contoso.example"), guest("sales@contoso.example"), guest("eve@elsewhere.example")}
		l.r.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
		d["attendees"] = all[:l.r.IntN(4)]
	}
	if l.r.IntN(10) == 0 {
		d["recurrence"] = nil
	}
	return d
}

// step does one thing, in one transaction.
func (l life) step() error {
	return l.Update(func(tx *state.Tx) error {
		owner := []string{l.anna, l.anna, l.ben}[l.r.IntN(3)]
		x, err := l.boxes.Calendar(tx, owner, "")
		if err != nil {
			return err
		}
		all := append(l.cal.View(tx, x.Key, day("2026-03-01"), day("2026-05-01")), l.cal.List(tx, x.Key)...)
		if len(all) == 0 || l.r.IntN(4) == 0 {
			body := with(nil)
			for name, value := range l.body() {
				body[name] = value
			}
			_, err := l.cal.Create(tx, x, body)
			return err
		}
		e := all[l.r.IntN(len(all))]
		switch l.r.IntN(5) {
		case 0:
			l.cal.Delete(tx, e)
			return nil
		case 1:
			verb := []string{"accept", "tentativelyAccept", "decline"}[l.r.IntN(3)]
			a, err := calendar.ReadAnswer(verb, doc{"sendResponse": l.r.IntN(4) > 0})
			if err != nil {
				return err
			}
			return l.cal.Respond(tx, e, a)
		}
		if e.IsOrganizer { // what attendees change stays with them
			_, err = l.cal.Update(tx, e, l.body())
		}
		return err
	})
}

func TestWhateverHappensTheCalendarsHoldTogether(t *testing.T) {
	// The last two found something when the first hundred did not.
	for _, seed := range []uint64{0, 1, 2, 3, 4, 5, 6, 7, 11, 31, 270} {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			t.Parallel()
			n, path := startKept(t)
			l := life{n, rand.New(rand.NewPCG(seed, 1))}
			f := n.follow()
			for range 150 {
				var refused *outlook.Problem
				if err := l.step(); err != nil && !errors.As(err, &refused) {
					t.Fatal(err)
				}
				if l.r.IntN(5) == 0 {
					f.catchUp(false)
					f.wantSame()
					n.wantCopiesInStep()
				}
			}
			before := n.dump()
			if err := n.Close(); err != nil {
				t.Fatal(err)
			}
			if again := open(t, path); again.dump() != before {
				t.Error("reopened, the calendars are others")
			}
		})
	}
}

// wantCopiesInStep compares each attendee's copies with the organizer's event,
// and holds the room to one meeting at a time.
func (n *tenant) wantCopiesInStep() {
	n.Helper()
	_ = n.View(func(tx *state.Tx) error {
		mine := map[string]*calendar.Event{}
		for _, e := range n.during(tx, n.anna) {
			mine[e.UID+e.Date] = e
		}
		for _, his := range append(n.during(tx, n.ben), n.during(tx, n.group)...) {
			e := mine[his.UID+his.Date]
			switch {
			case his.IsOrganizer || his.Cancelled || his.Organizer.Address != "anna@contoso.example":
			case e == nil:
				n.Errorf("%s has %q on %v, which its organizer does not have", his.Mailbox, his.Subject, his.Start.At)
			case !his.Start.At.Equal(e.Start.At) || !his.End.At.Equal(e.End.At):
				n.Errorf("%q is at %v for the organizer and at %v for an attendee", e.Subject, e.Start.At, his.Start.At)
			}
		}
		var last *calendar.Event
		for _, e := range n.during(tx, n.room) {
			if last != nil && e.Start.At.Before(last.End.At) && e.UID != last.UID {
				n.Errorf("the room is taken twice at %v", e.Start.At)
			}
			last = e
		}
		return nil
	})
}

func (n *tenant) during(tx *state.Tx, owner string) []*calendar.Event {
	return n.cal.View(tx, mailbox.DefaultCalendar(owner), day("2026-03-01"), day("2026-05-01"))
}
