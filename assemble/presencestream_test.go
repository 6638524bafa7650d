package assemble_test

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/graphwarden/graphwarden/presence"
)

const (
	asked   = "127.0.0.1:4003" // where apps ask, indoors
	operate = "127.0.0.1:4004" // where operators do
)

// key makes a key for an app, as an operator does.
func (j *journey) key(app string) string {
	j.Helper()
	token, err := os.ReadFile(filepath.Join(j.folder, "operator.token"))
	if err != nil {
		j.Fatal(err)
	}
	answer := j.do(http.MethodPost, "http://"+operate+"/v1/apps/"+app+"/keys", strings.TrimSpace(string(token)), `{"scope":"read"}`, "")
	defer answer.Body.Close()
	var made struct{ Key string }
	if err := json.NewDecoder(answer.Body).Decode(&made); err != nil || made.Key == "" {
		j.Fatal(answer.Status, err)
	}
	return made.Key
}

// do sends a request over the network indoors.
func (j *journey) do(method, address, key, body, last string) *http.Response {
	j.Helper()
	r, err := http.NewRequestWithContext(j.Context(), method, address, strings.NewReader(body))
	if err != nil {
		j.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+key)
	r.Header.Set("Idempotency-Key", address+body)
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	if last != "" {
		r.Header.Set("Last-Event-ID", last)
	}
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true, DialContext: func(ctx context.Context, kind, address string) (net.Conn, error) {
		return j.net.Dial(ctx, kind, address)
	}}}
	answer, err := client.Do(r)
	if err != nil {
		j.Fatal(err)
	}
	return answer
}

// listening is a client of the stream.
type listening struct {
	*journey
	answer *http.Response
	lines  *bufio.Reader
	last   string // the id that it heard last
	heard  strings.Builder
}

func (j *journey) listenTo(key, query, last string) *listening {
	j.Helper()
	l := &listening{journey: j, answer: j.do(http.MethodGet, "http://"+asked+"/v1/presence/stream"+query, key, "", last), last: last}
	if l.answer.StatusCode != http.StatusOK || l.answer.Header.Get("Content-Type") != "text/event-stream" {
		j.Fatal(l.answer.Status, l.answer.Header)
	}
	l.lines = bufio.NewReader(io.TeeReader(l.answer.Body, &l.heard))
	return l
}

// next gives the next event and its data; "" is the end of the stream.
func (l *listening) next() (event string, p presence.Presence) {
	l.Helper()
	data := ""
	for {
		line, err := l.lines.ReadString('\n')
		if err != nil {
			return "", p
		}
		name, value, _ := strings.Cut(strings.TrimSpace(line), ": ")
		switch name {
		case "id":
			l.last = value
		case "event":
			event = value
		case "data":
			data = value
		case "":
			if event != "" {
				if err := json.Unmarshal([]byte(data), &p); err != nil {
					l.Fatal(err)
				}
				return event, p
			}
		}
	}
}

func (j *journey) withFaces() {
	j.operate, j.apps = j.net.Listen(operate), j.net.Listen(asked)
}

func TestASwitchboardListens(t *testing.T) {
	indoors(t, 4, func(j *journey, _ *copied) {
		for person := range 3 {
			j.free(person)
		}
		j.board("subjects: true")
		j.withFaces()
		j.run("5m")
		j.tells(0, "available", is(presence.Available))
		j.tells(1, "available", is(presence.Available))
		j.tells(2, "available", is(presence.Available))
		key := j.key("switchboard")
		l := j.listenTo(key, "", "")
		for range 3 {
			if event, p := l.next(); event != "presence" || p.State != presence.Available {
				t.Errorf("at first it hears %s %+v", event, p)
			}
		}
		if event, _ := l.next(); event != "live" {
			t.Errorf("then it hears %s", event)
		}
		j.busy(0, -5, 60, map[string]any{"sensitivity": "confidential", "subject": "a secret subject"})
		event, p := l.next()
		if event != "presence" || p.State != presence.Busy || p.Class != presence.Confidential || p.ID != j.ready.Users[0].ID {
			t.Errorf("of a meeting it hears %s %+v", event, p)
		}
		time.Sleep(20 * time.Second)
		if line, _ := l.lines.ReadString('\n'); line != ": beat\n" {
			t.Errorf("of life it hears %q", line)
		}
		l.answer.Body.Close()
		j.busy(1, -5, 60, map[string]any{"subject": "an open subject"})
		j.tells(1, "busy", is(presence.Busy))
		back := j.listenTo(key, "", l.last)
		if event, p := back.next(); event != "presence" || p.ID != j.ready.Users[1].ID || p.Subject != "an open subject" {
			t.Errorf("once it is back it hears %s %+v", event, p)
		}
		if event, _ := back.next(); event != "live" {
			t.Errorf("and then %s", event)
		}
		some := j.listenTo(key, "?people="+strings.ToUpper(j.ready.Users[2].UserPrincipalName), "")
		if event, p := some.next(); event != "presence" || p.ID != j.ready.Users[2].ID {
			t.Errorf("of one it hears %s %+v", event, p)
		}
		for _, c := range []struct {
			key, path string
			status    int
			code      string
		}{
			{key, "/v1/presence/nobody@contoso.example", 404, "presence.person_unknown"},
			{key, "/v1/presence/stream?people=nobody@contoso.example", 404, "presence.person_unknown"},
			{key, "/v1/presence?people=,", 400, "api.query"},
			{key, "/v1/presence?person=x", 400, "api.query"},
			{j.key("portal"), "/v1/presence", 403, "presence.no_flow"},
			{j.key("portal"), "/v1/presence/stream", 403, "presence.no_flow"},
			{"gwk_x", "/v1/presence/stream", 401, "api.key_unknown"},
			{key, "/v1/presence", 200, `"state":"busy"`},
			{key, "/v1/presence/" + j.ready.Users[0].UserPrincipalName, 200, `"class":"confidential"`},
		} {
			answer := j.do(http.MethodGet, "http://"+asked+c.path, c.key, "", "")
			body, _ := io.ReadAll(answer.Body)
			answer.Body.Close()
			if answer.StatusCode != c.status || !strings.Contains(string(body), c.code) || strings.Contains(string(body), "secret subject") {
				t.Errorf("%s answered %d %s", c.path, answer.StatusCode, body)
			}
		}
		if text := l.heard.String() + back.heard.String(); strings.Contains(text, "secret subject") {
			t.Errorf("the clients heard %s", text)
		}
		some.answer.Body.Close()
		back.answer.Body.Close()
		synctest.Wait()
	})
}

func TestASlowListenerIsCutAndGoesOn(t *testing.T) {
	indoors(t, 4, func(j *journey, _ *copied) {
		for person := range 3 {
			j.free(person)
		}
		j.board("teams: true")
		j.withFaces()
		j.run("5m")
		j.tells(0, "available", is(presence.Available))
		key := j.key("switchboard")
		l := j.listenTo(key, "?people="+j.ready.Users[0].ID, "")
		for event := ""; event != "live"; {
			event, _ = l.next()
		}
		at := l.last
		// It reads nothing, while something is told every minute.
		for range 3 {
			j.busy(0, -5, 60, nil)
			j.tells(0, "busy", is(presence.Busy))
			time.Sleep(30 * time.Second)
			j.free(0)
			j.tells(0, "available", is(presence.Available))
			time.Sleep(30 * time.Second)
		}
		n := 0
		for event := "x"; event != ""; n++ {
			event, _ = l.next()
		}
		if n > 3 {
			t.Errorf("it was kept for %d events", n)
		}
		back := j.listenTo(key, "?people="+j.ready.Users[0].ID, at)
		if event, p := back.next(); event != "presence" || p.State != presence.Available {
			t.Errorf("back, it hears %s %+v", event, p)
		}
		if event, _ := back.next(); event != "live" {
			t.Errorf("and then %s", event)
		}
		back.answer.Body.Close()
		synctest.Wait()
	})
}
