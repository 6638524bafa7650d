// Package lookup reads the local copy for apps: which calendars a mailbox has, what
// is in a span of time, and one event by its id. It promises that nothing is asked
// of Microsoft for it, that an answer says how fresh it is and whether it is
// complete, and that a private event shows what its flow lets it show, also to a
// search. It refuses to look at a mailbox that the flow does not name.
package lookup

import (
	"cmp"
	"context"
	"encoding/json"
	"slices"
	"time"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/item"
)

// Copy is the local copy. The store satisfies it.
type Copy interface {
	Window(ctx context.Context, w graphwarden.Sought) ([]graphwarden.Kept, error)
	KeptItem(ctx context.Context, flow, mailbox, id string) (graphwarden.Kept, bool, error)
	KeptBodies(ctx context.Context, feed int64, ids []string) (map[string][]byte, error)
	// LastBody gives what a flow's changes said last of an item, while they are kept.
	LastBody(ctx context.Context, flow, item string) (json.RawMessage, bool, error)
	FeedStates(ctx context.Context, chosen graphwarden.FeedChoice, after int64, limit int) ([]graphwarden.FeedState, error)
	TimesRead(ctx context.Context) (bool, error)
	// References gives what a flow's app calls items, of those that it calls something.
	References(ctx context.Context, flow string, ids []string) (map[string]string, error)
}

// Privacy is what an app is shown of private and confidential events.
type Privacy string

// The kinds of privacy; "" is TimeOnly.
const (
	TimeOnly Privacy = "time-only" // when they are, and nothing that a person wrote
	Full     Privacy = "full"      // everything
	Drop     Privacy = "drop"      // nothing at all
)

// Lookup reads the copy. Private says what each flow shows of private events.
type Lookup struct {
	Copy    Copy
	Private map[string]Privacy
}

// At is whose events are looked at: a mailbox, as a flow reads it.
type At struct {
	Flow    string
	Mailbox graphwarden.Mailbox
}

// Asked says which events are looked for.
type Asked struct {
	At
	Calendar string // by id; "" is any
	Window   graphwarden.Window
	Words    string // that they mention
	Fields   []string
	After    graphwarden.KeptAt
	Limit    int
}

// Event is an event as an app sees it.
type Event struct {
	graphwarden.Kept
	ETag   string
	Masked bool // it is private, and shows its time only
	Shown  json.RawMessage
	// Reference is what the app calls it, or the series that it is of.
	Reference string
}

// Found is a part of the events that were looked for. Next is where the rest
// begins; the zero KeptAt where there is none.
type Found struct {
	Events []Event
	Next   graphwarden.KeptAt
}

const (
	atOnce = 500  // items that are read at once
	most   = 5000 // that one question looks at; the next goes on from there
)

// Events gives the events of a mailbox that are in a window, by their beginnings.
// A part may have fewer than the limit, also none, and all the same a Next.
func (l Lookup) Events(ctx context.Context, a Asked) (f Found, err error) {
	after := a.After
	for looked := 0; looked < most; {
		size := min(atOnce, a.Limit-len(f.Events)+1)
		list, err := l.Copy.Window(ctx, graphwarden.Sought{Flow: a.Flow, Mailbox: a.Mailbox.ID, Calendar: a.Calendar, Window: a.Window, After: after, Limit: size})
		if err != nil {
			return f, err
		}
		shown, err := l.show(ctx, a.Flow, list, nil)
		if err != nil {
			return f, err
		}
		for i, e := range shown {
			if len(f.Events) == a.Limit {
				f.Next = after
				return f, nil
			}
			after = list[i].At
			if e.Shown == nil || a.Words != "" && !item.Mentions(e.Shown, a.Words) {
				continue
			}
			e.Shown = item.Select(e.Shown, a.Fields)
			f.Events = append(f.Events, e)
		}
		if len(list) < size {
			return f, nil
		}
		looked += len(list)
	}
	f.Next = after
	return f, nil
}

// Event gives one event by its id.
func (l Lookup) Event(ctx context.Context, at At, id string, fields []string) (Event, bool, error) {
	k, there, err := l.Copy.KeptItem(ctx, at.Flow, at.Mailbox.ID, id)
	if err != nil || !there {
		return Event{}, false, err
	}
	shown, err := l.show(ctx, at.Flow, []graphwarden.Kept{k}, fields)
	if err != nil || shown[0].Shown == nil {
		return Event{}, false, err
	}
	return shown[0], true, nil
}

// IsPrivate says whether the copy has an event as private, or as of a series of which
// nobody knows. known is false where it does not have the event.
func (l Lookup) IsPrivate(ctx context.Context, at At, id string) (private, known bool, err error) {
	k, there, err := l.Copy.KeptItem(ctx, at.Flow, at.Mailbox.ID, id)
	if err != nil || !there {
		return false, false, err
	}
	body := k.Body
	if item.Series(body) != "" {
		masters, err := l.masters(ctx, []graphwarden.Kept{k})
		if err != nil {
			return false, false, err
		}
		body = item.Fill(body, masters[masterOf{k.Feed, item.Series(body)}])
	}
	return item.Private(body), true, nil
}

// WasPrivate says of an event that the copy does not have whether it was private when it was
// last seen. known is false where it was never seen, or that is forgotten. It goes through
// what a flow was told, which takes the longer the more that is.
func (l Lookup) WasPrivate(ctx context.Context, at At, id string) (private, known bool, err error) {
	body, known, err := l.Copy.LastBody(ctx, at.Flow, id)
	if known && item.Series(body) != "" {
		body = item.Fill(body, nil)
	}
	return known && item.Private(body), known, err
}

// show makes events of items as the flow's app may see them; Shown is nil for one
// that it may not see at all.
func (l Lookup) show(ctx context.Context, flow string, list []graphwarden.Kept, fields []string) ([]Event, error) {
	masters, err := l.masters(ctx, list)
	if err != nil {
		return nil, err
	}
	called, err := l.references(ctx, flow, list)
	if err != nil {
		return nil, err
	}
	out := make([]Event, len(list))
	for i, k := range list {
		body, series := k.Body, item.Series(k.Body)
		if series != "" {
			body = item.Fill(body, masters[masterOf{k.Feed, series}])
		}
		out[i] = Event{Kept: k, ETag: item.ETag(body), Shown: body, Reference: cmp.Or(called[k.ID], called[series])}
		privacy := l.Private[flow]
		if privacy == Full || !item.Private(body) {
			out[i].Shown = item.Select(body, fields)
			continue
		}
		out[i].Masked, out[i].Shown = true, item.Select(item.Mask(body), fields)
		if privacy == Drop {
			out[i].Shown = nil
		}
	}
	return out, nil
}

// References gives what a flow's app calls items, of those that it calls something.
func (l Lookup) References(ctx context.Context, flow string, ids []string) (map[string]string, error) {
	return l.Copy.References(ctx, flow, ids)
}

// references reads what the app calls items and their series.
func (l Lookup) references(ctx context.Context, flow string, list []graphwarden.Kept) (map[string]string, error) {
	if len(list) == 0 {
		return nil, nil
	}
	ids := make([]string, 0, 2*len(list))
	for _, k := range list {
		if ids = append(ids, k.ID); item.Series(k.Body) != "" {
			ids = append(ids, item.Series(k.Body))
		}
	}
	slices.Sort(ids)
	return l.Copy.References(ctx, flow, slices.Compact(ids))
}

// masterOf names the master of a series.
type masterOf struct {
	feed int64
	id   string
}

// masters reads the masters of the series that items belong to.
func (l Lookup) masters(ctx context.Context, list []graphwarden.Kept) (map[masterOf]json.RawMessage, error) {
	wanted := map[int64]map[string]bool{}
	for _, k := range list {
		if series := item.Series(k.Body); series != "" {
			if wanted[k.Feed] == nil {
				wanted[k.Feed] = map[string]bool{}
			}
			wanted[k.Feed][series] = true
		}
	}
	out := map[masterOf]json.RawMessage{}
	for feed, ids := range wanted {
		var names []string
		for id := range ids {
			names = append(names, id)
		}
		bodies, err := l.Copy.KeptBodies(ctx, feed, names)
		if err != nil {
			return nil, err
		}
		for id, body := range bodies {
			out[masterOf{feed, id}] = body
		}
	}
	return out, nil
}

// Calendars gives the calendars of a mailbox, with how they are read.
func (l Lookup) Calendars(ctx context.Context, at At) ([]graphwarden.FeedState, error) {
	return l.Copy.FeedStates(ctx, graphwarden.FeedChoice{Flow: at.Flow, Mailbox: at.Mailbox.ID}, 0, 1000)
}

// Fresh says how old a mailbox's copy is at least: when the calendar was last read
// whole that was so longest ago; and whether the copy is complete, which it is not
// while a calendar is read for the first time, or its times are.
func (l Lookup) Fresh(ctx context.Context, at At) (asOf time.Time, complete bool, err error) {
	feeds, err := l.Calendars(ctx, at)
	if err != nil || len(feeds) == 0 {
		return asOf, false, err
	}
	for _, f := range feeds {
		if asOf.IsZero() || f.Feed.ReadAt.Before(asOf) {
			asOf = f.Feed.ReadAt
		}
		if f.Feed.ReadAt.IsZero() {
			return time.Time{}, false, nil
		}
	}
	complete, err = l.Copy.TimesRead(ctx)
	return asOf, complete, err
}
