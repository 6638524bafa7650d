// Package browser is a person at a browser, for tests: it opens a sign-in page of
// the simulator, gives name and password, consents, and goes where it is sent.
package browser

import (
	"fmt"
	"html"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"strings"
)

// Person signs in with a name and a password and presses the first button of
// whatever page is shown, or the one that declines.
type Person struct {
	Name, Password string
	Declines       bool
	Code           string // the device code that the person enters
	client         *http.Client
}

// New sits a person down at a browser that calls through a transport.
func New(transport http.RoundTripper, name, password string) *Person {
	jar, _ := cookiejar.New(nil) // without options it cannot fail
	return &Person{Name: name, Password: password, client: &http.Client{Transport: transport, Jar: jar,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
}

var (
	action = regexp.MustCompile(`<form method="(\w+)" action="([^"]*)"`)
	hidden = regexp.MustCompile(`<input type="hidden" name="([^"]*)" value="([^"]*)"`)
	button = regexp.MustCompile(`<button[^>]*name="(consent|confirm)" value="(\w+)"`)
	title  = regexp.MustCompile(`<h1>([^<]*)</h1>`)
)

// Open goes to an address and on, until a page without a form, or an address that
// begins with until, which is not called. It gives where it ended and the title of
// the last page.
func (p *Person) Open(address, until string) (end, heading string, err error) {
	method, form := http.MethodGet, url.Values{}
	for range 20 {
		if until != "" && strings.HasPrefix(address, until) {
			return address, "", nil
		}
		answer, body, err := p.call(method, address, form)
		if err != nil {
			return "", "", err
		}
		here, _ := url.Parse(address)
		if to := answer.Header.Get("Location"); to != "" {
			next, err := here.Parse(to)
			if err != nil {
				return "", "", err
			}
			method, address, form = http.MethodGet, next.String(), url.Values{}
			continue
		}
		m := action.FindStringSubmatch(body)
		if m == nil {
			if h := title.FindStringSubmatch(body); h != nil {
				heading = html.UnescapeString(h[1])
			}
			return address, heading, nil
		}
		next, err := here.Parse(html.UnescapeString(m[2]))
		if err != nil {
			return "", "", err
		}
		method, address, form = strings.ToUpper(m[1]), next.String(), p.fill(body)
		if method == http.MethodGet {
			next.RawQuery = form.Encode()
			address = next.String()
		}
	}
	return "", "", fmt.Errorf("the pages go round in circles at %s", address)
}

func (p *Person) fill(body string) url.Values {
	form := url.Values{}
	for _, h := range hidden.FindAllStringSubmatch(body, -1) {
		form.Set(html.UnescapeString(h[1]), html.UnescapeString(h[2]))
	}
	if strings.Contains(body, `name="passwd"`) {
		form.Set("login", p.Name)
		form.Set("passwd", p.Password)
	}
	if strings.Contains(body, `name="otc"`) {
		form.Set("otc", p.Code)
	}
	if b := button.FindStringSubmatch(body); b != nil {
		form.Set(b[1], "accept")
		if p.Declines {
			form.Set(b[1], "decline")
		}
	}
	return form
}

func (p *Person) call(method, address string, form url.Values) (*http.Response, string, error) {
	var body io.Reader
	if method == http.MethodPost {
		body = strings.NewReader(form.Encode())
	}
	r, err := http.NewRequest(method, address, body)
	if err != nil {
		return nil, "", err
	}
	if body != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	answer, err := p.client.Do(r)
	if err != nil {
		return nil, "", err
	}
	defer answer.Body.Close()
	raw, err := io.ReadAll(answer.Body)
	return answer, string(raw), err
}
