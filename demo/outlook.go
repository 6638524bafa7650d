package demo

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
	"time"
)

// outlook is what people do: they change their calendars, by Microsoft's own
// API and past Graphwarden, as Outlook does.
type outlook struct {
	client *http.Client
	ready  ready
}

func openOutlook(r ready) (*outlook, error) {
	pem, err := os.ReadFile(r.CA)
	if err != nil {
		return nil, fmt.Errorf("reading the simulator's certificate: %w", err)
	}
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(pem)
	return &outlook{ready: r, client: &http.Client{Timeout: time.Minute,
		Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool}}}}, nil
}

// close gives the connections back.
func (o *outlook) close() { o.client.CloseIdleConnections() }

type doc = map[string]any

// do sends a request to the tenant and gives the JSON of the answer.
func (o *outlook) do(ctx context.Context, method, address string, body any) (doc, error) {
	return o.send(ctx, method, address, "application/json", body)
}

// send sends a request; while nobody answers, because the simulator is just being
// started again, it is repeated.
func (o *outlook) send(ctx context.Context, method, address, kind string, body any) (doc, error) {
	var content []byte
	switch b := body.(type) {
	case nil:
	case []byte:
		content = b
	default:
		var err error
		if content, err = json.Marshal(b); err != nil {
			return nil, err
		}
	}
	look := time.NewTicker(100 * time.Millisecond)
	defer look.Stop()
	for late := time.Now().Add(awaitWithin); ; {
		status, raw, err := o.once(ctx, method, address, kind, content)
		switch {
		case err == nil && status >= 300:
			return nil, fmt.Errorf("%s %s answered %d: %s", method, address, status, complaint(raw))
		case err == nil && len(raw) == 0:
			return nil, nil
		case err == nil:
			var d doc
			return d, json.Unmarshal(raw, &d)
		case ctx.Err() != nil:
			return nil, ctx.Err()
		case time.Now().After(late):
			return nil, err
		}
		<-look.C
	}
}

// once sends a request once.
func (o *outlook) once(ctx context.Context, method, address, kind string, content []byte) (status int, answer []byte, err error) {
	r, err := http.NewRequestWithContext(ctx, method, address, bytes.NewReader(content))
	if err != nil {
		return 0, nil, err
	}
	r.Header.Set("Authorization", "Bearer "+o.ready.Tokens.Everything)
	r.Header.Set("Prefer", `IdType="ImmutableId"`)
	if content != nil {
		r.Header.Set("Content-Type", kind)
	}
	response, err := o.client.Do(r)
	if err != nil {
		return 0, nil, err
	}
	defer response.Body.Close()
	answer, err = io.ReadAll(response.Body)
	return response.StatusCode, answer, err
}

// complaint is what the answer of an error says: Graph's message, or that of the
// steering.
func complaint(raw []byte) string {
	var graph struct{ Error struct{ Message string } }
	var steering struct{ Error string }
	switch {
	case json.Unmarshal(raw, &graph) == nil && graph.Error.Message != "":
		return graph.Error.Message
	case json.Unmarshal(raw, &steering) == nil && steering.Error != "":
		return steering.Error
	}
	return strings.TrimSpace(string(raw))
}

func (o *outlook) at(user, path string) string {
	return o.ready.Graph + "/v1.0/users/" + url.PathEscape(user) + path
}

// steer tells the simulator something.
func (o *outlook) steer(ctx context.Context, path string, body any) error {
	_, err := o.do(ctx, http.MethodPost, o.ready.Graph+path, body)
	return err
}

// holds gives the ids of the events of all calendars of a mailbox within a
// window.
func (o *outlook) holds(ctx context.Context, user string, from, to time.Time) (map[string]bool, error) {
	var calendars []string
	if err := o.each(ctx, o.at(user, "/calendars"), func(d doc) { calendars = append(calendars, text(d, "id")) }); err != nil {
		return nil, err
	}
	query := url.Values{"startDateTime": {from.UTC().Format(time.RFC3339)}, "endDateTime": {to.UTC().Format(time.RFC3339)}, "$top": {"500"}}
	ids := map[string]bool{}
	for _, c := range calendars {
		err := o.each(ctx, o.at(user, "/calendars/"+url.PathEscape(c)+"/calendarView?"+query.Encode()), func(d doc) { ids[text(d, "id")] = true })
		if err != nil {
			return nil, err
		}
	}
	return ids, nil
}

// each follows the pages of a collection.
func (o *outlook) each(ctx context.Context, address string, f func(doc)) error {
	for address != "" {
		page, err := o.do(ctx, http.MethodGet, address, nil)
		if err != nil {
			return err
		}
		items, _ := page["value"].([]any)
		for _, i := range items {
			if d, ok := i.(doc); ok {
				f(d)
			}
		}
		address = text(page, "@odata.nextLink")
	}
	return nil
}

func text(d doc, name string) string {
	s, _ := d[name].(string)
	return s
}

// moment writes a time as Graph's dateTimeTimeZone.
func moment(t time.Time) doc {
	return doc{"dateTime": t.UTC().Format("2006-01-02T15:04:05"), "timeZone": "UTC"}
}

// get gives what stands at an address as it is.
func (o *outlook) get(ctx context.Context, address string) (string, error) {
	status, raw, err := o.once(ctx, http.MethodGet, address, "", nil)
	if err == nil && status != http.StatusOK {
		err = fmt.Errorf("GET %s answered %d: %s", address, status, complaint(raw))
	}
	return string(raw), err
}
