package watch

import (
	"context"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/graphwarden/graphwarden"
)

// beyond is a number that no notice with a row reaches: those without come last.
const beyond = 1 << 62

// show has those who ask see what was told from memory, and what is over and not
// closed yet.
func (w *Watch) show() {
	list := make([]graphwarden.Notice, 0, len(w.unkept))
	for _, n := range w.unkept {
		list = append(list, w.documented(*n))
	}
	slices.SortFunc(list, func(a, b graphwarden.Notice) int { return strings.Compare(a.ID, b.ID) })
	for i := range list {
		list[i].Seq = beyond + int64(i)
	}
	w.shown.Store(&list)
	over := maps.Clone(w.gone)
	w.over.Store(&over)
}

// goneOf gives since when open notices are not seen any more, as the last look found
// it. Where another process has the duty to look, it looks itself, and keeps nothing
// of that.
func (w *Watch) goneOf(ctx context.Context, open []graphwarden.Notice) map[key]time.Time {
	if over := w.over.Load(); w.running.Load() && over != nil {
		return *over
	}
	ctx, stop := context.WithTimeout(ctx, lookWait)
	defer stop()
	now := w.config.Now()
	seen, blind := w.see(ctx, now)
	gone := map[key]time.Time{}
	for _, n := range open {
		k := key{n.Code, n.Subject}
		if _, still := seen[k]; !still && !blind[n.Code] {
			gone[k] = now
		}
	}
	return gone
}

// Shelf gives all notices: those that have rows, and those that were told while the
// database took nothing, which only the watches that told them know.
type Shelf struct {
	Rows interface {
		Notices(ctx context.Context, all bool, after int64, limit int) ([]graphwarden.Notice, error)
	}
	Watches []*Watch
	// Fresh looks before an answer's first page, and says which open notices are not
	// seen any more. nil: what is kept is given as it is.
	Fresh *Watch
}

// Notices gives at most limit notices with a number above after: those that are
// open, or all.
func (s Shelf) Notices(ctx context.Context, all bool, after int64, limit int) ([]graphwarden.Notice, error) {
	if s.Fresh != nil && after == 0 {
		s.Fresh.lookNow(ctx)
	}
	list, err := s.Rows.Notices(ctx, all, after, limit)
	if err != nil {
		return nil, err
	}
	if s.Fresh != nil && len(list) > 0 {
		gone := s.Fresh.goneOf(ctx, list)
		for i, n := range list {
			if n.ClosedAt.IsZero() {
				list[i].GoneSince = gone[key{n.Code, n.Subject}]
			}
		}
	}
	for _, w := range s.Watches {
		shown := w.shown.Load()
		if shown == nil {
			continue
		}
		for _, n := range *shown {
			if n.Seq > after && len(list) < limit {
				list = append(list, n)
			}
		}
	}
	return list, nil
}
