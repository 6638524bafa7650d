package mirror_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// office answers the documented wire of calendars and their delta (graph-facts
// §3): a log for each calendar, and tokens that are places in it.
type office struct {
	mu        sync.Mutex
	mailboxes map[string][]*calendar
	pageSize  int
	epoch     int // tokens of an older epoch have ended
	asked     []string
	trouble   func(w http.ResponseWriter, r *http.Request) bool // answers instead, if it wants
}

type calendar struct {
	id, name string
	log      []event
	lies     []event // what is there although the log says that it is gone
	hidden   bool
}

type event struct {
	ID      string          `json:"id"`
	Removed json.RawMessage `json:"@removed,omitempty"`
	ETag    string          `json:"@odata.etag,omitempty"`
	Subject string          `json:"subject,omitempty"`
	Start   *at             `json:"start,omitempty"`
	End     *at             `json:"end,omitempty"`
}

type at struct {
	DateTime string `json:"dateTime"`
	TimeZone string `json:"timeZone"`
}

func newOffice() *office {
	return &office{mailboxes: map[string][]*calendar{}, pageSize: 2}
}

// long begins the ids of events, which are long.
const long = "AAkALgAAEvent000"

// lie has a calendar's delta say that an event is gone which is not.
func (o *office) lie(mailbox, calendar, id string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	c := o.find(mailbox, calendar)
	c.lies = append(c.lies, c.now()...)
	c.log = append(c.log, event{ID: long + id, Removed: json.RawMessage(`{"reason":"deleted"}`)})
}

// hide leaves a calendar out of the list of calendars.
func (o *office) hide(mailbox, id string, hidden bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.find(mailbox, id).hidden = hidden
}

// open gives a mailbox a calendar.
func (o *office) open(mailbox, id, name string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.mailboxes[mailbox] = append(o.mailboxes[mailbox], &calendar{id: id, name: name})
}

// close takes a calendar away.
func (o *office) close(mailbox, id string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.mailboxes[mailbox] = slices.DeleteFunc(o.mailboxes[mailbox], func(c *calendar) bool { return c.id == id })
}

// put creates or changes an event, at noon of a day.
func (o *office) put(mailbox, calendar, id, subject, day string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	c := o.find(mailbox, calendar)
	c.log = append(c.log, event{
		ID: long + id, ETag: fmt.Sprintf(`W/"%d"`, len(c.log)), Subject: subject,
		Start: &at{day + "T12:00:00.0000000", "UTC"}, End: &at{day + "T13:00:00.0000000", "UTC"},
	})
}

// remove deletes an event.
func (o *office) remove(mailbox, calendar, id string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	c := o.find(mailbox, calendar)
	c.log = append(c.log, event{ID: long + id, Removed: json.RawMessage(`{"reason":"deleted"}`)})
}

// forget ends all tokens given out so far, and the memory of deletions.
func (o *office) forget() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.epoch++
	for _, calendars := range o.mailboxes {
		for _, c := range calendars {
			c.log = c.now()
		}
	}
}

// set has trouble answer from now on; nil ends it.
func (o *office) set(trouble func(http.ResponseWriter, *http.Request) bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.trouble = trouble
}

// now gives what is there, each event once.
func (c *calendar) now() []event {
	var out []event
	for i, e := range c.log {
		later := slices.ContainsFunc(c.log[i+1:], func(l event) bool { return l.ID == e.ID })
		if e.Removed == nil && !later {
			out = append(out, e)
		}
	}
	return out
}

// latest gives the events of a part of the log as they are now: a delta tells an
// event's last state once, not its history.
func (c *calendar) latest(from, to int) []event {
	out := []event{}
	for i, e := range c.log[from:to] {
		if !slices.ContainsFunc(c.log[from+i+1:], func(l event) bool { return l.ID == e.ID }) {
			out = append(out, e)
		}
	}
	return out
}

func (o *office) find(mailbox, id string) *calendar {
	for _, c := range o.mailboxes[mailbox] {
		if c.id == id {
			return c
		}
	}
	return nil
}

// times says how often a path with this ending was asked for.
func (o *office) times(ending string) int {
	o.mu.Lock()
	defer o.mu.Unlock()
	n := 0
	for _, path := range o.asked {
		if strings.HasSuffix(path, ending) {
			n++
		}
	}
	return n
}

func (o *office) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	o.mu.Lock()
	o.asked = append(o.asked, r.URL.Path)
	trouble := o.trouble
	o.mu.Unlock()
	if trouble != nil && trouble(w, r) {
		return
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	parts := strings.Split(r.URL.Path, "/") // "", v1.0, users, id, calendars, id, calendarView, delta
	calendars, known := o.mailboxes[parts[3]]
	switch {
	case !known:
		refuse(w, http.StatusNotFound, "ErrorInvalidUser")
	case len(parts) == 5:
		var value []map[string]string
		for _, c := range calendars {
			if !c.hidden {
				value = append(value, map[string]string{"id": c.id, "name": c.name})
			}
		}
		_ = json.NewEncoder(w).Encode(map[string]any{"value": value})
	case len(parts) == 6 && o.find(parts[3], parts[5]) != nil:
		_ = json.NewEncoder(w).Encode(map[string]string{"id": parts[5]})
	case parts[4] == "events":
		o.event(w, calendars, parts[5])
	default:
		if c := o.find(parts[3], parts[5]); c != nil {
			o.delta(w, r, c)
		} else {
			refuse(w, http.StatusNotFound, "ErrorItemNotFound")
		}
	}
}

// event answers with an event wherever it is.
func (o *office) event(w http.ResponseWriter, calendars []*calendar, id string) {
	for _, c := range calendars {
		for _, e := range slices.Concat(c.now(), c.lies) {
			if e.ID == id {
				_ = json.NewEncoder(w).Encode(struct {
					event
					Calendar map[string]string `json:"calendar"`
				}{e, map[string]string{"id": c.id}})
				return
			}
		}
	}
	refuse(w, http.StatusNotFound, "ErrorItemNotFound")
}

func refuse(w http.ResponseWriter, status int, code string) {
	w.WriteHeader(status)
	_, _ = io.WriteString(w, `{"error":{"code":"`+code+`"}}`)
}

// delta answers with the page that a token "epoch.place" leads to.
func (o *office) delta(w http.ResponseWriter, r *http.Request, c *calendar) {
	place := 0
	token := r.URL.Query().Get("$skiptoken") + r.URL.Query().Get("$deltatoken")
	if token != "" {
		epoch, rest, _ := strings.Cut(token, ".")
		if epoch != strconv.Itoa(o.epoch) {
			refuse(w, http.StatusGone, "SyncStateNotFound")
			return
		}
		place, _ = strconv.Atoi(rest)
	}
	end := min(place+o.pageSize, len(c.log))
	link, name := "@odata.nextLink", "$skiptoken"
	if end == len(c.log) {
		link, name = "@odata.deltaLink", "$deltatoken"
	}
	_ = json.NewEncoder(w).Encode(map[string]any{
		"value": c.latest(place, end),
		link:    fmt.Sprintf("http://graph.test%s?%s=%d.%d", r.URL.Path, name, o.epoch, end),
	})
}
