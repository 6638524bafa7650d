package calendar

import (
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"net/http"
	"strings"
	"time"

	"github.com/graphwarden/graphwarden/sim/world"
	"github.com/graphwarden/graphwarden/sim/world/mailbox"
	"github.com/graphwarden/graphwarden/sim/world/outlook"
	"github.com/graphwarden/graphwarden/sim/world/state"
)

// Create makes an event in a calendar from a body of Graph's and invites its
// attendees.
func (c *Calendars) Create(tx *state.Tx, x mailbox.Calendar, body Doc) (*Event, error) {
	r := &reading{Event: c.blank(tx, x), c: c, tx: tx}
	if _, err := r.take(body); err != nil {
		return nil, err
	}
	r.born(tx)
	if err := c.repeated(tx, r.Event); err != nil {
		return nil, err
	}
	if err := c.attach(tx, r.Event, body["attachments"]); err != nil {
		return nil, err
	}
	if err := extend(r.Event, body["extensions"]); err != nil {
		return nil, err
	}
	c.tell(tx, r.Event, nil, nil)
	c.put(tx, r.Event, world.Created)
	return r.Event, nil
}

// repeated refuses a transactionId that was used before in the mailbox
// (graph-facts §7).
func (c *Calendars) repeated(tx *state.Tx, e *Event) error {
	if e.TransactionID == "" {
		return nil
	}
	key, _, there := c.found.First(tx, transactionIn(e.Mailbox, e.TransactionID))
	if !there {
		return nil
	}
	p := outlook.Refuse(http.StatusConflict, "ErrorDuplicateTransactionId",
		"Your request can't be completed. The TransactionId specified in the request has already been used to create a different event.")
	p.EventID = world.ItemID{Mailbox: e.Mailbox, Key: key}.Rest()
	return p
}

// blank is a new event of the calendar's owner with Exchange's defaults
// (documentation of Create event, responses).
func (c *Calendars) blank(tx *state.Tx, x mailbox.Calendar) *Event {
	return &Event{
		Key: world.NewKey(tx), Mailbox: x.Mailbox, Calendar: x.Key, Kind: Single,
		Importance: "normal", Sensitivity: "normal", ShowAs: "busy",
		Reminder:  Reminder{On: true, Minutes: 15},
		Organizer: c.boxes.Person(tx, x.Mailbox), IsOrganizer: true,
		AskResponse: true, AllowNewTime: true,
		Response: Response{Given: organizer},
	}
}

// lead is how long before it takes place an event was made that the tenant is
// built with.
const lead = 14 * 24 * time.Hour

// born gives a new event its time of creation and its id as a meeting. What the
// tenant is built with is as old every time that it is built on that day, and was made
// before the day began: nothing was changed in the future.
func (e *Event) born(tx *state.Tx) {
	e.Created = tx.Now()
	if today := e.Created.Truncate(24 * time.Hour); tx.Seq() == 0 {
		if e.Created = e.Start.At.Add(-lead); e.Created.After(today) {
			e.Created = today
		}
	}
	e.UID = newUID(e.Key, e.Created)
}

// now is the time at which something happens to an event.
func (e *Event) now(tx *state.Tx) time.Time {
	if tx.Seq() == 0 {
		return e.Created
	}
	return tx.Now()
}

// globalID begins every id of a meeting that Exchange makes (MS-OXOCAL
// §2.2.1.27, PidLidGlobalObjectId).
const globalID = "040000008200E00074C5B7101A82E008"

// newUID makes the id that all copies of a meeting share: its date of creation
// as Windows counts time, and 16 bytes of its own.
func newUID(key string, at time.Time) string {
	own, _ := base64.RawURLEncoding.DecodeString(key)
	var created [8]byte
	binary.LittleEndian.PutUint64(created[:], uint64(at.UnixNano()/100)+116444736000000000)
	return globalID + "00000000" + strings.ToUpper(hex.EncodeToString(created[:])) + strings.Repeat("0", 16) +
		"10000000" + strings.ToUpper(hex.EncodeToString(own))
}

// iCalUID is the id of the meeting across calendars; each occurrence of a series
// has its own, with its date in it (documentation of the event resource,
// iCalUId; MS-OXOCAL §2.2.1.27). An id from elsewhere is wrapped for that.
func (e *Event) iCalUID() string {
	day, err := time.Parse(time.DateOnly, e.Date)
	if err != nil {
		return e.UID
	}
	year, month, d := day.Date()
	date := strings.ToUpper(hex.EncodeToString([]byte{byte(year >> 8), byte(year), byte(month), byte(d)}))
	if strings.HasPrefix(e.UID, globalID) && len(e.UID) > len(globalID)+8 {
		return globalID + date + e.UID[len(globalID)+8:]
	}
	foreign := "vCal-Uid\x01\x00\x00\x00" + e.UID + "\x00"
	size := binary.LittleEndian.AppendUint32(nil, uint32(len(foreign)))
	return globalID + date + strings.Repeat("0", 32) + strings.ToUpper(hex.EncodeToString(append(size, foreign...)))
}
