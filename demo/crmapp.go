package demo

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"time"
)

// crmPage is the page of the blueprint's CRM that users come back to; nobody opens
// it here.
const crmPage = "https://crm.example.com/connected"

// crm is a CRM as its developer writes it: it has a key, and asks by HTTP.
type crm struct {
	address, key string
	client       *http.Client
	requests     int
}

// ask asks Graphwarden, and gives the status and the JSON of the answer.
func (c *crm) ask(ctx context.Context, method, path string, body any, header ...string) (int, doc, error) {
	raw, err := json.Marshal(body)
	if err != nil {
		return 0, nil, err
	}
	if body == nil {
		raw = nil
	}
	r, err := http.NewRequestWithContext(ctx, method, c.address+path, bytes.NewReader(raw))
	if err != nil {
		return 0, nil, err
	}
	r.Header.Set("Authorization", "Bearer "+c.key)
	if body != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	if method == http.MethodPost {
		c.requests++
		r.Header.Set("Idempotency-Key", "demo-"+strconv.Itoa(c.requests))
	}
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	answer, err := c.client.Do(r)
	if err != nil {
		return 0, nil, err
	}
	defer answer.Body.Close()
	var d doc
	if answer.StatusCode != http.StatusNoContent {
		err = json.NewDecoder(answer.Body).Decode(&d)
	}
	return answer.StatusCode, d, err
}

// must asks for something that is to be answered with a status.
func (c *crm) must(ctx context.Context, status int, method, path string, body any, header ...string) (doc, error) {
	got, d, err := c.ask(ctx, method, path, body, header...)
	if err == nil && got != status {
		err = fmt.Errorf("the CRM's %s %s was answered %d: %v", method, path, got, d["detail"])
	}
	return d, err
}

func eventsOf(mailbox string) string {
	return "/v1/tenants/contoso/mailboxes/" + url.PathEscape(mailbox) + "/events"
}

// link asks for the link that goes onto the CRM's page.
func (s *stage) link(ctx context.Context, account string) (id, link string, err error) {
	want := doc{"registration": "people", "return_to": crmPage, "state": "of the user's session"}
	if account != "" {
		want["account"] = account
	}
	begun, err := s.crm.must(ctx, http.StatusOK, http.MethodPost, "/v1/tenants/contoso/sign-ins", want)
	return text(begun, "id"), text(begun, "link"), err
}

// signIn has a user follow the link on the CRM's page, and gives the sign-in and
// what the browser brings back to the CRM.
func (s *stage) signIn(ctx context.Context, n int, account string) (id string, back url.Values, err error) {
	id, link, err := s.link(ctx, account)
	if err == nil {
		back, _, err = s.sit(n).open(ctx, link, "http://"+s.gateway.listen+"/connect/")
	}
	return id, back, err
}

// take has the CRM take a user who has signed in.
func (s *stage) take(ctx context.Context, id string, back url.Values) error {
	if back.Get("code") == "" {
		return fmt.Errorf("nobody is signed in: %s", back.Get("error"))
	}
	_, err := s.crm.must(ctx, http.StatusOK, http.MethodPost, "/v1/tenants/contoso/sign-ins/"+id+"/take", doc{"code": back.Get("code")})
	return err
}

var consentLink = regexp.MustCompile(`https://\S+/adminconsent\?\S+`)

// consent has an administrator open the link that a sign-in names which failed for
// want of it.
func (s *stage) consent(ctx context.Context, id string) (said string, err error) {
	p, err := s.crm.must(ctx, http.StatusOK, http.MethodGet, "/v1/tenants/contoso/sign-ins/"+id, nil)
	if err != nil {
		return "", err
	}
	_, said, err = s.sit(0).open(ctx, consentLink.FindString(text(p, "do")), "http://"+s.gateway.listen+"/connect/")
	return said, err
}

// newCRM makes the CRM's key.
func (s *stage) newCRM(ctx context.Context) error {
	key, err := s.gateway.newKey(ctx, "crm", "write")
	s.crm = &crm{address: "http://" + s.gateway.apps, key: key, client: &http.Client{Timeout: time.Minute}}
	return err
}
