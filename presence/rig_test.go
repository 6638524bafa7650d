package presence_test

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/flow"
	"github.com/graphwarden/graphwarden/internal/rig"
	"github.com/graphwarden/graphwarden/presence"
)

// office is a store with the calendars of some people, and the rooms over it.
type office struct {
	*rig.Rig
	t     *testing.T
	plan  presence.Plan
	says  presence.Microsoft
	asks  presence.Asks
	feeds map[string]graphwarden.Feed // by mailbox

	mu    sync.Mutex
	flows []flow.Flow

	room  *presence.Room
	board *presence.Board
}

// Flows is the roster.
func (o *office) Flows() []flow.Flow {
	o.mu.Lock()
	defer o.mu.Unlock()
	return slices.Clone(o.flows)
}

func setUp(t *testing.T, change ...func(*office)) *office {
	t.Helper()
	o := &office{Rig: rig.New(t, nil), t: t, feeds: map[string]graphwarden.Feed{}}
	o.plan = presence.Plan{Flow: "board", Zone: "Europe/Berlin",
		Permissions: map[presence.Source]string{presence.FromCalendar: "Calendars.Read", presence.FromTeams: "Presence.Read.All", presence.FromSettings: "MailboxSettings.Read", presence.FromSchedule: "Calendars.Read"}}
	o.flows = []flow.Flow{{Name: "board", App: "switchboard", Kind: flow.Presence(flow.PresenceWants{}), Tenant: "contoso", Registration: "main", Whole: true,
		Mailboxes: graphwarden.MailboxScope{{ID: rig.Alice, UPN: "alice@contoso.com"}, {ID: rig.Bob, UPN: "bob@contoso.com"}}}}
	for _, f := range change {
		f(o)
	}
	return o
}

// start runs the rooms until the function that it gives is called.
func (o *office) start() (stop func()) {
	ctx, cancel := context.WithCancel(o.t.Context())
	var all sync.WaitGroup
	o.board = presence.NewBoard(presence.BoardConfig{Roster: o, Book: o.Store, Calendars: o.Store, Flows: []string{"board"}, Promise: 31 * time.Minute,
		Log: rig.Log(), Now: time.Now, Origin: o.Store.Origin()})
	board := o.board
	o.room = presence.NewRoom(presence.Config{Plans: []presence.Plan{o.plan}, Roster: o, Store: o.Store, Calendars: o.Store, Book: steppedBook{o.Store}, Microsoft: o.says, Asks: o.asks,
		Log: rig.Log(), Now: time.Now, Promise: 31 * time.Minute, Told: board.Wake})
	room := o.room
	for _, run := range []func(context.Context) error{board.Run, room.Run} {
		all.Go(func() {
			if err := run(ctx); err != nil {
				o.t.Error(err)
			}
		})
	}
	return func() { cancel(); all.Wait() }
}

// update stores something.
func (o *office) update(f func(ctx context.Context, tx graphwarden.Tx) error) {
	o.t.Helper()
	if err := o.Store.Update(o.t.Context(), f); err != nil {
		o.t.Fatal(err)
	}
}

// read stores a round of somebody's calendar as the mirror does, and wakes the room.
func (o *office) read(mailbox string, events ...presence.Event) {
	o.t.Helper()
	o.update(func(ctx context.Context, tx graphwarden.Tx) error {
		feed, known := o.feeds[mailbox]
		if !known {
			var err error
			feed, err = o.Store.EnsureFeed(ctx, tx, graphwarden.Feed{Flow: "board", Tenant: "contoso", Mailbox: graphwarden.Mailbox{ID: mailbox, UPN: mailbox[:5]},
				Resource: "cal-" + mailbox, Title: "Calendar", Window: graphwarden.Window{Start: time.Now().AddDate(0, 0, -2), End: time.Now().AddDate(0, 0, 31)}})
			if err != nil {
				return err
			}
		}
		var items []graphwarden.Item
		for _, e := range events {
			items = append(items, graphwarden.Item{ID: e.ID, Body: e.Body, Removed: e.Body == nil})
		}
		page := graphwarden.Page{Items: items, Next: graphwarden.Cursor(fmt.Sprint(time.Now(), len(events)))}
		if _, err := o.Store.ApplyPage(ctx, tx, feed, page); err != nil {
			return err
		}
		feed.Cursor = page.Next
		o.feeds[mailbox] = feed
		_, err := o.Store.FinishRound(ctx, tx, feed, time.Now().Add(time.Hour), nil)
		return err
	})
	if o.room != nil {
		o.room.Wake()
	}
}

func gone(id string) presence.Event { return presence.Event{ID: id} }

// meeting is a busy event from now on, by minutes.
func meeting(id string, from, to int, more ...string) presence.Event {
	at := func(minutes int) string {
		return time.Now().UTC().Add(time.Duration(minutes) * time.Minute).Format("2006-01-02T15:04:05.0000000")
	}
	members := append([]string{fmt.Sprintf(`"id":%q,"type":"singleInstance","showAs":"busy","subject":"About %s"`, id, id),
		fmt.Sprintf(`"start":{"dateTime":%q,"timeZone":"UTC"},"end":{"dateTime":%q,"timeZone":"UTC"}`, at(from), at(to))}, more...)
	return presence.Event{ID: id, Body: json.RawMessage("{" + strings.Join(members, ",") + "}")}
}

// people says everybody's state in a line.
func (o *office) people(named ...string) string {
	o.t.Helper()
	list, err := o.board.People(o.t.Context(), []string{"board", "office"}, named)
	if err != nil {
		o.t.Fatal(err)
	}
	var out []string
	for _, p := range list {
		out = append(out, oneLine(p))
	}
	return strings.Join(out, "; ")
}

// oneLine writes a state with times in minutes from now.
func oneLine(p presence.Presence) string {
	name, _, _ := strings.Cut(p.Person, "@")
	text := name + " " + string(p.State)
	if p.Class != "" && p.Class != presence.Normal {
		text += " (" + string(p.Class) + ")"
	}
	if !p.Until.IsZero() {
		text += fmt.Sprintf(" for %.0f", time.Until(p.Until).Minutes())
	}
	if p.Next != nil {
		text += ", then " + string(p.Next.State)
	}
	if p.Stale {
		text += ", stale"
	}
	return text
}

// heard gives what a stream has to tell, in lines.
func heard(t *testing.T, s *presence.Stream) string {
	t.Helper()
	var out []string
	for _, i := range s.Next() {
		if i.Gone {
			name, _, _ := strings.Cut(i.Person, "@")
			out = append(out, name+" gone")
			continue
		}
		var p presence.Presence
		if err := json.Unmarshal(i.Body, &p); err != nil {
			t.Fatal(err)
		}
		out = append(out, oneLine(p))
	}
	return strings.Join(out, "; ")
}

// want waits until nothing moves any more, and compares.
func want(t *testing.T, what, got, want string) {
	t.Helper()
	if got != want {
		t.Errorf("%s:\n  is   %q\n  want %q", what, got, want)
	}
}
