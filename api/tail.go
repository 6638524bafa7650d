package api

import (
	"fmt"
	"log/slog"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/logbook"
)

// tail is one reading of the activity.
type tail struct {
	api     *API
	request *http.Request
	entries int64 // read up to
	lines   int64
	names   map[string]string // of mailboxes, by id
	calls   map[string]graphwarden.Entry
	wants   func(Activity) bool
}

// book is the log of this process; nil where it keeps none.
func (t *tail) book() *logbook.Book { return t.api.config.Logbook }

func (t *tail) news() <-chan struct{} {
	if t.book() == nil {
		return nil
	}
	return t.book().News()
}

// begin finds where to begin: after a cursor, at a time, or now. A cursor of another
// process, as after a restart, begins this one's log at its beginning.
func (t *tail) begin() (err error) {
	if t.entries, err = t.api.config.Entries.LastEntry(t.request.Context()); err != nil {
		return err
	}
	if t.book() != nil {
		t.lines = t.book().Last()
	}
	query := t.request.URL.Query()
	if cursor := query.Get("cursor"); cursor != "" {
		var id string
		place, id, _ := strings.Cut(cursor, "@")
		entry, line, _ := strings.Cut(place, ".")
		entries, err1 := strconv.ParseInt(entry, 10, 64)
		lines, err2 := strconv.ParseInt(line, 10, 64)
		if err1 != nil || err2 != nil || entries < 0 || lines < 0 {
			return wrongQuery("cursor", "it is not one that a line of this stream has")
		}
		t.entries, t.lines = min(entries, t.entries), lines
		if t.book() != nil && id != t.book().ID() {
			t.lines = 0
		}
	} else if at, err := time.Parse(time.RFC3339, query.Get("since")); err == nil {
		return t.since(at)
	}
	return t.remember()
}

// since begins at a time.
func (t *tail) since(at time.Time) error {
	if t.book() != nil {
		all, _ := t.book().After(0, mostLast)
		for _, l := range all {
			if !l.At.Before(at) {
				t.lines = l.N - 1
				break
			}
		}
	}
	before, after := int64(0), t.entries // the entry after before is the first, or one between
	for before < after {
		half := before + (after-before)/2
		found := time.Time{}
		err := t.api.config.Entries.EntriesAfter(t.request.Context(), half, 1, func(e graphwarden.Entry, _ [32]byte) error { found = e.At; return nil })
		if err != nil {
			return err
		}
		if found.Before(at) {
			before = half + 1
		} else {
			after = half
		}
	}
	t.entries = before
	return t.remember()
}

// remember reads the entries before the first, for what the closes among those that
// come belong to.
func (t *tail) remember() error {
	from := max(0, t.entries-activityAtOnce)
	return t.api.config.Entries.EntriesAfter(t.request.Context(), from, int(t.entries-from), func(e graphwarden.Entry, _ [32]byte) error {
		t.shown(e)
		return nil
	})
}

// last gives the last n that are wanted, looking back further and further.
func (t *tail) last(n int) (found []Activity, err error) {
	entries, oldest := t.entries, int64(0)
	if t.book() != nil {
		if first, _ := t.book().After(0, 1); len(first) > 0 {
			oldest = first[0].N - 1
		}
	}
	for back := int64(2 * activityAtOnce); n > 0; back *= 4 {
		found = nil
		t.entries, t.lines = max(0, entries-back), oldest
		for more := true; more && err == nil; {
			more, err = t.next(func(x Activity) error { found = append(found, x); return nil })
		}
		if err != nil || len(found) >= n || entries-back <= 0 || back > mostBack {
			break
		}
	}
	return found[max(0, len(found)-n):], err
}

// next gives what has come and is wanted, in the order of time; more says that there
// may be more at once.
func (t *tail) next(each func(Activity) error) (more bool, err error) {
	var all []Activity
	err = t.api.config.Entries.EntriesAfter(t.request.Context(), t.entries, activityAtOnce, func(e graphwarden.Entry, _ [32]byte) error {
		all = append(all, t.shown(e))
		return nil
	})
	if err != nil {
		return false, err
	}
	more = len(all) == activityAtOnce
	entries := len(all)
	var lines []logbook.Line
	if t.book() != nil {
		var gone int64
		lines, gone = t.book().After(t.lines, activityAtOnce)
		more = more || len(lines) == activityAtOnce
		if gone > 0 {
			lines = append([]logbook.Line{{N: t.lines + gone, At: lines[0].At, Level: slog.LevelWarn, Message: fmt.Sprintf("%d lines of the log are gone", gone)}}, lines...)
		}
	}
	for i, l := 0, 0; i < entries || l < len(lines); {
		var x Activity
		if l == len(lines) || i < entries && !all[i].At.After(lines[l].At) {
			x = all[i]
			t.entries = x.Seq
			i++
		} else {
			x = Activity{At: lines[l].At.UTC(), Kind: "log", Level: strings.ToLower(lines[l].Level.String()), Message: lines[l].Message, About: lines[l].About}
			t.lines = lines[l].N
			l++
		}
		x.Cursor = t.cursor()
		if !t.wants(x) {
			continue
		}
		if err := each(x); err != nil {
			return false, err
		}
	}
	return more, nil
}

func (t *tail) cursor() string {
	id := ""
	if t.book() != nil {
		id = t.book().ID()
	}
	return fmt.Sprintf("%d.%d@%s", t.entries, t.lines, id)
}

// shown is an entry as it is shown: how a call ended with what was decided of it.
func (t *tail) shown(e graphwarden.Entry) Activity {
	x := Activity{At: e.At.UTC(), Kind: string(e.Kind), Seq: e.Seq, Call: e.Call, Rule: e.Rule, Status: e.Status, Bytes: e.Bytes, Note: e.Note, Allowed: &e.Allowed}
	switch e.Kind {
	case graphwarden.Decided:
		if len(t.calls) > 2*activityAtOnce {
			clear(t.calls)
		}
		t.calls[e.Call] = e
	case graphwarden.Closed:
		x.Allowed = nil // it says nothing of that
		x.Request, x.Note = e.Ended()
		if d, known := t.calls[e.Call]; known {
			delete(t.calls, e.Call)
			x.Took = e.At.Sub(d.At).Seconds()
			e.App, e.Flow, e.Tenant, e.Method, e.Path, e.Mailbox = d.App, d.Flow, d.Tenant, d.Method, d.Path, d.Mailbox
		}
	}
	x.App, x.Flow, x.Tenant, x.Method, x.Path, x.MailboxID = e.App, e.Flow, e.Tenant, e.Method, e.Path, e.Mailbox
	x.Mailbox = t.name(e.Mailbox)
	return x
}

// name is a mailbox's name, or its id.
func (t *tail) name(id string) string {
	if id == "" || t.api.config.Flows == nil {
		return id
	}
	if t.names == nil {
		t.names = map[string]string{}
		for _, f := range t.api.config.Flows() {
			for _, m := range f.Mailboxes {
				t.names[m.ID] = m.UPN
			}
		}
	}
	if name := t.names[id]; name != "" {
		return name
	}
	return id
}
