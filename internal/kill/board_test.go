package kill

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/graphwarden/graphwarden/store"
	"github.com/graphwarden/graphwarden/zone"
)

// board is a switchboard that follows who is available, all through the trial: cut off,
// it goes on at another gateway after what it heard last.
type board struct {
	r   *trial
	key string // by which it is let in

	mu     sync.Mutex
	last   string
	people map[string]doc // what it shows, by object id
	told   int            // events
	again  int            // how often it came back
}

// follow follows the stream until ctx ends.
func (b *board) follow(ctx context.Context) {
	for n := 0; ctx.Err() == nil; n++ {
		_ = b.listen(ctx, b.r.members[n%len(b.r.members)]) // why it was cut does not matter
		wait(ctx, 100*time.Millisecond)
	}
}

// listen hears a member until it is cut off.
func (b *board) listen(ctx context.Context, m *member) error {
	q, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+m.apps+"/v1/presence/stream", nil)
	if err != nil {
		return err
	}
	q.Header.Set("Authorization", "Bearer "+b.key)
	b.mu.Lock()
	if b.last != "" {
		q.Header.Set("Last-Event-ID", b.last)
	}
	b.mu.Unlock()
	answer, err := (&http.Client{}).Do(q)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return fmt.Errorf("the stream answered %s", answer.Status)
	}
	b.mu.Lock()
	b.again++
	b.mu.Unlock()
	var id, event, data string
	for lines := bufio.NewScanner(answer.Body); lines.Scan(); {
		name, value, _ := strings.Cut(lines.Text(), ": ")
		switch name {
		case "id":
			id = value
		case "event":
			event = value
		case "data":
			data = value
		case "":
			b.hear(id, event, data)
			id, event, data = "", "", ""
		}
	}
	return nil
}

// hear takes one event to the board.
func (b *board) hear(id, event, data string) {
	var d doc
	if id == "" || json.Unmarshal([]byte(data), &d) != nil {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.last = id
	switch event {
	case "presence":
		b.told++
		b.people[text(d, "id")] = d
	case "gone":
		delete(b.people, text(d, "id"))
	}
}

// shows is what the board shows of somebody.
func (b *board) shows(id string) doc {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.people[id]
}

// differs says where the board shows another state than the calendars make of now.
func (b *board) differs(truth map[place]string, now time.Time) (wrong []string) {
	for i, user := range b.r.scribe.boxes() {
		want, until := b.r.state(truth, user, i, now)
		have := b.shows(user)
		if text(have, "state") != want {
			wrong = append(wrong, fmt.Sprintf("%s is %s until %v, and the board shows %v", user, want, until, have))
			continue
		}
		shown, _ := time.Parse(time.RFC3339, text(have, "until"))
		if !shown.Equal(until) && !(shown.IsZero() && until.After(now.AddDate(0, 0, 7))) {
			wrong = append(wrong, fmt.Sprintf("%s is %s until %v, and the board shows until %v", user, want, until, shown))
		}
		if have["stale"] == true || text(have, "source") == "" && want != "available" {
			wrong = append(wrong, fmt.Sprintf("the board shows %v", have))
		}
	}
	return wrong
}

// taken is a time that an event takes up.
type taken struct {
	from, to time.Time
	state    string
}

// state says, by what the tenant has, how somebody is and until when: what is firmer
// hides what is not (docs/presence.md).
func (r *trial) state(truth map[place]string, user string, box int, now time.Time) (state string, until time.Time) {
	var all []taken
	events := map[string]doc{}
	for p, raw := range truth {
		var d doc
		if p.mailbox == user && p.calendar == r.calendars[box] && json.Unmarshal([]byte(raw), &d) == nil {
			events[p.item] = d
		}
	}
	for _, d := range events {
		how := d
		if d["type"] == "occurrence" {
			if how = events[text(d, "seriesMasterId")]; how == nil {
				how = doc{}
			}
		}
		answer, _ := how["responseStatus"].(doc)
		if d["type"] == "seriesMaster" || how["isCancelled"] == true || text(answer, "response") == "declined" {
			continue
		}
		loc := time.UTC
		if how["isAllDay"] == true {
			loc = r.zones[box]
		}
		from, to := clock(d["start"], loc), clock(d["end"], loc)
		state := map[string]string{"free": "available", "tentative": "tentative", "busy": "busy", "oof": "outOfOffice", "workingElsewhere": "workingElsewhere"}[text(how, "showAs")]
		if state == "" {
			state = "unknown"
		}
		all = append(all, taken{from, to, state})
	}
	var edges []time.Time
	for _, t := range all {
		edges = append(edges, t.from, t.to)
	}
	slices.SortFunc(edges, time.Time.Compare)
	state = firmest(all, now)
	for _, t := range edges {
		if t.After(now) && firmest(all, t) != state {
			return state, t
		}
	}
	return state, time.Time{}
}

func firmest(all []taken, at time.Time) string {
	ranks := []string{"available", "workingElsewhere", "tentative", "unknown", "busy", "outOfOffice"}
	best := 0
	for _, t := range all {
		if !t.from.After(at) && t.to.After(at) {
			best = max(best, slices.Index(ranks, t.state))
		}
	}
	return ranks[best]
}

func clock(v any, loc *time.Location) time.Time {
	d, _ := v.(doc)
	t, _ := time.ParseInLocation("2006-01-02T15:04:05.9999999", text(d, "dateTime"), loc)
	return t.UTC()
}

// acquaint asks for the default calendars and the time zones of the scribe's mailboxes.
func (r *trial) acquaint() {
	r.Helper()
	for _, user := range r.scribe.boxes() {
		calendar, err := r.tenant.outlook(r.ctx, http.MethodGet, user, "/calendar", nil)
		if err != nil {
			r.Fatal(err)
		}
		settings, err := r.tenant.outlook(r.ctx, http.MethodGet, user, "/mailboxSettings", nil)
		if err != nil {
			r.Fatal(err)
		}
		loc, err := zone.Load(text(settings, "timeZone"))
		if err != nil {
			r.Fatal(err)
		}
		r.calendars, r.zones = append(r.calendars, text(calendar, "id")), append(r.zones, loc)
	}
}

// compareBoard holds what the switchboard showed at last, when it came to rest with the
// gateways up, against the calendars.
func (r *trial) compareBoard(*store.Store, map[place]string) []string {
	r.board.mu.Lock()
	defer r.board.mu.Unlock()
	r.result.presences, r.result.followed = r.board.told, r.board.again
	return r.boardWrong
}
