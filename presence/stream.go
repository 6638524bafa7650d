package presence

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/graphwarden/graphwarden"
)

// Stream is an app's view of the board: everybody's state, and then what changes.
// It holds no more than where it is: whoever is slow is told each person's last
// state, and not those between. It is used by one goroutine.
type Stream struct {
	board *Board
	flows []string
	ids   map[string]bool // those of the filter; nil: everybody
	seq   int64
	wake  chan struct{}
	fresh bool // it began without knowing anything
}

// Item is one thing that a stream tells.
type Item struct {
	ID     string // what a client says who wants what follows
	Person string
	Flow   string
	User   string // the object id
	Gone   bool   // the person is no longer of the flow, or never was
	Body   []byte // a Presence, JSON; nil when Gone
}

// Stream tells of the people of those of some flows that are of kind presence. It
// begins with everybody's state, or after the item that a client heard last; an id
// that is not of this database begins anew.
func (b *Board) Stream(ctx context.Context, flows, named []string, after string) (*Stream, error) {
	// A board without a presence flow never reads anything, and is never ready.
	s := &Stream{board: b}
	for _, f := range flows {
		if slices.Contains(b.config.Flows, f) {
			s.flows = append(s.flows, f)
		}
	}
	if len(s.flows) == 0 {
		return nil, &graphwarden.Refusal{Kind: graphwarden.Denied, Code: "presence.no_flow",
			Say: "This key is for no presence flow.",
			Do:  "Declare one in the configuration: a flow of kind presence with this app and the mailboxes it needs."}
	}
	select {
	case <-b.ready:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	if err := s.name(named); err != nil {
		return nil, err
	}
	origin, number, _ := strings.Cut(after, ".")
	seq, err := strconv.ParseInt(number, 10, 64)
	b.mu.RLock()
	defer b.mu.RUnlock()
	if s.fresh = err != nil || origin != b.config.Origin || seq < 0 || seq > b.last; !s.fresh {
		s.seq = seq
	}
	return s, nil
}

// name notes whom the stream tells of. Who is not of the app's flows is refused,
// and nothing says whether they are of another's.
func (s *Stream) name(named []string) error {
	s.board.mu.RLock()
	defer s.board.mu.RUnlock()
	if len(named) == 0 {
		return nil
	}
	s.ids = map[string]bool{}
	for _, n := range named {
		found := false
		for _, f := range s.flows {
			for id, upn := range s.board.scope[f] {
				if id == n || strings.EqualFold(upn, n) {
					found, s.ids[id] = true, true
				}
			}
		}
		if !found {
			return &graphwarden.Refusal{Kind: graphwarden.Unknown, Code: "presence.person_unknown", Field: "people",
				Say: fmt.Sprintf("%q is nobody of this app's presence flows.", n),
				Do:  "Name somebody by user principal name or object id whom a presence flow of the app lists."}
		}
	}
	return nil
}

// sees says whether the stream tells of somebody.
func (s *Stream) sees(w who) bool {
	if !slices.Contains(s.flows, w.flow) {
		return false
	}
	return s.ids == nil || s.ids[w.mailbox]
}

// pending gives what the stream has not told yet, in order, and moves on.
func (s *Stream) pending() []*graphwarden.Told {
	b := s.board
	b.mu.RLock()
	defer b.mu.RUnlock()
	var out []*graphwarden.Told
	latest, whole := b.since(s.seq)
	switch {
	case s.ids != nil && (!whole || len(s.ids)*len(s.flows) < len(latest)):
		// Thousands listen to a few people each. When half of a company goes into a
		// meeting, each of them looks at those few and not at all who do.
		for _, f := range s.flows {
			for id := range s.ids {
				if t := b.people[who{f, id}]; t != nil && t.Seq > s.seq {
					out = append(out, t)
				}
			}
		}
	case whole:
		for _, x := range latest { // in order already
			if t := b.people[x.who]; t.Seq == x.seq && s.sees(x.who) {
				out = append(out, t)
			}
		}
	default:
		for w, t := range b.people {
			if t.Seq > s.seq && s.sees(w) {
				out = append(out, t)
			}
		}
	}
	slices.SortFunc(out, func(x, y *graphwarden.Told) int { return cmp.Compare(x.Seq, y.Seq) })
	s.seq = b.last
	// Whoever has left is not shown from the moment on that the flow is without them.
	out = slices.DeleteFunc(out, func(t *graphwarden.Told) bool {
		_, of := b.scope[t.Flow][t.Mailbox.ID]
		return !of && !t.Gone || t.Gone && s.fresh
	})
	return out
}

// since gives what was told lately after a number; whole is false when the board does
// not remember as far back. The lock is held.
func (b *Board) since(seq int64) (list []said, whole bool) {
	if len(b.recent) == 0 || seq < b.recent[0].seq-1 {
		return nil, false
	}
	from, _ := slices.BinarySearchFunc(b.recent, seq+1, func(x said, seq int64) int { return cmp.Compare(x.seq, seq) })
	return b.recent[from:], true
}

// Next gives what is new, in order, at most once each.
func (s *Stream) Next() []Item {
	list := s.pending()
	out := make([]Item, len(list))
	for i, t := range list {
		out[i] = Item{ID: s.board.config.Origin + "." + strconv.FormatInt(t.Seq, 10), Person: t.Mailbox.UPN, User: t.Mailbox.ID,
			Flow: t.Flow, Gone: t.Gone, Body: t.Body}
	}
	s.fresh = false
	return out
}

// At is the id of what was told last: whoever has heard all until then says it.
func (s *Stream) At() string { return s.board.config.Origin + "." + strconv.FormatInt(s.seq, 10) }

// Fresh says whether the stream began without knowing anything, so that what it
// tells first is everybody's state.
func (s *Stream) Fresh() bool { return s.fresh }

// News gives a channel that is readable when there may be something new since it was
// read. Who has asked for it must Close the stream.
func (s *Stream) News() <-chan struct{} {
	b := s.board
	b.mu.Lock()
	defer b.mu.Unlock()
	if s.wake == nil {
		s.wake = make(chan struct{}, 1)
		for _, id := range s.to() {
			if b.listeners[id] == nil {
				b.listeners[id] = map[*Stream]struct{}{}
			}
			b.listeners[id][s] = struct{}{}
		}
	}
	return s.wake
}

// Close ends a stream: nothing wakes it any more.
func (s *Stream) Close() {
	b := s.board
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, id := range s.to() {
		if delete(b.listeners[id], s); len(b.listeners[id]) == 0 {
			delete(b.listeners, id)
		}
	}
}

// to is whom the stream listens to, "" for everybody.
func (s *Stream) to() []string {
	if s.ids == nil {
		return []string{""}
	}
	return slices.Collect(maps.Keys(s.ids))
}
