package interop

import (
	"html"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"strings"
	"testing"
)

// browser is a person at the sign-in pages: it follows redirects, fills in the
// forms that it is shown, and stops where no form is left.
type browser struct {
	t       *testing.T
	who     user
	confirm string // how to answer "are you signing in on another device?"
}

// visit goes through the pages from address on and says where it ended.
func (b browser) visit(address string) *url.URL {
	b.t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		b.t.Fatal(err)
	}
	c := &http.Client{Jar: jar}
	answer, err := c.Get(address)
	for range 8 {
		if err != nil {
			b.t.Fatal(err)
		}
		page := b.read(answer)
		action, values, ok := form(page)
		if !ok {
			return answer.Request.URL
		}
		b.fill(page, values)
		target, err := answer.Request.URL.Parse(action)
		if err != nil {
			b.t.Fatal(err)
		}
		answer, err = c.PostForm(target.String(), values)
		if err != nil {
			b.t.Fatal(err)
		}
	}
	b.t.Fatalf("the sign-in pages do not end; the last was %s", answer.Request.URL)
	return nil
}

func (b browser) read(answer *http.Response) string {
	b.t.Helper()
	defer answer.Body.Close()
	raw, err := io.ReadAll(answer.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	return string(raw)
}

// fill answers what the page asks for.
func (b browser) fill(page string, values url.Values) {
	for name, value := range map[string]string{
		"login": b.who.UserPrincipalName, "passwd": b.who.Password, "consent": "accept", "confirm": b.confirm,
	} {
		if strings.Contains(page, `name="`+name+`"`) {
			values.Set(name, value)
		}
	}
}

// form finds the form of a page: where it goes, and its hidden fields.
func form(page string) (action string, values url.Values, ok bool) {
	at := regexp.MustCompile(`<form[^>]*action="([^"]*)"`).FindStringSubmatch(page)
	if at == nil {
		return "", nil, false
	}
	values = url.Values{}
	for _, field := range regexp.MustCompile(`<input type="hidden" name="([^"]+)" value="([^"]*)"`).FindAllStringSubmatch(page, -1) {
		values.Set(field[1], html.UnescapeString(field[2]))
	}
	return html.UnescapeString(at[1]), values, true
}
