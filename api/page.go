package api

import (
	"encoding/base64"
	"fmt"
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
	Next  string `json:"next,omitempty"`
}

// turn is what a caller asks of a list: at most limit items after a key, which
// is "" at the beginning.
type turn struct {
	after string
	limit int
}

// turnOf reads ?cursor= and ?limit=.
func turnOf(r *http.Request) (turn, error) {
	t := turn{limit: usualPage}
	if text := r.FormValue("limit"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 || n > mostPage {
			return t, wrongQuery("limit", fmt.Sprintf("%q is not a number from 1 to %d", text, mostPage))
		}
		t.limit = n
	}
	key, err := base64.RawURLEncoding.DecodeString(r.FormValue("cursor"))
	if err != nil {
		return t, wrongQuery("cursor", "it is not one that a page gave as next")
	}
	t.after = string(key)
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

// page makes a page of items that were read with one more than the limit asked
// for, so that the last page is known; key gives an item's place in the order.
func page[T any](t turn, items []T, key func(T) string) Page[T] {
	p := Page[T]{Items: items}
	if len(items) > t.limit {
		p.Items = items[:t.limit]
		p.Next = base64.RawURLEncoding.EncodeToString([]byte(key(p.Items[t.limit-1])))
	}
	if p.Items == nil {
		p.Items = []T{}
	}
	return p
}
