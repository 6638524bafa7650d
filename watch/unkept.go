package watch

import (
	"context"
	"slices"
	"strings"

	"github.com/graphwarden/graphwarden"
)

// beyond is a number that no notice with a row reaches: those without come last.
const beyond = 1 << 62

// show has those who ask see what was told from memory.
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
}

// Shelf gives all notices: those that have rows, and those that were told while the
// database took nothing, which only the watches that told them know.
type Shelf struct {
	Rows interface {
		Notices(ctx context.Context, all bool, after int64, limit int) ([]graphwarden.Notice, error)
	}
	Watches []*Watch
	Fresh   bool // look before an answer's first page
}

// Notices gives at most limit notices with a number above after: those that are
// open, or all.
func (s Shelf) Notices(ctx context.Context, all bool, after int64, limit int) ([]graphwarden.Notice, error) {
	if s.Fresh && after == 0 {
		for _, w := range s.Watches {
			w.lookNow(ctx)
		}
	}
	list, err := s.Rows.Notices(ctx, all, after, limit)
	if err != nil {
		return nil, err
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
