package calendar

import (
	"strconv"
	"time"

	"github.com/graphwarden/graphwarden/sim/world"
	"github.com/graphwarden/graphwarden/sim/world/mailbox"
	"github.com/graphwarden/graphwarden/sim/world/outlook"
	"github.com/graphwarden/graphwarden/sim/world/state"
)

// Doc is a resource as Graph writes it.
type Doc = world.Doc

// Calendars is everything on the tenant's calendars.
type Calendars struct {
	world    *world.World
	boxes    *mailbox.Mailboxes
	events   *state.Table[*Event] // by key; a stored event is never changed in place
	found    *state.Index[*Event] // by what Event.keys gives
	contents *state.Table[outlook.Attachment]
}

// New makes the calendars in the tenant's mailboxes. It is called before the
// world is opened.
func New(w *world.World, boxes *mailbox.Mailboxes) *Calendars {
	c := &Calendars{world: w, boxes: boxes}
	c.events = state.NewTable[*Event](w.Store, "events")
	c.found = state.NewIndex(c.events, (*Event).keys)
	c.contents = state.NewTable[outlook.Attachment](w.Store, "attachments")
	return c
}

// Scope is the scope of the change log that the events of a calendar go to. The
// ids of its changes are keys (world.ItemID), of events and of occurrences.
func Scope(calendar string) string { return "calendar:" + calendar }

// The ways in which events are found.
func inCalendar(calendar string) string       { return "in|" + calendar }
func seriesIn(calendar string) string         { return "series|" + calendar }
func longIn(calendar string) string           { return "long|" + calendar }
func exceptionsOf(master string) string       { return "of|" + master }
func meetingIn(mailbox, uid string) string    { return "uid|" + mailbox + "|" + uid }
func transactionIn(mailbox, id string) string { return "tx|" + mailbox + "|" + id }
func holding(attachment string) string        { return "holds|" + attachment }

func inMonth(calendar string, month int) string {
	return "month|" + calendar + "|" + strconv.Itoa(month)
}

// monthOf numbers the months of all years.
func monthOf(t time.Time) int { return t.Year()*12 + int(t.Month()) - 1 }

// longest is in how many months an event is found by month; a longer one is
// looked at whatever the month.
const longest = 3

// keys says where an event is found. A series is not found by month, its
// occurrences are computed.
func (e *Event) keys() []string {
	keys := make([]string, 0, 6)
	if e.Kind == Exception {
		keys = append(keys, exceptionsOf(e.Master))
	} else {
		keys = append(keys, inCalendar(e.Calendar))
	}
	from, to := monthOf(e.Start.At), monthOf(e.End.At)
	switch {
	case e.Kind == Series:
		keys = append(keys, seriesIn(e.Calendar))
	case to-from >= longest:
		keys = append(keys, longIn(e.Calendar))
	default:
		for m := from; m <= to; m++ {
			keys = append(keys, inMonth(e.Calendar, m))
		}
	}
	if len(e.Attendees) > 0 || !e.IsOrganizer {
		keys = append(keys, meetingIn(e.Mailbox, e.UID))
	}
	if e.TransactionID != "" {
		keys = append(keys, transactionIn(e.Mailbox, e.TransactionID))
	}
	for _, a := range e.Attachments {
		keys = append(keys, holding(a))
	}
	return keys
}

// record puts a change of an event on the log. What the tenant is built with
// is not a change.
func (c *Calendars) record(tx *state.Tx, e *Event, key string, kind world.ChangeKind, props []string, former Doc) {
	if tx.Seq() == 0 {
		return
	}
	c.world.Record(tx, world.Change{Scope: Scope(e.Calendar), ID: key, Kind: kind, Owner: e.Mailbox, Props: props, Moves: e.Moves, Doc: former})
}

// put stores an event as its next version and records it.
func (c *Calendars) put(tx *state.Tx, e *Event, kind world.ChangeKind, props ...string) {
	e.Version = tx.Seq()
	e.Modified = e.now(tx)
	c.events.Put(tx, e.Key, e)
	c.record(tx, e, e.Key, kind, props, nil)
}

// store keeps what changed of an event. An occurrence becomes an exception of
// its series, which gets a new version by it.
func (c *Calendars) store(tx *state.Tx, e *Event, changed ...string) {
	if !e.inSeries() {
		c.put(tx, e, world.Updated, changed...)
		return
	}
	e.Kind = Exception
	e.differsIn(changed...)
	c.put(tx, e, world.Updated, changed...)
	if master, ok := c.events.Get(tx, e.Master); ok {
		c.put(tx, master.clone(), world.Updated, "exceptionOccurrences")
	}
}
