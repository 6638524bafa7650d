package kill

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/graphwarden/graphwarden/sim"
)

type doc = map[string]any

// tenant speaks to the simulated tenant past the gateway: as Outlook, and as
// whoever steers it.
type tenant struct {
	sim.Ready
	client *http.Client
	from   time.Time // the window of all feeds
	to     time.Time
}

func reach(t *testing.T, r sim.Ready) *tenant {
	t.Helper()
	pem, err := os.ReadFile(r.CA)
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(pem)
	day := time.Now().UTC().Truncate(24 * time.Hour)
	n := &tenant{Ready: r, from: day.AddDate(0, 0, -2), to: day.AddDate(0, 0, 40)}
	n.client = &http.Client{Timeout: 30 * time.Second, Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool}}}
	t.Cleanup(n.client.CloseIdleConnections)
	return n
}

// do sends a request as somebody and gives the JSON of the answer.
func (n *tenant) do(ctx context.Context, token, method, address string, body any) (doc, error) {
	var content []byte
	if body != nil {
		var err error
		if content, err = json.Marshal(body); err != nil {
			return nil, err
		}
	}
	r, err := http.NewRequestWithContext(ctx, method, address, bytes.NewReader(content))
	if err != nil {
		return nil, err
	}
	r.Header.Set("Authorization", "Bearer "+token)
	r.Header.Set("Content-Type", "application/json")
	r.Header.Add("Prefer", `IdType="ImmutableId"`)
	r.Header.Add("Prefer", "odata.maxpagesize=500")
	return n.send(r)
}

func (n *tenant) send(r *http.Request) (doc, error) {
	answer, err := n.client.Do(r)
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	raw, err := io.ReadAll(answer.Body)
	if err != nil {
		return nil, err
	}
	if answer.StatusCode >= 300 {
		return nil, fmt.Errorf("%s %s answered %d: %.300s", r.Method, r.URL.Path, answer.StatusCode, raw)
	}
	var d doc
	if len(raw) > 0 {
		err = json.Unmarshal(raw, &d)
	}
	return d, err
}

// outlook does something to a mailbox, as its owner could.
func (n *tenant) outlook(ctx context.Context, method, user, path string, body any) (doc, error) {
	return n.do(ctx, n.Tokens.Everything, method, n.Graph+"/v1.0/users/"+user+path, body)
}

// each follows the pages of a collection.
func (n *tenant) each(ctx context.Context, token, address string, f func(raw doc)) error {
	for address != "" {
		page, err := n.do(ctx, token, http.MethodGet, address, nil)
		if err != nil {
			return err
		}
		items, _ := page["value"].([]any)
		for _, i := range items {
			f(i.(doc))
		}
		address = text(page, "@odata.nextLink")
	}
	return nil
}

// truth reads all calendars of a mailbox anew: what they hold, item by item.
func (n *tenant) truth(ctx context.Context, user string) (map[place]string, error) {
	out := map[place]string{}
	var calendars []string
	base := n.Graph + "/v1.0/users/" + user + "/calendars"
	if err := n.each(ctx, n.Tokens.Everything, base, func(d doc) { calendars = append(calendars, text(d, "id")) }); err != nil {
		return nil, err
	}
	window := url.Values{"startDateTime": {n.from.Format(time.RFC3339)}, "endDateTime": {n.to.Format(time.RFC3339)}}.Encode()
	for _, c := range calendars {
		err := n.each(ctx, n.Tokens.Everything, base+"/"+url.PathEscape(c)+"/calendarView/delta?"+window, func(d doc) {
			if d["@removed"] == nil {
				out[place{user, c, text(d, "id")}] = plain(d)
			}
		})
		if err != nil {
			return nil, err
		}
	}
	return out, nil
}

// plain writes an item in a form in which equal items are equal. An occurrence
// has the version of its series, which moves when another date of the series is
// changed; Graph does not tell of each date again for that.
func plain(item any) string {
	if raw, ok := item.(json.RawMessage); ok {
		if err := json.Unmarshal(raw, &item); err != nil {
			return "not JSON: " + string(raw)
		}
	}
	if d, ok := item.(doc); ok && d["type"] == "occurrence" {
		delete(d, "@odata.etag")
	}
	text, _ := json.Marshal(item) // keys are sorted
	return string(text)
}

// subscriptions are those of the gateway's registration, as it would see them.
func (n *tenant) subscriptions(ctx context.Context) ([]doc, error) {
	app := n.app("calendar")
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, n.Authority+"/"+n.Tenant.ID+"/oauth2/v2.0/token", strings.NewReader(url.Values{
		"client_id": {app.ClientID}, "client_secret": {app.ClientSecret}, "grant_type": {"client_credentials"},
		"scope": {"https://graph.microsoft.com/.default"}}.Encode()))
	if err != nil {
		return nil, err
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	answer, err := n.send(r)
	if err != nil {
		return nil, err
	}
	var all []doc
	err = n.each(ctx, text(answer, "access_token"), n.Graph+"/v1.0/subscriptions", func(d doc) { all = append(all, d) })
	return all, err
}

// upn is the name of a person's mailbox.
func (n *tenant) upn(id string) string {
	for _, u := range n.Users {
		if u.ID == id {
			return u.UserPrincipalName
		}
	}
	return ""
}

func (n *tenant) app(name string) sim.ReadyApp {
	for _, a := range n.Apps {
		if a.Name == name {
			return a
		}
	}
	return sim.ReadyApp{}
}

// weather sets what goes wrong: some rules first, then a profile.
func (n *tenant) weather(ctx context.Context, seed uint64, profile string, rules ...doc) error {
	_, err := n.do(ctx, "", http.MethodPost, n.Graph+"/sim/faults", doc{"seed": seed, "profile": profile, "rules": append([]doc{}, rules...)})
	return err
}

// lifecycle raises a lifecycle event of every subscription.
func (n *tenant) lifecycle(ctx context.Context, event string) error {
	_, err := n.do(ctx, "", http.MethodPost, n.Graph+"/sim/lifecycle", doc{"event": event})
	return err
}

func text(d doc, name string) string {
	s, _ := d[name].(string)
	return s
}
