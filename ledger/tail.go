package ledger

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"time"

	"github.com/graphwarden/graphwarden"
)

const (
	// patience is how long a tail waits for the end of a call before it shows the call
	// without one; Microsoft's answers take seconds.
	patience = time.Minute
	// mostOpen is how many calls without an end a tail remembers: those of processes that
	// were killed never end.
	mostOpen = 10_000
	// primeWith is how many entries before its beginning a tail reads, for the calls whose
	// end is still to come.
	primeWith = 1000
)

// Tail gives the records that a query asks for as their entries come: a refusal and an
// act at once, a call when it has ended. A call that has no end after a minute is given
// without one, and once more should it end after all. It is for one goroutine.
type Tail struct {
	rows  Searched
	query Query
	names map[string]string
	seq   int64 // read up to
	open  map[string]*running
}

// running is a call that a tail waits for.
type running struct {
	record Record
	given  bool // without its end
}

// Follow begins a tail after an entry. Of the query, the bounds in time and number ask
// for nothing. Names are those of mailboxes, by their ids.
func Follow(ctx context.Context, rows Searched, names map[string]string, q Query, after int64) (*Tail, error) {
	q.Since, q.Until, q.After, q.Before = time.Time{}, time.Time{}, 0, 0
	t := &Tail{rows: rows, query: q, names: names, seq: max(0, after-primeWith), open: map[string]*running{}}
	var none []Record
	err := t.read(ctx, min(primeWith, after), &none)
	for _, r := range t.open {
		r.given = true // they are of before: only their end is news
	}
	t.seq = max(t.seq, after)
	return t, err
}

// FollowLast gives the last n records that a query asks for and that are done with, and a
// tail that goes on after them. Calls that have not ended yet are left to it.
func FollowLast(ctx context.Context, rows Searched, names map[string]string, q Query, n int) (last []Record, t *Tail, err error) {
	head, err := rows.LastEntry(ctx)
	if err != nil {
		return nil, nil, err
	}
	if t, err = Follow(ctx, rows, names, q, head); err != nil || n == 0 {
		return nil, t, err
	}
	q.Before = head + 1
	found, _, err := Search(ctx, rows, names, q, n)
	if err != nil {
		return nil, nil, err
	}
	for _, r := range found {
		if r.Outcome == Unclosed {
			t.open[r.Call] = &running{record: r}
			continue
		}
		delete(t.open, r.Call) // it may have ended meanwhile, which is told with it
		last = append(last, r)
	}
	return last, t, nil
}

// After is the number of the last entry that was read.
func (t *Tail) After() int64 { return t.seq }

// Next gives what has come since, in the order of the ledger, and the calls that have
// waited for their end too long at a moment.
func (t *Tail) Next(ctx context.Context, now time.Time) (news []Record, err error) {
	for before := int64(-1); before != t.seq; {
		before = t.seq
		if err := t.read(ctx, readAtOnce, &news); err != nil {
			return news, err
		}
	}
	return append(news, t.overdue(now.Add(-patience))...), nil
}

// Rest gives the calls that have not ended yet, and were not given.
func (t *Tail) Rest() []Record { return t.overdue(time.Time{}) }

// read reads at most limit entries.
func (t *Tail) read(ctx context.Context, limit int64, news *[]Record) error {
	return t.rows.EntriesAfter(ctx, t.seq, int(limit), func(e graphwarden.Entry, _ [32]byte) error {
		t.seq = e.Seq
		if r := t.take(e); r != nil {
			*news = append(*news, *r)
		}
		return nil
	})
}

// take takes the next entry, and gives what is to be told of it.
func (t *Tail) take(e graphwarden.Entry) *Record {
	if e.Kind == graphwarden.Closed {
		r := t.open[e.Call]
		if r == nil {
			return nil
		}
		delete(t.open, e.Call)
		r.record.end(e)
		return t.fitting(&r.record)
	}
	r := begun(e, t.names[e.Mailbox])
	if !t.query.asks(r) {
		return nil
	}
	if r.Outcome != Unclosed {
		return t.fitting(&r)
	}
	if len(t.open) >= mostOpen {
		oldest := slices.MinFunc(slices.Collect(maps.Values(t.open)), func(a, b *running) int { return cmp.Compare(a.record.Seq, b.record.Seq) })
		delete(t.open, oldest.record.Call)
	}
	t.open[e.Call] = &running{record: r}
	return nil
}

func (t *Tail) fitting(r *Record) *Record {
	if !t.query.fits(r) {
		return nil
	}
	return r
}

// overdue gives the calls of before a moment, zero: all, that have not ended.
func (t *Tail) overdue(before time.Time) (out []Record) {
	for _, r := range t.open {
		if r.given || !before.IsZero() && r.record.At.After(before) {
			continue
		}
		if r.given = true; t.query.fits(&r.record) {
			out = append(out, r.record)
		}
	}
	slices.SortFunc(out, func(a, b Record) int { return cmp.Compare(a.Seq, b.Seq) })
	return out
}
