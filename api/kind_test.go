package api

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"
)

// TestABodyIsPlainJSONInUTF8 refuses what says that it is something else.
func TestABodyIsPlainJSONInUTF8(t *testing.T) {
	for _, c := range []struct{ kind, packed, field string }{
		{"", "", ""},
		{"application/json", "", ""},
		{"application/json; charset=utf-8", "identity", ""},
		{"application/json;charset=UTF-8", "", ""},
		{"application/json; charset=iso-8859-1", "", "Content-Type"},
		{"application/json; charset=utf-16", "", "Content-Type"},
		{"text/plain", "", "Content-Type"},
		{"application/json; charset", "", "Content-Type"},
		{"application/json", "gzip", "Content-Encoding"},
		{"application/json", "br, gzip", "Content-Encoding"},
	} {
		h := http.Header{}
		if c.kind != "" {
			h.Set("Content-Type", c.kind)
		}
		if c.packed != "" {
			h.Set("Content-Encoding", c.packed)
		}
		var p *problem
		err := checkKind(h)
		switch {
		case c.field == "" && err != nil:
			t.Errorf("%v: %v", h, err)
		case c.field != "" && (!errors.As(err, &p) || p.status != http.StatusUnsupportedMediaType || p.refusal.Code != "api.body_kind" || p.refusal.Field != c.field || p.refusal.Do == ""):
			t.Errorf("%v: %v", h, err)
		}
	}
}

// TestAnEmptyIfMatchIsNotNone: who sends the header means a version.
func TestAnEmptyIfMatchIsNotNone(t *testing.T) {
	for _, given := range [][]string{{""}, {" "}, {`W/"a"`, `W/"b"`}, {"*"}, {`"a"`}} {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodDelete, "/", nil)
		r.Header["If-Match"] = given
		if version(r) == "" {
			t.Errorf("%q counts as none", given)
		}
	}
	r := httptest.NewRequestWithContext(t.Context(), http.MethodDelete, "/", nil)
	if v := version(r); v != "" {
		t.Errorf("no header is the version %q", v)
	}
	r.Header.Set("If-Match", `W/"a"`)
	if v := version(r); v != `W/"a"` {
		t.Errorf("it is %q", v)
	}
}
