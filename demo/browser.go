package demo

import (
	"context"
	"fmt"
	"html"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"strings"
	"time"
)

// browser is a person at a browser: gives name and password, agrees to what is
// asked, and goes where it is sent.
type browser struct {
	name, password string
	code           string // to enter where a code is asked for
	client         *http.Client
}

// sit has somebody of the company sit down at a browser.
func (s *stage) sit(n int) *browser {
	jar, _ := cookiejar.New(nil) // without options it cannot fail
	u := s.simulator.Users[n]
	return &browser{u.UPN, u.Password, "", &http.Client{Timeout: time.Minute, Transport: s.outlook.client.Transport, Jar: jar,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
}

var (
	formAt = regexp.MustCompile(`<form method="(\w+)" action="([^"]*)"`)
	hidden = regexp.MustCompile(`<input type="hidden" name="([^"]*)" value="([^"]*)"`)
	agrees = regexp.MustCompile(`<button[^>]*name="(consent|confirm)"`)
)

// open goes to an address of Microsoft's and on, until it is sent to one that
// begins with home, which it opens, too. It gives where home sends it on to, or the
// text that home shows.
func (b *browser) open(ctx context.Context, address, home string) (to url.Values, text string, err error) {
	method, form := http.MethodGet, url.Values{}
	for range 20 {
		answer, body, err := b.call(ctx, method, address, form)
		if err != nil {
			return nil, "", err
		}
		at := answer.Header.Get("Location")
		if strings.HasPrefix(address, home) {
			u, err := url.Parse(at)
			if err != nil {
				return nil, "", err
			}
			return u.Query(), strings.TrimSpace(body), nil
		}
		here, err := url.Parse(address)
		if err != nil {
			return nil, "", err
		}
		method, form = http.MethodGet, url.Values{}
		if at == "" {
			m := formAt.FindStringSubmatch(body)
			if m == nil && b.code != "" {
				return nil, body, nil // the page says that the code was taken
			}
			if m == nil {
				return nil, "", fmt.Errorf("the sign-in of %s ended at %s", b.name, here.Path)
			}
			method, at, form = strings.ToUpper(m[1]), html.UnescapeString(m[2]), b.fill(body)
		}
		next, err := here.Parse(at)
		if err != nil {
			return nil, "", err
		}
		if address = next.String(); method == http.MethodGet && len(form) > 0 {
			next.RawQuery = form.Encode()
			address = next.String()
		}
	}
	return nil, "", fmt.Errorf("the sign-in of %s goes round in circles", b.name)
}

// enter enters a code that another device shows.
func (b *browser) enter(ctx context.Context, address, code string) error {
	b.code = code
	_, _, err := b.open(ctx, address, "http://nowhere.example/")
	return err
}

func (b *browser) fill(body string) url.Values {
	form := url.Values{}
	for _, h := range hidden.FindAllStringSubmatch(body, -1) {
		form.Set(html.UnescapeString(h[1]), html.UnescapeString(h[2]))
	}
	if strings.Contains(body, `name="passwd"`) {
		form.Set("login", b.name)
		form.Set("passwd", b.password)
	}
	if strings.Contains(body, `name="otc"`) {
		form.Set("otc", b.code)
	}
	if m := agrees.FindStringSubmatch(body); m != nil {
		form.Set(m[1], "accept")
	}
	return form
}

func (b *browser) call(ctx context.Context, method, address string, form url.Values) (*http.Response, string, error) {
	var body io.Reader
	if method == http.MethodPost {
		body = strings.NewReader(form.Encode())
	}
	r, err := http.NewRequestWithContext(ctx, method, address, body)
	if err != nil {
		return nil, "", err
	}
	if body != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	answer, err := b.client.Do(r)
	if err != nil {
		return nil, "", err
	}
	defer answer.Body.Close()
	raw, err := io.ReadAll(io.LimitReader(answer.Body, 1<<20))
	return answer, string(raw), err
}
