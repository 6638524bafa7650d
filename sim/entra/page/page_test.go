package page_test

import (
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/graphwarden/graphwarden/sim/entra/page"
)

const evil = `"><script>alert(1)</script>`

func TestPagesShowWhatTheyAreGivenAsText(t *testing.T) {
	pages := page.New()
	for _, p := range []page.Page{
		page.SignIn{Action: evil, Back: evil, Name: evil, Trouble: evil},
		page.Consent{Action: evil, App: evil, User: evil, Titles: []string{evil}, Administrator: true},
		page.Consent{Action: evil, App: evil, User: evil, Titles: []string{evil}, Blocked: true},
		page.Code{Action: evil, Trouble: evil},
		page.Confirm{Action: evil, App: evil, User: evil},
		page.Note{Title: evil, Text: evil},
		page.Failure{Text: evil, Trace: evil, Correlation: evil, At: evil},
		page.FormPost{Action: "javascript:alert(1)", Values: url.Values{evil: {evil}}},
	} {
		w := httptest.NewRecorder()
		if err := pages.Write(w, 200, p); err != nil {
			t.Fatal(err)
		}
		body := w.Body.String()
		if strings.Contains(body, "<script>alert") || strings.Contains(body, `"javascript:`) || !strings.Contains(body, "</html>") {
			t.Errorf("%T:\n%s", p, body)
		}
		if w.Header().Get("X-Frame-Options") != "DENY" || !strings.HasPrefix(w.Header().Get("Content-Type"), "text/html") {
			t.Errorf("%T: %v", p, w.Header())
		}
	}
}

func TestWhoIsAskedForWhichConsent(t *testing.T) {
	for want, c := range map[string]page.Consent{
		"accept decline":           {},
		"everybody accept decline": {Administrator: true},
		"accept decline ":          {Administrator: true, Tenant: true},
		"decline":                  {Blocked: true},
	} {
		w := httptest.NewRecorder()
		if err := page.New().Write(w, 200, c); err != nil {
			t.Fatal(err)
		}
		for _, answer := range []string{"everybody", "accept", "decline"} {
			asked := strings.Contains(w.Body.String(), `"`+answer+`"`)
			if asked != strings.Contains(want, answer) {
				t.Errorf("%+v: %s is offered: %v", c, answer, asked)
			}
		}
	}
}
