package api

import (
	"crypto/subtle"
	"encoding/base64"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// signature is how many bytes of a MAC a cursor carries.
const signature = 16

// cursors are opaque to callers: a place in one list, signed for who asked, for
// the route and for its filters. A cursor of another list, of another app or of
// somebody's own making is refused (R51).

// sealCursor writes a place in the list that a request asks for.
func (f *face) sealCursor(r *http.Request, place string) string {
	mac := f.api.config.Cursors.Sign(f.signed(r, place))
	return base64.RawURLEncoding.EncodeToString(append(mac[:signature:signature], place...))
}

// openCursor gives the place that sealCursor wrote for the same list; false for
// anything else.
func (f *face) openCursor(r *http.Request, cursor string) (string, bool) {
	raw, err := base64.RawURLEncoding.DecodeString(cursor)
	if err != nil || len(raw) < signature {
		return "", false
	}
	place := string(raw[signature:])
	mac := f.api.config.Cursors.Sign(f.signed(r, place))
	return place, subtle.ConstantTimeCompare(mac[:signature], raw[:signature]) == 1
}

// signed is what a cursor's signature is of: each part in quotes, so that none can
// be taken for another. Filters count; how many are asked for and in which form
// does not.
func (f *face) signed(r *http.Request, place string) []byte {
	k := asked(r)
	query := r.URL.Query()
	for _, free := range []string{"cursor", "limit", "fields", "wait", "since"} {
		query.Del(free)
	}
	where := r.URL.EscapedPath()
	if k.route.family != "" {
		where = k.route.family
	}
	parts := []string{"cursor 1", f.name(), k.caller.Key.App, strings.Join(slices.Sorted(slices.Values(k.caller.Key.Flows)), "\n"), where, query.Encode(), place}
	var out []byte
	for _, p := range parts {
		out = append(out, url.QueryEscape(p)...)
		out = append(out, '&')
	}
	return out
}
