package act_test

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"html"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/act"
	"github.com/graphwarden/graphwarden/zone"
)

var roundTrips = flag.Int("events", 400, "how many random events make the round trip")

// copy is the local copy of the first mailbox's default calendar, made by the feed.
type local struct {
	*house
	feed  graphwarden.Feed
	seq   int64
	while func() // what happens between the first page's coming and its being stored
	items map[string]json.RawMessage
}

func (h *house) local(t *testing.T) *local {
	t.Helper()
	calendars, err := h.rooms.Graph.Calendars(t.Context(), h.flow, h.flow.Mailboxes[0])
	if err != nil {
		t.Fatal(err)
	}
	l := &local{house: h, items: map[string]json.RawMessage{}}
	for _, c := range calendars {
		if c.Name == "Calendar" {
			l.feed = graphwarden.Feed{Flow: h.flow.Name, Tenant: "contoso", Mailbox: h.flow.Mailboxes[0], Resource: c.ID, Title: c.Name,
				Window: graphwarden.Window{Start: time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC), End: time.Date(2031, 1, 1, 0, 0, 0, 0, time.UTC)}}
		}
	}
	h.update(t, func(ctx context.Context, tx graphwarden.Tx) (err error) {
		l.feed, err = h.rooms.Store.EnsureFeed(ctx, tx, l.feed)
		return err
	})
	l.read(t)
	return l
}

func (h *house) update(t *testing.T, f func(ctx context.Context, tx graphwarden.Tx) error) {
	t.Helper()
	if err := h.rooms.Store.Update(t.Context(), f); err != nil {
		t.Fatal(err)
	}
}

// read reads the feed to its end into the copy, as the mirror does.
func (l *local) read(t *testing.T) {
	t.Helper()
	l.update(t, func(ctx context.Context, tx graphwarden.Tx) error { return l.rooms.Store.HurryFeeds(ctx, tx) })
	l.clock.advance(time.Millisecond) // a turn is told by its time
	l.update(t, func(ctx context.Context, tx graphwarden.Tx) (err error) {
		feed, due, err := l.rooms.Store.LeaseDueFeed(ctx, tx, "one", time.Hour, graphwarden.Busy{})
		if l.feed = feed; !due && err == nil {
			err = errors.New("the feed is not due")
		}
		return err
	})
	for last := false; !last; {
		page, err := l.rooms.Graph.Page(t.Context(), l.flow, l.feed)
		if later := new(graphwarden.Later); errors.As(err, &later) {
			l.pass(t, later.After)
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		if while := l.while; while != nil {
			l.while = nil
			while()
		}
		l.update(t, func(ctx context.Context, tx graphwarden.Tx) error {
			_, err := l.rooms.Store.ApplyPage(ctx, tx, l.feed, page)
			return err
		})
		l.feed.Cursor, last = page.Next, page.Last
	}
	l.update(t, func(ctx context.Context, tx graphwarden.Tx) error {
		_, err := l.rooms.Store.FinishRound(ctx, tx, l.feed, tx.Now().Add(time.Hour), nil)
		return err
	})
	l.look(t)
	for {
		changes, err := l.rooms.Store.ChangesAfter(t.Context(), l.flow.Name, l.seq, 1000)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range changes {
			l.seq = c.Seq
			if l.items[c.Item] = c.Body; c.Kind == graphwarden.Deleted {
				delete(l.items, c.Item)
			}
		}
		if len(changes) < 1000 {
			return
		}
	}
}

// kept are properties that Outlook leaves as they are, because others would follow.
var kept = []string{"recurrence", "singleValueExtendedProperties", "start", "end", "isAllDay", "isOnlineMeeting", "onlineMeetingProvider", "body"}

// TestEverythingOfAnEventComesBack makes random events through the room, reads them
// back from the local copy, changes them in Outlook's place, and reads them back
// again, property by property.
func TestEverythingOfAnEventComesBack(t *testing.T) {
	h, r := open(t, ""), chance(t)
	l := h.local(t)
	guests := []string{h.Ready.Users[1].UserPrincipalName, h.Ready.Users[2].UserPrincipalName, "guest@elsewhere.example", h.room(t)}
	series, compared, begun := 0, 0, time.Now()
	if testing.Short() {
		*roundTrips = min(*roundTrips, 60)
	}
	for done := 0; done < *roundTrips; {
		made := map[string]doc{}
		for range min(50, *roundTrips-done) {
			e := randomEvent(r, guests)
			if e["recurrence"] != nil {
				if alignFirst(e); !h.takes(t, e) {
					delete(e, "recurrence")
				}
			}
			if e["recurrence"] != nil {
				series++
			}
			reference := fmt.Sprintf("record-%d", done)
			in, err := h.Create(t.Context(), act.Create{Target: h.to(reference), Reference: reference, Event: write(t, e)})
			if err != nil {
				t.Fatalf("creating %s gave %v", write(t, e), err)
			}
			if in = h.outcome(t, in); in.Outcome.State != graphwarden.IntentDone {
				t.Fatalf("creating %s came to %+v", write(t, e), in.Outcome)
			}
			made[in.Item] = e
			done++
		}
		l.read(t)
		for id, e := range made {
			compared += compare(t, id, e, l.items[id])
			change := doc{}
			other := randomEvent(r, guests)
			for name := range other {
				if !slices.Contains(kept, name) && r.IntN(2) == 0 {
					change[name] = other[name]
				}
			}
			if code := h.outlook(t, http.MethodPatch, h.path("/events/"+id), change); code != http.StatusOK {
				t.Fatalf("changing in Outlook's place was answered %d", code)
			}
			for name, v := range change {
				if e[name] = v; name == "location" {
					delete(e, "locations")
				} else if name == "locations" {
					delete(e, "location")
				}
			}
		}
		l.read(t)
		for id, e := range made {
			compared += compare(t, id, e, l.items[id])
		}
	}
	t.Logf("%d events, %d of them series, made the round trip twice: %d properties compared in %s; budgets were waited for %d times, %s by the clocks",
		*roundTrips, series, compared, time.Since(begun).Round(time.Second), h.waits, time.Until(h.clock.now()).Round(time.Second))
}

// room finds the address of a room.
func (h *house) room(t *testing.T) string {
	t.Helper()
	rooms := h.Ask(t, http.MethodGet, "/v1.0/users?$filter=startswith(displayName,'Room')+or+startswith(displayName,'Conference')&$top=5", nil)["value"].([]any)
	if len(rooms) == 0 {
		return "room@elsewhere.example"
	}
	return rooms[0].(doc)["userPrincipalName"].(string)
}

// alignFirst has a series begin on its first day as the pattern has it.
func alignFirst(e doc) {
	e["recurrence"].(doc)["range"].(doc)["startDate"] = e["start"].(doc)["dateTime"].(string)[:10]
}

// takes says whether Microsoft takes the series at all: a pattern may have no
// occurrence in its range.
func (h *house) takes(t *testing.T, e doc) bool {
	t.Helper()
	return h.outlook(t, http.MethodPost, "/v1.0/users/"+h.Ready.Users[3].ID+"/events", doc{"start": e["start"], "end": e["end"], "isAllDay": e["isAllDay"] == true, "recurrence": e["recurrence"]}) == http.StatusCreated
}

// compare says of each property that was sent whether it came back, as Graph documents.
func compare(t *testing.T, id string, sent doc, raw json.RawMessage) int {
	t.Helper()
	var got doc
	if err := json.Unmarshal(raw, &got); err != nil {
		t.Fatalf("the copy has no event %s: %v", id, err)
	}
	for name, want := range sent {
		has := got[name]
		if same := comparisons[name]; same != nil {
			if !same(want, has, sent, got) {
				t.Errorf("%s: sent %v, came back %v", name, want, has)
			}
		} else if name != "singleValueExtendedProperties" && !reflect.DeepEqual(want, has) {
			t.Errorf("%s: sent %v, came back %v", name, want, has)
		}
	}
	return len(sent)
}

// comparisons are those of properties that come back in other words (documentation of
// the event resource): times in UTC, texts as pages, what a type does not use filled up.
var comparisons = map[string]func(want, has any, sent, got doc) bool{
	"start": sameTime, "end": sameTime,
	"body": func(want, has any, sent, _ doc) bool {
		w, h := want.(doc), has.(doc)
		lines := []string{w["content"].(string)}
		if w["contentType"] == "text" {
			lines = strings.Split(html.EscapeString(w["content"].(string)), "\n")
		}
		for _, line := range lines {
			if !strings.Contains(h["content"].(string), line) {
				return false
			}
		}
		return sent["isOnlineMeeting"] != true || strings.Contains(h["content"].(string), "meetup-join")
	},
	"location": func(want, has any, _, _ doc) bool { return within(want.(doc), has) },
	"locations": func(want, has any, _, _ doc) bool {
		list, _ := has.([]any)
		return len(list) == len(want.([]any)) && !slices.ContainsFunc(want.([]any), func(p any) bool {
			return !slices.ContainsFunc(list, func(h any) bool { return within(p.(doc), h) })
		})
	},
	"attendees": func(want, has any, _, _ doc) bool {
		list, _ := has.([]any)
		if len(list) != len(want.([]any)) {
			return false
		}
		for i, a := range want.([]any) {
			h := list[i].(doc)
			if h["type"] != a.(doc)["type"] || !strings.EqualFold(h["emailAddress"].(doc)["address"].(string), a.(doc)["emailAddress"].(doc)["address"].(string)) {
				return false
			}
		}
		return true
	},
	"recurrence": func(want, has any, _, _ doc) bool {
		w, _ := want.(doc)
		h, _ := has.(doc)
		return h != nil && within(w["pattern"].(doc), h["pattern"]) && within(w["range"].(doc), h["range"])
	},
}

// within says whether an object has all that was sent of it.
func within(want doc, has any) bool {
	h, _ := has.(doc)
	for name, v := range want {
		if d, nested := v.(doc); nested {
			if !within(d, h[name]) {
				return false
			}
		} else if !reflect.DeepEqual(v, h[name]) {
			return false
		}
	}
	return h != nil
}

// sameTime compares instants; an all-day event's days, whatever the zone.
func sameTime(want, has any, sent, got doc) bool {
	w, h := want.(doc), has.(doc)
	if sent["isAllDay"] == true {
		return h["dateTime"].(string)[:10] == w["dateTime"].(string)[:10]
	}
	at := func(d doc) time.Time {
		loc, err := zone.Load(d["timeZone"].(string))
		if err != nil {
			return time.Time{}
		}
		t, err := time.ParseInLocation("2006-01-02T15:04:05.9999999", d["dateTime"].(string), loc)
		if err != nil {
			return time.Time{}
		}
		return t
	}
	return !at(w).IsZero() && at(w).Equal(at(h))
}

func write(t *testing.T, v any) json.RawMessage {
	t.Helper()
	raw, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}
