package api

import (
	"net/http"
	"strconv"
)

// How many items a page of a list has.
const (
	usualPage = 100
	mostPage  = 1000
)

// Page is one page of a list. Next, sent back as ?cursor=, gives the following
// one; it is missing on the last.
type Page[T any] struct {
	Items []T    `json:"items"`
	Next  string `json:"next,omitempty" doc:"the cursor of the following page; missing on the last"`
}

// turn is what a caller asks of a list: at most limit items after a key, which
// is "" at the beginning.
type turn struct {
	after string
	limit int
	r     *http.Request // whose list it is; nil where there is one page only
}

// turnOf reads ?cursor= and ?limit=.
func turnOf(r *http.Request) (turn, error) {
	t := turn{limit: usualPage, r: r}
	query := r.URL.Query()
	if n, err := strconv.Atoi(query.Get("limit")); err == nil { // the table has checked it
		t.limit = n
	}
	cursor := query.Get("cursor")
	if cursor == "" {
		return t, nil
	}
	place, ours := asked(r).face.openCursor(r, cursor)
	if !ours {
		return t, wrongQuery("cursor", "it is not one that a page of this list gave as next", "Begin without a cursor, and change nothing of a list's filters on the way.")
	}
	t.after = place
	return t, nil
}

// number is the key as a number, for lists in the order of one; 0 at the
// beginning.
func (t turn) number() (int64, error) {
	if t.after == "" {
		return 0, nil
	}
	n, err := strconv.ParseInt(t.after, 10, 64)
	if err != nil || n < 0 {
		return 0, wrongQuery("cursor", "it is not one that a page of this list gave as next")
	}
	return n, nil
}

// next is the cursor of the page that follows a place.
func (t turn) next(place string) string { return asked(t.r).face.sealCursor(t.r, place) }

// page makes a page of items that were read with one more than the limit asked
// for, so that the last page is known; key gives an item's place in the order.
func page[T any](t turn, items []T, key func(T) string) Page[T] {
	p := Page[T]{Items: items}
	if len(items) > t.limit {
		p.Items = items[:t.limit]
		p.Next = t.next(key(p.Items[t.limit-1]))
	}
	if p.Items == nil {
		p.Items = []T{}
	}
	return p
}
