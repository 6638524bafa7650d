package calendar

import (
	"net/http"
	"sort"
	"strings"
	"time"

	"github.com/graphwarden/graphwarden/sim/graph/wire"
	"github.com/graphwarden/graphwarden/sim/world"
	"github.com/graphwarden/graphwarden/sim/world/outlook"
)

// widest is how many days a calendar view may span.
const widest = 1825

// readWindow reads the span of time that a call asks for.
func readWindow(c *wire.Call) (from, to time.Time, err error) {
	if from, err = outlook.ReadInstant("StartDateTime", c.Param("startDateTime")); err != nil {
		return from, to, err
	}
	if to, err = outlook.ReadInstant("EndDateTime", c.Param("endDateTime")); err != nil {
		return from, to, err
	}
	if to.Before(from) {
		return from, to, wire.Refuse(http.StatusBadRequest, "ErrorInvalidParameter",
			"The value '%s' of parameter 'EndDateTime' is invalid: it lies before StartDateTime.", c.Param("endDateTime"))
	}
	return from, to, nil
}

func (f *family) view(c *wire.Call) (wire.Answer, error) {
	p, err := f.find(c)
	if err != nil {
		return wire.Answer{}, err
	}
	if err := p.readable(); err != nil {
		return wire.Answer{}, err
	}
	from, to, err := readWindow(c)
	if err != nil {
		return wire.Answer{}, err
	}
	if to.Sub(from) > widest*24*time.Hour {
		return wire.Answer{}, outlook.Invalid("The range between the start and end dates is greater than the allowed range. Maximum number of days: %d", widest)
	}
	return f.docs(c, p, f.cal.View(c.Tx, p.holds.Key, from, to))
}

// round is where a delta round stands; a token carries it with the window and
// the ways of writing that the round began with (graph-facts §3.1).
type round struct {
	Calendar  string    `json:"c"`
	From      time.Time `json:"f"`
	To        time.Time `json:"t"`
	Zone      string    `json:"z,omitempty"`
	Immutable bool      `json:"i,omitempty"`
	// Since is the transaction that the client knows of; Full says that it knows
	// nothing yet. What happens after Until is told by the next round.
	Full  bool   `json:"n,omitempty"`
	Since uint64 `json:"s"`
	Until uint64 `json:"u"`
	// After is the key of the last line told. It stays good when events come and
	// go between two pages.
	After string `json:"a,omitempty"`
}

// The uses of tokens: to go on with a round, and to begin the next.
const (
	skipToken  = "calendar.skiptoken"
	deltaToken = "calendar.deltatoken"
)

// delta answers one page of a delta round of a calendar view.
func (f *family) delta(c *wire.Call) (wire.Answer, error) {
	p, err := f.find(c)
	if err != nil {
		return wire.Answer{}, err
	}
	if err := p.readable(); err != nil {
		return wire.Answer{}, err
	}
	r, err := readRound(c, p.holds.Key)
	if err != nil {
		return wire.Answer{}, err
	}
	size, err := c.PageSize()
	if err != nil {
		return wire.Answer{}, err
	}
	c.Touch(p.box.Owner, p.holds.ID().Rest(), world.Read)
	return f.page(c, p, r, size)
}

// readRound reads where the client stands: in a round, before the next one, or
// before the first.
func readRound(c *wire.Call, calendar string) (r round, err error) {
	q := c.Query
	switch {
	case q.SkipToken != nil:
		return resume(c, skipToken, *q.SkipToken, calendar)
	case q.DeltaToken != nil:
		if r, err = resume(c, deltaToken, *q.DeltaToken, calendar); err != nil {
			return r, err
		}
		r.Until = c.Tx.Seq()
		return r, takeOver(c, &r)
	}
	r = round{Calendar: calendar, Full: true, Until: c.Tx.Seq()}
	if r.From, r.To, err = readWindow(c); err != nil {
		return r, err
	}
	return r, takeOver(c, &r)
}

// takeOver keeps the preferences that a request states for the rest of the round
// and the rounds after it.
func takeOver(c *wire.Call, r *round) error {
	if name, ok := c.Prefer("outlook.timezone"); ok {
		if _, err := outlook.FindZone(name); err != nil {
			return err
		}
		r.Zone = name
	}
	if c.Immutable() {
		r.Immutable = true
	}
	return nil
}

// resume opens a token. One of another calendar was put together by the client;
// one that knows of transactions which the tenant does not is of a state that
// the server has forgotten (graph-facts §2.1, §3.3).
func resume(c *wire.Call, use, token, calendar string) (round, error) {
	var r round
	if !c.ReadToken(use, token, &r) || r.Calendar != calendar {
		return r, wire.Refuse(http.StatusBadRequest, "SyncStateInvalid", "The sync state is invalid.")
	}
	if r.Since > c.Tx.Seq() || r.Until > c.Tx.Seq() {
		return r, wire.Refuse(http.StatusGone, "SyncStateNotFound", "The sync state generation is not found.")
	}
	return r, nil
}

// page writes the lines of a round that come next, with the link to go on.
func (f *family) page(c *wire.Call, p place, r round, size int) (wire.Answer, error) {
	rows := f.cal.Since(c.Tx, p.holds, r.From, r.To, r.Since)
	if r.Full {
		rows = f.cal.Sync(c.Tx, p.holds, r.From, r.To)
	}
	rows = rows[sort.Search(len(rows), func(i int) bool { return strings.Compare(rows[i].ID.Key, r.After) > 0 }):]
	last := len(rows) <= size
	if !last {
		rows = rows[:size]
	}
	v, err := look(c, p.role)
	if err != nil {
		return wire.Answer{}, err
	}
	v.Immutable = r.Immutable
	if r.Zone != "" {
		if v.Zone, err = outlook.FindZone(r.Zone); err != nil {
			return wire.Answer{}, err
		}
	}
	a := wire.Answer{Status: http.StatusOK, IsList: true, Shaped: true, Exact: true}
	for _, row := range rows {
		d := row.Doc(f.cal, c.Tx, v)
		for _, name := range hidden(c) {
			delete(d, name)
		}
		a.List = append(a.List, d)
	}
	if !last {
		r.After = rows[len(rows)-1].ID.Key
		token, err := c.SignToken(skipToken, r)
		a.NextLink = link(c, "$skiptoken", token)
		return a, err
	}
	r.Full, r.Since, r.After = false, r.Until, ""
	token, err := c.SignToken(deltaToken, r)
	a.DeltaLink = link(c, "$deltatoken", token)
	return a, err
}

// link is the request's own address with a token instead of everything else.
func link(c *wire.Call, name, token string) string {
	at, _, _ := strings.Cut(c.Link(nil), "?")
	return at + "?" + name + "=" + token
}

// hidden are the members of an event that a delta does not tell.
func hidden(c *wire.Call) []string {
	if basic(c) {
		return []string{"cancelledOccurrences", "body", "bodyPreview"}
	}
	return []string{"cancelledOccurrences"}
}
