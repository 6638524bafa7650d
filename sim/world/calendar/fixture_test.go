package calendar_test

import (
	"encoding/json"
	"errors"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/graphwarden/graphwarden/sim/world"
	"github.com/graphwarden/graphwarden/sim/world/calendar"
	"github.com/graphwarden/graphwarden/sim/world/mailbox"
	"github.com/graphwarden/graphwarden/sim/world/outlook"
	"github.com/graphwarden/graphwarden/sim/world/state"
)

type doc = map[string]any

// tenant is a small company in Berlin: two people with mailboxes, one without,
// a room and a Unified group.
type tenant struct {
	*testing.T
	*world.World
	boxes                         *mailbox.Mailboxes
	cal                           *calendar.Calendars
	anna, ben, nobox, room, group string
}

func open(t *testing.T, journal string) *tenant {
	t.Helper()
	n := &tenant{T: t}
	n.make(journal, n.found)
	return n
}

// make opens a world that base builds.
func (n *tenant) make(journal string, base func(*state.Tx) error) {
	n.Helper()
	n.World = world.New(world.Options{
		Seed: 1, Domain: "contoso.example", Name: "Contoso", Journal: journal,
		Now: func() time.Time { return time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC) },
	})
	n.boxes = mailbox.New(n.World)
	n.cal = calendar.New(n.World, n.boxes)
	if err := n.Open(base); err != nil {
		n.Fatal(err)
	}
	n.Cleanup(func() { n.Close() })
}

func (n *tenant) found(tx *state.Tx) error {
	user := func(nick, name string) string {
		mail := nick + "@contoso.example"
		return n.AddObject(tx, world.Object{Type: "user", Doc: doc{
			"displayName": name, "userPrincipalName": mail, "mail": mail, "mailNickname": nick}}).ID
	}
	n.anna, n.ben, n.nobox = user("anna", "Anna Adler"), user("ben", "Ben Brand"), user("nora", "Nora None")
	n.room = user("room1", "Room One")
	for _, owner := range []string{n.anna, n.ben} {
		n.boxes.Add(tx, owner, mailbox.ForUser, "W. Europe Standard Time")
	}
	n.boxes.Add(tx, n.room, mailbox.ForRoom, "W. Europe Standard Time")
	n.group = n.AddObject(tx, world.Object{Type: "group", Doc: doc{
		"displayName": "Sales", "mail": "sales@contoso.example", "mailNickname": "sales", "groupTypes": []any{"Unified"}}}).ID
	return nil
}

func start(t *testing.T) *tenant { return open(t, "") }

func startKept(t *testing.T) (*tenant, string) {
	path := filepath.Join(t.TempDir(), "journal")
	return open(t, path), path
}

// at is a wall time in Berlin.
func at(text string) doc { return doc{"dateTime": text, "timeZone": "W. Europe Standard Time"} }

func guest(address string) doc {
	return doc{"type": "required", "emailAddress": doc{"address": address}}
}

func weekly(from string, days ...any) doc {
	return doc{
		"pattern": doc{"type": "weekly", "interval": 1.0, "daysOfWeek": days},
		"range":   doc{"type": "noEnd", "startDate": from},
	}
}

// with gives a meeting of one hour on 10 March 2026 with other members.
func with(members doc) doc {
	d := doc{"subject": "Plan", "start": at("2026-03-10T10:00:00"), "end": at("2026-03-10T11:00:00")}
	for name, value := range members {
		d[name] = value
	}
	return d
}

func (n *tenant) create(owner string, body doc) *calendar.Event {
	n.Helper()
	e, err := n.tryCreate(owner, body)
	if err != nil {
		n.Fatal(err)
	}
	return e
}

func (n *tenant) tryCreate(owner string, body doc) (e *calendar.Event, err error) {
	err = n.Update(func(tx *state.Tx) (err error) {
		x, err := n.boxes.Calendar(tx, owner, "")
		if err != nil {
			return err
		}
		e, err = n.cal.Create(tx, x, body)
		return err
	})
	return e, err
}

func (n *tenant) patch(e *calendar.Event, body doc) (*calendar.Event, error) {
	err := n.Update(func(tx *state.Tx) (err error) {
		if e, err = n.cal.Get(tx, e.Mailbox, e.Key); err == nil {
			e, err = n.cal.Update(tx, e, body)
		}
		return err
	})
	return e, err
}

// change does what must succeed.
func (n *tenant) change(f func(tx *state.Tx) error) {
	n.Helper()
	if err := n.Update(f); err != nil {
		n.Fatal(err)
	}
}

// remove deletes an event.
func (n *tenant) remove(e *calendar.Event) {
	n.Helper()
	n.change(func(tx *state.Tx) error { n.cal.Delete(tx, e); return nil })
}

// view gives the default calendar of a mailbox in March and April 2026.
func (n *tenant) view(owner string) (all []*calendar.Event) {
	_ = n.View(func(tx *state.Tx) error {
		all = n.cal.View(tx, mailbox.DefaultCalendar(owner), day("2026-03-01"), day("2026-05-01"))
		return nil
	})
	return all
}

// only gives the one event in a mailbox's view.
func (n *tenant) only(owner string) *calendar.Event {
	n.Helper()
	all := n.view(owner)
	if len(all) != 1 {
		n.Fatalf("%d events on the calendar, want 1: %v", len(all), starts(all))
	}
	return all[0]
}

// doc writes an event as its owner reads it by default.
func (n *tenant) doc(e *calendar.Event) (d doc) {
	_ = n.View(func(tx *state.Tx) error {
		d = e.Doc(n.cal, tx, calendar.View{Zone: outlook.UTC()})
		return nil
	})
	return d
}

func starts(all []*calendar.Event) []string {
	out := make([]string, len(all))
	for i, e := range all {
		out[i] = e.Start.At.Format("01-02T15:04")
	}
	return out
}

func day(text string) time.Time {
	t, err := time.Parse(time.DateOnly, text)
	if err != nil {
		panic(err)
	}
	return t
}

// code is the code of a refusal.
func code(err error) string {
	var p *outlook.Problem
	if errors.As(err, &p) {
		return p.Code
	}
	if err != nil {
		return err.Error()
	}
	return ""
}

func (n *tenant) wantStarts(owner string, want ...string) {
	n.Helper()
	if got := starts(n.view(owner)); !slices.Equal(got, want) {
		n.Errorf("starts %v, want %v", got, want)
	}
}

func toJSON(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return string(b)
}

func attachment() outlook.Attachment {
	return outlook.Attachment{Type: "fileAttachment", Name: "a.txt", Content: []byte("hi"), Size: 2}
}

// must gives an event of Anna's within a transaction.
func (n *tenant) must(tx *state.Tx, key string) *calendar.Event {
	n.Helper()
	e, err := n.cal.Get(tx, n.anna, key)
	if err != nil {
		n.Fatal(err)
	}
	return e
}
