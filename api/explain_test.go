package api_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/graphwarden/graphwarden/docs"
)

// TestEveryCodeHasItsPage, at both addresses, for anybody: what it means and what to do.
func TestEveryCodeHasItsPage(t *testing.T) {
	d := put(t)
	list := docs.Explanations()
	if len(list) < 200 {
		t.Fatalf("only %d codes are explained", len(list))
	}
	for name, face := range map[string]http.Handler{"operators": d.Operators, "apps": d.Apps} {
		for _, e := range list {
			w := httptest.NewRecorder()
			face.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/errors/"+e.Code, nil))
			body := w.Body.String()
			if w.Code != http.StatusOK || !strings.HasPrefix(w.Header().Get("Content-Type"), "text/html") || !strings.Contains(body, "<code>"+e.Code+"</code>") ||
				e.Meaning == "" || e.Do == "" || e.About == "" || strings.Contains(body, "`") || strings.Contains(body, "](") {
				t.Errorf("%s: %s answers %d\n%s", name, e.Code, w.Code, body)
			}
		}
	}
	for _, path := range []string{"/errors", "/errors/"} {
		for name, face := range map[string]http.Handler{"operators": d.Operators, "apps": d.Apps} {
			w := httptest.NewRecorder()
			face.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, path, nil))
			for _, e := range list {
				if !strings.Contains(w.Body.String(), `<a href="/errors/`+e.Code+`">`) {
					t.Fatalf("%s: %s answers %d and lacks %s\n%s", name, path, w.Code, e.Code, w.Body)
				}
			}
		}
	}
	w := d.ask(t, http.MethodGet, "/errors/api.<script>", "")
	if w.Code != http.StatusNotFound || !strings.Contains(w.Body.String(), "api.code_unknown") || strings.Contains(w.Body.String(), "<script>") {
		t.Errorf("a code that is none answers %d %s", w.Code, w.Body)
	}
}
