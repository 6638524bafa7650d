package ledger

import (
	"context"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/graphwarden/graphwarden"
)

// Query says which entries are looked for; what is zero asks for nothing. Words are
// compared without regard to capitals.
type Query struct {
	App, Flow, Tenant, Rule, Call string
	// Mailbox is whose calls, by object id or by the name that the mailbox was pinned by;
	// calls that ask about several people are each of theirs.
	Mailbox string
	// Operation is a path, with or without method and version: "GET /users/{id}/messages".
	// How a parameter is called does not matter.
	Operation string
	Outcome   Outcome
	// Request is the id that Microsoft gave the request; only a call that was answered has one.
	Request string
	Text    string // stands in the note, the rule or the path
	// Since is the first moment, Until the first that is too late.
	Since, Until time.Time
	// After and Before are numbers of entries, neither of them included; 0: no bound.
	After, Before int64
}

// Searched are the rows of a ledger that is looked through. The store satisfies it.
type Searched interface {
	LastEntry(ctx context.Context) (int64, error)
	EntriesAfter(ctx context.Context, seq int64, limit int, each func(e graphwarden.Entry, leaf [32]byte) error) error
}

// readAtOnce is how many entries are read at a time.
const readAtOnce = 1000

// Search gives the last limit records that a query asks for, in the order of the ledger;
// more says that older ones match, too. It reads every entry between the query's bounds.
// Names are those of mailboxes, by their ids.
func Search(ctx context.Context, rows Searched, names map[string]string, q Query, limit int) (found []Record, more bool, err error) {
	from, err := Since(ctx, rows, q.Since)
	if err != nil {
		return nil, false, err
	}
	s := &search{query: q, names: names, limit: limit, open: map[string]*Record{}}
	for from = max(from, q.After); ; {
		read := 0
		err := rows.EntriesAfter(ctx, from, readAtOnce, func(e graphwarden.Entry, _ [32]byte) error {
			from = e.Seq
			read++
			s.take(e)
			return nil
		})
		if err != nil {
			return nil, false, err
		}
		if read < readAtOnce || s.past && len(s.open) == 0 {
			break
		}
		s.prune()
	}
	s.found = slices.DeleteFunc(s.found, func(r *Record) bool { return !q.fits(r) })
	more = s.cut || len(s.found) > limit
	for _, r := range s.found[max(0, len(s.found)-limit):] {
		found = append(found, *r)
	}
	return found, more, nil
}

// search is one search under way.
type search struct {
	query Query
	names map[string]string
	limit int
	found []*Record
	open  map[string]*Record // of those found, the calls that have not ended
	past  bool               // what comes is after the query's bounds, and only ends calls
	cut   bool               // some that match were left out
}

func (s *search) take(e graphwarden.Entry) {
	if e.Kind == graphwarden.Closed {
		if r := s.open[e.Call]; r != nil {
			delete(s.open, e.Call)
			r.end(e)
		}
		return
	}
	q := s.query
	s.past = s.past || q.Before > 0 && e.Seq >= q.Before || !q.Until.IsZero() && !e.At.Before(q.Until)
	r := begun(e, s.names[e.Mailbox])
	if s.past || !q.asks(r) {
		return
	}
	s.found = append(s.found, &r)
	if r.Outcome == Unclosed {
		s.open[e.Call] = &r
	}
}

// ends says whether a query asks for more than is known before a call has ended.
func (q Query) ends() bool { return q.Outcome != "" || q.Request != "" }

// fits says whether a record ended as a query asks.
func (q Query) fits(r *Record) bool {
	return (q.Outcome == "" || r.Outcome == q.Outcome) && (q.Request == "" || r.Closed != nil && strings.EqualFold(r.Closed.Request, q.Request))
}

// prune leaves out what will not be among the last limit, so that memory does not grow
// with the ledger: what has ended otherwise than is asked for, and what came before limit
// others that are sure to fit. What still runs stays until it is known that older ones fit.
func (s *search) prune() {
	if len(s.found) < 4*s.limit+readAtOnce {
		return
	}
	sure, keep := 0, make([]*Record, 0, len(s.found))
	for _, r := range slices.Backward(s.found) {
		running := r.Outcome == Unclosed && s.open[r.Call] == r
		certain := !s.query.ends() || !running && s.query.fits(r)
		switch {
		case sure >= s.limit && (certain || s.cut):
			s.cut = true
			if running {
				delete(s.open, r.Call)
			}
		case certain || running:
			keep = append(keep, r)
			if certain {
				sure++
			}
		}
	}
	slices.Reverse(keep)
	s.found = keep
}

// parameter is a part of an operation that stands for a value.
var parameter = regexp.MustCompile(`\{[^}]*\}`)

// asks says whether a query asks for a record, by all but its time, number and outcome.
func (q Query) asks(r Record) bool {
	is := func(want, value string) bool { return want == "" || strings.EqualFold(want, value) }
	holds := func(text string) bool { return strings.Contains(strings.ToLower(text), strings.ToLower(q.Text)) }
	return is(q.App, r.App) && is(q.Flow, r.Flow) && is(q.Tenant, r.Tenant) && is(q.Rule, r.Rule) && is(q.Call, r.Call) &&
		(is(q.Mailbox, r.Mailbox) || is(q.Mailbox, r.Name) || slices.ContainsFunc(strings.Fields(strings.TrimPrefix(r.Note, "about ")), func(id string) bool { return is(q.Mailbox, id) })) &&
		(q.Operation == "" || q.operation(r)) && (holds(r.Note) || holds(r.Rule) || holds(r.Path))
}

// operation says whether a record is of the operation.
func (q Query) operation(r Record) bool {
	same := func(text string) string {
		return strings.ToLower(parameter.ReplaceAllString(strings.TrimSpace(text), "{}"))
	}
	want, path := same(q.Operation), same(r.Path)
	bare := path
	for _, version := range []string{"/v1.0/", "/beta/"} {
		if rest, has := strings.CutPrefix(path, version); has {
			bare = "/" + rest
		}
	}
	method := strings.ToLower(r.Method) + " "
	return want == path || want == bare || want == method+path || want == method+bare
}

// Since gives the number of the last entry before a moment; entries are in the order of
// their time but for moments.
func Since(ctx context.Context, rows Searched, at time.Time) (int64, error) {
	if at.IsZero() {
		return 0, nil
	}
	after, err := rows.LastEntry(ctx)
	if err != nil {
		return 0, err
	}
	before := int64(0) // the entry after it is the first that is wanted, or one up to after
	for before < after {
		half := before + (after-before)/2
		found := time.Time{}
		if err := rows.EntriesAfter(ctx, half, 1, func(e graphwarden.Entry, _ [32]byte) error { found = e.At; return nil }); err != nil {
			return 0, err
		}
		if found.Before(at) {
			before = half + 1
		} else {
			after = half
		}
	}
	return before, nil
}
