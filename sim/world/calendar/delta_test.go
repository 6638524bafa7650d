package calendar_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/graphwarden/graphwarden/sim/world"
	"github.com/graphwarden/graphwarden/sim/world/calendar"
	"github.com/graphwarden/graphwarden/sim/world/mailbox"
	"github.com/graphwarden/graphwarden/sim/world/outlook"
	"github.com/graphwarden/graphwarden/sim/world/state"
)

// follower keeps a copy of Anna's calendar view of March and April by its delta
// alone.
type follower struct {
	*tenant
	seq  uint64
	held map[string]*calendar.Event
	said []string // of the last round: "full", "skeleton" or "gone", and the date or subject
}

func (n *tenant) follow() *follower {
	f := &follower{tenant: n, held: map[string]*calendar.Event{}}
	f.catchUp(true)
	return f
}

func (f *follower) catchUp(first bool) {
	f.Helper()
	f.said = nil
	_ = f.View(func(tx *state.Tx) error {
		x, _ := f.boxes.Calendar(tx, f.anna, "")
		lines := f.cal.Since(tx, x, day("2026-03-01"), day("2026-05-01"), f.seq)
		if first {
			lines = f.cal.Sync(tx, x, day("2026-03-01"), day("2026-05-01"))
		}
		f.seq = tx.Seq()
		for _, row := range lines {
			d := row.Doc(f.cal, tx, calendar.View{Zone: outlook.UTC()})
			_, date, _ := strings.Cut(row.ID.Key, ".")
			switch {
			case row.Event == nil:
				delete(f.held, row.ID.Key)
				f.said = append(f.said, "gone "+date)
			case d["subject"] == nil:
				f.held[row.ID.Key] = row.Event
				f.said = append(f.said, "skeleton "+date)
			default:
				f.held[row.ID.Key] = row.Event
				f.said = append(f.said, "full "+d["subject"].(string)+date)
			}
		}
		return nil
	})
}

// wantSame compares what the follower holds with the calendar view.
func (f *follower) wantSame() {
	f.Helper()
	var held []string
	for _, e := range f.held {
		if e.Kind != calendar.Series {
			held = append(held, e.Key+" "+e.Start.At.Format("01-02T15:04"))
		}
	}
	var want []string
	for _, e := range f.view(f.anna) {
		want = append(want, e.Key+" "+e.Start.At.Format("01-02T15:04"))
	}
	slices.Sort(held)
	slices.Sort(want)
	if !slices.Equal(held, want) {
		f.Errorf("the follower holds\n%s\nbut the view is\n%s", strings.Join(held, "\n"), strings.Join(want, "\n"))
	}
}

func TestAFollowerStaysInStep(t *testing.T) {
	utc := func(text string) doc { return doc{"dateTime": text, "timeZone": "UTC"} }
	for name, act := range map[string]struct {
		do   func(n *tenant, single, series *calendar.Event)
		said []string // what the round must say, where that is documented
	}{
		"nothing": {func(n *tenant, _, _ *calendar.Event) {}, nil},
		"an event is made": {func(n *tenant, _, _ *calendar.Event) { n.create(n.anna, with(doc{"subject": "New"})) },
			[]string{"full New"}},
		"an event is made outside the view": {func(n *tenant, _, _ *calendar.Event) {
			n.create(n.anna, with(doc{"start": utc("2027-01-01T00:00:00"), "end": utc("2027-01-01T01:00:00")}))
		}, []string{"gone "}},
		"an event is changed": {func(n *tenant, single, _ *calendar.Event) { n.patch(single, doc{"subject": "Other"}) },
			[]string{"full Other"}},
		"an event is moved away": {func(n *tenant, single, _ *calendar.Event) {
			n.patch(single, doc{"start": utc("2027-01-01T00:00:00"), "end": utc("2027-01-01T01:00:00")})
		}, []string{"gone "}},
		"an event is deleted": {func(n *tenant, single, _ *calendar.Event) { n.remove(single) },
			[]string{"gone "}},
		"an occurrence is changed": {func(n *tenant, _, series *calendar.Event) {
			n.patch(n.on(series, "2026-03-17"), doc{"subject": "Special"})
		}, []string{"full Plan", "full Special2026-03-17"}},
		"an occurrence is moved": {func(n *tenant, _, series *calendar.Event) {
			n.patch(n.on(series, "2026-03-17"), doc{"start": at("2026-03-18T10:00:00"), "end": at("2026-03-18T11:00:00")})
		}, []string{"full Plan", "full Plan2026-03-17"}},
		"an occurrence is deleted": {func(n *tenant, _, series *calendar.Event) {
			n.remove(n.on(series, "2026-03-17"))
		}, []string{"full Plan", "gone 2026-03-17"}},
		"an exception is deleted": {func(n *tenant, _, series *calendar.Event) {
			n.patch(n.on(series, "2026-03-17"), doc{"subject": "Special"})
			n.remove(n.on(series, "2026-03-17"))
		}, []string{"full Plan", "gone 2026-03-17"}},
		"a series moves": {func(n *tenant, _, series *calendar.Event) {
			n.patch(series, doc{"recurrence": weekly("2026-03-10", "wednesday")})
		}, nil},
		"a series with an exception moves to another hour": {func(n *tenant, _, series *calendar.Event) {
			n.patch(n.on(series, "2026-03-17"), doc{"start": at("2026-03-18T10:00:00"), "end": at("2026-03-18T11:00:00")})
			n.patch(series, doc{"start": at("2026-03-10T12:00:00"), "end": at("2026-03-10T13:00:00")})
		}, nil},
		"a series becomes one event": {func(n *tenant, _, series *calendar.Event) { n.patch(series, doc{"recurrence": nil}) }, nil},
		"an event becomes a series": {func(n *tenant, single, _ *calendar.Event) {
			n.patch(single, doc{"recurrence": weekly("2026-03-10", "friday")})
		}, nil},
		"a series is deleted":                 {func(n *tenant, _, series *calendar.Event) { n.remove(series) }, nil},
		"an event is put on another calendar": {func(n *tenant, single, _ *calendar.Event) { n.move(single) }, []string{"gone "}},
		"a series is put on another calendar": {func(n *tenant, _, series *calendar.Event) {
			n.patch(n.on(series, "2026-03-17"), doc{"subject": "Special"})
			n.move(n.again(series))
		}, nil},
		"an event goes to another calendar and comes back": {func(n *tenant, single, _ *calendar.Event) {
			n.move(single)
			n.change(func(tx *state.Tx) error {
				home, err := n.boxes.Calendar(tx, n.anna, "")
				if err != nil {
					return err
				}
				return n.cal.Move(tx, n.must(tx, single.Key), home)
			})
		}, []string{"full Single"}},
		"an invitation comes and is declined": {func(n *tenant, _, _ *calendar.Event) {
			n.create(n.ben, with(doc{"subject": "Come", "attendees": []any{guest("anna@contoso.example")}}))
			for _, e := range n.view(n.anna) {
				if e.Subject == "Come" {
					n.respond(e, "decline", doc{})
				}
			}
		}, []string{"gone "}},
	} {
		t.Run(name, func(t *testing.T) {
			n := start(t)
			single, series := n.create(n.anna, with(doc{"subject": "Single"})), standup(n, nil)
			f := n.follow()
			f.wantSame()
			act.do(n, single, series)
			f.catchUp(false)
			f.wantSame()
			slices.Sort(f.said)
			if act.said != nil && !slices.Equal(f.said, act.said) {
				t.Errorf("the round says %q, want %q", f.said, act.said)
			}
			f.catchUp(false)
			if len(f.said) > 0 {
				t.Errorf("a round after which nothing happened says %q", f.said)
			}
		})
	}
}

func TestTheFirstRoundHoldsMastersAndSkeletons(t *testing.T) {
	n := start(t)
	series := standup(n, doc{"recurrence": doc{
		"pattern": doc{"type": "daily", "interval": 1.0},
		"range":   doc{"type": "numbered", "startDate": "2026-03-10", "numberOfOccurrences": 3.0}}})
	if _, err := n.patch(n.on(series, "2026-03-11"), doc{"subject": "Special"}); err != nil {
		t.Fatal(err)
	}
	f := n.follow()
	slices.Sort(f.said)
	want := []string{"full Plan", "full Special2026-03-11", "skeleton 2026-03-10", "skeleton 2026-03-12"}
	if !slices.Equal(f.said, want) {
		t.Errorf("the first round says %q, want %q", f.said, want)
	}
	_ = n.View(func(tx *state.Tx) error {
		d := n.on(series, "2026-03-10").Skeleton(calendar.View{Zone: outlook.UTC()})
		for _, name := range []string{"id", "type", "seriesMasterId", "start", "end", "@odata.etag", "@odata.type"} {
			if d[name] == nil {
				t.Errorf("a skeleton has no %s", name)
			}
		}
		return nil
	})
}

func TestEveryEffectIsOnTheLogOfItsMailbox(t *testing.T) {
	n := start(t)
	meeting(n, nil)
	for owner, want := range map[string]int{n.anna: 1, n.ben: 1} {
		_ = n.View(func(tx *state.Tx) error {
			x, _ := n.boxes.Calendar(tx, owner, "")
			all := n.ChangesAfter(tx, calendar.Scope(x.Key), 0)
			if len(all) != want || all[0].Owner != owner || all[0].Kind != world.Created {
				t.Errorf("the log of the calendar is %+v", all)
			}
			return nil
		})
	}
}

func TestAReopenedTenantHasTheSameCalendars(t *testing.T) {
	n, path := startKept(t)
	series := standup(n, doc{"attendees": []any{guest("ben@contoso.example"), guest("room1@contoso.example")},
		"isOnlineMeeting": true, "singleValueExtendedProperties": []any{doc{"id": "String {66f5a359-4659-4830-9070-00040ec6ac6e} Name Ref", "value": "7"}},
		"attachments": []any{doc{"@odata.type": "#microsoft.graph.fileAttachment", "name": "a.txt", "contentBytes": "aGk="}},
		"extensions":  []any{doc{"@odata.type": "#microsoft.graph.openTypeExtension", "extensionName": "com.example", "n": 1.0}}})
	f := n.follow()
	n.patch(n.on(series, "2026-03-17"), doc{"subject": "Special"})
	n.patch(series, doc{"recurrence": weekly("2026-03-10", "wednesday")})
	n.remove(n.on(series, "2026-03-25"))
	before := n.dump()
	if err := n.Close(); err != nil {
		t.Fatal(err)
	}

	again := open(t, path)
	after := again.dump()
	if before != after {
		t.Errorf("before\n%s\nafter\n%s", before, after)
	}
	f.tenant = again
	f.catchUp(false)
	f.wantSame()
}

// dump writes all that the mailboxes' owners read.
func (n *tenant) dump() string {
	var out strings.Builder
	_ = n.View(func(tx *state.Tx) error {
		for _, owner := range []string{n.anna, n.ben, n.room} {
			x, _ := n.boxes.Calendar(tx, owner, "")
			for _, row := range n.cal.Sync(tx, x, day("2026-03-01"), day("2026-05-01")) {
				v := calendar.View{Zone: outlook.UTC()}
				d := row.Event.Doc(n.cal, tx, v)
				d["attachments"] = n.cal.AttachmentDocs(tx, row.Event, false)
				d["extended"], d["extensions"] = outlook.ExtendedDocs(row.Event.Extended, false), row.Event.Extensions
				out.WriteString(toJSON(d) + "\n")
			}
		}
		return nil
	})
	return out.String()
}

// again gives an event as it is now.
func (n *tenant) again(e *calendar.Event) (now *calendar.Event) {
	_ = n.View(func(tx *state.Tx) error { now = n.must(tx, e.Key); return nil })
	return now
}

// move puts an event of Anna's on a calendar that she makes for it.
func (n *tenant) move(e *calendar.Event) {
	n.Helper()
	n.change(func(tx *state.Tx) error {
		other, err := n.boxes.AddCalendar(tx, n.anna, mailbox.Calendar{Name: "Other", Color: "auto"})
		if err != nil {
			return err
		}
		return n.cal.Move(tx, e, other)
	})
}

func TestADeltaMaySayThatSomethingIsGoneWhichIsNot(t *testing.T) {
	n := start(t)
	single := n.create(n.anna, with(doc{"subject": "Single"}))
	f := n.follow()
	n.change(func(tx *state.Tx) error { n.cal.Feint(tx, single); return nil })
	f.catchUp(false)
	if !slices.Equal(f.said, []string{"gone "}) || len(n.view(n.anna)) != 1 {
		t.Errorf("the round says %q", f.said)
	}
	if _, err := n.patch(single, doc{"subject": "There"}); err != nil {
		t.Fatal(err)
	}
	f.catchUp(false)
	f.wantSame()
}
