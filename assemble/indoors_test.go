package assemble_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/internal/memnet"
	"github.com/graphwarden/graphwarden/sim"
)

const (
	received = "127.0.0.1:4001" // where the gateway receives notifications, indoors
	applied  = "127.0.0.1:4002" // where the app is, indoors
)

// indoors runs a journey in which no connection leaves the process and the time
// passes when everybody waits. It begins on a day in March 2026, and the flow's
// window is two and a half years from January on.
func indoors(t *testing.T, users int, walk func(j *journey, c *copied)) {
	synctest.Test(t, func(t *testing.T) {
		time.Sleep(time.Until(time.Date(2026, 3, 20, 9, 0, 0, 0, time.UTC)))
		network, c, a := memnet.New(t), &copied{t: t, items: map[string]row{}, of: map[string]string{}}, newReceiver(t)
		a.Server, a.take = &httptest.Server{URL: "http://" + applied}, c.take
		network.Serve(applied, http.HandlerFunc(a.receive))
		cut := &atomic.Bool{}
		j := put(t, a, sim.Options{Users: users, Dial: func(ctx context.Context, kind, address string) (net.Conn, error) {
			if cut.Load() {
				return nil, errors.New("nothing comes through")
			}
			return network.Dial(ctx, kind, address)
		}})
		j.net, j.cut = network, cut
		j.changed = func() { j.replace("    sink:", "    window: {from: \"2026-01-01\", to: \"2028-07-01\"}\n    sink:") }
		walk(j, c)
	})
}

// row is an event as it can be compared.
type row struct {
	Mailbox, Calendar, Subject, Start, End, Type string
	AllDay                                       bool
}

// wire is an event as Graph has it.
type wire struct {
	ID, Subject, Type, SeriesMasterID, Sensitivity string
	IsAllDay                                       bool
	Start, End                                     struct{ DateTime, TimeZone string }
}

// row gives an event's row; every time must be in UTC.
func (w wire) row(mailbox, calendar string) row {
	return row{strings.ToLower(mailbox), calendar, w.Subject, w.Start.DateTime + " " + w.Start.TimeZone, w.End.DateTime + " " + w.End.TimeZone, w.Type, w.IsAllDay}
}

// copied is an app's copy of the calendars, made of what it receives.
type copied struct {
	t     *testing.T
	items map[string]row
	of    map[string]string // the series of an event
	took  int
	note  func(id string, r row, there bool) // is shown what becomes of an item
}

func (c *copied) take(e graphwarden.Envelope) {
	c.took++
	var w wire
	switch kind := e.Type[strings.LastIndexByte(e.Type, '.')+1:]; {
	case kind == "deleted":
		delete(c.items, e.Subject)
	case json.Unmarshal(e.Data.Item, &w) != nil || w.ID != e.Subject:
		c.t.Errorf("the app received %s", e.Data.Item)
	default:
		c.of[e.Subject] = w.SeriesMasterID
		c.items[e.Subject] = w.row(e.Data.Mailbox, e.Data.Calendar)
	}
	if r, there := c.items[e.Subject]; c.note != nil {
		c.note(e.Subject, r, there)
	}
}

// now gives the copy as a view of the calendar shows it: without the masters of
// series, from which an occurrence has what its delta leaves out (graph-facts §3.1).
func (c *copied) now(a *app) map[string]row {
	a.mu.Lock()
	defer a.mu.Unlock()
	out := maps.Clone(c.items)
	for id, r := range out {
		if master, there := c.items[c.of[id]]; there && r.Type == "occurrence" {
			r.Subject, r.AllDay = master.Subject, master.AllDay
			out[id] = r
		}
	}
	maps.DeleteFunc(out, func(_ string, r row) bool { return r.Type == "seriesMaster" })
	return out
}

// pages gives everything at an address, page by page.
func pages[T any](j *journey, path string) (all []T) {
	j.Helper()
	for path != "" {
		raw, err := json.Marshal(j.outlook(http.MethodGet, path, nil))
		if err != nil {
			j.Fatal(err)
		}
		var page struct {
			Value []T
			Next  string `json:"@odata.nextLink"`
		}
		if err := json.Unmarshal(raw, &page); err != nil {
			j.Fatal(err)
		}
		all = append(all, page.Value...)
		path = strings.TrimPrefix(page.Next, "https://"+host)
	}
	return all
}

// truth gives what the first people's calendars show in the window.
func (j *journey) truth(people int) map[string]row {
	j.Helper()
	out := map[string]row{}
	for _, u := range j.ready.Users[:people] {
		for _, c := range pages[struct{ ID, Name string }](j, "/v1.0/users/"+u.ID+"/calendars") {
			view := "/v1.0/users/" + u.ID + "/calendars/" + url.PathEscape(c.ID) + "/calendarView?startDateTime=2026-01-01T00:00:00Z&endDateTime=2028-07-01T00:00:00Z&$top=500"
			for _, w := range pages[wire](j, view) {
				if w.Sensitivity == "private" {
					w.Subject = "" // no private item's content leaves
				}
				out[w.ID] = w.row(u.UserPrincipalName, c.Name)
			}
		}
	}
	return out
}

// differ says in what two calendars differ, at most some lines of it.
func differ(got, want map[string]row) (lines []string) {
	for id, w := range want {
		if g, there := got[id]; !there {
			lines = append(lines, fmt.Sprintf("missing: %+v", w))
		} else if g != w {
			lines = append(lines, fmt.Sprintf("the app has %+v\n  and Microsoft %+v", g, w))
		}
	}
	for id, g := range got {
		if _, there := want[id]; !there {
			lines = append(lines, fmt.Sprintf("too much: %+v", g))
		}
	}
	return lines
}

// same fails unless the app's copy is what the tenant has, and gives its size.
func (j *journey) same(c *copied, when string, people int) int {
	j.Helper()
	want := j.truth(people)
	if d := differ(c.now(j.app), want); len(d) > 0 {
		j.Fatalf("%s: %d differences between the app's %d events and Microsoft's %d:\n%s", when, len(d), len(c.items), len(want), strings.Join(d[:min(len(d), 10)], "\n"))
	}
	return len(want)
}
